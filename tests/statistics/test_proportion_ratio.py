"""Risk ratio and odds ratio of two independent proportions."""

from collections.abc import Callable
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import chi2_contingency

from exotrial.core.errors import Refusal
from exotrial.statistics.odds_ratio import (
    odds_ratio_cornfield,
    odds_ratio_lr,
    odds_ratio_miettinen_nurminen,
    odds_ratio_wald,
    restricted_odds,
)
from exotrial.statistics.proportion_counts import read_two_groups
from exotrial.statistics.proportion_ratio import (
    restricted_risks,
    risk_ratio_koopman,
    risk_ratio_lr,
    risk_ratio_miettinen_nurminen,
    risk_ratio_wald,
)
from exotrial.statistics.result import Result

Compute = Callable[..., Result]
Table = list[list[int]]
RISK: tuple[Compute, ...] = (
    risk_ratio_wald,
    risk_ratio_koopman,
    risk_ratio_miettinen_nurminen,
    risk_ratio_lr,
)
ODDS: tuple[Compute, ...] = (
    odds_ratio_wald,
    odds_ratio_cornfield,
    odds_ratio_miettinen_nurminen,
    odds_ratio_lr,
)
groups = st.integers(1, 40).flatmap(lambda n: st.integers(0, n).map(lambda events: [events, n - events]))
mixed_tables = (
    st.tuples(groups, groups)
    .map(list)
    .filter(lambda table: table[0][0] + table[1][0] > 0 and table[0][1] + table[1][1] > 0)
)

few = settings(max_examples=40, deadline=None)


