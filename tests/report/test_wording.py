"""Words around figures: nouns agree with their counts, symbols keep their case."""

from __future__ import annotations

import pytest

from exotrial.report.wording import count_of, first_of, listed, sentence


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("the dosing log", "The dosing log."),
        ("a placebo is used", "A placebo is used."),
        ("p 0.05 was printed", "p 0.05 was printed."),
        ("n = 7", "n = 7."),
        ("crp_before_after: no method", "crp_before_after: no method."),
        ("it says “no”", "It says “no”"),
        ("  ", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_symbol(text: str, written: str) -> None:
    assert sentence(text) == written


def test_a_noun_agrees_with_its_count() -> None:
    assert [count_of(n, "death") for n in (0, 1, 2)] == ["0 deaths", "1 death", "2 deaths"]
    assert count_of(2, "analysis", "analyses") == "2 analyses"


def test_a_list_has_and_before_its_last_name() -> None:
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_only_a_list_that_is_too_long_is_shortened() -> None:
    assert first_of(["a", "b"]) == "a; b"
    assert first_of(["a", "b", "c"]) == "a; b; and 1 more"
