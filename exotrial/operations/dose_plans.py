"""Planning a dose before it is prepared: the volume to draw, the diluent, the particles, or why it cannot be made.

Who prepares sees all of it. Who is blind sees that a plan waits, and its volume where the study file gives every arm
the same; a plan that cannot be made looks to them as one that nobody has made yet.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import read_quantity
from exotrial.core.verdict import Reason
from exotrial.operations import _life, arms
from exotrial.operations._act import Act
from exotrial.operations._batch_product import product_of
from exotrial.operations._dose_plans import HeldPlan, load_plans, seal_plan, shown_volume
from exotrial.operations._evidence import load_evidence
from exotrial.operations._operation import COLLECTING, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.dosing import OTHER_KIT, check_may_be_treated
from exotrial.operations.product import find_batch
from exotrial.product import dose_plan
from exotrial.product.batch_concentration import BatchConcentration, compute_batch_concentration
from exotrial.product.dose import BAD_DEVICE, Person, Vial
from exotrial.product.release import find_specification
from exotrial.store.models import Batch, BatchRelease, Dose, DosePlan, Kit, Participant, Record

NO_ORIGIN = ErrorCode(
    "PLN-004",
    "A concentration or a yield is stated, and not where it is known from.",
    "name the certificate or the measurement in `known_from`.",
)
BAD_YIELD = ErrorCode(
    "PLN-005",
    "The particles of one cell are not a number above 0.",
    "give the yield of the batch, such as 50 particles of each cell.",
)

_FORM, _GROUP = "F.DEMOGRAPHICS", "IG.DM"


class PlanDose(Ask):
    """The participant, the kit in hand, and what it is drawn from and with.

    Weight, height and sex are taken from the participant's form, and stated only where it has none.
    """

    participant: str
    kit: str = Field(max_length=40)
    vial_ml: float = Field(description="The mL that can be drawn from the kit.")
    graduation_ml: float = Field(description="The graduation of the syringe in mL.")
    concentration: str = Field(
        default="",
        max_length=60,
        description="As released, such as 5e9 particles/mL; left out where the batch has evidence of it.",
    )
    uncertainty: float | None = Field(default=None, description="Its relative standard uncertainty, as 0.08.")
    particles_per_cell: float | None = Field(
        default=None, description="The batch's yield, for a dose in cells."
    )
    known_from: str = Field(
        default="", max_length=400, description="Where a stated concentration or yield is from."
    )
    weight_kg: float | None = None
    height_cm: float | None = None
    sex: Literal["F", "M"] | None = None
    weight_basis: dose_plan.Basis | None = Field(
        default=None, description="Where the study file does not say which body weight is meant."
    )
    volume_ml: float | None = Field(default=None, description="mL in all, where the study file states none.")
    intervention: str = Field(default="", max_length=60, description="Where the arm is given several.")


class PlannedReason(Answer):
    """One condition of a plan; `holds` is None where the answer is not known."""

    criterion: str
    holds: bool | None
    why: str


class ShownPlan(Answer):
    """A plan as who prepares sees it. Without `number` it cannot be given; `given` says whether it was.

    Particles and their interval are None in a placebo, and the interval where no uncertainty is known.
    """

    participant: str
    kit: str
    batch: str
    number: int | None
    planned_at: datetime
    planned_by: str
    intervention: str
    can_be_made: bool
    reasons: tuple[PlannedReason, ...]
    steps: tuple[str, ...]
    possible_if: tuple[str, ...]
    weight_kg: float | None
    vehicle: str
    total_ml: float | None
    draw_ml: float | None
    diluent_ml: float | None
    particles: float | None
    low: float | None
    high: float | None
    known_from: tuple[str, ...]
    given: bool


@operation(permission=Permission.HANDLE_PRODUCT, when=COLLECTING)
def plan_dose(act: Act, ask: PlanDose) -> ShownPlan:
    """Plan a dose: volume to draw, diluent and particles, or the verdict that it cannot be made and what would help.

    A verdict is an answer and no refusal: the code of a refusal stands in the trail, where it would tell an arm.
    """
    # What tells of a product and not of a placebo is read before the participant is named in the trail.
    source = _read_source(ask)
    study = act.definition()
    needs = dose_plan.derive_needs(study, basis=ask.weight_basis, volume_ml=ask.volume_ml)
    participant = act.participant(ask.participant)
    check_may_be_treated(act, participant)
    kit = Kit.objects.filter(study=act.the_study, number=ask.kit).first()
    if kit is None or kit.participant_id != participant.pk:
        raise OTHER_KIT.refuse(
            f"{ask.kit} is not the kit of {participant.code}", place=Place(path="kit"), value=ask.kit
        )
    stated = Person(weight_kg=ask.weight_kg, height_cm=ask.height_cm, sex=ask.sex)
    person = dose_plan.settle_person(needs, recorded=_recorded(participant), stated=stated)
    content = arms.open_kit(act, kit)
    batch = find_batch(act, content["batch"])
    source, reasons = _settle_source(act, batch, content["batch"], source, of=participant)
    made = dose_plan.compute_plan(
        study,
        arm=content["arm"],
        batch=content["batch"],
        person=person,
        source=source,
        needs=needs,
        basis=ask.weight_basis,
        intervention=ask.intervention,
        study_version=act.the_study.version,
        reasons=reasons,
    )
    row = act.add(
        DosePlan(
            participant=participant,
            kit=kit,
            content_sealed=seal_plan(act, dose_plan.write_plan(made), kit=kit.number, at=act.now),
            planned_by=act.actor.username,
            planned_at=act.now,
        )
    )
    held = next(one for one in load_plans(act, participant, purpose="knowing arms") if one.row.pk == row.pk)
    return _show(held, participant, given=False)


class OfParticipant(Ask):
    """The participant's code."""

    participant: str


