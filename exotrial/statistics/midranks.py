"""Mid-ranks in whole numbers, ties, and the normal tail: what the rank methods share.

Tied values get the mean of the ranks they span (Kendall 1945, Biometrika 33:239-251). Mid-ranks are kept
doubled, so that they are whole numbers and equal sums compare as equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from exotrial.core.errors import ErrorCode
from exotrial.statistics.moments import UNSQUARABLE
from exotrial.statistics.result import Alternative
from exotrial.statistics.sample import Sample, as_pairs, as_sample, snap

Integers = NDArray[np.int64]

TOO_FEW_GROUPS = ErrorCode(
    "STS-200",
    "A comparison of several groups has fewer than two groups or conditions.",
    "give at least two groups, or use a method for one sample.",
)
TOO_LARGE_FOR_EXACT = ErrorCode(
    "STS-201",
    "The data are too large for the exact distribution of a rank statistic.",
    "use the approximation of the same test, which is good at this size.",
)
NOT_A_TABLE = ErrorCode(
    "STS-202",
    "A table of subjects by conditions is not rectangular.",
    "give every subject one value under every condition, and drop incomplete subjects first.",
)


LARGEST = 1e150


def double_midranks(values: Sample) -> Integers:
    """Twice the mid-rank of each value, as integers; `values` as `snap` gives them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((2 * last - counts + 1)[inverse.reshape(-1)], dtype=np.int64)


def count_ties(values: Sample) -> Integers:
    """How many values share each distinct value, in the order of the values."""
    return np.asarray(np.unique(values, return_counts=True)[1], dtype=np.int64)


def describe_ties(values: Sample) -> tuple[str, ...]:
    """A note where values are tied; nothing where none is."""
    sizes = count_ties(values)
    tied = sizes[sizes > 1]
    if tied.size == 0:
        return ()
    return (f"{int(tied.sum())} values are tied in {tied.size} groups and share mid-ranks",)


def compute_differences(first: ArrayLike, second: ArrayLike) -> Sample:
    """First minus second, pair by pair, free of binary noise at the scale of the values themselves."""
    x, y = as_pairs(first, second)
    _check_largest(x, y)
    return snap(np.concatenate([x, y, x - y]))[2 * x.size :]


def as_two_groups(first: ArrayLike, second: ArrayLike) -> tuple[Sample, Sample]:
    """Two samples of one variable, freed of binary noise together (STS-001, STS-002)."""
    x, y = as_sample(first, name="first"), as_sample(second, name="second")
    _check_largest(x, y)
    pooled = snap(np.concatenate([x, y]))
    return pooled[: x.size], pooled[x.size :]


def _check_largest(*samples: Sample) -> None:
    """Refuse values whose differences and medians may leave the range of numbers (STS-101)."""
    largest = max(float(np.max(np.abs(sample))) for sample in samples)
    if largest > LARGEST:
        raise UNSQUARABLE.refuse(f"a value of {largest:g} is too large to be compared", value=largest)


def as_groups(groups: Sequence[ArrayLike]) -> list[Sample]:
    """Two or more samples of one variable, freed of binary noise together (STS-001, STS-002, STS-200)."""
    samples = [as_sample(group, name=f"group {number}") for number, group in enumerate(groups, 1)]
    if len(samples) < 2:
        raise TOO_FEW_GROUPS.refuse(f"there are {len(samples)} groups", value=len(samples))
    pooled = snap(np.concatenate(samples))
    return np.split(pooled, np.cumsum([sample.size for sample in samples])[:-1])


def compute_normal_p(
    deviation: float, sd: float, alternative: Alternative, *, correction: float = 0.0
) -> tuple[float, float]:
    """z and its p value for a statistic that lies `deviation` from its mean, moved towards the mean.

    Without spread there is nothing to test: z = 0 and p = 1.
    """
    if sd == 0:
        return 0.0, 1.0
    if alternative == Alternative.TWO_SIDED:
        z = math.copysign(max(abs(deviation) - correction, 0.0), deviation) / sd
        return z, min(1.0, 2 * float(special.ndtr(-abs(z))))
    if alternative == Alternative.GREATER:
        z = (deviation - correction) / sd
        return z, float(special.ndtr(-z))
    z = (deviation + correction) / sd
    return z, float(special.ndtr(z))


def scale_down(ways: NDArray[np.float64], *, largest: float | None = None) -> NDArray[np.float64]:
    """Counts divided by one power of two near the largest: nothing overflows, and no digit is lost."""
    exponent = math.frexp(float(ways.max()) if largest is None else largest)[1]
    return np.ldexp(ways, -exponent)


def compute_tail(level: float, alternative: Alternative) -> float:
    """The error probability of one side of an interval, a hair widened so that 1/20 is not above 0.05."""
    sides = 2 if alternative == Alternative.TWO_SIDED else 1
    return (1 - level) / sides * (1 + 1e-12)
