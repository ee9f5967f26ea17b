"""Tail areas and intervals of Student's t distribution (Student 1908, Biometrika 6:1-25)."""

from __future__ import annotations

import math

import scipy

from exotrial.statistics.result import Alternative


def compute_t_p_value(t: float, df: float, alternative: Alternative = Alternative.TWO_SIDED) -> float:
    """The p value of a t statistic; df > 0, whole or not.

    Goes through the incomplete beta function, from the side that keeps its digits: far out in the tail
    and near zero.
    """
    square = t * t
    if square > df:
        both_tails = float(scipy.special.betainc(df / 2, 0.5, df / (df + square)))
    else:
        both_tails = float(scipy.special.betaincc(0.5, df / 2, square / (df + square)))
    if alternative == Alternative.TWO_SIDED:
        return both_tails
    toward = t if alternative == Alternative.GREATER else -t
    return both_tails / 2 if toward >= 0 else 1 - both_tails / 2


def compute_t_quantile(probability: float, df: float) -> float:
    """The value below which t lies with the given probability (0 to 1, open)."""
    return float(scipy.special.stdtrit(df, probability))


def compute_t_interval(
    value: float, se: float, df: float, *, level: float, alternative: Alternative = Alternative.TWO_SIDED
) -> tuple[float, float]:
    """The confidence interval value ± t se; unbounded on one side for a one-sided alternative."""
    if alternative == Alternative.TWO_SIDED:
        margin = compute_t_quantile((1 + level) / 2, df) * se
        return value - margin, value + margin
    margin = compute_t_quantile(level, df) * se
    if alternative == Alternative.GREATER:
        return value - margin, math.inf
    return -math.inf, value + margin
