"""Randomising a participant: the next envelope of the stratum, once, in order, and nobody told more than a kit."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from exotrial.allocation.minimised import STRATUM
from exotrial.allocation.order import append
from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life, arms
from exotrial.operations import _minimising as minimising
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, RUNNING, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.lists import certificate_of, utc_text
from exotrial.participants.disposition import State, check_not_frozen
from exotrial.store.models import Allocation, AllocationList, Participant, Site
from exotrial.store.models import Envelope as EnvelopeRow

NOT_READY = ErrorCode(
    "RAN-101",
    "The participant cannot be randomised now.",
    "screen, obtain consent and enrol first; see `show_participant` for what is missing.",
)
ALREADY = ErrorCode(
    "RAN-102",
    "The participant is randomised already.",
    "use the allocation that there is; nobody is randomised twice.",
)
SITE_NOT_ACTIVE = ErrorCode(
    "RAN-103", "The site may not randomise.", "activate the site; a closed site does not randomise again."
)
NO_LIST = ErrorCode(
    "RAN-104",
    "There is no sealed list to randomise from.",
    "freeze, contribute to and seal a list, and publish its certificate.",
)
EXHAUSTED = ErrorCode(
    "RAN-105",
    "The list of the stratum is used up.",
    "check the stratum; if it is right, a new list needs a decision of the sponsor and, mostly, an amendment.",
)
SAME_STRATUM = ErrorCode("RAN-107", "The stratum is the one on record.", "there is nothing to correct.")
CLOCK = ErrorCode(
    "RAN-108",
    "The server's clock stands before the last allocation.",
    "set the clock right and try again; nothing was allocated.",
)


class Randomise(Ask):
    """The participant to be randomised."""

    participant: str


class Randomised(Answer):
    """`receipt` is for the participant's file: with it, an allocation that was changed later is found.

    `arm` is empty in a blinded study.
    """

    participant: str
    n: int
    at: datetime
    stage: str
    stratum: str
    kit: str
    receipt: str
    arm: str


@operation(permission=Permission.RANDOMISE, when=RUNNING)
def randomise(act: Act, ask: Randomise) -> Randomised:
    """Give an enrolled participant the next envelope of the stratum: final, in order, and never twice."""
    participant = act.participant(ask.participant)
    check_ready(participant)
    row = find_live_list(act, participant)
    stratum = _list_stratum(row, participant)
    given = list(Allocation.objects.filter(list=row).select_related("envelope", "participant").order_by("n"))
    taken = sum(one.envelope.stratum == stratum for one in given)
    envelope_row = (
        EnvelopeRow.objects.select_related("list").filter(list=row, stratum=stratum, slot=taken + 1).first()
    )
    if envelope_row is None:
        raise EXHAUSTED.refuse(f"all {taken} slots of {stratum} are given", value=stratum)
    envelope = arms.open_leaf(act, envelope_row, purpose="the next envelope")
    levels = {} if envelope.arm else minimising.levels_of(act, row, participant)
    arm = envelope.arm or minimising.decide(act, row, given, levels=levels, envelope=envelope)
    if given and act.now < given[-1].at:
        raise CLOCK.refuse(
            f"it is {utc_text(act.now)} here, and the last allocation was at {utc_text(given[-1].at)}"
        )
    certificate = certificate_of(row)
    signed = append(
        [minimising.signed_of(one) for one in given],
        key=arms.order_key(act, row),
        start=certificate.digest(),
        list_id=row.commitment,
        stratum=stratum,
        slot=taken + 1,
        participant=participant.code,
        at=utc_text(act.now),
        leaf=envelope_row.leaf,
        levels=levels,
    )
    act.add(
        Allocation(
            list=row,
            envelope=envelope_row,
            participant=participant,
            n=signed.entry.n,
            at=act.now,
            entry={**signed.entry.as_json(), "mac": signed.mac, "marks": signed.marks},
            link=signed.link(),
            kit=envelope.kit_for(arm),
            arm_sealed=arms.seal_arm(act, arm, participant=participant.pk),
        )
    )
    act.change(participant, status="randomised", randomised_at=act.now)
    return Randomised(
        participant=participant.code,
        n=signed.entry.n,
        at=act.now,
        stage=participant.stage,
        stratum=participant.stratum,
        kit=envelope.kit_for(arm),
        receipt=signed.link(),
        arm=arm if arms.is_open_label(act) else "",
    )


class CorrectStratum(Ask):
    """The stratum that should have been recorded."""

    participant: str
    stratum: str
    stratum_level: str = Field(default="", max_length=200)


class CorrectedStratum(Answer):
    participant: str
    stratum: str
    randomised_as: str


@operation(permission=Permission.SCREEN, when=COLLECTING, needs_reason=True)
def correct_stratum(act: Act, ask: CorrectStratum) -> CorrectedStratum:
    """Correct a stratum that was recorded wrongly; who is randomised stays randomised as it was."""
    participant = act.participant(ask.participant)
    check_not_frozen(participant.code, frozen=participant.frozen)
    plan = act.definition(participant.version).randomisation
    levels = {stratum.id: stratum.levels for stratum in plan.strata} if plan is not None else {}
    if ask.stratum not in levels:
        raise minimising.NO_STRATUM.refuse(
            f"{ask.stratum!r} is none of {', '.join(levels) or 'none'}",
            place=Place(path="stratum"),
            value=ask.stratum,
        )
    if ask.stratum_level and ask.stratum_level not in levels[ask.stratum]:
        raise minimising.NO_STRATUM.refuse(
            f"{ask.stratum_level!r} is no level of {ask.stratum}: {', '.join(levels[ask.stratum])}",
            place=Place(path="stratum_level"),
            value=ask.stratum_level,
        )
    if ask.stratum == participant.stratum:
        raise SAME_STRATUM.refuse(f"{participant.code} is in {ask.stratum} already", value=ask.stratum)
    act.change(participant, stratum=ask.stratum, stratum_level=ask.stratum_level)
    allocation = Allocation.objects.select_related("envelope").filter(participant=participant).first()
    return CorrectedStratum(
        participant=participant.code,
        stratum=participant.stratum,
        randomised_as=_randomised_as(allocation) if allocation else "",
    )


def _randomised_as(row: Allocation) -> str:
    """The list's stratum; with minimisation, which has one list for all, the level that was balanced."""
    levels = dict(minimising.signed_of(row).entry.levels)
    return levels.get(STRATUM, row.envelope.stratum)


