"""Between the arms: the comparisons that the plan asks for, once the study is unblinded (CONSORT 2025, item 26).

A difference of means has Welch's t test and the rank-sum test beside it, a difference of shares Newcombe's interval
and Fisher's exact test; the report never shows one p value alone, and while the study is blinded it shows none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exotrial.core.errors import Refusal
from exotrial.core.quantities import format_unit
from exotrial.datasets.between_arms import Arm, VisitValues, can_compare, derive_arms, derive_visit_values
from exotrial.datasets.captured import Captured
from exotrial.datasets.unblinding import FLAG
from exotrial.outcomes.measure import Measure, find_measure
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.format import (
    MISSING,
    decimals_of,
    format_count,
    format_interval,
    format_mean_sd,
    format_result_p,
)
from exotrial.report.inputs import ReportInput
from exotrial.report.results import statistic_results
from exotrial.report.wording import count_of, listed
from exotrial.statistics.describe import QuantileRule, describe
from exotrial.statistics.fisher import fisher
from exotrial.statistics.proportion_difference import difference_newcombe
from exotrial.statistics.rank_sum import rank_sum_exact, rank_sum_normal_corrected
from exotrial.statistics.result import Result
from exotrial.statistics.two_groups import welch
from exotrial.study.definition.plan import Analysis

_ANALYSIS = "between arms"
_EVERYBODY, _STILL_BLIND = "All", "Without those unblinded early"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where arms are hidden, none has data, or the plan compares none."""
    captured = given.captured
    planned = [one for one in given.study.analyses if one.comparison == "between arms"]
    if (
        captured is None
        or given.arms_are_hidden
        or not planned
        or len(derive_arms(given.study, captured)) < 2
    ):
        return None
    blocks: list[Block] = []
    results: list[AnalysisResult] = []
    for analysis in planned:
        measure = _measure_of(given, analysis)
        if measure is None or not can_compare(given.study, captured, measure.paramcd):
            blocks.append(
                Paragraph(f"{_name_of(given, analysis)}: the captured data have no values to compare.")
            )
        else:
            blocks.append(_table(given, captured, analysis, measure, results))
    return Section(id="between-arms", title="Between the arms", blocks=tuple(blocks)), tuple(results)


def _measure_of(given: ReportInput, analysis: Analysis) -> Measure | None:
    outcome = next((one for one in given.study.outcomes if one.id == analysis.variable), None)
    return None if outcome is None or outcome.measure is None else find_measure(outcome.measure)


def _name_of(given: ReportInput, analysis: Analysis) -> str:
    names = {outcome.id: outcome.name for outcome in given.study.outcomes}
    return names.get(analysis.variable or "", analysis.variables or analysis.id)


def _table(
    given: ReportInput,
    captured: Captured,
    analysis: Analysis,
    measure: Measure,
    results: list[AnalysisResult],
) -> Table:
    sets = {_EVERYBODY: derive_arms(given.study, captured)}
    flagged = captured.participants[FLAG].to_list() if FLAG in captured.participants.columns else []
    if "Y" in flagged:
        sets[_STILL_BLIND] = derive_arms(given.study, captured, early=False)
    visits = derive_visit_values(given.study, captured, measure.paramcd)
    texts = captured.measurements.filter(captured.measurements["PARAMCD"] == measure.paramcd)[
        "AVAL"
    ].to_list()
    decimals = decimals_of(texts)
    rows: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    for of_whom, arms in sets.items():
        for first, second in _pairs(arms):
            stubs.append(len(rows))
            rows.append((f"{of_whom}: first {first.name}, second {second.name}", *[None] * 5))
            rows += [
                (
                    visit.name or MISSING,
                    *_row(given, analysis, measure, visit, first, second, of_whom, decimals, results),
                )
                for visit in visits
            ]
    share = len(measure.classes) == 2
    unit = f", {format_unit(measure.unit)}" if measure.unit else ""
    ambiguous = sum(visit.ambiguous for visit in visits)
    return Table(
        id=f"between-arms-{analysis.id}".replace("_", "-"),
        title=f"{_name_of(given, analysis)}: between the arms",
        columns=(
            Column(key="visit", head="Visit", width=0.15),
            Column(key="first", head="First" + _head(unit, share), align="right", width=0.21),
            Column(key="second", head="Second" + _head(unit, share), align="right", width=0.21),
            Column(key="difference", head="First − second (95 % CI)", align="right", width=0.25),
            Column(
                key="p_first",
                head="Fisher" if share else "Welch t",
                align="right",
                group="P value",
                width=0.09,
            ),
            Column(
                key="p_second",
                head=MISSING if share else "Rank sum",
                align="right",
                group="P value",
                width=0.09,
            ),
        ),
        rows=tuple(rows),
        stub_rows=frozenset(stubs),
        notes=(
            f"As planned: {analysis.method or 'method not stated'}. "
            + (
                "Share of participants; interval of Newcombe, P value of Fisher's exact test."
                if share
                else "Mean ± standard deviation (n); difference of means with Welch's interval; the rank-sum test is "
                "exact, or by its normal limit where the groups are too large for that."
            ),
            "Participants count in the arm that they were allocated to, with the values that they have at the visit; "
            "no P value is adjusted for the number of comparisons, and values that are missing are not filled in. "
            f"{MISSING} too few or equal values for the method.",
            *(
                (f"{count_of(ambiguous, 'participant')} with several values at one visit not counted there.",)
                if ambiguous
                else ()
            ),
        ),
    )


