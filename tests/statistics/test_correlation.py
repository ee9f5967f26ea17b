"""Pearson and Spearman against scipy, a printed example and a count by hand."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.correlation import pearson, spearman_exact, spearman_t
from exotrial.statistics.result import Alternative

# Hunter L and panel scores of nine lots of canned tuna: Hollander & Wolfe 1973, Nonparametric Statistical
# Methods, p. 187.
LIGHTNESS = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
PANEL = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]

PAIRS = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=4, max_size=20).filter(
    lambda pairs: len({a for a, _ in pairs}) > 1 and len({b for _, b in pairs}) > 1
)


def test_the_tuna_example_is_reproduced() -> None:
    # R's cor.test page on the same data: r = 0.5711816, t = 1.8411 on 7 df, p = 0.1082, 95 % CI -0.1497426
    # to 0.8955795; Spearman 0.6 with exact p = 0.0968.
    result = pearson(LIGHTNESS, PANEL)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.5711816, abs=5e-8)
    assert result.statistic == pytest.approx(1.8411, abs=5e-5)
    assert result.df == (7.0,)
    assert result.p_value == pytest.approx(0.1082, abs=5e-5)
    assert result.estimate.lower == pytest.approx(-0.1497426, abs=5e-8)
    assert result.estimate.upper == pytest.approx(0.8955795, abs=5e-8)
    exact = spearman_exact(LIGHTNESS, PANEL)
    assert exact.statistic == pytest.approx(0.6, abs=1e-12)
    assert exact.p_value == pytest.approx(0.0968, abs=5e-5)
    assert exact.exact


@given(PAIRS, st.sampled_from(list(Alternative)))
def test_pearson_and_the_t_of_spearman_agree_with_scipy(
    pairs: list[tuple[int, int]], alternative: Alternative
) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    for ours, theirs in ((pearson, stats.pearsonr), (spearman_t, stats.spearmanr)):
        expected = theirs(x, y, alternative=str(alternative))
        result = ours(x, y, alternative=alternative)
        assert result.estimate is not None
        assert result.estimate.value == pytest.approx(float(expected.statistic), rel=1e-9, abs=1e-9)
        assert result.p_value == pytest.approx(float(expected.pvalue), rel=1e-5, abs=1e-6)


@given(PAIRS)
def test_fishers_interval_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    result = pearson(x, y)
    assert result.estimate is not None
    if abs(result.estimate.value) < 0.999999:
        interval = stats.pearsonr(x, y).confidence_interval()
        assert result.estimate.lower == pytest.approx(float(interval.low), rel=1e-6, abs=1e-6)
        assert result.estimate.upper == pytest.approx(float(interval.high), rel=1e-6, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=3, max_size=6).filter(
        lambda pairs: len({a for a, _ in pairs}) > 1 and len({b for _, b in pairs}) > 1
    ),
    st.sampled_from(list(Alternative)),
)
@settings(max_examples=40)
def test_every_order_is_counted_with_ties(pairs: list[tuple[int, int]], alternative: Alternative) -> None:
    left: list[int] = [round(2 * rank) for rank in stats.rankdata([a for a, _ in pairs])]
    right: list[int] = [round(2 * rank) for rank in stats.rankdata([b for _, b in pairs])]
    n = len(pairs)

    def covariance(order: tuple[int, ...]) -> int:
        return n * sum(a * b for a, b in zip(left, order, strict=True)) - sum(left) * sum(right)

    observed = covariance(tuple(right))
    hits = [
        {
            Alternative.TWO_SIDED: abs(covariance(order)) >= abs(observed),
            Alternative.GREATER: covariance(order) >= observed,
            Alternative.LESS: covariance(order) <= observed,
        }[alternative]
        for order in itertools.permutations(right)
    ]
    result = spearman_exact([a for a, _ in pairs], [b for _, b in pairs], alternative=alternative)
    assert result.p_value == sum(hits) / len(hits)


def test_decimals_equal_as_printed_share_a_rank() -> None:
    assert spearman_exact([0.1 + 0.2, 0.3, 0.4, 0.5], [1, 2, 3, 4]).estimate == (
        spearman_exact([0.3, 0.3, 0.4, 0.5], [1, 2, 3, 4]).estimate
    )


def test_a_monotone_relation_of_four_has_two_of_24_orders() -> None:
    result = spearman_exact([1, 2, 3, 4], [1, 8, 27, 64])
    assert result.p_value == 2 / 24
    assert result.estimate is not None
    assert (result.estimate.value, result.estimate.lower, result.estimate.upper) == (1.0, 1.0, 1.0)


def test_points_on_a_line_have_no_t_and_say_so() -> None:
    for sign in (1, -1):
        result = pearson([1, 2, 3, 4], [sign * 0.1, sign * 0.2, sign * 0.3, sign * 0.4])
        assert (result.statistic, result.p_value) == (None, 0.0)
        assert any("perfect" in note for note in result.notes)
    assert pearson([1, 2, 3], [3, 2, 1], alternative=Alternative.GREATER).p_value == 1.0
    assert pearson([1, 2, 3], [3, 2, 1], alternative=Alternative.LESS).p_value == 0.0


def test_three_pairs_have_no_interval_and_four_have() -> None:
    three = pearson([1, 2, 3], [1, 3, 2])
    assert three.estimate is not None
    assert three.estimate.lower is None
    assert any("no interval" in note for note in three.notes)
    four = pearson([1, 2, 3, 4], [1, 3, 2, 4]).estimate
    assert four is not None
    assert four.lower is not None


def test_a_one_sided_interval_ends_at_one() -> None:
    up = pearson(LIGHTNESS, PANEL, alternative=Alternative.GREATER).estimate
    down = pearson(LIGHTNESS, PANEL, alternative=Alternative.LESS).estimate
    both = pearson(LIGHTNESS, PANEL, level=0.9).estimate
    assert up is not None
    assert down is not None
    assert both is not None
    assert up.lower == pytest.approx(both.lower)
    assert up.upper == 1.0
    assert down.lower == -1.0
    assert down.upper == pytest.approx(both.upper)


def test_what_does_not_vary_is_refused() -> None:
    for method in (pearson, spearman_t, spearman_exact):
        with pytest.raises(Refusal, match="STS-100: all values of y are 2"):
            method([1, 2, 3], [2, 2, 2])
        with pytest.raises(Refusal, match="STS-001"):
            method([1, 2, math.nan], [1, 2, 3])
        with pytest.raises(Refusal, match="STS-002"):
            method([1, 2], [1, 2])
        with pytest.raises(Refusal, match="STS-003"):
            method([1, 2, 3], [1, 2])


def test_nine_pairs_are_enumerated_and_ten_are_refused() -> None:
    assert spearman_exact(range(9), range(9)).p_value == 2 / math.factorial(9)
    with pytest.raises(Refusal, match="STS-107: 10 pairs have 10! orders; use spearman_t"):
        spearman_exact(range(10), range(10))
