"""What is left to verify against the source, and what changed after it was verified (ICH E6(R3) 3.11.4.5.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from pydantic import Field

from exotrial.operations._act import Act, table_of
from exotrial.operations._filled import AskRecord
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.store.models import Change, Participant, Record, Verification
from exotrial.store.models.base import flatten


class ListVerification(Ask):
    """Participants of a site, or one; only those with a form that nobody began to verify, where `left` says so."""

    site: str = Field(default="", max_length=40)
    participant: str = Field(default="", max_length=40)
    left: bool = False
    after: str = Field(default="", max_length=40, description="The last code seen.")
    limit: int = Field(default=25, ge=1, le=100)


class VerifiedForm(Answer):
    """One filled form: how many answers it has, how many are verified, how many changed after they were.

    `whole` is whether a verification holds of everything in it, which may be that it is empty.
    """

    form: str
    label: str
    encounter: str
    encounter_label: str
    repeat: int
    status: str
    revision: int
    frozen: bool
    answers: int
    verified: int
    changed: int
    whole: bool


class VerifiedParticipant(Answer):
    participant: str
    site: str
    frozen: bool
    forms: tuple[VerifiedForm, ...]


class VerificationWork(Answer):
    """One page. `done` counts the forms that are no drafts, `begun` those of them with a verification that holds."""

    participants: tuple[VerifiedParticipant, ...]
    done: int
    begun: int
    next: str | None


@view(permission=Permission.READ_DATA)
def list_verification(act: Act, ask: ListVerification) -> VerificationWork:
    """Participants with their filled forms: what is verified, what is not, and what changed since."""
    people = Participant.objects.filter(study=act.the_study).select_related("site")
    if act.actor.sites is not None:
        people = people.filter(site__code__in=act.actor.sites)
    if ask.site:
        people = people.filter(site=act.site(ask.site))
    if ask.participant:
        people = people.filter(pk=act.participant(ask.participant).pk)
    holding = Verification.objects.filter(record=OuterRef("pk"), broken_at=None)
    complete = Record.objects.exclude(status=Record.Status.DRAFT)
    theirs = complete.filter(participant__in=people)
    waiting = complete.filter(participant=OuterRef("pk")).filter(~Exists(holding))
    asked = people.filter(Exists(waiting)) if ask.left else people
    rows = list(asked.filter(code__gt=ask.after).order_by("code")[: ask.limit + 1])
    page = rows[: ask.limit]
    return VerificationWork(
        participants=tuple(_participants(act, page)),
        done=theirs.count(),
        begun=theirs.filter(Exists(holding)).count(),
        next=page[-1].code if len(rows) > ask.limit else None,
    )


class ShownVerification(Answer):
    """Who verified how many answers of a revision, and when; `broken_at` is when the last of them changed."""

    by: str
    at: datetime
    revision: int
    answers: int
    broken_at: datetime | None


class RecordVerification(Answer):
    """`changed` are the keys that were verified and have changed since: they are to be compared again."""

    encounter_label: str
    revision: int
    verified: tuple[str, ...]
    changed: tuple[str, ...]
    verifications: tuple[ShownVerification, ...]


@view(permission=Permission.READ_DATA)
def show_verification(act: Act, ask: AskRecord) -> RecordVerification:
    """What of one form is verified, by whom, and what changed since."""
    record = act.record(act.participant(ask.participant), ask.form, ask.encounter, ask.repeat)
    rows = list(Verification.objects.filter(record=record).order_by("pk"))
    holding, changed = _standing(record, rows, _ever_verified(rows))
    labels = {one.id: one.name for one in act.definition(record.version).encounters}
    return RecordVerification(
        encounter_label=labels.get(record.encounter, record.encounter),
        revision=record.revision,
        verified=tuple(sorted(holding)),
        changed=tuple(sorted(changed)),
        verifications=tuple(
            ShownVerification(
                by=row.verified_by,
                at=row.at,
                revision=row.revision,
                answers=len(row.keys),
                broken_at=row.broken_at,
            )
            for row in rows
        ),
    )


def _participants(act: Act, page: list[Participant]) -> Iterable[VerifiedParticipant]:
    filled: dict[int, list[Record]] = {}
    for record in Record.objects.filter(participant__in=page):
        filled.setdefault(record.participant_id, []).append(record)
    rows: dict[int, list[Verification]] = {}
    found = list(Verification.objects.filter(record__participant__in=page).order_by("pk"))
    for row in found:
        rows.setdefault(row.record_id, []).append(row)
    ever = _ever_verified(found)
    for participant in page:
        yield VerifiedParticipant(
            participant=participant.code,
            site=participant.site.code,
            frozen=participant.frozen,
            forms=tuple(
                _form(act, participant, record, rows.get(record.pk, []), ever)
                for record in sorted(filled.get(participant.pk, []), key=lambda one: _place(act, one))
            ),
        )


def _form(
    act: Act, participant: Participant, record: Record, rows: list[Verification], ever: dict[int, set[str]]
) -> VerifiedForm:
    holding, changed = _standing(record, rows, ever)
    answers = len(flatten(record.values))
    labels = {one.id: one.name for one in act.definition(record.version).encounters}
    return VerifiedForm(
        form=record.form,
        label=act.forms(record.version)[record.form].label,
        encounter=record.encounter,
        encounter_label=labels.get(record.encounter, record.encounter),
        repeat=record.repeat,
        status=record.status,
        revision=record.revision,
        frozen=record.frozen or participant.frozen,
        answers=answers,
        verified=len(holding),
        changed=len(changed),
        whole=len(holding) == answers and any(row.broken_at is None for row in rows),
    )


def _place(act: Act, record: Record) -> tuple[int, int, int]:
    """Where a record stands among the others: in the study's order of forms and encounters."""
    forms = list(act.forms(record.version))
    encounters = [one.id for one in act.definition(record.version).encounters]
    at = encounters.index(record.encounter) if record.encounter in encounters else -1
    return forms.index(record.form), at, record.repeat


def _standing(
    record: Record, rows: list[Verification], ever: dict[int, set[str]]
) -> tuple[set[str], set[str]]:
    """The keys of a record that are verified, and those that were and have changed since."""
    there = set(flatten(record.values))
    holding = {key for row in rows if row.broken_at is None for key in row.keys} & there
    before = {key for row in rows for key in ever.get(row.pk, set())}
    return holding, (before & there) - holding


def _ever_verified(rows: list[Verification]) -> dict[int, set[str]]:
    """Every key that a verification ever held: what changed has left the row, and the trail still has it."""
    found: dict[int, set[str]] = {row.pk: set(row.keys) for row in rows}
    told: Any = Change.objects.filter(
        table=table_of(Verification()), row__in=list(found), field="keys"
    ).values_list("row", "old", "new")
    for row, *texts in told:
        for text in texts:
            found[row] |= set(json.loads(text)) if text else set()
    return found
