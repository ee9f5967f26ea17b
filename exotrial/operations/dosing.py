"""Giving a kit and recording a dose: nobody gets one before enrolment, randomisation and release (TIDieR item 11).

What stands against a kit (its batch is not released, recalled, or past its last day) is one refusal with one text:
said apart, the reasons would tell who shares a batch, and so an arm. The pharmacist sees which it is.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import read_quantity
from exotrial.operations import _life, arms
from exotrial.operations._act import Act
from exotrial.operations._dose_plans import BAD_AMOUNT, check_given, find_plan
from exotrial.operations._materials import load_genealogy
from exotrial.operations._operation import COLLECTING, Answer, Ask, operation, view
from exotrial.operations._stock import add_movement, is_at_hand, load_stock
from exotrial.operations.access import Permission, is_blind
from exotrial.operations.product import find_batch
from exotrial.participants.disposition import State
from exotrial.product.accountability import Movement
from exotrial.product.genealogy import derive_taint
from exotrial.store.models import Allocation, Batch, Dose, Kit, Participant

NOT_RANDOMISED = ErrorCode(
    "KIT-010", "The participant is not randomised.", "randomise first; the allocation names the kit."
)
NO_KIT = ErrorCode(
    "KIT-011",
    "The kit is not there to be given.",
    "ask the pharmacist to pack it; look at `list_kits` for the state of each kit.",
)
OTHER_KIT = ErrorCode(
    "KIT-012",
    "The kit is not this participant's.",
    "use the kit on record for the participant; which it is follows from the allocation alone.",
)
NOT_FIT = ErrorCode(
    "KIT-013",
    "The kit must not be given.",
    "put it aside and ask the pharmacist, who sees why; a dose given all the same is reported as a deviation.",
)
BEFORE_ENROLMENT = ErrorCode(
    "KIT-014",
    "The dose began before the participant was enrolled or randomised.",
    "correct the time; if it is right, report a deviation.",
)
ENDS_FIRST = ErrorCode("KIT-015", "The dose ended before it began.", "correct the times.")
RECORDED = ErrorCode(
    "KIT-016", "A dose at that time is recorded already.", "look at `list_doses`; a dose is recorded once."
)
MAY_TELL = ErrorCode(
    "KIT-018",
    "Words of who knows arms stand where the blinded read.",
    "leave `amount`, `given`, `note` and `reason` out; what must be told goes into a deviation, which is kept sealed.",
)
UNFINISHED = ErrorCode(
    "KIT-017", "A complete dose has an end.", "give `ended_at`, or say that the dose was not completed."
)


class AssignKit(Ask):
    """Whose kit. Where the study randomises, the system names it; else it is the kit given here, or any ready one."""

    participant: str
    kit: str = Field(default="", max_length=40)


class AssignedKit(Answer):
    participant: str
    kit: str


@operation(permission=Permission.RECORD_DOSE, when=COLLECTING)
def assign_kit(act: Act, ask: AssignKit) -> AssignedKit:
    """Assign a participant a kit: the one that the allocation names, or any ready one where nobody is randomised."""
    participant = act.participant(ask.participant)
    check_may_be_treated(act, participant)
    allocated = _allocated_number(act, participant)
    wanted = allocated or ask.kit
    if allocated and ask.kit not in ("", allocated):
        raise OTHER_KIT.refuse(
            f"{ask.kit} is not the kit of {participant.code}", place=Place(path="kit"), value=ask.kit
        )
    ready = Kit.objects.filter(study=act.the_study, status="ready", participant=None)
    if wanted:
        kit = ready.filter(number=wanted).first()
    else:
        kit = next(
            (
                one
                for one in ready.order_by("number")
                if _is_at_hand(one, participant) and _is_fit(act, one, at=act.now, of=participant)
            ),
            None,
        )
    if kit is None or not _is_at_hand(kit, participant):
        raise NO_KIT.refuse(
            f"the kit {wanted} is not ready at the site" if wanted else "no kit is ready at the site",
            place=Place(path="kit"),
            value=wanted,
        )
    check_fit(act, kit, at=act.now, of=participant)
    act.change(kit, status="assigned", participant=participant)
    return AssignedKit(participant=participant.code, kit=kit.number)


class RecordDose(Ask):
    """A dose of the participant's kit. Times have a zone, such as 2021-03-10T09:30:00+03:30."""

    participant: str
    kit: str = Field(max_length=40)
    vial: int = Field(default=0, ge=0, description="Which vial of a kit that is counted in vials.")
    begun_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    complete: bool = Field(description="Whether all of it was given.")
    amount: str = Field(default="", max_length=60, description="How much, with its unit.")
    plan: int | None = Field(default=None, description="The number of its plan, where it has one.")
    given: str = Field(default="", max_length=40, description="The volume that went in, such as 1.8 mL.")
    note: str = Field(default="", max_length=2000)


