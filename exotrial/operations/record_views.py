"""What is recorded of a participant: the forms that are due and filled, and one form with all that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._due import due_dates
from exotrial.operations._filled import AskRecord
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.queries import ShownQuery, show_query
from exotrial.operations.signatures import ShownSignature, show_signature
from exotrial.store.models import Dose, Participant, Query, Record, Signature, Verification
from exotrial.store.models.base import flatten
from exotrial.study.entry import STRUCK, is_missing, item_of
from exotrial.study.items import Form, Item
from exotrial.study.schedule import Due


class ListRecords(Ask):
    """Whose records."""

    participant: str = Field(max_length=40)


class ListedRecord(Answer):
    """One form, filled or expected. `status` is draft, complete or signed where it is filled; else not due, due,
    overdue, or not filled where the protocol plans no day. `needs_signature`: a change broke what was signed.
    """

    form: str
    label: str
    encounter: str
    encounter_label: str
    repeat: int
    status: str
    revision: int
    study_version: int
    frozen: bool
    open_queries: int
    needs_signature: bool
    earliest: date | None
    planned: date | None
    latest: date | None


class ListedRecords(Answer):
    participant: str
    study_version: int
    records: tuple[ListedRecord, ...]


@view(permission=Permission.READ_DATA)
def list_records(act: Act, ask: ListRecords) -> ListedRecords:
    """A participant's forms: due, filled, their state and open queries, in the order of the study."""
    participant = act.participant(ask.participant)
    return ListedRecords(
        participant=participant.code,
        study_version=participant.site.version,
        records=records_of(act, participant),
    )


def records_of(act: Act, participant: Participant) -> tuple[ListedRecord, ...]:
    """Every form of a participant, filled or expected by the version that the site works by."""
    return tuple(_listed(act, participant, participant.site.version))


def _listed(act: Act, participant: Participant, version: int) -> Iterator[ListedRecord]:
    open_queries = Count("queries", filter=~Q(queries__status=Query.Status.CLOSED), distinct=True)
    broken = Count("signatures", filter=Q(signatures__broken_at__isnull=False), distinct=True)
    whole = Count("signatures", filter=Q(signatures__broken_at__isnull=True), distinct=True)
    rows: list[Any] = list(
        Record.objects.filter(participant=participant)
        .values("form", "encounter", "repeat", "status", "revision", "version", "frozen")
        .annotate(open_queries=open_queries, broken=broken, whole=whole)
        .order_by("form", "encounter", "repeat")
    )
    doses = Dose.objects.filter(participant=participant).aggregate(first=Min("begun_at"))
    dues = due_dates(act, participant, version=version, first_dose=doses["first"])
    forms = act.forms(version)
    labels = {encounter.id: encounter.name for encounter in act.definition(version).encounters}
    today = local_day(act.now, participant.site)
    ended = None if participant.ended_at is None else local_day(participant.ended_at, participant.site)
    filled: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        filled.setdefault((row["form"], row["encounter"]), []).append(row)
    expected = [(form.oid, encounter) for form in forms.values() for encounter in form.encounters or ("",)]
    for oid, encounter in dict.fromkeys((*expected, *filled)):
        form, due = forms.get(oid), dues.get(encounter)
        for row in filled.get((oid, encounter)) or [_unfilled(due, today, version, ended=ended)]:
            yield ListedRecord(
                form=oid,
                label=form.label if form else oid,
                encounter=encounter,
                encounter_label=labels.get(encounter, encounter),
                repeat=row["repeat"],
                status=row["status"],
                revision=row["revision"],
                study_version=row["version"],
                frozen=row["frozen"] or participant.frozen,
                open_queries=row["open_queries"],
                needs_signature=row["broken"] > 0 and row["whole"] == 0,
                earliest=due.earliest if due else None,
                planned=due.planned if due else None,
                latest=due.latest if due else None,
            )


def _unfilled(due: Due | None, today: date, version: int, *, ended: date | None) -> dict[str, Any]:
    status = "not filled"
    # A visit that would begin after the end of participation is not waited for.
    if due is not None and (ended is None or due.earliest <= ended):
        status = "not due" if today < due.earliest else "overdue" if today > due.latest else "due"
    none = {
        "repeat": 1,
        "revision": 0,
        "version": version,
        "frozen": False,
        "open_queries": 0,
        "broken": 0,
        "whole": 0,
    }
    return {"status": status, **none}


