"""Particle concentration with its uncertainty: counting and videos, dilution, blank, detection limit, linearity.

Counting: the exact Poisson interval of Garwood 1936, Biometrika 28:437-442. Detection: Currie 1968, Anal Chem
40:586-593. Between videos: the t interval of their mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import scipy

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.percentiles import average_over_videos
from exotrial.product.size_distribution import Dilution, DilutionState, SizeDistribution, Weighting

NO_DILUTION = ErrorCode(
    "CNC-001",
    "A concentration of the sample is asked for, and its dilution is not recorded.",
    "state the dilution from the laboratory's record, signed by who made it, or measure again.",
)
NOT_A_COUNT = ErrorCode(
    "CNC-002",
    "A number of particles is not a count from 0 up.",
    "give the number of tracks as the file has it.",
)
NOT_A_LEVEL = ErrorCode(
    "CNC-003", "A level lies between 0 and 1.", "give a level like 0.95, or an error like 0.05."
)
NO_CONCENTRATION = ErrorCode(
    "CNC-004",
    "The distribution is not of concentrations, or tells no number of tracks.",
    "export the concentration with the number of tracks; a count without a volume is no concentration.",
)
BAD_SERIES = ErrorCode(
    "CNC-005",
    "A dilution series cannot show whether the concentration is linear.",
    "measure at least three different dilutions, each a factor from 1 up with a concentration above 0.",
)
NOT_COMPARABLE = ErrorCode(
    "CNC-006",
    "A blank and a sample were not measured alike, so one cannot be taken from the other.",
    "measure the blank with the settings and the number of videos of the sample, both as measured.",
)


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """Particles/mL of the sample before it was diluted, and its interval.

    `counting_se` is what counting `tracks` particles alone leaves open, `between_videos_se` what the videos scatter,
    None for a single video, whose interval says nothing about another one. `dispersion` is the ratio of the scatter
    found to the scatter that counting explains (variances, 1 where counting explains all), None for one video.
    """

    value: float
    low: float
    high: float
    level: float
    videos: int
    tracks: int
    counting_se: float
    between_videos_se: float | None
    dispersion: float | None

    @property
    def se(self) -> float:
        """The larger of the two: the videos' scatter contains the counting, which is the least it can be."""
        return max(self.counting_se, self.between_videos_se or 0.0)


@dataclass(frozen=True, kw_only=True)
class NetConcentration:
    """A sample less its blank in particles/mL: `detected` where the difference exceeds Currie's critical level."""

    value: float
    se: float
    critical_level: float
    detection_limit: float
    detected: bool


@dataclass(frozen=True, kw_only=True)
class DilutionStep:
    """One dilution of a series: the factor, and the concentration measured in the diluted sample (particles/mL)."""

    factor: float
    measured: float


@dataclass(frozen=True, kw_only=True)
class Linearity:
    """A series of dilutions: the slope of log measured on log dilute share, 1 where linear, with its interval.

    `recoveries` is each step's undiluted concentration over their geometric mean.
    """

    slope: float
    low: float
    high: float
    level: float
    undiluted: float
    recoveries: tuple[float, ...]


def compute_poisson_interval(count: int, *, level: float = 0.95) -> tuple[float, float]:
    """The exact (central) interval of the mean of a Poisson count (Garwood 1936). Refuses CNC-002, CNC-003."""
    if isinstance(count, bool) or count != int(count) or count < 0:
        raise NOT_A_COUNT.refuse(f"{count} is not a count", value=count)
    tail = (1 - _check_level(level)) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(scipy.stats.chi2.isf(tail, 2 * count + 2)) / 2


def compute_undiluted(value: float, dilution: Dilution, *, place: Place | None = None) -> float:
    """A value of the sample before dilution, from one of the file. Refuses CNC-001 where it is not recorded."""
    if dilution.factor is None:
        raise NO_DILUTION.refuse("the dilution is not recorded", place=place)
    return value if dilution.state is DilutionState.APPLIED else value * dilution.factor


