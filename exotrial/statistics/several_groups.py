"""Means of several independent groups: one-way analysis of variance and Welch's form for unequal variances.

Fisher 1925 (Statistical Methods for Research Workers, ch. 7); Welch 1951 (Biometrika 38:330-336).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.moments import (
    EPSILON,
    NO_VARIATION,
    Moments,
    as_moments,
    check_range,
    compute_mean,
    compute_moments,
    is_constant,
)
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import TOO_FEW, UNEQUAL_LENGTH, Sample, as_sample, check_level

TOO_FEW_GROUPS = ErrorCode(
    "STS-109",
    "A comparison of groups got fewer than two groups.",
    "give at least two groups, each a list of values.",
)


def as_groups(groups: Sequence[ArrayLike], *, at_least: int = 1, spare: int = 0) -> list[Sample]:
    """At least two samples (STS-109) of `at_least` values each, in all `spare` more than groups."""
    if len(groups) < 2:
        raise TOO_FEW_GROUPS.refuse(f"there are {len(groups)} groups", value=len(groups))
    samples = [as_sample(group, name=f"group {i + 1}", at_least=at_least) for i, group in enumerate(groups)]
    n = sum(sample.size for sample in samples)
    if n < len(samples) + spare:
        raise TOO_FEW.refuse(f"{len(samples)} groups hold {n} values in all", value=n)
    for sample in samples:
        check_range(sample)
    return samples


def one_way_anova(groups: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """Fisher's F test that all group means are equal; two groups or more, more values than groups.

    The estimate is eta squared (the share of the sum of squares between groups) with the interval from the
    noncentral F distribution; omega squared is in the notes. Groups without any variation give p = 1 where
    their means are equal and are refused where not (STS-100).
    """
    parts, scale = _centre(as_groups(groups, spare=1))
    return _anova(parts, scale=scale, level=check_level(level))


def one_way_anova_from_summary(
    means: Sequence[float], sds: Sequence[float | None], ns: Sequence[int], *, level: float = 0.95
) -> Result:
    """`one_way_anova` from printed means, standard deviations and sizes, group by group.

    An sd may be None where n is 1. Refuses lists of unequal length (STS-003) and figures that cannot be
    (STS-102).
    """
    parts, scale = _as_parts(means, sds, ns)
    return _anova(parts, scale=scale, level=check_level(level))


def welch_anova(groups: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """Welch's F test that all group means are equal, variances unequal; at least two values in each group.

    The estimate is omega squared from Welch's F, without an interval. Refuses a group without variation
    (STS-100), unless no value differs from any other: then p = 1.
    """
    parts, scale = _centre(as_groups(groups, at_least=2))
    return _welch(parts, scale=scale, level=check_level(level))


def welch_anova_from_summary(
    means: Sequence[float], sds: Sequence[float], ns: Sequence[int], *, level: float = 0.95
) -> Result:
    """`welch_anova` from printed means, standard deviations and sizes; refuses as the others do."""
    parts, scale = _as_parts(means, sds, ns)
    for number, part in enumerate(parts):
        if part.n < 2:
            raise TOO_FEW.refuse(f"group {number + 1} has {part.n} values, and 2 are needed", value=part.n)
    return _welch(parts, scale=scale, level=check_level(level))


def _centre(samples: list[Sample]) -> tuple[list[Moments], float]:
    """Moments about the grand mean, subtracted first: leading digits that all values share are lost here."""
    pooled = np.concatenate(samples)
    grand = compute_mean(pooled)
    parts = []
    for sample in samples:
        moments = compute_moments(sample - grand)
        constant = is_constant(sample) and sample.size > 1
        parts.append(Moments(n=moments.n, mean=moments.mean, sd=0.0 if constant else moments.sd))
    return parts, float(np.max(np.abs(pooled)))


def _as_parts(
    means: Sequence[float], sds: Sequence[float | None], ns: Sequence[int]
) -> tuple[list[Moments], float]:
    if not len(means) == len(sds) == len(ns):
        raise UNEQUAL_LENGTH.refuse(
            f"there are {len(means)} means, {len(sds)} standard deviations and {len(ns)} sizes",
            value=f"{len(means)}, {len(sds)}, {len(ns)}",
            remedy="give one mean, one standard deviation and one size for every group.",
        )
    if len(means) < 2:
        raise TOO_FEW_GROUPS.refuse(f"there are {len(means)} groups", value=len(means))
    parts = [
        as_moments(mean, sd, n, name=f"group {number + 1}")
        for number, (mean, sd, n) in enumerate(zip(means, sds, ns, strict=True))
    ]
    if sum(part.n for part in parts) <= len(parts):
        raise TOO_FEW.refuse(f"{len(parts)} groups hold {len(parts)} values in all", value=len(parts))
    return parts, max(abs(part.mean) for part in parts)


def _weighted_squares(parts: Sequence[Moments], weights: Sequence[float]) -> float:
    """The weighted sum of squares of the means about their weighted mean, centred twice."""
    total = math.fsum(weights)
    centre = math.fsum(w * part.mean for w, part in zip(weights, parts, strict=True)) / total
    around = [part.mean - centre for part in parts]
    residue = math.fsum(w * a for w, a in zip(weights, around, strict=True))
    return max(
        math.fsum(w * a * a for w, a in zip(weights, around, strict=True)) - residue * residue / total, 0.0
    )


def _no_variation(
    parts: Sequence[Moments],
    method: Method,
    *,
    scale: float,
    df: tuple[float, ...],
    effect: str,
    level: float,
) -> Result:
    """What is left where no group varies: p = 1 for equal means, by convention, and a refusal otherwise."""
    means = [part.mean for part in parts]
    if any(part.variance > 0 for part in parts) or max(means) - min(means) > 8 * EPSILON * scale:
        still = [number + 1 for number, part in enumerate(parts) if part.variance == 0]
        raise NO_VARIATION.refuse(
            f"the values of group {still[0]} do not vary, so {method.label} has no answer",
            value=still[0],
            remedy="report the values themselves, or use the Kruskal-Wallis or a permutation test.",
        )
    return _as_result(
        method,
        parts,
        statistic=None,
        df=df,
        p_value=1.0,
        estimate=Estimate(name=effect, value=0.0, level=level),
        notes=("all values are equal: p is 1 by convention, and there is no interval",),
    )


def _anova(parts: Sequence[Moments], *, scale: float, level: float) -> Result:
    n, k = sum(part.n for part in parts), len(parts)
    df1, df2 = float(k - 1), float(n - k)
    between = _weighted_squares(parts, [float(part.n) for part in parts])
    within = math.fsum(part.sum_of_squares for part in parts)
    if within == 0:
        return _no_variation(
            parts, ONE_WAY_ANOVA, scale=scale, df=(df1, df2), effect="eta squared", level=level
        )
    f = (between / df1) / (within / df2)
    eta = between / (between + within)
    omega = (between - df1 * within / df2) / (between + within + within / df2)
    interval = compute_eta_squared_interval(f, df1, df2, level=level)
    notes = [f"between {between:.6g}, within {within:.6g} (sums of squares); omega squared = {omega:.4g}"]
    if interval is None:
        notes.append("the noncentral F distribution gives no interval for an F this large")
    lower, upper = interval or (None, None)
    return _as_result(
        ONE_WAY_ANOVA,
        parts,
        statistic=f,
        df=(df1, df2),
        p_value=float(special.fdtrc(df1, df2, f)),
        estimate=Estimate(
            name="eta squared", value=eta, lower=lower, upper=upper, level=level, method="noncentral F"
        ),
        notes=tuple(notes),
    )


def _welch(parts: Sequence[Moments], *, scale: float, level: float) -> Result:
    n, k = sum(part.n for part in parts), len(parts)
    df1 = float(k - 1)
    effect = "omega squared"
    if any(part.variance == 0 for part in parts):
        return _no_variation(parts, WELCH_ANOVA, scale=scale, df=(df1,), effect=effect, level=level)
    weights = [part.n / part.variance for part in parts]
    total = math.fsum(weights)
    spread = math.fsum((1 - w / total) ** 2 / (part.n - 1) for w, part in zip(weights, parts, strict=True))
    f = (_weighted_squares(parts, weights) / df1) / (1 + 2 * (k - 2) / (k * k - 1) * spread)
    df2 = (k * k - 1) / (3 * spread)
    return _as_result(
        WELCH_ANOVA,
        parts,
        statistic=f,
        df=(df1, df2),
        p_value=float(special.fdtrc(df1, df2, f)),
        estimate=Estimate(name=effect, value=df1 * (f - 1) / (df1 * (f - 1) + n), level=level),
        notes=("no interval is given for omega squared from Welch's F",),
    )


def compute_eta_squared_interval(
    f: float, df1: float, df2: float, *, level: float
) -> tuple[float, float] | None:
    """The interval of eta squared by inverting the noncentral F distribution.

    Steiger 2004 (Psychological Methods 9:164-182). None where F is too large for that distribution.
    """
    n = df1 + df2 + 1
    bounds = []
    for probability in ((1 + level) / 2, (1 - level) / 2):
        noncentrality = _find_noncentrality(f, df1, df2, probability)
        if noncentrality is None:
            return None
        bounds.append(noncentrality / (noncentrality + n))
    return bounds[0], bounds[1]


def _find_noncentrality(f: float, df1: float, df2: float, probability: float) -> float | None:
    """The noncentrality at which P(F <= f) is `probability`; 0 where even the central one is below it."""

    def below(noncentrality: float) -> float:
        return float(stats.ncf.cdf(f, df1, df2, noncentrality))

    if f > 1e4 or df2 > 1e6:
        return None
    if float(special.fdtr(df1, df2, f)) <= probability:
        return 0.0
    high = max(1.0, 2 * f * df1)
    while below(high) > probability:
        high *= 2
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if below(middle) > probability:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * high:
            break
    return (low + high) / 2


def _as_result(
    method: Method,
    parts: Sequence[Moments],
    *,
    statistic: float | None,
    df: tuple[float, ...],
    p_value: float,
    estimate: Estimate,
    notes: tuple[str, ...],
) -> Result:
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(part.n for part in parts),
        statistic_name="F",
        statistic=statistic,
        df=df,
        p_value=p_value,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def _declare(
    name: str, label: str, compute: Callable[..., Result], citation: str, software: str, *more: str
) -> Method:
    return Method(
        name=name,
        label=label,
        design=Design.GROUPS,
        compute=compute,
        citation=citation,
        assumptions=("values are independent", "group means are approximately normal", *more),
        software=software,
    )


ONE_WAY_ANOVA = _declare(
    "one_way_anova",
    "One-way analysis of variance",
    one_way_anova,
    "Fisher 1925, Statistical Methods for Research Workers, ch. 7",
    "SPSS ONEWAY, R aov, SAS PROC ANOVA",
    "variances are equal",
)

WELCH_ANOVA = _declare(
    "welch_anova",
    "Welch's analysis of variance",
    welch_anova,
    "Welch 1951, Biometrika 38:330-336",
    "SPSS ONEWAY /STATISTICS WELCH, R oneway.test, SAS MEANS / WELCH",
)
