"""Registered, planned, done, reported: the four sides of a trial in one table, with its dates on one axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Severity
from exotrial.registries.history import History, derive_histories
from exotrial.registries.record import Stated
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
from exotrial.report.registered.rows import Cell, Difference, Row, derive_rows
from exotrial.report.registered.sides import SIDES, Side, Sides, gather_sides
from exotrial.report.registered.timing import TimingTold, derive_timings
from exotrial.report.wording import count_of, first_of, listed, sentence

NOT_TO_HAND, NOT_STATED = "not to hand", "not stated"
_LONGEST = 90
"""Letters of a cell's words: enough to know them again, few enough for a column."""
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
    blocks.append(_table(sides, rows))
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
        f"Of {count_of(len(rows), 'row')} {len(differing)} differ; in {grave} of them a difference is an error."
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


def _table(sides: Sides, rows: Sequence[Row]) -> Table:
    body: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            stubs.append(len(body))
            body.append((group, *[None] * (len(SIDES) + 1)))
        body.append((row.label, *(_cell(sides, row, side) for side in SIDES), _told_differences(row)))
    return Table(
        id="registered-planned-done-reported",
        title="What was registered, planned, done and reported",
        columns=(
            Column(key="item", head="Item", width=0.12),
            *(Column(key=side, head=side.capitalize(), width=0.165) for side in SIDES),
            Column(key="differs", head="Where they differ", width=0.22),
        ),
        rows=tuple(body),
        stub_rows=frozenset(stubs),
        notes=tuple(_notes(sides)),
        landscape=True,
    )


def _notes(sides: Sides) -> Iterator[str]:
    for side in SIDES:
        own = sides.of(side)
        yield sentence(f"{side}: {'; '.join(one.label for one in own) if own else NOT_TO_HAND}")
    yield (
        "Planned is what the study file holds; where the place behind its words is a paper or a record, no plan of its "
        "own is to hand. “Not to hand”: no source of this side was given. “Not stated”: its source says nothing of "
        "it. A paper that is not quoted on an outcome may still report it, and is not said to have dropped it."
    )
    yield (
        "Dates and status that were foreseen are not held against what came later; the size is, once enrolment has "
        "ended. The reporting rules named are those of ICMJE, the WHO Trial Registration Data Set 1.3.1 (TRDS), "
        "CONSORT 2025 and SPIRIT 2025."
    )


def _cell(sides: Sides, row: Row, side: Side) -> str:
    own = sides.of(side)
    if not own:
        return NOT_TO_HAND
    cells = [cell for cell in row.cells if cell.told.side == side]
    if not cells:
        return NOT_STATED
    several = len({cell.told.label for cell in cells}) > 1
    return ". ".join(_words(cell, name=several) for cell in cells)


def _words(cell: Cell, *, name: bool) -> str:
    whose = f"{cell.told.label}: " if name else ""
    level = f"{cell.level}: " if cell.level else ""
    also = "".join(f"; also {_value(one)} ({_place(one)})" for one in cell.also)
    told = "; ".join(_value(one) for one in cell.stated)
    return f"{whose}{level}{told} ({_place(cell.stated[0])}){also}"


def _value(stated: Stated[object]) -> str:
    """The value, and the words where they say it otherwise; long words alone, cut."""
    value, prints = (
        _UNITS.sub(lambda hit: _UNIT_WORDS[hit[0]], str(stated.value)),
        " ".join(stated.prints.split()),
    )
    if len(value) > _LONGEST:
        return f"“{_cut(prints)}”"
    same = " ".join(value.casefold().split()) == prints.casefold()
    return value if same else f"{value}, “{_cut(prints)}”"


_UNIT_WORDS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}
_UNITS = re.compile(r"(?<=\d )(?:a|mo|wk|d)$")
"""UCUM's unit at the end of an age."""


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()} …"


def _place(stated: Stated[object]) -> str:
    place = stated.place
    line = f"line {place.line}" if place.line else ""
    # The file of a record or of the study stands once in the notes; a document's id is short and stands with its line.
    file = "" if "." in place.file and (place.path or line) else place.file
    return ", ".join(part for part in (file, place.path, line) if part)


def _told_differences(row: Row) -> str:
    """Severity, what differs between which sides, and the reporting rules touched; the gravest kind first."""
    by_kind: dict[tuple[str, str], list[Difference]] = {}
    for one in row.differences:
        by_kind.setdefault((one.finding.rule, one.kind), []).append(one)
    told = []
    for (rule, kind), own in sorted(by_kind.items(), key=lambda item: item[1][0].finding.severity.rank):
        severity = min((one.finding.severity for one in own), key=lambda s: s.rank)
        standards = ", ".join(own[0].finding.standards)
        verb = _VERBS.get(rule, "differs")
        between = "versions of the record" if kind == "versions" else _between(rule, own)
        told.append(f"{severity.value.capitalize()} {rule}: {verb} ({between}). {standards}.")
    return " ".join(told)


_VERBS = {
    "SBS-030": "added",
    "SBS-031": "dropped",
    "SBS-032": "promoted",
    "SBS-033": "demoted",
    "SBS-034": "moved to another level",
    "SBS-035": "other time points",
    "SBS-036": "method in other words",
}


def _between(rule: str, differences: Sequence[Difference]) -> str:
    """The sides in words: `registered against planned and reported`, `planned and reported, not registered`."""
    against: dict[Side, list[Side]] = {}
    for one in differences:
        others = against.setdefault(one.sides[0], [])
        if one.sides[1] not in others:
            others.append(one.sides[1])
    told = []
    for first, others in against.items():
        second = listed([f"another source of {side}" if side == first else side for side in others])
        if rule == "SBS-030":
            told.append(f"{second}, not {first}")
        elif rule == "SBS-031":
            told.append(f"{first}, not {second}")
        else:
            told.append(f"{first} against {second}")
    return "; ".join(told)


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
