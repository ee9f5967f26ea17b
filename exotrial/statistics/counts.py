"""Tables of counts: what may enter a method for categorical data, and what is refused instead of becoming NaN."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.result import Estimate

Counts = NDArray[np.int64]

NOT_COUNTS = ErrorCode(
    "STS-300",
    "A table holds something that is not a count.",
    "give whole numbers from 0 up, one a cell; a missing cell has to be found or left out with its row.",
)
WRONG_SHAPE = ErrorCode(
    "STS-301",
    "A table of counts does not have the rows and columns that the method needs.",
    "give a list of rows of equal length, in the shape that the method names.",
)
EMPTY_MARGIN = ErrorCode(
    "STS-302",
    "A row or column of a table has no count in it.",
    "leave out the empty row or column if it was not possible, or use an exact test that allows it.",
)
EMPTY_TABLE = ErrorCode(
    "STS-303",
    "A table has no counts at all.",
    "check that the filter that made the table kept the participants.",
)
LARGEST_COUNT = 2**40


def as_table(
    values: ArrayLike,
    *,
    name: str = "the table",
    shape: tuple[int, int] | None = None,
    square: bool = False,
    may_be_empty: bool = False,
) -> Counts:
    """A rows x columns array of int64 counts, at least 2 x 2 and not all zero (STS-300, STS-301, STS-303).

    `shape` demands an exact shape; `square` demands as many rows as columns;
    `may_be_empty` lets a table without counts pass. Empty margins are allowed here.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise WRONG_SHAPE.refuse(f"{name} is no table of numbers in rows of equal length") from None
    if numbers.ndim != 2 or min(numbers.shape) < 2:
        found = " x ".join(str(size) for size in numbers.shape) or "a single number"
        raise WRONG_SHAPE.refuse(f"{name} is {found}, and at least 2 x 2 is needed", value=found)
    rows, columns = numbers.shape
    if shape is not None and (rows, columns) != shape:
        raise WRONG_SHAPE.refuse(
            f"{name} is {rows} x {columns}, and {shape[0]} x {shape[1]} is needed",
            value=f"{rows} x {columns}",
        )
    if square and rows != columns:
        raise WRONG_SHAPE.refuse(
            f"{name} is {rows} x {columns}, and rows and columns have to be the same categories",
            value=f"{rows} x {columns}",
        )
    whole = np.isfinite(numbers) & (numbers >= 0) & (numbers <= LARGEST_COUNT)
    whole &= np.where(whole, numbers, 0.5) % 1 == 0
    if not whole.all():
        row, column = (int(index) for index in np.argwhere(~whole)[0])
        cell = numbers[row, column]
        raise NOT_COUNTS.refuse(
            f"row {row + 1}, column {column + 1} of {name} is {cell:g}, which is no count", value=cell
        )
    if not may_be_empty and not numbers.any():
        raise EMPTY_TABLE.refuse(f"every cell of {name} is 0", value=0)
    return numbers.astype(np.int64)


def check_rows(table: Counts, *, name: str = "the table") -> None:
    """Refuse a row without counts, a group of nobody (STS-302)."""
    _check_margin(table.sum(axis=1), "row", name)


def check_margins(table: Counts, *, name: str = "the table") -> None:
    """Refuse a row or a column without counts (STS-302)."""
    check_rows(table, name=name)
    _check_margin(table.sum(axis=0), "column", name)


def _check_margin(sums: NDArray[np.int64], kind: str, name: str) -> None:
    if not sums.all():
        index = int(np.flatnonzero(sums == 0)[0]) + 1
        raise EMPTY_MARGIN.refuse(f"{kind} {index} of {name} has no counts", value=index)


def compute_expected(table: Counts) -> NDArray[np.float64]:
    """The counts expected under independence, given the margins; same shape as the table."""
    rows, columns = table.sum(axis=1, dtype=np.float64), table.sum(axis=0, dtype=np.float64)
    return np.asarray(np.outer(rows, columns) / rows.sum(), dtype=np.float64)


def compute_pearson(table: Counts) -> float:
    """Pearson's chi-square of a table without empty margins."""
    expected = compute_expected(table)
    return float(((table - expected) ** 2 / expected).sum())


def estimate_cramers_v(table: Counts, *, level: float) -> tuple[Estimate, tuple[str, ...]]:
    """Cramer's V with the interval that inverts the noncentral chi-square, and notes.

    Smithson 2003, Confidence Intervals, chapter 4. Where chi-square is so small that no noncentrality puts
    it in the upper tail, the interval is None and a note says so. Margins must not be empty.
    """
    statistic, n = compute_pearson(table), int(table.sum())
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    scale = n * (min(table.shape) - 1)
    alpha = (1 - level) / 2
    value = min(1.0, math.sqrt(statistic / scale))
    lower: float | None = None
    upper: float | None = None
    notes: tuple[str, ...] = ()
    if float(stats.chi2.cdf(statistic, df)) > alpha:
        lower = math.sqrt(_find_noncentrality(statistic, df, 1 - alpha) / scale)
        upper = min(1.0, math.sqrt(_find_noncentrality(statistic, df, alpha) / scale))
        # The unshifted point estimate is biased upwards: keep it inside its own interval.
        lower = min(lower, value)
        upper = max(upper, value)
    else:
        notes = ("chi-square is too small for an interval of Cramer's V",)
    estimate = Estimate(
        name="Cramer's V", value=value, lower=lower, upper=upper, level=level, method="noncentral chi-square"
    )
    return estimate, notes


def _find_noncentrality(statistic: float, df: int, below: float) -> float:
    """The noncentrality at which chi-square stays below the statistic with the given probability."""

    def excess(noncentrality: float) -> float:
        if noncentrality == 0:
            return float(stats.chi2.cdf(statistic, df)) - below
        return float(stats.ncx2.cdf(statistic, df, noncentrality)) - below

    if excess(0.0) <= 0:
        return 0.0
    ceiling = statistic + 10.0
    while excess(ceiling) > 0:
        ceiling *= 2
    return float(optimize.brentq(excess, 0.0, ceiling, xtol=1e-10))


def estimate_risk_difference(table: Counts, *, level: float) -> Estimate:
    """The risk of column 1 in row 1 minus that in row 2, with Newcombe's hybrid score interval.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10. The rows must not be empty.
    """
    z = float(stats.norm.isf((1 - level) / 2))
    (events1, n1), (events2, n2) = ((int(row[0]), int(row.sum())) for row in table)
    p1, p2 = events1 / n1, events2 / n2
    (low1, high1), (low2, high2) = _compute_wilson(events1, n1, z), _compute_wilson(events2, n2, z)
    return Estimate(
        name="risk difference, first row minus second",
        value=p1 - p2,
        lower=p1 - p2 - math.hypot(p1 - low1, high2 - p2),
        upper=p1 - p2 + math.hypot(high1 - p1, p2 - low2),
        level=level,
        method="Newcombe hybrid score",
    )


def _compute_wilson(events: int, n: int, z: float) -> tuple[float, float]:
    centre = (events + z * z / 2) / (n + z * z)
    half = z * math.sqrt(events * (n - events) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)
