"""Correlation of two measurements: Pearson, and Spearman by exact enumeration or by the t approximation.

Fisher 1921 (Metron 1:3-32) for Pearson's interval; Bonett & Wright 2000 (Psychometrika 65:23-28) for
Spearman's.
"""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from exotrial.statistics.enumeration import TOO_MANY
from exotrial.statistics.moments import NO_VARIATION, check_range, compute_mean, is_constant
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, as_pairs, check_level, snap
from exotrial.statistics.t_distribution import compute_t_p_value

LARGEST_ENUMERATED = 9
"""Pairs up to which all n! orders are listed (9! = 362,880)."""


def pearson(
    x: ArrayLike,
    y: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Pearson's r with the t test of r = 0 and Fisher's z interval; at least three pairs.

    Three pairs have no interval (the z transform needs four). Points that lie on a line have no t; their p
    is 0, with a note. Refuses a measurement that does not vary (STS-100).
    """
    a, b = _as_varying(x, y)
    r = compute_pearson_r(a, b)
    return _as_result(
        PEARSON,
        r,
        int(a.size),
        t_test=compute_correlation_t(r, int(a.size), alternative),
        z_variance=1.0,
        level=check_level(level),
        alternative=alternative,
        interval_method="Fisher's z",
    )


def spearman_t(
    x: ArrayLike,
    y: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Spearman's rho (mid-ranks for ties) with the t approximation; at least three pairs.

    The interval is Bonett and Wright's. Degenerate input as for `pearson`.
    """
    a, b = _as_varying(x, y)
    rho = compute_pearson_r(_rank(a), _rank(b))
    return _as_result(
        SPEARMAN_T,
        rho,
        int(a.size),
        t_test=compute_correlation_t(rho, int(a.size), alternative),
        z_variance=1 + rho * rho / 2,
        level=check_level(level),
        alternative=alternative,
        interval_method="Bonett and Wright's z",
    )


def spearman_exact(
    x: ArrayLike,
    y: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Spearman's rho (mid-ranks for ties) with p from all n! orders of one measurement; 3 to 9 pairs.

    Two-sided: orders whose rho is at least as far from zero; the count is in the notes. Refuses more pairs
    (STS-107) and a measurement that does not vary (STS-100).
    """
    a, b = _as_varying(x, y)
    n = int(a.size)
    if n > LARGEST_ENUMERATED:
        raise TOO_MANY.refuse(
            f"{n} pairs have {n}! orders",
            value=n,
            remedy="use spearman_t, which holds well from ten pairs on.",
        )
    alternative = Alternative(alternative)
    # Doubled mid-ranks are whole numbers, so that equal rhos compare as equal.
    left, right = (np.rint(2 * _rank(sample)).astype(np.int64) for sample in (a, b))
    products = right[_list_orders(n)] @ left
    centred = n * products - int(left.sum()) * int(right.sum())
    observed = n * int(left @ right) - int(left.sum()) * int(right.sum())
    if alternative == Alternative.TWO_SIDED:
        extreme = int(np.sum(np.abs(centred) >= abs(observed)))
    elif alternative == Alternative.GREATER:
        extreme = int(np.sum(centred >= observed))
    else:
        extreme = int(np.sum(centred <= observed))
    rho = compute_pearson_r(_rank(a), _rank(b))
    note = f"{extreme} of {math.factorial(n)} orders are at least as extreme (full enumeration)"
    return _as_result(
        SPEARMAN_EXACT,
        rho,
        n,
        t_test=None,
        exact_p=extreme / math.factorial(n),
        z_variance=1 + rho * rho / 2,
        level=check_level(level),
        alternative=alternative,
        interval_method="Bonett and Wright's z",
        notes=(note,),
    )


def compute_pearson_r(x: Sample, y: Sample) -> float:
    """Pearson's r of two samples that vary, between -1 and 1."""
    a, b = x - compute_mean(x), y - compute_mean(y)
    # Scaled first, so that the products of very large or very small numbers stay in range.
    a, b = a / np.max(np.abs(a)), b / np.max(np.abs(b))
    squares = math.fsum((a * a).tolist()) * math.fsum((b * b).tolist())
    r = math.fsum((a * b).tolist()) / math.sqrt(squares)
    return math.copysign(1.0, r) if abs(r) > 1 - 1e-15 else r


def compute_correlation_t(r: float, n: int, alternative: Alternative) -> tuple[float | None, float, float]:
    """t, degrees of freedom and p of a correlation of n pairs; t is None at r = 1 or -1."""
    df = float(n - 2)
    if abs(r) == 1:
        against = (alternative == Alternative.GREATER and r < 0) or (
            alternative == Alternative.LESS and r > 0
        )
        return None, df, 1.0 if against else 0.0
    t = r * math.sqrt(df / ((1 - r) * (1 + r)))
    return t, df, compute_t_p_value(t, df, alternative)


def compute_z_interval(
    r: float, n: int, *, variance: float, level: float, alternative: Alternative
) -> tuple[float, float] | None:
    """The interval of a correlation on Fisher's z scale, with variance / (n - 3); None below four pairs."""
    if n < 4:
        return None
    if abs(r) == 1:
        return r, r
    two_sided = alternative == Alternative.TWO_SIDED
    margin = float(special.ndtri((1 + level) / 2 if two_sided else level)) * math.sqrt(variance / (n - 3))
    lower = -1.0 if alternative == Alternative.LESS else math.tanh(math.atanh(r) - margin)
    upper = 1.0 if alternative == Alternative.GREATER else math.tanh(math.atanh(r) + margin)
    return lower, upper


def _as_varying(x: ArrayLike, y: ArrayLike) -> tuple[Sample, Sample]:
    a, b = as_pairs(x, y, names=("x", "y"), at_least=3)
    for name, sample in (("x", a), ("y", b)):
        if is_constant(check_range(sample)):
            raise NO_VARIATION.refuse(
                f"all values of {name} are {sample[0]:g}, so a correlation is not defined",
                value=sample[0],
                remedy="report the values themselves: what does not vary goes along with nothing.",
            )
    return a, b


def _rank(sample: Sample) -> Sample:
    return np.asarray(stats.rankdata(snap(sample)), dtype=np.float64)


@functools.cache
def _list_orders(n: int) -> NDArray[np.intp]:
    return np.array(list(itertools.permutations(range(n))), dtype=np.intp)


def _as_result(
    method: Method,
    r: float,
    n: int,
    *,
    t_test: tuple[float | None, float, float] | None,
    z_variance: float,
    level: float,
    alternative: Alternative,
    interval_method: str,
    exact_p: float | None = None,
    notes: tuple[str, ...] = (),
) -> Result:
    alternative = Alternative(alternative)
    interval = compute_z_interval(r, n, variance=z_variance, level=level, alternative=alternative)
    if interval is None:
        notes = (*notes, "three pairs have no interval: the z transform needs four")
    if t_test is not None and t_test[0] is None:
        notes = (*notes, "the correlation is perfect: t is unbounded, and p is its limit")
    if abs(r) == 1 and interval is not None:
        notes = (*notes, "the interval of a perfect correlation is a single point and says little")
    lower, upper = interval or (None, None)
    return Result(
        method=method.name,
        label=method.label,
        n=(n,),
        statistic_name="r" if t_test is None else "t",
        statistic=r if t_test is None else t_test[0],
        df=() if t_test is None else (t_test[1],),
        p_value=exact_p if t_test is None else t_test[2],
        alternative=alternative,
        exact=t_test is None,
        estimate=Estimate(
            name="correlation", value=r, lower=lower, upper=upper, level=level, method=interval_method
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


PEARSON = Method(
    name="pearson",
    label="Pearson correlation",
    design=Design.CORRELATION,
    compute=pearson,
    citation="Pearson 1896, Phil Trans A 187:253-318; Fisher 1921, Metron 1:3-32 (interval)",
    assumptions=("pairs are independent", "the two measurements are jointly normal"),
    software="SPSS CORRELATIONS, R cor.test, SAS PROC CORR",
)

SPEARMAN_T = Method(
    name="spearman_t",
    label="Spearman rank correlation, t approximation",
    design=Design.CORRELATION,
    compute=spearman_t,
    citation="Spearman 1904, Am J Psychol 15:72-101; Bonett & Wright 2000, Psychometrika 65:23-28 (interval)",
    assumptions=("pairs are independent",),
    software="SPSS NONPAR CORR, R cor.test(exact = FALSE), SAS PROC CORR SPEARMAN",
)

SPEARMAN_EXACT = Method(
    name="spearman_exact",
    label="Spearman rank correlation, exact with ties",
    design=Design.CORRELATION,
    compute=spearman_exact,
    citation="Spearman 1904, Am J Psychol 15:72-101; Bonett & Wright 2000, Psychometrika 65:23-28 (interval)",
    assumptions=("pairs are independent",),
    software="R cor.test(exact = TRUE) where there are no ties",
)
