"""The plan of one administration: what the study file asks of everybody, and what the arm's own content needs.

The two are kept apart for blinding. What is missing or wrong of the study file, the person or the form of what was
typed is refused before anybody looks into the kit, and so is refused alike for every arm. All that depends on the arm
(its rule, the batch, the vial) is a verdict, which is kept sealed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.dose import (
    Person,
    PlannedDose,
    Vial,
    compute_dose,
    compute_needed_concentration,
)
from exotrial.product.given_doses import limit_of
from exotrial.study.definition import Study
from exotrial.study.definition.dosing import Dose
from exotrial.study.definition.intervention import Intervention

NO_RULE = ErrorCode(
    "PLN-001",
    "The study file has no dose rule.",
    "state the dose in the study file (`interventions.dose`), and load it as a new version.",
)
NOT_KNOWN = ErrorCode(
    "PLN-002",
    "The dose rule asks for something that nobody said.",
    "record it in the form, or state it with the plan.",
)
CONTRADICTS = ErrorCode(
    "PLN-003",
    "What is stated is not what is recorded.",
    "leave it out, and what is recorded is taken; or correct the form, or amend the study file, first.",
)

Basis = Literal["actual", "predicted"]
QUESTION: Final = "Can this dose be made?"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a plan asks for, whatever the arm: the weights, and the volumes in mL, which arms may differ in."""

    actual_weight: bool
    predicted_weight: bool
    volumes: tuple[float, ...]

    @property
    def volume_ml(self) -> float | None:
        """The volume of every arm, None where they differ."""
        return self.volumes[0] if len(self.volumes) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is drawn from: particles/mL with its relative standard uncertainty, and from where both are known.

    `concentration` is None where nobody knows it; `particles_per_cell` is the yield of the batch.
    """

    concentration: float | None = None
    relative_uncertainty: float | None = None
    known_from: tuple[str, ...] = ()
    particles_per_cell: float | None = None
    vial_ml: float
    graduation_ml: float


@dataclass(frozen=True, kw_only=True)
class DosePlan:
    """One administration as it is kept: the verdict, what is drawn and mixed, and all that it rests on.

    `draw_ml` and what follows is None where the dose cannot be made; particles are None in a placebo too, of which
    `draw_ml` is the whole volume.
    """

    intervention: str
    batch: str
    study_version: int
    weight_kg: float | None
    height_cm: float | None
    sex: str | None
    weight_basis: Basis | None
    source: Source
    reasons: tuple[Reason, ...]
    steps: tuple[str, ...]
    possible_if: tuple[str, ...]
    vehicle: str
    total_ml: float | None = None
    draw_ml: float | None = None
    diluent_ml: float | None = None
    wanted: float | None = None
    particles: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict(QUESTION, self.reasons)

    @property
    def holds(self) -> bool:
        return self.verdict.holds


_ADAPTER: Final = TypeAdapter(DosePlan)
_LENGTH: Final = 12_000
"""Characters of every plan before it is closed, so that its length tells nothing; a longer one takes twice as many."""


def write_plan(plan: DosePlan) -> str:
    """The plan as JSON, filled up with spaces to one length."""
    told: dict[str, Any] = _ADAPTER.dump_python(plan, mode="json")
    text = json.dumps(told, ensure_ascii=True)
    return text.ljust(-(-len(text) // _LENGTH) * _LENGTH)


def read_plan(text: str) -> DosePlan:
    """A plan that was written."""
    return _ADAPTER.validate_json(text)


def derive_needs(study: Study, *, basis: Basis | None = None, volume_ml: float | None = None) -> Needs:
    """What a plan of this study needs of everybody. Refuses PLN-001, PLN-002 and PLN-003, whatever the arm.

    `basis` and `volume_ml` are stated by who plans: only where the study file does not say which body weight is meant,
    and no volume.
    """
    given = [one for one in study.interventions if one.role != "background"]
    rules = [one.dose for one in given if one.dose is not None and one.dose.amount is not None]
    if not rules:
        raise NO_RULE.refuse("no intervention has a dose with an amount")
    bases = {_basis_of(rule, basis) for rule in rules if rule.amount and rule.amount.unit.endswith("/kg")}
    if None in bases:
        raise NOT_KNOWN.refuse(
            "the study file does not say which body weight is meant",
            place=Place(path="weight_basis"),
            remedy="say actual or predicted in `weight_basis`; better, amend the study file.",
        )
    stated = volumes_of(study)
    if stated and volume_ml is not None and stated != (volume_ml,):
        raise CONTRADICTS.refuse(
            "the study file states another volume", place=Place(path="volume_ml"), value=f"{volume_ml:g} mL"
        )
    if not stated and volume_ml is None:
        raise NOT_KNOWN.refuse(
            "the study file states no volume",
            place=Place(path="volume_ml"),
            remedy="give `volume_ml`, the mL of one administration in all.",
        )
    return Needs(
        actual_weight="actual" in bases,
        predicted_weight="predicted" in bases,
        volumes=stated if volume_ml is None else (volume_ml,),
    )


def volumes_of(study: Study) -> tuple[float, ...]:
    """The different volumes in mL that the study file states of what is given beside background treatment."""
    given = [one.volume for one in study.interventions if one.role != "background"]
    return tuple(sorted({float(one.to("mL").value) for one in given if one is not None}))


def most_off_of(study: Study) -> float:
    """The least share that a rule of the study file lets a dose differ by: the same for every arm."""
    return min(
        [limit_of(one.dose) for one in study.interventions if one.dose is not None], default=limit_of(None)
    )


def settle_person(needs: Needs, *, recorded: Person, stated: Person) -> Person:
    """The person that the rules ask about: as recorded, else as stated. Refuses PLN-002 and PLN-003."""
    settled: dict[str, Any] = {}
    for name in ("weight_kg", "height_cm", "sex"):
        of_form, told = getattr(recorded, name), getattr(stated, name)
        if of_form is not None and told is not None and of_form != told:
            raise CONTRADICTS.refuse(
                f"{name} is recorded as {of_form} and stated as {told}", place=Place(path=name), value=told
            )
        settled[name] = of_form if of_form is not None else told
    asked = (["weight_kg"] if needs.actual_weight else []) + (
        ["height_cm", "sex"] if needs.predicted_weight else []
    )
    for name in asked:
        if settled[name] is None:
            raise NOT_KNOWN.refuse(f"{name} is neither recorded nor stated", place=Place(path=name))
    person = Person(**settled)
    if needs.predicted_weight:
        _check_predicted(person)
    return person


def compute_plan(
    study: Study,
    *,
    arm: str,
    batch: str,
    person: Person,
    source: Source,
    needs: Needs,
    basis: Basis | None,
    intervention: str = "",
    study_version: int,
    reasons: tuple[Reason, ...] = (),
) -> DosePlan:
    """The plan of one administration in an arm; `reasons` are those of the batch, which come first."""
    chosen, why = _find_intervention(study, arm, intervention)
    volume = _volume_of(chosen, needs)
    first = (*reasons, why)
    if volume is None:
        first = (*first, Reason("the volume is known", None, "the study file gives this arm no volume"))
    planned = None
    if chosen is not None and volume is not None:
        planned = _planned(chosen, person, source, volume=volume, basis=basis)
    whole = (*first, *(planned.verdict.reasons if planned else ()))
    holds = planned is not None and all(one.holds is True for one in whole)
    made = planned.preparation if planned is not None and holds else None
    ways = () if all(one.holds for one in reasons) else ("a kit of a released batch that is in date",)
    counted = chosen is not None and chosen.dose is not None and chosen.dose.amount is not None
    return DosePlan(
        intervention=chosen.id if chosen else "",
        batch=batch,
        study_version=study_version,
        weight_kg=person.weight_kg,
        height_cm=person.height_cm,
        sex=person.sex,
        weight_basis=basis,
        source=source,
        reasons=whole,
        steps=planned.steps if planned else (),
        possible_if=(*ways, *(planned.possible_if if planned else ())),
        vehicle=(chosen.vehicle or "") if chosen else "",
        total_ml=volume,
        draw_ml=made.draw_ml if made else volume if holds else None,
        diluent_ml=made.diluent_ml if made else 0.0 if holds else None,
        wanted=made.wanted if made and counted else None,
        particles=made.particles if made and counted else None,
        low=made.low if made and counted else None,
        high=made.high if made and counted else None,
    )


def _planned(
    chosen: Intervention, person: Person, source: Source, *, volume: float, basis: Basis | None
) -> PlannedDose:
    if chosen.dose is None or chosen.dose.amount is None:
        held = Reason(
            "the vial holds it", volume <= source.vial_ml, f"{volume:g} mL of {source.vial_ml:g} mL"
        )
        ways: tuple[str, ...] = () if held.holds else (f"a vial of at least {volume:g} mL",)
        steps = (f"no particles are counted: {volume:g} mL are drawn, and nothing is added",)
        return PlannedDose(
            verdict=Verdict(QUESTION, (held,)), preparation=None, steps=steps, possible_if=ways
        )
    changes: dict[str, Any] = {}
    if chosen.dose.weight_basis in (None, "not stated"):
        changes["weight_basis"] = basis
    if chosen.dose.particles_per_cell is None:
        changes["particles_per_cell"] = source.particles_per_cell
    rule = chosen.dose.model_copy(update=changes)
    if source.concentration is None:
        needed = compute_needed_concentration(rule, person, volume_ml=volume, schedule=chosen.schedule)
        least = needed.concentration
        reason = Reason(
            "the concentration of the batch is known", None, "its evidence tells none, and none is stated"
        )
        ways = needed.possible_if
        if least is not None:
            ways = (f"a batch of known concentration, at least {least:.4g} particles/mL",)
        return PlannedDose(
            verdict=Verdict(QUESTION, (reason,)), preparation=None, steps=needed.steps, possible_if=ways
        )
    vial = Vial(
        concentration=source.concentration,
        relative_uncertainty=source.relative_uncertainty,
        volume_ml=source.vial_ml,
    )
    return compute_dose(
        rule,
        person,
        vial,
        volume_ml=volume,
        graduation_ml=source.graduation_ml,
        schedule=chosen.schedule,
    )


def _find_intervention(study: Study, arm: str, named: str) -> tuple[Intervention | None, Reason]:
    """What of an arm is planned: its only intervention beside background treatment, or the one that is named."""
    asked = "it is known what is given"
    ids = next((one.interventions for one in study.arms if one.id == arm), ())
    given = [one for one in study.interventions if one.id in ids and one.role != "background"]
    dosed = [one for one in given if one.dose is not None and one.dose.amount is not None]
    fitting = [one for one in given if one.id == named] if named else dosed or given
    if len(fitting) == 1:
        return fitting[0], Reason(asked, True, fitting[0].name)
    there = ", ".join(one.id for one in given) or "nothing"
    return None, Reason(asked, None, f"the arm is given {there}; name one in `intervention`")


def _volume_of(chosen: Intervention | None, needs: Needs) -> float | None:
    if needs.volume_ml is not None:
        return needs.volume_ml
    return None if chosen is None or chosen.volume is None else float(chosen.volume.to("mL").value)


def _basis_of(rule: Dose, stated: Basis | None) -> str | None:
    told = rule.weight_basis
    if told in (None, "not stated"):
        return stated
    if stated is not None and stated != told:
        raise CONTRADICTS.refuse(
            f"the study file says {told} body weight", place=Place(path="weight_basis"), value=stated
        )
    return told


def _check_predicted(person: Person) -> None:
    """Refuse with ANT-003 who is shorter than the formula of predicted weight holds for."""
    from exotrial.participants.anthropometry import compute_predicted_weight

    assert person.height_cm is not None
    assert person.sex is not None
    compute_predicted_weight(person.height_cm, sex=person.sex)
