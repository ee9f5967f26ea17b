"""Describes one sample: mean, SD, SE, median and quartiles with the quartile rule named.

Quantile rules are numbered as by Hyndman & Fan 1996 (The American Statistician 50:361-365).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from exotrial.core.errors import ErrorCode
from exotrial.statistics.moments import EPSILON, compute_mean, compute_moments
from exotrial.statistics.sample import Sample, as_sample, check_level
from exotrial.statistics.t_distribution import compute_t_interval

NOT_A_RULE = ErrorCode(
    "STS-103",
    "A quantile rule is unknown.",
    "choose 2 (SAS), 6 (SPSS, Minitab) or 7 (R, Excel), the numbers of Hyndman and Fan.",
)
NOT_A_PROBABILITY = ErrorCode(
    "STS-104",
    "The probability of a quantile is not between 0 and 1.",
    "give it as a fraction, such as 0.25 for the first quartile.",
)
NOT_POSITIVE = ErrorCode(
    "STS-105",
    "A geometric mean needs values above zero.",
    "use the arithmetic mean or the median, or say what stands for values below detection.",
)


class QuantileRule(IntEnum):
    """How a quantile between two observations is found; the number is Hyndman and Fan's type."""

    SAS = 2
    SPSS = 6
    R = 7

    @property
    def label(self) -> str:
        """The rule in words, with the software whose default it is."""
        return {
            QuantileRule.SAS: "type 2, averaged inverse of the distribution function (SAS PCTLDEF=5)",
            QuantileRule.SPSS: "type 6, p(n + 1) (SPSS, Minitab)",
            QuantileRule.R: "type 7, 1 + p(n - 1) (R, Excel QUARTILE.INC)",
        }[self]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a baseline table prints of one sample, in the unit of the values.

    `sd`, `se`, `lower` and `upper` are None for a single value, and `notes` says so. `lower` and `upper` are
    the t confidence interval of the mean at `level`.
    """

    n: int
    mean: float
    sd: float | None
    se: float | None
    lower: float | None
    upper: float | None
    level: float
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float
    quartile_rule: QuantileRule
    notes: tuple[str, ...] = ()


def as_rule(rule: int) -> QuantileRule:
    """The quantile rule of this number, refused where there is none (STS-103)."""
    if rule not in [known.value for known in QuantileRule]:
        raise NOT_A_RULE.refuse(f"{rule} is no quantile rule known here", value=rule)
    return QuantileRule(rule)


def compute_quantile(values: ArrayLike, p: float, rule: int = QuantileRule.SAS) -> float:
    """The quantile of a sample at probability p (0 to 1, closed) by rule 2, 6 or 7.

    Refuses an empty sample, missing values, an unknown rule (STS-103) and a wrong p (STS-104).
    """
    ordered = np.sort(as_sample(values, name="values"))
    if not 0 <= p <= 1:
        raise NOT_A_PROBABILITY.refuse(f"{p} is no probability", value=p)
    return _quantile_of_ordered(ordered, p, as_rule(rule))


def _quantile_of_ordered(ordered: Sample, p: float, rule: QuantileRule) -> float:
    n = ordered.size
    position = {
        QuantileRule.SAS: n * p,
        QuantileRule.SPSS: (n + 1) * p,
        QuantileRule.R: 1 + (n - 1) * p,
    }[rule]
    # 0.1 x 30 must count as 3: a position within a few binary digits of a whole number is that number.
    below = math.floor(position + 4 * EPSILON * max(position, 1.0))
    fraction = position - below
    if abs(fraction) <= 4 * EPSILON * max(position, 1.0):
        fraction = 0.0
    if rule is QuantileRule.SAS:
        fraction = 0.5 if fraction == 0.0 else 1.0
    left = float(ordered[min(max(below, 1), n) - 1])
    right = float(ordered[min(max(below + 1, 1), n) - 1])
    if fraction == 0.0 or left == right:
        return left
    return right if fraction == 1.0 else left * (1 - fraction) + right * fraction


def describe(values: ArrayLike, *, quartile_type: int = QuantileRule.SAS, level: float = 0.95) -> Summary:
    """Describe a sample of at least one finite value.

    The SD has divisor n - 1. A single value has no SD, SE or interval: None, with a note.
    """
    sample = as_sample(values, name="values")
    rule = as_rule(quartile_type)
    check_level(level)
    moments = compute_moments(sample)
    ordered = np.sort(sample)
    se = lower = upper = None
    notes: tuple[str, ...] = ()
    if moments.sd is None:
        notes = ("a single value has no standard deviation, standard error or confidence interval",)
    else:
        se = moments.sd / math.sqrt(moments.n)
        lower, upper = compute_t_interval(moments.mean, se, moments.n - 1, level=level)
        if moments.sd == 0:
            notes = ("all values are equal",)
    return Summary(
        n=moments.n,
        mean=moments.mean,
        sd=moments.sd,
        se=se,
        lower=lower,
        upper=upper,
        level=level,
        median=_quantile_of_ordered(ordered, 0.5, rule),
        q1=_quantile_of_ordered(ordered, 0.25, rule),
        q3=_quantile_of_ordered(ordered, 0.75, rule),
        minimum=float(ordered[0]),
        maximum=float(ordered[-1]),
        quartile_rule=rule,
        notes=notes,
    )


def as_logarithms(values: ArrayLike, *, name: str = "values", at_least: int = 1) -> Sample:
    """Natural logarithms of positive values, refused at zero and below (STS-105)."""
    sample = as_sample(values, name=name, at_least=at_least)
    if np.any(sample <= 0):
        worst = float(np.min(sample))
        raise NOT_POSITIVE.refuse(f"{name} holds {worst:g}, which has no logarithm", value=worst)
    return np.asarray(np.log(sample), dtype=np.float64)


def compute_geometric_mean(values: ArrayLike) -> float:
    """The geometric mean of positive values: exp of the mean logarithm. Refuses STS-105."""
    return math.exp(compute_mean(as_logarithms(values)))
