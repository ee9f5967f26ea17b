"""Compensation: the light of each stain from that of each detector, by a matrix of spectra (Gating-ML 2.0, section 5).

Observed light is true light times the matrix whose rows are the stains' spectra. With as many stains as detectors it is
solved exactly; with fewer stains by least squares, as the standard asks.
"""

from __future__ import annotations

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.product.cytometry.events import Events, Floats, Spill

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
    observed = _light_of(events, detectors)
    if inverted:
        solved: Floats = observed @ spectra
        return solved
    stains, wide = spectra.shape
    if wide != len(detectors) or stains > wide or np.linalg.matrix_rank(spectra) < stains:
        raise BAD_MATRIX.refuse(
            f"{stains} stains on {wide} detectors, rank {np.linalg.matrix_rank(spectra)}", place=events.place
        )
    # One inverse for all events: a matrix product is far quicker than a solution each.
    inverse = np.linalg.inv(spectra) if stains == wide else np.linalg.pinv(spectra)
    true: Floats = observed @ inverse
    return true


def _light_of(events: Events, detectors: tuple[str, ...]) -> Floats:
    """The columns of the detectors (events, detectors): no copy where they stand side by side, as they mostly do."""
    at = [events.find(name) for name in detectors]
    if at and at == list(range(at[0], at[0] + len(at))):
        return events.values[:, at[0] : at[0] + len(at)]
    return events.values[:, at]


def compensate_by_file(events: Events, spill: Spill) -> Floats:
    """True light by the matrix that the file itself carries, in the order of its detectors."""
    return compensate(events, spill.matrix, detectors=spill.detectors)
