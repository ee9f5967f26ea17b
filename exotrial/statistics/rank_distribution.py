"""The exact null distribution of a sum of ranks, with ties, in whole numbers.

Every sign pattern or every split into two groups counts once. The counts are the coefficients of a
generating function (van de Wiel, Di Bucchianico & van der Laan 1999, Biometrical Journal 41:59-70), held in
one long integer: multiplying by 1 + x^w is a shift and an addition, and no digit is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exotrial.statistics.result import Alternative


@dataclass(frozen=True)
class RankDistribution:
    """Counts of equally likely arrangements by value of a whole-number statistic.

    `counts[i]` arrangements give the value `start + i * step`; `centre` is the mean under the null.
    """

    counts: tuple[int, ...]
    start: int
    step: int
    centre: Fraction

    @property
    def total(self) -> int:
        """The number of arrangements."""
        return sum(self.counts)

    def compute_p_value(self, value: int, alternative: Alternative) -> float:
        """The share of arrangements at least as extreme; two-sided means at least as far from the mean."""
        if alternative == Alternative.TWO_SIDED:
            distance = abs(value - self.centre)
            below = self._count_at_most(math.floor(self.centre - distance))
            above = self._count_at_least(math.ceil(self.centre + distance))
            return min(1.0, (below + above) / self.total)
        if alternative == Alternative.GREATER:
            return self._count_at_least(value) / self.total
        return self._count_at_most(value) / self.total

    def find_highest_rejected(self, tail: float) -> int | None:
        """The largest value v with P(V <= v) above 0 and no more than `tail`; None if none."""
        allowed, seen, found = Fraction(tail) * self.total, 0, None
        for index, count in enumerate(self.counts):
            seen += count
            if seen > allowed:
                break
            if seen:
                found = self.start + index * self.step
        return found

    def find_lowest_rejected(self, tail: float) -> int | None:
        """The smallest value v with P(V >= v) above 0 and no more than `tail`; None if none."""
        allowed, seen, found = Fraction(tail) * self.total, 0, None
        for index in range(len(self.counts) - 1, -1, -1):
            seen += self.counts[index]
            if seen > allowed:
                break
            if seen:
                found = self.start + index * self.step
        return found

    def _count_at_most(self, value: int) -> int:
        return sum(self.counts[: max(0, (value - self.start) // self.step + 1)])

    def _count_at_least(self, value: int) -> int:
        return sum(self.counts[max(0, -((self.start - value) // self.step)) :])


def count_signed_sums(weights: Sequence[int]) -> RankDistribution:
    """The sum of the weights with a positive sign over all 2^n sign patterns; weights are positive."""
    step = math.gcd(*weights) if weights else 1
    length, width = sum(weights) // step + 1, len(weights) // 8 + 1
    polynomial = 1
    for weight in weights:
        polynomial += polynomial << (weight // step * width * 8)
    return RankDistribution(_read(polynomial, length, width), 0, step, Fraction(sum(weights), 2))


def count_subset_sums(weights: Sequence[int], size: int) -> RankDistribution:
    """The sum of the weights of `size` of them over all ways to choose them."""
    total = sum(weights)
    if size > len(weights) - size:
        rest = count_subset_sums(weights, len(weights) - size)
        highest = rest.start + (len(rest.counts) - 1) * rest.step
        return RankDistribution(rest.counts[::-1], total - highest, rest.step, total - rest.centre)
    lowest = min(weights)
    step = math.gcd(*(weight - lowest for weight in weights)) or 1
    steps = sorted((weight - lowest) // step for weight in weights)
    width = math.comb(len(weights), size).bit_length() // 8 + 1
    polynomials = [1] + [0] * size
    for weight in steps:
        for chosen in range(size, 0, -1):
            polynomials[chosen] += polynomials[chosen - 1] << (weight * width * 8)
    length = sum(steps[len(steps) - size :]) + 1
    counts = _read(polynomials[size], length, width)
    return RankDistribution(counts, size * lowest, step, Fraction(size * total, len(weights)))


def _read(polynomial: int, length: int, width: int) -> tuple[int, ...]:
    """The coefficients, each `width` bytes wide."""
    raw = polynomial.to_bytes(length * width, "little")
    return tuple(int.from_bytes(raw[at : at + width], "little") for at in range(0, length * width, width))
