"""Unblinding: one participant in an emergency, by the treating physician alone; everybody after the lock (E6 4.1.4)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import Field

from exotrial.allocation.envelopes import Envelope as OpenedEnvelope
from exotrial.allocation.export import LeafProof, write_leaf
from exotrial.allocation.merkle import compute_path
from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import ALWAYS, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.store.models import Allocation, AllocationList, Envelope, Study, Unblinding

NOT_RANDOMISED = ErrorCode(
    "UNB-001", "The participant was not randomised.", "there is no arm to know; check the participant's code."
)
NOT_LOCKED = ErrorCode(
    "UNB-002",
    "The study is not locked.",
    "lock it first: arms become known only when no value can change any more.",
)
NO_EMERGENCY_REASON = ErrorCode(
    "UNB-003", "An emergency unblinding needs a reason.", "say in a few words why care depends on the arm."
)
NO_ALLOCATION = ErrorCode(
    "UNB-004", "The study has no randomised participant.", "there is nothing to unblind."
)


class UnblindEmergency(Proven):
    """Whose arm care depends on, and why."""

    participant: str


class Unblinded(Answer):
    """The arm, and the one leaf that proves it with its path to the published root."""

    participant: str
    arm: str
    arm_name: str
    kit: str
    at: datetime
    proof: dict[str, Any]
    root: str
    notice: str


@operation(permission=Permission.UNBLIND_EMERGENCY, when=ALWAYS)
def unblind_emergency(act: Act, ask: UnblindEmergency) -> Unblinded:
    """Tell the treating physician one participant's arm, at once; everybody else stays blind."""
    if not ask.reason:
        raise NO_EMERGENCY_REASON.refuse("no reason is given", place=Place(path="reason"))
    prove_again(act, ask)
    participant = act.participant(ask.participant)
    allocation = Allocation.objects.select_related("envelope__list").filter(participant=participant).first()
    if allocation is None:
        raise NOT_RANDOMISED.refuse(f"{participant.code} was not randomised", value=participant.code)
    arm = arms.arm_of(act, allocation, purpose="an emergency")
    envelope = arms.open_leaf(act, allocation.envelope, purpose="an emergency")
    row = allocation.envelope.list
    notice = f"{participant.code} was unblinded in an emergency; the sponsor is told by the register, without the arm"
    act.add(
        Unblinding(
            study=act.the_study,
            participant=participant,
            kind="emergency",
            at=act.now,
            who=act.actor.username,
            role=act.actor.role.value,
            reason=ask.reason,
            notice=notice,
        )
    )
    names = {one.id: one.name for one in act.definition().arms}
    return Unblinded(
        participant=participant.code,
        arm=arm,
        arm_name=names.get(arm, arm),
        kit=allocation.kit,
        at=act.now,
        proof=json.loads(write_leaf(proof_of(row, allocation.envelope, envelope))),
        root=row.root,
        notice=notice,
    )


class UnblindStudy(Proven):
    """Proof of who opens the study, and why now."""


class OpenedStudy(Answer):
    status: str
    unblinded_at: datetime
    lists: int


@operation(permission=Permission.UNBLIND_PLANNED, when=frozenset({Study.Status.LOCKED}), needs_reason=True)
def unblind_study(act: Act, ask: UnblindStudy) -> OpenedStudy:
    """Open the locked study: arms become known and the secrets of its lists can be published for anyone to check."""
    prove_again(act, ask)
    lists = AllocationList.objects.filter(study=act.the_study, status=AllocationList.Status.SEALED)
    count = 0
    for row in lists.order_by("number"):
        act.change(row, status=AllocationList.Status.PUBLISHED)
        count += 1
    if not count:
        raise NO_ALLOCATION.refuse("the study has no sealed list")
    act.change(act.the_study, status=Study.Status.UNBLINDED, unblinded_at=act.now)
    act.add(
        Unblinding(
            study=act.the_study,
            kind="planned",
            at=act.now,
            who=act.actor.username,
            role=act.actor.role.value,
            reason=ask.reason,
        )
    )
    return OpenedStudy(status=Study.Status.UNBLINDED.value, unblinded_at=act.now, lists=count)


class ListUnblindings(Ask):
    """Nothing to say."""


class ShownUnblinding(Answer):
    """One entry of the register. The arm is not in it."""

    participant: str
    kind: str
    at: datetime
    who: str
    role: str
    reason: str = Field(description="Why.")
    notice: str


class Register(Answer):
    unblindings: tuple[ShownUnblinding, ...]


@view(permission=Permission.READ_UNBLINDINGS, access_logged=True)
def list_unblindings(act: Act, ask: ListUnblindings) -> Register:
    """The register of all unblindings: who was unblinded when, by whom and why, without the arm."""
    rows = Unblinding.objects.select_related("participant__site").filter(study=act.the_study).order_by("pk")
    return Register(
        unblindings=tuple(
            ShownUnblinding(
                participant=row.participant.code if row.participant else "",
                kind=row.kind,
                at=row.at,
                who=row.who,
                role=row.role,
                reason=row.reason,
                notice=row.notice,
            )
            for row in rows
            if row.participant is None or act.actor.holds_at(row.participant.site.code)
        )
    )


def proof_of(row: AllocationList, slot: Envelope, opened: OpenedEnvelope) -> LeafProof:
    """One opened envelope with its path to the published root."""
    leaves = leaves_of(row)
    place = leaves.index(bytes.fromhex(slot.leaf))
    return LeafProof(envelope=opened, path=compute_path(leaves, place))


def leaves_of(row: AllocationList) -> list[bytes]:
    """The leaf hashes of a list in the order of the tree: strata as in the manifest, slot by slot."""
    order = {stratum["id"]: at for at, stratum in enumerate(row.strata)}
    rows = Envelope.objects.filter(list=row).only("stratum", "slot", "leaf")
    return [bytes.fromhex(one.leaf) for one in sorted(rows, key=lambda one: (order[one.stratum], one.slot))]
