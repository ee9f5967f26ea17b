"""Baseline characteristics by group, without tests of difference (CONSORT 2025, item 25)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exotrial.core.quantities import format_unit
from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import Group, derive_groups
from exotrial.datasets.record_rows import ENDED
from exotrial.report.document import AnalysisResult, Block, Column, Section, SectionBuilder, Table
from exotrial.report.figures.flow_counts import EXCLUSION_REASONS, WITHDRAWAL_REASONS
from exotrial.report.figures.labels import short_names
from exotrial.report.format import (
    MISSING,
    decimals_of,
    format_count,
    format_mean_sd,
    format_number,
    format_range,
)
from exotrial.report.inputs import ReportInput
from exotrial.report.results import summary_results
from exotrial.statistics.describe import QuantileRule, describe

_LISTED_UP_TO = 12
"""A study this small is listed participant by participant, too: a mean of so few hides more than it shows."""
_KNOWN_IN = 2
"""A value known in fewer participants than this describes a person and stands with the serial values."""
_NOT_BASELINE = frozenset({ENDED, *EXCLUSION_REASONS, *WITHDRAWAL_REASONS})
"""Characteristics of what came later, or of who did not enter; the participant flow has them."""
_SEXES = {"F": "Female", "M": "Male", "U": "Not known"}


class _Rows:
    """The rows of the table as they grow: heads that span it, and lines of one cell a group."""

    def __init__(self, *, width: int) -> None:
        self.width = width
        self.cells: list[tuple[str | None, ...]] = []
        self.stubs: list[int] = []

    def head(self, text: str) -> None:
        self.stubs.append(len(self.cells))
        self.cells.append((text, *[None] * self.width))

    def add(self, label: str, cells: Sequence[str]) -> None:
        self.cells.append((label, *cells))


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where there are no participants."""
    captured = given.captured
    if captured is None or captured.participants.is_empty():
        return None
    groups = derive_groups(given.study, captured, show_arms=not given.arms_are_hidden)
    rows = _Rows(width=len(groups))
    results: list[AnalysisResult] = []
    _add_sex(captured, groups, rows)
    if captured.participants["AGE"].drop_nulls().len():
        ages = captured.participants.select("USUBJID", pl.col("AGE").cast(pl.Float64).alias("VALUE"))
        rows.head("Age, years")
        results += _add_number(given, "AGE", "a", ages, 1, groups, rows, source="participants.csv")
    for characteristic in captured.characteristics["CHAR"].unique(maintain_order=True):
        if characteristic not in _NOT_BASELINE:
            _add_characteristic(captured, str(characteristic), groups, rows)
    for code, values, decimals in _baseline_values(captured):
        measure = captured.measures[code]
        if len(measure.classes) == 2:  # present or absent
            rows.add(measure.param, _counts(values, pl.col("VALUE") == 1, groups))
            continue
        rows.head(f"{measure.param}{f', {format_unit(measure.unit)}' if measure.unit else ''}")
        results += _add_number(
            given, code, measure.unit, values, decimals, groups, rows, source="measurements.csv"
        )
    table = Table(
        id="baseline",
        title="Baseline characteristics",
        columns=(
            Column(key="characteristic", head="Characteristic"),
            *(
                Column(key=f"group_{number}", head=f"{group.name} (n = {group.size})", align="right")
                for number, group in enumerate(groups, start=1)
            ),
        ),
        rows=tuple(rows.cells),
        stub_rows=frozenset(rows.stubs),
        notes=(
            "Number (percent), mean ± standard deviation, median (first to third quartile, type 2, as SAS), or range. "
            "Differences between groups are not tested: groups that were not formed by chance differ anyway.",
        ),
    )
    blocks: list[Block] = [table]
    if captured.participants.height <= _LISTED_UP_TO:
        blocks.append(_listing(captured))
    return Section(id="baseline", title="Baseline characteristics", blocks=tuple(blocks)), tuple(results)


def _add_sex(captured: Captured, groups: Sequence[Group], rows: _Rows) -> None:
    people = captured.participants.filter(pl.col("SEX") != "")
    if people.is_empty():
        return
    rows.head("Sex")
    for code, name in _SEXES.items():
        if people.filter(pl.col("SEX") == code).height:
            rows.add(f"  {name}", _counts(people, pl.col("SEX") == code, groups))