class WaitingPlan(Answer):
    """A plan as everybody sees it who records doses: no product, no particle. `volume_ml` None: it may tell an arm."""

    number: int
    kit: str
    planned_at: datetime
    volume_ml: float | None
    given: bool


class WaitingPlans(Answer):
    plans: tuple[WaitingPlan, ...]


@view(permission=Permission.RECORD_DOSE)
def list_dose_plans(act: Act, ask: OfParticipant) -> WaitingPlans:
    """The plans of a participant's doses that can be given or were, without what is in them."""
    participant = act.participant(ask.participant)
    used = _used(participant)
    return WaitingPlans(
        plans=tuple(
            WaitingPlan(
                number=one.number,
                kit=one.row.kit.number,
                planned_at=one.row.planned_at,
                volume_ml=shown_volume(act, one),
                given=one.row.pk in used,
            )
            for one in load_plans(act, participant, purpose="giving a kit")
            if one.number is not None
        )
    )


class ShownPlans(Answer):
    plans: tuple[ShownPlan, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_dose_plans(act: Act, ask: OfParticipant) -> ShownPlans:
    """The plans of a participant's doses with what is drawn and mixed; every reading is kept in the trail."""
    participant = act.participant(ask.participant)
    used = _used(participant)
    return ShownPlans(
        plans=tuple(
            _show(one, participant, given=one.row.pk in used)
            for one in load_plans(act, participant, purpose="knowing arms")
        )
    )


def _read_source(ask: PlanDose) -> dose_plan.Source:
    """What is drawn from, as it was typed. Refuses QTY-001 to QTY-004, DSE-001, DSE-002, PLN-004 and PLN-005."""
    concentration = None
    if ask.concentration:
        read = read_quantity(
            ask.concentration, dimension="particle concentration", place=Place(path="concentration")
        )
        concentration = float(read.to("particles/mL").value)
    known = concentration if concentration is not None else 1.0
    Vial(concentration=known, relative_uncertainty=ask.uncertainty, volume_ml=ask.vial_ml)
    if not 0 < ask.graduation_ml <= ask.vial_ml:
        raise BAD_DEVICE.refuse(
            f"a graduation of {ask.graduation_ml:g} mL for a vial of {ask.vial_ml:g} mL",
            place=Place(path="graduation_ml"),
            value=ask.graduation_ml,
        )
    if ask.volume_ml is not None and not 0 < ask.volume_ml <= 1000:
        raise BAD_DEVICE.refuse(
            f"a volume of {ask.volume_ml:g} mL", place=Place(path="volume_ml"), value=ask.volume_ml
        )
    if ask.particles_per_cell is not None and not 0 < ask.particles_per_cell < 1e12:
        raise BAD_YIELD.refuse(
            f"{ask.particles_per_cell:g} particles of one cell",
            place=Place(path="particles_per_cell"),
            value=ask.particles_per_cell,
        )
    if (concentration is not None or ask.particles_per_cell is not None) and not ask.known_from:
        raise NO_ORIGIN.refuse("it is not said where it is known from", place=Place(path="known_from"))
    return dose_plan.Source(
        concentration=concentration,
        relative_uncertainty=ask.uncertainty,
        known_from=(ask.known_from,) if ask.known_from else (),
        particles_per_cell=ask.particles_per_cell,
        vial_ml=ask.vial_ml,
        graduation_ml=ask.graduation_ml,
    )


def _settle_source(
    act: Act, batch: Batch, code: str, source: dose_plan.Source, *, of: Participant
) -> tuple[dose_plan.Source, tuple[Reason, ...]]:
    """The source with the concentration of the batch's evidence where it has some, and what speaks for the batch."""
    released = batch.status == Batch.Status.RELEASED
    day = _life.local_day(act.now, of.site)
    reasons = [
        Reason("the batch is released", released, f"it is {batch.status}"),
        Reason("the batch is in date", day <= batch.expires_on, f"its last day is {batch.expires_on}"),
    ]
    shown = _evidence_of(act, batch, code)
    if shown is None:
        return source, tuple(reasons)
    if source.concentration is not None:
        reasons.append(
            Reason(
                "the concentration is that of the evidence",
                abs(source.concentration / shown.value - 1) <= 1e-6,
                f"{source.concentration:.4g} particles/mL are stated, and the evidence shows {shown.value:.4g}",
            )
        )
    return dose_plan.Source(
        concentration=shown.value,
        relative_uncertainty=shown.relative_uncertainty,
        known_from=(*shown.files, *source.known_from),
        particles_per_cell=source.particles_per_cell,
        vial_ml=source.vial_ml,
        graduation_ml=source.graduation_ml,
    ), tuple(reasons)


def _evidence_of(act: Act, batch: Batch, code: str) -> BatchConcentration | None:
    """What the evidence shows that the batch was released by, None where it was released by a reason alone."""
    product = product_of(act, batch)
    study = act.definition()
    tests = [test for one in study.products if one.id == product for test in one.release_tests or ()]
    if product is None or not any(test.id is not None for test in tests):
        return None
    if not BatchRelease.objects.filter(batch=batch).exists():
        return None
    files = [one.evidence for one in load_evidence(act, batch) if one.counts]
    return compute_batch_concentration(find_specification(study, product), files, batch=code)


def _recorded(participant: Participant) -> Person:
    """Weight, height and sex as the participant's form of demographics has them, drafts left out (ANT-001, ANT-002)."""
    rows = Record.objects.filter(participant=participant, form=_FORM).exclude(status=Record.Status.DRAFT)
    row = rows.order_by("-repeat", "-pk").first()
    answers = row.values.get(_GROUP, {}) if row is not None else {}
    sex = answers.get("DM.SEX")
    return Person(
        weight_kg=_number(answers.get("DM.WEIGHT")),
        height_cm=_number(answers.get("DM.HEIGHT")),
        sex=sex if sex in ("F", "M") else None,
    )


def _number(answer: object) -> float | None:
    return float(answer) if isinstance(answer, int | float | str) and answer != "" else None


def _used(participant: Participant) -> set[int | None]:
    return set(Dose.objects.filter(participant=participant).values_list("plan_id", flat=True))


def _show(held: HeldPlan, participant: Participant, *, given: bool) -> ShownPlan:
    plan = held.plan
    return ShownPlan(
        participant=participant.code,
        kit=held.row.kit.number,
        batch=plan.batch,
        number=held.number,
        planned_at=held.row.planned_at,
        planned_by=held.row.planned_by,
        intervention=plan.intervention,
        can_be_made=plan.holds,
        reasons=tuple(PlannedReason(criterion=o.criterion, holds=o.holds, why=o.why) for o in plan.reasons),
        steps=plan.steps,
        possible_if=plan.possible_if,
        weight_kg=plan.weight_kg,
        vehicle=plan.vehicle,
        total_ml=plan.total_ml,
        draw_ml=plan.draw_ml,
        diluent_ml=plan.diluent_ml,
        particles=plan.particles,
        low=plan.low,
        high=plan.high,
        known_from=plan.source.known_from,
        given=given,
    )
