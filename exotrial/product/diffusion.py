"""Diffusion and diameter: the Stokes-Einstein relation, D = k T / (3 pi eta d).

Einstein 1905, Annalen der Physik 322:549-560; its use for particle tracking is ISO 19430:2016.
"""

from __future__ import annotations

import math
from typing import Final

from exotrial.core.errors import ErrorCode

BOLTZMANN_J_K: Final = 1.380649e-23
"""Exact since the SI of 2019."""

KELVIN_AT_0_C: Final = 273.15

NOT_POSITIVE = ErrorCode(
    "DIF-001",
    "Diameter, diffusion coefficient, viscosity and absolute temperature are positive numbers.",
    "check the number and its unit: nm, µm²/s, mPa·s, °C.",
)


def compute_diffusion(diameter_nm: float, *, temperature_c: float, viscosity_mpa_s: float) -> float:
    """The diffusion coefficient in µm²/s of a sphere of `diameter_nm`. Refuses DIF-001."""
    return _compute(diameter_nm, temperature_c, viscosity_mpa_s, name="a diameter in nm")


def compute_diameter(diffusion_um2_s: float, *, temperature_c: float, viscosity_mpa_s: float) -> float:
    """The hydrodynamic diameter in nm of a sphere that diffuses with `diffusion_um2_s`. Refuses DIF-001."""
    return _compute(diffusion_um2_s, temperature_c, viscosity_mpa_s, name="a diffusion coefficient in µm²/s")


def _compute(number: float, temperature_c: float, viscosity_mpa_s: float, *, name: str) -> float:
    """The relation is its own inverse: diameter x diffusion = k T / (3 pi eta)."""
    kelvin = temperature_c + KELVIN_AT_0_C
    for value, what in (
        (number, name),
        (viscosity_mpa_s, "a viscosity in mPa·s"),
        (kelvin, "a temperature in K"),
    ):
        if not (math.isfinite(value) and value > 0):
            raise NOT_POSITIVE.refuse(f"{value:g} is not {what}", value=value)
    # J / (mPa s) = 1e3 m^3/s = 1e24 nm um^2/s
    return BOLTZMANN_J_K * kelvin / (3 * math.pi * viscosity_mpa_s) * 1e24 / number
