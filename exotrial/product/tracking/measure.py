"""From the frames of videos to a size distribution by number, with bands by bootstrap and everything it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile
from exotrial.product.percentiles import SizeSummary, compute_size_summary
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    Floats,
    SizeDistribution,
    Video,
    Weighting,
)
from exotrial.product.tracking.findings import check_range, find_doubts
from exotrial.product.tracking.frames import Frames
from exotrial.product.tracking.link import Tracks, link_positions
from exotrial.product.tracking.locate import locate_particles
from exotrial.product.tracking.settings import DriftCorrection, TrackingSettings
from exotrial.product.tracking.sizes import (
    SizeGrid,
    compute_grid,
    compute_log_likelihoods,
    compute_proportions,
    find_diameters,
)
from exotrial.product.tracking.tracks import (
    EnsembleFit,
    Steps,
    compute_drift,
    compute_localisation_variance,
    compute_steps,
    compute_stuck_localisation_error,
    fit_ensemble,
    subtract_drift,
)

NO_TRACKS = ErrorCode(
    "VID-005",
    "No particle of the video can be followed for long enough.",
    "check polarity, feature size and search radius against a frame of the video, or film a more dilute sample.",
)
SHORT_SEARCH = ErrorCode(
    "VID-007",
    "The search radius is too short to follow particles of the sizes looked for.",
    "give a longer search radius or larger sizes, or film faster or a more dilute sample.",
)
NO_SEED = ErrorCode(
    "VID-006", "The seed of the bootstrap is no whole number from 0.", "give a seed such as 1."
)

METHOD: Final = "exotrial particle tracking"
CROWDING: Final = 0.25
"""How many strangers may be expected within the search radius, where the radius is derived."""
LEAST_BINS: Final = 10
LOST: Final = 0.001
"""The share of steps of the smallest particle beyond the search radius, where the radius is derived."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackedVideo:
    """One video tracked: its tracks without drift, and what was found out on the way.

    `search_px` is the radius used; `drift_px` (frames, 2); `localisation_error_um` used,
    `localisation_variance_um2` what the tracks say of its square; `crowding` the strangers expected within the
    search radius; `announced_frame_time_s` what the file itself says.
    """

    source: SourceFile
    frames: int
    announced_frame_time_s: float | None
    features: int
    search_px: float
    crowding: float
    tracks: Tracks
    steps: Steps
    drift_px: Floats
    localisation_variance_um2: float
    localisation_error_um: float
    ensemble: EnsembleFit | None


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its 95 % bootstrap interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredSizes:
    """The distribution, its bands (bins,) at 2.5 and 97.5 %, the numbers of `compute_size_summary` with intervals.

    `diameters_nm` are of the single tracks, video by video, before deconvolution.
    """

    distribution: SizeDistribution
    low: Floats
    high: Floats
    summary: dict[str, Interval]
    diameters_nm: tuple[Floats, ...]
    videos: tuple[TrackedVideo, ...]
    settings: TrackingSettings
    seed: int


def track_video(
    frames: Frames, settings: TrackingSettings, *, progress: Callable[[int, int | None], None] | None = None
) -> TrackedVideo:
    """Locate, link and take off the drift. `progress` is told the frames done and announced. Refuses VID-003 to 005."""
    positions, shape = [], (0, 0)
    for frame in frames:
        shape = frame.shape
        positions.append(locate_particles(frame, settings))
        if progress is not None:
            progress(len(positions), frames.count)
    features = sum(len(each) for each in positions)
    place = Place(file=frames.source.name)
    if features == 0:
        raise NO_TRACKS.refuse(f"nothing was found in {len(positions)} frames", place=place, value=0)
    density = features / len(positions) / (shape[0] * shape[1])
    search = derive_search_px(settings, density=density) if settings.search_px is None else settings.search_px
    tracks = link_positions(positions, search_px=search, memory_frames=settings.memory_frames)
    drift = np.zeros((len(positions), 2))
    if settings.drift is DriftCorrection.MEAN_STEP:
        drift = compute_drift(tracks, frames=len(positions), window=settings.drift_frames)
        tracks = subtract_drift(tracks, drift)
    steps = compute_steps(tracks, pixel_size_um=settings.pixel_size_um, least_steps=settings.least_steps)
    if steps.tracks == 0:
        raise NO_TRACKS.refuse(
            f"{features} positions in {len(positions)} frames give no track of {settings.least_steps} steps",
            place=place,
            value=features,
        )
    if not len(steps.neighbours):
        raise NO_TRACKS.refuse("no two steps follow each other without a gap", place=place, value=features)
    variance = compute_localisation_variance(steps, settings)
    error = settings.localisation_error_um
    long = len(positions) > 12
    return TrackedVideo(
        source=frames.source,
        frames=len(positions),
        announced_frame_time_s=frames.frame_time_s,
        features=features,
        search_px=search,
        crowding=density * math.pi * search**2,
        tracks=tracks,
        steps=steps,
        drift_px=drift,
        localisation_variance_um2=variance,
        localisation_error_um=math.sqrt(max(variance, 0.0)) if error is None else error,
        ensemble=fit_ensemble(tracks, settings, first_lag=3, last_lag=12) if long else None,
    )


