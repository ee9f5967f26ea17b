"""FCS files written for tests by flowio, of float events on a linear scale."""

from __future__ import annotations

import io

import numpy as np
from flowio.create_fcs import create_fcs
from numpy.typing import NDArray


def write_fcs(events: NDArray[np.float64], names: tuple[str, ...], *, cytometer: str = "made up") -> bytes:
    """An FCS 3.1 file of `events` (events, channels)."""
    held = io.BytesIO()
    create_fcs(
        held, events.astype(np.float32).ravel().tolist(), list(names), metadata_dict={"cyt": cytometer}
    )
    return held.getvalue()
