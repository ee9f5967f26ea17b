"""Who is behind, and by how much: counts of the arms against their ratio.

The imbalance is the largest of n_a / r_a less the smallest, in turns of the ratio; with two arms of one size it
is the difference of their numbers.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache


def scaled(counts: tuple[int, ...], ratio: tuple[int, ...]) -> list[int]:
    """n_a / r_a over one denominator, the lowest common multiple of the ratio."""
    whole = math.lcm(*ratio)
    return [count * (whole // share) for count, share in zip(counts, ratio, strict=True)]


@lru_cache(maxsize=1 << 16)
def arms_behind(counts: tuple[int, ...], ratio: tuple[int, ...]) -> tuple[int, ...]:
    """The places of the arms that are furthest behind their share; all of them in balance."""
    standing = scaled(counts, ratio)
    least = min(standing)
    return tuple(arm for arm, value in enumerate(standing) if value == least)


@lru_cache(maxsize=1 << 16)
def compute_imbalance(counts: tuple[int, ...], ratio: tuple[int, ...]) -> Fraction:
    """The imbalance, exact."""
    standing = scaled(counts, ratio)
    return Fraction(max(standing) - min(standing), math.lcm(*ratio))
