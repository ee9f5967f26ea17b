"""Age limits as registers print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.registries.age_text import read_age, read_age_range
from exotrial.registries.record import Age


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("18 Years", 18, "a"),
        ("20 years", 20, "a"),
        ("18Y", 18, "a"),
        ("18 Year(s)", 18, "a"),
        ("18 Months", 18, "mo"),
        ("6 Weeks", 6, "wk"),
        ("0 Days", 0, "d"),
        ("1 year old", 1, "a"),
    ],
)
def test_a_number_and_its_unit_are_read(text: str, value: float, unit: str) -> None:
    assert read_age(text) == Age(value=value, unit=unit)


@pytest.mark.parametrize("text", ["", "no limit", "No limit", "N/A", "N/A (No limit)", " none "])
def test_no_limit_and_an_empty_field_are_none(text: str) -> None:
    assert read_age(text) is None


@pytest.mark.parametrize(
    "text", ["18", "eighteen", "18-65 years", "18 parsecs", "-3 years", "years", "18 y y"]
)
def test_anything_else_is_refused_with_its_words(text: str) -> None:
    with pytest.raises(Refusal, match="RGR-001") as refusal:
        read_age(text)
    assert refusal.value.value == text


def test_the_range_of_irct_is_read_with_its_emphasis() -> None:
    years = tuple(Age(value=value, unit="a") for value in (18, 65))
    assert read_age_range("From **18 years** old to **65 years** old") == years
    assert read_age_range("From **18 years** old") == (years[0], None)
    assert read_age_range("To **65 years** old") == (None, years[1])
    assert read_age_range("No limit") == (None, None)
    with pytest.raises(Refusal, match="RGR-001"):
        read_age_range("Adults")


@given(st.text(max_size=30))
def test_any_text_is_an_age_or_no_limit_or_refused(text: str) -> None:
    for read in (read_age, read_age_range):
        try:
            read(text)
        except Refusal as refusal:
            assert refusal.code.code == "RGR-001"  # noqa: PT017
