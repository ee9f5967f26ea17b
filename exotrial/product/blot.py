"""Western blot: bands that a person marked, their densitometry above local ground, and which markers are present.

A band's net volume is its signal above the ground, and the ground is one of two, always named: the straight line
between the rows just above and below the band in its own lane, or a disc rolled under the lane's profile, which is an
opening by the disc (S. R. Sternberg, Computer 16 (1983) 22; here in one dimension). Whether it is
more than the lane's ground makes by itself is judged by blank windows of the same height elsewhere in the lane: the
critical level and the detection limit of L. A. Currie, Anal. Chem. 40 (1968) 586, with Student's t for few blanks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.picture import Picture, compute_saturated, compute_signal
from exotrial.product.size_distribution import Floats

BAD_MARK = ErrorCode(
    "BLT-001",
    "A mark on a blot lies outside the picture, has no extent, or does not say who marked it, when and why.",
    "mark the rows and columns inside the picture, with the person, the time with its zone and the reason.",
)
SATURATED = ErrorCode(
    "BLT-002",
    "A band holds saturated pixels and is not quantified.",
    "expose for a shorter time and export the picture at its full depth.",
)
NO_BLANKS = ErrorCode(
    "BLT-003",
    "A lane has too little ground beside its bands to tell a band from the ground.",
    "export the picture uncropped: the lane needs five windows of the band's height without a band.",
)
BAND_TWICE = ErrorCode(
    "BLT-004",
    "A marker has several bands in one lane, or is expected both present and absent.",
    "mark one band for each marker and lane, and expect each marker once.",
)
NO_NOISE = ErrorCode(
    "BLT-005",
    "The ground of a lane is clipped or has no noise, so nothing tells a band from it.",
    "export the picture as the imager took it, without adjusting black, white or contrast.",
)

BAD_DISC = ErrorCode(
    "BLT-006",
    "The disc that is rolled under a lane does not fit its bands or the picture.",
    "give a radius of at least the rows of the highest band, and at most half the rows of the picture.",
)

POSITIVE: Final = ("CD9", "CD81", "flotillin-2")
"""The markers of vesicles that the issue's trials show; a study may ask for others."""

FEWEST_BLANKS: Final = 5
MOST_CLIPPED: Final = 0.05
"""Share of the free pixels of a lane that may be without any signal."""
SMALLEST_HEIGHT: Final = 3
DISC_HEIGHT: Final = 0.02
"""Of the span of the profile: flat enough not to rise into a band, round enough to follow the ground."""


class Ground(StrEnum):
    """What is taken away as the ground under a band."""

    LOCAL_LINE = "local line"
    ROLLING_DISC = "rolling disc"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Who marked something on a picture by hand, when (with a zone) and why."""

    who: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.reason.strip():
            raise BAD_MARK.refuse("a mark does not say who made it or why")
        if self.at.tzinfo is None:
            raise BAD_MARK.refuse(f"the time {self.at} of a mark has no zone", value=self.at)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A band or the place where it would be: rows `top` to `bottom`, columns `left` to `right`, ends excluded, px."""

    marker: str
    lane: str
    top: int
    bottom: int
    left: int
    right: int
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class Densitometry:
    """A band's net `volume` (grey value times px) with the critical level and detection limit of its lane.

    `blanks` is how many windows without a band the two rest on.
    """

    band: Band
    volume: float
    critical: float
    detection_limit: float
    blanks: int

    @property
    def detected(self) -> bool:
        """Whether the volume is above the critical level."""
        return self.volume > self.critical


def compute_densitometry(
    picture: Picture,
    bands: Sequence[Band],
    *,
    dark: bool,
    ground: Ground = Ground.LOCAL_LINE,
    radius_px: int = 0,
    only: Sequence[Band] | None = None,
) -> tuple[Densitometry, ...]:
    """Measure every band; `dark` says that bands are darker than the membrane.

    A rolling disc has a radius of `radius_px` rows. With `only`, those are measured and the rest of `bands` tell where
    the ground is not. Refuses a mark outside the picture (BLT-001), a band with a saturated pixel (BLT-002), a lane
    with less than five blank windows (BLT-003), a marker marked twice in a lane (BLT-004), a clipped ground (BLT-005)
    and a disc that does not fit (BLT-006).
    """
    if len({(band.marker, band.lane) for band in bands}) < len(bands):
        raise BAND_TWICE.refuse("a marker has several bands in one lane", place=Place(file=picture.file.name))
    for band in bands:
        _check_band(picture, band)
    radius = _check_radius(picture, radius_px, bands) if ground is Ground.ROLLING_DISC else None
    signal, full = compute_signal(picture, dark=dark), compute_saturated(picture, dark=dark)
    measured = []
    for band in bands if only is None else only:
        count = int(full[band.top : band.bottom, band.left : band.right].sum())
        if count:
            raise SATURATED.refuse(
                f"{band.marker} in lane {band.lane} holds {count} saturated pixels",
                place=_place(picture, band),
                value=count,
            )
        measured.append(_measure(picture, signal, band, bands, disc=radius))
    return tuple(measured)


