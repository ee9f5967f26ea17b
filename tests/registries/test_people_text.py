"""Sentences that name a person are left out whole, with the title and the initials before the name."""

from __future__ import annotations

import pytest

from exotrial.registries.people_text import withhold_people


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ask the sponsor. Dr. Alice Invented decides.", "Ask the sponsor."),
        ("Ask the sponsor. Prof. A. B. Invented decides.", "Ask the sponsor."),
        ("Mrs. Invented answers. Data are open.", "Data are open."),
        ("Data are open. Write to a@example.org.", "Data are open."),
        ("Data are open. Ask in spring.", "Data are open. Ask in spring."),
    ],
)
def test_a_name_takes_its_title_with_it(text: str, kept: str) -> None:
    assert withhold_people(text, ["Alice Invented", "Invented"]) == (kept, kept != text)
