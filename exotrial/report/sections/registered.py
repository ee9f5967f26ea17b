"""Registered, planned, done, reported: the four sides of a trial in one table, with its dates on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Severity
from exotrial.registries.history import History, derive_histories
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Section,
    SectionBuilder,
    Subheading,
    Table,
)
from exotrial.report.figures.trial_dates import draw_trial_dates
from exotrial.report.inputs import ReportInput
from exotrial.report.registered.dates import derive_tracks
from exotrial.report.registered.rows import Row, derive_rows
from exotrial.report.registered.sides import SIDES, Sides, gather_sides
from exotrial.report.registered.table import NOT_STATED, build_table
from exotrial.report.registered.timing import TimingTold, derive_timings
from exotrial.report.wording import count_of, first_of, listed, sentence

_TITLE = "Registered, planned, done, reported"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The chapter; None for a study that has no registration and of which one side only is at hand."""
    sides = gather_sides(given)
    to_hand = [side for side in SIDES if sides.of(side)]
    registered = bool(sides.of("registered"))
    if not registered and len(to_hand) < 2:
        return Section(id="registered", title=_TITLE, blocks=(Paragraph(_NOTHING_REGISTERED),)), ()
    rows = derive_rows(sides, enrolment_has_ended=_has_ended(given))
    timings = derive_timings(given.study, sides.records)
    blocks: list[Block] = [Paragraph(_lead(sides, rows) if registered else _NOTHING_REGISTERED)]
    if registered:
        tracks = derive_tracks(given, sides)
        if tracks:
            blocks.append(draw_trial_dates(tracks, first_enrolment=_first_enrolment(sides)))
        blocks += _timing_blocks(timings)
        blocks += _history_blocks(sides)
    blocks.append(build_table(sides, rows))
    return Section(id="registered", title=_TITLE, blocks=tuple(blocks)), _results(given, timings, rows)


_NOTHING_REGISTERED = (
    "The study file names no registration of this trial, and no registry record was given with it."
)


def _has_ended(given: ReportInput) -> bool:
    """Whether enrolment is over, so that the number enrolled can be held against the plan."""
    dates, captured = given.study.recruitment, given.captured
    ended = dates.actual_end or dates.completion or given.study.conduct.published
    return ended is not None or captured is None or captured.lock is not None


def _first_enrolment(sides: Sides) -> PartialDate | None:
    """As it was done, else as it is registered."""
    for side in ("done", "registered"):
        days = [
            value
            for one in sides.told
            if one.side == side
            and "start" in one.account.items
            and isinstance(value := one.account.items["start"].value, PartialDate)
        ]
        if days:
            return min(days, key=lambda day: (day.first, day.last))
    return None


def _lead(sides: Sides, rows: Sequence[Row]) -> str:
    missing = [side for side in SIDES if not sides.of(side)]
    told = [f"{side}: {'; '.join(one.label for one in sides.of(side))}" for side in SIDES if sides.of(side)]
    differing = [row for row in rows if row.severity is not None]
    grave = sum(row.severity is Severity.ERROR for row in differing)
    parts = [
        "The table lays beside one another what each source tells of this trial.",
        *(sentence(one) for one in told),
        f"Of {count_of(len(rows), 'row')} {len(differing)} differ; {_errors(grave)}."
        if differing
        else f"None of its {count_of(len(rows), 'row')} differs.",
    ]
    if missing:
        parts.append(f"No source of what was {listed(missing, word='or')} is to hand.")
    if not sides.records.versions and sides.of("registered"):
        parts.append(
            "No registry record was given: what was registered is as the study file tells it. "
            "`exotrial report STUDY --with RECORD` lays the record itself beside it."
        )
    if sides.records.strangers:
        names = listed(sorted(sides.records.strangers))
        parts.append(f"{names} holds no record of this trial and was left out (finding XSR-001).")
    return " ".join(parts)


def _errors(count: int) -> str:
    return f"in {count} of them a difference is an error" if count else "none of the differences is an error"


def _timing_blocks(timings: Sequence[TimingTold]) -> Iterator[Block]:
    if not timings:
        yield Paragraph(
            "Whether the trial was registered in time cannot be told: no source dates both its "
            "registration and its first enrolment."
        )
        return
    yield Table(
        id="registered-timing",
        title="When the trial was registered, by the dates and by the label",
        columns=(
            Column(key="dates_of", head="Dates of", width=0.24),
            Column(key="registered", head="Registered", width=0.12),
            Column(key="start", head="First enrolment", width=0.12),
            Column(key="end", head="End of recruitment", width=0.13),
            Column(key="by_dates", head="By the dates", width=0.17),
            Column(key="label", head="Label printed", width=0.22),
        ),
        rows=tuple(
            (
                f"{one.number}: {one.dates_of}",
                str(one.registered),
                str(one.start),
                NOT_STATED if one.end is None else str(one.end),
                one.verdict,
                _label(one),
            )
            for one in timings
        ),
        notes=(
            "ICMJE asks that a trial is registered at or before the time of first enrolment. On the day of first "
            "enrolment itself the hour would decide, which no source gives.",
        ),
    )


def _label(one: TimingTold) -> str:
    if one.label is None:
        return one.stands
    mark = "" if one.severity is None else f"{one.severity.value.capitalize()}: "
    return f"“{one.label}” ({one.label_in}): {mark}{one.stands}."


def _history_blocks(sides: Sides) -> Iterator[Block]:
    several = [
        record
        for versions in sides.records.versions.values()
        if len(versions) > 1
        for record in versions
        if record.as_of is not None
    ]
    histories = [one for one in derive_histories(several) if len(one.days) > 1]
    if histories:
        yield Subheading("What changed in the record")
        yield Bullets(tuple(line for history in histories for line in _history_lines(history)))


def _history_lines(history: History) -> Iterator[str]:
    of = f"{history.identifier}: {len(history.days)} dated exports, {history.days[0]} to {history.days[-1]}"
    if not history.changes:
        yield f"{of}; none differs from the one before it."
        return
    yield f"{of}; {count_of(len(history.changes), 'change')} seen."
    for change in history.changes:
        told = first_of([one.says for one in change.differences], most=4)
        yield sentence(f"between {change.before} and {change.seen}: {told}")


def _results(
    given: ReportInput, timings: Sequence[TimingTold], rows: Sequence[Row]
) -> tuple[AnalysisResult, ...]:
    sources = tuple(file.sha256 for file in given.files)
    made = [
        AnalysisResult(
            id=f"registered/timing/{position}",
            analysis="registered",
            population="the trial",
            n=(),
            variable=f"{one.number}, {one.dates_of}",
            statistic="timing of registration",
            method="decide_timing",
            value=one.by_dates.decided,
            printed=one.verdict,
            parameters={
                "registered": str(one.registered),
                "start": str(one.start),
                "end": "" if one.end is None else str(one.end),
                "label": one.label or "",
            },
            sources=sources,
        )
        for position, one in enumerate(timings, 1)
    ]
    for severity in Severity:
        count = sum(row.severity is severity for row in rows)
        made.append(
            AnalysisResult(
                id=f"registered/rows/{severity.value}",
                analysis="registered",
                population="the rows of the table",
                n=(len(rows),),
                variable="rows that differ",
                statistic=f"gravest difference: {severity.value}",
                method="compare_accounts",
                value=count,
                printed=str(count),
                sources=sources,
            )
        )
    return tuple(made)


SECTION = SectionBuilder(name="registered", order=79, build=build)
