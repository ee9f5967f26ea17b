"""When a participant's encounters are due, as far as the study says from when it counts (USDM timing)."""

from __future__ import annotations

from datetime import date, datetime

from exotrial.operations._act import Act
from exotrial.operations._life import local_day
from exotrial.store.models import Participant
from exotrial.study.schedule import Due, derive_due_dates

ORIGINS = frozenset({"first dose", "start of intervention", "randomisation", "enrolment"})
"""What a participant's days can be counted from; a study file that says none of these makes no visit due."""


def has_origin(act: Act, *, version: int) -> bool:
    """Whether the study file says from when a participant's days count."""
    return act.definition(version).design.time_origin in ORIGINS


def origin_of(
    act: Act, participant: Participant, *, version: int, first_dose: datetime | None
) -> date | None:
    """The day that the protocol counts a participant's days from; None while it has not come."""
    begun = begun_at(
        act.definition(version).design.time_origin,
        first_dose=first_dose,
        randomised_at=participant.randomised_at,
        enrolled_at=participant.enrolled_at,
    )
    return None if begun is None else local_day(begun, participant.site)


def begun_at(
    time_origin: str,
    *,
    first_dose: datetime | None,
    randomised_at: datetime | None,
    enrolled_at: datetime | None,
) -> datetime | None:
    """The moment from which the protocol counts, if it names one of these and that has come."""
    return {
        "first dose": first_dose,
        "start of intervention": first_dose,
        "randomisation": randomised_at,
        "enrolment": enrolled_at,
    }.get(time_origin)


def due_dates(
    act: Act, participant: Participant, *, version: int, first_dose: datetime | None
) -> dict[str, Due]:
    """Due dates by encounter, empty while the time origin is not known or the protocol states none."""
    origin = origin_of(act, participant, version=version, first_dose=first_dose)
    return {} if origin is None else dues_from(act, origin, version=version)


def dues_from(act: Act, origin: date, *, version: int) -> dict[str, Due]:
    """Due dates by encounter of who has this time origin."""
    study = act.definition(version)
    # A protocol may number its days so that one of them is none (SCH-001): `exotrial check` says so, and that
    # day is not due at any date.
    placed = tuple(one for one in study.encounters if one.day != 0 or study.design.day_of_origin == 0)
    if not placed:
        return {}
    dues = derive_due_dates(study.model_copy(update={"encounters": placed}), origin=origin)
    return {due.encounter.id: due for due in dues}
