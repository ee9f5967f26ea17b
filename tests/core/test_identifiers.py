"""Identifiers: each registry's form, and nothing beside it."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusal
from exotrial.core.identifiers import (
    REGISTRIES,
    compute_slug,
    guess_registry,
    is_identifier,
    read_identifier,
)


@pytest.mark.parametrize("name", sorted(REGISTRIES))
def test_a_registry_takes_its_own_example_and_no_other(name: str) -> None:
    example = REGISTRIES[name].example
    assert guess_registry(example) == name
    assert [other for other in REGISTRIES if is_identifier(example, registry=other)] == [name]
    assert read_identifier(f" {example} ", registry=name) == example


@pytest.mark.parametrize(
    ("identifier", "registry"),
    [
        ("NCT0427698", "nct"),
        ("NCT042769871", "nct"),
        ("nct04276987", "nct"),
        ("ChiCTR200003026", "chictr"),
        ("ChiCTR20000302611", "chictr"),
        ("IRCT20201202049568", "irct"),
        ("NCT٠٤٢٧٦٩٨٧", "nct"),
    ],
)
def test_an_identifier_of_another_form_is_refused(identifier: str, registry: str) -> None:
    with pytest.raises(Refusal, match="IDN-002"):
        read_identifier(identifier, registry=registry)


def test_an_unknown_registry_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refusal, match="'chictr'"):
        is_identifier("ChiCTR2000030261", registry="chctr")


def test_an_identifier_of_no_registry_is_not_guessed() -> None:
    assert guess_registry("ABC123") is None
    assert guess_registry("chictr2000030261") == "chictr"


def test_a_slug_holds_lower_case_letters_digits_and_single_hyphens() -> None:
    assert compute_slug("ChiCTR2000030261") == "chictr2000030261"
    assert compute_slug("MEX — COVID (phase II)") == "mex-covid-phase-ii"
    with pytest.raises(Refusal, match="IDN-002"):
        compute_slug("—")
