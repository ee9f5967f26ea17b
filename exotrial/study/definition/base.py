"""The base of every part of a study file: frozen, strict, no unknown key; and quantities with a dimension.

The words are those of USDM v4 and ICH M11. A part never guesses: what a source does not say is left out of
the study file and is None here.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from exotrial.core.errors import Refusal
from exotrial.core.quantities import Quantity, read_quantity

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""A name by which one part of the file refers to another: lower case, digits and underscores."""

Text = Annotated[str, Field(min_length=1)]
"""Some words; an empty string is refused, because a missing thing is left out."""


Count = Annotated[int, Field(ge=0)]
"""A whole number of things, participants or days."""


Positive = Annotated[int, Field(ge=1)]
"""A whole number of at least one, such as a block size: a block of none never fills a stratum."""


class Part(BaseModel):
    """One table of the study file."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )


def as_tuples(value: Any) -> Any:
    """Parsed TOML with its lists as tuples, which strict and frozen parts ask for."""
    if isinstance(value, list):
        return tuple(as_tuples(entry) for entry in value)
    if isinstance(value, dict):
        return {key: as_tuples(entry) for key, entry in value.items()}
    return value


class Named(Part):
    """A part that others refer to by its `id`."""

    id: Identifier


def _quantity_of(*dimensions: str) -> Any:
    def read(value: object) -> Quantity:
        if isinstance(value, Quantity):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"expected a number with a unit, such as {_EXAMPLES[dimensions[0]]!r}")
        problems = []
        for dimension in dimensions:
            try:
                return read_quantity(value, dimension=dimension)
            except Refusal as refusal:
                problems.append(f"{refusal.problem}; {refusal.remedy}")
        raise ValueError(problems[0])

    return Annotated[
        Quantity,
        BeforeValidator(read),
        PlainSerializer(lambda quantity: quantity.text, return_type=str),
        WithJsonSchema(
            {
                "type": ["string", "number"],
                "description": f"A number with a unit of {' or '.join(dimensions)}.",
                "examples": [_EXAMPLES[dimension] for dimension in dimensions],
            }
        ),
    ]


_EXAMPLES = {
    "mass": "70 kg",
    "volume": "2 mL",
    "duration": "5 d",
    "length": "5 cm",
    "flow": "0.39 mL/min",
    "temperature": "4 degC",
    "relative centrifugal force": "110000 g",
    "particle count": "2.0e8 particles",
    "particle dose per mass": "1e8 particles/kg",
    "particle concentration": "7.66e8 particles/mL",
    "cell dose per mass": "1e6 cells/kg",
    "cell density": "1.2e4 cells/cm2",
    "mass concentration": "4500 mg/L",
    "percent": "5 %",
    "biological activity concentration": "0.5 IU/mL",
    "amount concentration": "290 mmol/L",
    "cell concentration": "6.5 10*9/L",
    "count": "7.4",
}

Mass = _quantity_of("mass")
Volume = _quantity_of("volume")
Duration = _quantity_of("duration")
Length = _quantity_of("length")
Flow = _quantity_of("flow")
Temperature = _quantity_of("temperature")
CentrifugalForce = _quantity_of("relative centrifugal force")
Percent = _quantity_of("percent")
MassConcentration = _quantity_of("mass concentration")
ParticleConcentration = _quantity_of("particle concentration")
CellDensity = _quantity_of("cell density")
StepValue = _quantity_of(
    *("duration", "temperature", "relative centrifugal force", "volume", "length", "percent", "cell density")
)
"""A value of a parameter of a process step."""
DoseAmount = _quantity_of("particle dose per mass", "particle count", "cell dose per mass", "mass")
ReleaseLimit = _quantity_of(
    *(
        "particle concentration",
        "length",
        "biological activity concentration",
        "mass concentration",
        "percent",
    ),
    *("volume", "particle count", "particle dose per mass", "amount concentration", "cell concentration"),
    *("temperature", "count"),
)
"""A limit of a release test: a concentration, a diameter, a content; a bare number for a pH or a ratio."""
