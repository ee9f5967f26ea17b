"""One sample against a stated value: Student's one-sample t, and the same on logarithms (geometric mean)."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from exotrial.core.errors import ErrorCode
from exotrial.statistics.describe import NOT_POSITIVE, as_logarithms
from exotrial.statistics.moments import NO_VARIATION, compute_moments
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, as_sample, check_level
from exotrial.statistics.t_distribution import compute_t_interval, compute_t_p_value

NOT_A_NULL = ErrorCode(
    "STS-106",
    "The value to test against is missing or infinite.",
    "give the value under the null hypothesis as a number, in the unit of the data.",
)


def _check_null(null: float) -> float:
    if not math.isfinite(null):
        raise NOT_A_NULL.refuse(f"{null} cannot be tested against", value=null)
    return float(null)


def _exp(logarithm: float) -> float:
    """exp, infinite where the result is beyond double precision: such a bound says nothing anyway."""
    return math.inf if logarithm > 709 else math.exp(logarithm)


def compute_t_result(
    sample: Sample, method: Method, *, null: float, level: float, alternative: Alternative, estimates: str
) -> Result:
    """The t test of one checked sample of at least two values, on behalf of `method`.

    Equal values give p = 1 where they equal `null`, by convention and with a note; otherwise t has no
    denominator and the test is refused (STS-100).
    """
    moments = compute_moments(sample)
    df = float(moments.n - 1)
    difference = moments.mean - null
    sd = moments.sd or 0.0
    statistic: float | None = None
    lower: float | None = None
    upper: float | None = None
    notes: tuple[str, ...] = ()
    if sd == 0:
        if not math.isclose(moments.mean, null, rel_tol=1e-14, abs_tol=0.0):
            raise NO_VARIATION.refuse(
                f"all {moments.n} values are {moments.mean:g}, so t has no denominator", value=moments.mean
            )
        p_value = 1.0
        notes = ("all values equal the null value: p is 1 by convention, and there is no interval",)
    else:
        se = sd / math.sqrt(moments.n)
        statistic = difference / se
        p_value = compute_t_p_value(statistic, df, alternative)
        lower, upper = compute_t_interval(moments.mean, se, df, level=level, alternative=alternative)
    return Result(
        method=method.name,
        label=method.label,
        n=(moments.n,),
        statistic_name="t",
        statistic=statistic,
        df=(df,),
        p_value=p_value,
        alternative=alternative,
        estimate=Estimate(
            name=estimates, value=moments.mean, lower=lower, upper=upper, level=level, method="t interval"
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def one_sample_t(
    values: ArrayLike,
    *,
    null: float = 0.0,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Student's t of the mean against `null`, in the unit of the values; at least two values.

    Equal values are p = 1 at the null and refused elsewhere (STS-100).
    """
    sample = as_sample(values, name="values", at_least=2)
    return compute_t_result(
        sample,
        ONE_SAMPLE_T,
        null=_check_null(null),
        level=check_level(level),
        alternative=Alternative(alternative),
        estimates="mean",
    )


def geometric_mean_t(
    values: ArrayLike,
    *,
    null: float = 1.0,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Student's t on natural logarithms; the estimate is the geometric mean, in the unit of the values.

    `null` is the geometric mean under the null hypothesis. Refuses values or a null at zero or below
    (STS-105), and equal values away from the null (STS-100).
    """
    logarithms = as_logarithms(values, at_least=2)
    if _check_null(null) <= 0:
        raise NOT_POSITIVE.refuse(f"{null:g} cannot be a geometric mean", value=null)
    result = compute_t_result(
        logarithms,
        GEOMETRIC_MEAN_T,
        null=math.log(null),
        level=check_level(level),
        alternative=Alternative(alternative),
        estimates="geometric mean",
    )
    on_logs = result.estimate
    assert on_logs is not None
    lower, upper = on_logs.lower, on_logs.upper
    estimate = Estimate(
        name="geometric mean",
        value=math.exp(on_logs.value),
        lower=None if lower is None else _exp(lower),
        upper=None if upper is None else _exp(upper),
        level=level,
        method="t interval of the logarithms, back-transformed",
    )
    return replace(result, estimate=estimate)


ONE_SAMPLE_T = Method(
    name="one_sample_t",
    label="One-sample t test",
    design=Design.ONE_SAMPLE,
    compute=one_sample_t,
    citation="Student 1908, Biometrika 6:1-25",
    assumptions=("values are independent", "the mean is approximately normal"),
    software="SPSS One-Sample T Test, R t.test, SAS PROC TTEST",
)

GEOMETRIC_MEAN_T = Method(
    name="geometric_mean_t",
    label="One-sample t test of logarithms (geometric mean)",
    design=Design.ONE_SAMPLE,
    compute=geometric_mean_t,
    citation="Student 1908, Biometrika 6:1-25, on natural logarithms",
    assumptions=("values are independent and positive", "their logarithms are approximately normal"),
    software="SAS PROC TTEST DIST=LOGNORMAL",
)
