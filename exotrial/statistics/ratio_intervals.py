"""Wald, score and likelihood ratio results for a ratio of two proportions, whichever ratio it is.

Score and likelihood ratio intervals hold the ratios not rejected, given the likeliest proportions under each,
and stay defined where a group has no event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, exp, inf, log, sqrt

from scipy.special import xlogy
from scipy.stats import chi2, norm

from exotrial.statistics.proportion_counts import TwoByTwo, find_limit, normal_quantile
from exotrial.statistics.result import Estimate, Method, Result
from exotrial.statistics.sample import check_level

ASSUMPTIONS = ("participants are independent", "the two groups are independent")
LARGE = (*ASSUMPTIONS, "no cell of the table is small")
MIETTINEN_NURMINEN = "Miettinen O, Nurminen M. Stat Med 1985;4:213-226"
EMPTY_CELL = "A count of zero leaves the logarithm without a standard error: use the score interval."
ZERO_WIDTH = "Everybody had an event, so the Wald interval has no width: use the score interval."
FURTHEST_LOG = 50.0  # a limit beyond e^50 is taken as infinite, and below e^-50 as 0


@dataclass(frozen=True, kw_only=True)
class RatioOfGroups:
    """A ratio of two proportions: its observed value (0 and infinity may occur), and its null model.

    `restricted` gives the likeliest proportions that have a given ratio, `score_z` the standardised distance
    of the data from that ratio, without the factor N/(N - 1) of the variance.
    """

    name: str
    groups: TwoByTwo
    value: float
    restricted: Callable[[TwoByTwo, float], tuple[float, float]]
    score_z: Callable[[TwoByTwo, float], float]


def wald_result(method: Method, ratio: RatioOfGroups, variance: float | None, *, level: float) -> Result:
    """Plus and minus z standard errors of the logarithm; no limits and no p where `variance` is None."""
    most = normal_quantile(check_level(level))
    if variance is None:
        return _result(method, ratio, (None, None), level=level, notes=(EMPTY_CELL,))
    error = sqrt(variance)
    limits = (ratio.value * exp(-most * error), ratio.value * exp(most * error))
    # Without any variation both proportions are 1, the ratio is 1 and the interval has no width.
    said = (ZERO_WIDTH,) if error == 0 else ()
    z = log(ratio.value) / error if error else 0.0
    return _result(
        method, ratio, limits, level=level, tested=("z", z, 2 * float(norm.sf(abs(z)))), notes=said
    )


def score_result(method: Method, ratio: RatioOfGroups, *, level: float, inflation: float) -> Result:
    """The ratios within z of the data, with the variance multiplied by `inflation`; z tests a ratio of 1."""
    most = normal_quantile(check_level(level)) * sqrt(inflation)
    limits = _limits(lambda value: abs(ratio.score_z(ratio.groups, value)) <= most, ratio.value)
    z = ratio.score_z(ratio.groups, 1.0) / sqrt(inflation)
    return _result(method, ratio, limits, level=level, tested=("z", z, min(1.0, 2 * float(norm.sf(abs(z))))))


def lr_result(method: Method, ratio: RatioOfGroups, *, level: float) -> Result:
    """The ratios not rejected by the likelihood ratio test; chi-square tests a ratio of 1."""
    most = float(chi2.isf(1 - check_level(level), 1))
    groups = ratio.groups
    best = _log_likelihood(groups, groups.proportions)

    def deviance(value: float) -> float:
        return max(0.0, 2 * (best - _log_likelihood(groups, ratio.restricted(groups, value))))

    limits = _limits(lambda value: deviance(value) <= most, ratio.value)
    at_one = deviance(1.0)
    tested = ("likelihood ratio chi-square", at_one, float(chi2.sf(at_one, 1)))
    return _result(method, ratio, limits, level=level, tested=tested, df=(1.0,))


def _log_likelihood(groups: TwoByTwo, proportions: tuple[float, float]) -> float:
    return sum(
        float(xlogy(x, p) + xlogy(n - x, 1 - p))
        for x, n, p in zip(groups.events, groups.sizes, proportions, strict=True)
    )


def _limits(inside: Callable[[float], bool], value: float) -> tuple[float, float]:
    """The ends of a set of ratios around `value`, searched on the logarithm."""

    def holds(logarithm: float) -> bool:
        return inside(exp(logarithm))

    start = log(value) if 0 < value < inf else copysign(FURTHEST_LOG, value - 1)
    lower, upper = find_limit(holds, start, -FURTHEST_LOG), find_limit(holds, start, FURTHEST_LOG)
    return (
        0.0 if value == 0 or lower == -FURTHEST_LOG else exp(lower),
        inf if value == inf or upper == FURTHEST_LOG else exp(upper),
    )


def _result(
    method: Method,
    ratio: RatioOfGroups,
    limits: tuple[float | None, float | None],
    *,
    level: float,
    tested: tuple[str, float | None, float | None] = ("", None, None),
    df: tuple[float, ...] = (),
    notes: tuple[str, ...] = (),
) -> Result:
    return Result(
        method=method.name,
        label=method.label,
        n=ratio.groups.sizes,
        statistic_name=tested[0],
        statistic=tested[1],
        df=df,
        p_value=tested[2],
        estimate=Estimate(
            name=ratio.name,
            value=ratio.value,
            lower=limits[0],
            upper=limits[1],
            level=level,
            method=method.label,
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )
