"""Mean and standard deviation without cancellation: exact summation, then deviations from the mean.

Follows the corrected two-pass algorithm (Chan, Golub & LeVeque 1983, The American Statistician 37:242-247).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.statistics.sample import Sample

EPSILON = float(np.finfo(np.float64).eps)

NO_VARIATION = ErrorCode(
    "STS-100",
    "The values do not vary, so a method that divides by their spread has no answer.",
    "report the values themselves, or use an exact method such as the sign-flip or the permutation test.",
)
UNSQUARABLE = ErrorCode(
    "STS-101",
    "Values are so large or so close together that their squares leave the range of numbers.",
    "give the values in another unit, so that they lie between 1e-150 and 1e150.",
)
NOT_A_SUMMARY = ErrorCode(
    "STS-102",
    "A printed mean, standard deviation or group size cannot be one.",
    "give a finite mean, a standard deviation of at least 0 and a whole number of values of at least 1.",
)


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Size, mean and sample standard deviation (divisor n - 1) of one group; `sd` is None for one value."""

    n: int
    mean: float
    sd: float | None

    @property
    def variance(self) -> float:
        """The sample variance; 0 for a single value, which carries no degree of freedom."""
        return 0.0 if self.sd is None else self.sd * self.sd

    @property
    def sum_of_squares(self) -> float:
        """The sum of squared deviations from the mean."""
        return self.variance * (self.n - 1)


def check_range(sample: Sample) -> Sample:
    """Refuse values that cannot be squared in double precision (STS-101)."""
    largest = float(np.max(np.abs(sample)))
    if largest > 1e150:
        raise UNSQUARABLE.refuse(f"a value of {largest:g} is too large to be squared", value=largest)
    if 0 < largest < 1e-150:
        raise UNSQUARABLE.refuse(f"values of at most {largest:g} are too small to be squared", value=largest)
    spread = float(np.max(sample) - np.min(sample))
    if 0 < spread < 1e-150:
        raise UNSQUARABLE.refuse(f"the values differ by no more than {spread:g}", value=spread)
    return sample


def is_constant(sample: Sample) -> bool:
    """Whether all values are equal, apart from the last binary digits of decimal numbers."""
    spread = float(np.max(sample) - np.min(sample))
    return spread <= 4 * EPSILON * float(np.max(np.abs(sample)))


def compute_mean(sample: Sample) -> float:
    """The mean: a correctly rounded sum over n."""
    return math.fsum(sample.tolist()) / sample.size


def compute_sum_of_squares(sample: Sample) -> float:
    """The sum of squared deviations from the mean; exactly 0 for a constant sample."""
    if is_constant(check_range(sample)):
        return 0.0
    deviations = sample - compute_mean(sample)
    # The second term removes what the rounding of the mean left behind.
    residue = math.fsum(deviations.tolist())
    return max(math.fsum((deviations * deviations).tolist()) - residue * residue / sample.size, 0.0)


def compute_moments(sample: Sample) -> Moments:
    """Size, mean and standard deviation of a sample of at least one finite value. Refuses STS-101."""
    check_range(sample)
    if sample.size == 1:
        return Moments(n=1, mean=float(sample[0]), sd=None)
    sd = math.sqrt(compute_sum_of_squares(sample) / (sample.size - 1))
    return Moments(n=int(sample.size), mean=compute_mean(sample), sd=sd)


def as_moments(mean: float, sd: float | None, n: int, *, name: str) -> Moments:
    """Moments from printed figures; `sd` may be None or 0 where n is 1. Refuses what cannot be (STS-102)."""
    if n != int(n) or n < 1:
        raise NOT_A_SUMMARY.refuse(f"{n} is no number of participants for {name}", value=n)
    if not math.isfinite(mean):
        raise NOT_A_SUMMARY.refuse(f"{mean} is no mean for {name}", value=mean)
    if sd is not None and not (math.isfinite(sd) and sd >= 0):
        raise NOT_A_SUMMARY.refuse(f"{sd} is no standard deviation for {name}", value=sd)
    if n == 1:
        if sd:
            raise NOT_A_SUMMARY.refuse(f"{name} has one value, which has no standard deviation", value=sd)
        return Moments(n=1, mean=float(mean), sd=None)
    if sd is None:
        raise NOT_A_SUMMARY.refuse(f"{name} has {n} values but no standard deviation", value=n)
    return Moments(n=int(n), mean=float(mean), sd=float(sd))


def snap_noise(values: Sample, *, scale: float) -> Sample:
    """Round away what a subtraction of numbers as large as `scale` leaves in the last binary digits.

    Used on differences and deviations, whose noise is that of the numbers subtracted and not their own.
    """
    if scale == 0:
        return values
    decimals = math.floor(-math.log10(16 * EPSILON * scale))
    return np.asarray(np.round(values, min(decimals, 300)), dtype=np.float64)
