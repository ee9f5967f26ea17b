"""Equivalence of two means by two one-sided tests (TOST): Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680.

Equivalence within a margin is shown, never assumed: a difference that is not significant shows nothing. A margin has no
honest default, so these functions stand outside the catalogue of methods, whose every option has one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from exotrial.core.errors import ErrorCode
from exotrial.statistics.before_after import compute_differences
from exotrial.statistics.moments import EPSILON, NO_VARIATION, Moments, as_moments, compute_moments
from exotrial.statistics.result import Alternative
from exotrial.statistics.sample import TOO_FEW, as_sample
from exotrial.statistics.t_distribution import compute_t_interval, compute_t_p_value

NOT_A_MARGIN = ErrorCode(
    "TST-001",
    "A margin of equivalence does not lie on both sides of no difference.",
    "give a lower bound below and an upper bound above no difference: 0 for differences, 1 for ratios (0.8 and 1.25).",
)
NOT_AN_ALPHA = ErrorCode(
    "TST-002",
    "The error rate of an equivalence test is not between 0 and 0.5.",
    "give the one-sided error rate as a fraction, such as 0.05, which goes with a 90 % interval.",
)

WELCH_LABEL = "two one-sided Welch t tests"
STUDENT_LABEL = "two one-sided Student t tests, equal variances"
PAIRED_LABEL = "two one-sided paired t tests"


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A ratio first over second with the interval that goes with the test."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """What two one-sided tests give. `difference` is first minus second, on the scale of the data tested.

    `t_low` tests against the lower bound `low` (large is good), `t_high` against `high` (small is good); `p_value` is
    the larger of the two one-sided p values. `lower` to `upper` is the interval at level 1 - 2 alpha, which lies inside
    the margin exactly where `equivalent` is True. `p_difference` is the usual two-sided p of no difference: it is
    shown beside the others because it answers another question.
    """

    label: str
    n: tuple[int, ...]
    difference: float
    se: float
    df: float
    low: float
    high: float
    alpha: float
    t_low: float
    t_high: float
    p_low: float
    p_high: float
    lower: float
    upper: float
    p_difference: float

    @property
    def p_value(self) -> float:
        return max(self.p_low, self.p_high)

    @property
    def equivalent(self) -> bool:
        """Whether both one-sided hypotheses are rejected: p at most alpha."""
        return self.p_value <= self.alpha

    @property
    def level(self) -> float:
        """The confidence level of the interval: 1 - 2 alpha."""
        return 1 - 2 * self.alpha

    def as_ratio(self) -> Ratio:
        """The difference of logarithms as a ratio, for data that were tested on natural logarithms."""
        return Ratio(value=_exp(self.difference), lower=_exp(self.lower), upper=_exp(self.upper))


def tost_welch(first: ArrayLike, second: ArrayLike, *, low: float, high: float, alpha: float) -> Equivalence:
    """Two independent groups with variances of their own and Satterthwaite's df; two values each at least.

    `low` and `high` bound the difference first minus second. Refuses TST-001, TST-002, and groups of which neither
    varies (STS-100), where t has no denominator.
    """
    return _welch(
        compute_moments(as_sample(first, name="first", at_least=2)),
        compute_moments(as_sample(second, name="second", at_least=2)),
        low=low,
        high=high,
        alpha=alpha,
    )


def tost_welch_from_summary(
    mean1: float,
    sd1: float,
    n1: int,
    mean2: float,
    sd2: float,
    n2: int,
    *,
    low: float,
    high: float,
    alpha: float,
) -> Equivalence:
    """`tost_welch` from means, standard deviations and sizes. Refuses figures that cannot be (STS-102)."""
    first, second = _two_each(mean1, sd1, n1, mean2, sd2, n2)
    return _welch(first, second, low=low, high=high, alpha=alpha)


def tost_student_from_summary(
    mean1: float,
    sd1: float,
    n1: int,
    mean2: float,
    sd2: float,
    n2: int,
    *,
    low: float,
    high: float,
    alpha: float,
) -> Equivalence:
    """Two independent groups with one pooled variance, as published examples have it."""
    first, second = _two_each(mean1, sd1, n1, mean2, sd2, n2)
    df = first.n + second.n - 2
    pooled = (first.sum_of_squares + second.sum_of_squares) / df
    return _test(
        STUDENT_LABEL,
        (first.n, second.n),
        difference=first.mean - second.mean,
        se=math.sqrt(pooled * (1 / first.n + 1 / second.n)),
        df=df,
        size=max(abs(first.mean), abs(second.mean)),
        margin=(low, high),
        alpha=alpha,
    )


def tost_paired(first: ArrayLike, second: ArrayLike, *, low: float, high: float, alpha: float) -> Equivalence:
    """Pairs, such as one aliquot before and after a device; at least two. Refusals as for `tost_welch`."""
    x = as_sample(first, name="first", at_least=2)
    y = as_sample(second, name="second", at_least=2)
    moments = compute_moments(compute_differences(x, y, at_least=2))
    return _test(
        PAIRED_LABEL,
        (moments.n,),
        difference=moments.mean,
        se=(moments.sd or 0.0) / math.sqrt(moments.n),
        df=moments.n - 1,
        size=max(float(abs(x).max()), float(abs(y).max())),
        margin=(low, high),
        alpha=alpha,
    )


def compute_log_margin(lower: float, upper: float) -> tuple[float, float]:
    """A margin of ratios, such as 0.8 to 1.25, on natural logarithms. Refuses TST-001."""
    if not (math.isfinite(lower) and math.isfinite(upper) and 0 < lower < 1 < upper):
        raise NOT_A_MARGIN.refuse(
            f"{lower:g} to {upper:g} is no margin of a ratio", value=f"{lower:g} to {upper:g}"
        )
    return math.log(lower), math.log(upper)


def compute_log_moments(mean: float, sd: float, n: int) -> Moments:
    """Mean and SD of natural logarithms from a printed mean and SD, for values that are log-normal.

    variance = ln(1 + (SD / mean)^2), mean = ln(mean) - variance / 2 (Higgins, White & Anzures-Cabrera 2008, Stat Med
    27:6072-6092, method 1). Refuses a mean that is not positive, and figures that cannot be (STS-102).
    """
    raw = as_moments(mean, sd, n, name="the summary")
    if raw.n < 2:
        raise TOO_FEW.refuse("a summary of one value has no spread, and 2 values are needed", value=n)
    if raw.mean <= 0:
        raise NO_VARIATION.refuse(
            f"a mean of {mean:g} has no logarithm", value=mean, remedy="a ratio needs values above zero."
        )
    variance = compute_log_sd(sd / mean) ** 2
    return Moments(n=raw.n, mean=math.log(raw.mean) - variance / 2, sd=math.sqrt(variance))


def compute_log_sd(cv: float) -> float:
    """The SD of natural logarithms of a log-normal quantity from its coefficient of variation (a fraction)."""
    return math.sqrt(math.log1p(cv * cv))


def check_margin(low: float, high: float) -> None:
    """Refuse a margin that does not lie on both sides of 0 (TST-001)."""
    if not (math.isfinite(low) and math.isfinite(high) and low < 0 < high):
        raise NOT_A_MARGIN.refuse(f"{low:g} to {high:g} is no margin", value=f"{low:g} to {high:g}")


def check_alpha(alpha: float) -> None:
    """Refuse an alpha outside the open interval from 0 to 0.5 (TST-002)."""
    if not 0 < alpha < 0.5:
        raise NOT_AN_ALPHA.refuse(f"{alpha:g} is no error rate of an equivalence test", value=alpha)


def compute_welch_df(first: Moments, second: Moments) -> float:
    """Satterthwaite's degrees of freedom (1946, Biometrics 2:110-114); one of the variances must not be 0."""
    a, b = first.variance / first.n, second.variance / second.n
    share = a / (a + b)
    return 1 / (share * share / (first.n - 1) + (1 - share) ** 2 / (second.n - 1))


