"""Where the particles are in a frame: band-pass, local maxima, sub-pixel refinement.

After Crocker & Grier 1996, J Colloid Interface Sci 179:298; the position is refined under a Gaussian mask that
moves with it (Thompson, Larson & Webb 2002, Biophys J 82:2775), which has no bias towards whole pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exotrial.product.kernel import compiled
from exotrial.product.size_distribution import Floats
from exotrial.product.tracking.settings import Polarity, TrackingSettings


def locate_particles(frame: NDArray[np.float32], settings: TrackingSettings) -> Floats:
    """The particles of a frame (height, width): (n, 3), columns x and y in pixels, and brightness.

    Pixel centres are whole numbers. Nothing is looked for within half a feature of the border.
    """
    import cv2

    image = -frame if settings.polarity is Polarity.DARK else frame
    side = 2 * settings.feature_px + 1
    smooth = cv2.GaussianBlur(image, (0, 0), settings.noise_px, borderType=cv2.BORDER_REFLECT)
    band = smooth - cv2.blur(image, (side, side), borderType=cv2.BORDER_REFLECT)
    sample = band[::3, ::3]
    middle = float(np.median(sample))
    noise = 1.4826 * float(np.median(np.abs(sample - middle)))  # sd of a Gaussian by its absolute deviations
    band -= np.float32(middle)
    return _locate(band, settings.threshold_sd * noise, settings.feature_px // 2)


@compiled
def _locate(band: NDArray[np.float32], threshold: float, radius: int) -> Floats:
    height, width = band.shape
    found = np.empty((height * width // (radius * radius) + 1, 3))
    count = 0
    spread = 2 * (radius / 2.0) ** 2
    for row in range(radius, height - radius):
        for column in range(radius, width - radius):
            peak = band[row, column]
            if peak <= threshold:
                continue
            highest = True
            for i in range(-radius, radius + 1):
                for j in range(-radius, radius + 1):
                    other = band[row + i, column + j]
                    # Of equal neighbours the first in reading order is the maximum.
                    if i * i + j * j <= radius * radius and (
                        other > peak or (other == peak and (i < 0 or (i == 0 and j < 0)))
                    ):
                        highest = False
                        break
                if not highest:
                    break
            if not highest:
                continue
            x, y, mass = float(column), float(row), 0.0
            for _ in range(30):
                total, sum_x, sum_y, mass = 0.0, 0.0, 0.0, 0.0
                for i in range(max(0, round(y) - radius), min(height, round(y) + radius + 1)):
                    for j in range(max(0, round(x) - radius), min(width, round(x) + radius + 1)):
                        value = max(band[i, j], 0.0)
                        weight = value * np.exp(-((i - y) ** 2 + (j - x) ** 2) / spread)
                        total += weight
                        sum_x += weight * j
                        sum_y += weight * i
                        mass += value
                if total <= 0:
                    break
                step_x, step_y = sum_x / total - x, sum_y / total - y
                # Under a mask as wide as the image the centroid goes half the way: twice the step converges faster.
                x += 1.5 * step_x
                y += 1.5 * step_y
                if abs(step_x) < 1e-3 and abs(step_y) < 1e-3:
                    break
            if abs(x - column) > radius or abs(y - row) > radius or count == found.shape[0]:
                continue
            doubled = False
            for k in range(count):
                if (found[k, 0] - x) ** 2 + (found[k, 1] - y) ** 2 < 1.0:
                    doubled = True
            if not doubled:
                found[count, 0], found[count, 1], found[count, 2] = x, y, mass
                count += 1
    return found[:count].copy()
