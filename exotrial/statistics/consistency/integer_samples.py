"""Whole numbers with a given sum and sum of squares: which pairs exist, and the samples that have them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt


def exists(n: int, total: int, squares: int) -> bool:
    """Whether n whole numbers have this sum and this sum of squares.

    The values are shifted so that the sum lies between 0 and n - 1; then the sum of squares is at least the
    sum and of the same parity. From n = 5 on these two conditions suffice (Allard 2018 tests the same
    parity; that nothing more is needed is checked by enumeration in the tests). Below, not every number is a
    sum of one, two or three squares, and more is asked.
    """
    shift, rest = divmod(total, n)
    squares = squares - 2 * shift * total + n * shift * shift
    if squares < rest or (squares - rest) % 2:
        return False
    return n >= 5 or _exists_small(n, rest, squares)


def _exists_small(n: int, total: int, squares: int) -> bool:
    gap = n * squares - total * total
    if gap < 0 or (squares - total) % 2:
        return False
    if n == 1:
        return gap == 0
    if n == 2:
        return isqrt(gap) ** 2 == gap
    if n == 3:
        bound = isqrt(squares)
        return any(_exists_small(2, total - x, squares - x * x) for x in range(-bound, bound + 1))
    # Cauchy's lemma: four numbers exist if the sum is odd, or if this is a sum of three squares.
    return total % 2 == 1 or _is_three_squares(squares - (total // 2) ** 2)


def _is_three_squares(number: int) -> bool:
    """Legendre: all numbers of zero or more but 4^a (8b + 7)."""
    while number and number % 4 == 0:
        number //= 4
    return number % 8 != 7


def samples(n: int, total: int, squares: int, *, steps: Iterator[int]) -> Iterator[tuple[int, ...]]:
    """Every sample of n whole numbers, in rising order, with this sum and this sum of squares.

    Each value tried takes one item from `steps`; the search stops where they run out.
    """
    yield from _rising(n, total, squares, None, steps)


def _rising(
    n: int, total: int, squares: int, least: int | None, steps: Iterator[int]
) -> Iterator[tuple[int, ...]]:
    gap = n * squares - total * total  # n times the sum of squared deviations
    if gap < 0 or (least is not None and total < n * least):
        return
    if n == 1:
        if gap == 0:
            yield (total,)
        return
    if n == 2:
        root = isqrt(gap)
        low = (total - root) // 2
        if root * root == gap and (total - root) % 2 == 0 and (least is None or low >= least):
            yield (low, total - low)
        return
    # The smallest of n values lies at most this far below their mean.
    lowest = (total - isqrt((n - 1) * gap) - 1) // n
    for x in range(lowest if least is None else max(lowest, least), total // n + 1):
        if next(steps, None) is None:
            return
        for others in _rising(n - 1, total - x, squares - x * x, x, steps):
            yield (x, *others)
