"""The schedule of activities, derived: the grid of encounters by activities, and one participant's due dates.

A protocol counts days from its own origin, and some call that day 0, some day 1; SDTM (SDTMIG 3.4, 4.4.4) has
no day 0. Both numbers are kept: the day as the protocol says it, and the study day by the SDTM rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exotrial.core.dates import add_days, compute_date_of_study_day, compute_study_day
from exotrial.core.errors import ErrorCode, Place
from exotrial.study.definition import Study
from exotrial.study.definition.design import Encounter
from exotrial.study.definition.plan import Outcome

NO_DAY_ZERO = ErrorCode(
    "SCH-001",
    "An encounter is on day 0 of a study whose origin is day 1.",
    "set design.day_of_origin = 0 if the protocol calls the day of the origin day 0, or correct the day.",
)
NO_ENCOUNTERS = ErrorCode(
    "SCH-002",
    "The study file plans no encounters, so that there is no schedule to derive.",
    "add [[epochs]] and [[encounters]] with the days of the protocol.",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the grid: an activity or an outcome, and the encounters at which it is due."""

    name: str
    kind: str
    encounters: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The schedule of activities: encounters in order of time, and rows in order of the file."""

    encounters: tuple[Encounter, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Due:
    """When an encounter of one participant is due: first, planned and last day, and the SDTM study day."""

    encounter: Encounter
    earliest: date
    planned: date
    latest: date
    study_day: int


def derive_grid(study: Study) -> Grid:
    """The grid of a study. An outcome that activities record at all its encounters is not listed twice.

    Refuses with SCH-002 where the study plans no encounters.
    """
    if not study.encounters:
        raise NO_ENCOUNTERS.refuse(
            f"the study {study.id} plans no encounters", place=Place(path="encounters"), value=study.id
        )
    rows = [
        Row(name=activity.name, kind="activity", encounters=frozenset(activity.encounters))
        for activity in study.activities
    ]
    rows += [
        Row(name=outcome.name, kind=f"{outcome.level} outcome", encounters=frozenset(outcome.encounters))
        for outcome in study.outcomes
        if outcome.encounters and not _recorded(study, outcome)
    ]
    return Grid(encounters=_in_order(study), rows=tuple(rows))


def derive_due_dates(study: Study, *, origin: date) -> tuple[Due, ...]:
    """The due dates of a participant whose time origin (design.time_origin) was on `origin`, in order of time.

    Refuses with SCH-001 and SCH-002.
    """
    grid = derive_grid(study)
    return tuple(_due(study, encounter, origin) for encounter in grid.encounters)


def compute_planned_date(day: int, *, origin: date, day_of_origin: int, place: Place | None = None) -> date:
    """The date of a protocol day. Where the origin is day 1, the day before it is day -1 (no day 0: SCH-001)."""
    if day_of_origin == 0:
        return add_days(origin, day)
    if day == 0:
        raise NO_DAY_ZERO.refuse("day 0 does not exist where the origin is day 1", place=place, value=day)
    return compute_date_of_study_day(day, reference=origin)


def _due(study: Study, encounter: Encounter, origin: date) -> Due:
    planned = compute_planned_date(
        encounter.day,
        origin=origin,
        day_of_origin=study.design.day_of_origin,
        place=Place(path=f"encounters.{encounter.id}.day"),
    )
    return Due(
        encounter=encounter,
        earliest=add_days(planned, -encounter.window_before),
        planned=planned,
        latest=add_days(planned, encounter.window_after),
        study_day=compute_study_day(planned, reference=origin),
    )


def _in_order(study: Study) -> tuple[Encounter, ...]:
    epochs = {epoch.id: epoch.order for epoch in study.epochs}
    positions = {encounter.id: position for position, encounter in enumerate(study.encounters)}
    return tuple(
        sorted(
            study.encounters,
            key=lambda encounter: (encounter.day, epochs[encounter.epoch], positions[encounter.id]),
        )
    )


def _recorded(study: Study, outcome: Outcome) -> bool:
    """Whether activities record the outcome at every encounter at which it is due."""
    recorded = {
        encounter
        for activity in study.activities
        if activity.name == outcome.name or (outcome.measure and outcome.measure in activity.measures)
        for encounter in activity.encounters
    }
    return recorded >= set(outcome.encounters)
