"""The viscosity of water, and diameters that were computed with another one brought to it.

IAPWS R12-08, Release on the IAPWS Formulation 2008 for the Viscosity of Ordinary Water Substance, without the critical
enhancement (mu_2 = 1), which matters near the critical point only. Density of water at 1 atm: Kell 1975, J Chem Eng
Data 20:97-105. Every tracked diameter is inversely proportional to the viscosity that the instrument assumed, and
instruments assume different ones: the ZetaView's is 1.1 % above IAPWS, the NanoSight's 0.15 % below.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.product.diffusion import KELVIN_AT_0_C
from exotrial.product.size_distribution import SizeDistribution

NOT_LIQUID = ErrorCode(
    "VSC-001",
    "The viscosity of liquid water at 1 atm is asked for at a temperature at which it is not liquid.",
    "give the temperature of the sample in degrees Celsius, from 0 to 100.",
)
NO_VISCOSITY = ErrorCode(
    "VSC-002",
    "The file does not say with which viscosity and temperature a diameter was computed.",
    "look them up in the instrument's record of the measurement; without them the diameter cannot be converted.",
)
SEVERAL_VISCOSITIES = ErrorCode(
    "VSC-003",
    "The videos of one distribution were computed with viscosities that need different corrections.",
    "normalise the videos one by one: their bins no longer agree.",
)

_T_REFERENCE_K: Final = 647.096
_RHO_REFERENCE_KG_M3: Final = 322.0
_DILUTE: Final = (1.67752, 2.20462, 0.6366564, -0.241605)
"""H_i of equation 11, table 1."""
_FINITE_DENSITY: Final = (
    (0, 0, 5.20094e-1),
    (1, 0, 8.50895e-2),
    (2, 0, -1.08374),
    (3, 0, -2.89555e-1),
    (0, 1, 2.22531e-1),
    (1, 1, 9.99115e-1),
    (2, 1, 1.88797),
    (3, 1, 1.26613),
    (5, 1, 1.20573e-1),
    (0, 2, -2.81378e-1),
    (1, 2, -9.06851e-1),
    (2, 2, -7.72479e-1),
    (3, 2, -4.89837e-1),
    (4, 2, -2.57040e-1),
    (0, 3, 1.61913e-1),
    (1, 3, 2.57399e-1),
    (0, 4, -3.25372e-2),
    (3, 4, 6.98452e-2),
    (4, 5, 8.72102e-3),
    (3, 6, -4.35673e-3),
    (5, 6, -5.93264e-4),
)
"""i, j, H_ij of equation 12, table 2."""

LARGEST_DISAGREEMENT: Final = 1e-3
"""Between the corrections of a distribution's videos: 0.1 nm in 100 nm, a tenth of a NanoSight bin."""


def compute_water_viscosity_at(kelvin: float, *, density_kg_m3: float) -> float:
    """The viscosity in mPa·s of water at a temperature and density (IAPWS R12-08, equations 10 to 12, mu_2 = 1)."""
    t = kelvin / _T_REFERENCE_K
    rho = density_kg_m3 / _RHO_REFERENCE_KG_M3
    dilute = 100 * math.sqrt(t) / math.fsum(h / t**i for i, h in enumerate(_DILUTE))
    exponent = rho * math.fsum(h * (1 / t - 1) ** i * (rho - 1) ** j for i, j, h in _FINITE_DENSITY)
    return dilute * math.exp(exponent) * 1e-3  # the release gives µPa·s


def compute_water_density(temperature_c: float) -> float:
    """The density in kg/m³ of air-free water at 1 atm, 0 to 100 °C (Kell 1975). Refuses VSC-001."""
    t = _check_liquid(temperature_c)
    above = 999.83952 + t * (
        16.945176 + t * (-7.9870401e-3 + t * (-46.170461e-6 + t * (105.56302e-9 - 280.54253e-12 * t)))
    )
    return above / (1 + 16.879850e-3 * t)


def compute_water_viscosity(temperature_c: float) -> float:
    """The viscosity in mPa·s of water at 1 atm, 0 to 100 °C: IAPWS R12-08 at Kell's density. Refuses VSC-001."""
    return compute_water_viscosity_at(
        _check_liquid(temperature_c) + KELVIN_AT_0_C, density_kg_m3=compute_water_density(temperature_c)
    )


def normalise_diameter(diameter_nm: float, *, viscosity_mpa_s: float, temperature_c: float) -> float:
    """A diameter in nm that was computed with `viscosity_mpa_s`, as the viscosity of water by IAPWS gives it.

    d is proportional to 1/eta at one diffusion coefficient and temperature (Stokes-Einstein). Refuses VSC-001.
    """
    return diameter_nm * viscosity_mpa_s / compute_water_viscosity(temperature_c)


def normalise_distribution(distribution: SizeDistribution) -> SizeDistribution:
    """The distribution with its edges brought to the viscosity of water by IAPWS at each video's temperature.

    Only for samples in water or a buffer as thin as water: a viscosity set by hand for another medium would be
    undone. Refuses VSC-001, VSC-002 where a video lacks viscosity or temperature, and VSC-003 where the videos need
    corrections that differ by more than `LARGEST_DISAGREEMENT`.
    """
    factors, videos = [], []
    for video in distribution.videos:
        if video.viscosity_mpa_s is None or video.temperature_c is None:
            raise NO_VISCOSITY.refuse(
                f"{video.name} has no {'viscosity' if video.viscosity_mpa_s is None else 'temperature'}",
                place=distribution.place,
                value=video.name,
            )
        water = compute_water_viscosity(video.temperature_c)
        factors.append(video.viscosity_mpa_s / water)
        videos.append(replace(video, viscosity_mpa_s=water))
    if max(factors) - min(factors) > LARGEST_DISAGREEMENT:
        raise SEVERAL_VISCOSITIES.refuse(
            f"the factors run from {min(factors):.4f} to {max(factors):.4f}",
            place=distribution.place,
            value=f"{max(factors) - min(factors):.4f}",
        )
    factor = float(np.mean(factors))
    return replace(
        distribution,
        edges_nm=distribution.edges_nm * factor,
        videos=tuple(videos),
        flags=(*distribution.flags, f"diameters x {factor:.5f}: viscosity of water by IAPWS R12-08"),
    )


def _check_liquid(temperature_c: float) -> float:
    if not (math.isfinite(temperature_c) and 0 <= temperature_c <= 100):
        raise NOT_LIQUID.refuse(f"{temperature_c:g} °C is not between 0 and 100", value=temperature_c)
    return temperature_c
