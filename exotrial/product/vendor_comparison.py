"""What the instrument printed against what its own bins give under our rule, and why the two differ.

Every difference is explained or becomes a finding. The known reasons were found on real exports and are data here:
NTA 3.2.16 prints percentiles exactly 1.0 nm, one bin, below the bin-edge value; the ZetaView 8.06 prints medians
2.5 nm, half a bin, below it, as it takes each bin's centre for its upper edge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import Printed, Reading
from exotrial.product.assay_text import assay_finding
from exotrial.product.percentiles import RULE, SizeSummary, average_over_videos, summarise_videos
from exotrial.product.viscosity import compute_water_viscosity

_PERCENTILES: Final = ("D10", "D50", "D90")


@dataclass(frozen=True, kw_only=True)
class Offset:
    """A known rule of an instrument: its `names` are printed `nm` away from the bin-edge value."""

    instrument: str
    version: str
    names: tuple[str, ...]
    nm: float
    reason: str


OFFSETS: Final = (
    Offset(
        instrument="NanoSight",
        version="3.2.",
        names=_PERCENTILES,
        nm=-1.0,
        reason="NTA 3.2 prints percentiles one bin (1.0 nm) below the bin-edge rule",
    ),
    Offset(
        instrument="ZetaView",
        version="8.",
        names=("D50", "Median by concentration", "Median by volume"),
        nm=-2.5,
        reason="the ZetaView takes a bin's centre for its upper edge: half a bin (2.5 nm) below the bin-edge rule",
    ),
)


LARGEST_VISCOSITY_DIFFERENCE: Final = 0.005
"""Half a per cent: 0.5 nm in 100 nm. The NanoSight's water is 0.15 % from IAPWS, the ZetaView's 1.1 %."""

LARGEST_SCALING: Final = 0.005
"""Seen in NTA 3.2.16: up to 0.3 % between a printed concentration and the sum of its bins."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One printed number beside ours, both in `unit`; `explained` is False where no known reason accounts for it."""

    name: str
    video: str
    vendor: Printed
    ours: float
    unit: str
    reason: str
    explained: bool

    @property
    def difference(self) -> float:
        """Vendor less ours."""
        return self.vendor.value - self.ours


def compare_with_vendor(reading: Reading) -> tuple[Comparison, ...]:
    """Every printed size and concentration of a reading beside the value from its first distribution's bins.

    "Average" is compared with the average of the videos' own values, as the instruments print it. A video without
    particles has nothing to compare and is left out.
    """
    if not reading.distributions:
        return ()
    distribution = reading.distributions[0]
    summaries = summarise_videos(distribution)
    names = [video.name for video in distribution.videos]
    by_video = {name: summary for name, summary in zip(names, summaries, strict=True) if summary is not None}
    step_nm = float(distribution.edges_nm[1] - distribution.edges_nm[0])
    found = []
    for printed in reading.printed:
        if printed.name not in _OURS or (
            printed.name == "Concentration" and distribution.unit != printed.unit
        ):
            continue
        ours = _compute_ours(printed, by_video, alone=len(names) == 1)
        if ours is not None:
            reason, explained = _explain(printed, ours, step_nm, reading)
            found.append(
                Comparison(
                    name=printed.name,
                    video=printed.video,
                    vendor=printed,
                    ours=ours,
                    unit=printed.unit,
                    reason=reason,
                    explained=explained,
                )
            )
    return tuple(found)


def check_against_vendor(reading: Reading) -> list[Finding]:
    """A finding for each printed number that differs from ours without a known reason."""
    return list(_find_unexplained(compare_with_vendor(reading)))


def check_viscosity(reading: Reading) -> list[Finding]:
    """A finding where the viscosity that sized the particles is not that of water by IAPWS R12-08.

    More than `LARGEST_VISCOSITY_DIFFERENCE` apart: sizes of this instrument and of another are then not comparable
    before `viscosity.normalise_distribution` has brought both to one viscosity.
    """
    if not reading.distributions:
        return []
    distribution = reading.distributions[0]
    apart = [
        (video, video.viscosity_mpa_s / compute_water_viscosity(video.temperature_c) - 1)
        for video in distribution.videos
        if video.viscosity_mpa_s is not None
        and video.temperature_c is not None
        and 0 <= video.temperature_c <= 100
    ]
    far = [(video, ratio) for video, ratio in apart if abs(ratio) > LARGEST_VISCOSITY_DIFFERENCE]
    if not far:
        return []
    video, ratio = max(far, key=lambda pair: abs(pair[1]))
    return [
        assay_finding(
            "ASF-011",
            "viscosity",
            Severity.INFO,
            says=f"{video.name}: sized with {video.viscosity_mpa_s:g} mPa·s at {video.temperature_c:g} °C, "
            f"{ratio:+.1%} from water by IAPWS.",
            why="The diameter is inversely proportional to it: another instrument sizes the same particles otherwise.",
            settle="Normalise both to one viscosity before they are compared; say which medium it was if not water.",
            place=distribution.place,
        )
    ]


