"""Exact probabilities: a share is written as a fraction, "2/3", so that no rounding enters a list."""

from __future__ import annotations

import re
from fractions import Fraction

from exotrial.core.errors import ErrorCode, Place

NOT_A_FRACTION = ErrorCode(
    "SEQ-002",
    "A probability is not written as a fraction of two whole numbers between 0 and 1.",
    'write it as a text like "2/3": two whole numbers, the first no larger than the second.',
)

_FRACTION = re.compile(r"(0|[1-9][0-9]{0,8})/([1-9][0-9]{0,8})", re.ASCII)


def read_probability(text: object, *, place: Place | None = None) -> Fraction:
    """The exact value of "2/3", from 0/1 to 1/1, in lowest terms.

    Refuses with SEQ-002 what is no such text: a decimal, a blank, a sign, more than nine digits, or above 1.
    """
    match = _FRACTION.fullmatch(text) if isinstance(text, str) else None
    value = Fraction(int(match[1]), int(match[2])) if match else None
    if value is None or value > 1:
        raise NOT_A_FRACTION.refuse(f"{text!r} is not a probability", place=place, value=text)
    return value
