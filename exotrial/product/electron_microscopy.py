"""Vesicles in an electron micrograph: outlines, diameters in nm, and a size distribution of what is counted.

Outlines: the ground is taken away (Gaussian blur much wider than a vesicle), a threshold set (N. Otsu, IEEE Trans.
Syst. Man Cybern. 9 (1979) 62), touching vesicles parted by a watershed over the distance to the outline. The diameter
is that of the circle of equal area. Vesicles that the picture's edge cuts are counted and not measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.blot import Mark
from exotrial.product.picture import Picture
from exotrial.product.picture_scale import NO_SCALE, Scale
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    Floats,
    SizeDistribution,
    Video,
    Weighting,
)

NOT_MEASURABLE = ErrorCode(
    "TEM-001",
    "Vesicles of the sizes looked for cannot be outlined at the picture's scale.",
    "take a picture whose pixel is at most an eighth of the smallest vesicle looked for, and that holds the largest.",
)
BAD_EDIT = ErrorCode(
    "TEM-002",
    "A mark on a micrograph names no vesicle, one twice, or lies outside the picture.",
    "name a vesicle by its number, each once, and add vesicles whose outline lies inside the picture.",
)
NO_VESICLES = ErrorCode(
    "TEM-003",
    "No vesicle is counted, so there is no size distribution.",
    "look at the picture: another field, other sizes looked for, or the other sign of contrast.",
)
TWO_SCALES = ErrorCode(
    "TEM-004",
    "A scale is stated that is not the one in the file.",
    "leave out the stated scale, or find out which of the two is right and say where it is read from.",
)

SMALLEST_PX: Final = 8.0
"""Diameter in pixels below which the outline of a disc is too coarse for its area."""

FAINTEST: Final = 3.0
"""How far a vesicle's mean stands from the ground, in standard deviations of the ground after smoothing."""