def _add_characteristic(captured: Captured, name: str, groups: Sequence[Group], rows: _Rows) -> None:
    frame = captured.characteristics.filter(pl.col("CHAR") == name)
    values = [str(value) for value in frame["VALUE"].unique(maintain_order=True)]
    if {value.lower() for value in values} <= {"yes", "no"}:
        yes = pl.col("VALUE").str.to_lowercase() == "yes"
        rows.add(name.capitalize(), _counts(frame, yes, groups))
        return
    rows.head(name.capitalize())
    for value in values:
        rows.add(f"  {value[:1].upper()}{value[1:]}", _counts(frame, pl.col("VALUE") == value, groups))


def _counts(frame: pl.DataFrame, holds: pl.Expr, groups: Sequence[Group]) -> list[str]:
    """The number in each group for whom it holds, of those in whom it was captured."""
    cells = []
    for group in groups:
        of_group = frame.filter(pl.col("USUBJID").is_in(group.participants))
        known = of_group["USUBJID"].n_unique()
        count = of_group.filter(holds)["USUBJID"].n_unique()
        shown = format_count(count, known)
        cells.append(shown if known == group.size else f"{shown} of {known}")
    return cells


def _baseline_values(captured: Captured) -> list[tuple[str, pl.DataFrame, int]]:
    """Each measure's values at baseline (AVISIT BASELINE, else BEFORE), and the decimals to print a mean with."""
    found = []
    measurements = captured.measurements.drop_nulls("AVALN")
    for code in measurements["PARAMCD"].unique(maintain_order=True):
        of_code = measurements.filter(pl.col("PARAMCD") == code)
        for visit in ("BASELINE", "BEFORE"):
            at_visit = of_code.filter(pl.col("AVISIT") == visit).unique(
                "USUBJID", keep="first", maintain_order=True
            )
            if at_visit.height >= _KNOWN_IN:
                decimals = decimals_of(at_visit["AVAL"].to_list()) + 1
                found.append(
                    (str(code), at_visit.select("USUBJID", pl.col("AVALN").alias("VALUE")), decimals)
                )
                break
    return found


def _add_number(
    given: ReportInput,
    code: str,
    unit: str,
    values: pl.DataFrame,
    decimals: int,
    groups: Sequence[Group],
    rows: _Rows,
    *,
    source: str,
) -> list[AnalysisResult]:
    means: list[str] = []
    medians: list[str] = []
    ranges: list[str] = []
    known: list[str] = []
    results: list[AnalysisResult] = []
    for group in groups:
        sample = values.filter(pl.col("USUBJID").is_in(group.participants))["VALUE"].drop_nulls().to_numpy()
        known.append(str(len(sample)))
        if not len(sample):
            for cells in (means, medians, ranges):
                cells.append(MISSING)
            continue
        summary = describe(sample, quartile_type=QuantileRule.SAS)
        means.append(format_mean_sd(summary.mean, summary.sd, decimals))
        medians.append(
            f"{format_number(summary.median, decimals)} ({format_range(summary.q1, summary.q3, decimals)})"
        )
        ranges.append(format_range(summary.minimum, summary.maximum, decimals - 1))
        results += summary_results(
            summary,
            analysis="baseline",
            population=group.name,
            variable=code,
            when=group.name,
            unit=unit,
            decimals=decimals,
            sources=given.digest_of(source),
        )
    if known != [str(group.size) for group in groups]:
        rows.add("  Known in", known)
    rows.add("  Mean ± SD", means)
    rows.add("  Median (quartiles)", medians)
    rows.add("  Range", ranges)
    return results


def _listing(captured: Captured) -> Table:
    """One row a participant, as captured."""
    people = captured.participants
    names_of = short_names(people["USUBJID"])
    names = [str(name) for name in captured.characteristics["CHAR"].unique(maintain_order=True)]
    values = {
        (row["USUBJID"], row["CHAR"]): row["VALUE"] for row in captured.characteristics.iter_rows(named=True)
    }
    return Table(
        id="participants",
        title="Participants as captured",
        columns=(
            Column(key="USUBJID", head="Participant"),
            Column(key="SEX", head="Sex"),
            Column(key="AGE", head="Age, years", align="right"),
            *(Column(key=name.replace(" ", "_"), head=name.capitalize()) for name in names),
        ),
        rows=tuple(
            (
                names_of[row["USUBJID"]],
                row["SEX"] or MISSING,
                MISSING if row["AGE"] is None else str(row["AGE"]),
                *(values.get((row["USUBJID"], name), MISSING) for name in names),
            )
            for row in people.iter_rows(named=True)
        ),
        notes=(f"Participants are named by the end of their identifier. {MISSING} not captured.",),
    )


SECTION = SectionBuilder(name="baseline", order=30, build=build)
