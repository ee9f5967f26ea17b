"""The power of two one-sided tests against PowerTOST's documented values, simulation and a derivation of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from exotrial.core.errors import Refusal
from exotrial.statistics.equivalence import compute_log_sd
from exotrial.statistics.equivalence_power import (
    compute_power_paired,
    compute_power_welch,
    compute_size_paired,
    compute_size_welch,
    compute_tost_power,
)

LOW, HIGH = math.log(0.8), math.log(1.25)


@pytest.mark.parametrize(
    ("cv", "n", "power"), [(0.25, 24, 0.7391155), (0.30, 40, 0.815845), (0.20, 20, 0.834680)]
)
def test_the_two_by_two_crossover_has_the_power_that_powertost_documents(
    cv: float, n: int, power: float
) -> None:
    # R PowerTOST, power.TOST and sampleN.TOST with their defaults: true ratio 0.95, margin 0.8 to 1.25, alpha 0.05.
    se = compute_log_sd(cv) * math.sqrt(2 / n)
    found = compute_tost_power(difference=math.log(0.95), se=se, df=n - 2, low=LOW, high=HIGH, alpha=0.05)
    assert found == pytest.approx(power, abs=5e-7)


def owens_q_difference(difference: float, se: float, df: float, alpha: float) -> float:
    """Power by Owen's Q as Phillips 1990 writes it, integrated by scipy: a second derivation."""
    t = stats.t.ppf(1 - alpha, df)
    d1, d2 = (difference - LOW) / se, (difference - HIGH) / se
    r = math.sqrt(df) * (d1 - d2) / (2 * t)
    scale = math.sqrt(2 * math.pi) / (math.gamma(df / 2) * 2 ** ((df - 2) / 2))

    def q(bound: float, delta: float) -> float:
        def integrand(x: float) -> float:
            inner: float = special.ndtr(bound * x / math.sqrt(df) - delta) * x ** (df - 1)
            return float(inner * stats.norm.pdf(x))

        return scale * float(integrate.quad(integrand, 0, r, epsabs=1e-12)[0])

    return q(-t, d2) - q(t, d1)


@pytest.mark.parametrize(
    ("n", "sd", "difference"), [(2, 0.05, 0.0), (3, 0.1, 0.05), (6, 0.15, -0.1), (30, 0.4, 0.02)]
)
def test_paired_power_is_the_difference_of_two_values_of_owens_q(
    n: int, sd: float, difference: float
) -> None:
    found = compute_power_paired(n, difference=difference, sd=sd, low=LOW, high=HIGH, alpha=0.05)
    expected = owens_q_difference(difference, sd / math.sqrt(n), n - 1, 0.05)
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("n", "sds"), [((2, 2), (0.1, 0.2)), ((3, 5), (0.1, 0.1)), ((12, 30), (0.1, 0.2))])
def test_the_power_of_welchs_tests_is_what_simulation_finds(
    n: tuple[int, int], sds: tuple[float, float]
) -> None:
    found = compute_power_welch(n, difference=0.03, sds=sds, low=LOW, high=HIGH, alpha=0.05)
    generator, runs = np.random.default_rng(20260101), 60_000
    first = generator.normal(0.03, sds[0], (runs, n[0]))
    second = generator.normal(0.0, sds[1], (runs, n[1]))
    a, b = first.var(axis=1, ddof=1) / n[0], second.var(axis=1, ddof=1) / n[1]
    df = (a + b) ** 2 / (a**2 / (n[0] - 1) + b**2 / (n[1] - 1))
    reach = special.stdtrit(df, 0.95) * np.sqrt(a + b)
    difference = first.mean(axis=1) - second.mean(axis=1)
    share = float(np.mean((difference - reach >= LOW) & (difference + reach <= HIGH)))
    assert found == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / runs))


def test_with_many_values_welch_has_the_power_of_the_pooled_test() -> None:
    welch = compute_power_welch((500, 500), difference=0.1, sds=(0.8, 0.8), low=LOW, high=HIGH, alpha=0.05)
    pooled = compute_tost_power(
        difference=0.1, se=0.8 * math.sqrt(2 / 500), df=998, low=LOW, high=HIGH, alpha=0.05
    )
    assert welch == pytest.approx(pooled, abs=1e-5)


@settings(max_examples=40)
@given(st.floats(-0.22, 0.22), st.floats(0.01, 3), st.integers(1, 300))
def test_power_is_symmetric_in_the_difference_and_a_probability(
    difference: float, se: float, df: int
) -> None:
    one = compute_tost_power(difference=difference, se=se, df=df, low=LOW, high=HIGH, alpha=0.05)
    other = compute_tost_power(difference=-difference, se=se, df=df, low=LOW, high=HIGH, alpha=0.05)
    assert 0 <= one <= 1
    assert one == pytest.approx(other, abs=1e-9)
    at_margin = compute_tost_power(difference=HIGH, se=se, df=df, low=LOW, high=HIGH, alpha=0.05)
    assert at_margin <= 0.05 + 1e-9


def test_the_size_found_is_the_first_that_suffices() -> None:
    sd = compute_log_sd(0.3)
    n = compute_size_welch(0.9, difference=math.log(0.95), sds=(sd, sd), low=LOW, high=HIGH, alpha=0.05)

    def power(size: int) -> float:
        return compute_power_welch(
            (size, size), difference=math.log(0.95), sds=(sd, sd), low=LOW, high=HIGH, alpha=0.05
        )

    assert power(n - 1) < 0.9 <= power(n)
    # Julious 2004, Stat Med 23:1921-1986: at no difference, about 2 sd^2 (z + z')^2 / margin^2 a group.
    about = 2 * sd**2 * (stats.norm.ppf(0.95) + stats.norm.ppf(0.95)) ** 2 / HIGH**2
    exact = compute_size_welch(0.9, difference=0.0, sds=(sd, sd), low=LOW, high=HIGH, alpha=0.05)
    assert about <= exact <= about + 2


def test_the_fewest_pairs_of_an_easy_plan_are_two_and_a_hopeless_plan_is_refused() -> None:
    assert compute_size_paired(0.8, difference=0.0, sd=0.001, low=LOW, high=HIGH, alpha=0.05) == 2
    for difference in (HIGH, LOW, 0.5):
        with pytest.raises(Refusal, match="TST-004"):
            compute_size_paired(0.8, difference=difference, sd=0.1, low=LOW, high=HIGH, alpha=0.05)
    with pytest.raises(Refusal, match="TST-004"):
        compute_size_paired(0.8, difference=0.0, sd=1e4, low=LOW, high=HIGH, alpha=0.05)


@pytest.mark.parametrize(("n", "sd"), [(1, 0.1), (3, 0.0), (3, math.inf), (3, math.nan)])
def test_a_plan_that_cannot_be_is_refused(n: int, sd: float) -> None:
    with pytest.raises(Refusal, match="TST-003"):
        compute_power_paired(n, difference=0.0, sd=sd, low=LOW, high=HIGH, alpha=0.05)
    with pytest.raises(Refusal, match="TST-003"):
        compute_power_welch((n, n), difference=0.0, sds=(sd, sd), low=LOW, high=HIGH, alpha=0.05)


def test_a_power_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal, match="TST-003"):
        compute_size_paired(1.0, difference=0.0, sd=0.1, low=LOW, high=HIGH, alpha=0.05)
