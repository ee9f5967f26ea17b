"""The power of two one-sided tests, exact by numerical integration, and the sample size that a margin asks for.

Given the standard error estimated, both tests reject where the difference lies in an interval, so the power is the mean
of a normal probability over the distribution of that standard error; it equals the difference of two values of Owen's Q
(Owen 1965, Biometrika 52:437-446; Phillips 1990, J Pharmacokinet Biopharm 18:137-144).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.statistics.equivalence import check_alpha, check_margin
from exotrial.statistics.t_distribution import compute_t_quantile

NOT_A_PLAN = ErrorCode(
    "TST-003",
    "The power of an equivalence test is asked for with figures that cannot be.",
    "give a standard deviation above 0, at least 2 values a group and a power between 0 and 1.",
)
NO_SIZE = ErrorCode(
    "TST-004",
    "No sample size gives the power asked for.",
    "expect a ratio nearer to 1, lower the spread, or defend a wider margin.",
)

MOST = 10_000
_NODES = 64
_TAIL = 1e-15

Floats = NDArray[np.float64]


def compute_tost_power(
    *, difference: float, se: float, df: float, low: float, high: float, alpha: float
) -> float:
    """Power where the standard error is estimated with `df` degrees of freedom from one variance.

    `se` is the true standard error of the difference; 0 to 1. Refuses TST-001 to TST-003.
    """
    check_margin(low, high)
    check_alpha(alpha)
    if not (se > 0 and math.isfinite(se) and df >= 1):
        raise NOT_A_PLAN.refuse(f"a standard error of {se:g} with {df:g} degrees of freedom", value=se)
    critical = np.array([compute_t_quantile(1 - alpha, df) / math.sqrt(df)])
    return float(_power_given(critical, difference=difference, se=se, df=df, low=low, high=high)[0])


def compute_power_paired(
    n: int, *, difference: float, sd: float, low: float, high: float, alpha: float
) -> float:
    """Power with `n` pairs whose differences have the standard deviation `sd`."""
    _check_plan(n, sd)
    return compute_tost_power(
        difference=difference, se=sd / math.sqrt(n), df=n - 1, low=low, high=high, alpha=alpha
    )


def compute_power_welch(
    n: tuple[int, int],
    *,
    difference: float,
    sds: tuple[float, float],
    low: float,
    high: float,
    alpha: float,
) -> float:
    """Power of `tost_welch` with `n` values a group and true standard deviations `sds`.

    The two sample variances are taken apart into their total, a chi-square, and a share, a beta variable independent
    of it. Welch's df depend on the share alone, so that the integral over the total has a smooth integrand.
    """
    check_margin(low, high)
    check_alpha(alpha)
    for size, sd in zip(n, sds, strict=True):
        _check_plan(size, sd)
    df1, df2 = n[0] - 1, n[1] - 1
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    share = scipy.stats.beta.ppf((nodes + 1) / 2, df1 / 2, df2 / 2)
    a = sds[0] ** 2 * share / (df1 * n[0])
    b = sds[1] ** 2 * (1 - share) / (df2 * n[1])
    part = a / (a + b)
    welch_df = 1 / (part**2 / df1 + (1 - part) ** 2 / df2)
    se = math.sqrt(sds[0] ** 2 / n[0] + sds[1] ** 2 / n[1])
    critical = scipy.special.stdtrit(welch_df, 1 - alpha) * np.sqrt(a + b) / se
    powers = _power_given(critical, difference=difference, se=se, df=df1 + df2, low=low, high=high)
    return float(weights @ powers / 2)


def compute_size_paired(
    power: float, *, difference: float, sd: float, low: float, high: float, alpha: float
) -> int:
    """The fewest pairs that give at least `power`. Refuses TST-004."""
    return _find_size(
        power,
        difference,
        (low, high),
        lambda n: compute_power_paired(n, difference=difference, sd=sd, low=low, high=high, alpha=alpha),
    )


def compute_size_welch(
    power: float, *, difference: float, sds: tuple[float, float], low: float, high: float, alpha: float
) -> int:
    """The fewest values a group, as many in each, that give at least `power`. Refuses TST-004."""
    return _find_size(
        power,
        difference,
        (low, high),
        lambda n: compute_power_welch(
            (n, n), difference=difference, sds=sds, low=low, high=high, alpha=alpha
        ),
    )


def _power_given(
    critical: Floats, *, difference: float, se: float, df: float, low: float, high: float
) -> Floats:
    """Power (k,) where the tests reject by `critical` (k,) times a chi variable with `df`, in units of `se`."""
    above, below = (high - difference) / se, (low - difference) / se
    least, most = np.sqrt(scipy.stats.chi2.ppf([_TAIL, 1 - _TAIL], df))
    # Beyond this value of the chi variable the interval of rejection is empty.
    last = np.minimum(most, (above - below) / (2 * critical))
    first = np.minimum(least, last)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = (last - first)[:, None] / 2
    chi = first[:, None] + half * (nodes + 1)
    inside = scipy.special.ndtr(above - critical[:, None] * chi) - scipy.special.ndtr(
        below + critical[:, None] * chi
    )
    scale = (1 - df / 2) * math.log(2) - float(scipy.special.gammaln(df / 2))
    density = np.exp(scale + scipy.special.xlogy(df - 1, chi) - chi * chi / 2)
    powers: Floats = np.clip((inside * density * half) @ weights, 0.0, 1.0)
    return powers


def _find_size(
    power: float, difference: float, margin: tuple[float, float], power_of: Callable[[int], float]
) -> int:
    if not 0 < power < 1:
        raise NOT_A_PLAN.refuse(f"{power:g} is no power", value=power)
    if not margin[0] < difference < margin[1]:
        raise NO_SIZE.refuse(
            f"a true difference of {difference:g} lies on or outside the margin {margin[0]:g} to {margin[1]:g}",
            value=difference,
        )
    few, many = 1, 2
    while power_of(many) < power:
        few, many = many, many * 2
        if many > MOST:
            raise NO_SIZE.refuse(f"{MOST} values are not enough for a power of {power:g}", value=power)
    while many - few > 1:
        middle = (few + many) // 2
        if power_of(middle) < power:
            few = middle
        else:
            many = middle
    return many


def _check_plan(n: int, sd: float) -> None:
    if n != int(n) or n < 2:
        raise NOT_A_PLAN.refuse(f"{n} values are too few for a test", value=n)
    if not (sd > 0 and math.isfinite(sd)):
        raise NOT_A_PLAN.refuse(f"{sd:g} is no standard deviation to plan with", value=sd)
