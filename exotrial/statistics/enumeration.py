"""Counts every sign change of paired differences and every regrouping of two samples, on whole numbers.

All 2^n or C(N, k) arrangements are counted, none is sampled: each half of the values is enumerated and the
halves are joined by binary search (Horowitz & Sahni 1974, Journal of the ACM 21:277-292), or the counts are
built up value by value where the sums are small (Pagano & Tritchler 1983, JASA 78:435-440).
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.statistics.sample import Sample, snap

Integers = NDArray[np.int64]

LARGEST_HALF = 2**20
"""Sums held for one half of the values."""
LARGEST_TOTAL = 2_000_000
"""Largest sum for which the counts of all sums are tabulated."""
LARGEST_LISTING = 5_000_000
"""Arrangements that are listed one by one, for an exact confidence interval."""

TOO_MANY = ErrorCode(
    "STS-107",
    "There are too many arrangements to count every one.",
    "use the Monte Carlo form of the test (its name ends in _monte_carlo) with a seed of your choice.",
)


def as_integers(values: Sample) -> Integers:
    """The values as whole multiples of their common decimal step, after `snap`: ties are exact ties."""
    snapped = snap(values)
    largest = float(np.max(np.abs(snapped))) if snapped.size else 0.0
    if largest == 0.0:
        return np.zeros(values.size, dtype=np.int64)
    scaled = np.rint(snapped * 10.0 ** (12 - math.ceil(math.log10(largest)))).astype(np.int64)
    return np.asarray(scaled // np.gcd.reduce(scaled), dtype=np.int64)


def list_sums(values: Integers) -> Integers:
    """The sums of all 2^n subsets, the empty one first."""
    sums = np.zeros(1, dtype=np.int64)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def list_sums_by_size(values: Integers, largest: int) -> list[Integers]:
    """The sums of all subsets of 0, 1, ... `largest` values: entry j holds those of j values."""
    sums = [np.zeros(1, dtype=np.int64)] + [np.zeros(0, dtype=np.int64) for _ in range(largest)]
    for value in values:
        for size in range(largest, 0, -1):
            sums[size] = np.concatenate([sums[size], sums[size - 1] + value])
    return sums


def _count_pairs_at_most(left: Integers, right: Integers, limit: int) -> int:
    return int(np.searchsorted(np.sort(right), limit - left, side="right").sum())


def can_count_sign_changes(magnitudes: Integers) -> bool:
    """Whether every sign change of these non-negative magnitudes can be counted."""
    half = 2 ** ((magnitudes.size + 1) // 2)
    return half <= LARGEST_HALF or (magnitudes.size <= 62 and int(magnitudes.sum()) <= LARGEST_TOTAL)


def count_subsets_at_most(magnitudes: Integers, limit: int) -> int:
    """How many of the 2^n subsets of non-negative values have a sum of at most `limit`. Refuses STS-107."""
    if not can_count_sign_changes(magnitudes):
        raise TOO_MANY.refuse(
            f"{magnitudes.size} non-zero differences have 2^{magnitudes.size} sign changes",
            value=magnitudes.size,
        )
    total = int(magnitudes.sum())
    if limit < 0 or limit >= total:
        return 0 if limit < 0 else 2**magnitudes.size
    middle = magnitudes.size // 2
    if magnitudes.size <= 40:
        return _count_pairs_at_most(list_sums(magnitudes[:middle]), list_sums(magnitudes[middle:]), limit)
    counts = np.zeros(total + 1, dtype=np.int64)
    counts[0] = 1
    for value in magnitudes:
        counts[int(value) :] += counts[: total + 1 - int(value)].copy()
    return int(counts[: limit + 1].sum())


def can_count_regroupings(n: int, chosen: int) -> bool:
    """Whether every choice of `chosen` out of `n` values can be counted."""
    half = (n + 1) // 2
    fewer = min(chosen, n - chosen)
    return sum(math.comb(half, size) for size in range(min(fewer, half) + 1)) <= LARGEST_HALF


class Regroupings:
    """All choices of `chosen` out of the pooled values, ready to be counted by their sum. Refuses STS-107."""

    def __init__(self, pooled: Integers, chosen: int) -> None:
        if not can_count_regroupings(pooled.size, chosen):
            raise TOO_MANY.refuse(
                f"{pooled.size} values in groups of {chosen} and {pooled.size - chosen} can be regrouped in "
                f"{Decimal(math.comb(pooled.size, chosen)):.3g} ways",  # a float would overflow
                value=pooled.size,
            )
        self.total = int(pooled.sum())
        self.number = math.comb(pooled.size, chosen)
        # The smaller group fixes the larger one, so only sums of the smaller are listed.
        self._mirrored = chosen > pooled.size - chosen
        self._size = min(chosen, pooled.size - chosen)
        middle = pooled.size // 2
        self._left = list_sums_by_size(pooled[:middle], self._size)
        self._right = [np.sort(sums) for sums in list_sums_by_size(pooled[middle:], self._size)]

    def count_at_most(self, limit: int) -> int:
        """How many choices have a sum of at most `limit`."""
        if self._mirrored:
            return self.number - self._count(self.total - limit - 1)
        return self._count(limit)

    def count_at_least(self, limit: int) -> int:
        """How many choices have a sum of at least `limit`."""
        return self.number - self.count_at_most(limit - 1)

    def _count(self, limit: int) -> int:
        counted = 0
        for size, left in enumerate(self._left):
            right = self._right[self._size - size]
            counted += int(np.searchsorted(right, limit - left, side="right").sum())
        return counted


def list_subset_means(differences: Sample) -> Sample:
    """The means of all 2^n - 1 non-empty subsets, unordered: the typical values of Hartigan 1969."""
    sums, sizes = np.zeros(1), np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums, sums + difference])
        sizes = np.concatenate([sizes, sizes + 1])
    return np.asarray(sums[1:] / sizes[1:], dtype=np.float64)


def list_exchange_shifts(first: Sample, second: Sample) -> Sample:
    """For every exchange of j values between two groups, the shift at which it leaves the means as they are.

    One entry for each of the C(N, k) - 1 regroupings: (sum out of first - sum out of second) / j.
    """
    largest = min(first.size, second.size)
    out_of_first, out_of_second = _float_sums(first, largest), _float_sums(second, largest)
    return np.concatenate(
        [
            np.subtract.outer(out_of_first[size], out_of_second[size]).reshape(-1) / size
            for size in range(1, largest + 1)
        ]
    )


def _float_sums(values: Sample, largest: int) -> list[Sample]:
    sums = [np.zeros(1)] + [np.zeros(0) for _ in range(largest)]
    for value in values:
        for size in range(largest, 0, -1):
            sums[size] = np.concatenate([sums[size], sums[size - 1] + value])
    return sums


def pick_interval(
    shifts: Sample, *, below: float | None, above: float | None
) -> tuple[float | None, float | None]:
    """Invert a test by counting: the shifts that cut off error rates `below` and `above`.

    `shifts` has one entry per arrangement other than the observed one. A side of None is not asked for and is
    unbounded; so is a side on which there are too few arrangements to reach the error rate.
    """
    arrangements = shifts.size + 1
    lower, upper = -math.inf, math.inf
    # 1e-9 lets 0.025 x 40 count as 1; 1 - 0.95 is not quite 0.05 in binary.
    if below is not None and (rank := math.floor(arrangements * below + 1e-9)) >= 1:
        lower = float(np.partition(shifts, rank - 1)[rank - 1])
    if above is not None and (rank := math.floor(arrangements * above + 1e-9)) >= 1:
        upper = float(np.partition(shifts, shifts.size - rank)[shifts.size - rank])
    return lower, upper
