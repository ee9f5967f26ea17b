"""Whatever finite numbers come in, every method on means gives numbers or refuses; it never gives NaN."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import Refusal
from exotrial.statistics.before_after import PAIRED_T, SIGN_FLIP, SIGN_FLIP_MONTE_CARLO
from exotrial.statistics.correlation import PEARSON, SPEARMAN_EXACT, SPEARMAN_T
from exotrial.statistics.describe import QuantileRule, describe
from exotrial.statistics.equal_variances import BROWN_FORSYTHE, LEVENE
from exotrial.statistics.one_sample import GEOMETRIC_MEAN_T, ONE_SAMPLE_T
from exotrial.statistics.permutation import PERMUTATION, PERMUTATION_MONTE_CARLO
from exotrial.statistics.regression import LINEAR_REGRESSION
from exotrial.statistics.result import Design, Method, Result
from exotrial.statistics.several_groups import ONE_WAY_ANOVA, WELCH_ANOVA
from exotrial.statistics.two_groups import SPSS_LEVENE_DECIDES, STUDENT, WELCH

METHODS = (
    *(PAIRED_T, SIGN_FLIP, PEARSON, SPEARMAN_T, SPEARMAN_EXACT, LEVENE, BROWN_FORSYTHE, ONE_SAMPLE_T),
    *(GEOMETRIC_MEAN_T, PERMUTATION, LINEAR_REGRESSION, ONE_WAY_ANOVA, WELCH_ANOVA, STUDENT, WELCH),
    SPSS_LEVENE_DECIDES,
)
MONTE_CARLO = (SIGN_FLIP_MONTE_CARLO, PERMUTATION_MONTE_CARLO)

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-100, 100),
    st.integers(-3, 3).map(float),
    st.sampled_from([0.1, 0.2, 0.1 + 0.2, 0.3, 36.5, 36.6, 7.66e8, 1e150, 1e-150, 5e-324]),
)


def arrange(method: Method, first: list[float], second: list[float]) -> tuple[Sequence[object], ...]:
    if method.design is Design.ONE_SAMPLE:
        return (first,)
    if method.design is Design.GROUPS:
        return ([first, second],)
    return (first, second)


def check_numbers(result: Result) -> None:
    numbers = [result.statistic, result.p_value, *result.df]
    if result.estimate is not None:
        estimate = result.estimate
        assert math.isfinite(estimate.value)
        numbers += [estimate.value, estimate.lower, estimate.upper]
        if estimate.lower is not None and estimate.upper is not None:
            assert estimate.lower <= estimate.upper
    assert not any(number is not None and math.isnan(number) for number in numbers)
    assert result.p_value is not None
    assert 0 <= result.p_value <= 1
    assert result.statistic is None or math.isfinite(result.statistic)
    if result.statistic is None:
        assert result.notes


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_result_holds_numbers_or_is_a_refusal(method: Method, data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6))
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    try:
        result = method.compute(*arrange(method, first, second))
    except Refusal:
        return
    check_numbers(result)
    assert (result.method, result.label) == (method.name, method.label)


@pytest.mark.parametrize("method", MONTE_CARLO, ids=lambda method: method.name)
def test_a_monte_carlo_result_holds_numbers(method: Method) -> None:
    check_numbers(method.compute([36.5, 36.7, 36.3], [36.6, 36.5, 36.4], resamples=99))


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(list(QuantileRule)))
@settings(deadline=None)
def test_a_description_holds_numbers_or_is_a_refusal(values: list[float], rule: QuantileRule) -> None:
    try:
        summary = describe(values, quartile_type=rule)
    except Refusal:
        return
    assert summary.minimum <= summary.q1 <= summary.median <= summary.q3 <= summary.maximum
    assert math.isfinite(summary.mean)
    assert (summary.sd is None) == (summary.n == 1)
    assert summary.sd is None or math.isfinite(summary.sd)


def test_every_method_here_is_found_by_the_catalogue() -> None:
    found = find_objects("exotrial.statistics", Method, name=lambda method: method.name)
    assert {method.name for method in (*METHODS, *MONTE_CARLO)} <= set(found)
