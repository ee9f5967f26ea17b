"""Breaking and measuring text for a drawing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.report.figures.text_width import compute_width, shorten, wrap

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=80)


@given(WORDS, st.floats(12, 300))
@settings(deadline=None, max_examples=80)
def test_no_line_is_wider_than_told_and_no_character_is_lost(text: str, width: float) -> None:
    lines = wrap(text, size=10, width=width)
    assert all(compute_width(line, 10) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_no_break_space_holds_a_number_together() -> None:
    assert wrap("Withdrew (n\u00a0=\u00a03)", size=10, width=52) == ("Withdrew", "(n\u00a0=\u00a03)")


@pytest.mark.parametrize("character", "iMWaé0中")
def test_twice_the_text_is_twice_as_wide(character: str) -> None:
    assert compute_width(character * 2, 10) == pytest.approx(2 * compute_width(character, 10))


def test_a_width_is_never_below_that_of_the_font() -> None:
    # Advance widths of the semi-bold cut that the package carries, in thousandths of an em (its hmtx table).
    for character, advance in (("M", 906.25), ("i", 260.65), ("0", 666.90), ("|", 357.95), ("W", 1006.75)):
        assert compute_width(character, 1000) >= advance


def test_what_fits_is_not_shortened_and_what_does_not_ends_in_an_ellipsis() -> None:
    assert shorten("severe", size=10, width=100) == "severe"
    cut = shorten("severe " * 20, size=10, width=100)
    assert cut.endswith("…")
    assert compute_width(cut, 10) <= 100
