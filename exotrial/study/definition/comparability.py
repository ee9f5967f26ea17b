"""What makes two states of a product comparable: attribute, comparison, margin and error rate (ICH Q5E).

The margin is a decision made before the data, with its reason; nothing here has a default that would make one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from exotrial.core.errors import Refusal
from exotrial.core.quantities import Quantity
from exotrial.study.definition.base import Part, ReleaseLimit, Text

Comparison = Literal["before and after nebulisation", "batch to batch", "site to site", "fresh to stored"]
Attribute = Literal["particle concentration", "median diameter", "marker signal"]


class Comparability(Part):
    """One attribute of a product that must be equivalent in one comparison."""

    attribute: Attribute
    marker: Text | None = None
    """The marker meant, where the attribute is a marker signal."""
    comparison: Comparison
    margin: tuple[float, float]
    """The lowest and the highest ratio of geometric means that still counts as equivalent, such as [0.8, 1.25]."""
    margin_reason: Text | None = None
    alpha: Annotated[float, Field(gt=0, lt=0.5)]
    """The error rate of each of the two one-sided tests; 0.05 goes with a 90 % interval."""
    design: Literal["paired", "independent"]
    """Paired where one sample is measured in both states, such as one vial before and after the device."""
    samples: Annotated[int, Field(ge=2)] | None = None
    """Samples planned in each group, or pairs."""
    expected_ratio: Annotated[float, Field(gt=0)] | None = None
    expected_cv: Annotated[float, Field(gt=0)] | None = None
    """Coefficient of variation as a fraction: between samples, or, where paired, of the ratio between pairs."""
    power: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The power planned for."""

    @model_validator(mode="after")
    def _holds_together(self) -> Comparability:
        lower, upper = self.margin
        if not 0 < lower < 1 < upper:
            raise ValueError(
                f"the margin {lower:g} to {upper:g} does not lie on both sides of 1; "
                "write the lowest and the highest ratio, such as [0.8, 1.25]."
            )
        if (self.marker is None) == (self.attribute == "marker signal"):
            raise ValueError(
                "a marker signal names its marker, and nothing else does; add or remove 'marker'."
            )
        return self

    @property
    def name(self) -> str:
        """The attribute as tables and value files name it: `median diameter`, `marker signal: CD81`."""
        return self.attribute if self.marker is None else f"{self.attribute}: {self.marker}"


class StorageLimit(Part):
    """What an attribute must keep within for as long as the product is stored (ICH Q1E: the acceptance criterion)."""

    attribute: Literal["particle concentration", "median diameter"]
    lower: ReleaseLimit | None = None
    upper: ReleaseLimit | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> StorageLimit:
        lower, upper = self.numbers
        given = [limit for limit in (lower, upper) if limit is not None]
        if not given or min(given) <= 0:
            raise ValueError("a limit of storage has a lower or an upper value above 0, or both.")
        if lower is not None and upper is not None and lower >= upper:
            raise ValueError(f"the lower limit {lower:g} {self.unit} is not below the upper {upper:g}.")
        return self

    @property
    def numbers(self) -> tuple[float | None, float | None]:
        """The lower and the upper limit in `unit`."""
        return self._in_unit(self.lower), self._in_unit(self.upper)

    def _in_unit(self, limit: Quantity | None) -> float | None:
        try:
            return None if limit is None else limit.to(self.unit).number
        except Refusal as refusal:
            raise ValueError(f"a limit of the {self.attribute}: {refusal.problem}.") from None

    @property
    def unit(self) -> str:
        """The unit that measurements are held to the limit in, in UCUM spelling."""
        return "nm" if self.attribute == "median diameter" else "particles/mL"
