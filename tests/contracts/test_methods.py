"""What every installed statistical method keeps to, the shipped ones and those of strangers alike."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
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
            except Exception as problem:
                problem.add_note(f"{method.name}{arguments} {chosen}")
                raise
