"""GRIM: is a printed mean possible for n values recorded in whole steps? (Brown and Heathers 2017)"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from exotrial.statistics.consistency.printed import (
    PrintedNumber,
    check_count,
    multiples_within,
    read_printed,
    read_step,
)

CITATION = (
    "Brown NJL, Heathers JAJ. The GRIM test. Soc Psychol Personal Sci 2017;8:363-369. "
    "doi:10.1177/1948550616673876"
)


@dataclass(frozen=True, kw_only=True)
class GrimResult:
    """Whether some sum of n values on the grid has this printed mean.

    `possible_sums` are the sums that round to it, in the unit of the data. `nearest` are the possible means
    on either side, with the printed decimals, given where the printed mean is not possible.
    `can_fail` is False where n is so large that every mean of these decimals is possible: then a pass
    says nothing.
    """

    consistent: bool
    mean: str
    n: int
    items: int
    step: Decimal
    possible_sums: tuple[Decimal, ...]
    nearest: tuple[str, ...]
    can_fail: bool
    why: str


def possible_sums(mean: PrintedNumber, *, n: int, step: Fraction) -> range:
    """The sums, counted in steps, of n values whose mean rounds to the printed one."""
    return multiples_within(mean.lower * n, mean.upper * n, step)


def grim(mean: str | Decimal, n: int, *, items: int = 1, step: str | Decimal = "1") -> GrimResult:
    """Test a printed mean of n values recorded in multiples of `step`, or of n averages of `items` of them.

    A percentage of n participants is a mean of values 0 and 100: give step="100".
    Refuses a mean that is no number (STS-500), n or items below 1 (STS-501), a step of 0 or less (STS-502).
    """
    printed = read_printed(mean)
    values = check_count(n, name="n") * check_count(items, name="items")
    grid = read_step(step)
    sums = possible_sums(printed, n=values, step=grid)
    unit = as_decimal(grid)
    can_fail = printed.unit * values < grid
    nearest: tuple[str, ...] = ()
    if sums:
        first, last = (printed_mean(printed, total, values, grid) for total in (sums[0], sums[-1]))
        shown = first if len(sums) == 1 else f"{first} to {last}"
        why = f"A mean of {printed.text} is possible for n = {n}: the sum would be {shown}."
        if not can_fail:
            why += " With this n and these decimals every mean is possible, so passing says nothing."
    else:
        below, above = floor(printed.value * values / grid), ceil(printed.value * values / grid)
        nearest = tuple(printed.format(total * grid / values) for total in (below, above))
        why = (
            f"No {values} values recorded in steps of {unit} have a mean that rounds to {printed.text}: "
            f"the nearest possible means are {nearest[0]} and {nearest[1]}."
        )
    return GrimResult(
        consistent=bool(sums),
        mean=printed.text,
        n=n,
        items=items,
        step=unit,
        possible_sums=tuple(unit * total for total in sums),
        nearest=nearest,
        can_fail=can_fail,
        why=why,
    )


def printed_mean(printed: PrintedNumber, total: int, values: int, grid: Fraction) -> str:
    """A sum and its mean in words, with two more decimals than printed: "46 (mean 15.333)"."""
    mean = float(total * grid / values)
    return f"{as_decimal(total * grid)} (mean {mean:.{printed.decimals + 2}f})"


def as_decimal(value: Fraction) -> Decimal:
    """An exact decimal for a fraction that has one, as every multiple of a decimal step does."""
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(value.numerator) if value.denominator == 1 else quotient.normalize()
