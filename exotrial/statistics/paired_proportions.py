"""Difference of two proportions of the same participants: Wald, Newcombe and Tango intervals.

A table of pairs is [[a, b], [c, d]]: rows are the first occasion, columns the second, yes before no; b had
the event on the first occasion only, c on the second only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, sqrt

from numpy.typing import ArrayLike
from scipy.stats import norm

from exotrial.statistics.proportion import wilson_limits
from exotrial.statistics.proportion_counts import NOBODY, check_counts, find_limit, normal_quantile, notes
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

ASSUMPTIONS = ("pairs are independent",)
NO_CHANGE = "Nobody changed between the occasions: z is taken as 0 and p as 1."
ZERO_WIDTH = "The pairs do not vary, so the Wald interval has no width: do not use it."


@dataclass(frozen=True, kw_only=True)
class PairCounts:
    """Pairs by their events: both, first only, second only, neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def difference(self) -> float:
        return (self.first_only - self.second_only) / self.n


def _read(table: ArrayLike) -> PairCounts:
    a, b, c, d = check_counts(table)
    if a + b + c + d == 0:
        raise NOBODY.refuse("the table holds no pairs", value=0)
    return PairCounts(both=a, first_only=b, second_only=c, neither=d)


def _result(
    method: Method,
    pairs: PairCounts,
    limits: tuple[float, float],
    *,
    level: float,
    z: float | None = None,
    notes: tuple[str, ...] = (),
) -> Result:
    return Result(
        method=method.name,
        label=method.label,
        n=(pairs.n,),
        statistic_name="" if z is None else "z",
        statistic=z,
        p_value=None if z is None else min(1.0, 2 * float(norm.sf(abs(z)))),
        estimate=Estimate(
            name="difference of proportions, first minus second occasion",
            value=pairs.difference,
            lower=max(limits[0], -1.0),
            upper=min(limits[1], 1.0),
            level=level,
            method=method.label,
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def paired_difference_wald(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Estimate plus and minus z standard errors (STS-400, STS-402, STS-004)."""
    pairs = _read(table)
    b, c = pairs.first_only, pairs.second_only
    half = normal_quantile(check_level(level)) * sqrt(b + c - (b - c) ** 2 / pairs.n) / pairs.n
    limits = (pairs.difference - half, pairs.difference + half)
    return _result(PAIRED_DIFFERENCE_WALD, pairs, limits, level=level, notes=notes((half == 0, ZERO_WIDTH)))


def paired_difference_newcombe(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Two Wilson intervals joined with the correlation of the occasions, corrected for continuity.

    The correlation is taken as 0 where an occasion does not vary. Refuses STS-400, STS-402, STS-004.
    """
    pairs = _read(table)
    check_level(level)
    yes1, yes2 = pairs.both + pairs.first_only, pairs.both + pairs.second_only
    p1, p2 = yes1 / pairs.n, yes2 / pairs.n
    lower1, upper1 = wilson_limits(yes1, pairs.n, level=level)
    lower2, upper2 = wilson_limits(yes2, pairs.n, level=level)
    phi = _corrected_phi(pairs)
    limits = (
        pairs.difference - _joined(p1 - lower1, upper2 - p2, phi),
        pairs.difference + _joined(upper1 - p1, p2 - lower2, phi),
    )
    return _result(PAIRED_DIFFERENCE_NEWCOMBE, pairs, limits, level=level)


def _joined(first: float, second: float, phi: float) -> float:
    return sqrt(max(first**2 - 2 * phi * first * second + second**2, 0.0))


def _corrected_phi(pairs: PairCounts) -> float:
    """The phi coefficient, with a positive numerator reduced by n/2 but not below 0."""
    yes1, yes2, n = pairs.both + pairs.first_only, pairs.both + pairs.second_only, pairs.n
    margins = yes1 * (n - yes1) * yes2 * (n - yes2)
    if margins == 0:
        return 0.0
    crossed = float(pairs.both * pairs.neither - pairs.first_only * pairs.second_only)
    if crossed > 0:
        crossed = max(crossed - n / 2, 0.0)
    return crossed / sqrt(margins)


def tango_z(pairs: PairCounts, difference: float) -> float:
    """The observed difference less `difference`, in standard errors under the latter (Tango 1998)."""
    b, c, n, d = pairs.first_only, pairs.second_only, pairs.n, difference
    middle = (2 * n - b + c) * d - b - c
    root = sqrt(max(middle**2 + 8 * n * c * d * (1 - d), 0.0))
    # Of the two ways to write the root, the one that does not subtract like from like.
    second_only = (root - middle) / (4 * n) if middle <= 0 else 2 * c * d * (1 - d) / (root + middle)
    variance = n * (2 * second_only + d * (1 - d))
    distance = b - c - n * d
    if variance < 1e-12:
        return 0.0 if abs(distance) < 1e-9 else copysign(inf, distance)
    return distance / sqrt(variance)


def paired_difference_tango(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The differences not rejected by the score test; z at 0 is McNemar's (STS-400, STS-402, STS-004)."""
    pairs = _read(table)
    most = normal_quantile(check_level(level))

    def inside(difference: float) -> bool:
        return abs(tango_z(pairs, difference)) <= most

    limits = (find_limit(inside, pairs.difference, -1.0), find_limit(inside, pairs.difference, 1.0))
    said = notes((pairs.first_only + pairs.second_only == 0, NO_CHANGE))
    return _result(PAIRED_DIFFERENCE_TANGO, pairs, limits, level=level, z=tango_z(pairs, 0.0), notes=said)


PAIRED_DIFFERENCE_WALD = Method(
    name="paired_difference_wald",
    label="Wald interval for a difference of paired proportions",
    design=Design.PAIRED_TABLE,
    compute=paired_difference_wald,
    citation="Newcombe RG. Stat Med 1998;17:2635-2650, method 1",
    assumptions=(*ASSUMPTIONS, "many pairs changed"),
)
PAIRED_DIFFERENCE_NEWCOMBE = Method(
    name="paired_difference_newcombe",
    label="Newcombe square-and-add interval for a difference of paired proportions",
    design=Design.PAIRED_TABLE,
    compute=paired_difference_newcombe,
    citation="Newcombe RG. Stat Med 1998;17:2635-2650, method 10",
    assumptions=ASSUMPTIONS,
)
PAIRED_DIFFERENCE_TANGO = Method(
    name="paired_difference_tango",
    label="Tango score interval for a difference of paired proportions",
    design=Design.PAIRED_TABLE,
    compute=paired_difference_tango,
    citation="Tango T. Stat Med 1998;17:891-908",
    assumptions=ASSUMPTIONS,
)
