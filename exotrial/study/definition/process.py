"""How the product is made: the steps with their planned values, the limits of these, and how long may pass between."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from exotrial.core.quantities import dimension_of
from exotrial.study.definition.base import (
    CellDensity,
    CentrifugalForce,
    Duration,
    Length,
    MassConcentration,
    Part,
    Percent,
    StepValue,
    Temperature,
    Text,
    Volume,
)

Parameter = Literal[
    "force", "duration", "temperature", "pore", "length", "volume", "density", "carbon_dioxide"
]
"""What a step can plan as a quantity, and its record tell."""

DIMENSIONS: dict[str, str] = {
    "force": "relative centrifugal force",
    "duration": "duration",
    "temperature": "temperature",
    "pore": "length",
    "length": "length",
    "volume": "volume",
    "density": "cell density",
    "carbon_dioxide": "percent",
}
"""The dimension of each."""


class Ingredient(Part):
    """Something in a medium, with its concentration."""

    name: Text
    concentration: MassConcentration | Percent | None = None


class StepLimit(Part):
    """Between which values a parameter of a step has to lie; a limit counts as within."""

    parameter: Parameter
    at_least: StepValue | None = None
    at_most: StepValue | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        values = [one for one in (self.at_least, self.at_most) if one is not None]
        if not values:
            raise ValueError("a limit says `at_least` or `at_most`")
        for value in values:
            if dimension_of(value.unit) != DIMENSIONS[self.parameter]:
                raise ValueError(f"{value.text} is no {DIMENSIONS[self.parameter]}")
        return self


class ProcessStep(Part):
    """One step of making the product, with the parameters that the source gives."""

    name: Text
    action: Literal[
        "collect",
        "transport",
        "rinse",
        "dissect",
        "culture",
        "medium change",
        "dissociate",
        "seed",
        "prime",
        "centrifuge",
        "filter",
        "ultrafilter",
        "precipitate",
        "incubate",
        "resuspend",
        "cryopreserve",
        "dilute",
        "nebulise",
        "test",
    ]
    force: CentrifugalForce | None = None
    duration: Duration | None = None
    temperature: Temperature | None = None
    pore: Length | None = None
    length: Length | None = None
    volume: Volume | None = None
    density: tuple[CellDensity, ...] = ()
    carbon_dioxide: Percent | None = None
    repeats: int | None = None
    medium: Text | None = None
    ingredients: tuple[Ingredient, ...] = ()
    serum: bool = False
    serum_ev_depleted: bool | None = None
    material: Text | None = None
    note: Text | None = None
    limits: tuple[StepLimit, ...] = ()
    """Between which values a parameter has to lie; without one, a record that differs from the plan is told."""
    optional: bool = False
    """Whether a batch can be made without it, such as freezing what is to spare."""


class HoldTime(Part):
    """How long may pass at most, from the end of the step `after` to the end of the step `until`, by their names."""

    after: Text
    until: Text
    at_most: Duration
