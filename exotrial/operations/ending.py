"""Endings: of the treatment, and of taking part (CONSORT 2025 22a; CDISC disposition, SDTM DS)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.participants.disposition import State
from exotrial.store.models import Dose, Participant

TOO_EARLY = ErrorCode(
    "LIF-030",
    "An end is dated before something that came before it.",
    "look at the dates of screening, enrolment and of the last dose.",
)


class EndTreatment(Ask):
    """Whose treatment has ended; `reason` says why: given as planned, an adverse event, a decision."""

    participant: str


class Ended(Answer):
    participant: str
    status: str
    ended_at: datetime | None


@operation(permission=Permission.END_PARTICIPATION, when=COLLECTING, needs_reason=True)
def end_treatment(act: Act, ask: EndTreatment) -> Ended:
    """End a participant's treatment, as planned or before; the follow-up goes on."""
    participant = act.participant(ask.participant)
    _life.check_step(participant, State.TREATMENT_ENDED)
    act.change(participant, status=State.TREATMENT_ENDED.value)
    return Ended(participant=participant.code, status=participant.status, ended_at=None)


class End(StrEnum):
    """How taking part ends."""

    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LOST = "lost to follow-up"
    DIED = "died"


class EndParticipation(Ask):
    """How and when taking part ended. `ended_at` has a time zone; for lost to follow-up it is the last contact."""

    participant: str
    kind: End
    ended_at: AwareDatetime


@operation(permission=Permission.END_PARTICIPATION, when=COLLECTING, needs_reason=True)
def end_participation(act: Act, ask: EndParticipation) -> Ended:
    """End taking part: completed, withdrawn by the team, lost to follow-up, or died (`withdraw_consent` is another)."""
    participant = act.participant(ask.participant)
    _life.check_step(participant, State(ask.kind.value))
    _life.check_past(act, ask.ended_at, path="ended_at")
    _check_after(participant, ask.ended_at)
    act.change(participant, status=ask.kind.value, ended_at=ask.ended_at, end_reason=act.reason)
    return Ended(participant=participant.code, status=participant.status, ended_at=ask.ended_at)


def _check_after(participant: Participant, at: datetime) -> None:
    """Refuse with LIF-030 an end on a day before enrolment (or birth), or before the last dose began."""
    site = participant.site
    day = _life.local_day(at, site)
    _life.check_born(participant, day, path="ended_at")
    begun = participant.enrolled_at
    if begun is not None and day < _life.local_day(begun, site):
        raise TOO_EARLY.refuse(
            f"{participant.code} was enrolled on {_life.local_day(begun, site)}",
            place=Place(path="ended_at"),
            value=at.isoformat(),
        )
    last = Dose.objects.filter(participant=participant).order_by("-begun_at").first()
    if last is not None and at < last.begun_at:
        raise TOO_EARLY.refuse(
            f"{participant.code} had a dose on {last.begun_at.isoformat()}",
            place=Place(path="ended_at"),
            value=at.isoformat(),
        )
