"""p values and group sizes from printed summaries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind_from_stats

from exotrial.core.errors import Refusal
from exotrial.statistics.consistency import p_value_range_from_summary, read_printed, search_group_sizes
from exotrial.statistics.consistency.p_range import SummaryTest

TESTS: tuple[SummaryTest, ...] = ("student", "welch")
tests_of_summaries = st.sampled_from(TESTS)


def _scipy(m1: float, s1: float, n1: int, m2: float, s2: float, n2: int, test: SummaryTest) -> float:
    return float(ttest_ind_from_stats(m1, s1, n1, m2, s2, n2, equal_var=test == "student").pvalue)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 99),
    st.integers(1, 60),
    st.integers(2, 40),
    st.integers(0, 99),
    st.integers(1, 60),
    st.integers(2, 40),
    tests_of_summaries,
    st.integers(0, 2**32 - 1),
)
def test_no_values_inside_the_rounding_give_a_p_outside_the_range(
    m1: int, s1: int, n1: int, m2: int, s2: int, n2: int, test: SummaryTest, seed: int
) -> None:
    figures = [f"{x / 10:.1f}" for x in (m1, s1, m2, s2)]
    result = p_value_range_from_summary(figures[0], figures[1], n1, figures[2], figures[3], n2, test=test)
    draws = np.random.default_rng(seed).uniform(-0.05, 0.05, (40, 4))
    for noise in draws:
        a, b, c, d = (float(read_printed(f).value) + e for f, e in zip(figures, noise, strict=True))
        p = _scipy(a, max(b, 1e-9), n1, c, max(d, 1e-9), n2, test)
        assert result.p_min * (1 - 1e-6) - 1e-12 <= p <= result.p_max * (1 + 1e-6) + 1e-12


@settings(deadline=None)
@given(st.integers(1, 99), st.integers(1, 60), st.integers(2, 40), st.integers(2, 40), tests_of_summaries)
def test_the_literal_p_is_that_of_scipy(mean: int, sd: int, n1: int, n2: int, test: SummaryTest) -> None:
    result = p_value_range_from_summary(str(mean), str(sd), n1, "50", "7", n2, test=test)
    assert result.p_as_printed == pytest.approx(_scipy(mean, sd, n1, 50, 7, n2, test), rel=1e-9, abs=1e-300)
    assert result.p_min <= result.p_as_printed <= result.p_max


def test_equal_printed_means_can_have_a_p_of_one() -> None:
    result = p_value_range_from_summary("5.0", "1.0", 10, "5.0", "1.0", 10)
    assert result.p_max == 1
    assert result.p_as_printed == 1


def test_more_decimals_narrow_the_range() -> None:
    wide = p_value_range_from_summary("16", "5", 10, "21", "4", 10)
    narrow = p_value_range_from_summary("16.00", "5.00", 10, "21.00", "4.00", 10)
    assert wide.p_min < narrow.p_min < narrow.p_max < wide.p_max


def test_an_sd_printed_as_zero_beside_one_that_is_not_can_be_tested() -> None:
    result = p_value_range_from_summary("5.0", "0.0", 3, "6.0", "1.0", 3, test="welch")
    assert 0 < result.p_min < result.p_max < 1


def test_two_sds_of_zero_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-509"):
        p_value_range_from_summary("5.0", "0.0", 3, "6.0", "0.0", 3)


def test_a_group_of_one_is_refused() -> None:
    with pytest.raises(Refusal, match=r"STS-501.*at least 2"):
        p_value_range_from_summary("5.0", "1.0", 1, "6.0", "1.0", 3)


def test_an_unknown_test_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-508"):
        search_group_sizes("1", "1", "2", "1", "0.05", test="anova")  # type: ignore[arg-type]  # a wrong name


def test_a_p_that_the_rounding_cannot_reach_is_said_so() -> None:
    assert p_value_range_from_summary("16.00", "5.23", 3, "20.85", "3.57", 39, p="0.033").consistent
    assert not p_value_range_from_summary("16.00", "5.23", 3, "20.85", "3.57", 39, p="0.036").consistent


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=12),
    st.lists(st.integers(0, 30), min_size=3, max_size=12),
    tests_of_summaries,
)
def test_the_true_sizes_are_among_those_found(first: list[int], second: list[int], test: SummaryTest) -> None:
    x, y = np.array(first, dtype=float), np.array(second, dtype=float)
    if min(x.std(), y.std()) < 0.01:
        return
    p = _scipy(x.mean(), x.std(ddof=1), x.size, y.mean(), y.std(ddof=1), y.size, test)
    found = search_group_sizes(
        f"{x.mean():.2f}",
        f"{x.std(ddof=1):.2f}",
        f"{y.mean():.2f}",
        f"{y.std(ddof=1):.2f}",
        f"{p:.3f}",
        test=test,
        sizes1=range(2, 15),
        sizes2=range(2, 15),
    )
    true = [s for s in found.solutions if (s.n1, s.n2) == (x.size, y.size)]
    assert len(true) == 1
    assert true[0].data_possible


def test_no_sizes_found_is_said_in_words() -> None:
    found = search_group_sizes("1.0", "5.0", "1.1", "5.0", "<0.001", sizes1=range(2, 20), sizes2=range(2, 20))
    assert found.solutions == ()
    assert found.pairs_searched == 18 * 18
    assert found.why.startswith("None of the group sizes")


def test_a_search_is_marked_as_an_inference() -> None:
    found = search_group_sizes("16.00", "5.23", "20.85", "3.57", "0.033", n1=3)
    assert "inferred" in found.why
    assert "not stated by the source" in found.why
