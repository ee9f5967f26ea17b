"""The vertical axis of a before-and-after panel: its range, its kind, its ticks, and where end labels go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_SKEWED = 50.0
"""Positive values of which the largest is so many times the smallest are drawn on a logarithmic axis."""
_PAD = 0.06


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis from `low` to `high` in the unit of the measure, drawn over `height` pixels."""

    low: float
    high: float
    log: bool
    height: float

    def to_pixel(self, value: float) -> float:
        """Pixels from the top."""
        low, high, here = (self._scaled(v) for v in (self.low, self.high, value))
        return self.height * (1 - (here - low) / (high - low))

    def to_value(self, pixel: float) -> float:
        """The value at so many pixels from the top."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        here = low + (1 - pixel / self.height) * (high - low)
        return 10**here if self.log else here

    def ticks(self) -> list[float] | None:
        """Ticks of a logarithmic axis: decades, with 2 and 5 where there are few; None leaves them to Vega."""
        if not self.log:
            return None
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        decades = [10.0**power for power in range(first, last + 1)]
        inside = [tick for tick in decades if self.low <= tick <= self.high]
        if len(inside) >= 2:
            return inside
        return [m * tick for tick in decades for m in (1, 2, 5) if self.low <= m * tick <= self.high]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value


def choose_axis(values: Sequence[float], *, height: float, allow_log: bool = True) -> Axis:
    """An axis that holds all values with a little room; logarithmic for skewed positive values, if allowed."""
    low, high = min(values), max(values)
    if allow_log and low > 0 and high / low >= _SKEWED:
        room = (high / low) ** _PAD
        return Axis(low=low / room, high=high * room, log=True, height=height)
    if low == high:
        room = abs(high) * 0.1 or 1.0
        return Axis(low=low - room, high=high + room, log=False, height=height)
    spread = high - low
    return Axis(low=low - _PAD * spread, high=high + _PAD * spread, log=False, height=height)


def place_labels(pixels: Sequence[float], *, height: float, gap: float) -> list[float]:
    """Positions at least `gap` apart, as near to the wanted ones as can be, and inside the panel if they fit.

    `pixels` must be in ascending order. Labels that would touch share one block about their mean place
    (isotonic regression by pooling of adjacent violators).
    """
    blocks: list[tuple[float, int]] = []
    for position, pixel in enumerate(pixels):
        mean, size = pixel - position * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        blocks.append((mean, size))
    apart = [mean for mean, size in blocks for _ in range(size)]
    highest = max(0.0, height - (len(pixels) - 1) * gap)
    return [min(max(place, 0.0), highest) + position * gap for position, place in enumerate(apart)]
