"""The nebuliser's budget against the printed fits, the droplet's Poisson law and a second derivation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.nebuliser import (
    Nebuliser,
    compute_budget,
    compute_delivered_volume,
    compute_deposition,
    compute_deposition_of_spray,
    compute_droplet,
    compute_fine_fraction,
)

DEVICE = {
    "fill_ml": 5.0,
    "residual_ml": 0.5,
    "output_ml_min": 0.39,
    "minutes": 10.0,
    "mmad_um": 4.0,
    "gsd": 2.0,
    "inhaled_share": 0.7,
    "survival": 0.9,
}


@pytest.mark.parametrize(
    ("diameter", "expected"),
    [
        (1, (0.9996, 0.2851, 0.0272, 0.1217)),
        (3, (0.9919, 0.7531, 0.0605, 0.0955)),
        (5, (0.9678, 0.8633, 0.045, 0.0575)),
    ],
)
def test_deposition_is_that_of_hinds(diameter: float, expected: tuple[float, ...]) -> None:
    # ev_cases HINDS-1, -3, -5: Hinds 1999, eq. 11.1 to 11.4, within 0.2 %.
    found = compute_deposition(diameter)
    shares = (found.inhalable, found.head, found.tracheobronchial, found.alveolar)
    assert shares == pytest.approx(expected, rel=0.002, abs=5e-5)


@given(st.floats(0.001, 100))
def test_no_more_deposits_than_is_breathed_in(diameter: float) -> None:
    found = compute_deposition(diameter)
    assert 0 <= found.lung <= found.head + found.lung <= 1.02
    assert 0.5 <= found.inhalable <= 1


@pytest.mark.parametrize("diameter", [0.00099, 100.1, math.nan])
def test_outside_the_fits_it_is_refused(diameter: float) -> None:
    with pytest.raises(Refusal, match="NEB-002"):
        compute_deposition(diameter)


def test_a_spray_is_the_average_over_its_droplets() -> None:
    # Second derivation: a Monte Carlo over the log-normal mass distribution.
    draws = np.exp(np.log(4.0) + np.log(2.0) * np.random.default_rng(1).standard_normal(20_000))
    shares = np.array([compute_deposition(float(min(d, 100))).alveolar for d in draws])
    spray = compute_deposition_of_spray(4.0, gsd=2.0)
    assert spray.alveolar == pytest.approx(shares.mean(), abs=4 * shares.std() / math.sqrt(shares.size))
    assert compute_deposition_of_spray(4.0, gsd=1) == compute_deposition(4.0)


def test_the_fine_particle_fraction_at_its_median_is_one_half() -> None:
    assert compute_fine_fraction(5.0, gsd=2.2) == pytest.approx(0.5)  # ev_cases FPF-5-2.2
    assert [compute_fine_fraction(5.0, gsd=1), compute_fine_fraction(4.9, gsd=1)] == [0, 1]


def test_most_droplets_hold_no_particle() -> None:
    drop = compute_droplet(4, concentration=7.66e8)  # ev_cases DROP-01
    assert drop.mean == pytest.approx(0.025668906374931005, rel=1e-9)
    assert drop.at_least_one == pytest.approx(0.02534226084374347, rel=1e-9)


def test_ten_minutes_do_not_empty_five_millilitres() -> None:
    # ev_cases NEB-TIME: 0.39 mL a minute for 10 minutes.
    delivered, emptied = compute_delivered_volume(5, output_ml_min=0.39, minutes=10)
    assert delivered == pytest.approx(3.9)
    assert not emptied
    assert compute_delivered_volume(3.9, output_ml_min=0.39, minutes=10)[1]
    assert compute_delivered_volume(5, output_ml_min=0.39, minutes=13) == (5, True)


def test_the_budget_follows_the_particles() -> None:
    budget = compute_budget(Nebuliser(**DEVICE), concentration=1e9)
    assert budget.filled == pytest.approx(5e9)
    assert budget.emitted == pytest.approx(3.9e9)
    assert not budget.emptied
    assert budget.intact == pytest.approx(3.9e9 * 0.9)
    assert budget.inhaled == pytest.approx(3.9e9 * 0.9 * 0.7)
    assert budget.minutes_needed == pytest.approx(4.5 / 0.39)
    assert 0 < budget.alveolar + budget.tracheobronchial < budget.head < budget.inhaled


@pytest.mark.parametrize(
    "wrong",
    [
        {"fill_ml": 0},
        {"residual_ml": 5.0},
        {"residual_ml": -0.1},
        {"output_ml_min": 0},
        {"minutes": math.inf},
        {"inhaled_share": 1.01},
        {"survival": -0.01},
        {"gsd": 0.99},
        {"mmad_um": 0},
    ],
)
def test_a_nebuliser_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Refusal, match="NEB-001"):
        Nebuliser(**(DEVICE | wrong))
