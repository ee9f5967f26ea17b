"""The dose: from the study's rule, a person and a vial to the volume that is drawn, or why it cannot be made.

Every step is told with its numbers. Uncertainty follows JCGM 100:2008 (GUM) 5.1.2: the relative standard uncertainties
of the concentration and of the drawn volume add in quadrature; a graduation is read as a rectangular distribution of
half a division to each side (GUM 4.3.7); the interval is twice the standard uncertainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import Quantity, format_quantity
from exotrial.core.verdict import Reason, Verdict
from exotrial.participants.anthropometry import Sex, check_height, check_weight, compute_predicted_weight
from exotrial.study.definition.dosing import Dose, Schedule

BAD_VIAL = ErrorCode(
    "DSE-001",
    "A vial's concentration or volume is not a number above 0.",
    "give the concentration in particles/mL as released, corrected for dilution, and the volume in mL.",
)
BAD_DEVICE = ErrorCode(
    "DSE-002",
    "A volume or a graduation is not a number above 0.",
    "give millilitres, such as 5 for the volume and 0.1 for the graduation.",
)

MOST_OFF = 0.05
"""Rounding to the device's graduation may change the dose by so much; the study file may state another limit."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a dose by weight needs; None is not known. Refuses implausible values with ANT-001 and ANT-002."""

    weight_kg: float | None = None
    height_cm: float | None = None
    sex: Sex | None = None

    def __post_init__(self) -> None:
        if self.weight_kg is not None:
            check_weight(self.weight_kg)
        if self.height_cm is not None:
            check_height(self.height_cm)