def measure_localisation_error(frames: Frames, settings: TrackingSettings) -> float:
    """The sd of a position along one axis in µm, from a video of beads stuck to the glass. Refuses VID-003 to 005.

    What all beads share, a stage that moves, is taken off; a bead that moves by half a feature is not stuck.
    """
    positions = [locate_particles(frame, settings) for frame in frames]
    tracks = link_positions(positions, search_px=settings.feature_px / 2, memory_frames=0)
    tracks = subtract_drift(tracks, compute_drift(tracks, frames=len(positions), window=1))
    if not np.any(np.bincount(tracks.track, minlength=1) > 1):
        raise NO_TRACKS.refuse(
            "no bead was seen in two frames", place=Place(file=frames.source.name), value=0
        )
    return compute_stuck_localisation_error(tracks, pixel_size_um=settings.pixel_size_um)


def derive_search_px(settings: TrackingSettings, *, density: float) -> float:
    """The radius that loses one step in 1,000 of the smallest size, or less where `density` per px² is high."""
    exposed = settings.frame_time_s - settings.exposure_s / 3
    msd = 4 * settings.diffusion_of_1_nm / settings.smallest_nm * exposed
    widest = math.sqrt(msd * math.log(1 / LOST)) / settings.pixel_size_um
    return min(widest, math.sqrt(CROWDING / (math.pi * density)))


def measure_sizes(
    videos: Sequence[TrackedVideo], settings: TrackingSettings, *, seed: int, dilution: Dilution | None = None
) -> MeasuredSizes:
    """One size distribution of videos of one sample; values are the particles in view in a frame, by size.

    A track counts by the frames it spans, since a small particle that leaves and returns makes many short tracks, and
    is divided by the share of its size that can be followed. The bootstrap draws videos, where there are several,
    and tracks within them. Refuses VID-006, VID-007.
    """
    if isinstance(seed, bool) or seed != int(seed) or seed < 0:
        raise NO_SEED.refuse(f"{seed} is no seed", value=seed)
    generator = np.random.Generator(np.random.PCG64(int(seed)))
    grid = _common_grid(videos, settings)
    columns, draws, sizes = [], [], []
    for video in videos:
        logs = compute_log_likelihoods(
            video.steps,
            grid.centres_nm,
            settings=settings,
            search_um=video.search_px * settings.pixel_size_um,
            localisation_error_um=video.localisation_error_um,
        )
        sizes.append(find_diameters(logs, grid.centres_nm))
        count = video.steps.tracks
        drawn = generator.multinomial(count, np.full(count, 1 / count), settings.resamples).T
        weights = video.steps.intervals[:, None] * np.column_stack([np.ones(count), drawn])
        shares = compute_proportions(
            logs, weights, iterations=settings.iterations, smoothing=settings.smoothing
        )
        numbers = shares * (weights.sum(axis=0) / (video.frames - 1)) / grid.followed[:, None]
        columns.append(numbers[:, 0])
        draws.append(numbers[:, 1:])
    distribution = SizeDistribution(
        edges_nm=grid.edges_nm,
        videos=tuple(
            Video(
                name=video.source.name,
                values=values,
                tracks=video.steps.tracks,
                temperature_c=settings.temperature_c,
                viscosity_mpa_s=settings.viscosity_mpa_s,
            )
            for video, values in zip(videos, columns, strict=True)
        ),
        weighting=Weighting.NUMBER,
        unit="particles",
        dilution=dilution or Dilution(state=DilutionState.NOT_RECORDED),
        instrument=METHOD,
        version="1",
        place=Place(file=videos[0].source.name),
    )
    resampled = _resample_videos(np.array(draws), generator)
    low, high = np.quantile(resampled, [0.025, 0.975], axis=1)
    return MeasuredSizes(
        distribution=distribution,
        low=low,
        high=high,
        summary=_summarise(distribution.mean_values, resampled, grid),
        diameters_nm=tuple(sizes),
        videos=tuple(videos),
        settings=settings,
        seed=int(seed),
    )


