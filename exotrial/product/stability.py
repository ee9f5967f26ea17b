"""How a product changes over storage time, and the shelf life that data support: ICH Q1E on logarithms.

Values are taken to change exponentially (first order), so that their logarithm follows a line. Batches are pooled as
far as an analysis of covariance lets them, slopes before intercepts, each at 0.25 (ICH Q1E, B.2.2.1); the shelf life
ends where the 95 % confidence bound of the mean first crosses an acceptance limit, in the batch where it does so first.
For biological products it rests on real time: what lies beyond the last time tested is not supported (ICH Q5C).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.comparability_tables import read_number, read_numbers
from exotrial.statistics.describe import as_logarithms
from exotrial.statistics.moments import NO_VARIATION
from exotrial.statistics.t_distribution import compute_t_quantile

Floats = NDArray[np.float64]

TOO_FEW_TIMES = ErrorCode(
    "STB-001",
    "Stability data are too few for a line and its confidence bound.",
    "measure each batch at three times at least, the first of them at the start.",
)
NO_LIMIT = ErrorCode(
    "STB-002",
    "The acceptance limits of a stability study are missing or the wrong way round.",
    "give a lower or an upper limit above 0, in the unit of the values; the lower below the upper.",
)
BAD_TIME = ErrorCode(
    "STB-003",
    "A storage time is negative.",
    "count days from the first measurement of the batch, which is day 0.",
)
UNITS_DIFFER = ErrorCode(
    "STB-004", "Stability data are given in several units.", "give all values in one unit."
)

POOLING_ALPHA = 0.25
"""ICH Q1E, appendix B.2.2.1: a level of 0.25, so that batches are not pooled for want of data."""
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Point:
    """One measurement of one batch, `day` days after its first."""

    batch: str
    day: float
    value: float
    unit: str
    place: Place


class Model(StrEnum):
    """How far the batches share their line."""

    ONE_LINE = "one line for all batches"
    ONE_SLOPE = "one slope, an intercept for each batch"
    OWN_LINES = "a line for each batch"


@dataclass(frozen=True, kw_only=True)
class BatchLife:
    """When the bound of a batch's line meets a limit: `crosses` in days, infinite where it never does."""

    batch: str
    intercept: float
    slope: float
    crosses: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Stability:
    """The fit and what it supports. Intercepts and slopes are of natural logarithms, slopes per day.

    `p_slopes` and `p_intercepts` are of the tests for pooling, None for one batch or where slopes differ already.
    `crosses` is the earliest time of all batches, `last_tested` the longest storage that every batch was tested after,
    and `supported` the smaller of the two, all in days.
    """

    points: tuple[Point, ...]
    unit: str
    lower: float | None
    upper: float | None
    model: Model
    p_slopes: float | None
    p_intercepts: float | None
    batches: tuple[BatchLife, ...]
    residual_sd: float
    df: int
    crosses: float
    last_tested: float
    covariance: Floats
    coefficients: Floats

    @property
    def supported(self) -> float:
        return min(self.crosses, self.last_tested)

    @property
    def bound_quantile(self) -> float:
        """The t quantile of the bound: one-sided 95 % for one limit, two-sided for two (ICH Q1E, appendix B.1)."""
        both = self.lower is not None and self.upper is not None
        return compute_t_quantile((1 + LEVEL) / 2 if both else LEVEL, self.df)

    def predict(self, batch: str, days: Floats) -> tuple[Floats, Floats, Floats]:
        """The geometric mean of a batch at `days` (n,) with its lower and upper bound, in the unit of the values."""
        names = [life.batch for life in self.batches]
        rows = np.stack([_row(self.model, names, batch, day) for day in days.tolist()])
        centre = rows @ self.coefficients
        reach = self.bound_quantile * np.sqrt(np.einsum("ij,jk,ik->i", rows, self.covariance, rows))
        return np.exp(centre), np.exp(centre - reach), np.exp(centre + reach)


