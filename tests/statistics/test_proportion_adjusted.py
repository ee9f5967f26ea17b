"""Agresti-Coull and logit intervals of one proportion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.statistics.proportion import proportion_wilson
from exotrial.statistics.proportion_adjusted import proportion_agresti_coull, proportion_logit
from exotrial.statistics.result import Result

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def limits(result: Result) -> tuple[float, float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return result.estimate.lower, result.estimate.upper


@pytest.mark.parametrize(
    ("events", "n", "expected"),
    [(36, 154, (0.173595412, 0.306895958)), (81, 263, (0.255220665, 0.366277432))],
)
def test_agresti_coull_agrees_with_statsmodels(events: int, n: int, expected: tuple[float, float]) -> None:
    # statsmodels 0.14 proportion_confint(method="agresti_coull").
    assert limits(proportion_agresti_coull(events, n)) == pytest.approx(expected, abs=5e-10)


@given(COUNTS)
def test_agresti_coull_holds_wilsons_interval(count: tuple[int, int]) -> None:
    # Brown, Cai & DasGupta 2001: same centre, never narrower.
    (low, high), (inner_low, inner_high) = (
        limits(compute(*count)) for compute in (proportion_agresti_coull, proportion_wilson)
    )
    assert low <= inner_low + 1e-12
    assert high >= inner_high - 1e-12


def test_a_limit_outside_the_range_is_noted() -> None:
    assert limits(proportion_agresti_coull(0, 20))[0] < 0
    assert proportion_agresti_coull(0, 20).notes
    assert proportion_agresti_coull(10, 20).notes == ()


def test_the_logit_interval_of_one_half_by_hand() -> None:
    # ln(p/q) = 0, standard error sqrt(1/8 + 1/8) = 0.5, times 1.959964: 1/(1 + exp(0.979982)) = 0.272895.
    assert limits(proportion_logit(8, 16)) == pytest.approx((0.272895, 0.727105), abs=5e-6)


@pytest.mark.parametrize("events", [0, 7])
def test_infinite_log_odds_give_the_whole_range_and_say_so(events: int) -> None:
    result = proportion_logit(events, 7)
    assert limits(result) == (0.0, 1.0)
    assert any("log odds are infinite" in note for note in result.notes)


@given(COUNTS)
def test_the_logit_interval_mirrors_with_the_outcome(count: tuple[int, int]) -> None:
    events, n = count
    (low, high), (mirrored_low, mirrored_high) = (
        limits(proportion_logit(k, n)) for k in (events, n - events)
    )
    assert (low, high) == pytest.approx((1 - mirrored_high, 1 - mirrored_low), abs=1e-12)
