"""The general Cochran-Mantel-Haenszel tests."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.chi_square import chi_square, linear_by_linear
from exotrial.statistics.cmh import Scores, cmh_correlation, cmh_general_association, cmh_row_mean_scores

TABLES = st.lists(st.lists(st.integers(1, 20), min_size=4, max_size=4), min_size=3, max_size=3)


@given(TABLES)
def test_one_stratum_is_pearson_shrunk_and_the_trend_test(table: list[list[int]]) -> None:
    n, pearson = np.array(table).sum(), chi_square(table).statistic
    assert pearson is not None
    general = cmh_general_association([table])
    assert general.statistic == pytest.approx(pearson * (n - 1) / n, rel=1e-8, abs=1e-9)
    assert general.df == (6.0,)
    trend = linear_by_linear(table)
    assert cmh_correlation([table]).statistic == pytest.approx(trend.statistic, rel=1e-7, abs=1e-9)


@given(TABLES)
def test_rank_scores_in_one_stratum_are_kruskal_wallis(table: list[list[int]]) -> None:
    groups = [np.repeat(np.arange(4), row) for row in table]
    theirs = stats.kruskal(*groups)
    # With equal mean ranks rounding can make scipy's H a hair negative, and its p NaN: H is 0 and p is 1.
    expected = 1.0 if theirs.statistic < 1e-12 else float(theirs.pvalue)
    for scores in (Scores.RANK, Scores.RIDIT, Scores.MODIFIED_RIDIT):
        ours = cmh_row_mean_scores([table], scores=scores)
        assert ours.p_value == pytest.approx(expected, rel=1e-6)


def test_the_covariance_is_that_of_all_permutations() -> None:
    # Five participants in two arms with scores 1, 2, 3: the sum of scores in arm 1 over all 120 orders.
    columns = [0, 1, 2, 2, 0]
    sums = [sum(order[:2]) for order in permutations(columns)]
    variance, mean = float(np.var(sums)), float(np.mean(sums))
    result = cmh_row_mean_scores([[[1, 1, 0], [1, 0, 2]]])
    assert result.statistic == pytest.approx((1 - mean) ** 2 / variance, rel=1e-12)


@given(TABLES, TABLES)
def test_shifting_and_stretching_the_scores_changes_nothing(
    first: list[list[int]], second: list[list[int]]
) -> None:
    one = cmh_row_mean_scores([first, second])
    other = cmh_row_mean_scores([first, second], column_scores=[10.0, 13.0, 16.0, 19.0])
    assert other.statistic == pytest.approx(one.statistic, rel=1e-7, abs=1e-9)


def test_a_stratum_that_compares_nothing_is_named_and_adds_nothing() -> None:
    table = [[3, 1, 2], [1, 4, 5]]
    alone = cmh_general_association([table])
    with_silent = cmh_general_association([table, [[2, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]])
    assert with_silent.statistic == pytest.approx(alone.statistic, rel=1e-12)
    assert "stratum 2, 3" in with_silent.notes[-1]


def test_strata_that_compare_nothing_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-307"):
        cmh_general_association([[[3, 2], [0, 0]], [[0, 0], [1, 4]]])


def test_missing_and_empty_strata_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-303"):
        cmh_general_association([])
    with pytest.raises(Refusal, match="STS-303"):
        cmh_general_association([[[0, 0], [0, 0]]])
    with pytest.raises(Refusal, match="STS-301: stratum 2 is 2 x 3"):
        cmh_general_association([[[1, 2], [3, 4]], [[1, 2, 3], [4, 5, 6]]])
    with pytest.raises(Refusal, match="STS-302: column 3 of the sum"):
        cmh_general_association([[[1, 2, 0], [3, 4, 0]]])


def test_lost_comparisons_lower_the_degrees_of_freedom() -> None:
    # The third row meets no other row in any stratum.
    result = cmh_general_association([[[3, 2], [1, 4], [0, 0]], [[0, 0], [0, 0], [2, 3]]])
    assert result.df == (1.0,)
    assert "1 of 2 comparisons" in result.notes[-1]


def test_equal_scores_and_scores_with_ranks_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-305: the scores do not differ"):
        cmh_row_mean_scores([[[1, 2], [3, 4]]], column_scores=[1.0, 1.0])
    with pytest.raises(Refusal, match="STS-305: scores were given, and rank"):
        cmh_row_mean_scores([[[1, 2], [3, 4]]], column_scores=[1.0, 2.0], scores=Scores.RANK)
