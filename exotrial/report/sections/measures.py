"""Outcome measures: every installed measure with unit, direction and definition, and whether this study uses it.

The list is walked, not written: a measure that is added as one file appears here with no other file touched.
"""

from __future__ import annotations

from collections.abc import Mapping

from exotrial.core.errors import Refusal
from exotrial.outcomes.measure import Measure, find_measure, find_measures
from exotrial.report.document import AnalysisResult, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of, sentence

_USED = "Used in this study"
_UNUSED = "Installed, and not used in this study"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """Every installed measure and every measure of the input, those in use first."""
    measures = {**find_measures(), **given.measures}
    names = {outcome.measure for outcome in given.study.outcomes if outcome.measure is not None}
    code_of = {name: _code(name) for name in names}  # once a name: each look-up walks the whole catalogue
    used = {code: _use(given, code, code_of) for code in measures if code in given.measures}
    rows: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    for head, codes in (
        (_USED, sorted(used)),
        (_UNUSED, sorted(code for code in measures if code not in used)),
    ):
        if codes:
            stubs.append(len(rows))
            rows.append((head, *[None] * 5))
            rows += [_row(measures[code], used.get(code, "no")) for code in codes]
    table = Table(
        id="measures",
        title="Installed measures",
        columns=(
            Column(key="paramcd", head="Code", width=0.105),
            Column(key="param", head="Measure", width=0.165),
            Column(key="unit", head="Unit", width=0.085),
            Column(key="direction", head="Direction", width=0.09),
            Column(key="definition", head="Definition, convention and citation", width=0.45),
            Column(key="used", head="Used as", width=0.105),
        ),
        rows=tuple(rows),
        stub_rows=frozenset(stubs),
        notes=(
            "The code is the PARAMCD of the data (CDISC ADaM). Conventions are those that this report followed.",
        ),
    )
    lead = Paragraph(
        f"{count_of(len(measures), 'outcome measure')} {'is' if len(measures) == 1 else 'are'} installed; this "
        f"study uses {len(used)} of them. A measure is read from the data only in its own unit or one that "
        "converts to it."
    )
    return Section(id="measures", title="Outcome measures", blocks=(lead, table)), ()


def _row(measure: Measure, used: str) -> tuple[str | None, ...]:
    range_told = "" if measure.classes else f" Plausible from {measure.low:g} to {measure.high:g}."
    classes = f" Classes: {', '.join(measure.classes)}." if measure.classes else ""
    return (
        measure.paramcd,
        measure.param,
        measure.unit or "no unit",
        measure.direction.value,
        f"{sentence(measure.convention)}{classes}{range_told} {sentence(measure.citation)}".strip(),
        used,
    )


def _use(given: ReportInput, code: str, code_of: Mapping[str, str | None]) -> str:
    """How the study uses a measure: the level of its outcome, or that it was captured."""
    levels = dict.fromkeys(
        f"{outcome.level} outcome"
        for outcome in given.study.outcomes
        if outcome.measure is not None and code_of[outcome.measure] == code
    )
    uses = list(levels)
    if given.captured is not None and code in given.captured.measures:
        uses.append("in the data")
    return ", ".join(uses) or "assessed"


def _code(name: str) -> str | None:
    try:
        return find_measure(name).paramcd
    except Refusal:
        return None  # reading the study has told it already


SECTION = SectionBuilder(name="measures", order=95, build=build)
