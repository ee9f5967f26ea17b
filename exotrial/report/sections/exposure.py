"""Exposure: the dose rule of the study, and when each participant was first treated (CONSORT 2025, item 23)."""

from __future__ import annotations

import polars as pl

from exotrial.core.quantities import format_quantity
from exotrial.datasets.captured import Captured
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.format import format_number, format_range
from exotrial.report.inputs import ReportInput
from exotrial.report.results import summary_results
from exotrial.statistics.describe import QuantileRule, describe
from exotrial.study.definition.dosing import Dose
from exotrial.study.definition.intervention import Intervention

_FROM = ("onset", "diagnosis", "admission", "randomised")
"""Events from which the time to the first dose is counted, where they were captured."""


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where the study gives nothing."""
    treated = [i for i in given.study.interventions if i.role == "investigational"]
    if not treated:
        return None
    blocks: list[Block] = [Paragraph(_rule(intervention)) for intervention in treated]
    results: tuple[AnalysisResult, ...] = ()
    if given.captured is None:
        blocks.append(
            Paragraph("No participant data were captured, so that nothing can be said of what was given.")
        )
    else:
        table, results = _times(given, given.captured)
        if table is not None:
            blocks.append(table)
        blocks.append(Paragraph(_not_captured(given.captured)))
    return Section(id="exposure", title="Exposure", blocks=tuple(blocks)), results


def _rule(intervention: Intervention) -> str:
    """What was to be given, and both readings where the stated total contradicts its parts."""
    dose, schedule = intervention.dose, intervention.schedule
    amount = None if dose is None else dose.amount
    told = f"{intervention.name}: "
    told += "the dose is not stated" if amount is None else f"{format_quantity(amount)}"
    if dose is not None and amount is not None and dose.per != "not stated":
        told += f" per {dose.per}"
    if schedule is not None and schedule.times_per_day:
        told += f", {schedule.times_per_day} times a day"
    told += (
        f", on {schedule.days} days"
        if schedule is not None and schedule.days
        else ", on a number of days not stated"
    )
    told += "."
    if dose is not None and schedule is not None and schedule.days:
        told += _totals(dose, schedule.days, schedule.times_per_day)
    return told


def _totals(dose: Dose, days: int, times: int | None) -> str:
    if dose.amount is None or dose.per not in ("day", "administration"):
        return ""
    doses = days if dose.per == "day" else days * times if times else None
    if doses is None:
        return ""
    computed = dose.amount.value * doses
    unit = dose.amount.unit
    told = f" By this rule the course holds {float(computed):.3g} {unit}."
    if dose.total is not None and dose.total.unit == unit and dose.total.value != computed:
        told += (
            f" The source states {format_quantity(dose.total)} instead, "
            f"{float(dose.total.value / computed):.3g} times as much; both readings stand until the dosing log decides."
        )
    return told


def _times(given: ReportInput, captured: Captured) -> tuple[Table | None, tuple[AnalysisResult, ...]]:
    events = captured.events.group_by("USUBJID", "EVENT").agg(pl.col("ADT").min())
    doses = events.filter(pl.col("EVENT") == "first dose").select("USUBJID", pl.col("ADT").alias("DOSE"))
    rows: list[tuple[str | None, ...]] = []
    results: list[AnalysisResult] = []
    for event in _FROM:
        since = events.filter(pl.col("EVENT") == event).select("USUBJID", pl.col("ADT").alias("SINCE"))
        days = (
            doses.join(since, on="USUBJID", how="inner")
            .select((pl.col("DOSE") - pl.col("SINCE")).dt.total_days())
            .to_series()
            .to_list()
        )
        if not days:
            continue
        summary = describe(days, quartile_type=QuantileRule.SAS)
        rows.append(
            (
                f"{event.capitalize()} to first dose, days",
                str(summary.n),
                format_number(summary.median, 1),
                format_range(summary.q1, summary.q3, 1),
                format_range(summary.minimum, summary.maximum, 0),
            )
        )
        results += summary_results(
            summary,
            analysis="exposure",
            population="participants with both dates",
            variable=f"days from {event} to first dose",
            when="",
            unit="d",
            decimals=1,
            sources=given.digest_of("events.csv"),
        )
    if not rows:
        return None, ()
    table = Table(
        id="exposure",
        title="Time to the first dose",
        columns=(
            Column(key="span", head="From what to what"),
            Column(key="n", head="n", align="right"),
            Column(key="median", head="Median", align="right"),
            Column(key="quartiles", head="Quartiles", align="right"),
            Column(key="range", head="Range", align="right"),
        ),
        rows=tuple(rows),
        notes=(
            "Whole days between two dates; a dose on the day of the event is 0 days. Quartiles by type 2, as SAS.",
        ),
    )
    return table, tuple(results)


def _not_captured(captured: Captured) -> str:
    first = captured.events.filter(pl.col("EVENT") == "first dose")["USUBJID"].n_unique()
    last = captured.events.filter(pl.col("EVENT") == "last dose")["USUBJID"].n_unique()
    total = captured.participants.height
    told = f"The first dose is dated in {first} of {total} participants, the last in {last}."
    if last == 0:
        told += (
            " Without the last dose, and without the amount of each administration, the total that anybody received "
            "cannot be computed."
        )
    return told


SECTION = SectionBuilder(name="exposure", order=40, build=build)
