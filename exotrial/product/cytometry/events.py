"""The events of one acquisition: a table of linear values, with what the file says of each channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode, Place

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_CHANNEL = ErrorCode(
    "FLO-001",
    "The events have no channel of that name.",
    "use a channel's short name ($PnN), as `exotrial assay read` lists them.",
)


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One parameter: its short name ($PnN), the stain or long name ($PnS), and the largest value of its range."""

    name: str
    stain: str
    largest: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Spill:
    """A spillover matrix (n, n): `detectors` name rows and columns; row i is the spectrum of detector i's stain."""

    detectors: tuple[str, ...]
    matrix: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """`values` (events, channels) on a linear scale: gain and logarithmic amplification of the file are undone.

    `spill` is the file's own matrix, None where it has none; `spill_problem` says why one that is there cannot be used.
    """

    channels: tuple[Channel, ...]
    values: Floats
    spill: Spill | None
    place: Place
    spill_problem: str = ""

    def __len__(self) -> int:
        return int(self.values.shape[0])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.channels)

    def find(self, name: str) -> int:
        """Where a channel stands, from 0 (FLO-001)."""
        if name not in self.names:
            raise NO_CHANNEL.refuse(
                f"{name!r} is none of {', '.join(self.names)}", place=self.place, value=name
            )
        return self.names.index(name)

    def column(self, name: str) -> Floats:
        """The values of a channel (FLO-001)."""
        column: Floats = self.values[:, self.find(name)]
        return column
