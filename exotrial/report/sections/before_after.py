"""Before and after treatment in the same participants: every measure that was captured at both visits.

Each row has the paired t test and, because so few participants rarely look normal, the exact Wilcoxon
signed-rank test and the exact sign-flip test beside it; the report never shows one p value alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exotrial.core.errors import Refusal
from exotrial.core.quantities import format_unit
from exotrial.datasets.before_after import derive_before_after
from exotrial.outcomes.measure import Measure
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.figures.slopes import draw_slopes
from exotrial.report.format import (
    MISSING,
    decimals_of,
    format_count,
    format_interval,
    format_mean_sd,
    format_number,
    format_result_p,
)
from exotrial.report.inputs import ReportInput
from exotrial.report.results import statistic_results, summary_results
from exotrial.statistics.before_after import paired_t, sign_flip
from exotrial.statistics.describe import QuantileRule, Summary, describe
from exotrial.statistics.mcnemar import mcnemar_exact
from exotrial.statistics.result import Result
from exotrial.statistics.sample import Sample
from exotrial.statistics.signed_rank import signed_rank_exact, signed_rank_normal_corrected

_EXACT_UP_TO = 200
"""Pairs up to which the exact signed-rank distribution is computed; beyond, its normal limit is used and named."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    measure: Measure
    decimals: int
    before: Summary
    after: Summary
    incomplete: int
    results: tuple[Result, ...]

    def result(self, *names: str) -> Result | None:
        return next((result for result in self.results if result.method in names), None)


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where no measure was captured before and after."""
    if given.captured is None:
        return None
    pairs = derive_before_after(given.captured)
    if pairs.is_empty():
        return None
    codes = list(pairs["PARAMCD"].unique(maintain_order=True))
    binary = [code for code in codes if _is_binary(given.captured.measures[code])]
    rows = [_analyse(given, pairs, code) for code in codes if code not in binary]
    blocks: list[Block] = [
        Paragraph(
            "Values before and after belong to the same participants, so that the differences are analysed. "
            "Three methods stand side by side: the paired t test, which takes the differences to be normal, and two "
            "that do not, the Wilcoxon signed-rank test and the sign-flip test of the mean."
        ),
        _table(rows, _notes(rows)),
        draw_slopes(
            pairs.drop_nulls(["BEFORE", "AFTER"]).filter(~pl.col("PARAMCD").is_in(binary)),
            measures=given.captured.measures,
            colour_by=_severity(given),
            colour_title="Severity",
            id="before-after-slopes",
            title="Each participant before and after treatment",
            caption_lead="One line a participant; values as captured.",
        ),
    ]
    results = [result for row in rows for result in _results(given, row)]
    if binary:
        blocks.insert(2, _yes_no_table(given, pairs, binary, results))
    return Section(id="before-after", title="Before and after treatment", blocks=tuple(blocks)), tuple(
        results
    )


def _is_binary(measure: Measure) -> bool:
    """Whether a measure is present or absent: its mean would be a share in disguise."""
    return len(measure.classes) == 2


def _yes_no_table(
    given: ReportInput, pairs: pl.DataFrame, codes: list[str], results: list[AnalysisResult]
) -> Table:
    """Present before and after, by McNemar's exact test of those who changed."""
    assert given.captured is not None
    rows = []
    for code in codes:
        complete = pairs.filter(pl.col("PARAMCD") == code).drop_nulls(["BEFORE", "AFTER"])
        before, after = complete["BEFORE"] == 1, complete["AFTER"] == 1
        counts = [
            [int((before & after).sum()), int((before & ~after).sum())],
            [int((~before & after).sum()), int((~before & ~after).sum())],
        ]
        result = mcnemar_exact(counts)
        total = complete.height
        measure = given.captured.measures[code]
        rows.append(
            (
                measure.param,
                str(total),
                format_count(int(before.sum()), total),
                format_count(int(after.sum()), total),
                format_result_p(result),
            )
        )
        results += statistic_results(
            result,
            analysis="before and after",
            population="participants with both values",
            variable=code,
            decimals=3,
            sources=given.digest_of("measurements.csv"),
        )
    return Table(
        id="before-after-yes-no",
        title="Signs present before and after treatment",
        columns=(
            Column(key="sign", head="Sign"),
            Column(key="n", head="n", align="right"),
            Column(key="before", head="Before", align="right", group="Present in"),
            Column(key="after", head="After", align="right", group="Present in"),
            Column(key="p", head="P value", align="right"),
        ),
        rows=tuple(rows),
        notes=("P value by McNemar's exact test, which looks at those who changed only.",),
    )