def compute_concentration(
    distribution: SizeDistribution, *, level: float = 0.95, dilution: Dilution | None = None
) -> Concentration:
    """The concentration of the sample over all sizes, with counting and videos in its interval.

    The interval is the wider, at each end, of the exact Poisson interval of all tracks and the t interval of the
    videos' mean: few videos may agree better by chance than counting allows. `dilution` stands in for one that the
    file does not record, by who answers for it. Refuses CNC-001, CNC-003, and CNC-004 for counts or unknown tracks.
    """
    place = distribution.place
    problem = _why_no_concentration(distribution)
    if problem:
        raise NO_CONCENTRATION.refuse(problem, place=place, value=distribution.unit)
    stated = distribution.dilution
    if stated.state is DilutionState.NOT_RECORDED and dilution is not None:
        stated = dilution
    totals = [
        compute_undiluted(math.fsum(video.values.tolist()), stated, place=place)
        for video in distribution.videos
    ]
    tracks = sum(video.tracks or 0 for video in distribution.videos)
    average = average_over_videos(totals, place=place)
    lowest, highest = compute_poisson_interval(tracks, level=level)
    if tracks == 0:
        raise NO_CONCENTRATION.refuse(
            "no particle was tracked, so a track stands for no concentration",
            place=place,
            remedy="report the detection limit of the blank in place of a concentration of 0.",
        )
    per_track = average.mean / tracks
    counting_se = per_track * math.sqrt(tracks)
    low, high = per_track * lowest, per_track * highest
    dispersion = None
    if average.standard_error is not None:
        half = float(scipy.stats.t.isf((1 - level) / 2, average.videos - 1)) * average.standard_error
        low, high = min(low, max(average.mean - half, 0.0)), max(high, average.mean + half)
        dispersion = (average.standard_error / counting_se) ** 2
    return Concentration(
        value=average.mean,
        low=low,
        high=high,
        level=level,
        videos=average.videos,
        tracks=tracks,
        counting_se=counting_se,
        between_videos_se=average.standard_error,
        dispersion=dispersion,
    )


def scale_concentration(concentration: Concentration, factor: float) -> Concentration:
    """The same measurement times a factor: 1 / dilution gives what the instrument saw, for `subtract_blank`."""
    between = concentration.between_videos_se
    return replace(
        concentration,
        value=concentration.value * factor,
        low=concentration.low * factor,
        high=concentration.high * factor,
        counting_se=concentration.counting_se * factor,
        between_videos_se=None if between is None else between * factor,
    )


def compute_critical_level(blank: float, *, ratio: float = 1.0, alpha: float = 0.05) -> float:
    """Currie's L_C in counts: a net count above it is called a signal, wrongly with probability `alpha`.

    `blank` is the count expected of the blank during the sample's exposure, `ratio` the sample's exposure over the
    blank's (1 for a paired blank): L_C = z sqrt(B (1 + ratio)). Currie 1968, table II. Refuses CNC-002, CNC-003.
    """
    return _z(alpha) * _blank_sd(blank, ratio)


def compute_detection_limit(
    blank: float, *, ratio: float = 1.0, alpha: float = 0.05, beta: float = 0.05
) -> float:
    """Currie's L_D in counts: a true net count that is missed with probability `beta` only.

    L_D = L_C + z_beta sqrt(L_D + B (1 + ratio)), solved; with alpha = beta it is z² + 2 L_C. Refuses CNC-002, CNC-003.
    """
    critical, z = compute_critical_level(blank, ratio=ratio, alpha=alpha), _z(beta)
    variance = _blank_sd(blank, ratio) ** 2
    return critical + z * z / 2 + z * math.sqrt(critical + variance + z * z / 4)


def subtract_blank(
    sample: Concentration,
    blank: Concentration,
    *,
    place: Place | None = None,
    alpha: float = 0.05,
    beta: float = 0.05,
) -> NetConcentration:
    """A sample less the blank (diluent) measured alike, both as the instrument saw them, before any dilution factor.

    Counts decide about detection (Currie); the standard error is of the difference, each side with the larger of its
    counting and its videos' scatter. The concentration per track has to be that of one volume: refuses CNC-006 where
    the two differ by more than 5 %, or a number of videos differs.
    """
    per_track = sample.value / sample.tracks
    ratio = per_track / (blank.value / blank.tracks)
    if sample.videos != blank.videos or not 0.95 <= ratio <= 1.05:
        raise NOT_COMPARABLE.refuse(
            f"{sample.videos} videos with {per_track:.3g} particles/mL a track against {blank.videos} with "
            f"{blank.value / blank.tracks:.3g}",
            place=place,
            value=f"{ratio:.3f}",
        )
    net = sample.value - blank.value
    return NetConcentration(
        value=net,
        se=math.hypot(sample.se, blank.se),
        critical_level=compute_critical_level(blank.tracks, alpha=alpha) * per_track,
        detection_limit=compute_detection_limit(blank.tracks, alpha=alpha, beta=beta) * per_track,
        detected=net > compute_critical_level(blank.tracks, alpha=alpha) * per_track,
    )


