"""What exotrial itself wrote into the extension attributes and a registry record has a place for.

Only the keys that other registries have fields for; `read_study_from_usdm` restores all of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.quantities import read_quantity
from exotrial.registries.record import Age, RecordedArm, RecordedOutcome, RecordedSharing, Stated, Timing
from exotrial.registries.time_text import TimePoints, read_time_points
from exotrial.registries.usdm.reading import Json, Reading
from exotrial.registries.usdm.terms import NOT_STATED

T = TypeVar("T")

_TIMINGS: tuple[Timing, ...] = ("prospective", "retrospective", "registered while recruiting")


def read_own_arm(arm: Json, recorded: RecordedArm, reading: Reading) -> RecordedArm:
    """The arm with its size."""
    return replace(recorded, size=reading.own(arm, "size", int))


def read_own_outcome(
    endpoint: Json, encounters: dict[str, Json], recorded: RecordedOutcome, reading: Reading
) -> RecordedOutcome:
    """The outcome with its method, its time frame, and the days of its encounters as the protocol counts them."""
    named = reading.own(endpoint, "encounters", list)
    names = [name for name in (named.value if named else []) if isinstance(name, str)]
    visits = [encounters[name] for name in names if name in encounters]
    days = [
        reading.own(visit, "day", int) for visit in visits if reading.own(visit, "day_stated", bool) is None
    ]
    method, frame = reading.own(endpoint, "method", str), reading.own(endpoint, "time_frame", str)
    if frame is None and named is not None and visits:
        words = ", ".join(str(visit.get("label") or visit["name"]) for visit in visits)
        frame = Stated(value=words, prints=words, place=named.place)
    horizon = reading.own(endpoint, "horizon", str)
    if frame is None and horizon is None:
        return replace(recorded, method=method)
    told = read_time_points(frame.value) if frame is not None and not visits else TimePoints()
    return replace(
        recorded,
        time_frame=frame,
        method=method,
        days=tuple(day.value for day in days if day is not None) or told.days,
        horizon_days=told.horizon_days if horizon is None else _whole_days(horizon),
    )


def _whole_days(horizon: Stated[str]) -> int | None:
    days = read_quantity(horizon.value, dimension="duration", place=horizon.place).to("d").number
    return int(days) if days.is_integer() else None


def read_own_ages(population: Json, reading: Reading) -> dict[str, Stated[Age]]:
    """An age limit that stands alone: USDM has no range that is open on one side."""
    found = {}
    for field in ("age_min", "age_max"):
        stated = reading.own(population, field, int)
        if stated is not None:
            age = Age(value=float(stated.value), unit="a")
            found[field] = Stated(value=age, prints=stated.prints, place=stated.place)
    return found


def read_own_allocation(design: Json, reading: Reading) -> Stated[str] | None:
    """Whether participants are randomised, where USDM has no term for what the study file says."""
    stated = reading.own(design, "allocation", str)
    return None if stated is None or stated.value == NOT_STATED else stated


def read_own_registration(identifier: Json, reading: Reading) -> dict[str, Any]:
    """What the study file says of the register's record: when it was registered, updated, and in which state."""
    timing = reading.own(identifier, "timing_label", str)
    label = None
    if timing is not None and timing.value in _TIMINGS:
        label = replace(cast("Stated[Timing]", timing))
    return {
        "registered": _read_day(identifier, "registered", reading),
        "updated": _read_day(identifier, "last_updated", reading),
        "update_count": reading.own(identifier, "update_count", int),
        "status": reading.own(identifier, "status", str),
        "timing_label": label,
    }


def read_own_conduct(version: Json, design: Json, reading: Reading) -> dict[str, Any]:
    """Dates of recruitment, numbers enrolled, randomisation and sharing, from the study file's tables."""
    recruitment = _Table(version, "recruitment", reading)
    actual, planned = recruitment.day("actual_start"), recruitment.day("planned_start")
    randomisation = _Table(version, "randomisation", reading)
    sharing = _Table(version, "sharing", reading)
    return {
        "start": actual or planned,
        "start_actual": None if actual is None and planned is None else actual is not None,
        "recruitment_end": recruitment.day("actual_end") or recruitment.day("planned_end"),
        "completion": recruitment.day("completion"),
        "actual_size": reading.own(design, "enrolled", int),
        "randomisation": randomisation.held("method", str),
        "block_sizes": randomisation.numbers("block_sizes"),
        "sharing": RecordedSharing(
            participant_data=cast("Stated[bool | None] | None", sharing.held("participant_data", bool)),
            description=sharing.held("description", str),
            audience=sharing.held("audience", str),
            obtainable_from=sharing.held("repository", str),
        )
        if sharing.is_there
        else None,
    }


class _Table:
    """A table of the study file in one extension attribute."""

    def __init__(self, owner: Json, key: str, reading: Reading) -> None:
        self._stated = reading.own(owner, key, dict)
        self.is_there = self._stated is not None

    def held(self, key: str, kind: type[T]) -> Stated[T] | None:
        """A value of the table, where it is of its kind."""
        if self._stated is None or not isinstance(self._stated.value.get(key), kind):
            return None
        value = self._stated.value[key]
        return Stated(value=value, prints=str(value), place=self._stated.place)

    def day(self, key: str) -> Stated[PartialDate] | None:
        """A date of the table."""
        return _as_day(self.held(key, str))

    def numbers(self, key: str) -> Stated[tuple[int, ...]] | None:
        """A list of whole numbers of the table."""
        found = self.held(key, list)
        if found is None or not all(isinstance(one, int) for one in found.value):
            return None
        return Stated(value=tuple(found.value), prints=found.prints, place=found.place)


def _read_day(owner: Json, key: str, reading: Reading) -> Stated[PartialDate] | None:
    return _as_day(reading.own(owner, key, str))


def _as_day(stated: Stated[str] | None) -> Stated[PartialDate] | None:
    if stated is None:
        return None
    day = read_partial_date(stated.value, place=stated.place)
    return Stated(value=day, prints=stated.prints, place=stated.place)
