"""A made-up video whose truth is known: spheres diffuse in a field, and a camera with shutter and noise films them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.product.kernel import compiled
from exotrial.product.size_distribution import Floats
from exotrial.product.tracking.settings import TrackingSettings

MARGIN_PX = 20
"""Particles leave the field and come back from a border that is not seen."""
SHUTTER_STEPS = 8
"""Positions averaged while the shutter is open; the blur, t_E / 3, comes out 1 / SHUTTER_STEPS² too small."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedVideo:
    """`stack` (frames, height, width) of 8 bits; `x_px`, `y_px` (frames, particles): the mean place in the exposure."""

    stack: NDArray[np.uint8]
    x_px: Floats
    y_px: Floats
    diameters_nm: Floats


def simulate_video(
    diameters_nm: Floats,
    *,
    settings: TrackingSettings,
    seed: int,
    frames: int,
    shape: tuple[int, int] = (480, 640),
    peak: float = 80.0,
    spot_sd_px: float = 1.6,
    background: float = 20.0,
    noise_sd: float = 3.0,
    drift_px: tuple[float, float] = (0.0, 0.0),
) -> SimulatedVideo:
    """Film particles of these diameters (n,): x moves by `drift_px` a frame, pixels have Gaussian noise.

    Optics, times, temperature and viscosity are those of the settings. The same seed gives the same bytes.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    height, width = shape
    box = np.array([width + 2 * MARGIN_PX, height + 2 * MARGIN_PX], dtype=np.float64)
    diffusion = settings.diffusion_of_1_nm / diameters_nm
    place = generator.uniform(0, 1, (len(diameters_nm), 2)) * box
    open_s, shut_s = settings.exposure_s, settings.frame_time_s - settings.exposure_s
    stack = np.empty((frames, height, width), dtype=np.uint8)
    seen = np.empty((2, frames, len(diameters_nm)))
    for number in range(frames):
        picture = generator.normal(background, noise_sd, shape)
        total = np.zeros_like(place)
        for _ in range(SHUTTER_STEPS):
            place += _steps(generator, diffusion, open_s / SHUTTER_STEPS / 2, settings.pixel_size_um)
            total += place
            _draw(picture, (place % box) - MARGIN_PX, peak / SHUTTER_STEPS, spot_sd_px)
            place += _steps(generator, diffusion, open_s / SHUTTER_STEPS / 2, settings.pixel_size_um)
        mean = (total / SHUTTER_STEPS) % box - MARGIN_PX
        seen[:, number] = mean.T
        place += _steps(generator, diffusion, shut_s, settings.pixel_size_um) + np.array(drift_px)
        stack[number] = np.clip(np.rint(picture), 0, 255)
    return SimulatedVideo(stack=stack, x_px=seen[0], y_px=seen[1], diameters_nm=diameters_nm)


def _steps(generator: np.random.Generator, diffusion: Floats, time_s: float, pixel_um: float) -> Floats:
    sd = np.sqrt(2 * diffusion * time_s) / pixel_um
    steps: Floats = generator.normal(0.0, 1.0, (len(diffusion), 2)) * sd[:, None]
    return steps


@compiled
def _draw(picture: Floats, places: Floats, peak: float, sd: float) -> None:
    reach = int(np.ceil(4 * sd))
    height, width = picture.shape
    for k in range(places.shape[0]):
        x, y = places[k, 0], places[k, 1]
        for i in range(max(0, int(y) - reach), min(height, int(y) + reach + 2)):
            for j in range(max(0, int(x) - reach), min(width, int(x) + reach + 2)):
                picture[i, j] += peak * np.exp(-((i - y) ** 2 + (j - x) ** 2) / (2 * sd * sd))
