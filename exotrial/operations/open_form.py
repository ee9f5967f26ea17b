"""A participant's form as it is opened to be filled or read: what it asks, what is recorded, what hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min

from exotrial.operations._act import Act
from exotrial.operations._due import due_dates
from exotrial.operations._filled import AskRecord, find_form
from exotrial.operations._operation import Answer, view
from exotrial.operations.access import Permission
from exotrial.operations.form_shape import FormShape, shape_of
from exotrial.operations.queries import ShownQuery, show_query
from exotrial.operations.signatures import ShownSignature, show_signature
from exotrial.store.models import Dose, Participant, Query, Record, SecondEntry, Signature, Verification


class OpenedForm(Answer):
    """A form, filled or not. `status` is "" and `revision` 0 where nothing is recorded; `values` is what
    `save_form` takes. `now` is the time in the site's zone. `second` says how a second entry stands: "" where the
    form asks for none, else wanted, open or settled.
    """

    participant: str
    site: str
    zone: str
    now: datetime
    shape: FormShape
    encounter: str
    encounter_label: str
    repeat: int
    earliest: date | None
    latest: date | None
    status: str
    revision: int
    study_version: int
    frozen: bool
    needs_signature: bool
    values: dict[str, Any]
    verified: tuple[str, ...]
    queries: tuple[ShownQuery, ...]
    signatures: tuple[ShownSignature, ...]
    second: str
    second_differences: int


@view(permission=Permission.READ_DATA)
def open_form(act: Act, ask: AskRecord) -> OpenedForm:
    """A form with its questions, answers, queries and signatures, whether or not anything is recorded yet."""
    participant = act.participant(ask.participant)
    record = _record(participant, ask)
    version = record.version if record else participant.site.version
    form = find_form(act, ask, version)
    earliest, latest = _window(act, participant, ask.encounter, version)
    queries = list(Query.objects.filter(record=record).order_by("pk")) if record else []
    signatures = list(Signature.objects.filter(record=record).order_by("pk")) if record else []
    for row in signatures:
        row.record = record
    verified = Verification.objects.filter(record=record, broken_at=None) if record else ()
    names = {one.id: one.name for one in act.definition(version).encounters}
    second, differences = _second(record, asked=any(item.double_entry for item in form.items))
    return OpenedForm(
        participant=participant.code,
        site=participant.site.code,
        zone=participant.site.zone,
        now=act.now.astimezone(ZoneInfo(participant.site.zone)),
        shape=shape_of(form),
        encounter=ask.encounter,
        encounter_label=names.get(ask.encounter, ask.encounter),
        repeat=ask.repeat,
        earliest=earliest,
        latest=latest,
        status=record.status if record else "",
        revision=record.revision if record else 0,
        study_version=version,
        frozen=participant.frozen or bool(record and record.frozen),
        needs_signature=bool(signatures) and all(row.broken_at is not None for row in signatures),
        values=record.values if record else {},
        verified=tuple(sorted({key for row in verified for key in row.keys})),
        queries=tuple(show_query(query, record) for query in queries if record),
        signatures=tuple(show_signature(row) for row in signatures),
        second=second,
        second_differences=differences,
    )


def _record(participant: Participant, ask: AskRecord) -> Record | None:
    found = Record.objects.filter(
        participant=participant, form=ask.form, encounter=ask.encounter, repeat=ask.repeat
    ).first()
    if found is not None:
        found.participant = participant
    return found


def _window(
    act: Act, participant: Participant, encounter: str, version: int
) -> tuple[date | None, date | None]:
    """The first and the last day of the visit, where the protocol plans one and its origin is known."""
    if not encounter:
        return None, None
    doses = Dose.objects.filter(participant=participant).aggregate(first=Min("begun_at"))
    due = due_dates(act, participant, version=version, first_dose=doses["first"]).get(encounter)
    return (due.earliest, due.latest) if due else (None, None)


def _second(record: Record | None, *, asked: bool) -> tuple[str, int]:
    """How the second entry stands, and how many of its differences are open."""
    if not asked or record is None or record.status == Record.Status.DRAFT:
        return "", 0
    row = SecondEntry.objects.filter(record=record).order_by("-pk").first()
    if row is None:
        return "wanted", 0
    left = sum("settled" not in one for one in row.differences)
    return ("open", left) if left else ("settled", 0)
