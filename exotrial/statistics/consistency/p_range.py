"""The p values that a t test of two printed means and SDs can have, given how they were rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from exotrial.core.errors import ErrorCode
from exotrial.statistics.consistency.printed import (
    PrintedNumber,
    check_count,
    read_printed,
    read_printed_p,
    read_printed_spread,
)

UNKNOWN_TEST = ErrorCode(
    "STS-508",
    "A test from summaries is not one of those known here.",
    "use 'student' (equal variances) or 'welch'.",
)
NO_SPREAD = ErrorCode(
    "STS-509",
    "Both standard deviations are printed as zero, so a t test has no value.",
    "give the standard deviations with more decimals, or use the values themselves.",
)

SummaryTest = Literal["student", "welch"]
TEST_NAMES = {"student": "Student's t test", "welch": "Welch's t test"}
Floats = NDArray[np.float64]
EDGE_POINTS = 17


@dataclass(frozen=True, kw_only=True)
class PValueRange:
    """The range of two-sided p that printed summaries admit, and the p of the figures taken literally.

    `consistent` says whether a printed p lies within reach; None where none was given.
    """

    test: SummaryTest
    n: tuple[int, int]
    p_min: float
    p_max: float
    p_as_printed: float
    t_as_printed: float
    df_as_printed: float
    consistent: bool | None
    why: str


@dataclass(frozen=True)
class SummaryBox:
    """Everything that two printed means and SDs may stand for."""

    least_difference: float  # of the absolute difference of the means
    most_difference: float
    difference: float
    sd1: tuple[float, float]
    sd2: tuple[float, float]
    printed_sds: tuple[float, float]


def read_box(
    mean1: str | Decimal, sd1: str | Decimal, mean2: str | Decimal, sd2: str | Decimal
) -> SummaryBox:
    """Read the four figures (STS-500, STS-503); both SDs printed as zero are refused (STS-509)."""
    first, second = read_printed(mean1), read_printed(mean2)
    spread1, spread2 = read_printed_spread(sd1), read_printed_spread(sd2)
    if spread1.value == spread2.value == 0:
        raise NO_SPREAD.refuse(f"the SDs are {spread1.text} and {spread2.text}", value=spread1.text)
    ends = (float(first.lower - second.upper), float(first.upper - second.lower))
    straddles = ends[0] <= 0 <= ends[1]
    return SummaryBox(
        least_difference=0.0 if straddles else min(abs(end) for end in ends),
        most_difference=max(abs(end) for end in ends),
        difference=float(first.value - second.value),
        sd1=_interval(spread1),
        sd2=_interval(spread2),
        printed_sds=(float(spread1.value), float(spread2.value)),
    )


def _interval(spread: PrintedNumber) -> tuple[float, float]:
    return max(float(spread.lower), 0.0), float(spread.upper)


def p_from_summary(
    difference: ArrayLike, sd1: ArrayLike, n1: ArrayLike, sd2: ArrayLike, n2: ArrayLike, *, test: SummaryTest
) -> tuple[Floats, Floats, Floats]:
    """Two-sided p, t and df of a t test from summaries, elementwise over arrays that broadcast.

    Where both SDs are zero p is 0, the limit for a difference that is not zero.
    """
    d, s1, m1, s2, m2 = (np.asarray(x, dtype=np.float64) for x in (difference, sd1, n1, sd2, n2))
    v1, v2 = s1**2, s2**2
    if test == "student":
        df = m1 + m2 - 2
        square = ((m1 - 1) * v1 + (m2 - 1) * v2) / df * (1 / m1 + 1 / m2)
    else:
        square = v1 / m1 + v2 / m2
        parts = (v1 / m1) ** 2 / (m1 - 1) + (v2 / m2) ** 2 / (m2 - 1)
        df = np.divide(square**2, parts, out=np.ones_like(square), where=parts > 0)
    square, d = np.broadcast_arrays(square, d)
    t = np.divide(d, np.sqrt(square), out=np.full(square.shape, np.inf), where=square > 0)
    p = 2 * stdtr(df, -np.abs(t))
    return np.asarray(p), np.asarray(t), np.asarray(df)


def p_extremes(box: SummaryBox, n1: ArrayLike, n2: ArrayLike, *, test: SummaryTest) -> tuple[Floats, Floats]:
    """The smallest and largest p over the box, for arrays of sizes that broadcast.

    p falls with the difference of the means. Scaling both SDs up raises p, so its extremes lie on the two
    outer (largest p) or the two inner (smallest p) edges of the rectangle of SDs. Student's p rises with each
    SD, so there the corner is enough; Welch's need not (the degrees of freedom move too), and the edges are
    searched at 17 points each.
    """
    sizes = np.broadcast_arrays(np.asarray(n1, dtype=np.float64), np.asarray(n2, dtype=np.float64))
    first, second = (size[..., None] for size in sizes)

    def over_edges(difference: float, side: int) -> Floats:
        edge1, edge2 = np.array([box.sd1[side]]), np.array([box.sd2[side]])
        if test == "welch":
            along1, along2 = np.linspace(*box.sd1, EDGE_POINTS), np.linspace(*box.sd2, EDGE_POINTS)
            edge1 = np.concatenate([along1, np.full(EDGE_POINTS, box.sd1[side])])
            edge2 = np.concatenate([np.full(EDGE_POINTS, box.sd2[side]), along2])
        return p_from_summary(difference, edge1, first, edge2, second, test=test)[0]

    return over_edges(box.most_difference, 0).min(axis=-1), over_edges(box.least_difference, 1).max(axis=-1)


def check_test(test: SummaryTest) -> SummaryTest:
    """One of the known tests (STS-508)."""
    if test not in ("student", "welch"):
        raise UNKNOWN_TEST.refuse(f"{test!r} is no test from summaries", value=test)
    return test


def p_value_range_from_summary(
    mean1: str | Decimal,
    sd1: str | Decimal,
    n1: int,
    mean2: str | Decimal,
    sd2: str | Decimal,
    n2: int,
    *,
    test: SummaryTest = "student",
    p: str | Decimal | None = None,
) -> PValueRange:
    """The two-sided p values that printed means, SDs and sizes admit; `p` is one to hold against them.

    Refuses figures that are no numbers (STS-500), a size below 2 (STS-501), a negative SD (STS-503), a p
    outside 0 to 1 (STS-504), an unknown test (STS-508), two SDs of zero (STS-509).
    """
    check_test(test)
    sizes = (check_count(n1, name="n1", at_least=2), check_count(n2, name="n2", at_least=2))
    box = read_box(mean1, sd1, mean2, sd2)
    stated = None if p is None else read_printed_p(p)
    low, high = (float(end) for end in p_extremes(box, *sizes, test=test))
    s1, s2 = box.printed_sds
    centre, t, df = (float(x) for x in p_from_summary(box.difference, s1, sizes[0], s2, sizes[1], test=test))
    consistent = None if stated is None else low <= stated.upper and high >= stated.lower
    why = (
        f"{TEST_NAMES[test]} of {mean1}±{sd1} (n = {n1}) against {mean2}±{sd2} (n = {n2}) has "
        f"p = {centre:.4g}, and from {low:.4g} to {high:.4g} within the printed rounding"
    )
    if stated is not None:
        why += f": p {stated.text} is {'within' if consistent else 'out of'} reach"
    return PValueRange(
        test=test,
        n=sizes,
        p_min=low,
        p_max=high,
        p_as_printed=centre,
        t_as_printed=t,
        df_as_printed=df,
        consistent=consistent,
        why=f"{why}.",
    )
