"""The dated facts of a trial, lane by lane: what a record, the study file, the data and the publication date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from exotrial.core.dates import PartialDate
from exotrial.datasets.captured import Captured
from exotrial.registries.checks.trial_records import plain
from exotrial.report.inputs import ReportInput
from exotrial.report.registered.quoted import as_partial
from exotrial.report.registered.sides import PAPERS, Sides

Source = Literal["registry record", "study file", "captured data", "publication"]
SOURCES: tuple[Source, ...] = ("registry record", "study file", "captured data", "publication")

ETHICS, REGISTRATION, UPDATES = "Ethics approval", "Registration", "Record updated"
EXPORTS = "Record as exported"
REGISTERED, PLANNED, RECRUITMENT = (f"Recruitment, {how}" for how in ("registered", "planned", "done"))
FIRST_DOSE, LAST = "First doses", "Last day recorded"
PRIMARY_COMPLETION, COMPLETION = "Primary completion, registered", "Completion"
RESULTS, PUBLICATION = "Results posted", "Publication"
LANES = (
    *(ETHICS, REGISTRATION, UPDATES, EXPORTS, REGISTERED, PLANNED, RECRUITMENT),
    *(FIRST_DOSE, LAST, PRIMARY_COMPLETION, COMPLETION, RESULTS, PUBLICATION),
)
"""Every lane, in order of drawing."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """What one source dates in one lane: days, each known whole or in part.

    `is_period`: the first and the last bound a time; otherwise each stands alone.
    """

    lane: str
    source: Source
    days: tuple[PartialDate, ...]
    is_period: bool = False

    @property
    def told(self) -> str:
        """The dates in words: one, from and to, or how many from which to which."""
        if len(self.days) == 1:
            return str(self.days[0])
        if len(self.days) == 2 and not self.is_period:
            return f"{self.days[0]} and {self.days[1]}"
        span = f"{self.days[0]} to {self.days[-1]}"
        return span if self.is_period else f"{len(self.days)} days, {span}"


def derive_tracks(given: ReportInput, sides: Sides) -> tuple[Track, ...]:
    """Every dated fact, by lane and in it by source; one source is told once in a lane."""
    found = [*_of_records(sides), *_of_study(given, sides)]
    if given.captured is not None:
        found += _of_data(given.captured)
    rank = {lane: position for position, lane in enumerate(LANES)}
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda one: (rank[one.lane], SOURCES.index(one.source))))


def _of_records(sides: Sides) -> Iterator[Track]:
    for versions in sides.records.versions.values():
        newest = versions[-1]
        approved = [one.approved.value for one in newest.ethics if one.approved is not None]
        updated = [one.updated.value for one in versions if one.updated is not None]
        exported = [as_partial(one.as_of) for one in versions if one.as_of is not None]
        yield from _track(ETHICS, "registry record", *approved)
        if newest.registered is not None:
            yield from _track(REGISTRATION, "registry record", newest.registered.value)
        # The day of registration is no update.
        known = newest.registered.value if newest.registered else None
        yield from _track(UPDATES, "registry record", *(day for day in updated if day != known))
        if len(exported) > 1:
            yield from _track(EXPORTS, "registry record", *exported)
        yield from _period(
            REGISTERED,
            "registry record",
            newest.start.value if newest.start else None,
            newest.recruitment_end.value if newest.recruitment_end else None,
        )
        for lane, day in ((PRIMARY_COMPLETION, newest.primary_completion), (COMPLETION, newest.completion)):
            if day is not None:
                yield from _track(lane, "registry record", day.value)
        if newest.results_posted is not None:
            yield from _track(RESULTS, "registry record", newest.results_posted.value)


def _of_study(given: ReportInput, sides: Sides) -> Iterator[Track]:
    study, dates = given.study, given.study.recruitment
    held = {plain(number) for number in sides.records.versions}
    yield from _days(ETHICS, *(one.approved for one in study.ethics))
    for one in study.registrations:
        yield from _days(REGISTRATION, one.registered)
        if plain(one.identifier) not in held:
            updated = one.last_updated if one.last_updated != one.registered else None
            yield from _days(UPDATES, updated)
            start = one.first_enrolment or one.recruitment_start
            yield from _period(REGISTERED, "study file", _partial(start), _partial(one.recruitment_end))
            yield from _days(COMPLETION, one.completion)
    yield from _period(PLANNED, "study file", _partial(dates.planned_start), _partial(dates.planned_end))
    yield from _period(RECRUITMENT, "study file", _partial(dates.actual_start), _partial(dates.actual_end))
    yield from _days(FIRST_DOSE, dates.first_dose)
    yield from _days(LAST, dates.conducted_to)
    yield from _days(COMPLETION, dates.completion)
    papers = [document.dated for document in study.documents if document.kind in PAPERS]
    for day in dict.fromkeys((study.conduct.published, *papers)):
        if day is not None:
            yield from _track(PUBLICATION, "publication", as_partial(day))


def _of_data(captured: Captured) -> Iterator[Track]:
    events = captured.events.drop_nulls("ADT")
    for lane, event in ((RECRUITMENT, "randomised"), (FIRST_DOSE, "first dose")):
        days = events.filter(pl.col("EVENT") == event)["ADT"]
        first, last = days.min(), days.max()
        if isinstance(first, date) and isinstance(last, date):
            yield from _period(lane, "captured data", as_partial(first), as_partial(last))
    ends = [
        day
        for day in (events["ADT"].max(), captured.measurements["ADT"].drop_nulls().max())
        if isinstance(day, date)
    ]
    if ends:
        yield from _track(LAST, "captured data", as_partial(max(ends)))


def _days(lane: str, *days: date | None) -> Iterator[Track]:
    yield from _track(lane, "study file", *(as_partial(day) for day in days if day is not None))


def _track(lane: str, source: Source, *days: PartialDate) -> Iterator[Track]:
    if days:
        ordered = sorted(dict.fromkeys(days), key=lambda day: (day.first, day.last))
        yield Track(lane=lane, source=source, days=tuple(ordered))


def _period(lane: str, source: Source, start: PartialDate | None, end: PartialDate | None) -> Iterator[Track]:
    if start is not None and end is not None and start != end and start.first <= end.last:
        yield Track(lane=lane, source=source, days=(start, end), is_period=True)
    else:
        yield from _track(lane, source, *(day for day in (start, end) if day is not None))


def _partial(day: date | None) -> PartialDate | None:
    return None if day is None else as_partial(day)
