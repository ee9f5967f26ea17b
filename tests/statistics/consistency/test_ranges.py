"""SD bounds and quartile feasibility against enumeration."""

from itertools import combinations_with_replacement
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.consistency import quantile_feasible, read_printed, sd_bounds
from exotrial.statistics.consistency.feasibility import Rule

few = settings(max_examples=40, deadline=None)


NUMPY_NAMES: dict[Rule, str] = {2: "averaged_inverted_cdf", 6: "weibull", 7: "linear"}


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.integers(0, 60))
def test_sd_bounds_on_a_grid_agree_with_enumeration(n: int, tenths: int) -> None:
    mean = f"{tenths / 10:.1f}"
    samples = np.array(list(combinations_with_replacement(range(7), n)), dtype=float)
    printed = read_printed(mean)
    fits = (samples.mean(axis=1) >= float(printed.lower) - 1e-9) & (
        samples.mean(axis=1) <= float(printed.upper) + 1e-9
    )
    bounds = sd_bounds(mean, n, minimum="0", maximum="6", step="1")
    assert bounds.mean_possible == bool(fits.any())
    if fits.any():
        spreads = samples[fits].std(axis=1, ddof=1)
        assert bounds.sample_lower == pytest.approx(spreads.min(), abs=1e-12)
        assert bounds.sample_upper == pytest.approx(spreads.max(), abs=1e-12)


@few
@given(st.lists(st.floats(1, 7), min_size=2, max_size=30))
def test_real_data_lie_within_the_bounds(values: list[float]) -> None:
    bounds = sd_bounds(f"{np.mean(values):.2f}", len(values), minimum="1", maximum="7")
    assert bounds.sample_upper is not None
    assert np.std(values, ddof=1) <= bounds.sample_upper + 1e-9


def test_the_largest_sd_puts_half_at_each_end() -> None:
    # 0,0,10,10: population SD 5, sample SD sqrt(100/3) = 5.7735. The printed mean is exact at its centre.
    bounds = sd_bounds("5", 4, minimum="0", maximum="10", step="5")
    assert bounds.population_upper == pytest.approx(5.0)
    assert bounds.sample_upper == pytest.approx(5.773502691896258)


def test_an_sd_just_above_the_bound_is_not_possible() -> None:
    assert sd_bounds("5", 4, minimum="0", maximum="10", step="5", sd="5.77").consistent
    assert not sd_bounds("5", 4, minimum="0", maximum="10", step="5", sd="5.79").consistent


def test_a_mean_off_the_scale_is_not_possible() -> None:
    bounds = sd_bounds("7.2", 4, minimum="1", maximum="7", sd="0.5")
    assert not bounds.mean_possible
    assert bounds.consistent is False
    assert bounds.sample_upper is None


def test_one_value_has_no_sample_sd() -> None:
    bounds = sd_bounds("5", 1, minimum="0", maximum="10", step="1")
    assert bounds.sample_upper is None
    assert bounds.population_upper == 0


def test_a_scale_of_one_value_has_no_spread() -> None:
    assert sd_bounds("5", 3, minimum="5", maximum="5").sample_upper == 0
    assert sd_bounds("5", 3, minimum="5", maximum="5", step="1").sample_upper == 0


def test_ends_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-505"):
        sd_bounds("5", 3, minimum="10", maximum="0")


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 6),
    st.sampled_from(get_args(Rule)),
    st.tuples(st.integers(0, 16), st.integers(0, 16), st.integers(0, 16)),
)
def test_quartiles_agree_with_enumeration(n: int, rule: Rule, quarters: tuple[int, int, int]) -> None:
    # Values 0 to 4, printed to two decimals (every quartile is a multiple of a quarter, so exact).
    q1, median, q3 = sorted(quarters)
    samples = np.array(list(combinations_with_replacement(range(-4, 9), n)), dtype=float)
    method = NUMPY_NAMES[rule]
    quantiles = np.quantile(samples, [0.25, 0.5, 0.75], axis=1, method=method).T  # type: ignore[call-overload]  # name chosen at run time
    wanted = np.array([q1, median, q3]) / 4
    possible = bool(np.any(np.all(np.abs(quantiles - wanted) < 1e-9, axis=1)))
    result = quantile_feasible(f"{median / 4:.2f}", f"{q1 / 4:.2f}", f"{q3 / 4:.2f}", n, rule=rule, step="1")
    if possible:
        assert result.consistent
    if result.consistent:
        example = np.array(result.example, dtype=float)
        got = np.quantile(example, [0.25, 0.5, 0.75], method=method)  # type: ignore[call-overload]
        assert len(example) == n
        assert np.all(np.diff(example) >= 0)
        assert np.allclose(got, wanted)


@pytest.mark.parametrize("rule", get_args(Rule))
def test_the_ages_of_seed_000_are_possible(rule: Rule) -> None:
    # DAT-009, seed 000: median age 57 years, interquartile range 43 to 70.
    assert all(quantile_feasible("57", "43", "70", n, rule=rule).consistent for n in range(3, 40))


def test_a_half_year_median_needs_an_even_number_of_whole_ages() -> None:
    assert not quantile_feasible("57.5", "43", "70", 11, rule=2).consistent
    assert quantile_feasible("57.5", "43", "70", 12, rule=2).consistent


def test_quartiles_out_of_order_are_not_possible() -> None:
    assert not quantile_feasible("40", "43", "70", 12).consistent


def test_one_value_is_its_own_quartiles() -> None:
    assert quantile_feasible("5", "5", "5", 1).consistent
    assert not quantile_feasible("5", "4", "6", 1).consistent


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-506"):
        quantile_feasible("5", "4", "6", 9, rule=5)  # type: ignore[arg-type]  # not one of the three


def test_too_fine_a_step_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-507"):
        quantile_feasible("5", "4", "6", 9, step="0.000001")
