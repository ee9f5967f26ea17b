"""Whole numbers with a given sum and sum of squares: which pairs exist, and the samples that have them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt


def exists(n: int, total: int, squares: int) -> bool:
    """Whether n whole numbers have this sum and this sum of squares.

    The values are shifted so that the sum lies between 0 and n - 1; then the sum of squares is at least the
    sum and of the same parity. From n = 5 on these two conditions suffice (Allard 2018 tests the same
    parity; that nothing more is needed is checked by enumeration in the tests). Below, the
    gaps between sums of two, three and four squares matter, and the sample itself is looked for.
    """
    shift, rest = divmod(total, n)
    squares = squares - 2 * shift * total + n * shift * shift
    if squares < rest or (squares - rest) % 2:
        return False
    return n >= 5 or _exists_small(n, rest, squares)


def _exists_small(n: int, total: int, squares: int) -> bool:
    if n * squares < total * total:
        return False
    if n == 1:
        return squares == total * total
    if n == 2:
        gap = 2 * squares - total * total
        root = isqrt(gap)
        return root * root == gap and (total + root) % 2 == 0
    bound = isqrt(squares)
    return any(_exists_small(n - 1, total - x, squares - x * x) for x in range(-bound, bound + 1))


def samples(n: int, total: int, squares: int) -> Iterator[tuple[int, ...]]:
    """Every sample of n whole numbers, in rising order, with this sum and this sum of squares."""
    shift, rest = divmod(total, n)
    squares = squares - 2 * shift * total + n * shift * shift
    if squares < 0:
        return
    for sample in _rising(n, rest, squares, -isqrt(squares)):
        yield tuple(value + shift for value in sample)


def _rising(n: int, total: int, squares: int, least: int) -> Iterator[tuple[int, ...]]:
    if n * squares < total * total or total < n * least:
        return
    if n == 1:
        if squares == total * total:
            yield (total,)
        return
    for x in range(least, min(isqrt(squares), total // n) + 1):
        for others in _rising(n - 1, total - x, squares - x * x, x):
            yield (x, *others)