def read_stability(data: bytes, *, name: str) -> tuple[Point, ...]:
    """A table of stability data: columns batch, day, value, unit. Refuses CMP-007, CMP-008 and STB-003."""
    points = []
    for row, place in read_numbers(data, name=name, columns=("batch", "day", "value", "unit")):
        day = read_number(row, "day", place)
        if day < 0:
            raise BAD_TIME.refuse(f"day {day:g} lies before the start", place=place, value=day)
        points.append(
            Point(
                batch=row["batch"],
                day=day,
                value=read_number(row, "value", place),
                unit=row["unit"],
                place=place,
            )
        )
    return tuple(points)


def compute_stability(
    points: Sequence[Point], *, lower: float | None = None, upper: float | None = None
) -> Stability:
    """Fit, pool and find where the bound crosses `lower` or `upper` (unit of the values, above 0; one or both).

    Each batch needs two times and all together three, with a degree of freedom left. Refuses STB-001, STB-002, STB-004,
    values without logarithm (STS-105), and values on an exact line (STS-100), which has no bound.
    """
    _check(points, lower, upper)
    names = list(dict.fromkeys(point.batch for point in points))
    logs = as_logarithms([point.value for point in points])
    fits = {model: _fit(model, names, points, logs) for model in Model}
    own = fits[Model.OWN_LINES]
    if own.df < 1:
        raise TOO_FEW_TIMES.refuse(f"{len(points)} values leave no degree of freedom", value=len(points))
    if own.squares <= 1e-24 * float(np.max(logs * logs)):
        raise NO_VARIATION.refuse(
            "the values lie on a line exactly, so its bound has no width", value=own.squares
        )
    model, p_slopes, p_intercepts = Model.ONE_LINE, None, None
    if len(names) > 1:
        slopes, line = fits[Model.ONE_SLOPE], fits[Model.ONE_LINE]
        p_slopes = _f_test(slopes.squares - own.squares, slopes.df - own.df, own)
        if p_slopes < POOLING_ALPHA:
            model = Model.OWN_LINES
        else:
            p_intercepts = _f_test(line.squares - slopes.squares, line.df - slopes.df, own)
            model = Model.ONE_SLOPE if p_intercepts < POOLING_ALPHA else Model.ONE_LINE
    chosen = fits[model]
    variance = chosen.squares / chosen.df
    both = lower is not None and upper is not None
    quantile = compute_t_quantile((1 + LEVEL) / 2 if both else LEVEL, chosen.df)
    covariance = variance * chosen.inverse
    lives = []
    for batch in names:
        start, later = (_row(model, names, batch, day) for day in (0.0, 1.0))
        crosses = min(
            _find_crossing(start, later - start, chosen.coefficients, covariance, quantile, limit, sign)
            for limit, sign in ((lower, 1.0), (upper, -1.0))
            if limit is not None
        )
        lives.append(
            BatchLife(
                batch=batch,
                intercept=float(start @ chosen.coefficients),
                slope=float((later - start) @ chosen.coefficients),
                crosses=crosses,
            )
        )
    return Stability(
        points=tuple(points),
        unit=points[0].unit,
        lower=lower,
        upper=upper,
        model=model,
        p_slopes=p_slopes,
        p_intercepts=p_intercepts,
        batches=tuple(lives),
        residual_sd=math.sqrt(variance),
        df=chosen.df,
        crosses=min(life.crosses for life in lives),
        last_tested=min(max(p.day for p in points if p.batch == batch) for batch in names),
        covariance=covariance,
        coefficients=chosen.coefficients,
    )


def decide_storage(found: Stability, *, days: float) -> Verdict:
    """Whether data support storage for so many days: tested for so long, the bound within limits, three batches."""
    batches = len(found.batches)
    return Verdict(
        question=f"Do the data support storage for {days:g} days?",
        reasons=(
            Reason(
                f"every batch was tested after {days:g} days or later",
                found.last_tested >= days,
                f"all were tested up to day {found.last_tested:g}",
            ),
            Reason(
                f"the 95 % bound of the mean keeps within the limits for {days:g} days",
                found.crosses >= days,
                "it never crosses them"
                if math.isinf(found.crosses)
                else f"it crosses on day {found.crosses:.3g}",
            ),
            Reason("there are three batches (ICH Q1E, Q5C)", batches >= 3, f"there are {batches}"),
        ),
    )


