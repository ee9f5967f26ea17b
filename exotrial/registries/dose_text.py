"""Doses of particles and cells in the words of records: `100 million exosomes per kilogram`, `2.0 × 10^8 vesicles`.

A figure whose superscript was lost (`2.0 × 108`) names no dose, and a number in a volume (`/mL`) is a concentration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from exotrial.registries.number_words import write_figures

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_FIGURE = (
    r"(?<![\w.,^])(?P<base>\d{1,4}(?:\.\d{1,4})?)"
    r"(?:\s*(?:[x×*·]|\\\*)\s*10\s*(?:\^|\*\*|[eE]\+?)\s*\(?(?P<power>\d{1,2})\)?"
    r"|\s*(?:[x×*·]|\\\*)\s*10(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})"
    r"|[eE]\+?(?P<exponent>\d{1,2})"
    r"|\s+(?P<scale>thousand|million|billion|trillion))"
)
_UNIT = (
    r"(?:(?P<particles>(?:extracellular\s+|nano[\s-]?)?(?:particles?|vesicles?|exosomes?|EVs?))"
    r"|(?P<cells>(?:(?:mesenchymal\s+)?(?:stem|stromal)\s+)?(?:cells?|MSCs?)))"
)
_WEIGHT = (
    r"(?P<weight>\s*(?:/|per)\s*(?:each\s+)?(?:kg|kilograms?)\b(?:\s*(?:of\s+)?(?:body\s*)?(?:weight|BW)\b)?)"
)
_DOSE = re.compile(rf"{_FIGURE}\s*{_UNIT}\b(?:{_WEIGHT})?(?!\s*(?:/|per)\s*m[lL]\b)", re.IGNORECASE)


class DoseText(NamedTuple):
    """`amount` as a study file writes it (`1e8 particles/kg`), `prints` the words that say it."""

    amount: str
    prints: str


def read_doses(text: str) -> Iterator[DoseText]:
    """Every dose that a text names, in its order."""
    for hit in _DOSE.finditer(write_figures(text)):
        power = hit["power"] or hit["exponent"] or (hit["raised"] or "").translate(_SUPERSCRIPTS)
        exponent = _SCALES[hit["scale"].lower()] if hit["scale"] else int(power)
        unit = "particles" if hit["particles"] else "cells"
        amount = write_amount(Decimal(hit["base"]).scaleb(exponent), f"{unit}/kg" if hit["weight"] else unit)
        yield DoseText(amount=amount, prints=hit[0].strip())


def write_amount(value: Decimal, unit: str) -> str:
    """One form for one amount: `1e8 particles/kg`, `2.5e9 cells`."""
    exponent = value.adjusted()
    base = value.scaleb(-exponent).normalize()
    return f"{base:f}e{exponent} {unit}"