def _find_unexplained(comparisons: tuple[Comparison, ...]) -> Iterator[Finding]:
    for each in comparisons:
        if not each.explained:
            of = f" of {each.video}" if each.video else ""
            yield assay_finding(
                "ASF-010",
                f"{each.name}/{each.video}",
                Severity.ERROR,
                says=f"{each.name}{of} is printed as {each.vendor.text}; the bins give {each.ours:.4g} {each.unit}.",
                why="A number that its own table does not give was changed, or comes from other data.",
                settle=f"Export the file again; if it stays, ask the vendor how the number is made. Ours: {RULE}.",
                place=each.vendor.place,
            )


_OURS: Final[Mapping[str, Callable[[SizeSummary], float]]] = {
    "D10": lambda summary: summary.d10_nm,
    "D50": lambda summary: summary.d50_nm,
    "D90": lambda summary: summary.d90_nm,
    "Median by concentration": lambda summary: summary.d50_nm,
    "Median by volume": lambda summary: summary.volume_median_nm,
    "Mode": lambda summary: summary.mode_nm,
    "Mean": lambda summary: summary.mean_nm,
    "SD": lambda summary: summary.sd_nm,
    "Concentration": lambda summary: summary.total,
}


def _compute_ours(printed: Printed, by_video: dict[str, SizeSummary], *, alone: bool) -> float | None:
    take = _OURS[printed.name]
    if printed.video == "" and alone and by_video:
        return take(next(iter(by_video.values())))
    if printed.video in by_video:
        return take(by_video[printed.video])
    if printed.video in ("Average", "Standard Error") and by_video:
        average = average_over_videos([take(summary) for summary in by_video.values()])
        return average.mean if printed.video == "Average" else average.standard_error
    return None


def _explain(printed: Printed, ours: float, step_nm: float, reading: Reading) -> tuple[str, bool]:
    """Within what printing hides, or the rule of the instrument, or not explained."""
    digits = _half_a_digit(printed)
    if printed.unit == "nm":
        digits = max(digits, 0.01 * step_nm)  # what the rounding of the bins' values to four digits can move
    difference = printed.value - ours
    if abs(difference) <= digits:
        return "agrees within the digits printed", True
    if printed.video == "Standard Error":
        if abs(difference) <= 2 * digits + 0.15 * abs(ours):
            return "the instrument rounds each number before it takes the error", True
    elif printed.name == "Mode" and abs(difference) <= digits + step_nm / 2:
        return "the instrument interpolates the peak within its bin; ours is the bin's centre", True
    elif printed.name == "Concentration" and abs(difference) <= LARGEST_SCALING * abs(ours):
        return "the instrument's bins add up to its total within half a per cent only", True
    offset = _find_offset(printed, reading)
    if offset is not None and abs(difference - offset.nm) <= digits:
        return offset.reason, True
    return f"not explained ({RULE})", False


def _find_offset(printed: Printed, reading: Reading) -> Offset | None:
    if printed.video == "Standard Error":
        return None
    return next(
        (
            offset
            for offset in OFFSETS
            if offset.instrument == reading.instrument
            and f"{reading.version}.".startswith(offset.version)
            and printed.name in offset.names
        ),
        None,
    )


def _half_a_digit(printed: Printed) -> float:
    """Half of the last printed digit, plus a tenth of it for the rounding of the bins: 0.055 of 98.7.

    A spreadsheet drops a zero after the point (96.0 becomes 96), so sizes count as printed to 0.1 nm at the coarsest.
    """
    mantissa, _, power = printed.text.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    if printed.unit == "nm":
        digits = max(digits, 1)
    elif not power:
        significant = len(mantissa.replace(".", "").strip("-0")) or 1
        return 0.55 * abs(printed.value) / math.pow(10, significant - 1)
    return 0.55 * math.pow(10, int(power or 0) - digits)
