"""One participant's time line: steps, doses, visits, adverse events, queries, deviations and signatures by date.

It tells nothing of an arm: a randomisation is its time, a dose its time and whether it was whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from exotrial.operations._act import Act
from exotrial.operations._due import due_dates, origin_of
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, view
from exotrial.operations.access import Permission
from exotrial.operations.deviations import ListDeviations, list_deviations
from exotrial.operations.record_views import ListRecords
from exotrial.store.models import Consent, Dose, Participant, Query, Record, Screening, Signature
from exotrial.study.entry import STRUCK, is_missing

EVENTS_FORM, EVENTS_GROUP = "F.AE", "IG.AE"


class Kind(StrEnum):
    """What stands on the line."""

    STEP = "step"
    DOSE = "dose"
    VISIT = "visit"
    EVENT = "adverse event"
    QUERY = "query"
    DEVIATION = "deviation"
    SIGNATURE = "signature"


class Entry(Answer):
    """One thing. `at` is the moment where one is known, `until` the last day of a window or of an event.

    `form`, `encounter` and `repeat` say which form it is about, where it is about one. `serious` marks adverse events.
    """

    kind: Kind
    day: date
    at: datetime | None = None
    until: date | None = None
    what: str
    detail: str = ""
    state: str = ""
    serious: bool = False
    form: str = ""
    encounter: str = ""
    repeat: int = 1


class ShownTimeline(Answer):
    """`origin` is the day that the protocol counts from, None while it is not known; newest entries first.

    `time_origin` says what that day is. `visits` are the encounters in the order of their protocol days.
    """

    participant: str
    zone: str
    today: date
    time_origin: str
    origin: date | None
    day_of_origin: int
    visits: tuple[str, ...]
    entries: tuple[Entry, ...]


@view(permission=Permission.READ_DATA)
def show_timeline(act: Act, ask: ListRecords) -> ShownTimeline:
    """Everything that happened to a participant and what is planned, by date, the newest first."""
    participant = act.participant(ask.participant)
    doses = list(Dose.objects.filter(participant=participant).order_by("begun_at", "pk"))
    records: list[Any] = list(
        Record.objects.filter(participant=participant)
        .order_by("form", "encounter", "repeat")
        .values("form", "encounter", "repeat", "status", "values")
    )
    study = act.definition(participant.site.version)
    version, first_dose = participant.site.version, doses[0].begun_at if doses else None
    dues = due_dates(act, participant, version=version, first_dose=first_dose)
    entries = [
        *_steps(participant),
        *_doses(participant, doses),
        *_visits(act, participant, dues, records),
        *_events(records),
        *_queries(act, participant),
        *_deviations(act, participant),
        *_signatures(act, participant),
    ]
    entries.sort(
        key=lambda one: (one.day, one.at is not None, one.at.timestamp() if one.at else 0.0, one.what)
    )
    entries.reverse()
    return ShownTimeline(
        participant=participant.code,
        zone=participant.site.zone,
        today=local_day(act.now, participant.site),
        origin=origin_of(act, participant, version=version, first_dose=first_dose),
        time_origin=study.design.time_origin,
        day_of_origin=study.design.day_of_origin,
        visits=tuple(one.id for one in sorted(study.encounters, key=lambda one: one.day)),
        entries=tuple(entries),
    )


def _moment(participant: Participant, kind: Kind, at: datetime, what: str, **more: Any) -> Entry:
    return Entry(kind=kind, day=local_day(at, participant.site), at=at, what=what, **more)


def _steps(participant: Participant) -> Iterator[Entry]:
    for screening in Screening.objects.filter(participant=participant).order_by("pk"):
        verdict = "eligible" if screening.eligible else "not eligible, or not known yet"
        yield _moment(participant, Kind.STEP, screening.at, "Screened", detail=verdict)
    for consent in Consent.objects.filter(participant=participant).order_by("pk"):
        told = f"version {consent.version}" if consent.version else consent.scope
        yield _moment(participant, Kind.STEP, consent.signed_at, f"Consent {consent.kind}", detail=told)
    for at, what in (
        (participant.enrolled_at, "Enrolled"),
        (participant.randomised_at, "Randomised"),
    ):
        if at is not None:
            yield _moment(participant, Kind.STEP, at, what)
    if participant.ended_at is not None:
        what = participant.status[:1].upper() + participant.status[1:]
        yield _moment(participant, Kind.STEP, participant.ended_at, what, detail=participant.end_reason)


def _doses(participant: Participant, doses: list[Dose]) -> Iterator[Entry]:
    for number, dose in enumerate(doses, start=1):
        yield _moment(
            participant,
            Kind.DOSE,
            dose.begun_at,
            f"Dose {number}",
            state="" if dose.complete else "not whole",
        )


def _visits(act: Act, participant: Participant, dues: dict[str, Any], records: list[Any]) -> Iterator[Entry]:
    """The planned visits, each with how many of its forms are filled."""
    forms = act.forms(participant.site.version).values()
    today = local_day(act.now, participant.site)
    ended = None if participant.ended_at is None else local_day(participant.ended_at, participant.site)
    for encounter, due in dues.items():
        asked = [form.oid for form in forms if encounter in form.encounters]
        if not asked:
            continue
        there = {row["form"]: row["status"] for row in records if row["encounter"] == encounter}
        if not there and ended is not None and due.earliest > ended:
            continue  # nobody waits for a visit after the end of participation
        filled = sum(there.get(form, Record.Status.DRAFT) != Record.Status.DRAFT for form in asked)
        if filled == len(asked):
            state = "complete"
        elif there:
            state = "begun"
        else:
            state = "not due" if today < due.earliest else "overdue" if today > due.latest else "due"
        yield Entry(
            kind=Kind.VISIT,
            day=due.planned,
            until=due.latest,
            what=due.encounter.name,
            detail=f"{filled} of {len(asked)} forms complete",
            state=state,
            encounter=encounter,
        )


def _events(records: list[Any]) -> Iterator[Entry]:
    for record in records:
        if record["form"] != EVENTS_FORM:
            continue
        for row in record["values"].get(EVENTS_GROUP, ()):
            begun = row.get("AE.START")
            if STRUCK in row or not isinstance(begun, str) or len(begun) != 10:
                continue
            ended, term = row.get("AE.END"), row.get("AE.TERM")
            yield Entry(
                kind=Kind.EVENT,
                day=date.fromisoformat(begun),
                until=date.fromisoformat(ended) if isinstance(ended, str) and len(ended) == 10 else None,
                what=term if isinstance(term, str) and not is_missing(term) else "without a term",
                detail=f"grade {row['AE.TOXGR']}" if isinstance(row.get("AE.TOXGR"), int | str) else "",
                serious=row.get("AE.SER") == "Y",
                form=record["form"],
                encounter=record["encounter"],
                repeat=record["repeat"],
            )


def _queries(act: Act, participant: Participant) -> Iterator[Entry]:
    forms = act.forms(participant.site.version)
    found = Query.objects.filter(record__participant=participant).select_related("record").order_by("pk")
    for query in found:
        form = forms.get(query.record.form)
        yield _moment(
            participant,
            Kind.QUERY,
            query.raised_at,
            query.messages[0]["text"],
            detail=form.label if form else query.record.form,
            state=query.status,
            form=query.record.form,
            encounter=query.record.encounter,
            repeat=query.record.repeat,
        )


def _deviations(act: Act, participant: Participant) -> Iterator[Entry]:
    told = list_deviations.function(act, ListDeviations(participant=participant.code))
    for one in told.deviations:
        yield Entry(
            kind=Kind.DEVIATION, day=one.happened_on, what=one.text, detail=one.category, state=one.importance
        )


def _signatures(act: Act, participant: Participant) -> Iterator[Entry]:
    forms = act.forms(participant.site.version)
    whole = Signature.objects.filter(study=act.the_study, subject=f"participant:{participant.code}")
    single = Signature.objects.filter(record__participant=participant).select_related("record")
    for row in [*whole.order_by("pk"), *single.order_by("pk")]:
        record = row.record
        form = forms.get(record.form) if record is not None else None
        yield _moment(
            participant,
            Kind.SIGNATURE,
            row.signed_at,
            f"Signed by {row.signer_name}: {row.meaning}",
            detail=form.label if form else "the whole casebook",
            state="broken" if row.broken_at else "",
            form=record.form if record is not None else "",
            encounter=record.encounter if record is not None else "",
            repeat=record.repeat if record is not None else 1,
        )
