"""Scales against their formulas solved a second way, and compensation against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from exotrial.core.errors import Place, Refusal
from exotrial.product.cytometry.compensation import compensate
from exotrial.product.cytometry.events import Channel, Events, Floats
from exotrial.product.cytometry.scales import Asinh, Hyperlog, Linear, Logarithmic, Logicle

LN10 = math.log(10)


def logicle_at(y: float, T: float, W: float, M: float, A: float) -> float:
    """The biexponential of Moore and Parks 2012, d found by Brent's method."""
    w, x2, b = W / (M + A), A / (M + A), (M + A) * LN10
    x1, x0 = x2 + w, x2 + 2 * w
    d = b if w == 0 else brentq(lambda d: 2 * math.log(d / b) + w * (b + d), 1e-12, b, xtol=1e-15)
    c_a = math.exp(x0 * (b + d))
    f_a = math.exp(b * x1) - c_a * math.exp(-d * x1)
    a = T / (math.exp(b) - f_a - c_a * math.exp(-d))
    return a * (math.exp(b * y) - c_a * math.exp(-d * y) - f_a)


@given(
    st.floats(-500, 300_000),
    st.sampled_from([(262144.0, 0.5, 4.5, 0.0), (10000.0, 1.0, 4.0, 0.5), (1e4, 0.0, 4.5, 0.0)]),
)
def test_logicle_is_the_inverse_of_the_biexponential(x: float, of: tuple[float, float, float, float]) -> None:
    T, W, M, A = of
    (y,) = Logicle(T=T, W=W, M=M, A=A).apply(np.array([x]))
    if x >= 0:
        assert logicle_at(y, T, W, M, A) == pytest.approx(x, rel=1e-9, abs=1e-6)
    else:
        mirror = 2 * (A + W) / (M + A) - y
        assert logicle_at(mirror, T, W, M, A) == pytest.approx(-x, rel=1e-9, abs=1e-6)


@given(st.floats(-500, 300_000))
def test_hyperlog_is_the_inverse_of_an_exponential_plus_a_line(x: float) -> None:
    T, W, M, A = 10000.0, 1.0, 4.5, 0.0
    (y,) = Hyperlog(T=T, W=W, M=M, A=A).apply(np.array([x]))
    w, x2, b = W / (M + A), A / (M + A), (M + A) * LN10
    x1, x0 = x2 + w, x2 + 2 * w
    c_a = math.exp(b * x0) / w
    f_a = math.exp(b * x1) + c_a * x1
    a = T / (math.exp(b) + c_a - f_a)
    at = y if x >= 0 else 2 * x1 - y
    assert a * (math.exp(b * at) + c_a * at - f_a) == pytest.approx(abs(x), rel=1e-9, abs=1e-6)


def test_every_scale_puts_its_top_at_one() -> None:
    top = np.array([10000.0])
    for scale in (
        Linear(T=10000, A=500),
        Logarithmic(T=10000, M=5),
        Asinh(T=10000, M=4, A=1),
        Logicle(T=10000, W=0.5, M=4.5, A=0),
        Hyperlog(T=10000, W=1, M=4.5, A=0),
    ):
        assert scale.apply(top)[0] == pytest.approx(1, abs=1e-12)


def test_zero_stands_where_the_standard_says() -> None:
    zero = np.array([0.0])
    assert Linear(T=10000, A=500).apply(zero)[0] == pytest.approx(500 / 10500)
    assert Asinh(T=10000, M=4, A=1).apply(zero)[0] == pytest.approx(1 / 5)
    assert Logicle(T=10000, W=1, M=4, A=0.5).apply(zero)[0] == pytest.approx(1.5 / 4.5)
    assert Hyperlog(T=10000, W=1, M=4.5, A=0).apply(zero)[0] == pytest.approx(1 / 4.5)
    assert Logarithmic(T=10000, M=5).apply(zero)[0] == -math.inf


@pytest.mark.parametrize(
    "of",
    [(0, 0.5, 4.5, 0), (1e4, 2.3, 4.5, 0), (1e4, -0.1, 4.5, 0), (1e4, 0.5, 4.5, -0.6), (1e4, 0.5, 4.5, 3.6)],
)
def test_a_scale_that_cannot_be_is_refused(of: tuple[float, float, float, float]) -> None:
    T, W, M, A = of
    with pytest.raises(Refusal, match="FLO-002"):
        Logicle(T=T, W=W, M=M, A=A)


def events(values: Floats) -> Events:
    channels = tuple(Channel(name=f"D{k}", stain="", largest=1e5) for k in range(values.shape[1]))
    return Events(channels=channels, values=values, spill=None, place=Place(file="made up"))


def test_compensation_gives_the_light_back() -> None:
    rng = np.random.default_rng(1)
    spectra: Floats = np.eye(3) + 0.1 * rng.random((3, 3)) * (1 - np.eye(3))
    true = rng.random((50, 3)) * 1000
    found = compensate(events(true @ spectra), spectra, detectors=("D0", "D1", "D2"))
    assert found == pytest.approx(true)
    again = compensate(
        events(true @ spectra), np.linalg.inv(spectra), detectors=("D0", "D1", "D2"), inverted=True
    )
    assert again == pytest.approx(true)


def test_fewer_stains_than_detectors_are_solved_by_least_squares() -> None:
    rng = np.random.default_rng(2)
    spectra = rng.random((2, 4))
    observed = rng.random((30, 4))
    found = compensate(events(observed), spectra, detectors=("D0", "D1", "D2", "D3"))
    expected = np.linalg.lstsq(spectra.T, observed.T, rcond=None)[0].T
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("spectra", [np.ones((2, 2)), np.eye(3)[:, :2]])
def test_a_matrix_that_cannot_be_solved_is_refused(spectra: Floats) -> None:
    with pytest.raises(Refusal, match="FLO-003"):
        compensate(events(np.ones((4, 2))), spectra, detectors=("D0", "D1"))
