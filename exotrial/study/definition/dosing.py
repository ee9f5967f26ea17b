"""The dose rule and when it is given (TIDieR items 6 to 8)."""

from __future__ import annotations

from typing import Literal

from exotrial.study.definition.base import (
    DoseAmount,
    Duration,
    Flow,
    Length,
    Part,
    ParticleConcentration,
    Percent,
    Text,
    Volume,
)


class Dose(Part):
    """A dose rule (TIDieR item 8). What a source leaves out is left out here, and `check` says so."""

    amount: DoseAmount | None = None
    per: Literal["administration", "day", "course", "not stated"] = "not stated"
    weight_basis: Literal["actual", "predicted", "ideal", "not stated"] | None = None
    """The body weight meant, where the amount is by weight."""
    cell_equivalent: bool = False
    """True where a cell-free product's dose is given in cells of origin."""
    particles_per_cell: float | None = None
    same_for_all: bool | None = None
    concentrations: tuple[ParticleConcentration, ...] = ()
    """The lowest and the highest concentration administered, in that order, where printed."""
    measured_by: Text | None = None
    total: DoseAmount | None = None
    """The total over the course, as stated."""
    at_most: DoseAmount | None = None
    """No administration holds more than this, whatever the weight."""
    most_off: Percent | None = None
    """By how much rounding to the device's graduation may change the dose."""


class Schedule(Part):
    """When and for how long (TIDieR item 8)."""

    times_per_day: int | None = None
    clock_times: tuple[Text, ...] = ()
    days: int | None = None
    administrations: int | None = None
    interval: Duration | None = None
    duration_each: Duration | None = None


class Nebulisation(Part):
    """How a dose is nebulised, as the device's maker or a test states it; what nobody showed is left out."""

    residual: Volume | None = None
    """What stays in the device."""
    output: Flow | None = None
    mmad: Length | None = None
    """The mass median aerodynamic diameter of the droplets."""
    gsd: float | None = None
    """Their geometric standard deviation."""
    inhaled: Percent | None = None
    """The share of what is emitted that is breathed in."""
    survival: Percent | None = None
    """The share of vesicles that pass intact, from the comparability data."""
