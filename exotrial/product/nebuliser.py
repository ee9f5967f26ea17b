"""The nebuliser's budget: from the fill to the region of the airways, each step with its source.

Deposition by the fits of Hinds (Aerosol Technology, 2nd edition, 1999, equations 11.1 to 11.4) to the model of ICRP
Publication 66: an average of women and men at three levels of exercise, breathing through the nose, spheres of unit
density of 0.001 to 100 um. Through a mouthpiece less stays in the head and more goes to the lung: these numbers are
then a lower bound for the lung. Droplets carry the vesicles, so that deposition follows the droplet's size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtr, ndtri

from exotrial.core.errors import ErrorCode, Place

BAD_NEBULISER = ErrorCode(
    "NEB-001",
    "A number of a nebuliser is outside what it can be.",
    "volumes, rates, times and droplet sizes are above 0; shares lie between 0 and 1; a geometric standard deviation "
    "is at least 1.",
)
NO_FIT = ErrorCode(
    "NEB-002",
    "The droplet is outside the range of the deposition fits.",
    "the fits hold from 0.001 to 100 um of aerodynamic diameter.",
)
FINE_UM: Final = 5.0
"""Droplets below it are the fine particle fraction (Ph. Eur. 2.9.44)."""


@dataclass(frozen=True, kw_only=True)
class Deposition:
    """Shares of the particles in the air that deposit; `inhalable` is the share that is breathed in at all."""

    inhalable: float
    head: float
    tracheobronchial: float
    alveolar: float

    @property
    def lung(self) -> float:
        return self.tracheobronchial + self.alveolar


def compute_deposition(diameter_um: float) -> Deposition:
    """Regional deposition of droplets of one aerodynamic diameter (Hinds 1999, eq. 11.1 to 11.4; NEB-002)."""
    if not 0.001 <= diameter_um <= 100:
        raise NO_FIT.refuse(f"{diameter_um:g} um", place=Place(path="diameter_um"), value=diameter_um)
    d, ln = diameter_um, math.log(diameter_um)
    inhalable = 1 - 0.5 * (1 - 1 / (1 + 0.00076 * d**2.8))
    head = inhalable * (1 / (1 + math.exp(6.84 + 1.183 * ln)) + 1 / (1 + math.exp(0.924 - 1.885 * ln)))
    bronchial = (
        0.00352 / d * (math.exp(-0.234 * (ln + 3.40) ** 2) + 63.9 * math.exp(-0.819 * (ln - 1.61) ** 2))
    )
    alveolar = (
        0.0155 / d * (math.exp(-0.416 * (ln + 2.84) ** 2) + 19.11 * math.exp(-0.482 * (ln - 1.362) ** 2))
    )
    return Deposition(inhalable=inhalable, head=head, tracheobronchial=bronchial, alveolar=alveolar)


def compute_deposition_of_spray(mmad_um: float, *, gsd: float) -> Deposition:
    """Deposition by mass of a log-normal spray: the fits averaged over it (NEB-001, NEB-002).

    `mmad_um` is the mass median aerodynamic diameter, `gsd` the geometric standard deviation; 201 equal shares of
    the mass stand for the spray.
    """
    _check_spray(mmad_um, gsd)
    if gsd == 1:
        return compute_deposition(mmad_um)
    shares = 201
    sums = [0.0, 0.0, 0.0, 0.0]
    for k in range(shares):
        diameter = mmad_um * gsd ** float(ndtri((k + 0.5) / shares))
        one = compute_deposition(diameter)
        for at, value in enumerate((one.inhalable, one.head, one.tracheobronchial, one.alveolar)):
            sums[at] += value / shares
    return Deposition(inhalable=sums[0], head=sums[1], tracheobronchial=sums[2], alveolar=sums[3])


def compute_fine_fraction(mmad_um: float, *, gsd: float, below_um: float = FINE_UM) -> float:
    """The share of a log-normal spray's mass in droplets below a size (Ph. Eur. 2.9.44; NEB-001)."""
    _check_spray(mmad_um, gsd)
    if gsd == 1:
        return float(mmad_um < below_um)
    return float(ndtr(math.log(below_um / mmad_um) / math.log(gsd)))


