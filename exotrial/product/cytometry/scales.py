"""The scales of Gating-ML 2.0 (ISAC recommendation 2013, section 6): linear, logarithmic, asinh, logicle, hyperlog.

Logicle: Moore and Parks, Cytometry A 2012;81:273-7. Hyperlog: Bagwell, Cytometry A 2005;64:34-42, with the parameters
of Gating-ML 2.0. Each takes linear values to a display scale on which T stands at 1. Logicle and hyperlog are solved
for each event from a table of 1,024 points by Halley's or Newton's method to the last digits of a double.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.cytometry.events import Floats
from exotrial.product.kernel import compiled

BAD_SCALE = ErrorCode(
    "FLO-002",
    "The parameters of a scale are outside what it allows.",
    "T and M are above 0; for logicle and hyperlog W is at most M/2 and A lies between -W and M - 2W.",
)

LN10 = math.log(10.0)
TABLE = 1024


@dataclass(frozen=True, kw_only=True)
class Linear:
    """flin: (x + A) / (T + A)."""

    T: float
    A: float

    def __post_init__(self) -> None:
        _check(self.T > 0 and 0 <= self.A <= self.T, f"T {self.T:g}, A {self.A:g}")

    def apply(self, x: Floats) -> Floats:
        return (x + self.A) / (self.T + self.A)


@dataclass(frozen=True, kw_only=True)
class Logarithmic:
    """flog: log10(x / T) / M + 1; not a number below 0, minus infinity at 0."""

    T: float
    M: float

    def __post_init__(self) -> None:
        _check(self.T > 0 and self.M > 0, f"T {self.T:g}, M {self.M:g}")

    def apply(self, x: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled: Floats = np.log10(x / self.T) / self.M + 1
        return scaled


@dataclass(frozen=True, kw_only=True)
class Asinh:
    """fasinh: (asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10)."""

    T: float
    M: float
    A: float

    def __post_init__(self) -> None:
        _check(
            self.T > 0 and self.M > 0 and 0 <= self.A <= self.M, f"T {self.T:g}, M {self.M:g}, A {self.A:g}"
        )

    def apply(self, x: Floats) -> Floats:
        scaled: Floats = (np.arcsinh(x * (math.sinh(self.M * LN10) / self.T)) + self.A * LN10) / (
            (self.M + self.A) * LN10
        )
        return scaled


@dataclass(frozen=True, kw_only=True)
class Logicle:
    """logicle: the inverse of a biexponential, linear around 0 and logarithmic far from it."""

    T: float
    W: float
    M: float
    A: float

    def __post_init__(self) -> None:
        _check_biexponential(self.T, self.W, self.M, self.A)

    def apply(self, x: Floats) -> Floats:
        w, x2, b = _shape(self.W, self.M, self.A)
        x1, x0 = x2 + w, x2 + 2 * w
        d = _solve_d(b, w)
        c_a = math.exp(x0 * (b + d))
        f_a = math.exp(b * x1) - c_a * math.exp(-d * x1)
        a = self.T / (math.exp(b) - f_a - c_a * math.exp(-d))
        ys = np.linspace(x1, 1.2, TABLE)
        table = a * np.exp(b * ys) - c_a * a * np.exp(-d * ys) - f_a * a
        found: Floats = _invert_logicle(
            np.ascontiguousarray(x, dtype=np.float64), ys, table, a, b, c_a * a, d, f_a * a, x1
        )
        return found


@dataclass(frozen=True, kw_only=True)
class Hyperlog:
    """hyperlog: the inverse of an exponential plus a line."""

    T: float
    W: float
    M: float
    A: float

    def __post_init__(self) -> None:
        _check_biexponential(self.T, self.W, self.M, self.A)
        _check(self.W > 0, "W is 0, and hyperlog needs it above 0")

    def apply(self, x: Floats) -> Floats:
        w, x2, b = _shape(self.W, self.M, self.A)
        x1, x0 = x2 + w, x2 + 2 * w
        c_a = math.exp(b * x0) / w
        f_a = math.exp(b * x1) + c_a * x1
        a = self.T / (math.exp(b) + c_a - f_a)
        ys = np.linspace(x1, 1.2, TABLE)
        table = a * np.exp(b * ys) + c_a * a * ys - f_a * a
        found: Floats = _invert_hyperlog(
            np.ascontiguousarray(x, dtype=np.float64), ys, table, a, b, c_a * a, f_a * a, x1
        )
        return found


Scale = Linear | Logarithmic | Asinh | Logicle | Hyperlog


def _check(holds: bool, told: str) -> None:
    if not holds:
        raise BAD_SCALE.refuse(told, place=Place(path="transformation"), value=told)


def _check_biexponential(T: float, W: float, M: float, A: float) -> None:
    holds = T > 0 and M > 0 and 0 <= W <= M / 2 and -W <= A <= M - 2 * W
    _check(holds, f"T {T:g}, W {W:g}, M {M:g}, A {A:g}")


def _shape(W: float, M: float, A: float) -> tuple[float, float, float]:
    return W / (M + A), A / (M + A), (M + A) * LN10


def _solve_d(b: float, w: float) -> float:
    """The root of 2 (ln d - ln b) + w (b + d) = 0 in (0, b], by bisection to the last bit."""
    if w == 0:
        return b
    low, high = 0.0, b
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if 2 * (math.log(middle) - math.log(b)) + w * (b + middle) > 0:
            high = middle
        else:
            low = middle


@compiled
def _invert_logicle(
    x: Floats, ys: Floats, table: Floats, a: float, b: float, c: float, d: float, f: float, x1: float
) -> Floats:
    found = np.empty(x.size, dtype=np.float64)
    for k in range(x.size):
        value = abs(x[k])
        if not np.isfinite(value):
            found[k] = x[k]
            continue
        # A first guess by linear interpolation in the table; beyond its end by its last step.
        at = min(max(int(np.searchsorted(table, value)), 1), table.size - 1)
        y = ys[at - 1] + (ys[at] - ys[at - 1]) * (value - table[at - 1]) / (table[at] - table[at - 1])
        for _ in range(40):
            up, down = a * math.exp(b * y), c * math.exp(-d * y)
            g = up - down - f - value
            g1 = b * up + d * down
            g2 = b * b * up - d * d * down
            step = g / (g1 - 0.5 * g * g2 / g1)
            y -= step
            # Halley's error is below (b * step)^2 * step / 3, here 1e-15: the next step would change nothing.
            if abs(step) < 1e-6:
                break
        found[k] = y if x[k] >= 0 else 2 * x1 - y
    return found


@compiled
def _invert_hyperlog(
    x: Floats, ys: Floats, table: Floats, a: float, b: float, c: float, f: float, x1: float
) -> Floats:
    found = np.empty(x.size, dtype=np.float64)
    for k in range(x.size):
        value = abs(x[k])
        if not np.isfinite(value):
            found[k] = x[k]
            continue
        # A first guess by linear interpolation in the table; beyond its end by its last step.
        at = min(max(int(np.searchsorted(table, value)), 1), table.size - 1)
        y = ys[at - 1] + (ys[at] - ys[at - 1]) * (value - table[at - 1]) / (table[at] - table[at - 1])
        for _ in range(40):
            up = a * math.exp(b * y)
            step = (up + c * y - f - value) / (b * up + c)
            y -= step
            if abs(step) < 1e-15 * max(1.0, abs(y)):
                break
        found[k] = y if x[k] >= 0 else 2 * x1 - y
    return found
