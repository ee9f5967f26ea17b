"""Light scattered by a homogeneous sphere (Mie theory), in all directions and into the cone of one detector.

Bohren CF, Huffman DR. Absorption and Scattering of Light by Small Particles. Wiley 1983, chapter 4 (coefficients 4.53
with the logarithmic derivative, efficiencies 4.61 and 4.62, amplitudes 4.74) and appendix A (how many terms, and that
the logarithmic derivative is recurred downwards). An index of refraction of an absorbing sphere has a positive
imaginary part here.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.cytometry.events import Floats

BAD_SPHERE = ErrorCode(
    "MIE-001",
    "A sphere, its index of refraction or the light on it is outside what is computed.",
    "give a diameter and a wavelength in nm above 0 (a circumference of at most 1000 wavelengths) and indices above 0.",
)
BAD_CONE = ErrorCode(
    "MIE-002",
    "The cone of a detector is not one.",
    "give the angle to the beam from 0 to 180 degrees and the half angle of the cone above 0 and up to 180.",
)

Complexes = NDArray[np.complex128]
LARGEST_X = 1000.0
"""The largest size parameter: a sphere of about 100 µm in blue light, larger than any cell."""


class Polarisation(StrEnum):
    """How the light swings, seen from the plane that holds beam and detector."""

    PERPENDICULAR = "perpendicular"
    PARALLEL = "parallel"
    NONE = "unpolarised"


@dataclass(frozen=True, kw_only=True)
class Efficiencies:
    """Extinction, scattering and backscatter over the geometric cross-section, and the mean cosine of the angle."""

    extinction: float
    scattering: float
    back: float
    asymmetry: float


@dataclass(frozen=True, kw_only=True)
class Cone:
    """What a detector collects: all directions within `half_angle_deg` of its axis, `angle_deg` from the beam."""

    angle_deg: float
    half_angle_deg: float
    polarisation: Polarisation

    def __post_init__(self) -> None:
        if not (0 <= self.angle_deg <= 180 and 0 < self.half_angle_deg <= 180):
            told = f"an angle of {self.angle_deg:g} and a half angle of {self.half_angle_deg:g} degrees"
            raise BAD_CONE.refuse(told, place=Place(path="half_angle_deg"), value=told)


def compute_coefficients(index: complex, size: float) -> tuple[Complexes, Complexes]:
    """The coefficients a and b (terms,) of a sphere of relative `index` and size parameter `size` (MIE-001)."""
    if not (0 < size <= LARGEST_X and index.real > 0 and index.imag >= 0 and abs(index) < 20):
        raise BAD_SPHERE.refuse(
            f"the relative index is {index:g}, the size parameter {size:g}", value=f"{index:g}, {size:g}"
        )
    terms = math.ceil(size + 4 * size ** (1 / 3) + 2)
    inner = index * size
    # Begun 16 orders above, as in appendix A, seven digits are right; orders that grow with the width of the
    # transition at n = |mx| give all of a double.
    above = 32 + 8 * math.ceil(abs(inner) ** (1 / 3))
    derivative = np.zeros(int(max(terms, abs(inner))) + above, dtype=np.complex128)
    for n in range(derivative.size - 1, 0, -1):
        derivative[n - 1] = n / inner - 1 / (derivative[n] + n / inner)
    a, b = np.empty(terms, dtype=np.complex128), np.empty(terms, dtype=np.complex128)
    # Riccati-Bessel functions psi and chi of orders n - 1 and n, upwards; xi = psi - i chi.
    psi_before, psi = math.cos(size), math.sin(size)
    chi_before, chi = -math.sin(size), math.cos(size)
    for n in range(1, terms + 1):
        psi_before, psi = psi, (2 * n - 1) / size * psi - psi_before
        chi_before, chi = chi, (2 * n - 1) / size * chi - chi_before
        xi_before, xi = complex(psi_before, -chi_before), complex(psi, -chi)
        electric = derivative[n] / index + n / size
        magnetic = derivative[n] * index + n / size
        a[n - 1] = (electric * psi - psi_before) / (electric * xi - xi_before)
        b[n - 1] = (magnetic * psi - psi_before) / (magnetic * xi - xi_before)
    return a, b


def compute_efficiencies(index: complex, size: float) -> Efficiencies:
    """Efficiencies of a sphere of relative `index` and size parameter `size` (MIE-001).

    The mean cosine is Bohren and Huffman's formula on page 120, backscatter is 4 |S(180 degrees)|^2 over size squared.
    """
    a, b = compute_coefficients(index, size)
    n = np.arange(1, a.size + 1)
    scattering = 2 / size**2 * float(np.sum((2 * n + 1) * (np.abs(a) ** 2 + np.abs(b) ** 2)))
    m = n[:-1]
    pairs = a[:-1] * a[1:].conj() + b[:-1] * b[1:].conj()
    sums = m * (m + 2) / (m + 1) * pairs.real
    crosses = (2 * n + 1) / (n * (n + 1)) * (a * b.conj()).real
    back = np.sum((2 * n + 1) * (-1.0) ** n * (a - b))
    return Efficiencies(
        extinction=2 / size**2 * float(np.sum((2 * n + 1) * (a + b).real)),
        scattering=scattering,
        back=float(abs(back) ** 2) / size**2,
        asymmetry=4 / size**2 * float(np.sum(sums) + np.sum(crosses)) / scattering,
    )


def compute_amplitudes(index: complex, size: float, cosines: Floats) -> tuple[Complexes, Complexes]:
    """S1 (perpendicular to the plane of scattering) and S2 (in it), (directions,), by the cosine of the angle."""
    a, b = compute_coefficients(index, size)
    s1 = np.zeros(cosines.size, dtype=np.complex128)
    s2 = np.zeros(cosines.size, dtype=np.complex128)
    before, pi = np.zeros(cosines.size), np.ones(cosines.size)
    for n in range(1, a.size + 1):
        tau = n * cosines * pi - (n + 1) * before
        weight = (2 * n + 1) / (n * (n + 1))
        s1 += weight * (a[n - 1] * pi + b[n - 1] * tau)
        s2 += weight * (a[n - 1] * tau + b[n - 1] * pi)
        before, pi = pi, ((2 * n + 1) * cosines * pi - (n + 1) * before) / n
    return s1, s2


def compute_scatter(
    diameter_nm: float, *, index: complex, medium_index: float, wavelength_nm: float, cone: Cone
) -> float:
    """The cross-section in nm² of the light of a sphere that a detector collects (MIE-001).

    The differential cross-section is |S1|² sin² + |S2|² cos² of the angle between polarisation and the plane of
    scattering, over k² (Bohren and Huffman, section 3.3), summed over the cone by Gauss and Legendre.
    """
    for name, value in (
        ("diameter_nm", diameter_nm),
        ("medium_index", medium_index),
        ("wavelength_nm", wavelength_nm),
    ):
        if not (math.isfinite(value) and value > 0):
            raise BAD_SPHERE.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)
    if not cmath.isfinite(index):
        raise BAD_SPHERE.refuse(f"the index is {index:g}", place=Place(path="index"), value=index)
    wave = 2 * math.pi * medium_index / wavelength_nm
    size = wave * diameter_nm / 2
    cosines, perpendicular, parallel, weights = _directions(cone, size)
    s1, s2 = compute_amplitudes(index / medium_index, size, cosines)
    light = perpendicular * np.abs(s1) ** 2 + parallel * np.abs(s2) ** 2
    return float(np.sum(weights * light)) / wave**2


def _directions(cone: Cone, size: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Directions of a cone: cosine to the beam, shares of the light that S1 and S2 scatter, and solid angle."""
    half, axis = math.radians(cone.half_angle_deg), math.radians(cone.angle_deg)
    # Lobes of the pattern are about 180 degrees over the size parameter wide: several points stand in each.
    count = int(min(400, 24 + 2 * size))
    nodes, node_weights = np.polynomial.legendre.leggauss(count)
    # Even in the cosine about the detector's axis, so that the weights are solid angle.
    low = math.cos(half)
    inner = (1 - low) / 2 * nodes + (1 + low) / 2
    # The pattern is the same on either side of the plane of beam and detector: half a turn stands for the whole.
    around = math.pi * (np.arange(count) + 0.5) / count
    z, turn = (grid.ravel() for grid in np.meshgrid(inner, around, indexing="ij"))
    weights = np.repeat(node_weights * (1 - low) / 2, around.size) * (2 * math.pi / around.size)
    off = np.sqrt(np.maximum(0.0, 1 - z**2))
    # The beam is z, beam and detector lie in the plane of x and z, y is perpendicular to both.
    x = off * np.cos(turn) * math.cos(axis) + z * math.sin(axis)
    y = off * np.sin(turn)
    cosines = np.clip(z * math.cos(axis) - off * np.cos(turn) * math.sin(axis), -1.0, 1.0)
    across = np.maximum(x**2 + y**2, 1e-300)
    in_plane = np.where(across > 1e-24, x**2 / across, 0.5)
    if cone.polarisation is Polarisation.NONE:
        even = np.full(cosines.size, 0.5)
        return cosines, even, even, weights
    # Light along x: the plane of scattering makes the angle whose cosine squared is `in_plane` with it.
    if cone.polarisation is Polarisation.PARALLEL:
        return cosines, 1 - in_plane, in_plane, weights
    return cosines, in_plane, 1 - in_plane, weights
