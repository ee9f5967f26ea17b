"""Lanes and bands of a blot found in its picture, where no person has marked them.

Both are peaks of a profile by their prominence (`scipy.signal.find_peaks`; P. Virtanen et al., Nat. Methods 17 (2020)
261). Across the picture the profile is what stands above the ground in each column, and a lane reaches to half the
height of its peak. Along a lane it is the mean of its columns, and a band reaches three standard deviations of a
Gaussian of the same width at half height, or to the valley before its neighbour. What is found is a proposal: a lane
without bands, and a band fainter than five times the profile's noise, are not found and have to be marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.picture import Picture, compute_signal
from exotrial.product.size_distribution import Floats

NO_LANES = ErrorCode(
    "BLT-007",
    "No lane is found in a blot, or another number than is named.",
    "mark the lanes by hand: name, left and right column of each.",
)

LEAST_OF_TALLEST: Final = 0.05
"""A lane's peak is at least this share of the tallest lane's."""
NARROWEST_PX: Final = 8
NOISE_TIMES: Final = 5.0
REACH: Final = 3 / 2.3548
"""Three standard deviations of a Gaussian in widths at half height: 2.3548 is twice the root of 2 ln 2."""
SMALLEST_HEIGHT: Final = 3


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Columns `left` to `right` (end excluded, px) of a lane."""

    name: str
    left: int
    right: int


@dataclass(frozen=True, kw_only=True)
class FoundBand:
    """A peak of a lane's profile: rows `top` to `bottom` (end excluded, px) and `row`, its highest."""

    lane: Lane
    top: int
    bottom: int
    row: int


def find_lanes(picture: Picture, *, dark: bool, names: Sequence[str] = ()) -> tuple[Lane, ...]:
    """Lanes from left to right, called `names` or else 1, 2, 3.

    Refuses a picture without any, or with another number than there are names (BLT-007).
    """
    from scipy import ndimage, signal

    columns = picture.pixels.shape[1]
    heights = _above_ground(compute_signal(picture, dark=dark)).sum(axis=0)
    smooth: Floats = ndimage.gaussian_filter1d(heights, NARROWEST_PX / 2)
    smooth -= smooth.min()
    padded = np.concatenate([[0.0], smooth, [0.0]])  # so that a lane at the picture's edge is a peak too
    peaks, _ = signal.find_peaks(
        padded, prominence=max(LEAST_OF_TALLEST * float(smooth.max()), 1e-9), width=NARROWEST_PX / 2
    )
    widths = signal.peak_widths(padded, peaks, rel_height=0.5)
    lanes = []
    for start, end in zip(widths[2], widths[3], strict=True):
        left, right = max(0, round(start) - 1), min(columns, round(end))
        if right - left >= NARROWEST_PX:
            lanes.append((left, right))
    wanted = names or [str(number) for number in range(1, len(lanes) + 1)]
    if not lanes or len(lanes) != len(wanted):
        raise NO_LANES.refuse(
            f"{len(lanes)} lanes are found" + (f" and {len(names)} are named" if names else ""),
            place=Place(file=picture.file.name),
            value=len(lanes),
        )
    return tuple(
        Lane(name=name, left=left, right=right) for name, (left, right) in zip(wanted, lanes, strict=True)
    )


def _above_ground(pixels: Floats) -> Floats:
    """What stands above the ground of each column beyond its noise: an opening over an eighth of the rows."""
    from scipy import ndimage

    smooth: Floats = ndimage.gaussian_filter(pixels, (2.0, 2.0))
    ground = ndimage.grey_opening(smooth, size=(max(9, pixels.shape[0] // 8), 1), mode="nearest")
    above: Floats = smooth - ground
    level = float(np.median(above)) + NOISE_TIMES * _spread(above)
    return np.where(above > level, above, 0.0)


def _spread(values: Floats) -> float:
    """Standard deviation by the median absolute deviation (P. J. Rousseeuw, C. Croux, JASA 88 (1993) 1273)."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def find_bands(picture: Picture, lane: Lane, *, dark: bool) -> tuple[FoundBand, ...]:
    """The bands of a lane from above; none where nothing stands out from the profile's noise."""
    from scipy import ndimage, signal

    raw: Floats = compute_signal(picture, dark=dark)[:, lane.left : lane.right].mean(axis=1)
    noise = _spread(np.diff(raw)) / np.sqrt(2)
    profile: Floats = ndimage.gaussian_filter1d(raw, 1.5)
    peaks, told = signal.find_peaks(profile, prominence=max(NOISE_TIMES * noise, 1e-9), width=SMALLEST_HEIGHT)
    rows = profile.size
    found = []
    for index, (row, width) in enumerate(zip(peaks, told["widths"], strict=True)):
        reach = REACH * float(width)
        top, bottom = max(0, round(row - reach)), min(rows, round(row + reach) + 1)
        if index:
            top = max(top, _valley(profile, int(peaks[index - 1]), int(row)))
        if index + 1 < len(peaks):
            bottom = min(bottom, _valley(profile, int(row), int(peaks[index + 1])))
        if bottom - top >= SMALLEST_HEIGHT:
            found.append(FoundBand(lane=lane, top=int(top), bottom=int(bottom), row=int(row)))
    return tuple(found)


def _valley(profile: Floats, above: int, below: int) -> int:
    return above + int(np.argmin(profile[above : below + 1]))
