"""Values: one measurement with its unit, its side of a detection limit, or the reason why there is none.

"Not done" and "no data" stay apart, and neither is ever a zero or a NaN (SDTMIG 4.5.1: --STAT, --REASND;
results below a limit keep their sign as in --ORRES).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import Quantity, convert, dimension_of, read_quantity

NOT_A_VALUE = ErrorCode(
    "MSR-006",
    "A measured value is neither a number nor a known word for a missing one.",
    "write the number with its unit, or 'not done', 'no data' or nothing.",
)


class Missing(StrEnum):
    """Why there is no value."""

    NOT_RECORDED = "not recorded"  # the field was left empty
    NOT_DONE = "not done"  # known not to have been measured
    NO_DATA = "no data"  # the source says that it has none
    NOT_COMPUTABLE = "not computable"  # an input is missing, or the definition does not apply


class Side(StrEnum):
    """On which side of the number the true value lies; EXACT for a plain measurement."""

    EXACT = ""
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="


_WORDS = {
    "": Missing.NOT_RECORDED,
    "not recorded": Missing.NOT_RECORDED,
    "not done": Missing.NOT_DONE,
    "no data": Missing.NO_DATA,
}


@dataclass(frozen=True, kw_only=True)
class Value:
    """A number in a unit ("" for none), or the reason why it is missing: exactly one of the two."""

    number: float | None = None
    unit: str = ""
    side: Side = Side.EXACT
    missing: Missing | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.missing is None):
            raise ValueError("a value has a number or a reason why it has none")
        if self.number is not None and not math.isfinite(self.number):
            raise NOT_A_VALUE.refuse(f"{self.number} is not a finite number", value=self.number)

    def to(self, unit: str) -> Value:
        """The value in another unit; the side of a limit stays (QTY-007 for another dimension)."""
        if self.number is None or unit == self.unit:
            return self
        quantity = Quantity(value=Decimal(repr(self.number)), unit=self.unit or "1")
        return Value(number=convert(quantity, unit or "1").number, unit=unit, side=self.side)

    def __str__(self) -> str:
        if self.missing is not None:
            return self.missing.value
        return f"{self.side}{self.number:g} {self.unit}".strip()


def read_value(
    written: str | float | int | Quantity | None,
    *,
    unit: str,
    written_in: str | None = None,
    place: Place | None = None,
) -> Value:
    """Read a value as captured or printed, and give it in `unit` ("" for a plain number).

    A number without a unit is in `written_in` (the unit of the column's heading), or in `unit` where that is
    not given. `<0.5` keeps its side. Refuses MSR-006 for words that are no known reason for a missing value,
    and QTY-001 to QTY-007 for the number and its unit.
    """
    if isinstance(written, Quantity):
        return Value(number=convert(written, unit or "1").number, unit=unit)
    if isinstance(written, int | float):
        return Value(number=float(written), unit=unit if written_in is None else written_in).to(unit)
    text = "" if written is None else str(written).strip()
    if text.casefold() in _WORDS:
        return Value(missing=_WORDS[text.casefold()])
    hit = re.fullmatch(r"(?P<side>[<>]=?|[≤≥])?\s*(?P<rest>[-+−]?[\d.].*)", text)
    if hit is None:
        raise NOT_A_VALUE.refuse(f"{text!r} is not a value", place=place, value=text)
    side = Side((hit["side"] or "").replace("≤", "<=").replace("≥", ">="))
    rest = hit["rest"]
    dimension = dimension_of(unit) if unit else "ratio"
    if re.fullmatch(r"[-+−]?[\d.]+(?:[eE][-+]?\d+)?", rest):
        rest = f"{rest} {written_in or unit}".strip()
    if dimension in ("ratio", "count") and rest.endswith(" 1"):
        rest = rest[:-2]
    quantity = read_quantity(rest, dimension=dimension, place=place)
    return Value(number=convert(quantity, unit or "1").number, unit=unit, side=side)
