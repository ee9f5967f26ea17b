"""Before and after a randomisation: what stands against it, and the receipt for the file (CONSORT 2025 18a)."""

from __future__ import annotations

from datetime import datetime

from exotrial.core.errors import ErrorCode, Refusal
from exotrial.operations._act import Act
from exotrial.operations._operation import RUNNING, WRONG_TIME, Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.randomisation import check_ready, find_live_list
from exotrial.store.models import Allocation

NO_RECEIPT = ErrorCode(
    "RCP-001", "The participant is not randomised.", "there is a receipt once there is an allocation."
)


class NameParticipant(Ask):
    """The participant's code."""

    participant: str


class Hindrance(Answer):
    """What would be refused now, in the words of the refusal."""

    code: str
    problem: str
    remedy: str


class Readiness(Answer):
    """`ready` is whether `randomise` would find nothing against it; a list that is used up is told only by it."""

    participant: str
    ready: bool
    hindrances: tuple[Hindrance, ...]


@view(permission=Permission.RANDOMISE)
def show_randomisable(act: Act, ask: NameParticipant) -> Readiness:
    """Whether a participant can be randomised now, else what is missing."""
    participant = act.participant(ask.participant)
    refused: list[Refusal] = []
    try:
        check_ready(participant)
        find_live_list(act, participant)
    except Refusal as refusal:
        refused.append(refusal)
    if act.the_study.status not in RUNNING:
        refused.append(WRONG_TIME.refuse(f"the study is {act.the_study.status}"))
    return Readiness(
        participant=participant.code,
        ready=not refused,
        hindrances=tuple(Hindrance(code=r.code.code, problem=r.problem, remedy=r.remedy) for r in refused),
    )


class Receipt(Answer):
    """The seal of an allocation. `leaf` is the hash of the envelope that was opened, `root` that of its list.

    `link` closes the allocation into the order of all of them. None of the three tells an arm.
    """

    participant: str
    site: str
    n: int
    at: datetime
    list: int
    stage: str
    stratum: str
    slot: int
    kit: str
    leaf: str
    link: str
    root: str
    commitment: str


@view(permission=Permission.READ_DATA)
def show_receipt(act: Act, ask: NameParticipant) -> Receipt:
    """The receipt of a participant's randomisation, as often as it is needed; the arm is not on it."""
    participant = act.participant(ask.participant)
    row = Allocation.objects.select_related("list", "envelope").filter(participant=participant).first()
    if row is None:
        raise NO_RECEIPT.refuse(f"{participant.code} is {participant.status}", value=participant.status)
    return Receipt(
        participant=participant.code,
        site=participant.site.code,
        n=row.n,
        at=row.at,
        list=row.list.number,
        stage=row.list.stage,
        stratum=row.envelope.stratum,
        slot=row.envelope.slot,
        kit=row.kit,
        leaf=row.envelope.leaf,
        link=row.link,
        root=row.list.root,
        commitment=row.list.commitment,
    )
