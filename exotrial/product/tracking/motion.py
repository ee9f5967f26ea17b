"""What a camera sees of diffusion: mean-squared displacement, motion blur, truncation, few steps.

D is the diffusion coefficient in µm²/s, tau the time between two positions and t_E the exposure in seconds, s the
sd of a position along one axis in µm. The formulae are for two dimensions and a shutter open at constant light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from exotrial.product.size_distribution import Floats


def compute_msd_um2(
    diffusion_um2_s: Floats, *, tau_s: Floats | float, exposure_s: float, localisation_error_um: float
) -> Floats:
    """The mean-squared displacement: 4 D (tau - t_E / 3) + 4 s².

    Savin & Doyle 2005, Biophys J 88:623; Michalet 2010, Phys Rev E 82:041914.
    """
    return 4 * diffusion_um2_s * (tau_s - exposure_s / 3) + 4 * localisation_error_um**2


def compute_msd_relative_variance(steps: int, lag: int) -> float:
    """Variance over squared mean of a track's MSD, averaged over all overlapping intervals of `lag` steps, 2-D.

    Qian, Sheetz & Elson 1991, Biophys J 60:910, for free diffusion without localisation error.
    """
    if not 1 <= lag <= steps:
        raise ValueError(f"a lag of {lag} in {steps} steps")
    intervals = steps - lag + 1
    if intervals >= lag:
        return (4 * lag**2 * intervals + 2 * intervals + lag - lag**3) / (6 * lag * intervals**2)
    return 1 + (intervals**3 - 4 * lag * intervals**2 + 4 * lag - intervals) / (6 * lag**2 * intervals)


def compute_truncated_msd_um2(msd_um2: float, *, radius_um: float) -> float:
    """The mean of squared steps of which only those below `radius_um` are seen: q - R² / (exp(R² / q) - 1).

    A 2-D Gaussian step has an exponential square with mean q; this is the mean of that exponential cut at R².
    """
    return msd_um2 - radius_um**2 / math.expm1(radius_um**2 / msd_um2)


def compute_untruncated_msd_um2(seen_um2: float, *, radius_um: float) -> float:
    """The q whose truncated mean is `seen_um2`: the maximum-likelihood estimate from independent truncated steps.

    Infinite from R² / 2 on, where the steps fill the search circle evenly and tell nothing of q.
    """
    if seen_um2 >= radius_um**2 / 2:
        return math.inf
    low, high = seen_um2, 2 * seen_um2
    while compute_truncated_msd_um2(high, radius_um=radius_um) < seen_um2:
        high *= 2
    found: float = optimize.brentq(
        lambda q: compute_truncated_msd_um2(q, radius_um=radius_um) - seen_um2,
        low,
        high,
        xtol=1e-15,
        rtol=1e-13,
    )
    return found


def compute_followed_share(msd_um2: Floats, *, radius_um: float, least_steps: int) -> Floats:
    """The share of a particle's steps that lie in tracks of at least `least_steps`, where a step beyond R ends a track.

    A step is linked with probability p = 1 - exp(-R² / q). Runs of linked steps are geometric; of all steps,
    p^m (m - (m - 1) p) are linked and in a run of m or more: the sum over k of k p^(k-1) (1-p) from m on, times
    the rate p (1 - p) / p at which runs begin. Small particles lose more: their share is divided out of a
    distribution by number.
    """
    linked = -np.expm1(-(radius_um**2) / msd_um2)
    share: Floats = linked**least_steps * (least_steps - (least_steps - 1) * linked)
    return share


@dataclass(frozen=True, kw_only=True)
class Covariance:
    """D and s² of one axis from neighbouring steps; s² may be negative, where chance makes it so."""

    diffusion_um2_s: float
    localisation_variance_um2: float


def compute_covariance_estimate(steps_um: Floats, *, frame_time_s: float, exposure_s: float) -> Covariance:
    """The covariance-based estimate from the steps (n,) of one track along one axis.

    D = <x²> / (2 tau) + <x x'> / tau and s² = R <x²> + (2R - 1) <x x'> with R = t_E / (6 tau), where x' is the
    step after x. Vestergaard, Blainey & Flyvbjerg 2014, Phys Rev E 89:022726.
    """
    return solve_covariance(
        float(np.mean(steps_um**2)),
        float(np.mean(steps_um[1:] * steps_um[:-1])),
        frame_time_s=frame_time_s,
        exposure_s=exposure_s,
    )


def solve_covariance(
    square: float, neighbours: float, *, frame_time_s: float, exposure_s: float
) -> Covariance:
    """The same from the mean square of a step and the mean product of neighbouring steps, in µm²."""
    blur = exposure_s / (6 * frame_time_s)
    return Covariance(
        diffusion_um2_s=square / (2 * frame_time_s) + neighbours / frame_time_s,
        localisation_variance_um2=blur * square + (2 * blur - 1) * neighbours,
    )


def compute_covariance_estimate_variance(
    *,
    diffusion_um2_s: float,
    localisation_error_um: float,
    frame_time_s: float,
    exposure_s: float,
    steps: int,
) -> float:
    """The variance of the covariance-based D of one axis: D² ((6 + 4e + 2e²) / N + 4 (1 + e)² / N²).

    e = s² / (D tau) - 2R. Vestergaard, Blainey & Flyvbjerg 2014, Phys Rev E 89:022726.
    """
    blur = exposure_s / (6 * frame_time_s)
    ratio = localisation_error_um**2 / (diffusion_um2_s * frame_time_s) - 2 * blur
    return diffusion_um2_s**2 * ((6 + 4 * ratio + 2 * ratio**2) / steps + 4 * (1 + ratio) ** 2 / steps**2)


@dataclass(frozen=True, kw_only=True)
class Broadening:
    """How sizes of equal particles scatter, each over the true one, where a track has few steps."""

    mean_ratio: float
    median_ratio: float
    mode_ratio: float
    cv: float


def compute_track_broadening(steps: int) -> Broadening:
    """The scatter of a size from the mean square of `steps` independent 2-D steps: an inverse gamma distribution.

    The basis of Saveyn et al. 2010, J Colloid Interface Sci 352:593, and Walker 2012, Meas Sci Technol 23:065605.
    Mean and cv need more than 1 and 2 steps.
    """
    if steps < 3:
        raise ValueError(f"{steps} steps have no coefficient of variation")
    return Broadening(
        mean_ratio=steps / (steps - 1),
        median_ratio=steps / float(special.gammaincinv(steps, 0.5)),
        mode_ratio=steps / (steps + 1),
        cv=1 / math.sqrt(steps - 2),
    )