def check_stability(found: Stability) -> list[Finding]:
    """CMF-020: the bound stays within the limits beyond what was tested, which supports nothing more."""
    if found.crosses <= found.last_tested:
        return []
    until = "for good" if math.isinf(found.crosses) else f"until day {found.crosses:.3g}"
    return [
        Finding(
            rule="CMF-020",
            subject="shelf life",
            severity=Severity.INFO,
            kind="comparability",
            says=f"the bound keeps within the limits {until}, and day {found.last_tested:g} is the last tested: "
            "so much is supported",
            why="Vesicles may aggregate at once after months of nothing; a line does not foresee that.",
            settle="measurements at later times.",
            standards=("ICH Q5C", "ICH Q1E"),
        )
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fit:
    coefficients: Floats
    inverse: Floats
    squares: float
    df: int


def _row(model: Model, names: Sequence[str], batch: str, day: float) -> Floats:
    """One line of the design matrix: intercepts, then slopes."""
    own = np.array([1.0 if name == batch else 0.0 for name in names])
    one = np.ones(1)
    intercepts = one if model is Model.ONE_LINE else own
    slopes = own if model is Model.OWN_LINES else one
    return np.concatenate([intercepts, slopes * day])


def _fit(model: Model, names: Sequence[str], points: Sequence[Point], logs: Floats) -> _Fit:
    matrix = np.stack([_row(model, names, point.batch, point.day) for point in points])
    coefficients: Floats = np.linalg.lstsq(matrix, logs, rcond=None)[0].astype(np.float64)
    inverse: Floats = np.linalg.inv(matrix.T @ matrix).astype(np.float64)
    residuals = logs - matrix @ coefficients
    return _Fit(
        coefficients=coefficients,
        inverse=inverse,
        squares=float(residuals @ residuals),
        df=len(points) - matrix.shape[1],
    )


def _f_test(squares: float, df: int, own: _Fit) -> float:
    """The p value of an extra sum of squares against the residual of the model with a line for each batch."""
    return float(scipy.special.fdtrc(df, own.df, max(squares, 0.0) / df / (own.squares / own.df)))


def _find_crossing(
    start: Floats,
    step: Floats,
    coefficients: Floats,
    covariance: Floats,
    quantile: float,
    limit: float,
    sign: float,
) -> float:
    """The first day from 0 on which sign * (mean - log limit) falls to quantile * SE; infinite where never.

    Squared, both sides are quadratics in the day; a root counts only where the side squared was not negative.
    """
    a = sign * (float(start @ coefficients) - math.log(limit))
    b = sign * float(step @ coefficients)
    v0, v1, v2 = (
        quantile**2 * float(each)
        for each in (start @ covariance @ start, start @ covariance @ step, step @ covariance @ step)
    )
    if a - math.sqrt(v0) <= 0:
        return 0.0
    roots = np.roots([b * b - v2, 2 * (a * b - v1), a * a - v0])
    days = [
        float(root.real)
        for root in roots
        if abs(root.imag) <= 1e-9 * max(1.0, abs(root.real)) and root.real > 0 and a + b * root.real >= 0
    ]
    return min(days, default=math.inf)


def _check(points: Sequence[Point], lower: float | None, upper: float | None) -> None:
    limits = [limit for limit in (lower, upper) if limit is not None]
    if not limits or any(not (limit > 0 and math.isfinite(limit)) for limit in limits):
        raise NO_LIMIT.refuse(f"the limits are {lower} and {upper}", value=f"{lower}, {upper}")
    if lower is not None and upper is not None and lower >= upper:
        raise NO_LIMIT.refuse(f"the lower limit {lower:g} is not below the upper {upper:g}", value=lower)
    days: dict[str, set[float]] = {}
    for point in points:
        days.setdefault(point.batch, set()).add(point.day)
        if point.unit != points[0].unit:
            raise UNITS_DIFFER.refuse(
                f"{point.unit!r} stands beside {points[0].unit!r}", place=point.place, value=point.unit
            )
    for batch, own in days.items():
        if len(own) < 2:
            raise TOO_FEW_TIMES.refuse(f"{batch} was measured at one time only", value=batch)
    if len(set().union(*days.values())) < 3:
        raise TOO_FEW_TIMES.refuse(
            f"there are {len(set().union(*days.values()))} times, and 3 are needed", value=len(points)
        )
