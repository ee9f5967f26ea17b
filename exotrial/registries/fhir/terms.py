"""The words of a study file and the codes of FHIR R5 for them (`terms.csv`, from the package hl7.fhir.r5.core 5.0.0).

A word for which FHIR has no code stands as text alone, never under a code that is near; the word itself stands as
text beside every code.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from exotrial.registries.usdm.terms import ISO_COUNTRIES, code_country

COUNTRIES = "urn:iso:std:iso:3166"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"

Resource = Mapping[str, Any]
"""A resource or a part of one, as JSON has it."""


@dataclass(frozen=True, kw_only=True)
class FhirTerm:
    """A word of a study file and its code; a word may have two codes that hold together."""

    list: str
    word: str
    system: str
    code: str
    display: str


def write_concept(list_: str, word: str, *, text: str = "") -> Resource:
    """A CodeableConcept: the codes of a word, if any, and the word itself (or `text`, which says more of it)."""
    coding = [
        {"system": term.system, "code": term.code, "display": term.display}
        for term in read_fhir_terms()
        if (term.list, term.word) == (list_, word.casefold())
    ]
    return {**({"coding": coding} if coding else {}), "text": text or word}


def write_country(name: str) -> Resource:
    """A country as ISO 3166-1 alpha-3 where its English name is known, as text alone otherwise."""
    term = code_country(name)
    if term.system != ISO_COUNTRIES:
        return {"text": name}
    return {"coding": [{"system": COUNTRIES, "code": term.code}], "text": name}


@cache
def read_fhir_terms() -> tuple[FhirTerm, ...]:
    """Every row of the table, in its order."""
    text = files(__package__).joinpath("terms.csv").read_text(encoding="utf-8")
    return tuple(FhirTerm(**row) for row in csv.DictReader(text.splitlines()))