def _head(unit: str, share: bool) -> str:
    return ", n (%)" if share else unit


def _pairs(arms: Sequence[Arm]) -> list[tuple[Arm, Arm]]:
    """Each arm against the last, which is the control where the study has one."""
    return [(arm, arms[-1]) for arm in arms[:-1]]


def _row(
    given: ReportInput,
    plan: Analysis,
    measure: Measure,
    visit: VisitValues,
    first: Arm,
    second: Arm,
    of_whom: str,
    decimals: int,
    results: list[AnalysisResult],
) -> tuple[str, ...]:
    one, two = (
        [value for who, value in visit.values.items() if who in arm.participants] for arm in (first, second)
    )
    share = len(measure.classes) == 2
    made = _shares(one, two) if share else _means(one, two)
    for position, result in enumerate(made):
        if result is not None and not any(result is other for other in made[:position]):
            results += statistic_results(
                result,
                analysis=f"{_ANALYSIS}/{plan.id}/{visit.name or 'no visit'}/{of_whom}",
                population=listed([first.name, second.name]),
                variable=measure.paramcd,
                unit="" if share else measure.unit,
                decimals=3 if share else decimals + 1,
                sources=(*given.digest_of("measurements.csv"), *given.digest_of("participants.csv")),
            )
    difference, p_first, p_second = made
    return (
        _describe(one, decimals, share=share),
        _describe(two, decimals, share=share),
        format_interval(difference.estimate if difference else None, 3 if share else decimals + 1),
        format_result_p(p_first),
        format_result_p(p_second),
    )


def _describe(values: Sequence[float], decimals: int, *, share: bool) -> str:
    if not values:
        return MISSING
    if share:
        return format_count(sum(value == 1 for value in values), len(values))
    summary = describe(values, quartile_type=QuantileRule.SAS)
    return f"{format_mean_sd(summary.mean, summary.sd, decimals + 1)} ({summary.n})"


def _means(one: Sequence[float], two: Sequence[float]) -> tuple[Result | None, Result | None, Result | None]:
    if min(len(one), len(two)) < 2:
        return None, None, None
    by_welch = _tried(lambda: welch(one, two))
    ranks = _tried(lambda: rank_sum_exact(one, two)) or _tried(lambda: rank_sum_normal_corrected(one, two))
    return by_welch, by_welch, ranks


def _shares(one: Sequence[float], two: Sequence[float]) -> tuple[Result | None, Result | None, Result | None]:
    table = [[sum(value == 1 for value in own), sum(value != 1 for value in own)] for own in (one, two)]
    return _tried(lambda: difference_newcombe(table)), _tried(lambda: fisher(table)), None


def _tried(method: Callable[[], Result]) -> Result | None:
    """The result, or None where the method cannot be applied to these values: no spread, too few, too many."""
    try:
        return method()
    except Refusal:
        return None


SECTION = SectionBuilder(name="between_arms", order=73, build=build)
