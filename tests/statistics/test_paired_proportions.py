"""Difference of two proportions of the same participants."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from exotrial.core.errors import Refusal
from exotrial.statistics.paired_proportions import (
    PairCounts,
    paired_difference_newcombe,
    paired_difference_tango,
    paired_difference_wald,
    tango_z,
)
from exotrial.statistics.result import Result

few = settings(max_examples=40, deadline=None)


Compute = Callable[..., Result]
Table = list[list[int]]
ALL: tuple[Compute, ...] = (paired_difference_wald, paired_difference_newcombe, paired_difference_tango)
rows = st.lists(st.integers(0, 30), min_size=2, max_size=2)
tables = st.tuples(rows, rows).map(list).filter(lambda table: sum(map(sum, table)) > 0)


def limits(result: Result) -> tuple[float, float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return result.estimate.lower, result.estimate.upper


@pytest.mark.parametrize("compute", ALL)
@few
@given(table=tables)
def test_limits_hold_the_difference(compute: Compute, table: Table) -> None:
    result = compute(table)
    assert result.estimate is not None
    lower, upper = limits(result)
    assert -1 <= lower <= result.estimate.value + 1e-12
    assert result.estimate.value <= upper + 1e-12
    assert upper <= 1


@pytest.mark.parametrize("compute", ALL)
@few
@given(table=tables)
def test_exchanging_the_occasions_turns_the_sign(compute: Compute, table: Table) -> None:
    (a, b), (c, d) = table
    lower, upper = limits(compute(table))
    assert limits(compute([[a, c], [b, d]])) == pytest.approx((-upper, -lower), abs=1e-7)


@few
@given(tables)
def test_tango_does_not_look_at_which_pairs_agreed(table: Table) -> None:
    (a, b), (c, d) = table
    assert limits(paired_difference_tango(table)) == limits(paired_difference_tango([[a + d, b], [c, 0]]))


@few
@given(tables)
def test_tango_at_zero_is_mcnemars_test(table: Table) -> None:
    (_, b), (c, _) = table
    z = paired_difference_tango(table).statistic
    assert z == pytest.approx((b - c) / (b + c) ** 0.5 if b + c else 0.0)


@few
@given(tables)
def test_tango_limits_are_where_z_reaches_its_quantile(table: Table) -> None:
    (a, b), (c, d) = table
    pairs = PairCounts(both=a, first_only=b, second_only=c, neither=d)
    lower, upper = limits(paired_difference_tango(table))
    for limit, sign in ((lower, 1), (upper, -1)):
        if -1 < limit < 1:
            assert tango_z(pairs, limit) == pytest.approx(sign * 1.959964, abs=1e-3)


@few
@given(tables, st.floats(-0.9, 0.9))
def test_tango_uses_the_variance_of_the_likeliest_restricted_chances(table: Table, difference: float) -> None:
    (a, b), (c, d) = table
    n = a + b + c + d

    def minus_log_likelihood(second_only: float) -> float:
        first_only = second_only + difference
        same = max(0.0, 1 - first_only - second_only)
        return -float(xlogy(b, first_only) + xlogy(c, second_only) + xlogy(a + d, same))

    ends = (max(0.0, -difference), (1 - difference) / 2)
    numeric = minimize_scalar(minus_log_likelihood, bounds=ends, method="bounded", options={"xatol": 1e-11})
    variance = n * (2 * numeric.x + difference * (1 - difference))
    expected = (b - c - n * difference) / variance**0.5
    z = tango_z(PairCounts(both=a, first_only=b, second_only=c, neither=d), difference)
    assert z == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_nobody_changed() -> None:
    result = paired_difference_tango([[10, 0], [0, 5]])
    assert result.p_value == 1
    assert result.notes
    lower, upper = limits(result)
    assert lower == pytest.approx(-upper)
    assert "no width" in paired_difference_wald([[10, 0], [0, 5]]).notes[0]


def test_everybody_changed_the_same_way() -> None:
    for compute in ALL:
        assert limits(compute([[0, 10], [0, 0]]))[1] == 1


def test_one_pair_has_wide_limits() -> None:
    lower, upper = limits(paired_difference_tango([[0, 1], [0, 0]]))
    assert lower < 0
    assert upper == 1


@pytest.mark.parametrize("compute", ALL)
def test_no_pairs_are_refused(compute: Compute) -> None:
    with pytest.raises(Refusal, match="STS-400"):
        compute([[0, 0], [0, 0]])