@dataclass(frozen=True, kw_only=True)
class Vesicle:
    """One outline: its number, centre in pixels, equal-area diameter; `mark` where a person drew it.

    `outline` are the points (row, column) around it, none where a person drew a circle.
    """

    number: int
    row: float
    column: float
    diameter_nm: float
    mark: Mark | None = None
    outline: tuple[tuple[float, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A person's change: remove vesicle `number`, or with `added` draw one (its number is given anew)."""

    mark: Mark
    number: int | None = None
    added: Vesicle | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.added is None):
            raise BAD_EDIT.refuse("a mark removes one vesicle or adds one")


@dataclass(frozen=True, kw_only=True)
class CountedVesicles:
    """What was counted: `vesicles` whole in the picture, `cut` by its edge, `removed` by hand, with every `edits`."""

    vesicles: tuple[Vesicle, ...]
    cut: int
    scale: Scale
    rows: int
    columns: int
    picture: Picture
    removed: tuple[Vesicle, ...] = ()
    edits: tuple[Edit, ...] = ()


def find_vesicles(
    picture: Picture,
    *,
    smallest_nm: float,
    largest_nm: float,
    dark: bool,
    stated_scale: Scale | None = None,
) -> CountedVesicles:
    """Outline the vesicles between two diameters; `dark` says that they are darker than the ground.

    Refuses a picture without scale (TEM-004 where the stated one differs from the file's by more than 0.1 %) and sizes
    that the picture cannot show (TEM-001).
    """
    from scipy import ndimage
    from skimage import feature, filters, measure, segmentation

    scale = _choose_scale(picture, stated_scale)
    smallest, largest = smallest_nm / scale.nm_per_pixel, largest_nm / scale.nm_per_pixel
    rows, columns = picture.pixels.shape
    if not SMALLEST_PX <= smallest < largest <= min(rows, columns) / 2:
        raise NOT_MEASURABLE.refuse(
            f"{smallest_nm} to {largest_nm} nm are {smallest:.3g} to {largest:.3g} pixels of a picture of "
            f"{rows} x {columns}",
            place=Place(file=picture.file.name),
        )
    pixels: Floats = picture.pixels.astype(np.float64) * (-1 if dark else 1)
    smooth = filters.gaussian(pixels, sigma=smallest / 8, preserve_range=True)
    flat: Floats = smooth - _blur_widely(pixels, sigma=2 * largest)
    level = float(filters.threshold_otsu(flat))
    ground = flat[flat <= level]
    middle = float(np.median(ground))
    noise = 1.4826 * float(np.median(np.abs(ground - middle)))
    filled = ndimage.binary_fill_holes(flat > level)
    depth: Floats = filters.gaussian(
        ndimage.distance_transform_edt(filled), sigma=smallest / 8, preserve_range=True
    )
    regions, _ = ndimage.label(filled)
    peaks = feature.peak_local_max(
        depth, min_distance=max(1, int(smallest / 2)), labels=regions, exclude_border=False
    )
    seeds = np.zeros(pixels.shape, dtype=np.int64)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    outlined = segmentation.watershed(-depth, seeds, mask=filled)
    whole, cut = [], 0
    for region in measure.regionprops(outlined, intensity_image=flat):
        diameter = 2 * math.sqrt(region.area / math.pi)
        if region.intensity_mean - middle < FAINTEST * noise or diameter > largest:
            continue
        top, left, bottom, right = region.bbox
        if top == 0 or left == 0 or bottom == rows or right == columns:
            cut += 1
        elif diameter >= smallest:
            whole.append((*region.centroid, diameter * scale.nm_per_pixel, _outline(region)))
    vesicles = tuple(
        Vesicle(number=number, row=float(row), column=float(column), diameter_nm=float(size), outline=outline)
        for number, (row, column, size, outline) in enumerate(sorted(whole), start=1)
    )
    return CountedVesicles(
        vesicles=vesicles, cut=cut, scale=scale, rows=rows, columns=columns, picture=picture
    )


def _blur_widely(pixels: Floats, *, sigma: float) -> Floats:
    """A Gaussian blur far wider than a pixel, over means of squares of a sixteenth of its width, which is quick."""
    import cv2
    from scipy import ndimage

    rows, columns = pixels.shape
    step = max(1, int(sigma / 16))
    small = (max(1, round(columns / step)), max(1, round(rows / step)))
    means = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    blurred = ndimage.gaussian_filter(
        means, (sigma * small[1] / rows, sigma * small[0] / columns), mode="nearest"
    )
    wide: Floats = cv2.resize(blurred, (columns, rows), interpolation=cv2.INTER_LINEAR).astype(np.float64)
    return wide


def _outline(region: Any) -> tuple[tuple[float, float], ...]:
    """At most 48 points around a region, in pixels of the picture."""
    from skimage import measure

    around = max(measure.find_contours(np.pad(region.image, 1).astype(float), 0.5), key=len)
    step = -(-len(around) // 48)
    top, left = region.bbox[:2]
    return tuple((float(row) - 1 + top, float(column) - 1 + left) for row, column in around[::step])


def _choose_scale(picture: Picture, stated: Scale | None) -> Scale:
    place = Place(file=picture.file.name)
    written = picture.scale
    if written is None:
        if stated is None:
            raise NO_SCALE.refuse("it carries no scale of the specimen", place=place)
        return stated
    if stated is not None and abs(stated.nm_per_pixel - written.nm_per_pixel) > 0.001 * written.nm_per_pixel:
        raise TWO_SCALES.refuse(
            f"{stated.nm_per_pixel:g} nm per pixel is stated ({stated.read_from}), the file has "
            f"{written.nm_per_pixel:g}",
            place=place,
            value=stated.nm_per_pixel,
        )
    return written


def apply_edits(counted: CountedVesicles, edits: Sequence[Edit]) -> CountedVesicles:
    """Remove and add vesicles by hand; what is removed stays told, what is added carries its mark (TEM-002)."""
    kept = {vesicle.number: vesicle for vesicle in counted.vesicles}
    removed = list(counted.removed)
    number = max([*kept, *(vesicle.number for vesicle in removed)], default=0)
    place = Place(file=counted.picture.file.name)
    for edit in edits:
        if edit.number is not None:
            if edit.number not in kept:
                raise BAD_EDIT.refuse(f"there is no vesicle {edit.number}", place=place, value=edit.number)
            removed.append(kept.pop(edit.number))
        elif edit.added is not None:
            radius = edit.added.diameter_nm / counted.scale.nm_per_pixel / 2
            row, column = edit.added.row, edit.added.column
            inside = radius <= row <= counted.rows - radius and radius <= column <= counted.columns - radius
            if not (radius > 0 and inside):
                raise BAD_EDIT.refuse("a vesicle is added that is not inside the picture", place=place)
            number += 1
            kept[number] = Vesicle(
                number=number,
                row=row,
                column=column,
                diameter_nm=edit.added.diameter_nm,
                mark=edit.mark,
            )
    return CountedVesicles(
        vesicles=tuple(kept.values()),
        cut=counted.cut,
        scale=counted.scale,
        rows=counted.rows,
        columns=counted.columns,
        picture=counted.picture,
        removed=tuple(removed),
        edits=(*counted.edits, *edits),
    )


def compute_sizes(counted: CountedVesicles, *, width_nm: float) -> SizeDistribution:
    """The counted diameters over bins of `width_nm`, by number, as particles; TEM-003 where none is counted."""
    place = Place(file=counted.picture.file.name)
    sizes = np.array([vesicle.diameter_nm for vesicle in counted.vesicles])
    if not sizes.size:
        raise NO_VESICLES.refuse("no vesicle is counted", place=place)
    first, last = math.floor(sizes.min() / width_nm), math.floor(sizes.max() / width_nm) + 1
    edges: Floats = width_nm * np.arange(first, last + 1, dtype=np.float64)
    values = np.histogram(sizes, bins=edges)[0].astype(np.float64)
    flags = [f"{counted.cut} vesicles cut by the edge are not measured"] if counted.cut else []
    flags += [f"{len(counted.edits)} marks by hand"] if counted.edits else []
    return SizeDistribution(
        edges_nm=edges,
        videos=(Video(name=counted.picture.file.name, values=values, tracks=int(sizes.size)),),
        weighting=Weighting.NUMBER,
        unit="particles",
        dilution=Dilution(state=DilutionState.NOT_RECORDED),
        instrument="electron microscope",
        version=counted.picture.software,
        place=place,
        flags=tuple(flags),
    )
