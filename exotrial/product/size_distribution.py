"""The size distribution: particles by diameter, video by video, with all that is needed to defend a number from it.

Every percentile is computed from the bins under one rule (`percentiles`), whatever the instrument printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode, Place

Floats: TypeAlias = NDArray[np.float64]

BAD_BINS = ErrorCode(
    "BIN-001",
    "The bins of a size distribution do not hold together.",
    "export the file again from the instrument's software; a file edited by hand is not mended here.",
)


class Weighting(StrEnum):
    """What a bin counts."""

    NUMBER = "number"
    VOLUME = "volume"
    SURFACE = "surface"
    INTENSITY = "intensity"


class DilutionState(StrEnum):
    """Whether the values are of the sample as measured or of the sample before it was diluted."""

    APPLIED = "applied"
    NOT_APPLIED = "not applied"
    NOT_RECORDED = "not recorded"


@dataclass(frozen=True, kw_only=True)
class Dilution:
    """The dilution: `factor` 1 for none, None where it is not recorded. Nobody guesses it."""

    state: DilutionState
    factor: float | None = None

    def __post_init__(self) -> None:
        if (self.factor is None) != (self.state is DilutionState.NOT_RECORDED):
            raise ValueError("a dilution has a factor, or is not recorded")


@dataclass(frozen=True, kw_only=True, eq=False)
class Video:
    """One video (run, position): `values` per bin in the distribution's unit, and how many tracks they rest on.

    `tracks` is None where the instrument does not tell it. `temperature_c` and `viscosity_mpa_s` are what the
    instrument used, None where it does not say.
    """

    name: str
    values: Floats
    tracks: int | None = None
    temperature_c: float | None = None
    viscosity_mpa_s: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeDistribution:
    """Values over bins. `edges_nm` (n + 1,) ascending; each video's `values` (n,) not negative.

    `unit` is "particles/mL" (concentration in the bin) or "particles" (a count). `place` is where the table stands.
    Refuses with BIN-001 where edges do not ascend, a value is negative or not finite, or lengths differ.
    """

    edges_nm: Floats
    videos: tuple[Video, ...]
    weighting: Weighting
    unit: str
    dilution: Dilution
    instrument: str
    version: str
    place: Place
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        edges = self.edges_nm
        if edges.ndim != 1 or edges.size < 2 or not np.all(np.isfinite(edges)) or np.any(np.diff(edges) <= 0):
            raise BAD_BINS.refuse("the bin edges do not ascend", place=self.place)
        if not self.videos:
            raise BAD_BINS.refuse("there is no video", place=self.place)
        for video in self.videos:
            if video.values.shape != (edges.size - 1,):
                raise BAD_BINS.refuse(
                    f"{video.name} has {video.values.size} values for {edges.size - 1} bins", place=self.place
                )
            if not np.all(np.isfinite(video.values)) or np.any(video.values < 0):
                raise BAD_BINS.refuse(
                    f"{video.name} has a value that is negative or no number", place=self.place
                )

    @property
    def mean_values(self) -> Floats:
        """The mean over the videos, bin by bin (n,)."""
        mean: Floats = np.mean([video.values for video in self.videos], axis=0)
        return mean