def _analyse(given: ReportInput, pairs: pl.DataFrame, code: str) -> _Row:
    assert given.captured is not None
    of_code = pairs.filter(pl.col("PARAMCD") == code)
    complete = of_code.drop_nulls(["BEFORE", "AFTER"])
    before, after = complete["BEFORE"].to_numpy(), complete["AFTER"].to_numpy()
    captured = given.captured.measurements.filter(pl.col("PARAMCD") == code)["AVAL"].to_list()
    return _Row(
        measure=given.captured.measures[code],
        decimals=decimals_of(captured) + 1,
        before=describe(before, quartile_type=QuantileRule.SAS),
        after=describe(after, quartile_type=QuantileRule.SAS),
        incomplete=of_code.height - complete.height,
        results=tuple(_tests(after, before)),
    )


def _tests(after: Sample, before: Sample) -> list[Result]:
    """After minus before, by every method that its size and spread allow."""
    ranks = signed_rank_exact if len(before) <= _EXACT_UP_TO else signed_rank_normal_corrected
    results = []
    for method in (paired_t, ranks, sign_flip):
        try:
            results.append(method(after, before))
        except Refusal:
            continue  # too few pairs, too many, or no spread: the table shows a dash and the note says so
    return results


def _table(rows: list[_Row], notes: tuple[str, ...]) -> Table:
    return Table(
        id="before-after",
        title="Values before and after treatment",
        columns=(
            Column(key="measure", head="Measure", width=0.24),
            Column(key="n", head="n", align="right"),
            Column(key="before_mean_sd", head="Before", align="right", group="Mean ± SD"),
            Column(key="after_mean_sd", head="After", align="right", group="Mean ± SD"),
            Column(key="before_median", head="Before", align="right", group="Median"),
            Column(key="after_median", head="After", align="right", group="Median"),
            Column(key="difference", head="Mean difference (95 % CI)", align="right"),
            Column(key="p_paired_t", head="Paired t", align="right", group="P value"),
            Column(key="p_signed_rank", head="Signed rank", align="right", group="P value"),
            Column(key="p_sign_flip", head="Sign flip", align="right", group="P value"),
        ),
        rows=tuple(_cells(row) for row in rows),
        notes=notes,
        landscape=False,
    )


def _cells(row: _Row) -> tuple[str | None, ...]:
    t = row.result("paired_t")
    unit = f" ({format_unit(row.measure.unit)})" if row.measure.unit else ""
    return (
        f"{row.measure.param}{unit}",
        str(row.before.n),
        format_mean_sd(row.before.mean, row.before.sd, row.decimals),
        format_mean_sd(row.after.mean, row.after.sd, row.decimals),
        format_number(row.before.median, row.decimals),
        format_number(row.after.median, row.decimals),
        format_interval(t.estimate if t else None, row.decimals),
        format_result_p(t),
        format_result_p(row.result("signed_rank_exact", "signed_rank_normal_corrected")),
        format_result_p(row.result("sign_flip")),
    )


def _notes(rows: list[_Row]) -> tuple[str, ...]:
    notes = [
        "SD, standard deviation; CI, confidence interval of the mean difference, after minus before, from the paired "
        "t test. All p values are two-sided and none is adjusted for the number of measures.",
    ]
    exact = [row for row in rows if row.result("signed_rank_exact")]
    if exact:
        notes.append("The signed-rank test is exact, with ties; zero differences are set aside (Wilcoxon).")
    if any(row.result("signed_rank_normal_corrected") for row in rows):
        notes.append(
            f"Above {_EXACT_UP_TO} pairs the signed-rank test is by its normal limit, with continuity correction."
        )
    if any(row.result("sign_flip") for row in rows):
        notes.append(
            "The sign-flip test counts every one of the 2ⁿ ways to turn the signs of the differences round."
        )
    if any(len(row.results) < 3 for row in rows):
        notes.append(f"{MISSING} means that the method cannot be applied to so many or so few pairs.")
    incomplete = [f"{row.measure.param} {row.incomplete}" for row in rows if row.incomplete]
    if incomplete:
        notes.append(f"Participants without one of the two values are left out: {', '.join(incomplete)}.")
    return tuple(notes)


def _severity(given: ReportInput) -> dict[str, str] | None:
    """Severity by participant, where it was captured for everybody."""
    assert given.captured is not None
    found = given.captured.characteristics.filter(pl.col("CHAR") == "severity")
    severity = dict(zip(found["USUBJID"], found["VALUE"], strict=True))
    return severity if len(severity) == given.captured.participants.height else None


def _results(given: ReportInput, row: _Row) -> list[AnalysisResult]:
    sources = given.digest_of("measurements.csv")
    common = {
        "analysis": "before and after",
        "population": "participants with both values",
        "variable": row.measure.paramcd,
    }
    made = []
    for when, summary in (("before", row.before), ("after", row.after)):
        made += summary_results(
            summary, **common, when=when, unit=row.measure.unit, decimals=row.decimals, sources=sources
        )
    for result in row.results:
        made += statistic_results(
            result, **common, unit=row.measure.unit, decimals=row.decimals, sources=sources
        )
    return made


SECTION = SectionBuilder(name="before_after", order=70, build=build)
