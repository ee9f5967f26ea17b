"""The generated classes are what CDISC's API file gives, and the terms are what CDISC's own files print."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exotrial.registries.usdm import model, terms
from exotrial.registries.usdm.generate import write_model
from exotrial.registries.usdm.terms import code_country, code_word, read_terms, read_word
from tests.conftest import shared


def test_the_classes_are_generated_from_the_api_file() -> None:
    api = json.loads(shared("data", "schemas", "USDM_API.json").read_bytes())
    assert write_model(api) == Path(model.__file__).read_text(encoding="utf-8")


def _codes(value: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        if value.get("instanceType") == "Code":
            yield value["code"], value["decode"], value["codeSystemVersion"]
        for inner in value.values():
            yield from _codes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _codes(inner)


def test_terms_seen_in_the_pilot_stand_there_with_their_decode() -> None:
    pilot = json.loads(shared("data", "usdm", "CDISC_Pilot_Study.json").read_bytes())
    printed = {(code, decode) for code, decode, _ in _codes(pilot)}
    for term in read_terms():
        if term.seen_in == "pilot":
            assert (term.code, term.decode) in printed, term


@pytest.mark.parametrize("name", ["ct-gov_mapping", "m11_mapping", "sdtm_mapping"])
def test_terms_seen_in_a_map_stand_there(name: str) -> None:
    with zipfile.ZipFile(shared("data", "usdm", f"{name}.xlsx")) as book:
        text = book.read("xl/sharedStrings.xml").decode("utf-8")
    codes = set(re.findall(r"C\d{4,6}", text))
    wanted = {term.code for term in read_terms() if term.seen_in == name}
    assert wanted
    assert wanted <= codes


def test_terms_seen_in_the_define_sample_stand_there() -> None:
    text = shared("data", "define", "sdtm_define21.xml").read_text(encoding="utf-8")
    wanted = {term.code for term in read_terms() if term.seen_in == "define"}
    assert wanted
    assert all(f'Name="{code}"' in text for code in wanted)


def test_every_other_term_names_the_code_list_it_is_from() -> None:
    files = ("pilot", "ct-gov_mapping", "m11_mapping", "sdtm_mapping", "define")
    others = [term.seen_in for term in read_terms() if term.seen_in not in files]
    assert all(re.fullmatch(r"C\d{5,6}", name) for name in others)


def test_no_list_has_two_words_for_one_code() -> None:
    pairs = [(term.list, term.code) for term in read_terms()]
    assert len(pairs) == len(set(pairs))


def test_a_word_without_a_term_is_coded_in_our_own_system_and_comes_back() -> None:
    term = code_word("blinding", "triple blind")
    assert term.system == terms.OWN_SYSTEM
    assert read_word("blinding", {"code": term.code, "codeSystem": term.system}) == "triple blind"


def test_a_code_of_another_list_is_no_word() -> None:
    assert read_word("arm", {"code": "C15601", "codeSystem": terms.CDISC}) is None


def test_there_are_as_many_countries_as_iso_3166_1_has() -> None:
    assert len(set(terms._countries().values())) == 249  # ISO 3166-1, 2024: 249 officially assigned codes


@pytest.mark.parametrize(
    ("name", "code"),
    [("China", "CHN"), ("Iran (Islamic Republic of)", "IRN"), ("Turkey", "TUR"), ("Germany", "DEU")],
)
def test_a_country_is_coded_as_iso_has_it(name: str, code: str) -> None:
    assert (code_country(name).code, code_country(name).system) == (code, terms.ISO_COUNTRIES)


def test_an_unknown_country_is_not_guessed() -> None:
    assert code_country("Nowhere").system == terms.OWN_SYSTEM
