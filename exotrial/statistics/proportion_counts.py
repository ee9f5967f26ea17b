"""Counts that may enter a method for proportions, and the search for the ends of an interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
import scipy
from numpy.typing import ArrayLike

from exotrial.core.errors import ErrorCode

NOBODY = ErrorCode(
    "STS-400",
    "A proportion of nobody has no value.",
    "leave the group out, or report that it has no participants.",
)
NOT_EVENTS = ErrorCode(
    "STS-401",
    "A number of events is not a whole number from 0 to the size of the group.",
    "count participants, not events, and give the number with an event and the number in the group.",
)
NOT_2X2 = ErrorCode(
    "STS-402",
    "A table is not two rows of two whole counts.",
    "give [[with, without], [with, without]]: a row for each group, counts of zero or more.",
)
NO_RATIO = ErrorCode(
    "STS-403",
    "A ratio of two proportions has no value in this table.",
    "report the difference of the proportions, which has a value and an interval here.",
)
NOT_A_PROPORTION = ErrorCode(
    "STS-404",
    "A proportion or a margin is not between 0 and 1.",
    "give it as a fraction, such as 0.25 for 25 per cent.",
)
EVENTS_SEEN = ErrorCode(
    "STS-405",
    "The bound for zero events was asked for with events.",
    "use proportion_clopper_pearson, which takes any number of events.",
)


@dataclass(frozen=True, kw_only=True)
class TwoByTwo:
    """Events and sizes of two groups."""

    events: tuple[int, int]
    sizes: tuple[int, int]

    @property
    def proportions(self) -> tuple[float, float]:
        return self.events[0] / self.sizes[0], self.events[1] / self.sizes[1]

    @property
    def difference(self) -> float:
        first, second = self.proportions
        return first - second

    def swap(self) -> TwoByTwo:
        """The second group first."""
        return TwoByTwo(events=self.events[::-1], sizes=self.sizes[::-1])


def check_events(events: int, n: int) -> tuple[int, int]:
    """Whole numbers with 0 <= events <= n and n at least 1 (STS-400, STS-401)."""
    try:
        whole = isfinite(events) and isfinite(n) and int(events) == events and int(n) == n
    except (TypeError, OverflowError):
        raise NOT_EVENTS.refuse(f"{events!r} of {n!r} cannot be", value=f"{events}/{n}") from None
    if n == 0:
        raise NOBODY.refuse(f"{events} of 0 has no value", value=f"{events}/{n}")
    if not whole or not 0 <= events <= n:
        raise NOT_EVENTS.refuse(f"{events} of {n} cannot be", value=f"{events}/{n}")
    return int(events), int(n)


def check_counts(table: ArrayLike) -> tuple[int, int, int, int]:
    """The four whole counts a, b, c, d of a 2 x 2 table, row by row (STS-402)."""
    try:
        counts = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise NOT_2X2.refuse("the table is not four numbers in two rows", value=table) from None
    if counts.shape != (2, 2):
        raise NOT_2X2.refuse(f"the table has shape {counts.shape}", value=counts.shape)
    whole = np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))
    if not whole.all():
        wrong = counts[~whole][0]
        raise NOT_2X2.refuse(f"{wrong:g} is no count", value=wrong)
    a, b, c, d = (int(count) for count in counts.reshape(-1))
    return a, b, c, d


def read_two_groups(table: ArrayLike) -> TwoByTwo:
    """A table whose rows are groups and whose columns are yes and no; both groups have someone (STS-400)."""
    a, b, c, d = check_counts(table)
    for row, size in (("first", a + b), ("second", c + d)):
        if size == 0:
            raise NOBODY.refuse(f"the {row} group of the table is empty", value=0)
    return TwoByTwo(events=(a, c), sizes=(a + b, c + d))


def check_proportion(value: float, *, name: str) -> float:
    """A fraction from 0 to 1 (STS-404)."""
    if not 0 <= value <= 1:
        raise NOT_A_PROPORTION.refuse(f"{name} is {value:g}", value=value)
    return float(value)


def normal_quantile(level: float) -> float:
    """The standard normal deviate that leaves half of 1 - level on either side."""
    return float(scipy.stats.norm.isf((1 - level) / 2))


def find_limit(inside: Callable[[float], bool], within: float, beyond: float) -> float:
    """Where a set of values ends, on the way from a value within it to one beyond it, by bisection.

    Needs no slope and bears infinite statistics. Where `beyond` itself is inside, the set ends there.
    Halves down to 1e-16, or to neighbouring floating-point numbers.
    """
    if inside(beyond):
        return beyond
    while True:
        middle = (within + beyond) / 2
        if abs(beyond - within) <= 1e-16 or middle in (within, beyond):
            return middle
        if inside(middle):
            within = middle
        else:
            beyond = middle


def notes(*pairs: tuple[bool, str]) -> tuple[str, ...]:
    """The notes whose condition holds."""
    return tuple(note for holds, note in pairs if holds)