def check_tracking(measured: MeasuredSizes) -> tuple[Finding, ...]:
    """What in the videos puts the sizes in doubt."""
    values = measured.distribution.mean_values
    edges = measured.distribution.edges_nm
    last_share = float(values[-3:].sum() / values.sum())
    wide = check_range(last_share, largest_nm=float(edges[-1]))
    return wide + tuple(
        finding
        for video, sizes in zip(measured.videos, measured.diameters_nm, strict=True)
        for finding in find_doubts(
            name=video.source.name,
            crowding=video.crowding,
            announced_frame_time_s=video.announced_frame_time_s,
            frame_time_s=measured.settings.frame_time_s,
            variance_um2=video.localisation_variance_um2,
            given_error_um=measured.settings.localisation_error_um,
            ensemble_nm=(
                measured.settings.diffusion_of_1_nm / video.ensemble.diffusion_um2_s
                if video.ensemble is not None and video.ensemble.diffusion_um2_s > 0
                else None
            ),
            tracks_nm=float(np.sum(video.steps.intervals) / np.sum(video.steps.intervals / sizes)),
            tracks=video.steps.tracks,
            smallest_nm=float(measured.distribution.edges_nm[0]),
            wanted_nm=measured.settings.smallest_nm,
        )
    )


def _common_grid(videos: Sequence[TrackedVideo], settings: TrackingSettings) -> SizeGrid:
    """The grid of the shortest search radius: a size that one video cannot follow is told of none."""
    grids = [
        compute_grid(
            settings,
            search_um=video.search_px * settings.pixel_size_um,
            localisation_error_um=video.localisation_error_um,
        )
        for video in videos
    ]
    shortest = min(grids, key=lambda grid: len(grid.centres_nm))
    if len(shortest.centres_nm) < LEAST_BINS:
        video = videos[grids.index(shortest)]
        raise SHORT_SEARCH.refuse(
            f"within {video.search_px:.3g} px hardly any size up to {settings.largest_nm:g} nm can be followed",
            place=Place(file=video.source.name),
            value=video.search_px,
        )
    return shortest


def _resample_videos(draws: Floats, generator: np.random.Generator) -> Floats:
    """(videos, bins, resamples) -> (bins, resamples): the mean over as many videos drawn with replacement."""
    videos, _, resamples = draws.shape
    chosen = generator.integers(0, videos, (videos, resamples))
    mean: Floats = np.mean([draws[chosen[k], :, np.arange(resamples)].T for k in range(videos)], axis=0)
    return mean


def _summarise(values: Floats, resampled: Floats, grid: SizeGrid) -> dict[str, Interval]:
    names = ("d10_nm", "d50_nm", "d90_nm", "span", "mode_nm", "mean_nm", "sd_nm", "total")
    told: SizeSummary = compute_size_summary(values, edges_nm=grid.edges_nm)
    again = [compute_size_summary(column, edges_nm=grid.edges_nm) for column in resampled.T]
    found = {}
    for name in names:
        low, high = np.quantile([getattr(each, name) for each in again], [0.025, 0.975])
        found[name] = Interval(estimate=getattr(told, name), low=float(low), high=float(high))
    return found