def _check_band(picture: Picture, band: Band) -> None:
    rows, columns = picture.pixels.shape
    inside = 0 <= band.top < band.bottom <= rows and 0 <= band.left < band.right <= columns
    if not inside or band.bottom - band.top < SMALLEST_HEIGHT:
        raise BAD_MARK.refuse(
            f"{band.marker} in lane {band.lane} is marked at rows {band.top} to {band.bottom}, columns {band.left} to "
            f"{band.right} of a picture of {rows} x {columns}; a band has at least {SMALLEST_HEIGHT} rows",
            place=_place(picture, band),
        )


def _check_radius(picture: Picture, radius_px: int, bands: Sequence[Band]) -> int:
    """A disc narrower than a band is high would roll into it and take the band for ground."""
    rows = picture.pixels.shape[0]
    highest = max((band.bottom - band.top for band in bands), default=0)
    if not highest <= radius_px <= rows / 2:
        raise BAD_DISC.refuse(
            f"a disc of {radius_px} rows is rolled under bands of up to {highest} rows in a picture of {rows}",
            place=Place(file=picture.file.name),
            value=radius_px,
        )
    return radius_px


def compute_rolled(profile: Floats, *, radius_px: int) -> Floats:
    """The ground under a profile: its opening by a disc of this radius, a fiftieth as high as the profile spans.

    Sternberg (1983). The height follows the profile so that the answer does not depend on the camera's depth. Before,
    the profile is laid level by the line through a first opening: on a slope a disc bulges into the bands.
    """
    from scipy import ndimage

    across = np.arange(-radius_px, radius_px + 1) / radius_px
    disc: Floats = DISC_HEIGHT * float(np.ptp(profile)) * np.sqrt(np.clip(1 - across**2, 0, None))
    rows = np.arange(profile.size)
    first = ndimage.grey_opening(profile, structure=disc, mode="nearest")
    tilt: Floats = np.polynomial.Polynomial.fit(rows, first, 1)(rows)
    rolled: Floats = ndimage.grey_opening(profile - tilt, structure=disc, mode="nearest")
    return rolled + tilt


def compute_profile(picture: Picture, *, left: int, right: int, dark: bool) -> Floats:
    """The mean signal of columns `left` to `right` in each row, as figures show it."""
    profile: Floats = compute_signal(picture, dark=dark)[:, left:right].mean(axis=1)
    return profile


