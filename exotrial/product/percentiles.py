"""D10, D50, D90, span, mode, mean and SD of a size distribution, from its bins under one named rule.

The rule, `RULE`: a bin holds its value evenly between its edges; the cumulative value runs from 0 at the lowest
edge to the total at the highest; the p-th percentile is the smallest diameter at which it reaches p per cent of the
total. ISO 9276-1:1998 names the cumulative distribution so. Instruments follow other rules, which is why their
printed percentiles are compared with these (`vendor_comparison`) and never used in their place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.size_distribution import Floats, SizeDistribution

RULE: Final = "bin edges, linear interpolation of the cumulative value"

NO_PARTICLES = ErrorCode(
    "PCT-001",
    "A size distribution has no particle in it, and so no percentile.",
    "measure again; a video without particles tells a detection limit, not a size.",
)
NO_PERCENTILE = ErrorCode(
    "PCT-002", "A percentile lies between 0 and 100.", "ask for 10, 50 or 90, for example."
)
NO_VIDEOS = ErrorCode(
    "PCT-003",
    "An average over videos needs a number for each of them.",
    "give one finite number a video, at least one.",
)


@dataclass(frozen=True, kw_only=True)
class SizeSummary:
    """What one column of bins says, in nm; `span` has no unit. `total` is in the unit of the values.

    `mode_nm` is the centre of the fullest bin, the smallest of those that are equally full. `sd_nm` is of the
    population in the bins (divided by the total, not by the total less one). `volume_median_nm` is the D50 of the
    particles' volume, each a sphere of its bin's central diameter: for values that are weighted by number only.
    """

    d10_nm: float
    d50_nm: float
    d90_nm: float
    span: float
    mode_nm: float
    mean_nm: float
    sd_nm: float
    volume_median_nm: float
    total: float


@dataclass(frozen=True, kw_only=True)
class VideoAverage:
    """A number averaged over videos: the mean, and its standard error, None for a single video."""

    videos: int
    mean: float
    standard_error: float | None


def compute_percentile(
    values: Floats, percent: float, *, edges_nm: Floats, place: Place | None = None
) -> float:
    """The diameter in nm at `percent` (0 to 100) of the cumulative `values` (n,) over `edges_nm` (n + 1,).

    Refuses PCT-001 where all values are zero, PCT-002 for a percentage outside 0 to 100. Source: `RULE`.
    """
    if not 0 <= percent <= 100:
        raise NO_PERCENTILE.refuse(f"{percent:g} is no percentage", place=place, value=percent)
    cumulative = np.cumsum(values)
    total = float(cumulative[-1])
    if total <= 0:
        raise NO_PARTICLES.refuse("every bin is empty", place=place)
    target = total * percent / 100
    # The first bin that is not empty and in which the target is reached: below it nothing was counted.
    filled = np.flatnonzero(values > 0)
    reached = filled[np.searchsorted(cumulative[filled], target * (1 - 1e-12))] if percent > 0 else filled[0]
    below = float(cumulative[reached] - values[reached])
    share = min(max((target - below) / float(values[reached]), 0.0), 1.0)
    low, high = float(edges_nm[reached]), float(edges_nm[reached + 1])
    return low + share * (high - low)


def compute_size_summary(values: Floats, *, edges_nm: Floats, place: Place | None = None) -> SizeSummary:
    """All summary numbers of `values` (n,) over `edges_nm` (n + 1,) under `RULE`. Refuses PCT-001.

    Span is (D90 - D10) / D50; mean and SD take each bin at its centre.
    """
    d10, d50, d90 = (
        compute_percentile(values, percent, edges_nm=edges_nm, place=place) for percent in (10, 50, 90)
    )
    centres = (edges_nm[:-1] + edges_nm[1:]) / 2
    total = math.fsum(values.tolist())
    mean = math.fsum((values * centres).tolist()) / total
    variance = math.fsum((values * (centres - mean) ** 2).tolist()) / total
    return SizeSummary(
        d10_nm=d10,
        d50_nm=d50,
        d90_nm=d90,
        span=(d90 - d10) / d50,
        mode_nm=float(centres[int(np.argmax(values))]),
        mean_nm=mean,
        sd_nm=math.sqrt(variance),
        volume_median_nm=compute_percentile(values * centres**3, 50, edges_nm=edges_nm, place=place),
        total=total,
    )


def summarise_videos(distribution: SizeDistribution) -> tuple[SizeSummary | None, ...]:
    """One summary a video, in their order; None for a video without a particle."""
    return tuple(
        compute_size_summary(video.values, edges_nm=distribution.edges_nm, place=distribution.place)
        if np.any(video.values > 0)
        else None
        for video in distribution.videos
    )


def summarise(distribution: SizeDistribution) -> SizeSummary:
    """The summary of the mean over the videos, bin by bin. Refuses PCT-001 where no video has a particle.

    This is not the average of the videos' own summaries, which is what NanoSight prints as "Average".
    """
    return compute_size_summary(
        distribution.mean_values, edges_nm=distribution.edges_nm, place=distribution.place
    )


def average_over_videos(numbers: Sequence[float], *, place: Place | None = None) -> VideoAverage:
    """Mean and standard error (sample SD over the root of n) of one number a video, as NanoSight prints them.

    Refuses PCT-003 without a number or with one that is not finite.
    """
    if not numbers or not all(math.isfinite(number) for number in numbers):
        raise NO_VIDEOS.refuse(
            "there is no video" if not numbers else "a video has no number", place=place, value=len(numbers)
        )
    n = len(numbers)
    mean = math.fsum(numbers) / n
    if n == 1:
        return VideoAverage(videos=1, mean=mean, standard_error=None)
    variance = math.fsum((number - mean) ** 2 for number in numbers) / (n - 1)
    return VideoAverage(videos=n, mean=mean, standard_error=math.sqrt(variance / n))
