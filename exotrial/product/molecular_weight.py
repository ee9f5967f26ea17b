"""The molecular weight of a band from how far it ran, by the ladder in the same picture.

The logarithm of the weight falls linearly with the distance (K. Weber, M. Osborn, J. Biol. Chem. 244 (1969) 4406),
fitted by least squares; the bounds are those of the prediction of a new observation in simple regression. A weight
outside the ladder's own range is not told: the line bends there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode

BAD_LADDER = ErrorCode(
    "BLT-008",
    "The ladder of a blot cannot be fitted.",
    "mark at least three bands of the ladder, heavier ones above lighter ones, each with its weight in kDa.",
)
FEWEST: Final = 3


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """log10 of kDa = `intercept` + `slope` times the row; `rows` and `weights_kda` are those marked, from above.

    `residual` is the standard deviation of log10 kDa about the line, with two degrees of freedom lost.
    """

    rows: tuple[float, ...]
    weights_kda: tuple[float, ...]
    intercept: float
    slope: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A weight in kDa with its 95 % prediction bounds."""

    kda: float
    lower_kda: float
    upper_kda: float


def fit_ladder(marks: Sequence[tuple[float, float]]) -> Ladder:
    """Fit (row, kDa) of a ladder's bands; refuses fewer than three and weights that do not fall (BLT-008)."""
    ordered = sorted(marks)
    rows, weights = [row for row, _ in ordered], [kda for _, kda in ordered]
    if len(ordered) < FEWEST:
        raise BAD_LADDER.refuse(f"it has {len(ordered)} bands", value=len(ordered))
    if not all(math.isfinite(kda) and kda > 0 for kda in weights):
        raise BAD_LADDER.refuse("a weight is not above zero", value=weights)
    falls = all(a > b for a, b in itertools.pairwise(weights))
    if not falls or len(set(rows)) < len(rows):
        told = ", ".join(f"{kda:g} kDa at row {row:g}" for row, kda in ordered)
        raise BAD_LADDER.refuse(f"its weights do not fall from above to below: {told}", value=told)
    place, logs = np.array(rows), np.log10(weights)
    centred = place - place.mean()
    slope = float(centred @ logs / (centred @ centred))
    intercept = float(logs.mean() - slope * place.mean())
    left = logs - intercept - slope * place
    return Ladder(
        rows=tuple(rows),
        weights_kda=tuple(weights),
        intercept=intercept,
        slope=slope,
        residual=math.sqrt(float(left @ left) / (len(rows) - 2)),
    )


def compute_weight(ladder: Ladder, row: float) -> Weight | None:
    """The weight of a band at a row, None above or below the ladder's own bands."""
    from scipy.stats import t

    if not ladder.rows[0] <= row <= ladder.rows[-1]:
        return None
    place = np.array(ladder.rows)
    count, spread = place.size, float(np.sum((place - place.mean()) ** 2))
    around = ladder.residual * math.sqrt(1 + 1 / count + (row - place.mean()) ** 2 / spread)
    half = float(t.ppf(0.975, count - 2)) * around
    middle = ladder.intercept + ladder.slope * row
    return Weight(kda=10**middle, lower_kda=10 ** (middle - half), upper_kda=10 ** (middle + half))
