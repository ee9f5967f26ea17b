"""What every installed measure keeps to, the shipped ones and those of strangers alike."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

import exotrial.outcomes.measures
from exotrial.core.errors import Refusal
from exotrial.core.quantities import dimension_of, read_unit
from exotrial.outcomes.measure import (
    Measure,
    WorkedExample,
    compute_measure,
    find_measure,
    find_measures,
    fold_name,
)

MEASURES = find_measures()
each_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.paramcd)
each_example = pytest.mark.parametrize(
    ("measure", "example"),
    [
        pytest.param(measure, example, id=f"{measure.paramcd}-{position}")
        for measure in MEASURES.values()
        for position, example in enumerate(measure.examples, start=1)
    ],
)


@each_example
def test_a_worked_example_comes_out_as_its_source_says(measure: Measure, example: WorkedExample) -> None:
    computed = compute_measure(measure, example.inputs)
    assert example.is_met_by(computed), f"{example.source}: expected {example.expected}, got {computed}"
    assert example.source


@each_measure
def test_a_measure_that_computes_has_a_worked_example(measure: Measure) -> None:
    assert measure.examples or measure.compute is None


@each_measure
def test_units_are_those_of_a_dimension_in_canonical_spelling(measure: Measure) -> None:
    for unit in {measure.unit} | {item.unit for item in (*measure.items, *measure.row_items)}:
        if unit:
            assert read_unit(unit, dimension=dimension_of(unit)) == unit


@each_measure
def test_what_is_computed_lies_in_the_range_of_the_measure(measure: Measure) -> None:
    for example in measure.examples:
        value = compute_measure(measure, example.inputs).value
        assert value is None or measure.low <= value <= measure.high


@each_measure
def test_a_class_that_is_computed_is_one_of_the_declared(measure: Measure) -> None:
    for example in measure.examples:
        text = compute_measure(measure, example.inputs).text
        assert not text or text in measure.classes


@each_measure
def test_items_are_named_once_and_have_sane_ranges(measure: Measure) -> None:
    items = (*measure.items, *measure.row_items)
    assert len({item.oid for item in items}) == len(items)
    for item in items:
        assert item.label
        assert item.oid == item.oid.lower()
        assert item.low is None or item.high is None or item.low < item.high


@each_measure
def test_nothing_given_is_a_missing_value_and_never_a_number(measure: Measure) -> None:
    computed = compute_measure(measure, {})
    assert computed.missing is not None
    assert computed.value is None


@each_example
def test_an_input_left_out_gives_a_finite_value_or_a_reason(measure: Measure, example: WorkedExample) -> None:
    for oid in example.inputs:
        rest = {key: answer for key, answer in example.inputs.items() if key != oid}
        computed = compute_measure(measure, rest)
        assert (computed.missing is None) or computed.value is None
        assert computed.value is None or math.isfinite(computed.value)


@each_measure
def test_an_unknown_item_is_refused(measure: Measure) -> None:
    with pytest.raises(Refusal, match="MSR-002"):
        compute_measure(measure, {"no_such_item": 1})


@each_measure
def test_a_measure_cites_its_source_and_is_found_by_every_name(measure: Measure) -> None:
    assert measure.citation
    for name in measure.names:
        assert find_measure(name) is measure


def test_no_name_means_two_measures() -> None:
    names = Counter(fold_name(name) for measure in MEASURES.values() for name in set(measure.names))
    owners = {
        name: {measure.paramcd for measure in MEASURES.values() if name in map(fold_name, measure.names)}
        for name in names
    }
    assert {name: owned for name, owned in owners.items() if len(owned) > 1} == {}


def test_an_item_shared_by_measures_is_the_same_item() -> None:
    by_oid: dict[str, set[object]] = {}
    for measure in MEASURES.values():
        for item in (*measure.items, *measure.row_items):
            by_oid.setdefault(item.oid, set()).add(item)
    assert {oid: len(items) for oid, items in by_oid.items() if len(items) > 1} == {}


def test_every_file_of_measures_defines_one() -> None:
    folder = Path(exotrial.outcomes.measures.__path__[0])
    defined = {file.stem for file in folder.glob("[a-z]*.py")}
    assert len(MEASURES) >= len(defined) > 0
