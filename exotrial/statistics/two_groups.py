"""Means of two independent groups: Student's t, Welch's t, and the choice between them that SPSS users make.

Student 1908 (Biometrika 6:1-25) with Fisher's pooled variance; Welch 1947 (Biometrika 34:28-35).
"""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike
from scipy import special

from exotrial.statistics.equal_variances import levene
from exotrial.statistics.moments import EPSILON, NO_VARIATION, Moments, as_moments, compute_moments
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import TOO_FEW, as_sample, check_level
from exotrial.statistics.t_distribution import compute_t_interval, compute_t_p_value

ESTIMATES = "mean difference, first minus second"
LEVENE_DECIDES_BELOW = 0.05


def student(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Student's t with pooled variance; three values in all at least, one in each group.

    Cohen's d and Hedges' g are in the notes. Groups without variation give p = 1 where their means are
    equal and are refused where not (STS-100).
    """
    return _student(
        compute_moments(as_sample(first, name="first")),
        compute_moments(as_sample(second, name="second")),
        level=check_level(level),
        alternative=Alternative(alternative),
    )


def student_from_summary(
    mean1: float,
    sd1: float | None,
    n1: int,
    mean2: float,
    sd2: float | None,
    n2: int,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """`student` from printed means, standard deviations and sizes; an sd is None where n is 1.

    Refuses figures that cannot be (STS-102).
    """
    return _student(
        as_moments(mean1, sd1, n1, name="first"),
        as_moments(mean2, sd2, n2, name="second"),
        level=check_level(level),
        alternative=Alternative(alternative),
    )


def welch(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Welch's t with Satterthwaite's degrees of freedom; at least two values in each group.

    Effect sizes in the notes and degenerate groups as for `student`.
    """
    return _welch(
        compute_moments(as_sample(first, name="first", at_least=2)),
        compute_moments(as_sample(second, name="second", at_least=2)),
        level=check_level(level),
        alternative=Alternative(alternative),
    )


def welch_from_summary(
    mean1: float,
    sd1: float,
    n1: int,
    mean2: float,
    sd2: float,
    n2: int,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """`welch` from printed means, standard deviations and sizes. Refuses figures that cannot be (STS-102)."""
    first, second = as_moments(mean1, sd1, n1, name="first"), as_moments(mean2, sd2, n2, name="second")
    for name, part in (("first", first), ("second", second)):
        if part.n < 2:
            raise TOO_FEW.refuse(f"{name} has {part.n} values, and 2 are needed", value=part.n)
    return _welch(first, second, level=check_level(level), alternative=Alternative(alternative))


def spss_levene_decides(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The row that SPSS users read: Welch where Levene's p is below 0.05, Student otherwise.

    The first note says which row was taken and why. At least two values in each group; refuses (STS-100)
    where Levene's test is undefined, as in two groups of two. A preliminary test makes the error rate of
    the pair differ from the stated one (Zimmerman 2004, Br J Math Stat Psychol 57:173-181).
    """
    x = as_sample(first, name="first", at_least=2)
    y = as_sample(second, name="second", at_least=2)
    test = levene([x, y])
    assert test.p_value is not None
    unequal = test.p_value < LEVENE_DECIDES_BELOW
    chosen = welch if unequal else student
    result = chosen(x, y, level=level, alternative=alternative)
    f = "undefined" if test.statistic is None else f"{test.statistic:.4g}"
    row = "equal variances not assumed (Welch)" if unequal else "equal variances assumed (Student)"
    return replace(
        result,
        method=SPSS_LEVENE_DECIDES.name,
        label=SPSS_LEVENE_DECIDES.label,
        assumptions=SPSS_LEVENE_DECIDES.assumptions,
        citation=SPSS_LEVENE_DECIDES.citation,
        notes=(f"row taken: {row}; Levene's F = {f}, p = {test.p_value:.4g}", *result.notes),
    )


def compute_cohens_d(first: Moments, second: Moments) -> float | None:
    """The mean difference over the pooled SD; None where there is no variation."""
    pooled = _pooled_variance(first, second)
    return (first.mean - second.mean) / math.sqrt(pooled) if pooled > 0 else None


def compute_hedges_correction(df: float) -> float:
    """Hedges' exact factor from Cohen's d to g, at df > 1 (Hedges 1981, J Educ Stat 6:107-128)."""
    return math.exp(float(special.gammaln(df / 2) - special.gammaln((df - 1) / 2))) / math.sqrt(df / 2)


def _pooled_variance(first: Moments, second: Moments) -> float:
    return (first.sum_of_squares + second.sum_of_squares) / (first.n + second.n - 2)


def _student(first: Moments, second: Moments, *, level: float, alternative: Alternative) -> Result:
    df = first.n + second.n - 2
    if df < 1:
        raise TOO_FEW.refuse("two groups of one value leave no degree of freedom", value=2)
    se = math.sqrt(_pooled_variance(first, second) * (1 / first.n + 1 / second.n))
    return _compare(STUDENT, first, second, se=se, df=float(df), level=level, alternative=alternative)


def _welch(first: Moments, second: Moments, *, level: float, alternative: Alternative) -> Result:
    a, b = first.variance / first.n, second.variance / second.n
    df = 0.0
    if a + b > 0:
        # As shares of the sum, so that the squares can neither overflow nor vanish.
        share = a / (a + b)
        df = 1 / (share * share / (first.n - 1) + (1 - share) ** 2 / (second.n - 1))
    return _compare(WELCH, first, second, se=math.sqrt(a + b), df=df, level=level, alternative=alternative)


def _compare(
    method: Method,
    first: Moments,
    second: Moments,
    *,
    se: float,
    df: float,
    level: float,
    alternative: Alternative,
) -> Result:
    difference = first.mean - second.mean
    statistic: float | None = None
    lower: float | None = None
    upper: float | None = None
    if se == 0:
        if abs(difference) > 8 * EPSILON * max(abs(first.mean), abs(second.mean)):
            raise NO_VARIATION.refuse(
                f"every value of first is {first.mean:g} and every value of second is {second.mean:g}, "
                "so t has no denominator",
                value=difference,
            )
        p_value = 1.0
        notes: tuple[str, ...] = (
            "all values of both groups are equal: p is 1 by convention, and there is no interval",
        )
    else:
        statistic = difference / se
        p_value = compute_t_p_value(statistic, df, alternative)
        lower, upper = compute_t_interval(difference, se, df, level=level, alternative=alternative)
        notes = _note_effect_size(first, second)
    return Result(
        method=method.name,
        label=method.label,
        n=(first.n, second.n),
        statistic_name="t",
        statistic=statistic,
        df=(df,) if df > 0 else (),
        p_value=p_value,
        alternative=alternative,
        estimate=Estimate(
            name=ESTIMATES, value=difference, lower=lower, upper=upper, level=level, method="t interval"
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def _note_effect_size(first: Moments, second: Moments) -> tuple[str, ...]:
    d, df = compute_cohens_d(first, second), first.n + second.n - 2
    if d is None:
        return ()
    if df < 2:
        return (f"Cohen's d = {d:.4g} (pooled SD)",)
    return (f"Cohen's d = {d:.4g}, Hedges' g = {d * compute_hedges_correction(df):.4g} (pooled SD)",)


_MEANS = ("values are independent, between groups too", "the mean difference is approximately normal")

STUDENT = Method(
    name="student",
    label="Student's t test, equal variances",
    design=Design.TWO_GROUPS,
    compute=student,
    citation="Student 1908, Biometrika 6:1-25; Fisher 1925, Metron 5:90-104",
    assumptions=(*_MEANS, "variances are equal"),
    software="SPSS T-TEST, equal variances assumed row; R t.test(var.equal = TRUE); SAS Pooled row",
)

WELCH = Method(
    name="welch",
    label="Welch's t test, unequal variances",
    design=Design.TWO_GROUPS,
    compute=welch,
    citation="Welch 1947, Biometrika 34:28-35; Satterthwaite 1946, Biometrics 2:110-114",
    assumptions=_MEANS,
    software="SPSS T-TEST, equal variances not assumed row; R t.test; SAS Satterthwaite row",
)

SPSS_LEVENE_DECIDES = Method(
    name="spss_levene_decides",
    label="t test, Student or Welch as Levene's test decides",
    design=Design.TWO_GROUPS,
    compute=spss_levene_decides,
    citation="IBM SPSS Statistics T-TEST; Levene 1960, Contributions to Probability and Statistics, 278-292",
    assumptions=(*_MEANS, "the choice between the rows is not allowed for in p"),
    software="SPSS T-TEST, the row that Levene's test points to",
)
