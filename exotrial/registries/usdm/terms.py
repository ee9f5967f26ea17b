"""The words of a study file and the CDISC controlled terms that USDM codes them by (`terms.csv`).

`seen_in` of the table says where a code was taken from: the official pilot protocol, the official maps to
ClinicalTrials.gov, M11 and SDTM, CDISC's Define-XML sample, or the code list of the terminology package whose date
stands in `version`. A word that CDISC has no term for is coded in a system of our own, never by a term that is near.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CDISC = "http://www.cdisc.org"
OWN_SYSTEM = "urn:x-exotrial:study-file"
"""The code system of a word that a study file uses and CDISC has no term for."""
OWN_VERSION = "1"
NOT_STATED = "not stated"
"""The word of our own system where USDM asks for a code and a study file says nothing."""
ISO_COUNTRIES = "ISO 3166 1 alpha3"
ISO_VERSION = "2020-08"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A coded term, as USDM's Code holds it; `word` is the study file's word for it."""

    list: str
    word: str
    code: str
    decode: str
    version: str
    system: str = CDISC
    seen_in: str = ""


def code_word(list_: str, word: str) -> Term:
    """The term of a word of a code list: CDISC's first, our own system's where CDISC has none."""
    for term in read_terms():
        if (term.list, term.word) == (list_, word):
            return term
    return Term(list=list_, word=word, code=word, decode=word, version=OWN_VERSION, system=OWN_SYSTEM)


def read_word(list_: str, code: Mapping[str, str]) -> str | None:
    """The study file's word for a Code of USDM, None where the list has no such code."""
    if code["codeSystem"] == OWN_SYSTEM:
        return code["code"]
    words = (term.word for term in read_terms() if (term.list, term.code) == (list_, code["code"]))
    return next(words, None)


def code_country(name: str) -> Term:
    """A country as ISO 3166-1 alpha-3 where its English name is known (CLDR), in our own system otherwise."""
    code = _countries().get(_plain(name))
    if code is None:
        return Term(list="country", word=name, code=name, decode=name, version=OWN_VERSION, system=OWN_SYSTEM)
    return Term(list="country", word=name, code=code, decode=name, version=ISO_VERSION, system=ISO_COUNTRIES)


@cache
def read_terms() -> tuple[Term, ...]:
    """Every row of the table, in its order."""
    text = files(__package__).joinpath("terms.csv").read_text(encoding="utf-8")
    return tuple(Term(**row) for row in csv.DictReader(text.splitlines()))


@cache
def _countries() -> dict[str, str]:
    from babel import Locale  # only here: the tables of CLDR take a while to load
    from babel.core import get_global

    alpha3 = {
        new[0]: old
        for old, new in get_global("territory_aliases").items()
        if len(old) == 3 and old.isalpha() and len(new) == 1 and old not in _NOT_ISO and old[0] not in "QXZ"
    } | {"ZA": "ZAF", "ZM": "ZMB", "ZW": "ZWE", "QA": "QAT"}
    names = Locale("en").territories
    known = {_plain(name): alpha3[code] for code, name in names.items() if code in alpha3}
    return known | {_plain(name): known[_plain(cldr)] for name, cldr in _OTHER_NAMES.items()}


_OTHER_NAMES = {
    "Iran (Islamic Republic of)": "Iran",
    "United States of America": "United States",
    "Russian Federation": "Russia",
    "Republic of Korea": "South Korea",
    "Viet Nam": "Vietnam",
    "Turkey": "Türkiye",
}
"""Names of countries as registries print them, beside CLDR's."""
_NOT_ISO = ("BUR", "ZAR", "DDR", "FXX", "TMP", "YMD", "ASC", "CPT", "DGA", "TAA")
"""Withdrawn and reserved codes that CLDR keeps as aliases; those in Q, X and Z are user-assigned but for four."""


def _plain(name: str) -> str:
    return name.casefold().strip()
