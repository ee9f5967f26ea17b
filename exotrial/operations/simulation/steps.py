"""The steps of one person of a rehearsal, from screening to the frozen casebook, each at its moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from random import Random

from exotrial.operations.simulation.people import Fate, Person, Special
from exotrial.study.definition import Study
from exotrial.study.items import Form

_AT_START = ("F.CONSENT", "F.ELIGIBILITY", "F.DEMOGRAPHICS", "F.STRATIFICATION")
_MISSED, _LATE, _DRAFTED, _ASKED, _VERIFIED = 0.03, 0.06, 0.12, 0.15, 0.15


class Deed(StrEnum):
    """What is done in one step."""

    SCREEN_WRONGLY = "screen, with answers that do not fit"
    SCREEN = "screen"
    CONSENT = "record consent"
    DRAFT = "save a draft"
    SAVE = "save a form"
    ENROL = "enrol"
    RANDOMISE = "randomise"
    ASSIGN_KIT = "assign a kit"
    DOSE = "record a dose"
    END_TREATMENT = "end treatment"
    ASK = "raise a query"
    DEVIATION = "report a deviation"
    UNBLIND = "unblind in an emergency"
    END = "end participation"
    VERIFY = "verify source data"
    SIGN = "sign a casebook"
    FREEZE = "freeze a casebook"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that is done at a moment; `on` is the day that a form is about, `number` the person's or the dose's."""

    at: datetime
    person: int
    deed: Deed
    form: str = ""
    encounter: str = ""
    on: date | None = None


def doses_of(study: Study, person: Person, *, whole: bool = False) -> list[datetime]:
    """When a person's doses are due: as the study file schedules the product, once where it does not say.

    Those after the end of taking part are left out but with `whole`.
    """
    given = next((one for one in study.interventions if one.role == "investigational"), None)
    schedule = None if given is None else given.schedule
    days = (schedule.administrations or schedule.days or 1) if schedule is not None else 1
    first = datetime.combine(person.origin, time(14), UTC)
    same_day = person.origin == person.screened_at.date()
    times = (first if same_day else first.replace(hour=10)) + timedelta(minutes=person.number % 50)
    moments = [times + timedelta(days=day) for day in range(days)]
    return [at for at in moments if whole or person.ended_on is None or at.date() < person.ended_on]


def offset_of(study: Study, day: int) -> int:
    """Days from the origin; a protocol with an origin of day 1 and a day 0 means the day before by it."""
    return day - study.design.day_of_origin


def steps_of(
    study: Study, forms: Sequence[Form], person: Person, special: Special, *, seed: int
) -> Iterator[Step]:
    """Every step of a person, not yet in the order of time; of who is not eligible the screening alone."""

    def step(at: datetime, deed: Deed, form: str = "", encounter: str = "", on: date | None = None) -> Step:
        return Step(at=at, person=person.number, deed=deed, form=form, encounter=encounter, on=on)

    def minutes(count: int) -> datetime:
        return person.screened_at + timedelta(minutes=count)

    if person.answered_wrongly:
        yield step(person.screened_at - timedelta(days=2), Deed.SCREEN_WRONGLY)
    yield step(person.screened_at, Deed.SCREEN)
    if person.ended_on is None:
        return
    stream = person.stream(seed, "steps")
    oids = {form.oid for form in forms}
    yield step(minutes(30), Deed.CONSENT)
    for position, oid in enumerate(_AT_START):
        if oid in oids:
            yield step(minutes(40 + 2 * position), Deed.SAVE, oid, on=person.screened_at.date())
    yield step(minutes(60), Deed.ENROL)
    if study.design.allocation == "randomised":
        yield step(minutes(70), Deed.RANDOMISE)
    yield step(minutes(80), Deed.ASSIGN_KIT)
    doses = doses_of(study, person)
    for begun in doses:
        yield step(begun + timedelta(minutes=45), Deed.DOSE, on=begun.date())
    yield from _visits(study, forms, person, special, stream=stream)
    if stream.random() < _ASKED:
        yield step(minutes(60 * 26), Deed.ASK, "F.DEMOGRAPHICS")
    if person.number == special.unblinded:
        yield step(datetime.combine(person.origin, time(3, 20), UTC) + timedelta(days=3), Deed.UNBLIND)
    yield from _ending(study, person, forms, doses=doses, stream=stream)


