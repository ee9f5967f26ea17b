"""Doses in the words of records: one form for one amount, nothing from a figure that lost its superscript."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.registries.dose_text import read_doses, write_amount


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Injection rate: 100 million exosomes per kilogram of body weight", ["1e8 particles/kg"]),
        ("two hundred", []),
        ("2.0*10E8 nano vesicles/3 ml at Day 1", ["2e8 particles"]),
        ("2.0 × 10^8 vesicles a day up to 2.0 × 10^9 nano vesicles", ["2e8 particles", "2e9 particles"]),
        ("2 x 10⁸ EVs", ["2e8 particles"]),
        ("1 million cells/kg predicted body weight", ["1e6 cells/kg"]),
        ("one million MSCs per kg", ["1e6 cells/kg"]),
        ("1.5e9 particles", ["1.5e9 particles"]),
        ("2.0 × 108 nano vesicles", []),
        ("7.66e8 particles/mL", []),
        ("7.66 × 10^8 particles per ml", []),
        ("3 million people", []),
        ("10 million cells of blood", ["1e7 cells"]),
        ("COVID-19 cells", []),
        ("", []),
    ],
)
def test_doses_are_read(text: str, amounts: list[str]) -> None:
    assert [dose.amount for dose in read_doses(text)] == amounts


def test_the_words_of_a_dose_are_kept() -> None:
    (dose,) = read_doses("of 100 million exosomes per kilogram of body weight, in saline")
    assert dose.prints == "100 million exosomes per kilogram of body weight"


@given(
    base=st.decimals("1", "9.99", places=2),
    power=st.integers(3, 12),
    unit=st.sampled_from(["particles", "cells/kg"]),
)
def test_what_is_written_is_read_as_it_was(base: Decimal, power: int, unit: str) -> None:
    amount = write_amount(base.scaleb(power), unit)
    assert [dose.amount for dose in read_doses(f"a dose of {amount} daily")] == [amount]


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    for dose in read_doses(text):
        assert dose.amount.endswith(("particles", "cells", "/kg"))
