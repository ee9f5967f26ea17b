"""What a study file's dose comes to in particles: at several body weights, in each printed concentration, nebulised.

It computes from the file alone, before anybody is treated, and says what is missing where it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exotrial.core.errors import ErrorCode, Place
from exotrial.participants.anthropometry import FORMULA_FROM_CM, Sex
from exotrial.product.dose import Person, compute_needed_concentration
from exotrial.product.nebuliser import Nebuliser
from exotrial.study.definition.intervention import Intervention

NO_VOLUME = ErrorCode(
    "PLN-008",
    "An intervention has no volume in the study file.",
    "state `interventions.volume`, the mL of one administration in all.",
)

WEIGHTS_KG: Final = (50.0, 60.0, 70.0, 80.0, 100.0)
HEIGHTS: Final[tuple[tuple[Sex, float], ...]] = tuple(
    (sex, height) for sex in ("F", "M") for height in (155.0, 170.0, 185.0) if height >= FORMULA_FROM_CM
)


@dataclass(frozen=True, kw_only=True)
class NeededDose:
    """For one kind of person: particles of an administration and the particles/mL that its volume then needs."""

    who: str
    weight_kg: float | None
    particles: float | None
    concentration: float | None


@dataclass(frozen=True, kw_only=True)
class StatedDose:
    """The dose of one intervention: what each person needs, and what is missing where that cannot be told.

    `assumed` says which body weight was taken where the file does not say which is meant.
    """

    needed: tuple[NeededDose, ...]
    missing: tuple[str, ...]
    assumed: str


@dataclass(frozen=True, kw_only=True)
class Fill:
    """One printed concentration in the whole volume; `per_cell` are the particles that then stand for one cell.

    `per_cell` is for a dose in cells per kg by predicted weight, of a man of 170 cm, and None for any other dose.
    """

    concentration: float
    particles: float
    per_cell: float | None


def compute_stated_dose(given: Intervention) -> StatedDose:
    """What a dose rule comes to for people of several weights or heights (PLN-008)."""
    rule = given.dose
    if rule is None or rule.amount is None:
        return StatedDose(needed=(), missing=("the dose: interventions.dose.amount",), assumed="")
    assumed = ""
    by_weight = rule.amount.unit.endswith("/kg")
    if by_weight and rule.weight_basis in (None, "not stated"):
        rule = rule.model_copy(update={"weight_basis": "actual"})
        assumed = "actual body weight"
    people: list[tuple[str, Person]] = [("everybody", Person())]
    if by_weight and rule.weight_basis == "predicted":
        people = [
            (f"{'woman' if sex == 'F' else 'man'} of {height:g} cm", Person(height_cm=height, sex=sex))
            for sex, height in HEIGHTS
        ]
    elif by_weight:
        people = [(f"{weight:g} kg", Person(weight_kg=weight)) for weight in WEIGHTS_KG]
    volume, found, missing = _volume(given), [], dict[str, None]()
    for who, person in people:
        needed = compute_needed_concentration(rule, person, volume_ml=volume or 1.0, schedule=given.schedule)
        missing |= dict.fromkeys(needed.possible_if)
        if needed.particles is not None:
            concentration = needed.concentration if volume is not None else None
            found.append(
                NeededDose(
                    who=who,
                    weight_kg=person.weight_kg,
                    particles=needed.particles,
                    concentration=concentration,
                )
            )
    if volume is None:
        missing["the volume of one administration: interventions.volume"] = None
    return StatedDose(needed=tuple(found), missing=tuple(missing), assumed=assumed)


def compute_fills(given: Intervention) -> tuple[Fill, ...]:
    """The particles in the whole volume at each printed concentration. Refuses PLN-008 without a volume."""
    if given.dose is None or not given.dose.concentrations:
        return ()
    volume = _volume(given)
    if volume is None:
        raise NO_VOLUME.refuse(
            f"{given.id} has concentrations and no volume",
            place=Place(path=f"interventions.{given.id}.volume"),
        )
    cells = _cells(given)
    values = [float(one.to("particles/mL").value) for one in given.dose.concentrations]
    return tuple(
        Fill(
            concentration=one,
            particles=one * volume,
            per_cell=None if cells is None else one * volume / cells,
        )
        for one in values
    )


def derive_nebuliser(given: Intervention) -> Nebuliser | tuple[str, ...]:
    """The device as the study file states it, else what is missing, with its field. Refuses NEB-001."""
    stated, schedule = given.nebulisation, given.schedule
    each = schedule.duration_each if schedule is not None else None
    own = "interventions.nebulisation."
    numbers: dict[str, tuple[str, Any]] = {
        "fill_ml": ("the volume (interventions.volume)", given.volume and given.volume.to("mL").value),
        "minutes": ("its minutes (interventions.schedule.duration_each)", each and each.to("min").value),
        "residual_ml": (
            f"what stays in the device ({own}residual)",
            stated and stated.residual and stated.residual.to("mL").value,
        ),
        "output_ml_min": (
            f"what it puts out in a minute ({own}output)",
            stated and stated.output and stated.output.to("mL/min").value,
        ),
        "mmad_um": (
            f"the median size of its droplets ({own}mmad)",
            stated and stated.mmad and stated.mmad.to("um").value,
        ),
        "gsd": (f"how widely the droplets differ ({own}gsd)", stated and stated.gsd),
        "inhaled_share": (
            f"the share that is breathed in ({own}inhaled)",
            stated and stated.inhaled and stated.inhaled.to("%").value / 100,
        ),
        "survival": (
            f"the share of vesicles that pass intact ({own}survival)",
            stated and stated.survival and stated.survival.to("%").value / 100,
        ),
    }
    missing = tuple(words for words, value in numbers.values() if value is None)
    return missing or Nebuliser(**{name: float(value) for name, (_, value) in numbers.items()})


def _volume(given: Intervention) -> float | None:
    return None if given.volume is None else float(given.volume.to("mL").value)


def _cells(given: Intervention) -> float | None:
    """Cells of one administration to a man of 170 cm, for a dose in cells/kg by predicted weight."""
    rule = given.dose
    if (
        rule is None
        or rule.amount is None
        or rule.amount.unit != "cells/kg"
        or rule.weight_basis != "predicted"
    ):
        return None
    needed = compute_needed_concentration(
        rule.model_copy(update={"particles_per_cell": 1.0}),
        Person(height_cm=170.0, sex="M"),
        volume_ml=1.0,
        schedule=given.schedule,
    )
    return needed.particles
