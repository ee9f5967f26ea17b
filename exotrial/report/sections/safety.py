"""Safety: adverse events as captured, and what a study of this size can and cannot exclude (CONSORT 2025, item 27)."""

from __future__ import annotations

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import Group, derive_groups
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Section,
    SectionBuilder,
    Table,
)
from exotrial.report.format import format_count, format_number
from exotrial.report.inputs import ReportInput
from exotrial.report.results import statistic_results
from exotrial.statistics.proportion_exact import (
    proportion_clopper_pearson,
    zero_events_one_sided,
    zero_events_two_sided,
)

_LISTED_UP_TO = 40
"""Different terms that the table lists; the rest are counted together and stand in the CSV of the data."""

_NOT_CAPTURED = (
    "Adverse events were not captured: there is no adverse_events.csv, so nothing can be said of them in {total} "
    "participants. That no file is there does not mean that no event occurred; where events were looked for and "
    "none was found, give the file with its heading line alone."
)
_RELATED = ("Y", "POSSIBLE", "PROBABLE", "DEFINITE", "POSSIBLY RELATED", "PROBABLY RELATED", "RELATED")


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where there are no participants."""
    captured = given.captured
    if captured is None or captured.participants.is_empty():
        return None
    blocks: list[Block] = []
    plan = given.study.safety
    if plan is not None and plan.prespecified_events:
        blocks += [Paragraph("Events that the study was to look for:"), Bullets(plan.prespecified_events)]
    total = captured.participants.height
    affected = captured.adverse_events["USUBJID"].n_unique() if captured.adverse_events.height else 0
    results: list[AnalysisResult] = []
    if affected == 0 and not given.digest_of("adverse_events.csv"):
        blocks.append(Paragraph(_NOT_CAPTURED.format(total=total)))
    elif affected == 0:
        blocks.append(Paragraph(_none_reported(given, total, results)))
    else:
        groups = list(derive_groups(given.study, captured, show_arms=not given.arms_are_hidden))
        blocks.append(_summary_table(given, captured, groups, results))
        blocks.append(_terms_table(captured, groups[0]))
    return Section(id="safety", title="Safety", blocks=tuple(blocks)), tuple(results)


def _none_reported(given: ReportInput, total: int, results: list[AnalysisResult]) -> str:
    one_sided = zero_events_one_sided(0, total)
    two_sided = zero_events_two_sided(0, total)
    assert one_sided.estimate is not None
    assert two_sided.estimate is not None
    for result in (one_sided, two_sided):
        results += statistic_results(
            result,
            analysis="safety",
            population="all participants",
            variable="any adverse event",
            decimals=3,
            sources=given.digest_of("adverse_events.csv"),
        )
    upper, both = one_sided.estimate.upper, two_sided.estimate.upper
    assert upper is not None
    assert both is not None
    return (
        f"No adverse event was reported in {total} participants. That does not show that there are none: with 0 of "
        f"{total}, a true share of participants with an event of up to {format_number(100 * upper, 1)} % is compatible "
        f"with what was seen (exact one-sided 95 % upper bound; two-sided {format_number(100 * both, 1)} %). An event "
        f"that strikes one participant in ten would be missed by {total} participants with a probability of "
        f"{format_number(100 * 0.9**total, 0)} %."
    )


def _summary_table(
    given: ReportInput, captured: Captured, groups: list[Group], results: list[AnalysisResult]
) -> Table:
    events = captured.adverse_events
    lines = (
        ("Any adverse event", pl.lit(value=True)),
        ("Serious adverse event", pl.col("AESER") == "Y"),
        ("Grade 3 or higher", pl.col("AESEV").is_in(["3", "4", "5", "SEVERE"])),
        (
            "Related to the product, as judged",
            pl.col("AEREL").is_in(_RELATED),
        ),
    )
    rows: list[tuple[str | None, ...]] = []
    for label, holds in lines:
        cells: list[str] = []
        for group in groups:
            of_group = events.filter(holds & pl.col("USUBJID").is_in(group.participants))
            count = of_group["USUBJID"].n_unique()
            interval = proportion_clopper_pearson(count, group.size)
            results += statistic_results(
                interval,
                analysis="safety",
                population=group.name,
                variable=label,
                decimals=3,
                sources=given.digest_of("adverse_events.csv"),
            )
            assert interval.estimate is not None
            low, high = interval.estimate.lower or 0.0, interval.estimate.upper or 0.0
            limits = f"{format_number(100 * low, 0)} to {format_number(100 * high, 0)} %"
            cells += [f"{format_count(count, group.size)}; {limits}", str(of_group.height)]
        rows.append((label, *cells))
    return Table(
        id="adverse-events",
        title="Participants with adverse events",
        columns=(
            Column(key="event", head="Event"),
            *(
                column
                for number, group in enumerate(groups, start=1)
                for column in (
                    Column(
                        key=f"participants_{number}",
                        head="Participants (%); 95 % CI",
                        align="right",
                        group=f"{group.name} (n = {group.size})",
                    ),
                    Column(
                        key=f"events_{number}",
                        head="Events",
                        align="right",
                        group=f"{group.name} (n = {group.size})",
                    ),
                )
            ),
        ),
        rows=tuple(rows),
        notes=(
            "CI, exact confidence interval of Clopper and Pearson. A participant counts once in each row.",
            *_unjudged(captured),
        ),
    )


def _unjudged(captured: Captured) -> list[str]:
    """What was left empty of the events: a judgement that was not captured is not a "no"."""
    events = captured.adverse_events
    notes = []
    for column, told in (("AESER", "seriousness"), ("AESEV", "grade"), ("AEREL", "relation to the product")):
        empty = events.filter(pl.col(column).fill_null("") == "").height
        if empty:
            notes.append(
                f"Of {empty} of {events.height} events the {told} is not captured; they count in no such row."
            )
    return notes


def _terms_table(captured: Captured, everybody: Group) -> Table:
    terms = (
        captured.adverse_events.group_by("AETERM")
        .agg(
            pl.col("USUBJID").n_unique().alias("PARTICIPANTS"),
            pl.len().alias("EVENTS"),
            (pl.col("AESER") == "Y").sum().alias("SERIOUS"),
        )
        .sort(["PARTICIPANTS", "EVENTS", "AETERM"], descending=[True, True, False])
    )
    shown = terms.head(_LISTED_UP_TO)
    rows = [
        (
            row["AETERM"],
            format_count(row["PARTICIPANTS"], everybody.size),
            str(row["EVENTS"]),
            str(row["SERIOUS"]),
        )
        for row in shown.iter_rows(named=True)
    ]
    rest = terms.height - shown.height
    return Table(
        id="adverse-event-terms",
        title="Adverse events by term",
        columns=(
            Column(key="term", head="Term, as captured"),
            Column(key="participants", head="Participants (%)", align="right"),
            Column(key="events", head="Events", align="right"),
            Column(key="serious", head="Serious", align="right"),
        ),
        rows=tuple(rows),
        notes=(f"{rest} rarer terms are not listed; they stand in adverse_events.csv.",) if rest else (),
    )


SECTION = SectionBuilder(name="safety", order=60, build=build)