class RecordedDose(Answer):
    """`number` counts the participant's doses from 1; `doubts` are what stands against it by its volume alone."""

    participant: str
    number: int
    status: str
    doubts: tuple[str, ...] = ()


@operation(permission=Permission.RECORD_DOSE, when=COLLECTING)
def record_dose(act: Act, ask: RecordDose) -> RecordedDose:
    """Record a dose: begun, ended, complete or not. It is never taken back; a mistake is reported as a deviation."""
    participant = act.participant(ask.participant)
    _check_tells_nothing(act, ask)
    check_may_be_treated(act, participant)
    _life.check_step(participant, State.TREATED)
    kit = Kit.objects.filter(study=act.the_study, number=ask.kit).first()
    if kit is None or kit.participant_id != participant.pk:
        raise OTHER_KIT.refuse(
            f"{ask.kit} is not the kit of {participant.code}", place=Place(path="kit"), value=ask.kit
        )
    _check_times(act, ask, participant)
    check_fit(act, kit, at=ask.begun_at, of=participant)
    given_ml = _read_given(ask)
    plan = find_plan(act, participant, kit, ask.plan) if ask.plan is not None else None
    doubts = check_given(act, plan, given_ml=given_ml, complete=ask.complete) if plan is not None else ()
    dose = act.add(
        Dose(
            participant=participant,
            kit=kit,
            begun_at=ask.begun_at,
            ended_at=ask.ended_at,
            complete=ask.complete,
            amount=ask.amount,
            note=ask.note,
            recorded_at=act.now,
            plan=plan.row if plan is not None else None,
            given_ml=given_ml,
        )
    )
    _take_vial(act, kit, ask.vial, dose)
    if kit.status != "used":
        act.change(kit, status="used")
    act.change(participant, status=State.TREATED.value)
    return RecordedDose(
        participant=participant.code,
        number=Dose.objects.filter(participant=participant).count(),
        status=participant.status,
        doubts=doubts,
    )


class ListDoses(Ask):
    """All, or those of one participant."""

    participant: str = ""


class ShownDose(Answer):
    participant: str
    number: int
    kit: str
    begun_at: datetime
    ended_at: datetime | None
    complete: bool
    amount: str
    given_ml: float | None
    note: str


class ShownDoses(Answer):
    doses: tuple[ShownDose, ...]


@view(permission=Permission.READ_DATA)
def list_doses(act: Act, ask: ListDoses) -> ShownDoses:
    """Doses of the sites where one has rights, by participant and time."""
    rows = Dose.objects.filter(participant__study=act.the_study).select_related("participant__site", "kit")
    if ask.participant:
        rows = rows.filter(participant=act.participant(ask.participant))
    shown: list[ShownDose] = []
    counts: dict[str, int] = {}
    for row in rows.order_by("participant__code", "begun_at"):
        code = row.participant.code
        if act.actor.holds_at(row.participant.site.code):
            counts[code] = counts.get(code, 0) + 1
            shown.append(
                ShownDose(
                    participant=code,
                    number=counts[code],
                    kit=row.kit.number,
                    begun_at=row.begun_at,
                    ended_at=row.ended_at,
                    complete=row.complete,
                    amount=row.amount,
                    given_ml=row.given_ml,
                    note=row.note,
                )
            )
    return ShownDoses(doses=tuple(shown))


def check_may_be_treated(act: Act, participant: Participant) -> None:
    """Refuse who is not enrolled (LIF-001), not randomised where the study randomises, or without consent."""
    _life.check_step(participant, State.TREATED)
    if _life.is_randomised(act, participant) and participant.randomised_at is None:
        raise NOT_RANDOMISED.refuse(f"{participant.code} is {participant.status}", value=participant.status)
    _life.check_active(participant.site)
    _life.check_consent(participant)