@dataclass(frozen=True, kw_only=True)
class Vial:
    """A released vial: particles/mL with the relative standard uncertainty of it, and the mL that can be drawn."""

    concentration: float
    relative_uncertainty: float | None = None
    volume_ml: float

    def __post_init__(self) -> None:
        uncertainty = 0.0 if self.relative_uncertainty is None else self.relative_uncertainty
        for name, value in (("concentration", self.concentration), ("volume_ml", self.volume_ml)):
            if not (math.isfinite(value) and value > 0):
                raise BAD_VIAL.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)
        if not 0 <= uncertainty < 1:
            raise BAD_VIAL.refuse(
                f"relative_uncertainty is {uncertainty:g}",
                place=Place(path="relative_uncertainty"),
                value=uncertainty,
                remedy="give a share between 0 and 1, such as 0.08 for 8 %.",
            )


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is drawn and mixed. `particles` is what the drawn volume holds, `off` by which share rounding changed it.

    `low` and `high` are the interval, None where the concentration's uncertainty is not known.
    """

    wanted: float
    draw_ml: float
    diluent_ml: float
    total_ml: float
    particles: float
    low: float | None
    high: float | None
    off: float


@dataclass(frozen=True, kw_only=True)
class PlannedDose:
    """The verdict, the preparation where it holds, each step in words, and else what would make it possible."""

    verdict: Verdict
    preparation: Preparation | None
    steps: tuple[str, ...]
    possible_if: tuple[str, ...] = ()


def compute_dose(
    rule: Dose,
    person: Person,
    vial: Vial,
    *,
    volume_ml: float,
    graduation_ml: float,
    schedule: Schedule | None = None,
) -> PlannedDose:
    """Plan one administration of `volume_ml` in all, drawn with a device of that graduation.

    Refuses with DSE-002, and with ANT-003 where predicted weight is asked for below the formula's range.
    """
    for name, value in (("volume_ml", volume_ml), ("graduation_ml", graduation_ml)):
        if not (math.isfinite(value) and value > 0):
            raise BAD_DEVICE.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)
    steps: list[str] = []
    reasons: list[Reason] = []
    missing: list[str] = []
    wanted = _wanted(rule, schedule, person, steps, reasons, missing)
    if wanted is None:
        return PlannedDose(
            verdict=_verdict(reasons), preparation=None, steps=tuple(steps), possible_if=tuple(missing)
        )
    exact = wanted / vial.concentration
    steps.append(f"{wanted:.4g} particles / {vial.concentration:.4g} particles/mL = {exact:.4g} mL")
    draw = _round_to(exact, graduation_ml)
    if is_above(draw * vial.concentration, rule.at_most):
        draw = _round_to(exact, graduation_ml, down=True)
        steps.append(f"rounded down to the graduation of {graduation_ml:g} mL, below the limit: {draw:g} mL")
    elif draw != exact:
        steps.append(f"rounded to the graduation of {graduation_ml:g} mL: {draw:g} mL")
    off = draw / exact - 1
    limit = MOST_OFF if rule.most_off is None else float(rule.most_off.to("%").value) / 100
    held = vial.volume_ml
    reasons += [
        Reason(
            "the dose fits into the volume",
            draw <= volume_ml,
            f"{draw:g} mL of {volume_ml:g} mL",
        ),
        Reason("the vial holds it", draw <= held, f"{draw:g} mL of {held:g} mL"),
        Reason(
            "rounding to the graduation keeps the dose",
            abs(off) <= limit,
            f"rounding changes it by {off:+.1%}; {limit:.1%} is allowed",
        ),
    ]
    ways = _ways_out(
        wanted, draw=draw, off=off, limit=limit, volume_ml=volume_ml, graduation_ml=graduation_ml, vial=vial
    )
    verdict = _verdict(reasons)
    if not verdict:
        return PlannedDose(verdict=verdict, preparation=None, steps=tuple(steps), possible_if=ways)
    particles = draw * vial.concentration
    low = high = None
    if vial.relative_uncertainty is not None:
        reading = graduation_ml / 2 / math.sqrt(3) / draw
        both = math.hypot(vial.relative_uncertainty, reading)
        low, high = max(0.0, particles * (1 - 2 * both)), particles * (1 + 2 * both)
        steps.append(
            f"relative uncertainty: concentration {vial.relative_uncertainty:.1%}, "
            f"volume {reading:.1%}, together {both:.1%}"
        )
    diluent = float(Decimal(repr(volume_ml)) - Decimal(repr(draw)))
    steps.append(f"{draw:g} mL of product and {diluent:g} mL of diluent make {volume_ml:g} mL")
    return PlannedDose(
        verdict=verdict,
        preparation=Preparation(
            wanted=wanted,
            draw_ml=draw,
            diluent_ml=diluent,
            total_ml=volume_ml,
            particles=particles,
            low=low,
            high=high,
            off=off,
        ),
        steps=tuple(steps),
    )


@dataclass(frozen=True, kw_only=True)
class Needed:
    """Particles of one administration and the concentration that its volume needs, or what is missing."""

    particles: float | None
    concentration: float | None
    steps: tuple[str, ...]
    possible_if: tuple[str, ...]


def compute_needed_concentration(
    rule: Dose, person: Person, *, volume_ml: float, schedule: Schedule | None = None
) -> Needed:
    """The least concentration in particles/mL with which the dose fits into the volume (DSE-002, ANT-003)."""
    if not (math.isfinite(volume_ml) and volume_ml > 0):
        raise BAD_DEVICE.refuse(f"volume_ml is {volume_ml:g}", place=Place(path="volume_ml"), value=volume_ml)
    steps: list[str] = []
    missing: list[str] = []
    wanted = _wanted(rule, schedule, person, steps, [], missing)
    if wanted is None:
        return Needed(particles=None, concentration=None, steps=tuple(steps), possible_if=tuple(missing))
    needed = wanted / volume_ml
    steps.append(f"{wanted:.4g} particles / {volume_ml:g} mL = {needed:.4g} particles/mL at least")
    return Needed(particles=wanted, concentration=needed, steps=tuple(steps), possible_if=())


def planned_administrations(schedule: Schedule) -> int | None:
    """How many administrations a course has, None where the schedule does not say it."""
    if schedule.administrations is not None:
        return schedule.administrations
    if schedule.days is None:
        return None
    daily = schedule.times_per_day or (len(schedule.clock_times) or 1)
    return schedule.days * daily


def _wanted(
    rule: Dose,
    schedule: Schedule | None,
    person: Person,
    steps: list[str],
    reasons: list[Reason],
    missing: list[str],
) -> float | None:
    """Particles of one administration, or None with what is missing."""
    if rule.amount is None:
        reasons.append(Reason("the study file states the dose", None, "no amount is stated"))
        missing.append("a dose in the study file: interventions.dose.amount")
        return None
    kind, by_weight, each = _unit_of(rule.amount)
    reasons.append(Reason("the study file states the dose", True, format_quantity(rule.amount)))
    amount = each
    steps.append(f"the rule: {format_quantity(rule.amount)}")
    if by_weight:
        weight = _weight(rule, person, steps, reasons, missing)
        if weight is None:
            return None
        amount = each * weight
        steps.append(f"{each:.4g} {kind}/kg x {weight:.4g} kg = {amount:.4g} {kind}")
    if kind == "cells":
        if rule.particles_per_cell is None:
            reasons.append(
                Reason(
                    "cells are converted to particles", None, "the dose is in cells, and no yield is stated"
                )
            )
            missing.append("the number of particles that one cell stands for: dose.particles_per_cell")
            return None
        reasons.append(
            Reason(
                "cells are converted to particles",
                True,
                f"{rule.particles_per_cell:g} particles for each cell",
            )
        )
        amount *= rule.particles_per_cell
        steps.append(f"x {rule.particles_per_cell:g} particles/cell = {amount:.4g} particles")
    elif kind != "particles":
        reasons.append(Reason("the dose is a number of particles", None, f"it is in {rule.amount.unit}"))
        missing.append("a dose in particles, or in cells with the particles of one cell")
        return None
    times = _times(rule, schedule, steps, reasons, missing)
    if times is None:
        return None
    if times > 1:
        amount /= times
        steps.append(f"in {times} administrations a {rule.per}: {amount:.4g} particles each")
    if rule.at_most is not None:
        cap_kind, _, cap = _unit_of(rule.at_most)
        if cap_kind == "particles" and amount > cap:
            steps.append(f"capped at {format_quantity(rule.at_most)}")
            amount = cap
    return amount


def _times(
    rule: Dose, schedule: Schedule | None, steps: list[str], reasons: list[Reason], missing: list[str]
) -> int | None:
    """How many administrations share the amount, or None with what is missing."""
    if rule.per == "administration":
        return 1
    if rule.per == "not stated":
        steps.append("the study file does not say per what: taken as one administration")
        return 1
    times = None
    if schedule is not None:
        daily = schedule.times_per_day or len(schedule.clock_times) or None
        times = daily if rule.per == "day" else planned_administrations(schedule)
    if times is None:
        reasons.append(
            Reason(f"how often it is given a {rule.per} is known", None, f"the dose is for one {rule.per}")
        )
        missing.append(f"how often it is given a {rule.per}: interventions.schedule")
    return times


def _weight(
    rule: Dose, person: Person, steps: list[str], reasons: list[Reason], missing: list[str]
) -> float | None:
    asked = "the body weight is known"
    if rule.weight_basis == "predicted":
        if person.height_cm is None or person.sex is None:
            reasons.append(Reason(asked, None, "predicted weight needs height and sex"))
            missing.append("height and sex")
            return None
        weight = compute_predicted_weight(person.height_cm, sex=person.sex)
        steps.append(
            f"predicted body weight (ARDS Network): {50.0 if person.sex == 'M' else 45.5:g} + 0.91 x "
            f"({person.height_cm:g} - 152.4) = {weight:.4g} kg"
        )
    elif rule.weight_basis == "actual":
        if person.weight_kg is None:
            reasons.append(Reason(asked, None, "the actual weight is not given"))
            missing.append("the actual body weight")
            return None
        weight = person.weight_kg
    else:
        reasons.append(Reason(asked, None, f"which weight is meant is {rule.weight_basis or 'not stated'}"))
        missing.append("whether the dose is by actual or by predicted weight: dose.weight_basis")
        return None
    reasons.append(Reason(asked, True, f"{weight:.4g} kg, {rule.weight_basis}"))
    return weight


def _unit_of(amount: Quantity) -> tuple[str, bool, float]:
    """What is counted, whether by weight, and how many (per kg)."""
    for unit, kind, by_weight in (
        ("particles", "particles", False),
        ("cells", "cells", False),
        ("particles/kg", "particles", True),
        ("cells/kg", "cells", True),
    ):
        if amount.unit == unit:
            return kind, by_weight, float(amount.value)
    return amount.unit, False, float(amount.value)


def _round_to(volume_ml: float, graduation_ml: float, *, down: bool = False) -> float:
    """The nearest mark of the device, or the one below; decimal, so that 0.3 is three marks of 0.1."""
    mark = Decimal(repr(graduation_ml))
    way = ROUND_FLOOR if down else ROUND_HALF_EVEN
    return float((Decimal(repr(volume_ml)) / mark).to_integral_value(rounding=way) * mark)


def is_above(particles: float, at_most: Quantity | None) -> bool:
    """Whether it is more than a cap in particles; equal within the last digits of a float is not more."""
    return (
        at_most is not None and at_most.unit == "particles" and particles > float(at_most.value) * (1 + 1e-9)
    )


def _ways_out(
    wanted: float,
    *,
    draw: float,
    off: float,
    limit: float,
    volume_ml: float,
    graduation_ml: float,
    vial: Vial,
) -> tuple[str, ...]:
    ways: list[str] = []
    if draw > volume_ml:
        ways.append(f"a concentration of at least {wanted / volume_ml:.4g} particles/mL in {volume_ml:g} mL")
        ways.append(f"a volume of at least {draw:g} mL at this concentration")
    if draw > vial.volume_ml:
        ways.append(f"{math.ceil(draw / vial.volume_ml)} vials of {vial.volume_ml:g} mL")
    if abs(off) > limit:
        finer = 2 * limit * wanted / vial.concentration
        ways.append(f"a device with a graduation of at most {finer:.2g} mL, or a vial of lower concentration")
    return tuple(ways)


def _verdict(reasons: list[Reason]) -> Verdict:
    return Verdict("Can this dose be made?", tuple(reasons))
