"""A number as it is printed: the digits shown say how far the true value may lie from it.

Half-up, half-even and half-down rounding are all accepted, so the interval is closed at both ends:
"15.3" may stand for anything from 15.25 to 15.35. Fractions keep every comparison exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isfinite

from exotrial.core.errors import ErrorCode

NOT_PRINTED_NUMBER = ErrorCode(
    "STS-500",
    "A printed number cannot be read.",
    "give it as text exactly as printed, such as '15.30', so that its number of decimals is known.",
)
NOT_A_COUNT = ErrorCode(
    "STS-501",
    "A number of participants or items is not a whole number that the check can use.",
    "give a whole number of at least the size that the message names.",
)
NOT_A_STEP = ErrorCode(
    "STS-502",
    "The step in which the data were recorded is not a positive number.",
    "give the step as text, such as '1' for whole days or '0.1' for one decimal.",
)
NEGATIVE_SPREAD = ErrorCode(
    "STS-503",
    "A printed standard deviation is negative.",
    "check the figure; a standard deviation is zero or more.",
)
NOT_A_P_VALUE = ErrorCode(
    "STS-504",
    "A printed p value is not between 0 and 1.",
    "give it as printed, such as '0.033' or '<0.001'.",
)

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_P_VALUE = re.compile(r"(?:[pP]\s*)?(?P<relation>[<>≤≥=]?)\s*(?P<figure>\S+)")


@dataclass(frozen=True, kw_only=True)
class PrintedNumber:
    """A printed figure and the closed interval of values that round to it."""

    text: str
    value: Fraction
    decimals: int

    @property
    def unit(self) -> Fraction:
        """One unit in the last printed place."""
        return Fraction(1, 10**self.decimals)

    @property
    def lower(self) -> Fraction:
        return self.value - self.unit / 2

    @property
    def upper(self) -> Fraction:
        return self.value + self.unit / 2

    def admits(self, value: Fraction) -> bool:
        """Whether a value rounds to the printed figure under some rule of rounding to nearest."""
        return self.lower <= value <= self.upper

    def format(self, value: Fraction | float) -> str:
        """Another value written with the same number of decimals."""
        return f"{float(value):.{self.decimals}f}"


@dataclass(frozen=True, kw_only=True)
class PrintedP:
    """A printed p value and the closed interval it stands for: "<0.001" is 0 to 0.001."""

    text: str
    lower: float
    upper: float


def read_printed(figure: str | int | Decimal) -> PrintedNumber:
    """Read a figure as printed; a float is refused because it forgets its trailing zeros (STS-500).

    A typographic minus and a raised decimal point are read as the plain signs.
    """
    if isinstance(figure, float):
        raise NOT_PRINTED_NUMBER.refuse(
            f"{figure!r} is a float, and its printed decimals are unknown", value=figure
        )
    text = (format(figure, "f") if isinstance(figure, Decimal) else str(figure)).strip()
    plain = text.replace("\N{MINUS SIGN}", "-").replace("\N{MIDDLE DOT}", ".")
    if not _NUMBER.fullmatch(plain):
        raise NOT_PRINTED_NUMBER.refuse(f"{text!r} is not a number", value=text)
    _, _, decimals = plain.partition(".")
    return PrintedNumber(text=text, value=Fraction(Decimal(plain)), decimals=len(decimals))


def read_printed_spread(figure: str | int | Decimal) -> PrintedNumber:
    """A printed standard deviation: a figure of zero or more (STS-500, STS-503)."""
    spread = read_printed(figure)
    if spread.value < 0:
        raise NEGATIVE_SPREAD.refuse(f"the standard deviation is {spread.text}", value=spread.text)
    return spread


def read_printed_p(figure: str | Decimal) -> PrintedP:
    """Read a p value: "0.033", "p=0.033", "<0.001" or ">0.05" (STS-500, STS-504)."""
    text = str(figure).strip()
    match = _P_VALUE.fullmatch(text)
    if match is None:
        raise NOT_PRINTED_NUMBER.refuse(f"{text!r} is not a p value", value=text)
    number = read_printed(match["figure"])
    if not 0 <= number.value <= 1:
        raise NOT_A_P_VALUE.refuse(f"the p value is {text}", value=text)
    lower, upper = max(number.lower, Fraction(0)), min(number.upper, Fraction(1))
    if match["relation"] in ("<", "≤"):
        lower, upper = Fraction(0), number.value
    elif match["relation"] in (">", "≥"):
        lower, upper = number.value, Fraction(1)
    return PrintedP(text=text, lower=float(lower), upper=float(upper))


def read_step(step: str | int | Decimal) -> Fraction:
    """The grid on which the data were recorded, as an exact fraction (STS-502)."""
    number = read_printed(step)
    if number.value <= 0:
        raise NOT_A_STEP.refuse(f"the step is {number.text}", value=number.text)
    return number.value


def check_count(count: int, *, name: str, at_least: int = 1) -> int:
    """A whole number of at least `at_least` (STS-501)."""
    if isinstance(count, bool) or not isfinite(count) or int(count) != count or count < at_least:
        raise NOT_A_COUNT.refuse(f"{name} is {count}, and at least {at_least} is needed", value=count)
    return int(count)


def multiples_within(lower: Fraction, upper: Fraction, step: Fraction) -> range:
    """The whole numbers k for which k steps lie in the closed interval."""
    return range(ceil(lower / step), floor(upper / step) + 1)