def compute_linearity(steps: Sequence[DilutionStep], *, level: float = 0.95) -> Linearity:
    """Fit log(measured) = a + slope log(1 / factor) by least squares (Draper & Smith 1998, chapter 1).

    Coincidence in a crowded video makes the slope smaller than 1, a background that does not dilute makes it smaller
    too at the dilute end. Refuses CNC-003, CNC-005 for fewer than three different dilutions.
    """
    _check_level(level)
    factors = {step.factor for step in steps}
    if len(factors) < 3 or any(
        not (
            math.isfinite(step.measured)
            and step.measured > 0
            and math.isfinite(step.factor)
            and step.factor >= 1
        )
        for step in steps
    ):
        raise BAD_SERIES.refuse(f"{len(factors)} different dilutions", value=len(factors))
    x = [-math.log(step.factor) for step in steps]
    y = [math.log(step.measured) for step in steps]
    fitted = scipy.stats.linregress(x, y)
    half = float(scipy.stats.t.isf((1 - level) / 2, len(steps) - 2)) * float(fitted.stderr)
    undiluted = [step.factor * step.measured for step in steps]
    centre = math.exp(math.fsum(math.log(value) for value in undiluted) / len(undiluted))
    return Linearity(
        slope=float(fitted.slope),
        low=float(fitted.slope) - half,
        high=float(fitted.slope) + half,
        level=level,
        undiluted=centre,
        recoveries=tuple(value / centre for value in undiluted),
    )


def decide_linearity(
    linearity: Linearity, *, recovery: tuple[float, float], slope: tuple[float, float]
) -> Verdict:
    """Whether a series is linear within limits of the laboratory: every recovery, and the whole interval of the slope.

    An interval that only contains 1 proves nothing: it has to lie between the limits.
    """
    worst = max(linearity.recoveries, key=lambda share: abs(math.log(share)))
    low, high = recovery
    return Verdict(
        question="Is the concentration linear over the dilutions?",
        reasons=(
            Reason(
                criterion=f"every recovery between {low:.0%} and {high:.0%}",
                holds=all(low <= share <= high for share in linearity.recoveries),
                why=f"the farthest is {worst:.1%}",
            ),
            Reason(
                criterion=f"the slope's interval between {slope[0]:g} and {slope[1]:g}",
                holds=slope[0] <= linearity.low and linearity.high <= slope[1],
                why=f"slope {linearity.slope:.3f}, {linearity.level:.0%} interval "
                f"{linearity.low:.3f} to {linearity.high:.3f}",
            ),
        ),
    )


def _why_no_concentration(distribution: SizeDistribution) -> str:
    if distribution.unit != "particles/mL":
        return f"it holds {distribution.unit}"
    if distribution.weighting is not Weighting.NUMBER:
        return f"it is weighted by {distribution.weighting.value}"
    if any(video.tracks is None for video in distribution.videos):
        return "a video does not tell its number of tracks"
    return ""


def _check_level(level: float) -> float:
    if not 0 < level < 1:
        raise NOT_A_LEVEL.refuse(f"{level:g} is no level", value=level)
    return level


def _z(error: float) -> float:
    return float(scipy.stats.norm.isf(_check_level(error)))


def _blank_sd(blank: float, ratio: float) -> float:
    if not (math.isfinite(blank) and blank >= 0 and math.isfinite(ratio) and ratio > 0):
        raise NOT_A_COUNT.refuse(f"a blank of {blank:g} over a ratio of {ratio:g}", value=blank)
    return math.sqrt(blank * (1 + ratio))
