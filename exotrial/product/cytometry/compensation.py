"""Compensation: the light of each stain from that of each detector, by a matrix of spectra (Gating-ML 2.0, section 5).

Observed light is true light times the matrix whose rows are the stains' spectra. With as many stains as detectors it is
solved exactly; with fewer stains by least squares, as the standard asks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.product.cytometry.events import Events, Floats, Spill
from exotrial.product.kernel import compiled

BAD_MATRIX = ErrorCode(
    "FLO-003",
    "A compensation matrix cannot be solved.",
    "look at the matrix: it needs one row for each stain, no two alike, and not more stains than detectors.",
)


def compensate(
    events: Events, spectra: Floats, *, detectors: tuple[str, ...], inverted: bool = False
) -> Floats:
    """True light (events, stains) of the detectors' light by `spectra` (stains, detectors) (FLO-001, FLO-003).

    `inverted` says that `spectra` is the solved matrix already: (detectors, stains).
    """
    at = np.array([events.find(name) for name in detectors], dtype=np.int64)
    if inverted:
        return _multiply(events.values, at, np.ascontiguousarray(spectra))
    stains, wide = spectra.shape
    if wide != len(detectors) or stains > wide or np.linalg.matrix_rank(spectra) < stains:
        raise BAD_MATRIX.refuse(
            f"{stains} stains on {wide} detectors, rank {np.linalg.matrix_rank(spectra)}", place=events.place
        )
    # One inverse for all events: a matrix product is far quicker than a solution each.
    inverse = np.linalg.inv(spectra) if stains == wide else np.linalg.pinv(spectra)
    return _multiply(events.values, at, np.ascontiguousarray(inverse))


@compiled
def _multiply(values: Floats, at: NDArray[np.int64], matrix: Floats) -> Floats:
    """The columns `at` of a table times a matrix: read where they stand, without a copy of the columns."""
    stains = matrix.shape[1]
    found = np.empty((values.shape[0], stains), dtype=np.float64)
    for event in range(values.shape[0]):
        for stain in range(stains):
            found[event, stain] = 0.0
        for detector in range(at.size):
            light = values[event, at[detector]]
            for stain in range(stains):
                found[event, stain] += light * matrix[detector, stain]
    return found


def compensate_by_file(events: Events, spill: Spill) -> Floats:
    """True light by the matrix that the file itself carries, in the order of its detectors."""
    return compensate(events, spill.matrix, detectors=spill.detectors)
