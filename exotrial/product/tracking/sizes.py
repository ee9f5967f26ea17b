"""The size of each track by maximum likelihood, and the distribution of sizes behind tracks of finite length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.product.kernel import compiled
from exotrial.product.size_distribution import Floats
from exotrial.product.tracking.motion import compute_followed_share, compute_msd_um2
from exotrial.product.tracking.settings import TrackingSettings
from exotrial.product.tracking.tracks import Steps

LEAST_FOLLOWED = 0.05
"""A size of which less than this share of steps is in tracks is not looked for: the correction would be above 20."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeGrid:
    """Bins of diameter, equal on a logarithmic scale: `edges_nm` (n + 1,), `centres_nm` (n,) geometric.

    `followed` (n,) is the share of steps that a particle of each size has in the tracks.
    """

    edges_nm: Floats
    centres_nm: Floats
    followed: Floats


def compute_grid(settings: TrackingSettings, *, search_um: float, localisation_error_um: float) -> SizeGrid:
    """The bins from the smallest to the largest size of the settings that can be followed at this search radius."""
    edges = np.geomspace(settings.smallest_nm, settings.largest_nm, settings.bins + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    msd = compute_msd_um2(
        settings.diffusion_of_1_nm / centres,
        tau_s=settings.frame_time_s,
        exposure_s=settings.exposure_s,
        localisation_error_um=localisation_error_um,
    )
    followed = compute_followed_share(msd, radius_um=search_um, least_steps=settings.least_steps)
    first = int(np.searchsorted(followed, LEAST_FOLLOWED))  # larger particles are followed better
    return SizeGrid(edges_nm=edges[first:], centres_nm=centres[first:], followed=followed[first:])


def compute_log_likelihoods(
    steps: Steps,
    diameters_nm: Floats,
    *,
    settings: TrackingSettings,
    search_um: float,
    localisation_error_um: float,
) -> Floats:
    """The log-likelihood of each track at each diameter, (tracks, diameters), up to a constant of the track.

    Steps of one axis are Gaussian with variance 2 D (k tau - t_E / 3) + 2 s² over k frames and covariance
    D t_E / 3 - s² with the next step (Berglund 2010, Phys Rev E 82:011917; Michalet & Berglund 2012, Phys Rev E
    85:061916), given that no step was beyond the search radius: each is divided by its probability of that,
    1 - exp(-R² / q). For independent steps this is exact; for neighbours that blur or localisation error correlate
    the product stands for their joint probability.
    """
    return _log_likelihoods(
        steps.x_um,
        steps.y_um,
        steps.gap,
        steps.start,
        settings.diffusion_of_1_nm / diameters_nm,
        settings.frame_time_s,
        settings.exposure_s / 3,
        localisation_error_um**2,
        search_um**2,
    )


@compiled
def _log_likelihoods(
    x: Floats,
    y: Floats,
    gap: NDArray[np.int64],
    start: NDArray[np.int64],
    diffusion: Floats,
    frame_time: float,
    blur_time: float,
    error: float,
    limit: float,
) -> Floats:
    found = np.empty((start.shape[0] - 1, diffusion.shape[0]))
    longest = 1
    for k in range(gap.shape[0]):
        longest = max(longest, gap[k])
    for j in range(diffusion.shape[0]):
        covariance = diffusion[j] * blur_time - error
        inside = np.empty(longest + 1)
        for g in range(1, longest + 1):
            variance = 2 * diffusion[j] * (g * frame_time - blur_time) + 2 * error
            inside[g] = np.log(-np.expm1(-limit / (2 * variance)))
        for i in range(start.shape[0] - 1):
            total, rest, last_x, last_y = 0.0, 1.0, 0.0, 0.0
            product = 1.0
            for k in range(start[i], start[i + 1]):
                # The factors of a tridiagonal covariance: what of this step the step before does not foretell.
                variance = 2 * diffusion[j] * (gap[k] * frame_time - blur_time) + 2 * error
                share = 0.0 if k == start[i] else covariance / rest
                rest = variance if k == start[i] else variance - covariance * share
                last_x = x[k] - share * last_x
                last_y = y[k] - share * last_y
                total -= (last_x * last_x + last_y * last_y) / (2 * rest) + inside[gap[k]]
                product *= rest
                if product < 1e-200 or product > 1e200:  # the logarithm is taken rarely
                    total -= np.log(product)
                    product = 1.0
            found[i, j] = total - np.log(product)
    return found


def find_diameters(log_likelihoods: Floats, diameters_nm: Floats) -> Floats:
    """The diameter of greatest likelihood of each track (tracks,), between bins by a parabola on a log scale."""
    count = len(diameters_nm)
    best = np.argmax(log_likelihoods, axis=1)
    inner = np.clip(best, 1, count - 2)
    rows = np.arange(len(best))
    left, middle, right = (log_likelihoods[rows, inner + shift] for shift in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(
        best == inner, np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=bend < 0), 0.0
    )
    logs = np.log(diameters_nm)
    width = (logs[-1] - logs[0]) / (count - 1)
    found: Floats = np.exp(logs[best] + shift * width)
    return found


def compute_proportions(
    log_likelihoods: Floats, weights: Floats, *, iterations: int, smoothing: float
) -> Floats:
    """The proportions of the bins, (bins, draws), whose mixture makes the tracks most likely, each column summing to 1.

    `weights` is (tracks, draws): one column a resample. Expectation-maximisation, and after each step a little
    smoothing between neighbours: Silverman, Jones, Wilson & Nychka 1990, J R Stat Soc B 52:271. Finite track
    length is thereby taken off: each track enters with its whole likelihood over sizes, not with one size
    (Walker 2012, Meas Sci Technol 23:065605).
    """
    likelihood = np.exp(log_likelihoods - log_likelihoods.max(axis=1, keepdims=True))
    bins = likelihood.shape[1]
    weights = weights / weights.sum(axis=0)
    found = np.full((bins, weights.shape[1]), 1 / bins)
    for _ in range(iterations):
        found *= likelihood.T @ (weights / (likelihood @ found))
        inner = smoothing * found
        found = found - 2 * inner
        found[1:] += inner[:-1]
        found[:-1] += inner[1:]
        found[0] += inner[0]  # nothing is smoothed beyond the first and the last bin
        found[-1] += inner[-1]
        found /= found.sum(axis=0)
    return found
