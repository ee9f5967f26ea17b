"""Mie scatter beside printed numbers, beside scipy's Bessel functions, and at its limits."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import spherical_jn, spherical_yn

from exotrial.core.errors import Refusal
from exotrial.product.cytometry.mie import (
    Cone,
    Polarisation,
    compute_coefficients,
    compute_efficiencies,
    compute_scatter,
)
from tests.conftest import shared


def test_bohren_and_huffman_appendix_a() -> None:
    """The sample run of BHMIE: index 1.55, size parameter 5.21282 (Bohren and Huffman 1983, page 482)."""
    found = compute_efficiencies(1.55 + 0j, 5.21282)
    assert found.extinction == pytest.approx(3.10543, abs=1e-5)
    assert found.scattering == pytest.approx(3.10543, abs=1e-5)
    assert found.back == pytest.approx(2.92534, abs=1e-5)


@pytest.mark.shared
def test_every_reference_case() -> None:
    cases = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))["cases"]
    names = {"Qext": "extinction", "Qsca": "scattering", "Qback": "back", "g": "asymmetry"}
    seen = 0
    for case in cases:
        if case["topic"] != "mie_sphere":
            continue
        real, imaginary = case["inputs"]["m"]
        found = compute_efficiencies(complex(real, abs(imaginary)), case["inputs"]["x"])
        for name, value in case["expected"].items():
            # To the reference's last printed digit: efficiencies can be as small as 1e-5.
            assert getattr(found, names[name]) == pytest.approx(value, rel=case["tolerance"]), case["id"]
            seen += 1
    assert seen >= 7


@given(
    real=st.floats(0.7, 2.0),
    imaginary=st.floats(0.0, 0.5),
    size=st.floats(0.05, 30.0),
)
@settings(max_examples=40, deadline=None)
def test_coefficients_are_those_of_spherical_bessel_functions(
    real: float, imaginary: float, size: float
) -> None:
    """Bohren and Huffman 4.53 written out with scipy's j and y and their derivatives, order by order."""
    index = complex(real, imaginary)
    a, b = compute_coefficients(index, size)
    for n in range(1, min(a.size, 6) + 1):
        x, y = size, index * size
        j, dj = spherical_jn(n, x), spherical_jn(n, x) + x * spherical_jn(n, x, derivative=True)
        h = spherical_jn(n, x) + 1j * spherical_yn(n, x)
        dh = h + x * (spherical_jn(n, x, derivative=True) + 1j * spherical_yn(n, x, derivative=True))
        inside, d_inside = spherical_jn(n, y), spherical_jn(n, y) + y * spherical_jn(n, y, derivative=True)
        expected_a = (index**2 * inside * dj - j * d_inside) / (index**2 * inside * dh - h * d_inside)
        expected_b = (inside * dj - j * d_inside) / (inside * dh - h * d_inside)
        assert a[n - 1] == pytest.approx(expected_a, rel=1e-9, abs=1e-11)
        assert b[n - 1] == pytest.approx(expected_b, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("diameter", [80.0, 400.0, 2000.0])
@pytest.mark.parametrize("polarisation", list(Polarisation))
@pytest.mark.parametrize("axis", [0.0, 37.0, 90.0])
def test_a_detector_all_around_collects_all_that_is_scattered(
    diameter: float, polarisation: Polarisation, axis: float
) -> None:
    """The integral over all directions is the scattering cross-section of the series, whatever the axis."""
    cone = Cone(angle_deg=axis, half_angle_deg=180, polarisation=polarisation)
    found = compute_scatter(diameter, index=1.45, medium_index=1.33, wavelength_nm=488, cone=cone)
    size = math.pi * diameter * 1.33 / 488
    expected = compute_efficiencies(1.45 / 1.33 + 0j, size).scattering * math.pi * diameter**2 / 4
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("polarisation", "share"),
    [(Polarisation.PERPENDICULAR, 1.0), (Polarisation.PARALLEL, 0.0), (Polarisation.NONE, 0.5)],
)
def test_a_tiny_sphere_scatters_as_rayleigh_says(polarisation: Polarisation, share: float) -> None:
    """At 90 degrees: k^4 r^6 |(m^2 - 1) / (m^2 + 2)|^2 times the solid angle and the polarisation's share."""
    half = 0.5
    cone = Cone(angle_deg=90, half_angle_deg=half, polarisation=polarisation)
    found = compute_scatter(5, index=1.6, medium_index=1.33, wavelength_nm=488, cone=cone)
    wave, m = 2 * math.pi * 1.33 / 488, 1.6 / 1.33
    solid = 2 * math.pi * (1 - math.cos(math.radians(half)))
    expected = wave**4 * 2.5**6 * ((m**2 - 1) / (m**2 + 2)) ** 2 * solid
    assert found / expected == pytest.approx(share, abs=2e-3)


def test_scatter_of_small_spheres_grows_with_the_sixth_power() -> None:
    cone = Cone(angle_deg=90, half_angle_deg=30, polarisation=Polarisation.PERPENDICULAR)
    small, large = (
        compute_scatter(d, index=1.39, medium_index=1.343, wavelength_nm=405, cone=cone) for d in (5, 10)
    )
    assert np.log2(large / small) == pytest.approx(6, abs=0.02)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"diameter_nm": 0.0}, "MIE-001"),
        ({"diameter_nm": math.nan}, "MIE-001"),
        ({"index": complex(math.inf)}, "MIE-001"),
        ({"index": 0j}, "MIE-001"),
        ({"index": 1.4 - 0.1j}, "MIE-001"),
        ({"wavelength_nm": -405.0}, "MIE-001"),
        ({"diameter_nm": 1e6}, "MIE-001"),
    ],
)
def test_what_is_no_sphere_is_refused(change: dict[str, complex], code: str) -> None:
    cone = Cone(angle_deg=90, half_angle_deg=30, polarisation=Polarisation.NONE)
    given_ = {"diameter_nm": 100.0, "index": 1.4 + 0j, "medium_index": 1.33, "wavelength_nm": 405.0, **change}
    diameter = given_.pop("diameter_nm")
    with pytest.raises(Refusal, match=code):
        compute_scatter(diameter, cone=cone, **given_)  # type: ignore[arg-type]


@pytest.mark.parametrize(("angle", "half"), [(-1, 10), (181, 10), (90, 0), (90, 181), (math.nan, 10)])
def test_what_is_no_cone_is_refused(angle: float, half: float) -> None:
    with pytest.raises(Refusal, match="MIE-002"):
        Cone(angle_deg=angle, half_angle_deg=half, polarisation=Polarisation.NONE)
