"""Two independent samples by the permutation test of the mean difference: every regrouping is counted.

Pitman 1937 (Supplement to the Journal of the Royal Statistical Society 4:119-130).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from exotrial.statistics.enumeration import (
    LARGEST_LISTING,
    Regroupings,
    as_integers,
    list_exchange_shifts,
    pick_interval,
)
from exotrial.statistics.moments import check_range, compute_mean
from exotrial.statistics.resampling import check_resampling, describe_resampling
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, as_sample, check_level

ESTIMATES = "mean difference, first minus second"


def permutation(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The permutation test of the mean difference over all C(N, n) regroupings; the count is in the notes.

    Two-sided: regroupings whose mean difference is at least as far from zero. Values are compared to 12
    significant digits, so that numbers equal as printed are equal. The interval inverts the two one-sided
    tests and is found for up to 5 million regroupings. Refuses more than can be counted (STS-107; about 40
    values in all, more where one group is small).
    """
    x, y = as_sample(first, name="first"), as_sample(second, name="second")
    check_level(level)
    alternative = Alternative(alternative)
    pooled = as_integers(check_range(np.concatenate([x, y])))
    regroupings = Regroupings(pooled, x.size)
    extreme = _count_extreme(regroupings, int(pooled[: x.size].sum()), x.size, pooled.size, alternative)
    notes = [
        f"{extreme} of {regroupings.number} regroupings are at least as extreme (full enumeration)",
    ]
    if np.all(pooled == pooled[0]):
        notes.append("all values are equal: p is 1")
    lower: float | None = None
    upper: float | None = None
    if regroupings.number <= LARGEST_LISTING:
        lower, upper = _invert(x, y, level, alternative)
        if lower == -math.inf and upper == math.inf:
            notes.append(f"the groups are too small for a bounded interval at level {level:g}")
    else:
        notes.append(f"no exact interval is listed for more than {LARGEST_LISTING} regroupings")
    return _as_result(
        PERMUTATION,
        x,
        y,
        p_value=extreme / regroupings.number,
        interval=(lower, upper),
        level=level,
        alternative=alternative,
        notes=tuple(notes),
        exact=True,
    )


def permutation_monte_carlo(
    first: ArrayLike,
    second: ArrayLike,
    *,
    seed: int = 1,
    resamples: int = 99_999,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The permutation test on random regroupings drawn from `seed`, for samples too large to enumerate.

    p = (1 + extreme) / (1 + resamples) (Phipson & Smyth 2010). No interval. Refuses STS-108.
    """
    x, y = as_sample(first, name="first"), as_sample(second, name="second")
    check_level(level)
    check_resampling(seed, resamples)
    alternative = Alternative(alternative)
    pooled = as_integers(check_range(np.concatenate([x, y])))
    total, observed = int(pooled.sum()), int(pooled[: x.size].sum())
    # Distances are of n times the sum from its expectation, in whole numbers throughout.
    centre = pooled.size * observed - total * x.size
    generator = np.random.default_rng(seed)
    extreme, left = 0, resamples
    rows = max(1, 2_000_000 // pooled.size)
    while left:
        block = np.tile(pooled, (min(left, rows), 1))
        sums = generator.permuted(block, axis=1)[:, : x.size].sum(axis=1)
        if alternative == Alternative.TWO_SIDED:
            high, low = _limits(centre, total * x.size, pooled.size)
            extreme += int(np.sum((sums >= high) | (sums <= low)))
        elif alternative == Alternative.GREATER:
            extreme += int(np.sum(sums >= observed))
        else:
            extreme += int(np.sum(sums <= observed))
        left -= block.shape[0]
    p_value = (1 + extreme) / (1 + resamples)
    return _as_result(
        PERMUTATION_MONTE_CARLO,
        x,
        y,
        p_value=p_value,
        interval=(None, None),
        level=level,
        alternative=alternative,
        notes=(describe_resampling(seed, resamples, p_value), "no interval is drawn from random regroupings"),
        exact=False,
    )


def _limits(centre: int, expected: int, n: int) -> tuple[int, int]:
    """The smallest sum above and the largest below the expectation that are as far from it as observed."""
    distance = abs(centre)
    return -((-(expected + distance)) // n), (expected - distance) // n


def _count_extreme(
    regroupings: Regroupings, observed: int, chosen: int, n: int, alternative: Alternative
) -> int:
    if alternative == Alternative.GREATER:
        return regroupings.count_at_least(observed)
    if alternative == Alternative.LESS:
        return regroupings.count_at_most(observed)
    expected = regroupings.total * chosen
    centre = n * observed - expected
    if centre == 0:
        return regroupings.number
    high, low = _limits(centre, expected, n)
    return regroupings.count_at_least(high) + regroupings.count_at_most(low)


def _invert(
    x: Sample, y: Sample, level: float, alternative: Alternative
) -> tuple[float | None, float | None]:
    shifts = list_exchange_shifts(x, y)
    if alternative == Alternative.GREATER:
        return pick_interval(shifts, below=1 - level, above=None)
    if alternative == Alternative.LESS:
        return pick_interval(shifts, below=None, above=1 - level)
    return pick_interval(shifts, below=(1 - level) / 2, above=(1 - level) / 2)


def _as_result(
    method: Method,
    x: Sample,
    y: Sample,
    *,
    p_value: float,
    interval: tuple[float | None, float | None],
    level: float,
    alternative: Alternative,
    notes: tuple[str, ...],
    exact: bool,
) -> Result:
    difference = compute_mean(x) - compute_mean(y)
    return Result(
        method=method.name,
        label=method.label,
        n=(int(x.size), int(y.size)),
        statistic_name="mean difference",
        statistic=difference,
        p_value=p_value,
        alternative=alternative,
        exact=exact,
        estimate=Estimate(
            name=ESTIMATES,
            value=difference,
            lower=interval[0],
            upper=interval[1],
            level=level,
            method="inverted one-sided permutation tests",
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_EXCHANGEABLE = ("values are independent", "without an effect the groups have the same distribution")

PERMUTATION = Method(
    name="permutation",
    label="Exact permutation test of the mean difference",
    design=Design.TWO_GROUPS,
    compute=permutation,
    citation="Pitman 1937, Supplement to the Journal of the Royal Statistical Society 4:119-130",
    assumptions=_EXCHANGEABLE,
)

PERMUTATION_MONTE_CARLO = Method(
    name="permutation_monte_carlo",
    label="Permutation test of the mean difference, random regroupings",
    design=Design.TWO_GROUPS,
    compute=permutation_monte_carlo,
    citation="Pitman 1937, Suppl. JRSS 4:119-130; Phipson & Smyth 2010, SAGMB 9:39",
    assumptions=_EXCHANGEABLE,
)
