"""Quantities: what a field takes, what it refuses, and that nothing is lost on the way there and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Place, Refusal
from exotrial.core.quantities import (
    DIMENSIONS,
    Quantity,
    convert,
    dimension_of,
    find_dimension,
    format_quantity,
    read_quantity,
    read_unit,
    write_quantity,
)


@pytest.mark.parametrize("written", ["110000 g", "110000 x g", "110000 × g", "110000 xg"])
def test_in_a_field_of_centrifugal_force_g_is_a_force(written: str) -> None:
    force = read_quantity(written, dimension="relative centrifugal force")
    assert (force.value, force.unit) == (Decimal(110000), "x g")


def test_in_a_field_of_mass_g_is_gram_and_does_not_become_a_force() -> None:
    mass = read_quantity("110000 g", dimension="mass")
    assert mass.to("kg").value == 110
    with pytest.raises(Refusal, match="QTY-007"):
        mass.to("x g")


def test_a_force_is_refused_where_a_mass_stands() -> None:
    with pytest.raises(Refusal, match="QTY-004"):
        read_quantity("110000 x g", dimension="mass")


@pytest.mark.parametrize(
    ("written", "dimension", "value", "unit"),
    [
        ("1e8 particles/kg", "particle dose per mass", "1e8", "particles/kg"),
        ("1e8 vesicles/kg", "particle dose per mass", "1e8", "particles/kg"),
        ("2 mL", "volume", "2", "mL"),
        ("2 ml", "volume", "2", "mL"),
        ("5 d", "duration", "5", "d"),
        ("18 years", "duration", "18", "a"),
        ("4 degC", "temperature", "4", "degC"),
        ("4 °C", "temperature", "4", "degC"),
        ("-80°C", "temperature", "-80", "degC"),
        ("2.0 x 10^8 particles", "particle count", "2.0e8", "particles"),
        ("2.0 × 10⁸ particles", "particle count", "2.0e8", "particles"),
        ("1.2e4 cells/cm2", "cell density", "1.2e4", "cells/cm2"),
        ("1.2e4 cells/cm²", "cell density", "1.2e4", "cells/cm2"),
        ("3 µg/L", "mass concentration", "3", "ug/L"),  # U+00B5
        ("3 μg/L", "mass concentration", "3", "ug/L"),  # U+03BC
        ("6.5 10*9/L", "cell concentration", "6.5", "10*9/L"),
        ("40 IU/L", "enzyme activity concentration", "40", "U/L"),
        ("18 breaths/min", "rate", "18", "1/min"),
        ("0.21", "ratio", "0.21", "1"),
    ],
)
def test_a_quantity_is_read_as_people_write_it(written: str, dimension: str, value: str, unit: str) -> None:
    quantity = read_quantity(written, dimension=dimension)
    assert (quantity.value, quantity.unit, quantity.text) == (Decimal(value), unit, written)


def test_a_number_that_is_not_one_is_refused_with_the_number_it_may_be() -> None:
    with pytest.raises(Refusal) as caught:
        read_quantity("7.66e + 0.8", dimension="particle concentration", place=Place(file="nta.csv", line=14))
    assert caught.value.code.code == "QTY-001"
    assert str(caught.value).startswith("QTY-001: nta.csv line 14: '7.66e + 0.8' is not a number")
    assert "7.66e8" in caught.value.remedy


@pytest.mark.parametrize(
    ("written", "dimension", "code"),
    [
        ("", "mass", "QTY-005"),
        ("  ", "mass", "QTY-005"),
        ("nan kg", "mass", "QTY-001"),
        ("inf kg", "mass", "QTY-001"),
        (float("nan"), "ratio", "QTY-001"),
        (float("inf"), "ratio", "QTY-001"),
        ("kg", "mass", "QTY-001"),
        ("110,000 g", "mass", "QTY-001"),
        ("1 000 g", "mass", "QTY-001"),
        ("1.2.3 g", "mass", "QTY-001"),
        ("5 mg/kg", "ratio", "QTY-004"),
        ("5 d/d", "duration", "QTY-004"),
        ("5e400 kg", "mass", "QTY-001"),
        ("5", "mass", "QTY-002"),
        (5, "percent", "QTY-002"),
        ("2.0 x 10^8", "particle count", "QTY-002"),
        ("5 kilgram", "mass", "QTY-003"),
        ("5 kg/", "mass", "QTY-003"),
        ("5 kg", "volume", "QTY-004"),
        ("1e8 cells/kg", "particle dose per mass", "QTY-004"),
        ("1e8 /mL", "particle concentration", "QTY-004"),
        ("0.2", "percent", "QTY-002"),
        ("5 kg", "weight", "QTY-006"),
    ],
)
def test_what_cannot_be_meant_is_refused(written: str | float, dimension: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_quantity(written, dimension=dimension)
    assert caught.value.code.code == code
    assert caught.value.remedy


def test_an_unknown_unit_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refusal, match="gram"):
        read_unit("kilgram", dimension="mass")


@pytest.mark.parametrize("name", sorted(DIMENSIONS))
def test_every_dimension_reads_its_own_example_and_reference_unit(name: str) -> None:
    kind = find_dimension(name)
    quantity = read_quantity(kind.example, dimension=name)
    assert read_unit(kind.unit, dimension=name) == kind.unit
    assert quantity.to(kind.unit).unit == kind.unit


@pytest.mark.parametrize(
    ("written", "dimension", "unit", "value"),
    [
        ("4 degC", "temperature", "K", "277.15"),  # 0 degC is 273.15 K (SI brochure, 2.3.1)
        ("37 degC", "temperature", "degF", "98.6"),
        ("6.5 10*9/L", "cell concentration", "cells/uL", "6500"),
        ("6.5 x 10^9/L", "cell concentration", "10*9/L", "6.5"),
        ("1.2 mg/dL", "mass concentration", "mg/L", "12"),
        ("1 pg/mL", "mass concentration", "ng/L", "1"),
        ("5 d", "duration", "h", "120"),
        ("1e8 particles/mL", "particle concentration", "particles/L", "1e11"),
    ],
)
def test_conversion_agrees_with_the_definition_of_the_units(
    written: str, dimension: str, unit: str, value: str
) -> None:
    assert read_quantity(written, dimension=dimension).to(unit).value == Decimal(value)


def test_a_kilopascal_is_seven_and_a_half_millimetres_of_mercury() -> None:
    # 1 mmHg = 133.322 387 415 Pa (NIST SP 811, B.8, conventional millimetre of mercury)
    pressure = read_quantity("13.3322387415 kPa", dimension="pressure").to("mmHg")
    assert float(pressure.value) == pytest.approx(100, rel=1e-6)


@pytest.mark.parametrize(
    ("written", "dimension", "shown"),
    [
        ("2.0e8 particles/kg", "particle dose per mass", "2.0 × 10⁸ particles/kg"),
        ("110000 g", "relative centrifugal force", "110000 × g"),
        ("4 degC", "temperature", "4 °C"),
        ("6.5 10*9/L", "cell concentration", "6.5 × 10⁹/L"),
        ("3 ug/L", "mass concentration", "3 µg/L"),
        ("12 cells/cm2", "cell density", "12 cells/cm²"),
        ("18 1/min", "rate", "18 /min"),
        ("2.5e9 10*9/L", "cell concentration", "2500000000 × 10⁹/L"),
        ("0.21", "ratio", "0.21"),
        ("-80 degC", "temperature", "−80 °C"),
    ],
)
def test_a_quantity_is_printed_as_a_journal_prints_it(written: str, dimension: str, shown: str) -> None:
    assert format_quantity(read_quantity(written, dimension=dimension)) == shown


def test_the_written_text_takes_no_part_in_equality() -> None:
    assert read_quantity("2 mL", dimension="volume") == read_quantity("2 ml", dimension="volume")


def test_a_unit_of_no_dimension_is_refused() -> None:
    with pytest.raises(Refusal, match="QTY-004"):
        dimension_of("kg.m")


def test_a_unit_tells_its_dimension() -> None:
    assert dimension_of("mg/kg") == "mass dose per mass"
    assert dimension_of("10*9/L") == "cell concentration"
    assert dimension_of("x g") == "relative centrifugal force"
    assert dimension_of("1") == "ratio"


numbers = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=4)
pairs = st.sampled_from(
    [
        ("mass", "kg", "ug"),
        ("volume", "mL", "L"),
        ("duration", "d", "wk"),
        ("pressure", "kPa", "mmHg"),
        ("mass concentration", "mg/dL", "ug/L"),
        ("cell concentration", "10*9/L", "cells/uL"),
        ("temperature", "degC", "degF"),
        ("relative centrifugal force", "x g", "x g"),
    ]
)


@given(numbers, st.sampled_from(sorted(DIMENSIONS)))
def test_what_is_written_is_read_back_the_same(value: Decimal, dimension: str) -> None:
    quantity = Quantity(value=value, unit=DIMENSIONS[dimension].unit)
    assert read_quantity(write_quantity(quantity), dimension=dimension) == quantity


@given(numbers, pairs)
def test_conversion_there_and_back_gives_the_same(value: Decimal, pair: tuple[str, str, str]) -> None:
    dimension, first, second = pair
    quantity = read_quantity(f"{value} {first}", dimension=dimension)
    back = convert(convert(quantity, second), first)
    assert float(back.value) == pytest.approx(float(value), rel=1e-15, abs=1e-12)
