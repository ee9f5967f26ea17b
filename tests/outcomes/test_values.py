"""Values: a number with its unit and side, or the reason why there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.outcomes.values import Missing, Side, Value, read_value


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ("", Missing.NOT_RECORDED),
        (None, Missing.NOT_RECORDED),
        ("Not done", Missing.NOT_DONE),
        ("No data", Missing.NO_DATA),
    ],
)
def test_not_done_no_data_and_nothing_stay_apart(written: str | None, missing: Missing) -> None:
    assert read_value(written, unit="mg/L") == Value(missing=missing)


@pytest.mark.parametrize("written", ["No", "ND", "n/a", "high", "nan", "positive"])
def test_a_word_that_may_mean_several_things_is_refused(written: str) -> None:
    with pytest.raises(Refusal, match="MSR-006"):
        read_value(written, unit="mg/L")


@pytest.mark.parametrize(
    ("written", "side"),
    [
        ("<0.5", Side.BELOW),
        ("< 0.5 mg/L", Side.BELOW),
        ("≤0.5", Side.AT_MOST),
        (">0.5", Side.ABOVE),
        (">=0.5 mg/L", Side.AT_LEAST),
        ("0.5", Side.EXACT),
    ],
)
def test_a_value_beyond_a_limit_keeps_its_side(written: str, side: Side) -> None:
    assert read_value(written, unit="mg/L") == Value(number=0.5, unit="mg/L", side=side)


def test_a_bare_number_is_in_the_unit_of_its_column() -> None:
    assert read_value("1.2", unit="mg/L", written_in="mg/dL").number == 12
    assert read_value("1.2", unit="mg/L").number == 1.2


def test_a_value_is_converted_with_its_side() -> None:
    # 1 mg/dL is 10 mg/L
    assert read_value("<0.1 mg/dL", unit="mg/L") == Value(number=1.0, unit="mg/L", side=Side.BELOW)
    assert Value(number=1.0, unit="mg/L", side=Side.BELOW).to("mg/dL").number == 0.1


def test_a_unit_of_another_dimension_is_refused() -> None:
    with pytest.raises(Refusal, match="QTY-004"):
        read_value("5 mmol/L", unit="mg/L")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_value_is_never_nan(number: float) -> None:
    with pytest.raises(Refusal, match="MSR-006"):
        Value(number=number, unit="mg/L")


def test_a_value_has_a_number_or_a_reason_and_not_both() -> None:
    with pytest.raises(ValueError, match="a number or a reason"):
        Value()
    with pytest.raises(ValueError, match="a number or a reason"):
        Value(number=1.0, missing=Missing.NOT_DONE)


@given(st.floats(min_value=1e-3, max_value=1e6), st.sampled_from(list(Side)))
def test_what_is_printed_is_read_back(number: float, side: Side) -> None:
    value = Value(number=float(f"{number:g}"), unit="mg/L", side=side)
    assert read_value(str(value), unit="mg/L") == value
