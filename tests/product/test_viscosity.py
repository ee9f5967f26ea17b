"""Viscosity of water and Stokes-Einstein, against IAPWS's printed values and other people's formulae."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Place, Refusal
from exotrial.product.diffusion import compute_diameter, compute_diffusion
from exotrial.product.size_distribution import Dilution, DilutionState, SizeDistribution, Video, Weighting
from exotrial.product.viscosity import (
    compute_water_density,
    compute_water_viscosity,
    compute_water_viscosity_at,
    normalise_diameter,
    normalise_distribution,
)
from tests.conftest import shared


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    document = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.mark.parametrize(
    ("kelvin", "density", "expected_upa_s"),
    # IAPWS R12-08, table 4
    [
        (298.15, 998, 889.735100),
        (298.15, 1200, 1437.649467),
        (373.15, 1000, 307.883622),
        (433.15, 1, 14.538324),
        (433.15, 1000, 217.685358),
        (873.15, 1, 32.619287),
        (873.15, 100, 35.802262),
        (873.15, 600, 77.430195),
        (1173.15, 1, 44.217245),
        (1173.15, 100, 47.640433),
        (1173.15, 400, 64.154608),
    ],
)
def test_the_release_of_iapws_comes_out(kelvin: float, density: float, expected_upa_s: float) -> None:
    assert compute_water_viscosity_at(kelvin, density_kg_m3=density) * 1e3 == pytest.approx(
        expected_upa_s, abs=5e-7
    )


def test_the_reference_cases_come_out(cases: dict[str, dict[str, Any]]) -> None:
    for name in ("VISC-IAPWS-298.15-1200", "VISC-IAPWS-373.15-1000", "VISC-IAPWS-433.15-1"):
        asked, case = cases[name]["inputs"], cases[name]
        found = compute_water_viscosity_at(asked["T_K"], density_kg_m3=asked["rho_kg_m3"]) * 1e3
        assert found == pytest.approx(case["expected"]["mu_uPa_s"], rel=case["tolerance"])
    case = cases["VISC-1ATM"]
    for celsius, expected in zip(case["inputs"]["T_C"], case["expected"]["mu_mPa_s"], strict=True):
        assert compute_water_viscosity(celsius) == pytest.approx(expected, abs=case["tolerance"])


@given(st.floats(0, 100))
def test_the_simpler_equation_of_iapws_for_0_1_mpa_agrees(celsius: float) -> None:
    # IAPWS SR6-08(2011), equation 7, for liquid water at 0.1 MPa
    t = (celsius + 273.15) / 300
    pairs = ((280.68, -1.9), (511.45, -7.7), (61.131, -19.6), (0.45903, -40))
    assert compute_water_viscosity(celsius) * 1e3 == pytest.approx(sum(a * t**b for a, b in pairs), rel=2e-4)


@given(st.floats(0, 40))
def test_the_density_agrees_with_the_recommended_one(celsius: float) -> None:
    # Tanaka et al. 2001, Metrologia 38:301-309, equation 1: 0 to 40 °C
    below = 522528.9 * (celsius + 69.34881)
    expected = 999.974950 * (1 - (celsius - 3.983035) ** 2 * (celsius + 301.797) / below)
    assert compute_water_density(celsius) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("celsius", [-0.001, 100.001, math.nan, math.inf, 298.15])
def test_water_that_is_not_liquid_is_refused(celsius: float) -> None:
    with pytest.raises(Refusal, match="VSC-001"):
        compute_water_viscosity(celsius)


def test_water_is_liquid_at_0_and_at_100_degrees() -> None:
    assert compute_water_viscosity(0) > compute_water_viscosity(100) > 0.28


def test_the_zetaview_assumes_a_viscosity_1_1_percent_higher(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["VISC-ZETAVIEW"]
    for celsius, printed in zip(case["inputs"]["T_C"], case["expected"]["mPa_s"], strict=True):
        ratio = case["expected"]["ratio_to_IAPWS"]
        assert printed / compute_water_viscosity(celsius) == pytest.approx(ratio, abs=2e-4)
        normalised = normalise_diameter(100, viscosity_mpa_s=printed, temperature_c=celsius)
        assert normalised == pytest.approx(100 * ratio, abs=0.02)


def test_stokes_einstein_gives_the_reference_number(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["SE-01"]
    found = compute_diffusion(100, temperature_c=25, viscosity_mpa_s=0.89)
    assert found == pytest.approx(case["expected"]["D_um2_s"], abs=case["tolerance"])


@given(st.floats(1, 5000), st.floats(0, 60), st.floats(0.3, 5))
def test_diameter_and_diffusion_are_inverse(diameter: float, celsius: float, viscosity: float) -> None:
    diffusion = compute_diffusion(diameter, temperature_c=celsius, viscosity_mpa_s=viscosity)
    back = compute_diameter(diffusion, temperature_c=celsius, viscosity_mpa_s=viscosity)
    assert back == pytest.approx(diameter, rel=1e-12)


@pytest.mark.parametrize(
    ("diameter", "celsius", "viscosity"),
    [(0, 25, 0.9), (100, -273.15, 0.9), (100, 25, 0), (math.nan, 25, 0.9)],
)
def test_a_number_that_cannot_be_is_refused(diameter: float, celsius: float, viscosity: float) -> None:
    with pytest.raises(Refusal, match="DIF-001"):
        compute_diffusion(diameter, temperature_c=celsius, viscosity_mpa_s=viscosity)


def a_distribution(*viscosities: float | None, temperature_c: float | None = 22.0) -> SizeDistribution:
    return SizeDistribution(
        edges_nm=np.array([0.0, 100.0, 200.0]),
        videos=tuple(
            Video(
                name=f"v{k}", values=np.array([1.0, 2.0]), temperature_c=temperature_c, viscosity_mpa_s=each
            )
            for k, each in enumerate(viscosities)
        ),
        weighting=Weighting.NUMBER,
        unit="particles/mL",
        dilution=Dilution(state=DilutionState.APPLIED, factor=1),
        instrument="NanoSight",
        version="3.4",
        place=Place(file="a.csv"),
    )


def test_a_distribution_is_normalised_edge_by_edge_and_says_so() -> None:
    normalised = normalise_distribution(a_distribution(0.952941, 0.952941))
    water = compute_water_viscosity(22)
    assert normalised.edges_nm == pytest.approx([0, 100 * 0.952941 / water, 200 * 0.952941 / water])
    assert normalised.videos[0].viscosity_mpa_s == water
    assert "IAPWS" in normalised.flags[-1]
    assert normalise_distribution(normalised).edges_nm == pytest.approx(normalised.edges_nm)


def test_videos_without_viscosity_or_temperature_are_not_normalised() -> None:
    with pytest.raises(Refusal, match=r"VSC-002.*v1 has no viscosity"):
        normalise_distribution(a_distribution(0.95, None))
    with pytest.raises(Refusal, match=r"VSC-002.*no temperature"):
        normalise_distribution(a_distribution(0.95, temperature_c=None))


def test_videos_that_need_different_corrections_are_not_normalised_together() -> None:
    water = compute_water_viscosity(22)
    assert normalise_distribution(a_distribution(water, water * 1.00099))
    with pytest.raises(Refusal, match="VSC-003"):
        normalise_distribution(a_distribution(water, water * 1.00101))
