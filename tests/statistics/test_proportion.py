"""One proportion: intervals, the exact test, and nothing seen."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from exotrial.core.errors import Refusal
from exotrial.statistics.proportion import (
    proportion_jeffreys,
    proportion_lr,
    proportion_wald,
    proportion_wald_cc,
    proportion_wilson,
    proportion_wilson_cc,
)
from exotrial.statistics.proportion_exact import (
    binomial_exact,
    proportion_blaker,
    proportion_clopper_pearson,
    proportion_mid_p,
    zero_events_one_sided,
    zero_events_two_sided,
)
from exotrial.statistics.result import Alternative, Result

Compute = Callable[..., Result]
WALD: tuple[Compute, ...] = (proportion_wald, proportion_wald_cc)
BOUNDED: tuple[Compute, ...] = (
    proportion_wilson,
    proportion_wilson_cc,
    proportion_jeffreys,
    proportion_lr,
    proportion_clopper_pearson,
    proportion_mid_p,
    proportion_blaker,
)

few = settings(max_examples=40, deadline=None)

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.99))


def limits(result: Result) -> tuple[float, float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return result.estimate.lower, result.estimate.upper


@pytest.mark.parametrize("compute", BOUNDED)
@few
@given(count=counts, level=levels)
def test_limits_hold_the_estimate_and_stay_within_zero_and_one(
    compute: Compute, count: tuple[int, int], level: float
) -> None:
    lower, upper = limits(compute(*count, level=level))
    assert 0 <= lower <= count[0] / count[1] <= upper <= 1


@pytest.mark.parametrize("compute", WALD + BOUNDED)
@few
@given(count=counts, level=levels)
def test_counting_those_without_an_event_mirrors_the_interval(
    compute: Compute, count: tuple[int, int], level: float
) -> None:
    events, n = count
    lower, upper = limits(compute(events, n, level=level))
    other_lower, other_upper = limits(compute(n - events, n, level=level))
    assert (1 - other_upper, 1 - other_lower) == pytest.approx((lower, upper), abs=1e-9)


@pytest.mark.parametrize("compute", WALD + BOUNDED)
@few
@given(count=counts)
def test_more_confidence_is_a_wider_interval(compute: Compute, count: tuple[int, int]) -> None:
    lower, upper = limits(compute(*count, level=0.99))
    inner_lower, inner_upper = limits(compute(*count, level=0.8))
    assert lower <= inner_lower
    assert inner_upper <= upper


@pytest.mark.parametrize("compute", [*WALD, *BOUNDED, binomial_exact])
def test_a_proportion_of_nobody_is_refused(compute: Compute) -> None:
    with pytest.raises(Refusal, match="STS-400"):
        compute(0, 0)


@pytest.mark.parametrize(("events", "n"), [(4, 3), (-1, 3), (1.5, 3), (1, -3), (float("nan"), 3)])
def test_counts_that_cannot_be_are_refused(events: int, n: int) -> None:
    with pytest.raises(Refusal, match="STS-401"):
        proportion_wilson(events, n)


@pytest.mark.parametrize("compute", WALD + BOUNDED)
def test_a_level_that_is_none_is_refused(compute: Compute) -> None:
    with pytest.raises(Refusal, match="STS-004"):
        compute(1, 3, level=95)


def test_a_wald_interval_without_width_says_so() -> None:
    assert limits(proportion_wald(0, 20)) == (0.0, 0.0)
    assert any("no width" in note for note in proportion_wald(0, 20).notes)
    assert not any("no width" in note for note in proportion_wald(1, 20).notes)


def test_a_wald_limit_below_zero_is_kept_and_noted() -> None:
    # Newcombe 1998 shows this overshoot for 1/29.
    result = proportion_wald(1, 29)
    assert limits(result)[0] < 0
    assert any("outside 0 to 1" in note for note in result.notes)


def test_one_participant_has_the_widest_exact_interval() -> None:
    # Clopper-Pearson for 1 of 1: the lower limit is alpha/2 itself.
    assert limits(proportion_clopper_pearson(1, 1)) == pytest.approx((0.025, 1.0))
    assert limits(proportion_clopper_pearson(0, 1)) == pytest.approx((0.0, 0.975))


@few
@given(counts, levels)
def test_clopper_pearson_leaves_half_of_alpha_in_each_tail(count: tuple[int, int], level: float) -> None:
    events, n = count
    lower, upper = limits(proportion_clopper_pearson(events, n, level=level))
    if events > 0:
        assert binom.sf(events - 1, n, lower) == pytest.approx((1 - level) / 2, rel=1e-6)
    if events < n:
        assert binom.cdf(events, n, upper) == pytest.approx((1 - level) / 2, rel=1e-6)


def _acceptability(events: int, n: int, p: float) -> float:
    """Blaker 2000, equation 1: the probability of counts whose smaller tail is no larger than that seen."""
    count = np.arange(n + 1)
    tails = np.minimum(binom.cdf(count, n, p), binom.sf(count - 1, n, p))
    return float(binom.pmf(count, n, p)[tails <= tails[events] * (1 + 1e-12)].sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 15).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_blaker_limits_end_the_acceptable_proportions(count: tuple[int, int], level: float) -> None:
    events, n = count
    lower, upper = limits(proportion_blaker(events, n, level=level))
    outside = [p for p in np.linspace(0, 1, 401) if p < lower - 1e-9 or p > upper + 1e-9]
    assert all(_acceptability(events, n, p) < 1 - level + 1e-9 for p in outside)
    for limit, inwards in ((lower, 1e-9), (upper, -1e-9)):
        if 0 < limit < 1:
            assert _acceptability(events, n, limit + inwards) >= 1 - level - 1e-6


@few
@given(counts, levels)
def test_blaker_lies_within_clopper_pearson(count: tuple[int, int], level: float) -> None:
    # Blaker 2000, theorem 1.
    outer, inner = (
        limits(compute(*count, level=level)) for compute in (proportion_clopper_pearson, proportion_blaker)
    )
    assert outer[0] <= inner[0] + 1e-12
    assert inner[1] <= outer[1] + 1e-12


@pytest.mark.parametrize("compute", [proportion_clopper_pearson, proportion_blaker])
@pytest.mark.parametrize("n", [1, 5, 12])
def test_exact_intervals_cover_at_least_their_level(compute: Compute, n: int) -> None:
    ends = np.array([limits(compute(events, n, level=0.9)) for events in range(n + 1)])
    for p in np.linspace(0.001, 0.999, 499):
        covered = (ends[:, 0] <= p) & (p <= ends[:, 1])
        assert binom.pmf(np.arange(n + 1), n, p)[covered].sum() >= 0.9 - 1e-12


def test_the_exact_test_sums_counts_no_more_probable() -> None:
    # 0 of 3 at one half: 0 and 3 have probability 1/8 each.
    assert binomial_exact(0, 3).p_value == pytest.approx(0.25)
    assert binomial_exact(0, 3, alternative=Alternative.LESS).p_value == pytest.approx(0.125)
    assert binomial_exact(0, 3, alternative=Alternative.GREATER).p_value == pytest.approx(1.0)


def test_a_one_sided_test_has_a_one_sided_interval() -> None:
    assert limits(binomial_exact(2, 10, alternative=Alternative.LESS))[0] == 0
    assert limits(binomial_exact(2, 10, alternative=Alternative.GREATER))[1] == 1


def test_an_impossible_null_is_contradicted_for_certain() -> None:
    assert binomial_exact(1, 5, null=0.0).p_value == 0
    assert binomial_exact(0, 5, null=0.0).p_value == 1


def test_a_null_that_is_no_proportion_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-404"):
        binomial_exact(1, 5, null=50)


@few
@given(st.integers(1, 1000), levels)
def test_the_bound_for_zero_events_makes_zero_as_rare_as_asked(n: int, level: float) -> None:
    one, two = (
        limits(compute(0, n, level=level))[1] for compute in (zero_events_one_sided, zero_events_two_sided)
    )
    assert (1 - one) ** n == pytest.approx(1 - level, rel=1e-9)
    assert (1 - two) ** n == pytest.approx((1 - level) / 2, rel=1e-9)
    assert two == pytest.approx(limits(proportion_clopper_pearson(0, n, level=level))[1], rel=1e-9)


def test_nothing_seen_in_seven() -> None:
    # 1 - 0.05^(1/7) = 0.348164; the rule of three would say 0.429.
    result = zero_events_one_sided(0, 7)
    assert limits(result) == pytest.approx((0.0, 0.348164), abs=1e-6)
    assert "3/n = 0.429" in result.notes[0]
    assert "approximation" in result.notes[0]


def test_the_zero_bound_refuses_an_event() -> None:
    with pytest.raises(Refusal, match="STS-405"):
        zero_events_one_sided(1, 7)


def test_blakers_interval_of_a_billion_is_found_at_once() -> None:
    # Between the one-sided limit -ln(0.05) / n (the rule of three) and the two-sided -ln(0.025) / n.
    low, high = limits(proportion_blaker(0, 10**9))
    assert low == 0.0
    assert 2.99e-9 < high < 3.7e-9
