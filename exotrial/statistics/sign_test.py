"""Paired samples by the signs of their differences: the exact sign test and the median's interval.

Arbuthnott 1710 (Phil Trans 27:186-190); Dixon & Mood 1946 (JASA 41:557-566). The interval by order
statistics: Thompson 1936 (Ann Math Stat 7:122-128).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from exotrial.statistics.midranks import compute_differences, compute_tail
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level


def sign_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Positive against negative differences by the binomial distribution; zero differences are dropped.

    Estimate: the median of all differences (zeros too) between two of them as its interval. Refuses missing
    values (STS-001) and unequal lengths (STS-003).
    """
    check_level(level)
    alternative = Alternative(alternative)
    differences = compute_differences(first, second)
    positive, negative = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    signs = positive + negative
    notes = [f"{positive} positive and {negative} negative differences"]
    if signs == 0:
        notes.append("all differences are zero: p is 1")
    elif signs < differences.size:
        notes.append(f"{differences.size - signs} zero differences dropped; the median uses all differences")
    estimate = _estimate_median(differences, level, alternative)
    if estimate.lower == -math.inf and estimate.upper == math.inf:
        notes.append(f"too few differences ({differences.size}) for a bounded interval at level {level:g}")
    return Result(
        method=SIGN_TEST.name,
        label=SIGN_TEST.label,
        n=(int(differences.size),),
        statistic_name="positive differences",
        statistic=float(positive),
        p_value=_compute_p_value(positive, negative, alternative),
        alternative=alternative,
        exact=True,
        estimate=estimate,
        assumptions=SIGN_TEST.assumptions,
        notes=tuple(notes),
        citation=SIGN_TEST.citation,
    )


def _compute_p_value(positive: int, negative: int, alternative: Alternative) -> float:
    signs = positive + negative
    if signs == 0:
        return 1.0
    if alternative == Alternative.TWO_SIDED:
        return min(1.0, 2 * float(special.bdtr(min(positive, negative), signs, 0.5)))
    fewer = negative if alternative == Alternative.GREATER else positive
    return float(special.bdtr(fewer, signs, 0.5))


def _estimate_median(differences: Sample, level: float, alternative: Alternative) -> Estimate:
    n, ordered = int(differences.size), np.sort(differences)
    tail = compute_tail(level, alternative)
    # So many order statistics lie outside the interval at each end; -1 where even the extremes are too near.
    rejected = int(np.sum(special.bdtr(np.arange((n + 1) // 2), n, 0.5) <= tail)) - 1
    lower, upper = -math.inf, math.inf
    if rejected >= 0 and alternative != Alternative.LESS:
        lower = float(ordered[rejected])
    if rejected >= 0 and alternative != Alternative.GREATER:
        upper = float(ordered[n - 1 - rejected])
    return Estimate(
        name="median of the differences, first minus second",
        value=float(np.median(ordered)),
        lower=lower,
        upper=upper,
        level=level,
        method="order statistics, exact",
    )


SIGN_TEST = Method(
    name="sign_test",
    label="Sign test, exact",
    design=Design.PAIRED,
    compute=sign_test,
    citation="Dixon WJ, Mood AM. JASA 1946;41:557-566",
    assumptions=("pairs are independent",),
    software="SPSS NPAR TESTS SIGN, SAS PROC UNIVARIATE sign test, R binom.test of the signs",
)
