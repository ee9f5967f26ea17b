"""What a video is tracked and sized with: every value that enters the result, stated beside it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.product.diffusion import compute_diffusion

MISSING_SETTING = ErrorCode(
    "VID-001",
    "A size needs a number that the video does not carry.",
    "give it from the instrument's settings or its calibration; none is assumed.",
)
IMPOSSIBLE_SETTING = ErrorCode(
    "VID-002",
    "A setting for tracking is impossible.",
    "give the value and the unit that the option names.",
)

NEEDED: Final = {
    "pixel_size_um": "the width of a pixel in the sample, in micrometres",
    "frame_time_s": "the time from one frame to the next, in seconds",
    "exposure_s": "how long the shutter is open in each frame, in seconds",
    "temperature_c": "the temperature of the sample, in °C",
    "viscosity_mpa_s": "the viscosity of the medium at that temperature, in mPa·s",
}
"""What is measured and never assumed."""


class Polarity(StrEnum):
    """Whether particles are brighter or darker than what is around them."""

    BRIGHT = "bright"
    DARK = "dark"


class DriftCorrection(StrEnum):
    """How the flow of the whole sample is taken off."""

    NONE = "none"
    MEAN_STEP = "mean step"


@dataclass(frozen=True, kw_only=True)
class TrackingSettings:
    """Measured values first (none has a default), then the settings of the method. Refuses with VID-002.

    `feature_px` is the diameter of a particle's image, odd; `noise_px` the Gaussian sd that smooths pixel noise;
    `threshold_sd` how far above the noise of the filtered frame a particle must rise. `search_px` is the furthest
    step that is linked; None: derived from `smallest_nm` and from how crowded the frames are, and stated in the
    result. `memory_frames` is for how many frames a particle may be missing. `localisation_error_um` is the sd of a
    position along one axis; None: estimated from the tracks. `drift_frames` is the window of the running mean of
    the drift. A track counts from `least_steps` on. `smoothing` is the share of a bin given to each neighbour after
    each of the `iterations`.
    """

    pixel_size_um: float
    frame_time_s: float
    exposure_s: float
    temperature_c: float
    viscosity_mpa_s: float
    polarity: Polarity = Polarity.BRIGHT
    feature_px: int = 11
    noise_px: float = 1.0
    threshold_sd: float = 6.0
    search_px: float | None = None
    memory_frames: int = 0
    drift: DriftCorrection = DriftCorrection.MEAN_STEP
    drift_frames: int = 15
    localisation_error_um: float | None = None
    least_steps: int = 10
    smallest_nm: float = 20.0
    largest_nm: float = 2000.0
    bins: int = 160
    iterations: int = 200
    smoothing: float = 0.02
    resamples: int = 200

    def __post_init__(self) -> None:
        wrong = [
            IMPOSSIBLE_SETTING.refuse(f"{name} is {value}; {must}", value=value)
            for name, value, holds, must in self._conditions()
            if not holds
        ]
        if wrong:
            raise Refusals(wrong)

    def _conditions(self) -> list[tuple[str, object, bool, str]]:
        def positive(value: float) -> bool:
            return math.isfinite(value) and value > 0

        optional = (
            ("search_px", self.search_px, positive),
            (
                "localisation_error_um",
                self.localisation_error_um,
                lambda value: math.isfinite(value) and value >= 0,
            ),
        )
        return [
            ("pixel_size_um", self.pixel_size_um, positive(self.pixel_size_um), "it is above 0"),
            ("frame_time_s", self.frame_time_s, positive(self.frame_time_s), "it is above 0"),
            (
                "exposure_s",
                self.exposure_s,
                0 <= self.exposure_s <= self.frame_time_s,
                f"it lies between 0 and the frame time, {self.frame_time_s}",
            ),
            (
                "temperature_c",
                self.temperature_c,
                0 < self.temperature_c < 100,
                "a sample in water is between 0 and 100 °C",
            ),
            ("viscosity_mpa_s", self.viscosity_mpa_s, positive(self.viscosity_mpa_s), "it is above 0"),
            (
                "feature_px",
                self.feature_px,
                self.feature_px >= 3 and self.feature_px % 2 == 1,
                "it is an odd number of pixels, 3 or more",
            ),
            ("noise_px", self.noise_px, positive(self.noise_px), "it is above 0"),
            ("threshold_sd", self.threshold_sd, positive(self.threshold_sd), "it is above 0"),
            ("memory_frames", self.memory_frames, self.memory_frames >= 0, "it is 0 or more"),
            ("drift_frames", self.drift_frames, self.drift_frames >= 1, "it is 1 or more"),
            ("least_steps", self.least_steps, self.least_steps >= 2, "it is 2 or more"),
            ("smallest_nm", self.smallest_nm, positive(self.smallest_nm), "it is above 0"),
            (
                "largest_nm",
                self.largest_nm,
                math.isfinite(self.largest_nm) and self.largest_nm > self.smallest_nm,
                f"it is above smallest_nm, {self.smallest_nm}",
            ),
            ("bins", self.bins, self.bins >= 10, "it is 10 or more"),
            ("iterations", self.iterations, self.iterations >= 1, "it is 1 or more"),
            ("smoothing", self.smoothing, 0 < self.smoothing < 0.5, "it lies between 0 and 0.5"),
            ("resamples", self.resamples, self.resamples >= 50, "it is 50 or more"),
            *(
                (name, value, holds(value), "it is a number above 0")
                for name, value, holds in optional
                if value is not None
            ),
        ]

    @property
    def diffusion_of_1_nm(self) -> float:
        """The diffusion coefficient in µm²/s of a sphere of 1 nm; others are inverse to their diameter."""
        return compute_diffusion(1.0, temperature_c=self.temperature_c, viscosity_mpa_s=self.viscosity_mpa_s)

    def stated(self) -> dict[str, str | float | None]:
        """Every value by its name, for the result and the report."""
        return {
            name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(self).items()
        }


def make_settings(
    *,
    pixel_size_um: float | None,
    frame_time_s: float | None,
    exposure_s: float | None,
    temperature_c: float | None,
    viscosity_mpa_s: float | None,
    polarity: Polarity = Polarity.BRIGHT,
    feature_px: int = 11,
    search_px: float | None = None,
    memory_frames: int = 0,
    localisation_error_um: float | None = None,
    largest_nm: float = 2000.0,
) -> TrackingSettings:
    """The settings, where a measured value may be missing: all that are missing are refused together (VID-001)."""
    measured = {
        "pixel_size_um": pixel_size_um,
        "frame_time_s": frame_time_s,
        "exposure_s": exposure_s,
        "temperature_c": temperature_c,
        "viscosity_mpa_s": viscosity_mpa_s,
    }
    missing: list[Refusal] = [
        MISSING_SETTING.refuse(f"{name} is not given ({NEEDED[name]})")
        for name, value in measured.items()
        if value is None
    ]
    if (
        pixel_size_um is None
        or frame_time_s is None
        or exposure_s is None
        or temperature_c is None
        or viscosity_mpa_s is None
    ):
        raise Refusals(missing)
    return TrackingSettings(
        pixel_size_um=pixel_size_um,
        frame_time_s=frame_time_s,
        exposure_s=exposure_s,
        temperature_c=temperature_c,
        viscosity_mpa_s=viscosity_mpa_s,
        polarity=polarity,
        feature_px=feature_px,
        search_px=search_px,
        memory_frames=memory_frames,
        localisation_error_um=localisation_error_um,
        largest_nm=largest_nm,
    )
