"""Source data verification, and freezing what is done (ICH E6(R3) 3.11.4.5.4 (monitoring), 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._filled import AskRecord, digest_of_keys
from exotrial.operations._operation import Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.operations.queries import NO_KEY
from exotrial.store.models import Participant, Query, Record, Verification
from exotrial.store.models.base import flatten

NOT_COMPLETE = ErrorCode(
    "SDV-001", "The record is a draft.", "wait until the site has completed it; a draft is not verified."
)
CHANGED_SINCE = ErrorCode(
    "SDV-002",
    "The record was changed after the monitor had opened it.",
    "look at it again, and verify what is there now.",
)
NOTHING_TO_FREEZE = ErrorCode(
    "SDV-003", "There is nothing that the freezing would change.", "see `list_records` for what is frozen."
)
NOT_READY = ErrorCode(
    "SDV-004",
    "What is to be frozen is not done.",
    "let the site complete its drafts, and close the queries.",
)


class VerifySource(AskRecord):
    """The answers that agree with the source; all of the form where `keys` is empty."""

    keys: tuple[str, ...] = Field(default=(), max_length=5000)
    revision: int = Field(ge=1, description="The revision that was compared with the source.")


class Verified(Answer):
    participant: str
    form: str
    revision: int
    keys: tuple[str, ...]


@operation(permission=Permission.VERIFY_SOURCE)
def verify_source(act: Act, ask: VerifySource) -> Verified:
    """Record that answers agree with their source; an answer that changes is no longer verified."""
    record = act.record(act.participant(ask.participant), ask.form, ask.encounter, ask.repeat)
    if record.status == Record.Status.DRAFT:
        raise NOT_COMPLETE.refuse(f"{record.form} is a draft", value=record.form)
    if record.revision != ask.revision:
        raise CHANGED_SINCE.refuse(
            f"you compared revision {ask.revision}, and there is revision {record.revision}",
            place=Place(path="revision"),
            value=record.revision,
        )
    there = flatten(record.values)
    unknown = [key for key in ask.keys if key not in there]
    if unknown:
        raise NO_KEY.refuse(f"the record has no answer {unknown[0]!r}", place=Place(path="keys"))
    keys = sorted(set(ask.keys) or there)
    act.add(
        Verification(
            record=record,
            keys=keys,
            content_digest=digest_of_keys(record, keys),
            revision=record.revision,
            verified_by=act.actor.username,
            at=act.now,
        )
    )
    return Verified(participant=ask.participant, form=record.form, revision=record.revision, keys=tuple(keys))


class FreezeRecords(Ask):
    """One participant's records: of a form and an encounter where they are named, and all where not.

    All of a participant frozen means that no new record can be begun either.
    """

    participant: str = Field(max_length=40)
    form: str = Field(default="", max_length=80)
    encounter: str = Field(default="", max_length=60)


class FrozenRecords(Answer):
    participant: str
    records: int
    whole: bool


@operation(permission=Permission.FREEZE, needs_reason=True)
def freeze_records(act: Act, ask: FreezeRecords) -> FrozenRecords:
    """Freeze records that are complete and have no open query, so that nobody changes them."""
    return _set_frozen(act, ask, frozen=True)


@operation(permission=Permission.FREEZE, needs_reason=True)
def unfreeze_records(act: Act, ask: FreezeRecords) -> FrozenRecords:
    """Let frozen records be changed again."""
    return _set_frozen(act, ask, frozen=False)


def _set_frozen(act: Act, ask: FreezeRecords, *, frozen: bool) -> FrozenRecords:
    participant = act.participant(ask.participant)
    found = Record.objects.filter(participant=participant).exclude(frozen=frozen).order_by("pk")
    if ask.form:
        found = found.filter(form=ask.form)
    if ask.encounter:
        found = found.filter(encounter=ask.encounter)
    records = list(found)
    whole = not ask.form and not ask.encounter and participant.frozen != frozen
    if not records and not whole:
        raise NOTHING_TO_FREEZE.refuse(f"{participant.code} has nothing of it", value=participant.code)
    if frozen:
        check_done(records, participant, code=NOT_READY)
    act.change_all([(record, {"frozen": frozen}) for record in records])
    if whole:
        act.change(participant, frozen=frozen)
    return FrozenRecords(participant=participant.code, records=len(records), whole=whole)


def check_done(records: Iterable[Record], participant: Participant, *, code: ErrorCode) -> None:
    """Refuse drafts and open queries with a code."""
    rows = list(records)
    drafts = [record for record in rows if record.status == Record.Status.DRAFT]
    if drafts:
        raise code.refuse(
            f"{participant.code} has {len(drafts)} drafts, {drafts[0].form} first", value=drafts[0].form
        )
    asked = Query.objects.filter(record__in=[record.pk for record in rows]).exclude(
        status=Query.Status.CLOSED
    )
    count = asked.count()
    if count:
        raise code.refuse(f"{participant.code} has {count} queries that are not closed", value=count)
