"""The 34 items of SPIRIT 2025 (53 lines with their parts), and what a study file says to each.

Chan A-W, Boutron I, Hopewell S, et al. SPIRIT 2025 statement: updated guideline for protocols of randomised trials.
BMJ 2025;389:e081477. Numbers and order are those of the statement; the words in spirit_2025.csv are ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from exotrial.core.findings import Finding, Severity
from exotrial.report.protocol import (
    administrative,
    assignment,
    conduct,
    interventions,
    participants,
    timeline,
)
from exotrial.report.protocol.filled import Filled
from exotrial.study.definition import Study

CITATION = "Chan A-W, et al. SPIRIT 2025 statement. BMJ 2025;389:e081477"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the checklist: its number, section, topic, and what it asks."""

    number: str
    section: str
    topic: str
    asks: str


@dataclass(frozen=True, kw_only=True)
class ItemText:
    """What the study file says to an item."""

    item: Item
    filled: Filled


FILLERS: Mapping[str, Callable[[Study], Filled]] = {
    **administrative.FILLERS,
    **participants.FILLERS,
    **interventions.FILLERS,
    **timeline.FILLERS,
    **assignment.FILLERS,
    **conduct.FILLERS,
}


@cache
def read_items() -> tuple[Item, ...]:
    """The 53 lines of the checklist, in its order."""
    text = files("exotrial.report.protocol").joinpath("spirit_2025.csv").read_text(encoding="utf-8")
    return tuple(
        Item(number=row["item"], section=row["section"], topic=row["topic"], asks=row["asks"])
        for row in csv.DictReader(io.StringIO(text))
    )


def fill_items(study: Study) -> tuple[ItemText, ...]:
    """Every line of the checklist with its text from the study file."""
    return tuple(ItemText(item=item, filled=FILLERS[item.number](study)) for item in read_items())


def check_protocol(study: Study) -> tuple[Finding, ...]:
    """What the protocol lacks: an item without any text is SPM-001, one with a part missing is SPM-002."""
    return tuple(_finding(one) for one in fill_items(study) if one.filled.missing)


def _finding(one: ItemText) -> Finding:
    silent = not one.filled.blocks
    lacks = "; ".join(one.filled.missing)
    return Finding(
        rule="SPM-001" if silent else "SPM-002",
        subject=one.item.number,
        severity=Severity.WARNING if silent else Severity.INFO,
        kind="protocol",
        says=f"Item {one.item.number}, {one.item.topic}, {'is not told' if silent else 'is told in part'}: {lacks}.",
        why=f"A protocol tells: {one.item.asks[0].lower()}{one.item.asks[1:]}.",
        settle="Write it into the study file at the path in brackets, or write there that there is none.",
        standards=(f"SPIRIT 2025 item {one.item.number}",),
    )