def _allocated_number(act: Act, participant: Participant) -> str:
    allocation = Allocation.objects.filter(participant=participant).first()
    if allocation is None:
        return ""
    if not allocation.kit:
        raise NO_KIT.refuse(f"the allocation of {participant.code} names no kit", value=participant.code)
    return allocation.kit


def _is_at_hand(kit: Kit, participant: Participant) -> bool:
    """Whether some of a kit is at the participant's site, or was never sent anywhere."""
    return any(is_at_hand(vial, participant.site) for vial in load_stock([kit]).vials.values())


def _take_vial(act: Act, kit: Kit, number: int, dose: Dose) -> None:
    """Account for what a dose was given from: each vial once, a kit as a whole at its first dose (KAC-001, KAC-002).

    A vial that nobody dispensed is dispensed by its dose.
    """
    stock = load_stock([kit])
    vial = stock.vials.get((kit.number, number))
    if vial is not None and vial.given and not number:
        return
    site, person = dose.participant.site, dose.participant
    if vial is not None and is_at_hand(vial, site):
        stock = add_movement(act, stock, kit, [number], Movement.DISPENSE, site=site, participant=person)
    add_movement(act, stock, kit, [number], Movement.GIVE, site=site, participant=person, dose=dose)


def _read_given(ask: RecordDose) -> float | None:
    """The volume that was given in mL, None where it is not told (PLN-007, and QTY-001 to QTY-004)."""
    if not ask.given:
        return None
    given = read_quantity(ask.given, dimension="volume", place=Place(path="given")).to("mL")
    if not 0 <= given.value <= 1000:
        raise BAD_AMOUNT.refuse(
            f"{ask.given} is no volume of a dose", place=Place(path="given"), value=ask.given
        )
    return float(given.value)


def _check_times(act: Act, ask: RecordDose, participant: Participant) -> None:
    _life.check_past(act, ask.begun_at, path="begun_at")
    begun = participant.randomised_at or participant.enrolled_at
    if begun is None or ask.begun_at < begun:
        raise BEFORE_ENROLMENT.refuse(
            f"{ask.begun_at.isoformat()} is before {participant.code} was enrolled or randomised",
            place=Place(path="begun_at"),
            value=ask.begun_at.isoformat(),
        )
    if ask.ended_at is None and ask.complete:
        raise UNFINISHED.refuse("the dose is complete and has no end", place=Place(path="ended_at"))
    if ask.ended_at is not None:
        _life.check_past(act, ask.ended_at, path="ended_at")
        if ask.ended_at < ask.begun_at:
            raise ENDS_FIRST.refuse(
                f"{ask.ended_at.isoformat()} is before {ask.begun_at.isoformat()}",
                place=Place(path="ended_at"),
                value=ask.ended_at.isoformat(),
            )
    if Dose.objects.filter(participant=participant, begun_at=ask.begun_at).exists():
        raise RECORDED.refuse(
            f"{participant.code} has a dose begun at {ask.begun_at.isoformat()}",
            place=Place(path="begun_at"),
            value=ask.begun_at.isoformat(),
        )


def _check_tells_nothing(act: Act, ask: RecordDose) -> None:
    words = ask.amount or ask.note or ask.reason or ask.given
    if words and not is_blind(act.actor.role) and not arms.is_open_label(act):
        raise MAY_TELL.refuse(f"{act.actor.role.value} knows arms", value=act.actor.role.value)


def check_fit(act: Act, kit: Kit, *, at: datetime, of: Participant) -> None:
    """Refuse (KIT-013) a kit that must not be given at that moment, whatever the reason."""
    if not _is_fit(act, kit, at=at, of=of):
        raise NOT_FIT.refuse(
            f"the kit {kit.number} must not be given", place=Place(path="kit"), value=kit.number
        )


def _is_fit(act: Act, kit: Kit, *, at: datetime, of: Participant) -> bool:
    """Whether the kit's batch is released and at most on its last day, as the days are counted at the site.

    A kit in the genealogy is held to its line too: the vials that it was packed from may be recalled by themselves.
    The genealogy is read for every kit, so that nothing tells apart which stands in it.
    """
    batch = find_batch(act, arms.open_kit(act, kit)["batch"])
    kept = load_genealogy(act, purpose="giving a kit")
    tainted = kept.holds(kit.number) and derive_taint(kept.genealogy, code=kit.number)
    in_time = _life.local_day(at, of.site) <= batch.expires_on
    return batch.status == Batch.Status.RELEASED and in_time and not tainted
