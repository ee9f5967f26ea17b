"""Could n values on a grid have these printed quartiles? Answered under each rule, with an example.

The rules are types 2, 6 and 7 of Hyndman and Fan (Am Stat 1996;50:361-365): SAS, SPSS, and R or
spreadsheets. Each quartile is a weighted mean of two neighbouring ordered values; walking through the ordered
values that enter, and keeping those that each may still take, decides the question exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from exotrial.core.errors import ErrorCode
from exotrial.statistics.consistency.grim import as_decimal
from exotrial.statistics.consistency.printed import PrintedNumber, check_count, read_printed, read_step

UNKNOWN_RULE = ErrorCode(
    "STS-506",
    "A rule for quartiles is not one of those known here.",
    "use 2 (SAS), 6 (SPSS) or 7 (R, spreadsheets).",
)
TOO_FINE = ErrorCode(
    "STS-507",
    "The grid of possible values is too fine to be searched.",
    "give a coarser step: the one in which the data were recorded.",
)
MOST_GRID_POINTS = 200_000

Rule = Literal[2, 6, 7]


@dataclass(frozen=True, kw_only=True)
class QuantileResult:
    """Whether data exist with the printed quartiles under a rule; `example` is one such set, in order."""

    consistent: bool
    rule: Rule
    n: int
    example: tuple[Decimal, ...]
    why: str


@dataclass(frozen=True)
class _Quartile:
    """A printed quartile as (1 - weight) x[index] + weight x[index + 1], index from 0."""

    printed: PrintedNumber
    index: int
    weight: Fraction


def quantile_feasible(
    median: str | Decimal,
    q1: str | Decimal,
    q3: str | Decimal,
    n: int,
    *,
    rule: Rule = 7,
    step: str | Decimal = "1",
) -> QuantileResult:
    """Test a printed median and quartiles of n values recorded in multiples of `step`.

    Refuses figures that are no numbers (STS-500), n below 1 (STS-501), a step of 0 or less (STS-502), an
    unknown rule (STS-506), and a step so fine that the search would not end soon (STS-507).
    """
    check_count(n, name="n")
    if rule not in (2, 6, 7):
        raise UNKNOWN_RULE.refuse(f"{rule!r} is no rule for quartiles", value=rule)
    grid = read_step(step)
    printed = [read_printed(figure) for figure in (q1, median, q3)]
    quartiles = [
        _Quartile(figure, *_position(n, Fraction(quarter, 4), rule))
        for quarter, figure in zip((1, 2, 3), printed, strict=True)
    ]
    # A weight is at most 3/4, so no ordered value that enters lies further out than three ranges.
    reach = 3 * max(printed[2].upper - printed[0].lower, Fraction(0)) + grid
    low = ceil((printed[0].lower - reach) / grid)
    high = floor((printed[2].upper + reach) / grid)
    if high - low > MOST_GRID_POINTS:
        raise TOO_FINE.refuse(f"there are {high - low} steps of {step} to be searched", value=str(step))
    values = _walk(quartiles, range(low, high + 1), grid)
    figures = f"quartiles {printed[0].text}, {printed[1].text}, {printed[2].text}"
    if values is None:
        why = f"No {n} values in steps of {step} have {figures} by rule {rule}."
        return QuantileResult(consistent=False, rule=rule, n=n, example=(), why=why)
    known = sorted(values)
    nearest = [known[max(bisect_left(known, i + 1) - 1, 0)] for i in range(n)]
    return QuantileResult(
        consistent=True,
        rule=rule,
        n=n,
        example=tuple(as_decimal(values[i] * grid) for i in nearest),
        why=f"{n} values in steps of {step} can have {figures} by rule {rule}.",
    )


def _position(n: int, p: Fraction, rule: Rule) -> tuple[int, Fraction]:
    """The lower ordered value (from 0) that enters the p quantile, and the weight of the one above it."""
    if rule == 2:
        place = n * p
        if place.denominator == 1:
            return int(place) - 1, Fraction(1, 2)
        return floor(place), Fraction(0)
    place = (n + 1) * p - 1 if rule == 6 else (n - 1) * p
    if place <= 0:
        return 0, Fraction(0)
    if place >= n - 1:
        return n - 1, Fraction(0)
    return floor(place), place - floor(place)


def _walk(quartiles: list[_Quartile], grid_points: range, grid: Fraction) -> dict[int, int] | None:
    """A value, in steps, for each ordered value that enters; None where there is no way through."""
    indices = sorted({i for q in quartiles for i in ((q.index, q.index + 1) if q.weight else (q.index,))})
    reached: list[dict[int, int]] = []  # for each index: the value it may take -> the value before it
    for place, index in enumerate(indices):
        alone = [q.printed for q in quartiles if q.index == index and not q.weight]
        low = max([grid_points[0]] + [ceil(p.lower / grid) for p in alone])
        high = min([grid_points[-1]] + [floor(p.upper / grid) for p in alone])
        if place == 0:
            reached.append({value: value for value in range(low, high + 1)})
            continue
        pairs = [q for q in quartiles if q.weight and q.index == indices[place - 1] == index - 1]
        reached.append(_step_up(reached[-1], low, high, pairs, grid))
    if not all(reached):
        return None
    value = min(reached[-1])
    values: dict[int, int] = {}
    for index, came_from in zip(reversed(indices), reversed(reached), strict=True):
        values[index] = value
        value = came_from[value]
    return values


def _step_up(
    before: dict[int, int], low: int, high: int, pairs: list[_Quartile], grid: Fraction
) -> dict[int, int]:
    """The values that the next ordered value may take, none below the one before it, and from which."""
    if not before:
        return {}
    if not pairs:
        least = min(before)
        return dict.fromkeys(range(max(low, least), high + 1), least)
    after: dict[int, int] = {}
    for value in before:
        start, stop = max(low, value), high
        for q in pairs:
            rest = (1 - q.weight) * value * grid
            start = max(start, ceil((q.printed.lower - rest) / (q.weight * grid)))
            stop = min(stop, floor((q.printed.upper - rest) / (q.weight * grid)))
        for following in range(start, stop + 1):
            after.setdefault(following, value)
    return after
