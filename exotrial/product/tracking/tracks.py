"""What is computed from tracks before sizes: drift, steps, mean-squared displacement, localisation error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.product.size_distribution import Floats
from exotrial.product.tracking.link import Tracks
from exotrial.product.tracking.motion import compute_msd_relative_variance, solve_covariance
from exotrial.product.tracking.settings import TrackingSettings


def compute_drift(tracks: Tracks, *, frames: int, window: int) -> Floats:
    """The drift of each frame since the first, (frames, 2) in pixels: the mean step of all particles, cumulated.

    The mean steps are averaged over `window` frames, weighted by their particles, so that the Brownian motion of a
    few particles is not taken for drift.
    """
    follows = (np.diff(tracks.track) == 0) & (np.diff(tracks.frame) == 1)
    at = tracks.frame[1:][follows]
    count = np.bincount(at, minlength=frames).astype(np.float64)
    box = np.ones(window)
    weight = (
        np.convolve(count, box, mode="same")[:frames] if frames >= window else np.full(frames, count.sum())
    )
    drift = np.zeros((frames, 2))
    for axis, place in enumerate((tracks.x_px, tracks.y_px)):
        total = np.bincount(at, weights=np.diff(place)[follows], minlength=frames)
        summed = (
            np.convolve(total, box, mode="same")[:frames]
            if frames >= window
            else np.full(frames, total.sum())
        )
        drift[:, axis] = np.cumsum(np.divide(summed, weight, out=np.zeros(frames), where=weight > 0))
    return drift


def subtract_drift(tracks: Tracks, drift: Floats) -> Tracks:
    """The tracks without the drift (frames, 2)."""
    return Tracks(
        track=tracks.track,
        frame=tracks.frame,
        x_px=tracks.x_px - drift[tracks.frame, 0],
        y_px=tracks.y_px - drift[tracks.frame, 1],
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """The steps of the tracks that are long enough: step k belongs to the track whose `start` is the last before k.

    `x_um`, `y_um`, and `gap`, in frames, are (steps,); `start` (tracks + 1,) bounds the steps of each track.
    """

    x_um: Floats
    y_um: Floats
    gap: NDArray[np.int64]
    start: NDArray[np.int64]

    @property
    def tracks(self) -> int:
        return len(self.start) - 1

    @property
    def intervals(self) -> Floats:
        """How many frames each track spans, first to last (tracks,)."""
        total: Floats = np.add.reduceat(self.gap, self.start[:-1]).astype(np.float64)
        return total

    @property
    def neighbours(self) -> NDArray[np.int64]:
        """The steps that follow another of their track, both without a gap."""
        inner = np.ones(len(self.gap), dtype=bool)
        inner[self.start[:-1]] = False
        return np.flatnonzero(inner & (self.gap == 1) & (np.roll(self.gap, 1) == 1))


def compute_steps(tracks: Tracks, *, pixel_size_um: float, least_steps: int) -> Steps:
    """The steps of every track with at least `least_steps` of them."""
    lengths = np.bincount(tracks.track) if len(tracks.track) else np.empty(0, np.int64)
    same = np.diff(tracks.track) == 0
    kept = same & (lengths[tracks.track[1:]] > least_steps)
    counts = lengths[lengths > least_steps] - 1
    return Steps(
        x_um=np.diff(tracks.x_px)[kept] * pixel_size_um,
        y_um=np.diff(tracks.y_px)[kept] * pixel_size_um,
        gap=np.diff(tracks.frame)[kept],
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def compute_localisation_variance(steps: Steps, settings: TrackingSettings) -> float:
    """s² in µm² of one axis, pooled over all tracks by the covariance of neighbouring steps; may be negative.

    The estimate is linear in the steps' products, so particles of different sizes may be pooled.
    """
    after = steps.neighbours
    if not len(after):
        raise ValueError("no two steps follow each other without a gap")
    estimates = []
    for axis in (steps.x_um, steps.y_um):
        found = solve_covariance(
            float(np.mean((axis[after] ** 2 + axis[after - 1] ** 2) / 2)),
            float(np.mean(axis[after] * axis[after - 1])),
            frame_time_s=settings.frame_time_s,
            exposure_s=settings.exposure_s,
        )
        estimates.append(found.localisation_variance_um2)
    return float(np.mean(estimates))


def compute_stuck_localisation_error(tracks: Tracks, *, pixel_size_um: float) -> float:
    """s in µm of one axis from particles stuck to the glass: the scatter about each track's mean.

    The common motion of all (a stage that drifts) must be subtracted before. Tracks of one position tell nothing.
    """
    counts = np.bincount(tracks.track)
    inverse = np.divide(1.0, counts, out=np.zeros(len(counts)), where=counts > 0)
    squares = 0.0
    for place in (tracks.x_px, tracks.y_px):
        mean = np.bincount(tracks.track, weights=place) * inverse
        squares += float(np.sum((place - mean[tracks.track]) ** 2))
    freedom = 2 * int(np.sum(np.maximum(counts - 1, 0)))
    if freedom == 0:
        raise ValueError("no particle was seen twice")
    return float(np.sqrt(squares / freedom)) * pixel_size_um


@dataclass(frozen=True, kw_only=True, eq=False)
class EnsembleFit:
    """The line through the mean MSD over lags: D in µm²/s and s² in µm² of one axis, which may be negative."""

    lags: tuple[int, ...]
    msd_um2: tuple[float, ...]
    diffusion_um2_s: float
    localisation_variance_um2: float


def fit_ensemble(
    tracks: Tracks, settings: TrackingSettings, *, first_lag: int, last_lag: int
) -> EnsembleFit | None:
    """Fit MSD = 4 D (tau - t_E / 3) + 4 s² to the mean over all tracks at `first_lag` to `last_lag`, both free.

    Lags are weighted by Qian, Sheetz & Elson 1991 for tracks of the mean length. None where a lag has no pair.
    """
    found = []
    for lag in range(first_lag, last_lag + 1):
        squares = compute_squares(tracks, lag) * settings.pixel_size_um**2
        if not len(squares):
            return None
        found.append(float(np.mean(squares)))
    tau = np.arange(first_lag, last_lag + 1) * settings.frame_time_s
    counts = np.bincount(tracks.track)
    length = max(last_lag, round(float(np.mean(counts[counts > 1]))) - 1)
    sd = np.array(
        [
            m * compute_msd_relative_variance(length, lag) ** 0.5
            for m, lag in zip(found, range(first_lag, last_lag + 1), strict=True)
        ]
    )
    slope, intercept = np.polyfit(tau, np.array(found), 1, w=1 / sd)
    return EnsembleFit(
        lags=tuple(range(first_lag, last_lag + 1)),
        msd_um2=tuple(found),
        diffusion_um2_s=float(slope) / 4,
        localisation_variance_um2=float(intercept + slope * settings.exposure_s / 3) / 4,
    )


def compute_squares(tracks: Tracks, lag: int) -> Floats:
    """The squared displacements in px² over `lag` frames, of all overlapping intervals of all tracks."""
    # A position's key is unique; its partner's key is higher by the lag.
    frames = int(tracks.frame.max(initial=0)) + lag + 1
    key = tracks.track * frames + tracks.frame
    partner = np.searchsorted(key, key + lag)
    inside = partner < len(key)
    inside[inside] = key[partner[inside]] == key[inside] + lag
    x, y = tracks.x_px, tracks.y_px
    squares: Floats = (x[partner[inside]] - x[inside]) ** 2 + (y[partner[inside]] - y[inside]) ** 2
    return squares
