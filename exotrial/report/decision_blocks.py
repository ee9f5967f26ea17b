"""What every report of a decision holds: the verdict with its reasons, the doubts, and the files read."""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile
from exotrial.core.verdict import Verdict
from exotrial.report.document import Block, Bullets, Column, Paragraph, Table

_ANSWERS = {True: "yes", False: "no", None: "not shown"}


def build_verdict_blocks(verdict: Verdict) -> list[Block]:
    """A verdict with every reason: its answer as a sentence, then a table."""
    answer = "Yes." if verdict.holds else "Not shown."
    if any(reason.holds is False for reason in verdict.reasons):
        answer = "No."
    return [
        Paragraph(f"{verdict.question} {answer}"),
        Table(
            id="reasons",
            title="Reasons",
            columns=(
                Column(key="criterion", head="Criterion"),
                Column(key="holds", head="Holds"),
                Column(key="why", head="Why"),
            ),
            rows=tuple((each.criterion, _ANSWERS[each.holds], each.why) for each in verdict.reasons),
        ),
    ]


def build_doubt_blocks(findings: Sequence[Finding]) -> tuple[Block, ...]:
    """Findings as a list, or that there are none."""
    if not findings:
        return (Paragraph("None."),)
    return (
        Bullets(
            tuple(
                f"{each.severity.value.upper()} {each.rule}: {each.says}. {each.why} "
                f"What would settle it: {each.settle}"
                for each in findings
            )
        ),
    )


def build_sources_table(files: Sequence[SourceFile]) -> Table:
    """The files read, with size and digest."""
    return Table(
        id="sources",
        title="Files read",
        columns=(
            Column(key="name", head="File"),
            Column(key="bytes", head="Bytes", align="right"),
            Column(key="sha256", head="SHA-256"),
        ),
        rows=tuple((file.name, str(file.size), file.sha256) for file in files),
    )