def _two_each(
    mean1: float, sd1: float, n1: int, mean2: float, sd2: float, n2: int
) -> tuple[Moments, Moments]:
    first, second = as_moments(mean1, sd1, n1, name="first"), as_moments(mean2, sd2, n2, name="second")
    for name, part in (("first", first), ("second", second)):
        if part.n < 2:
            raise TOO_FEW.refuse(f"{name} has {part.n} values, and 2 are needed", value=part.n)
    return first, second


def _welch(first: Moments, second: Moments, *, low: float, high: float, alpha: float) -> Equivalence:
    variance = first.variance / first.n + second.variance / second.n
    return _test(
        WELCH_LABEL,
        (first.n, second.n),
        difference=first.mean - second.mean,
        se=math.sqrt(variance),
        df=compute_welch_df(first, second) if variance > 0 else 0.0,
        size=max(abs(first.mean), abs(second.mean)),
        margin=(low, high),
        alpha=alpha,
    )


def _test(
    label: str,
    n: tuple[int, ...],
    *,
    difference: float,
    se: float,
    df: float,
    size: float,
    margin: tuple[float, float],
    alpha: float,
) -> Equivalence:
    low, high = margin
    check_margin(low, high)
    check_alpha(alpha)
    if se <= 8 * EPSILON * size:
        # Without a spread nothing tells how far the difference may be off, however small it looks.
        raise NO_VARIATION.refuse(
            f"the values do not vary (difference {difference:g}), so t has no denominator",
            value=difference,
            remedy="give the values as measured, not rounded; a spread of nothing shows no equivalence.",
        )
    t_low, t_high = (difference - low) / se, (difference - high) / se
    lower, upper = compute_t_interval(difference, se, df, level=1 - 2 * alpha)
    return Equivalence(
        label=label,
        n=n,
        difference=difference,
        se=se,
        df=float(df),
        low=low,
        high=high,
        alpha=alpha,
        t_low=t_low,
        t_high=t_high,
        p_low=compute_t_p_value(t_low, df, Alternative.GREATER),
        p_high=compute_t_p_value(t_high, df, Alternative.LESS),
        lower=lower,
        upper=upper,
        p_difference=compute_t_p_value(difference / se, df),
    )


def _exp(logarithm: float) -> float:
    """exp, infinite beyond double precision: such a bound says nothing anyway."""
    return math.inf if logarithm > 709 else math.exp(logarithm)
