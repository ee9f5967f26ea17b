"""Identifiers: each registry's form, and nothing beside it."""

from __future__ import annotations

import pytest

from exotrial.core.identifiers import REGISTRIES, guess_registry


@pytest.mark.parametrize("name", sorted(REGISTRIES))
def test_a_registry_takes_its_own_example(name: str) -> None:
    assert guess_registry(REGISTRIES[name].example) == name
    assert guess_registry(f" {REGISTRIES[name].example.lower()} ") == name


@pytest.mark.parametrize(
    "identifier",
    [
        "NCT0427698",
        "NCT042769871",
        "ChiCTR200003026",
        "ChiCTR20000302611",
        "IRCT20201202049568",
        "NCT٠٤٢٧٦٩٨٧",
        "ABC123",
        "",
    ],
)
def test_an_identifier_of_another_form_is_of_no_registry(identifier: str) -> None:
    assert guess_registry(identifier) is None
