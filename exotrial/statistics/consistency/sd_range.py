"""How large or small an SD can be, given the mean, n and the ends of the scale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, sqrt

from exotrial.core.errors import ErrorCode
from exotrial.statistics.consistency.printed import (
    PrintedNumber,
    check_count,
    multiples_within,
    read_printed,
    read_printed_spread,
    read_step,
)

EMPTY_SCALE = ErrorCode(
    "STS-505",
    "The smallest possible value lies above the largest.",
    "give the ends of the scale as minimum and maximum, in that order.",
)


@dataclass(frozen=True, kw_only=True)
class SdBounds:
    """The range of SDs that n values between a minimum and a maximum can have with the printed mean.

    `mean_possible` is False where no such values have that mean; the bounds are then None. The sample SD has
    divisor n - 1 (None for n = 1), the population SD divisor n. `consistent` answers for a printed SD, and
    is None where none was given.
    """

    mean_possible: bool
    sample_lower: float | None = None
    sample_upper: float | None = None
    population_lower: float | None = None
    population_upper: float | None = None
    consistent: bool | None = None
    why: str


def sd_bounds(
    mean: str | Decimal,
    n: int,
    *,
    minimum: str | Decimal,
    maximum: str | Decimal,
    sd: str | Decimal | None = None,
    step: str | Decimal | None = None,
) -> SdBounds:
    """The possible SDs for a printed mean of n values from minimum to maximum.

    `step` says that values lie on a grid starting at the minimum; without it any value may occur. The upper
    bound puts as many values as it can at the two ends (Bhatia and Davis 2000, exact for n), the lower
    bound as many as it can at the mean.
    Refuses figures that are no numbers (STS-500), n below 1 (STS-501), a step of 0 or less (STS-502), a
    negative SD (STS-503), a minimum above the maximum (STS-505).
    """
    centre = read_printed(mean)
    check_count(n, name="n")
    low, high = read_printed(minimum).value, read_printed(maximum).value
    if low > high:
        raise EMPTY_SCALE.refuse(f"the minimum {minimum} is above the maximum {maximum}", value=str(minimum))
    spread = None if sd is None else read_printed_spread(sd)
    # Sums are counted from the minimum, so that a scale from 1 to 7 is one from 0 to 6.
    width = high - low
    least, most = max(n * (centre.lower - low), Fraction(0)), min(n * (centre.upper - low), n * width)
    deviations = _continuous(least, most, n, width) if step is None else []
    if step is not None:
        grid = read_step(step)
        top = floor(width / grid)
        sums = [total for total in multiples_within(least, most, grid) if total <= n * top]
        deviations = [d * grid**2 for total in sums for d in (_least(total, n), _most(total, n, top))]
    if not deviations:
        why = f"No {n} values between {minimum} and {maximum} have a mean of {centre.text}."
        return SdBounds(mean_possible=False, consistent=None if spread is None else False, why=why)
    smallest, largest = min(deviations), max(deviations)
    population = (sqrt(smallest / n), sqrt(largest / n))
    sample = (sqrt(smallest / (n - 1)), sqrt(largest / (n - 1))) if n > 1 else (None, None)
    consistent = None if spread is None else _admits(spread, smallest, largest, n)
    shown = sample if n > 1 else population
    why = (
        f"With n = {n}, a mean of {centre.text} and values from {minimum} to {maximum}, "
        f"the SD lies between {shown[0]:.4g} and {shown[1]:.4g}"
    )
    if spread is not None:
        why += f": {spread.text} is {'possible' if consistent else 'not possible'}"
    return SdBounds(
        mean_possible=True,
        sample_lower=sample[0],
        sample_upper=sample[1],
        population_lower=population[0],
        population_upper=population[1],
        consistent=consistent,
        why=f"{why}.",
    )


def _admits(spread: PrintedNumber, smallest: Fraction, largest: Fraction, n: int) -> bool:
    """Whether the printed SD meets the range under either divisor."""
    low, high = max(spread.lower, Fraction(0)) ** 2, spread.upper**2
    return any(divisor * low <= largest and divisor * high >= smallest for divisor in {n, max(n - 1, 1)})


def _continuous(least: Fraction, most: Fraction, n: int, width: Fraction) -> list[Fraction]:
    """Extremes of the sum of squared deviations for sums between least and most, any value allowed.

    The largest is convex between sums that put every value at an end, so the ends and those sums suffice.
    """
    if least > most:
        return []
    if width == 0:
        return [Fraction(0)]
    knots = [count * width for count in range(ceil(least / width), floor(most / width) + 1)]
    largest = []
    for total in (least, most, *knots):
        full, rest = divmod(total, width)
        largest.append(full * width**2 + rest**2 - total**2 / n)
    return [Fraction(0), *largest]


def _least(total: int, n: int) -> Fraction:
    """The smallest sum of squared deviations of n whole numbers with this sum: as even as can be."""
    rest = total % n
    return Fraction(rest * (n - rest), n)


def _most(total: int, n: int, top: int) -> Fraction:
    """The largest for n whole numbers from 0 to top: all at the ends but one."""
    if top == 0:
        return Fraction(0)
    full, rest = divmod(total, top)
    return full * top**2 + rest**2 - Fraction(total**2, n)
