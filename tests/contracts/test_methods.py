"""What every installed statistical method keeps to, the shipped ones and those of strangers alike."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.methods import find_methods
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result

METHODS = find_methods()
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)

Arguments = tuple[Any, ...]

TIES = [2.0, 2.0, 2.0, 2.0]
SPREAD = [1.83, 0.5, 1.62, 2.48, 1.68]
OTHER = [0.878, 0.647, 0.598, 2.05, 1.06]
WIDE_2X2 = [[10**4, 3], [2, 10**4]]

# The edges of each shape of data: nothing, one value, no variance, all ties, missing, huge, tiny, unequal.
NUMBERS = [
    [],
    [4.0],
    TIES,
    [0.0, 0.0, 0.0],
    SPREAD,
    [1e300, -1e300, 1e299],
    [1e-300, 3e-300, 2e-300],
    [5e-324, 0.0, 5e-324],
    [1e16, 1e16 + 2, 1e16 + 4],
    [36.5, 36.6, 36.4, 36.5],
    [1.0, math.nan, 3.0],
    [1.0, math.inf, 3.0],
]
TABLES = [
    [],
    [[]],
    [[5]],
    [[3, 1], [1, 3]],
    [[0, 0], [0, 0]],
    [[0, 5], [0, 5]],
    [[5, 0], [5, 0]],
    [[0, 0], [3, 4]],
    [[5, 0], [0, 5]],
    [[0, 5], [5, 0]],
    [[0, 1], [1, 0]],
    [[1, 0], [0, 0]],
    WIDE_2X2,
    [[1, 2, 3], [3, 2, 1]],
    [[1, 0, 3], [3, 0, 1]],
    [[1, 2, 0], [0, 2, 1], [4, 0, 1]],
    [[-1, 2], [3, 4]],
    [[1.5, 2], [3, 4]],
    [[math.nan, 2], [3, 4]],
]


def edge_cases(design: Design) -> list[Arguments]:
    """Positional arguments at the edges of what the design allows, and beyond them."""
    match design:
        case Design.ONE_SAMPLE:
            return [(values,) for values in NUMBERS]
        case Design.PAIRED | Design.TWO_GROUPS | Design.CORRELATION:
            same = [(values, values) for values in NUMBERS]
            unlike = [(SPREAD, OTHER), (TIES, SPREAD[:4]), (SPREAD, [1.0]), ([0.0, 1.0], [1e-300, 1e300])]
            shifted = [(values, [value + 1 for value in values]) for values in NUMBERS]
            return [*same, *unlike, *shifted, *((second, first) for first, second in unlike)]
        case Design.GROUPS:
            three = [([values, values, SPREAD[:4]],) for values in NUMBERS]
            return [([],), ([SPREAD],), ([[1.0], [2.0], [3.0]],), ([TIES, TIES],), ([SPREAD, OTHER],), *three]
        case Design.BLOCKS:
            one_row = [([values],) for values in NUMBERS]
            return [*one_row, *(([values, values[::-1], values],) for values in NUMBERS), ([[1, 2], [3]],)]
        case Design.TABLE | Design.TABLE_2X2 | Design.PAIRED_TABLE:
            return [(table,) for table in TABLES]
        case Design.STRATIFIED_TABLES:
            alone = [([table],) for table in TABLES]
            return [([],), *alone, *(([table, [[3, 1], [1, 3]]],) for table in TABLES)]
        case Design.PROPORTION:
            pairs = [(0, 1), (1, 1), (0, 7), (7, 7), (3, 7), (1, 10**6), (10**6, 10**6), (0, 10**9)]
            return [*pairs, (0, 0), (-1, 5), (6, 5), (1.5, 5), (math.nan, 5), (1, math.inf)]


def options(method: Method) -> list[dict[str, object]]:
    """The options that every method of its kind understands, one at a time."""
    known = inspect.signature(method.compute).parameters
    quick: dict[str, object] = {"resamples": 99} if "resamples" in known else {}
    choices: list[dict[str, object]] = [quick]
    if "level" in known:
        choices.append({**quick, "level": 0.9})
    if "alternative" in known:
        choices += [{**quick, "alternative": side} for side in (Alternative.LESS, Alternative.GREATER)]
    return choices


def check_estimate(estimate: Estimate) -> None:
    assert estimate.name
    assert 0 < estimate.level < 1
    assert not math.isnan(estimate.value)
    for bound in (estimate.lower, estimate.upper):
        assert bound is None or not math.isnan(bound)
    if estimate.lower is not None and estimate.upper is not None:
        assert estimate.lower <= estimate.upper
        assert not math.isinf(estimate.lower) or estimate.lower < 0 or estimate.value == math.inf


def check_result(method: Method, result: Result) -> None:
    assert (result.method, result.label) == (method.name, method.label)
    assert result.n
    assert all(size >= 0 for size in result.n)
    for number in (result.statistic, *result.df):
        assert number is None or not math.isnan(number)
    if result.p_value is None:
        assert result.estimate is not None
    else:
        assert 0 <= result.p_value <= 1
    if result.estimate is not None:
        check_estimate(result.estimate)
    if result.statistic is None and result.statistic_name:
        assert result.notes


def compute_or_refuse(method: Method, arguments: Arguments, **chosen: object) -> Result | None:
    """What the method gives back, None for a refusal; a warning or another exception fails the test."""
    try:
        result = method.compute(*arguments, **chosen)
    except Refusal:
        return None
    check_result(method, result)
    return result


@each_method
def test_a_method_says_what_it_is_and_takes_what_its_design_says(method: Method) -> None:
    assert method.label
    assert method.citation
    assert method.name == method.name.lower()
    parameters = inspect.signature(method.compute).parameters.values()
    required = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
    two = {Design.PAIRED, Design.TWO_GROUPS, Design.PROPORTION, Design.CORRELATION}
    assert len(required) == (2 if method.design in two else 1)
    assert all(p.default is not p.empty for p in parameters if p.kind is p.KEYWORD_ONLY)


@each_method
def test_the_edges_of_the_data_give_a_defined_result_or_a_refusal(method: Method) -> None:
    for arguments in edge_cases(method.design):
        for chosen in options(method):
            try:
                compute_or_refuse(method, arguments, **chosen)
            except (Exception, Warning) as problem:
                problem.add_note(f"{method.name}{arguments} {chosen}")
                raise


NUMBER = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-100, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([36.5, 36.6, 0.1 + 0.2, 0.3, 1e150, 1e-150]),
)
COUNT = st.one_of(st.integers(0, 3), st.integers(0, 12))


def tables_of(rows: st.SearchStrategy[int], columns: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.tuples(rows, columns).flatmap(
        lambda shape: st.lists(
            st.lists(COUNT, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        )
    )


def any_arguments(design: Design) -> st.SearchStrategy[Arguments]:
    """Small data of the shape that the design says, most of them odd."""
    values, two, size = st.lists(NUMBER, max_size=6), st.just(2), st.integers(2, 3)
    match design:
        case Design.ONE_SAMPLE:
            return st.tuples(values)
        case Design.TWO_GROUPS:
            return st.tuples(values, values)
        case Design.PAIRED | Design.CORRELATION:
            pairs = st.lists(st.tuples(NUMBER, NUMBER), max_size=6)
            return pairs.map(lambda drawn: ([x for x, _ in drawn], [y for _, y in drawn]))
        case Design.GROUPS:
            return st.tuples(st.lists(st.lists(NUMBER, max_size=4), max_size=3))
        case Design.BLOCKS:
            row = st.lists(NUMBER, min_size=3, max_size=3)
            return st.tuples(st.lists(row, max_size=4))
        case Design.TABLE:
            return st.tuples(tables_of(size, size))
        case Design.TABLE_2X2 | Design.PAIRED_TABLE:
            return st.tuples(tables_of(two, two))
        case Design.STRATIFIED_TABLES:
            return st.tuples(st.lists(tables_of(two, two), max_size=3))
        case Design.PROPORTION:
            return st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@each_method
@given(data=st.data())
@settings(max_examples=10)
def test_odd_data_give_a_defined_result_or_a_refusal(method: Method, data: st.DataObject) -> None:
    arguments = data.draw(any_arguments(method.design))
    compute_or_refuse(method, arguments, **data.draw(st.sampled_from(options(method))))


def plain_arguments(design: Design) -> Arguments:
    """Ordinary data on which every method of the design has a result; whole numbers throughout."""
    match design:
        case Design.ONE_SAMPLE:
            return ([3, 5, 4, 9, 7],)
        case Design.PAIRED | Design.TWO_GROUPS | Design.CORRELATION:
            return ([3, 5, 4, 9, 7], [2, 6, 1, 4, 3])
        case Design.GROUPS:
            return ([[3, 5, 4], [2, 6, 1], [9, 8, 7]],)
        case Design.BLOCKS:
            return ([[3, 5, 4], [2, 6, 1], [7, 9, 8]],)
        case Design.TABLE | Design.TABLE_2X2 | Design.PAIRED_TABLE:
            return ([[7, 3], [2, 8]],)
        case Design.STRATIFIED_TABLES:
            return ([[[7, 3], [2, 8]], [[5, 5], [4, 6]]],)
        case Design.PROPORTION:
            return (0, 12)


def quick_options(method: Method) -> dict[str, object]:
    return options(method)[0]


def compute_plain(method: Method, **chosen: object) -> Result:
    result = method.compute(*plain_arguments(method.design), **quick_options(method), **chosen)
    check_result(method, result)
    return result


@each_method
def test_ordinary_data_have_a_result_with_an_effect(method: Method) -> None:
    result = compute_plain(method)
    assert result.assumptions
    assert result.citation
    # A test of spread alone has no effect to estimate.
    assert result.estimate is not None or method.name in {"levene", "brown_forsythe"} | WITHOUT_EFFECT


WITHOUT_EFFECT = {name for name in METHODS if name.startswith("cmh_")}
"""Tests on several degrees of freedom over strata: there is no one effect."""


def turn(arguments: Any, leaf: Callable[[Any], Any]) -> Any:
    """The same data with every innermost list made into another container."""
    if isinstance(arguments, list) and not any(isinstance(item, list) for item in arguments):
        return leaf(arguments)
    return (
        type(arguments)(turn(item, leaf) for item in arguments)
        if hasattr(arguments, "__len__")
        else arguments
    )


CONTAINERS: dict[str, Callable[[list[int]], Any]] = {
    "floats": lambda values: [float(value) for value in values],
    "tuple": tuple,
    "numpy integers": lambda values: np.array(values, dtype=np.int32),
    "numpy floats": lambda values: np.array(values, dtype=np.float64),
    "polars": pl.Series,
}


@each_method
@pytest.mark.parametrize("leaf", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_the_container_of_the_data_does_not_matter(method: Method, leaf: Callable[[Any], Any]) -> None:
    arguments = turn(plain_arguments(method.design), leaf)
    assert method.compute(*arguments, **quick_options(method)) == compute_plain(method)


@each_method
def test_what_is_no_data_is_refused(method: Method) -> None:
    wrong = [["a", "b"]] if method.design is not Design.PROPORTION else ["a"]
    arguments = plain_arguments(method.design)
    with pytest.raises(Refusal):
        method.compute(*(wrong * len(arguments)), **quick_options(method))


@each_method
def test_a_higher_level_gives_no_narrower_interval(method: Method) -> None:
    if "level" not in inspect.signature(method.compute).parameters:
        return
    narrow, wide = (compute_plain(method, level=level).estimate for level in (0.8, 0.99))
    if narrow is None or wide is None:
        return
    assert (narrow.level, wide.level) == (0.8, 0.99)
    # None at the higher level: the sample is too small for it, which the notes say.
    if narrow.lower is not None and wide.lower is not None:
        assert wide.lower <= narrow.lower + 1e-12
    if narrow.upper is not None and wide.upper is not None:
        assert wide.upper >= narrow.upper - 1e-12


@each_method
@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1, math.nan])
def test_a_level_outside_zero_to_one_is_refused(method: Method, level: float) -> None:
    if "level" not in inspect.signature(method.compute).parameters:
        return
    with pytest.raises(Refusal, match="STS-004"):
        compute_plain(method, level=level)


@each_method
def test_the_three_alternatives_agree_and_another_is_refused(method: Method) -> None:
    if "alternative" not in inspect.signature(method.compute).parameters:
        return
    less, greater, both = (
        compute_plain(method, alternative=side) for side in ("less", "greater", "two-sided")
    )
    assert [r.alternative for r in (less, greater, both)] == [
        Alternative.LESS,
        Alternative.GREATER,
        "two-sided",
    ]
    assert less.p_value is not None
    assert greater.p_value is not None
    assert both.p_value is not None
    smaller = min(less.p_value, greater.p_value)
    assert less.p_value + greater.p_value >= 1 - 1e-9 or "mid" in method.name or not both.exact
    assert both.p_value >= smaller - 1e-9
    with pytest.raises(Refusal, match="STS-006"):
        compute_plain(method, alternative="bigger")