@dataclass(frozen=True, kw_only=True)
class Droplet:
    """Vesicles in one droplet: their mean, and the share of droplets that hold at least one (Poisson)."""

    mean: float
    at_least_one: float


def compute_droplet(diameter_um: float, *, concentration: float) -> Droplet:
    """Vesicles in droplets of one size, from particles/mL of the liquid (NEB-001)."""
    _above(diameter_um=diameter_um, concentration=concentration)
    volume_ml = math.pi / 6 * diameter_um**3 * 1e-12
    mean = concentration * volume_ml
    return Droplet(mean=mean, at_least_one=-math.expm1(-mean))


@dataclass(frozen=True, kw_only=True)
class Nebuliser:
    """A device and how it is used. `output_ml_min` and `residual_ml` as its maker or a test states them.

    `inhaled_share` is the share of what is emitted that is breathed in (the rest is exhaled or lost while the
    participant breathes out); `survival` is the share of vesicles that pass intact, from the comparability data.
    """

    fill_ml: float
    residual_ml: float
    output_ml_min: float
    minutes: float
    mmad_um: float
    gsd: float
    inhaled_share: float
    survival: float

    def __post_init__(self) -> None:
        _above(fill_ml=self.fill_ml, output_ml_min=self.output_ml_min, minutes=self.minutes)
        _share(inhaled_share=self.inhaled_share, survival=self.survival)
        _check_spray(self.mmad_um, self.gsd)
        if not 0 <= self.residual_ml < self.fill_ml:
            raise BAD_NEBULISER.refuse(
                f"a residual of {self.residual_ml:g} mL in a fill of {self.fill_ml:g} mL",
                place=Place(path="residual_ml"),
                value=self.residual_ml,
            )


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Where the particles of one fill go, in particles; `fine` is a share of the spray's mass.

    `emptied`: the device came to its residual in the time; `minutes_needed` is how long it takes to come there.
    """

    filled: float
    emitted_ml: float
    emptied: bool
    minutes_needed: float
    emitted: float
    intact: float
    inhaled: float
    fine: float
    head: float
    tracheobronchial: float
    alveolar: float


def compute_delivered_volume(
    fill_ml: float, *, output_ml_min: float, minutes: float, residual_ml: float = 0.0
) -> tuple[float, bool]:
    """The mL that leave the device in the time, and whether it was emptied to its residual (NEB-001)."""
    _above(fill_ml=fill_ml, output_ml_min=output_ml_min, minutes=minutes)
    available = fill_ml - residual_ml
    delivered = output_ml_min * minutes
    return (available, True) if delivered >= available else (delivered, False)


def compute_budget(device: Nebuliser, *, concentration: float) -> Budget:
    """The particles of one inhalation from the fill's particles/mL to the regions of the airways (NEB-001)."""
    _above(concentration=concentration)
    volume, emptied = compute_delivered_volume(
        device.fill_ml,
        output_ml_min=device.output_ml_min,
        minutes=device.minutes,
        residual_ml=device.residual_ml,
    )
    emitted = concentration * volume
    intact = emitted * device.survival
    inhaled = intact * device.inhaled_share
    where = compute_deposition_of_spray(device.mmad_um, gsd=device.gsd)
    return Budget(
        filled=concentration * device.fill_ml,
        emitted_ml=volume,
        emptied=emptied,
        minutes_needed=(device.fill_ml - device.residual_ml) / device.output_ml_min,
        emitted=emitted,
        intact=intact,
        inhaled=inhaled,
        fine=compute_fine_fraction(device.mmad_um, gsd=device.gsd),
        head=inhaled * where.head / where.inhalable,
        tracheobronchial=inhaled * where.tracheobronchial / where.inhalable,
        alveolar=inhaled * where.alveolar / where.inhalable,
    )


def _check_spray(mmad_um: float, gsd: float) -> None:
    _above(mmad_um=mmad_um)
    if not (math.isfinite(gsd) and gsd >= 1):
        raise BAD_NEBULISER.refuse(f"gsd is {gsd:g}", place=Place(path="gsd"), value=gsd)


def _above(**numbers: float) -> None:
    for name, value in numbers.items():
        if not (math.isfinite(value) and value > 0):
            raise BAD_NEBULISER.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)


def _share(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0 <= value <= 1:
            raise BAD_NEBULISER.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)
