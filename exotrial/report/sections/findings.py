"""Findings of the check: what the study file and its sources contradict, leave out or miscount, gravest first.

The findings come from `exotrial check`; this section loses none and shows each with what would settle it.
"""

from __future__ import annotations

from collections import Counter

from exotrial.core.findings import Finding, Severity, gravest_first
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.format import MISSING
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of, first_of, listed, sentence
from exotrial.study.definition import Study

_PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "remarks"}
_SINGULARS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
_MEANINGS = {
    "cross-field": "two places of the study disagree, or one leaves out what another needs",
    "record": "something that a record must tell is not told",
    "cross-source": "two sources disagree",
    "arithmetic": "figures that do not add up",
    "temporal": "dates in an impossible order",
    "statistics": "an analysis that does not suit its data or its design",
    "terminology": "one word for two things, or two words for one",
    "format": "a value not written as its standard writes it",
    "unit": "a unit that is wrong or unreadable",
    "text": "wording or characters lost or carried too far",
    "data": "values that make an outcome meaningless",
    "privacy": "participants who might be known again",
    "plausibility": "something that could hardly have been so",
}
"""What the categories of the shipped rules mean; a category of somebody else's rule has its name alone."""


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """The findings of any study; where there are none, the section says so."""
    findings = gravest_first(list(given.findings))
    blocks: list[Block] = [Paragraph(summarise_findings(findings))]
    if findings:
        blocks += [_summary(findings), _table(findings, given.study), _rules(findings)]
    return Section(id="findings", title="Findings of the check", blocks=tuple(blocks)), ()


def summarise_findings(findings: list[Finding]) -> str:
    """How many findings of which severity, in plain words."""
    if not findings:
        return "The check of the study file and of the captured data found nothing to query."
    parts = []
    for severity in Severity:
        count = sum(finding.severity is severity for finding in findings)
        if count:
            parts.append(count_of(count, _SINGULARS[severity], _PLURALS[severity]))
    rules = len({finding.rule for finding in findings})
    return (
        "The check holds the study file against itself and against what its sources print, and looks for doubtful "
        "values in the captured data. It found "
        f"{count_of(len(findings), 'thing')} to query by {count_of(rules, 'rule')}: {listed(parts)}. An error "
        "contradicts itself, its source or a standard; a warning may mislead; a remark is a slip or a gap that "
        "harms nobody. A finding is a question and not a verdict: its last column says what would settle it."
    )


def _summary(findings: list[Finding]) -> Table:
    counts = Counter((finding.kind, finding.severity) for finding in findings)
    totals = Counter(finding.kind for finding in findings)
    rows: list[tuple[str | None, ...]] = [
        (
            kind,
            _MEANINGS.get(kind, ""),
            *(_count(counts[kind, severity]) for severity in Severity),
            str(totals[kind]),
        )
        for kind in sorted(totals, key=lambda kind: (-totals[kind], kind))
    ]
    overall = Counter(finding.severity for finding in findings)
    rows.append(("all", "", *(_count(overall[severity]) for severity in Severity), str(len(findings))))
    return Table(
        id="findings-summary",
        title="Findings by category and severity",
        columns=(
            Column(key="category", head="Category", width=0.14),
            Column(key="meaning", head="What it holds", width=0.5),
            Column(key="errors", head="Errors", align="right", width=0.09),
            Column(key="warnings", head="Warnings", align="right", width=0.1),
            Column(key="remarks", head="Remarks", align="right", width=0.1),
            Column(key="all", head="All", align="right", width=0.07),
        ),
        rows=tuple(rows),
    )


def _table(findings: list[Finding], study: Study) -> Table:
    return Table(
        id="findings",
        title="What the check found, gravest first",
        columns=(
            Column(key="severity", head="Severity", width=0.085),
            Column(key="id", head="Finding", width=0.215),
            Column(key="says", head="What is wrong", width=0.27),
            Column(key="prints", head="Printed, and where", width=0.25),
            Column(key="settle", head="What would settle it", width=0.18),
        ),
        rows=tuple(_row(finding) for finding in findings),
        notes=(_documents(findings, study), "A finding's name is its rule and the part of the study file."),
    )


def _row(finding: Finding) -> tuple[str | None, ...]:
    return (
        _SINGULARS[finding.severity].capitalize(),
        finding.id,
        sentence(finding.says),
        first_of([str(quote) for quote in finding.quotes]) or MISSING,
        sentence(finding.settle),
    )


def _documents(findings: list[Finding], study: Study) -> str:
    """The note that spells out the short names of the sources that are quoted."""
    quoted = {quote.source for finding in findings for quote in finding.quotes}
    named = [f"{document.id}, {document.title}" for document in study.documents if document.id in quoted]
    told = f"Sources: {'; '.join(named)}. " if named else ""
    return f"{told}{MISSING} means that nothing is printed: what is missing has no place."


def _rules(findings: list[Finding]) -> Table:
    """Why each rule matters, told once a rule."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return Table(
        id="findings-rules",
        title="Why the rules matter",
        columns=(
            Column(key="rule", head="Rule", width=0.1),
            Column(key="findings", head="Findings", align="right", width=0.09),
            Column(key="why", head="Why it matters", width=0.53),
            Column(key="standards", head="Standard", width=0.28),
        ),
        rows=tuple(
            (
                rule,
                str(len(of_rule)),
                sentence(of_rule[0].why),
                "; ".join(of_rule[0].standards) or MISSING,
            )
            for rule, of_rule in sorted(by_rule.items())
        ),
    )


def _count(count: int) -> str:
    return str(count) if count else MISSING


SECTION = SectionBuilder(name="findings", order=82, build=build)
