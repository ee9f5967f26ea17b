"""Agreement of two measurements of the same things: limits of agreement and the concordance correlation.

Limits of agreement: J. M. Bland, D. G. Altman, Lancet 327 (1986) 307. Concordance: L. I. Lin, Biometrics 45 (1989)
255, with its interval by Fisher's z as corrected in Biometrics 56 (2000) 324.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from exotrial.core.errors import ErrorCode

NO_PAIRS = ErrorCode(
    "STS-331",
    "Agreement of two measurements needs pairs of finite numbers that are not all one number.",
    "give at least three pairs, both numbers of each measured.",
)
FEWEST: Final = 3


@dataclass(frozen=True, kw_only=True)
class LimitsOfAgreement:
    """Mean difference (second less first), its interval, and the limits with theirs, in the unit of the numbers.

    `slope` is that of the difference over the mean of the two: away from zero, the limits do not hold for all sizes.
    """

    pairs: int
    bias: float
    bias_lower: float
    bias_upper: float
    sd: float
    lower: float
    upper: float
    limit_half_width: float
    slope: float
    level: float


@dataclass(frozen=True, kw_only=True)
class Concordance:
    """Lin's concordance correlation with its interval, None where the numbers agree to the last digit."""

    pairs: int
    value: float
    lower: float | None
    upper: float | None
    level: float


def compute_limits_of_agreement(
    first: ArrayLike, second: ArrayLike, *, level: float = 0.95
) -> LimitsOfAgreement:
    """Bias and 95 % limits of agreement, bias -+ 1.96 SD of the differences; STS-331 for fewer than three pairs.

    The intervals are Bland and Altman's: standard error SD / sqrt(n) for the bias and SD sqrt(3 / n) for a limit, with
    Student's t of n - 1; `limit_half_width` is half the interval of either limit.
    """
    a, b = _pairs(first, second)
    differences, means = b - a, (a + b) / 2
    count = a.size
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    t = float(stats.t.ppf((1 + level) / 2, count - 1))
    spread = means - means.mean()
    across = float(spread @ spread)
    return LimitsOfAgreement(
        pairs=count,
        bias=bias,
        bias_lower=bias - t * sd / math.sqrt(count),
        bias_upper=bias + t * sd / math.sqrt(count),
        sd=sd,
        lower=bias - 1.96 * sd,
        upper=bias + 1.96 * sd,
        limit_half_width=t * sd * math.sqrt(3 / count),
        slope=float(spread @ differences) / across if across > 0 else 0.0,
        level=level,
    )


def compute_concordance(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Concordance:
    """Lin's concordance: 2 s12 / (s1^2 + s2^2 + (m1 - m2)^2), with moments that divide by n (Lin 1989)."""
    a, b = _pairs(first, second)
    count = a.size
    covariance = float((a - a.mean()) @ (b - b.mean())) / count
    apart = float(a.mean() - b.mean())
    value = 2 * covariance / (float(a.var() + b.var()) + apart**2)
    together = float(a.std() * b.std())
    r = covariance / together if together > 0 else 0.0
    lower = upper = None
    if 0 < abs(r) < 1 - 1e-12 and abs(value) < 1 - 1e-12:
        u2 = apart**2 / together
        variance = (
            (1 - r**2) * value**2 / ((1 - value**2) * r**2)
            + 2 * value**3 * (1 - value) * u2 / (r * (1 - value**2) ** 2)
            - value**4 * u2**2 / (2 * r**2 * (1 - value**2) ** 2)
        ) / (count - 2)
        half = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt(max(0.0, variance))
        z = math.atanh(value)
        lower, upper = math.tanh(z - half), math.tanh(z + half)
    return Concordance(pairs=count, value=value, lower=lower, upper=upper, level=level)


def _pairs(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or a.size < FEWEST:
        raise NO_PAIRS.refuse(f"there are {a.size} and {b.size} numbers", value=a.size)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise NO_PAIRS.refuse("a number is missing or not finite")
    if np.ptp(np.concatenate([a, b])) == 0:
        raise NO_PAIRS.refuse(f"all numbers are {a[0]:g}", value=a[0])
    return a, b