def _visits(
    study: Study, forms: Sequence[Form], person: Person, special: Special, *, stream: Random
) -> Iterator[Step]:
    """Visits on their planned days, some a day late, some missed; each form at once or as a draft first."""
    assert person.ended_on is not None
    planned = sorted(study.encounters, key=lambda encounter: encounter.day)
    days = [offset_of(study, encounter.day) for encounter in planned]
    gaps = [later - earlier for earlier, later in pairwise([*days, days[-1] + 9])] if days else []
    misses = stream.randrange(len(planned) // 2, len(planned)) if planned else 0
    for position, (encounter, day, gap) in enumerate(zip(planned, days, gaps, strict=True)):
        late = position > 0 and gap > 1 and stream.random() < _LATE
        missed = position > 0 and stream.random() < _MISSED
        on = person.origin + timedelta(days=day + late)
        if on >= person.ended_on and (person.fate is not Fate.COMPLETED or on > person.ended_on):
            continue
        if person.number == special.misses_a_visit and position == misses:
            yield Step(
                at=datetime.combine(on, time(17), UTC),
                person=person.number,
                deed=Deed.DEVIATION,
                encounter=encounter.id,
                on=on,
            )
            continue
        if missed:
            continue
        at = (
            person.screened_at + timedelta(minutes=95)
            if on == person.screened_at.date()
            else datetime.combine(on, time(8), UTC) + timedelta(minutes=person.number * 3 % 90)
        )
        for form in forms:
            if encounter.id in form.encounters:
                drafted = stream.random() < _DRAFTED
                if drafted:
                    yield Step(
                        at=at,
                        person=person.number,
                        deed=Deed.DRAFT,
                        form=form.oid,
                        encounter=encounter.id,
                        on=on,
                    )
                    at += timedelta(days=1)
                yield Step(
                    at=at, person=person.number, deed=Deed.SAVE, form=form.oid, encounter=encounter.id, on=on
                )


def _ending(
    study: Study, person: Person, forms: Sequence[Form], *, doses: Sequence[datetime], stream: Random
) -> Iterator[Step]:
    """The end of treatment and of taking part, the forms about the whole of it, and the closing of the casebook."""
    assert person.ended_on is not None

    def step(at: datetime, deed: Deed, form: str = "", encounter: str = "", on: date | None = None) -> Step:
        return Step(at=at, person=person.number, deed=deed, form=form, encounter=encounter, on=on)

    oids = [form.oid for form in forms if not form.encounters and form.oid not in _AT_START]
    end = datetime.combine(person.ended_on, time(18), UTC)
    early = datetime.combine(person.origin, time(16), UTC) + timedelta(days=2)
    planned = doses_of(study, person, whole=True)
    if doses and len(doses) == len(planned) and doses[-1] + timedelta(hours=3) < end:
        yield step(doses[-1] + timedelta(hours=2), Deed.END_TREATMENT)
    if "F.AE" in oids and early < end:
        yield step(early, Deed.DRAFT, "F.AE", on=early.date())
    if "F.CM" in oids and early < end:
        oids.remove("F.CM")
        yield step(early, Deed.SAVE, "F.CM", on=early.date())
    yield step(end, Deed.END)
    for position, oid in enumerate(oids):
        at = end + timedelta(hours=15, minutes=4 * position)
        yield step(at, Deed.SAVE, oid, on=person.ended_on)
    if "F.DEMOGRAPHICS" in {form.oid for form in forms}:
        yield step(end + timedelta(days=4), Deed.VERIFY, "F.DEMOGRAPHICS")
    for form in forms:
        for encounter in form.encounters:
            if stream.random() < _VERIFIED:
                yield step(end + timedelta(days=4, minutes=5), Deed.VERIFY, form.oid, encounter)
    yield step(end + timedelta(days=5), Deed.SIGN)
    yield step(end + timedelta(days=5, hours=1), Deed.FREEZE)
