"""A straight line through logarithms of bead values on logarithms of signals: the free slope, and slope 1.

Ordinary least squares of log10; the interval of the slope is Student's t with two degrees of freedom less than beads.
A detector that is linear has slope 1; both are told, since what lies between beads hardly differs and what lies
beyond them does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """log10 of value = `intercept` + `slope` log10 of signal, the slope with its 95 % interval (None for two beads).

    `factor` is value over signal where the slope is 1 (the geometric mean of the beads). `free_residuals` and
    `linear_residuals` are each bead's value by the line over its own, less 1. `lowest` and `highest` are the signals
    of the beads: beyond them the line is an extrapolation.
    """

    intercept: float
    slope: float
    slope_low: float | None
    slope_high: float | None
    factor: float
    free_residuals: tuple[float, ...]
    linear_residuals: tuple[float, ...]
    lowest: float
    highest: float

    def free(self, signal: float) -> float:
        """The value of a signal above 0 by the free slope."""
        return float(10 ** (self.intercept + self.slope * math.log10(signal)))

    def linear(self, signal: float) -> float:
        """The value of a signal by slope 1."""
        return self.factor * signal

    def within(self, signal: float) -> bool:
        """Whether a signal lies among those of the beads, their ends included."""
        return self.lowest <= signal <= self.highest

    @property
    def linear_is_excluded(self) -> bool:
        """Whether the 95 % interval of the slope leaves out 1."""
        if self.slope_low is None or self.slope_high is None:
            return False
        return not self.slope_low <= 1 <= self.slope_high


def compute_log_line(signals: Sequence[float], values: Sequence[float]) -> LogLine:
    """The line of two beads or more with values and signals above 0, of which two signals differ."""
    x, y = np.log10(np.asarray(signals, dtype=np.float64)), np.log10(np.asarray(values, dtype=np.float64))
    away = x - x.mean()
    spread = float(away @ away)
    slope = float(away @ y) / spread
    intercept = float(y.mean()) - slope * float(x.mean())
    left = y - intercept - slope * x
    half = None
    if x.size > 2:
        error = math.sqrt(float(left @ left) / (x.size - 2) / spread)
        half = float(stats.t.ppf(0.975, x.size - 2)) * error
    shift = float(np.mean(y - x))
    return LogLine(
        intercept=intercept,
        slope=slope,
        slope_low=None if half is None else slope - half,
        slope_high=None if half is None else slope + half,
        factor=10**shift,
        free_residuals=tuple(float(each) for each in 10**-left - 1),
        linear_residuals=tuple(float(each) for each in 10 ** (x + shift - y) - 1),
        lowest=float(min(signals)),
        highest=float(max(signals)),
    )
