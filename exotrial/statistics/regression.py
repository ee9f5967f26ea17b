"""Simple linear regression by least squares, about the means so that leading digits do not cancel.

Formulae as in Draper & Smith 1998, Applied Regression Analysis, ch. 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exotrial.statistics.moments import NO_VARIATION, check_range, compute_mean, is_constant, snap_noise
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import as_pairs, check_level
from exotrial.statistics.t_distribution import compute_t_interval, compute_t_p_value


@dataclass(frozen=True, kw_only=True)
class Line:
    """A least-squares line y = intercept + slope x with its standard errors and residual SD (df = n - 2)."""

    n: int
    intercept: float
    slope: float
    se_intercept: float
    se_slope: float
    residual_sd: float
    r_squared: float

    @property
    def df(self) -> float:
        """The residual degrees of freedom."""
        return float(self.n - 2)


def fit_line(x: ArrayLike, y: ArrayLike) -> Line:
    """Fit a straight line through at least three points. Refuses an x that does not vary (STS-100).

    A y that does not vary has slope 0 and, having nothing to explain, an r squared of 0.
    """
    a, b = as_pairs(x, y, names=("x", "y"), at_least=3)
    check_range(b)
    if is_constant(check_range(a)):
        raise NO_VARIATION.refuse(
            f"all values of x are {a[0]:g}, so a slope is not defined",
            value=a[0],
            remedy="describe y on its own: without a change in x there is no line.",
        )
    n = int(a.size)
    mean_x, mean_y = compute_mean(a), compute_mean(b)
    u = a - mean_x
    v = np.zeros_like(b) if is_constant(b) else b - mean_y
    squares_x = math.fsum((u * u).tolist())
    squares_y = math.fsum((v * v).tolist())
    slope = math.fsum((u * v).tolist()) / squares_x
    # Points on a line leave residuals of a few binary digits of the numbers subtracted: those are zero.
    scale = max(float(np.max(np.abs(b))), abs(slope) * float(np.max(np.abs(a))))
    residuals = snap_noise(v - slope * u, scale=scale)
    unexplained = math.fsum((residuals * residuals).tolist())
    residual_sd = math.sqrt(unexplained / (n - 2))
    return Line(
        n=n,
        intercept=mean_y - slope * mean_x,
        slope=slope,
        se_intercept=residual_sd * math.sqrt(1 / n + mean_x * mean_x / squares_x),
        se_slope=residual_sd / math.sqrt(squares_x),
        residual_sd=residual_sd,
        r_squared=1 - unexplained / squares_y if squares_y > 0 else 0.0,
    )


def linear_regression(
    x: ArrayLike,
    y: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The slope of y on x with the t test of slope = 0; at least three points.

    A y that does not vary gives p = 1; points on a line have no t and p = 0; both with a note. Refuses an x
    that does not vary (STS-100). `fit_line` gives intercept, standard errors and residual SD.
    """
    check_level(level)
    alternative = Alternative(alternative)
    line = fit_line(x, y)
    statistic: float | None = None
    notes = [
        f"intercept {line.intercept:.6g}, residual SD {line.residual_sd:.6g}, r squared {line.r_squared:.6g}"
    ]
    if line.residual_sd > 0:
        statistic = line.slope / line.se_slope
        p_value = compute_t_p_value(statistic, line.df, alternative)
    elif line.slope == 0:
        p_value = 1.0
        notes.append("y does not vary: p is 1 by convention")
    else:
        against = line.slope < 0 if alternative == Alternative.GREATER else line.slope > 0
        p_value = 1.0 if alternative != Alternative.TWO_SIDED and against else 0.0
        notes.append("all points lie on the line: t is unbounded, p is its limit, the interval is a point")
    lower, upper = compute_t_interval(
        line.slope, line.se_slope, line.df, level=level, alternative=alternative
    )
    return Result(
        method=LINEAR_REGRESSION.name,
        label=LINEAR_REGRESSION.label,
        n=(line.n,),
        statistic_name="t",
        statistic=statistic,
        df=(line.df,),
        p_value=p_value,
        alternative=alternative,
        estimate=Estimate(
            name="slope, y per unit of x",
            value=line.slope,
            lower=lower,
            upper=upper,
            level=level,
            method="t interval",
        ),
        assumptions=LINEAR_REGRESSION.assumptions,
        notes=tuple(notes),
        citation=LINEAR_REGRESSION.citation,
    )


LINEAR_REGRESSION = Method(
    name="linear_regression",
    label="Simple linear regression",
    design=Design.CORRELATION,
    compute=linear_regression,
    citation="Draper & Smith 1998, Applied Regression Analysis, ch. 1",
    assumptions=(
        "points are independent",
        "the relation is a straight line",
        "residuals have one variance and are approximately normal",
    ),
    software="SPSS REGRESSION, R lm, SAS PROC REG",
)