def limits(result: Result) -> tuple[float, float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return result.estimate.lower, result.estimate.upper


def value(result: Result) -> float:
    assert result.estimate is not None
    return result.estimate.value


def inverse(number: float) -> float:
    return inf if number == 0 else 1 / number


@pytest.mark.parametrize("compute", RISK[1:] + ODDS[1:])
@few
@given(table=mixed_tables)
def test_the_interval_holds_the_ratio_whatever_the_table(compute: Compute, table: Table) -> None:
    result = compute(table)
    lower, upper = limits(result)
    assert lower >= 0
    assert lower <= value(result) * (1 + 1e-9)
    assert value(result) <= upper * (1 + 1e-9)
    assert lower < upper


@pytest.mark.parametrize("compute", RISK + ODDS)
@few
@given(table=mixed_tables)
def test_exchanging_the_groups_inverts_the_ratio(compute: Compute, table: Table) -> None:
    result, swapped = compute(table), compute(table[::-1])
    assert value(swapped) == pytest.approx(inverse(value(result)))
    assert swapped.p_value == pytest.approx(result.p_value, abs=1e-9)
    if result.estimate is not None and result.estimate.lower is not None:
        lower, upper = limits(result)
        assert limits(swapped) == pytest.approx((inverse(upper), inverse(lower)), rel=1e-5)


@pytest.mark.parametrize("compute", ODDS)
@few
@given(table=mixed_tables)
def test_counting_those_without_an_event_inverts_the_odds_ratio(compute: Compute, table: Table) -> None:
    result, other = compute(table), compute([row[::-1] for row in table])
    assert value(other) == pytest.approx(inverse(value(result)))
    if result.estimate is not None and result.estimate.lower is not None:
        lower, upper = limits(result)
        assert limits(other) == pytest.approx((inverse(upper), inverse(lower)), rel=1e-5)


@few
@given(mixed_tables, st.floats(-6, 6), st.sampled_from(("risk", "odds")))
def test_restricted_proportions_are_the_likeliest(table: Table, logarithm: float, kind: str) -> None:
    pair, ratio = read_two_groups(table), float(np.exp(logarithm))
    (x1, x2), (n1, n2) = pair.events, pair.sizes

    def first_given(second: float) -> float:
        return min(1.0, ratio * second / (1.0 if kind == "risk" else 1 + second * (ratio - 1)))

    def minus_log_likelihood(first: float, second: float) -> float:
        return -float(
            xlogy(x1, first) + xlogy(n1 - x1, 1 - first) + xlogy(x2, second) + xlogy(n2 - x2, 1 - second)
        )

    most = min(1.0, 1 / ratio) if kind == "risk" else 1.0
    numeric = minimize_scalar(
        lambda second: minus_log_likelihood(first_given(second), second),
        bounds=(0.0, most),
        method="bounded",
        options={"xatol": 1e-10},
    )
    found = (restricted_risks if kind == "risk" else restricted_odds)(pair, ratio)
    assert minus_log_likelihood(*found) <= numeric.fun + 1e-5
    assert found[0] == pytest.approx(first_given(found[1]), abs=1e-9)


@pytest.mark.parametrize("compute", [risk_ratio_koopman, odds_ratio_cornfield])
@few
@given(table=mixed_tables)
def test_the_uncorrected_score_test_is_pearsons(compute: Compute, table: Table) -> None:
    result = compute(table)
    assert result.statistic is not None
    pearson = chi2_contingency(np.array(table), correction=False)
    assert result.statistic**2 == pytest.approx(pearson.statistic, abs=1e-8)


@pytest.mark.parametrize("compute", [risk_ratio_lr, odds_ratio_lr])
@few
@given(table=mixed_tables)
def test_the_likelihood_ratio_test_is_g(compute: Compute, table: Table) -> None:
    result = compute(table)
    g = chi2_contingency(np.array(table), correction=False, lambda_="log-likelihood")
    assert result.statistic == pytest.approx(g.statistic, abs=1e-8)
    assert result.p_value == pytest.approx(g.pvalue, abs=1e-7)
    assert result.df == (1.0,)


@pytest.mark.parametrize("compute", RISK[1:] + ODDS[1:])
@few
@given(table=mixed_tables)
def test_the_interval_leaves_out_one_where_the_test_rejects(compute: Compute, table: Table) -> None:
    result = compute(table)
    assert result.p_value is not None
    assume(abs(result.p_value - 0.05) > 1e-6)
    lower, upper = limits(result)
    assert (lower <= 1 <= upper) == (result.p_value > 0.05)


def test_no_event_in_the_first_group_gives_a_ratio_of_zero_with_an_upper_limit() -> None:
    for compute in (*RISK[1:], *ODDS[1:]):
        lower, upper = limits(compute([[0, 16], [15, 57]]))
        assert lower == 0
        assert 0 < upper < inf


def test_no_event_in_the_second_group_gives_an_infinite_ratio_with_a_lower_limit() -> None:
    for compute in (*RISK[1:], *ODDS[1:]):
        result = compute([[15, 57], [0, 16]])
        assert value(result) == inf
        assert 0 < limits(result)[0] < limits(result)[1] == inf


def test_wald_has_no_limits_where_a_count_is_zero_and_says_why() -> None:
    for compute in (risk_ratio_wald, odds_ratio_wald):
        result = compute([[0, 16], [15, 57]])
        assert result.estimate is not None
        assert result.estimate.lower is None
        assert result.p_value is None
        assert "score interval" in result.notes[0]


def test_a_risk_ratio_of_all_against_all_is_one() -> None:
    result = risk_ratio_koopman([[10, 0], [20, 0]])
    lower, upper = limits(result)
    assert value(result) == 1
    assert lower < 1 < upper
    assert result.p_value == 1
    assert "no width" in risk_ratio_wald([[10, 0], [20, 0]]).notes[0]


@pytest.mark.parametrize("compute", RISK + ODDS)
def test_a_ratio_without_events_is_refused(compute: Compute) -> None:
    with pytest.raises(Refusal, match=r"STS-403.*difference"):
        compute([[0, 10], [0, 20]])


@pytest.mark.parametrize("compute", ODDS)
def test_an_odds_ratio_where_everybody_has_an_event_is_refused(compute: Compute) -> None:
    with pytest.raises(Refusal, match="STS-403"):
        compute([[10, 0], [20, 0]])
