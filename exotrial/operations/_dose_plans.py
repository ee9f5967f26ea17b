"""Plans of doses as they are held: closed, opened, numbered, and what of them is the same whatever is in the kit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.product import dose_plan, given_doses
from exotrial.store.models import Dose, DosePlan, Kit, Participant

NO_PLAN = ErrorCode(
    "PLN-006",
    "There is no such plan of this kit that waits to be given.",
    "look at `list_dose_plans`; a plan is given once. A dose that had none is recorded without.",
)
BAD_AMOUNT = ErrorCode(
    "PLN-007",
    "The volume that was given cannot be.",
    "give what went in, from 0 mL up to what was prepared; what is left is told by the difference.",
)


@dataclass(frozen=True, kw_only=True)
class HeldPlan:
    """A plan of a participant; `number` counts those that can be given, from 1, and is None for one that cannot."""

    row: DosePlan
    plan: dose_plan.DosePlan
    number: int | None


def seal_plan(act: Act, text: str, *, kit: str, at: datetime) -> str:
    """Close a plan of a kit."""
    return arms.seal_text(act, text, where=place_of_plan(kit, at))


def load_plans(act: Act, participant: Participant, *, purpose: arms.For) -> list[HeldPlan]:
    """Every plan of a participant in the order of planning. Refuses with SEL-001.

    One that cannot be given has no number: a gap in the numbers would tell what is not in a placebo's.
    """
    held: list[HeldPlan] = []
    count = 0
    for row in DosePlan.objects.filter(participant=participant).select_related("kit").order_by("pk"):
        where = place_of_plan(row.kit.number, row.planned_at)
        plan = dose_plan.read_plan(arms.open_text(act, row.content_sealed, where=where, purpose=purpose))
        count += plan.holds
        held.append(HeldPlan(row=row, plan=plan, number=count if plan.holds else None))
    return held


def find_plan(act: Act, participant: Participant, kit: Kit, number: int) -> HeldPlan:
    """The plan of a kit that waits to be given. Refuses with PLN-006."""
    held = load_plans(act, participant, purpose="giving a kit")
    used = set(Dose.objects.filter(participant=participant).values_list("plan_id", flat=True))
    for one in held:
        if one.number == number and one.row.kit_id == kit.pk and one.row.pk not in used:
            return one
    raise NO_PLAN.refuse(f"no plan {number} of the kit waits", place=Place(path="plan"), value=number)


def shown_volume(act: Act, held: HeldPlan) -> float | None:
    """The volume of a plan where it tells no arm: the study file gives everybody one, or all may know arms."""
    everybody = len(dose_plan.volumes_of(act.definition())) == 1
    return held.plan.total_ml if everybody or arms.is_open_label(act) else None


def check_given(act: Act, held: HeldPlan, *, given_ml: float | None, complete: bool) -> tuple[str, ...]:
    """What stands against a dose by its volume, in words; nothing where its volume may tell an arm (PLN-007)."""
    total = shown_volume(act, held)
    if total is None:
        return ()
    if given_ml is not None and given_ml > 2 * total:
        raise BAD_AMOUNT.refuse(
            f"{given_ml:g} mL of {total:g} mL that were prepared", place=Place(path="given"), value=given_ml
        )
    return given_doses.check_given_volume(
        given_ml,
        total_ml=total,
        complete=complete,
        most_off=dose_plan.most_off_of(act.definition()),
    )


def prepared(held: HeldPlan) -> given_doses.PreparedDose:
    """A plan that can be given, as its dose is held to it."""
    assert held.number is not None
    assert held.plan.total_ml is not None
    return given_doses.PreparedDose(
        number=held.number,
        planned_at=held.row.planned_at,
        total_ml=held.plan.total_ml,
        wanted=held.plan.wanted,
        particles=held.plan.particles,
        low=held.plan.low,
        high=held.plan.high,
    )


def place_of_plan(kit: str, at: datetime) -> str:
    """Where a closed plan belongs; it opens nowhere else."""
    return f"dose plan of kit {kit} {at.timestamp():.6f}"