def compute_flanks(profile: Floats, *, top: int, bottom: int) -> tuple[int, float, float] | None:
    """Rows of ground beside a band, and its mean above and below; None where the picture ends before."""
    flank = max(SMALLEST_HEIGHT, (bottom - top) // 2)
    if top < flank or bottom + flank > profile.size:
        return None
    return flank, float(profile[top - flank : top].mean()), float(profile[bottom : bottom + flank].mean())


def _measure(
    picture: Picture, signal: Floats, band: Band, bands: Sequence[Band], *, disc: int | None
) -> Densitometry:
    profile: Floats = signal[:, band.left : band.right].sum(axis=1)
    height = band.bottom - band.top
    flank = max(SMALLEST_HEIGHT, height // 2) if disc is None else 0
    if disc is not None:
        profile = profile - compute_rolled(profile, radius_px=disc)
    taken = np.zeros(profile.size, dtype=bool)
    for other in bands:
        if other.left < band.right and band.left < other.right:
            taken[other.top : other.bottom] = True
    clipped = float(np.mean(signal[~taken, band.left : band.right] <= 0)) if not taken.all() else 0.0
    around = taken.copy()
    around[band.top : band.bottom] = False
    reach = slice(band.top - flank, band.bottom + flank)
    if reach.start < 0 or reach.stop > profile.size or around[reach].any():
        raise NO_BLANKS.refuse(
            f"{band.marker} in lane {band.lane} has no {flank} free rows above and below",
            place=_place(picture, band),
        )
    nets = []
    top = flank
    while top + height + flank <= profile.size:
        if taken[top - flank : top + height + flank].any():
            top += 1
            continue
        nets.append(_net(profile, top, top + height, flank))
        top += height
    if len(nets) < FEWEST_BLANKS:
        raise NO_BLANKS.refuse(
            f"lane {band.lane} has {len(nets)} blank windows of {height} rows for {band.marker}",
            place=_place(picture, band),
            value=len(nets),
        )
    if clipped > MOST_CLIPPED or np.ptp(nets) <= 1e-9 * float(np.abs(profile).max()):
        raise NO_NOISE.refuse(
            f"{clipped:.0%} of the ground of lane {band.lane} is without signal, or all of it is even",
            place=_place(picture, band),
            value=clipped,
        )
    critical = compute_critical(nets)
    mean = float(np.mean(nets))
    return Densitometry(
        band=band,
        volume=_net(profile, band.top, band.bottom, flank) - mean,
        critical=critical,
        detection_limit=2 * critical,
        blanks=len(nets),
    )


def _net(profile: Floats, top: int, bottom: int, flank: int) -> float:
    """Sum above the straight line through the ground above and below, of one length; of zero, the sum itself."""
    if not flank:
        return float(profile[top:bottom].sum())
    ground = (profile[top - flank : top].mean() + profile[bottom : bottom + flank].mean()) / 2
    return float(profile[top:bottom].sum() - (bottom - top) * ground)


def compute_critical(blanks: Sequence[float]) -> float:
    """The net volume above the blanks' mean that a blank exceeds once in twenty: t(0.95, k - 1) s sqrt(1 + 1/k).

    Currie (1968), with Student's t for a standard deviation known from k blanks only; the detection limit is twice
    as much where both errors are 5 % and the noise does not grow with the signal.
    """
    from scipy.stats import t

    count = len(blanks)
    return float(t.ppf(0.95, count - 1) * np.std(blanks, ddof=1) * math.sqrt(1 + 1 / count))


def decide_markers(
    measured: Sequence[Densitometry],
    *,
    sample_lane: str,
    present: Sequence[str] = POSITIVE,
    absent: Sequence[str] = (),
    control_lane: str = "",
) -> dict[str, Verdict]:
    """One verdict a marker: is it present, or absent, in the lane of the vesicles?

    A marker that nobody marked is unknown. An absent one is only shown to be so where the lane of the cells
    (`control_lane`) shows that the antibody finds it; MISEV2023
    (Welsh et al., J. Extracell. Vesicles 13 (2024) e12404). A marker is expected once (BLT-004).
    """
    expected = [*present, *absent]
    if len(set(expected)) < len(expected):
        raise BAND_TWICE.refuse("a marker is expected more than once", value=", ".join(expected))
    found = {(each.band.marker, each.band.lane): each for each in measured}
    verdicts = {}
    for marker in present:
        each = found.get((marker, sample_lane))
        seen = None if each is None else each.detected
        reason = Reason(f"{marker} above the lane's ground", seen, _tell(each))
        verdicts[marker] = Verdict(f"Is {marker} present?", (reason,))
    for marker in absent:
        each, control = found.get((marker, sample_lane)), found.get((marker, control_lane))
        seen = None if each is None else not each.detected
        shown = True if control is not None and control.detected else None
        verdicts[marker] = Verdict(
            f"Is {marker} absent?",
            (
                Reason(f"{marker} not above the lane's ground", seen, _tell(each)),
                Reason(f"{marker} seen in the cells", shown, _tell(control)),
            ),
        )
    return verdicts


def _tell(each: Densitometry | None) -> str:
    if each is None:
        return "no band is marked for it in the lane"
    return (
        f"net volume {each.volume:.6g}, critical level {each.critical:.6g}, detection limit "
        f"{each.detection_limit:.6g} from {each.blanks} blank windows"
    )


_OF_CELLS: Final = ("actin", "gapdh", "tubulin")


def decide_loading_control(name: str) -> Verdict:
    """Does this loading control suit vesicles? Proteins that are constant in cells vary between vesicles.

    Actin, GAPDH and tubulin are refused, total protein on the membrane is accepted, of others it is not known.
    """
    plain = name.casefold()
    if any(protein in plain for protein in _OF_CELLS):
        holds, why = False, f"{name} is a protein of cells; its amount per vesicle is not constant"
    elif "total protein" in plain:
        holds, why = True, "the protein of the whole lane is measured, whatever the vesicles carry"
    else:
        holds, why = None, f"of {name} it is not known whether its amount per vesicle is constant"
    return Verdict("Does the loading control suit vesicles?", (Reason("constant in vesicles", holds, why),))


def _place(picture: Picture, band: Band) -> Place:
    return Place(file=picture.file.name, path=f"lane {band.lane}, {band.marker}")
