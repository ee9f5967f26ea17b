"""Paired tests of the mean difference: the t test, and every sign change counted."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.before_after import compute_differences, paired_t, sign_flip, sign_flip_monte_carlo
from exotrial.statistics.result import Alternative
from tests.statistics.chictr import LYMPHOCYTES, TEMPERATURE

# Darwin's maize, crossed less self-fertilised, in eighths of an inch: Fisher 1935, The Design of
# Experiments, ch. 3, which counts 863 sign changes with a sum as large and prints t = 2.148.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
ZEROS = [0] * len(MAIZE)
DIFFERENCES = st.lists(st.integers(-30, 30), min_size=1, max_size=9)


def count_by_hand(differences: list[int], alternative: Alternative) -> Fraction:
    observed = sum(differences)
    hits = 0
    for signs in itertools.product((1, -1), repeat=len(differences)):
        total = sum(sign * value for sign, value in zip(signs, differences, strict=True))
        hits += {
            Alternative.TWO_SIDED: abs(total) >= abs(observed),
            Alternative.GREATER: total >= observed,
            Alternative.LESS: total <= observed,
        }[alternative]
    return Fraction(hits, 2 ** len(differences))


def test_fishers_count_for_darwins_maize_is_exact() -> None:
    result = sign_flip(MAIZE, ZEROS)
    assert result.p_value == 1726 / 32768
    assert result.exact
    assert result.notes[0].startswith("1726 of 2^15 = 32768 sign changes")
    assert sign_flip(MAIZE, ZEROS, alternative=Alternative.GREATER).p_value == 863 / 32768


def test_the_paired_t_of_darwins_maize_is_fishers() -> None:
    result = paired_t(MAIZE, ZEROS)
    assert result.statistic == pytest.approx(2.148, abs=5e-4)
    assert result.df == (14.0,)
    # dz = t / sqrt n = 2.14799 / sqrt 15.
    assert result.notes == ("Cohen's dz = 0.5546",)


@given(DIFFERENCES, st.sampled_from(list(Alternative)))
def test_every_sign_change_is_counted(differences: list[int], alternative: Alternative) -> None:
    result = sign_flip(differences, [0] * len(differences), alternative=alternative)
    assert result.p_value == float(count_by_hand(differences, alternative))


@given(DIFFERENCES)
def test_exchanging_the_samples_mirrors_the_result(differences: list[int]) -> None:
    zeros = [0] * len(differences)
    there, back = sign_flip(differences, zeros), sign_flip(zeros, differences)
    assert there.p_value == back.p_value
    assert there.estimate is not None
    assert back.estimate is not None
    assert there.estimate.lower is not None
    assert back.estimate.upper == pytest.approx(-there.estimate.lower)


@given(DIFFERENCES.filter(lambda d: len(d) >= 6))
@settings(max_examples=40)
def test_the_exact_interval_ends_where_the_test_turns(differences: list[int]) -> None:
    estimate = sign_flip(differences, [0] * len(differences)).estimate
    assert estimate is not None
    assert estimate.lower is not None
    assert estimate.upper is not None
    assert estimate.lower <= estimate.value <= estimate.upper
    step = 1e-6
    for bound, outward in ((estimate.lower, -step), (estimate.upper, step)):
        outside = sign_flip(differences, [bound + outward] * len(differences)).p_value
        assert outside is not None
        assert outside <= 0.05
        if estimate.lower < estimate.upper:
            inside = sign_flip(differences, [bound - outward] * len(differences)).p_value
            assert inside is not None
            assert inside > 0.05


def test_five_pairs_cannot_bound_a_95_percent_interval_and_six_can() -> None:
    # 2^5 x 0.025 = 0.8 sign changes, 2^6 x 0.025 = 1.6.
    five = sign_flip([1, 2, 3, 4, 5], [0] * 5)
    assert five.estimate is not None
    assert (five.estimate.lower, five.estimate.upper) == (-math.inf, math.inf)
    assert "too few" in five.notes[-1]
    six = sign_flip([1, 2, 3, 4, 5, 6], [0] * 6).estimate
    assert six is not None
    assert (six.lower, six.upper) == (1.0, 6.0)


def test_differences_equal_as_printed_are_equal() -> None:
    # 36.5 - 36.6 and 36.4 - 36.5 differ in binary; both are -0.1.
    differences = compute_differences(*TEMPERATURE)
    assert differences.tolist() == [-0.1, 0.2, -0.1, 0.1, -0.1, -0.1, 1.1]
    # In tenths -1 2 -1 1 -1 -1 11; the sum is 10, and ties decide the count.
    in_tenths = [-1, 2, -1, 1, -1, -1, 11]
    assert sign_flip(*TEMPERATURE).p_value == float(count_by_hand(in_tenths, Alternative.TWO_SIDED))


def test_zero_differences_are_named_and_leave_p_alone() -> None:
    # Patient 6 has 2.08 before and after: 28 of the 64 sign changes of the other six.
    result = sign_flip(*LYMPHOCYTES)
    assert result.p_value == 28 / 64
    assert "1 zero differences" in result.notes[1]


def test_differences_all_zero_give_p_one_with_a_note() -> None:
    for method in (paired_t, sign_flip):
        result = method([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
        assert result.p_value == 1.0
        assert any("all differences are zero" in note for note in result.notes)


def test_equal_differences_refuse_t_and_are_counted_by_sign_flips() -> None:
    first, second = [36.5, 36.4, 36.7], [36.6, 36.5, 36.8]
    with pytest.raises(Refusal, match=r"STS-100: all 3 values are -0.1"):
        paired_t(first, second)
    assert sign_flip(first, second).p_value == 2 / 8


def test_one_pair_is_too_few_for_t_and_says_nothing_by_sign_flip() -> None:
    with pytest.raises(Refusal, match="STS-002"):
        paired_t([1.0], [2.0])
    assert sign_flip([1.0], [2.0]).p_value == 1.0


def test_missing_values_and_unequal_lengths_are_refused() -> None:
    for method in (paired_t, sign_flip, sign_flip_monte_carlo):
        with pytest.raises(Refusal, match="STS-001"):
            method([1.0, math.nan], [1.0, 2.0])
        with pytest.raises(Refusal, match="STS-003"):
            method([1.0, 2.0, 3.0], [1.0, 2.0])


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=12))
def test_the_paired_t_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    if len({a - b for a, b in pairs}) == 1:
        return
    theirs = stats.ttest_rel(first, second)
    ours = paired_t(first, second)
    assert ours.p_value == pytest.approx(float(theirs.pvalue), rel=1e-7)
    assert ours.estimate is not None
    assert ours.estimate.upper == pytest.approx(float(theirs.confidence_interval().high), rel=1e-7, abs=1e-9)


def test_forty_pairs_are_counted_and_many_more_are_refused() -> None:
    # Forty differences of 1: only the two sign changes without a mixture are as extreme.
    assert sign_flip([1] * 40, [0] * 40).p_value == 2 / 2**40
    # 41 unequal values with twelve digits have no short table of sums.
    awkward = [1 + 0.013579246801 * i * i for i in range(41)]
    with pytest.raises(Refusal, match="STS-107"):
        sign_flip(awkward, [0.0] * 41)
    # Small whole numbers have one, up to 62 pairs.
    assert sign_flip([1] * 62, [0] * 62).p_value == 2 / 2**62


def test_more_than_22_pairs_have_no_listed_interval() -> None:
    for n, listed in ((22, True), (23, False)):
        estimate = sign_flip(list(range(1, n + 1)), [0] * n).estimate
        assert estimate is not None
        assert (estimate.lower is not None) is listed


def test_monte_carlo_is_repeatable_and_near_the_exact_p() -> None:
    once = sign_flip_monte_carlo(MAIZE, ZEROS, seed=7, resamples=20_000)
    assert once == sign_flip_monte_carlo(MAIZE, ZEROS, seed=7, resamples=20_000)
    assert once.p_value != sign_flip_monte_carlo(MAIZE, ZEROS, seed=8, resamples=20_000).p_value
    # Five standard errors of a proportion of 0.0527 in 20,000.
    assert once.p_value == pytest.approx(1726 / 32768, abs=5 * math.sqrt(0.0527 * 0.9473 / 20_000))
    assert not once.exact
    assert "20000 resamples from seed 7" in once.notes[0]


def test_monte_carlo_one_sided_tails_meet_around_the_observed() -> None:
    up = sign_flip_monte_carlo(MAIZE, ZEROS, resamples=999, alternative=Alternative.GREATER).p_value
    down = sign_flip_monte_carlo(MAIZE, ZEROS, resamples=999, alternative=Alternative.LESS).p_value
    assert up is not None
    assert down is not None
    assert up < 0.1
    assert up + down >= 1.0
