"""Difference of two independent proportions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import chi2_contingency

from exotrial.core.errors import Refusal
from exotrial.statistics.proportion_counts import read_two_groups
from exotrial.statistics.proportion_difference import (
    difference_agresti_caffo,
    difference_hauck_anderson,
    difference_newcombe,
    difference_newcombe_cc,
    difference_wald,
    difference_wald_cc,
)
from exotrial.statistics.proportion_difference_score import (
    difference_mee,
    difference_miettinen_nurminen,
    farrington_manning,
    restricted_proportions,
    score_z,
)
from exotrial.statistics.result import Result

Compute = Callable[..., Result]
Table = list[list[int]]
ALL: tuple[Compute, ...] = (
    difference_wald,
    difference_wald_cc,
    difference_agresti_caffo,
    difference_newcombe,
    difference_newcombe_cc,
    difference_miettinen_nurminen,
    difference_mee,
)

few = settings(max_examples=40, deadline=None)

groups = st.integers(1, 40).flatmap(lambda n: st.integers(0, n).map(lambda events: [events, n - events]))
tables = st.tuples(groups, groups).map(list)


def limits(result: Result) -> tuple[float, float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return result.estimate.lower, result.estimate.upper


def value(result: Result) -> float:
    assert result.estimate is not None
    return result.estimate.value


@pytest.mark.parametrize("compute", ALL)
@few
@given(table=tables)
def test_limits_stay_within_minus_one_and_one(compute: Compute, table: Table) -> None:
    result = compute(table)
    lower, upper = limits(result)
    assert lower <= upper
    if compute is not difference_wald:
        assert lower >= -1
        assert upper <= 1
    if compute is not difference_agresti_caffo:  # centred elsewhere
        assert lower - 1e-12 <= value(result) <= upper + 1e-12


@pytest.mark.parametrize("compute", [*ALL, difference_hauck_anderson])
@few
@given(table=tables)
def test_exchanging_the_groups_turns_the_sign(compute: Compute, table: Table) -> None:
    result, swapped = compute(table), compute(table[::-1])
    assert value(swapped) == pytest.approx(-value(result))
    assert swapped.p_value == pytest.approx(result.p_value)
    if result.estimate is not None and result.estimate.lower is not None:
        lower, upper = limits(result)
        assert limits(swapped) == pytest.approx((-upper, -lower), abs=1e-7)


@pytest.mark.parametrize("compute", ALL)
@few
@given(table=tables)
def test_counting_those_without_an_event_turns_the_sign(compute: Compute, table: Table) -> None:
    lower, upper = limits(compute(table))
    assert limits(compute([row[::-1] for row in table])) == pytest.approx((-upper, -lower), abs=1e-7)


@few
@given(tables, st.floats(-0.99, 0.99))
def test_restricted_proportions_are_the_likeliest(table: Table, difference: float) -> None:
    pair = read_two_groups(table)
    (x1, x2), (n1, n2) = pair.events, pair.sizes

    def minus_log_likelihood(second: float) -> float:
        first = second + difference
        return -float(
            xlogy(x1, first) + xlogy(n1 - x1, 1 - first) + xlogy(x2, second) + xlogy(n2 - x2, 1 - second)
        )

    ends = (max(0.0, -difference), min(1.0, 1 - difference))
    numeric = minimize_scalar(minus_log_likelihood, bounds=ends, method="bounded", options={"xatol": 1e-10})
    first, second = restricted_proportions(pair, difference)
    assert first - second == pytest.approx(difference, abs=1e-12)
    assert minus_log_likelihood(second) <= numeric.fun + 1e-6


@few
@given(tables)
def test_score_limits_are_where_z_reaches_its_quantile(table: Table) -> None:
    pair = read_two_groups(table)
    lower, upper = limits(difference_mee(table))
    for limit, sign in ((lower, 1), (upper, -1)):
        if -1 < limit < 1:
            assert score_z(pair, limit, inflation=1.0) == pytest.approx(sign * 1.959964, abs=1e-3)


@few
@given(tables)
def test_mee_is_pearsons_chi_square(table: Table) -> None:
    counts = np.array(table)
    if 0 in counts.sum(axis=0):
        return
    result = difference_mee(table)
    pearson = chi2_contingency(counts, correction=False)
    assert result.statistic is not None
    assert result.statistic**2 == pytest.approx(pearson.statistic, abs=1e-8)
    assert result.p_value == pytest.approx(pearson.pvalue, abs=1e-8)


@few
@given(tables)
def test_miettinen_nurminen_is_wider_than_mee(table: Table) -> None:
    inner, outer = limits(difference_mee(table)), limits(difference_miettinen_nurminen(table))
    assert outer[0] <= inner[0] + 1e-7
    assert inner[1] <= outer[1] + 1e-7


def test_no_events_at_all_leaves_a_score_interval_around_zero() -> None:
    # 0/10 against 0/20: square-and-add and Mee both give the Wilson limits of each group.
    result = difference_mee([[0, 10], [0, 20]])
    assert limits(result) == pytest.approx(limits(difference_newcombe([[0, 10], [0, 20]])), abs=1e-9)
    assert result.statistic == 0
    assert result.p_value == 1
    assert result.notes


def test_all_against_none_reaches_one_from_below_only() -> None:
    lower, upper = limits(difference_miettinen_nurminen([[10, 0], [0, 20]]))
    assert upper == 1
    assert 0 < lower < 1


def test_a_wald_interval_without_width_tests_nothing() -> None:
    result = difference_wald([[10, 0], [0, 20]])
    assert limits(result) == (1.0, 1.0)
    assert result.p_value is None
    assert "no width" in result.notes[0]


def test_hauck_anderson_needs_two_in_each_group() -> None:
    result = difference_hauck_anderson([[1, 0], [2, 3]])
    assert result.estimate is not None
    assert result.estimate.lower is None
    assert result.notes
    assert limits(difference_hauck_anderson([[1, 1], [2, 3]]))[1] <= 1


def test_an_empty_group_is_refused() -> None:
    with pytest.raises(Refusal, match=r"STS-400.*second group"):
        difference_newcombe([[1, 2], [0, 0]])


@pytest.mark.parametrize(
    "table",
    [[[1, 2, 3], [4, 5, 6]], [[1, 2], [3, -4]], [[1, 2], [3, 4.5]], [[1, 2], [3, float("nan")]], [1, 2]],
)
def test_what_is_no_table_of_counts_is_refused(table: Table) -> None:
    with pytest.raises(Refusal, match="STS-402"):
        difference_mee(table)


@few
@given(tables)
def test_a_margin_of_zero_tests_superiority(table: Table) -> None:
    assert farrington_manning(table).statistic == pytest.approx(difference_mee(table).statistic)


@few
@given(tables, st.floats(0.01, 0.4))
def test_a_wider_margin_is_easier_to_keep(table: Table, margin: float) -> None:
    near, far = farrington_manning(table, margin=margin), farrington_manning(table, margin=margin + 0.05)
    assert near.p_value is not None
    assert far.p_value is not None
    assert far.p_value <= near.p_value + 1e-9


def test_the_one_sided_limit_is_that_of_twice_the_error() -> None:
    table = [[36, 118], [12, 65]]
    one_sided = farrington_manning(table, margin=0.1).estimate
    assert one_sided is not None
    assert one_sided.lower == pytest.approx(limits(difference_mee(table, level=0.9))[0], abs=1e-9)
    assert one_sided.upper == float("inf")


def test_the_test_rejects_where_its_limit_is_above_minus_the_margin() -> None:
    table = [[30, 10], [28, 12]]
    lower = limits(difference_mee(table, level=0.9))[0]
    for margin, rejected in ((-lower + 1e-6, True), (-lower - 1e-6, False)):
        p_value = farrington_manning(table, margin=margin).p_value
        assert p_value is not None
        assert (p_value < 0.05) is rejected


@pytest.mark.parametrize("margin", [-0.1, 1.0, 10])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(Refusal, match="STS-404"):
        farrington_manning([[3, 4], [5, 6]], margin=margin)