class ShownItem(Answer):
    """One answer. `value` is as kept, None where there is none; `shown` is it in words, with its codelist's label."""

    key: str
    group: str
    group_label: str
    row: str
    item: str
    label: str
    value: Any
    shown: str
    unit: str
    verified: bool
    struck: bool
    queries: tuple[int, ...]


class ShownRecord(Answer):
    """A record with its answers, queries, signatures, and who verified what. `values` is what `save_form` takes."""

    participant: str
    site: str
    form: str
    label: str
    encounter: str
    repeat: int
    status: str
    revision: int
    study_version: int
    frozen: bool
    needs_signature: bool
    verified: bool
    values: dict[str, Any]
    items: tuple[ShownItem, ...]
    queries: tuple[ShownQuery, ...]
    signatures: tuple[ShownSignature, ...]


@view(permission=Permission.READ_DATA)
def show_record(act: Act, ask: AskRecord) -> ShownRecord:
    """A filled form: every answer in words, what is asked about it, who verified and who signed it."""
    participant = act.participant(ask.participant)
    record = act.record(participant, ask.form, ask.encounter, ask.repeat)
    form = act.forms(record.version)[record.form]
    queries = list(Query.objects.filter(record=record).order_by("pk"))
    signatures = list(
        Signature.objects.select_related("record__participant").filter(record=record).order_by("pk")
    )
    verified = {key for row in Verification.objects.filter(record=record, broken_at=None) for key in row.keys}
    items = tuple(_shown(form, record, _Hanging(verified, queries)))
    return ShownRecord(
        participant=participant.code,
        site=participant.site.code,
        form=form.oid,
        label=form.label,
        encounter=record.encounter,
        repeat=record.repeat,
        status=record.status,
        revision=record.revision,
        study_version=record.version,
        frozen=record.frozen or participant.frozen,
        needs_signature=bool(signatures) and all(row.broken_at is not None for row in signatures),
        verified=bool(verified) and verified >= set(flatten(record.values)),
        values=record.values,
        items=items,
        queries=tuple(show_query(query, record) for query in queries),
        signatures=tuple(show_signature(signature) for signature in signatures),
    )


@dataclass(frozen=True)
class _Hanging:
    """What hangs on the answers of a record."""

    verified: set[str]
    queries: list[Query]


def _shown(form: Form, record: Record, hanging: _Hanging) -> Iterator[ShownItem]:
    flat = flatten(record.values)
    labels = {group.oid: group.label for group in form.groups}
    for key in _keys_of(form, record, flat):
        group, _, rest = key.partition("/")
        row, _, oid = rest.rpartition("/")
        item, value = item_of(form, key), flat.get(key)
        yield ShownItem(
            key=key,
            group=group,
            group_label=labels[group],
            row=row,
            item=oid,
            label=item.label if item else "Struck out, because",
            value=value,
            shown=in_words(item, value),
            unit=item.unit if item else "",
            verified=key in hanging.verified,
            struck=bool(row) and f"{group}/{row}/{STRUCK}" in flat,
            queries=tuple(
                query.pk
                for query in hanging.queries
                if query.key == key and query.status != Query.Status.CLOSED
            ),
        )


def _keys_of(form: Form, record: Record, flat: dict[str, Any]) -> Iterator[str]:
    """Every question in the order of the form, answered or not, and the mark of struck rows after their row."""
    for group in form.groups:
        rows = [row["row"] for row in record.values.get(group.oid, ())] if group.repeating else [""]
        for row in rows:
            prefix = f"{group.oid}/{row}" if row else group.oid
            yield from (f"{prefix}/{item.oid}" for item in group.items)
            if f"{prefix}/{STRUCK}" in flat:
                yield f"{prefix}/{STRUCK}"


def in_words(item: Item | None, value: Any) -> str:
    """An answer as it is read: the label of a code, the reason of a missing answer."""
    if value is None:
        return ""
    if is_missing(value):
        return f"missing: {value['missing']}"
    if item is not None and item.codelist is not None:
        return next((code.label for code in item.codelist.codes if code.value == value), str(value))
    return str(value)