class ListAllocations(Ask):
    """Nothing to say."""


class ShownAllocation(Answer):
    """`arm` is empty for whoever must not know it."""

    n: int
    list: int
    participant: str
    site: str
    stratum: str
    at: datetime
    kit: str
    receipt: str
    arm: str


class ShownAllocations(Answer):
    allocations: tuple[ShownAllocation, ...]


@view(permission=Permission.READ_DATA)
def list_allocations(act: Act, ask: ListAllocations) -> ShownAllocations:
    """Who was randomised, in order, with receipts and kits; arms once the study is unblinded."""
    shown = arms.is_open_label(act) or act.the_study.unblinded_at is not None
    return ShownAllocations(allocations=tuple(_show(act, one, arm=shown) for one in _allocations(act)))


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_arms(act: Act, ask: ListAllocations) -> ShownAllocations:
    """Who was randomised to what, for the roles that know arms; every reading is kept in the trail."""
    return ShownAllocations(allocations=tuple(_show(act, one, arm=True) for one in _allocations(act)))


def _allocations(act: Act) -> list[Allocation]:
    rows = (
        Allocation.objects.filter(list__study=act.the_study)
        .select_related("list", "envelope", "participant__site")
        .order_by("list__number", "n")
    )
    return [row for row in rows if act.actor.holds_at(row.participant.site.code)]


def _show(act: Act, row: Allocation, *, arm: bool) -> ShownAllocation:
    return ShownAllocation(
        n=row.n,
        list=row.list.number,
        participant=row.participant.code,
        site=row.participant.site.code,
        stratum=row.envelope.stratum,
        at=row.at,
        kit=row.kit,
        receipt=row.link,
        arm=arms.arm_of(act, row, purpose="knowing arms") if arm else "",
    )


def check_ready(participant: Participant) -> None:
    """Refuse who is not to be randomised now: RAN-101 to RAN-103, LIF-001, and LIF-005 to LIF-007."""
    if participant.randomised_at is not None:
        raise ALREADY.refuse(
            f"{participant.code} was randomised on {utc_text(participant.randomised_at)}",
            value=participant.code,
        )
    if participant.status != "enrolled":
        raise NOT_READY.refuse(f"{participant.code} is {participant.status}", value=participant.status)
    if participant.site.status != Site.Status.ACTIVE:
        raise SITE_NOT_ACTIVE.refuse(
            f"the site {participant.site.code} is {participant.site.status}", value=participant.site.status
        )
    _life.check_step(participant, State.RANDOMISED)
    _life.check_consent(participant)


def find_live_list(act: Act, participant: Participant) -> AllocationList:
    """The sealed list of the participant's stage. Refuses with RAN-104."""
    row = AllocationList.objects.filter(
        study=act.the_study, stage=participant.stage, status=AllocationList.Status.SEALED, stopped_because=""
    ).first()
    if row is None:
        where = f" of {participant.stage}" if participant.stage else ""
        raise NO_LIST.refuse(f"the study has no sealed list{where} that is not stopped")
    return row


def _list_stratum(row: AllocationList, participant: Participant) -> str:
    for stratum in row.strata:
        if stratum["stratum"] in ("", participant.stratum):
            return str(stratum["id"])
    raise minimising.NO_STRATUM.refuse(
        f"list {row.number} has no stratum {participant.stratum!r}", value=participant.stratum
    )
