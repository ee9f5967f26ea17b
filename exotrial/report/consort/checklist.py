"""The CONSORT 2025 checklist answered from a study: where each item is told, what it lacks, or that it is not told.

Hopewell S, et al. CONSORT 2025 statement: updated guideline for reporting randomised trials. BMJ
2025;388:e081123. Numbers and topics of its 30 items (42 lines with their parts) are those of the statement; the
words in consort_2025.csv are ours. Its column `spirit` names the items of SPIRIT 2025 (Chan A-W, et al. BMJ
2025;389:e081477) that ask the same of a protocol, so that a finding about the plan is seen here as well.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from exotrial.core.findings import Finding
from exotrial.report.consort.happened import HAPPENED
from exotrial.report.consort.opening import OPENING
from exotrial.report.consort.planned import PLANNED
from exotrial.report.consort.told import Told
from exotrial.report.inputs import ReportInput


class Status(StrEnum):
    """How an item stands. `NOT_HELD` is no reproach: a study file has no place for what the item asks."""

    ANSWERED = "answered"
    PARTLY = "partly answered"
    NOT_REPORTED = "not reported"
    NOT_HELD = "not assessed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the checklist: its number, section, topic and question, and the finder that answers it.

    `spirit` are the numbers of its counterparts for protocols, `applies_to` is all, randomised or blinded.
    """

    number: str
    spirit: tuple[str, ...]
    section: str
    topic: str
    asks: str
    applies_to: str
    found_by: str


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """What a study says to an item. `doubted_by` are the rules whose findings cite the item."""

    item: Item
    status: Status
    told: str
    lacks: str = ""
    doubted_by: tuple[str, ...] = ()


NOT_APPLICABLE = {
    "randomised": "Participants were not allocated at random; the item is made for those who are.",
    "blinded": "Nobody was blinded, or no blinding is stated.",
}
_FINDERS = {**OPENING, **PLANNED, **HAPPENED}
_NOT_HELD = "To be read in the publication: a study folder has no place for it."


def read_items() -> tuple[Item, ...]:
    """The 42 lines of the checklist, in its order."""
    text = files("exotrial.report.consort").joinpath("consort_2025.csv").read_text(encoding="utf-8")
    return tuple(
        Item(
            number=row["item"],
            spirit=tuple(row["spirit"].split()),
            section=row["section"],
            topic=row["topic"],
            asks=row["asks"],
            applies_to=row["applies_to"],
            found_by=row["found_by"],
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def derive_checklist(given: ReportInput) -> tuple[ItemAnswer, ...]:
    """Every line of the checklist with its answer from the study file, the data and the findings."""
    return tuple(_answer(item, given) for item in read_items())


def cited_items(standards: Sequence[str], *, of: str) -> frozenset[str]:
    """The items of a checklist that standards name: `CONSORT 2025 items 13 and 21b to 21d` gives 13, 21b, c, d."""
    found: set[str] = set()
    for standard in standards:
        if standard.startswith(f"{of} item"):
            text = standard.removeprefix(of)
            found.update(re.findall(r"\b\d{1,2}[a-d]?\b", text))
            for number, first, last in re.findall(r"\b(\d{1,2})([a-d]) to \1([a-d])\b", text):
                found.update(f"{number}{letter}" for letter in "abcd" if first <= letter <= last)
    return frozenset(found)


def _answer(item: Item, given: ReportInput) -> ItemAnswer:
    if not _applies(item, given):
        return ItemAnswer(item=item, status=Status.NOT_APPLICABLE, told=NOT_APPLICABLE[item.applies_to])
    doubts = _doubts(item, given.findings)
    told = _FINDERS[item.found_by](given) if item.found_by else Told(not_held=_NOT_HELD)
    if told.not_applicable:
        status, text = Status.NOT_APPLICABLE, told.not_applicable
    elif told.found:
        status, text = (Status.PARTLY if told.lacks else Status.ANSWERED), "; ".join(told.found)
    elif told.not_held:
        status, text = Status.NOT_HELD, told.not_held
    else:
        status, text = Status.NOT_REPORTED, ""
    lacks = "; ".join(told.lacks) if status in (Status.PARTLY, Status.NOT_REPORTED) else ""
    return ItemAnswer(item=item, status=status, told=text, lacks=lacks, doubted_by=doubts)


def _applies(item: Item, given: ReportInput) -> bool:
    if item.applies_to == "randomised":
        return given.study.design.allocation == "randomised"
    if item.applies_to == "blinded":
        return given.study.blinding is not None and given.study.blinding.label != "open label"
    return True


def _doubts(item: Item, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The rules of findings that cite the item or its counterpart for protocols."""
    return tuple(
        sorted(
            {
                finding.rule
                for finding in findings
                if item.number in cited_items(finding.standards, of="CONSORT 2025")
                or cited_items(finding.standards, of="SPIRIT 2025").intersection(item.spirit)
            }
        )
    )
