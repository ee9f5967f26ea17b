"""The CONSORT 2025 checklist: where the study answers each item, what it lacks, and what does not apply.

CONSORT was made for randomised trials; for any other study it serves as a list of what a reader wants to know.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from exotrial.report.consort.checklist import ItemAnswer, Status, derive_checklist
from exotrial.report.document import AnalysisResult, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import listed, sentence


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """The checklist of any study."""
    answers = derive_checklist(given)
    randomised = given.study.design.allocation == "randomised"
    blocks = (Paragraph(summarise_checklist(answers, randomised=randomised)), _table(answers))
    return Section(id="consort", title="CONSORT 2025 checklist", blocks=blocks), ()


def summarise_checklist(answers: tuple[ItemAnswer, ...], *, randomised: bool) -> str:
    """How many lines stand how, and for what CONSORT was made."""
    counts = Counter(answer.status for answer in answers)
    parts = [f"{counts[status]} {'are' if counts[status] != 1 else 'is'} {status.value}" for status in Status]
    shown = [part for part, status in zip(parts, Status, strict=True) if counts[status]]
    made_for = (
        ""
        if randomised
        else "CONSORT was made for randomised trials, which this is not; here it is a list of what a reader wants to "
        "know. "
    )
    return (
        f"{made_for}The checklist has 30 items in {len(answers)} lines. Of these {listed(shown)}. An item is looked "
        "for in the study file and the data: “not reported” means that it is in neither, and “not assessed” that "
        "it belongs into the text of a publication, which a study folder does not hold."
    )


def _table(answers: tuple[ItemAnswer, ...]) -> Table:
    rows: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    for section, of_section in groupby(answers, key=lambda answer: answer.item.section):
        stubs.append(len(rows))
        rows.append((section, *[None] * 4))
        rows += [
            (
                answer.item.number,
                answer.item.topic,
                answer.item.asks,
                answer.status.value,
                _where(answer),
            )
            for answer in of_section
        ]
    return Table(
        id="consort",
        title="Items of the checklist and where they are answered",
        columns=(
            Column(key="item", head="Item", width=0.06),
            Column(key="topic", head="Topic", width=0.15),
            Column(key="asks", head="What is asked", width=0.26),
            Column(key="status", head="Status", width=0.11),
            Column(key="where", head="Where, and what is lacking", width=0.42),
        ),
        rows=tuple(rows),
        stub_rows=frozenset(stubs),
        notes=(
            "Numbers and topics of the items: Hopewell S, et al. CONSORT 2025 statement: updated guideline for "
            "reporting randomised trials. BMJ 2025;388:e081123. The questions are in our words.",
            "In brackets stands the path in the study file. “Findings” names the rules of the check whose findings "
            "cite the item, or the item of SPIRIT 2025 that asks the same of a protocol.",
        ),
    )


def _where(answer: ItemAnswer) -> str:
    parts = [sentence(answer.told)]
    if answer.lacks:
        parts.append(f"Not found: {answer.lacks}.")
    if answer.doubted_by:
        parts.append(f"Findings: {listed(answer.doubted_by)}.")
    return " ".join(part for part in parts if part)


SECTION = SectionBuilder(name="consort", order=90, build=build)
