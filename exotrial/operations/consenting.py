"""Consent: given, given again after an amendment, and withdrawn, each an event that stays (ICH E6(R3) 2.8)."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import ALWAYS, COLLECTING, Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.participants.consent import MISSING, DataUse, Kind, Scope
from exotrial.participants.disposition import ENDED, NEXT, WRONG_STEP, State, check_not_frozen
from exotrial.store.models import Consent, Participant, Site

WRONG_VERSION = ErrorCode(
    "LIF-020",
    "The study file names no such version or language of the consent form.",
    "use one that it names; another needs an amendment.",
)
NOT_APPROVED = ErrorCode(
    "LIF-021",
    "The consent was signed before the site had approved any study version.",
    "look at the date on the form; a consent before approval does not count.",
)
OUT_OF_ORDER = ErrorCode(
    "LIF-022",
    "A consent is dated before the one that it follows.",
    "look at the dates on both forms; consents are recorded in the order in which they were signed.",
)
NOTHING_NEW = ErrorCode(
    "LIF-023", "The withdrawal is on record as it is told.", "there is nothing to record."
)


class RecordConsent(Ask):
    """The consent form as signed. `signed_at` has a time zone, such as 2021-03-10T09:30:00+03:30."""

    participant: str
    version: str = Field(min_length=1, max_length=80, description="The version printed on the consent form.")
    language: str = Field(default="", max_length=80)
    signed_at: AwareDatetime
    witness: str = Field(default="", max_length=200, description="A witness's role; no name is needed.")


class RecordedConsent(Answer):
    participant: str
    kind: str
    study_version: int


@operation(permission=Permission.SCREEN, when=COLLECTING)
def record_consent(act: Act, ask: RecordConsent) -> RecordedConsent:
    """Record a signed consent; after an amendment it is asked for again and recorded beside the first."""
    participant = act.participant(ask.participant)
    site = participant.site
    state = State(participant.status)
    if state in ENDED:
        raise WRONG_STEP.refuse(f"{participant.code} is {state.value}", value=state.value)
    check_not_frozen(participant.code, frozen=participant.frozen)
    _check_form(act, ask, site)
    _life.check_past(act, ask.signed_at, path="signed_at")
    _life.check_born(participant, _life.local_day(ask.signed_at, site), path="signed_at")
    before = _life.last_consent(participant)
    _check_order(participant, ask, before)
    row = Consent(
        participant=participant,
        kind=(Kind.GIVEN if before is None else Kind.AGAIN).value,
        version=ask.version,
        language=ask.language,
        signed_at=ask.signed_at,
        witness=ask.witness,
        recorded_at=act.now,
    )
    version = _life.version_of_consent(row, site)
    if version == 0:
        raise NOT_APPROVED.refuse(
            f"{site.code} had approved no version on {_life.local_day(ask.signed_at, site)}",
            place=Place(path="signed_at"),
            value=ask.signed_at.isoformat(),
        )
    act.add(row)
    version = min(version, site.version)
    if version > participant.version:
        act.change(participant, version=version)
    if before is not None and before.kind == Kind.WITHDRAWN and participant.data_use != DataUse.ALL:
        act.change(participant, data_use=DataUse.ALL.value)
    return RecordedConsent(participant=participant.code, kind=row.kind, study_version=version)


class WithdrawConsent(Ask):
    """What the participant withdraws from, when, and which data may still be used."""

    participant: str
    scope: Scope
    data_use: DataUse
    withdrawn_at: AwareDatetime


class WithdrawnConsent(Answer):
    participant: str
    status: str
    data_use: str


@operation(permission=Permission.SCREEN, when=ALWAYS)
def withdraw_consent(act: Act, ask: WithdrawConsent) -> WithdrawnConsent:
    """Record that a participant withdraws consent: possible at any time, in every state of the study, without a why."""
    participant = act.participant(ask.participant)
    before = _life.last_consent(participant)
    if before is None:
        raise MISSING.refuse(
            f"{participant.code} has not consented",
            value=participant.code,
            remedy="who leaves before consenting is ended with `end_participation`.",
        )
    _life.check_past(act, ask.withdrawn_at, path="withdrawn_at")
    if ask.withdrawn_at < before.signed_at:
        raise OUT_OF_ORDER.refuse(
            f"the withdrawal is before the consent of {before.signed_at.isoformat()}",
            place=Place(path="withdrawn_at"),
            value=ask.withdrawn_at.isoformat(),
        )
    if (before.kind, before.scope, participant.data_use) == (Kind.WITHDRAWN, ask.scope, ask.data_use):
        raise NOTHING_NEW.refuse(f"{participant.code} has withdrawn from {ask.scope.value}", value=ask.scope)
    state = State(participant.status)
    changes: dict[str, object] = {"data_use": ask.data_use.value}
    if state not in ENDED and state != State.FAILURE:
        to = State.WITHDRAWN if ask.scope == Scope.EVERYTHING else State.TREATMENT_ENDED
        if to not in NEXT[state] and state != to:
            raise WRONG_STEP.refuse(
                f"{participant.code} is {state.value} and has no treatment to withdraw from",
                value=state.value,
            )
        changes["status"] = to.value
        if to == State.WITHDRAWN:
            changes |= {"ended_at": ask.withdrawn_at, "end_reason": "consent withdrawn"}
    act.add(
        Consent(
            participant=participant,
            kind=Kind.WITHDRAWN.value,
            signed_at=ask.withdrawn_at,
            scope=ask.scope.value,
            recorded_at=act.now,
        )
    )
    act.change(participant, **changes)
    return WithdrawnConsent(
        participant=participant.code, status=participant.status, data_use=participant.data_use
    )


def _check_form(act: Act, ask: RecordConsent, site: Site) -> None:
    _life.check_active(site)
    named = act.definition(site.version).consent
    for path, given, known in (
        ("version", ask.version, named.versions if named else ()),
        ("language", ask.language, named.languages if named else ()),
    ):
        if known and given not in known:
            raise WRONG_VERSION.refuse(
                f"{given!r} is none of {', '.join(known)}", place=Place(path=path), value=given
            )


def _check_order(participant: Participant, ask: RecordConsent, before: Consent | None) -> None:
    if before is not None and ask.signed_at <= before.signed_at:
        raise OUT_OF_ORDER.refuse(
            f"{participant.code} consented or withdrew on {before.signed_at.isoformat()}, not earlier",
            place=Place(path="signed_at"),
            value=ask.signed_at.isoformat(),
        )
