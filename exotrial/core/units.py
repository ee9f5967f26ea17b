"""Units as trials write them: UCUM spellings and everyday ones, over a pint registry of our own.

Spelling follows UCUM (ucum.org) where it is readable (`10*9/L`, `ug/L`, `d`, `a`); counted things (particles,
cells) are units with a dimension of their own, so that a dose in particles is never taken for one in cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import pint

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

_METRIC = {
    "g": ("gram", ("f", "p", "n", "u", "m", "", "k")),
    "L": ("liter", ("f", "p", "n", "u", "m", "c", "d", "")),
    "m": ("meter", ("n", "u", "m", "c", "d", "", "k")),
    "mol": ("mole", ("p", "n", "u", "m", "")),
    "s": ("second", ("m", "")),
    "Pa": ("pascal", ("", "h", "k", "M")),
    "U": ("enzyme_unit", ("m", "", "k")),
    "IU": ("international_unit", ("m", "", "k")),
    "kat": ("katal", ("n", "u", "")),
}
_PREFIX = {
    "f": "femto",
    "p": "pico",
    "n": "nano",
    "u": "micro",
    "m": "milli",
    "c": "centi",
    "d": "deci",
    "": "",
    "h": "hecto",
    "k": "kilo",
    "M": "mega",
}

# Canonical spelling -> pint's name.
_ATOMS: dict[str, str] = {
    f"{prefix}{symbol}": f"{_PREFIX[prefix]}{name}"
    for symbol, (name, prefixes) in _METRIC.items()
    for prefix in prefixes
} | {
    "1": "",
    "%": "percent",
    "particles": "particle",
    "cells": "cell",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
    "x g": "standard_gravity",
    "degC": "degree_Celsius",
    "degF": "degree_Fahrenheit",
    "K": "kelvin",
    "mmHg": "millimeter_Hg",
    "cmH2O": "centimeter_H2O",
    "bar": "bar",
    "atm": "standard_atmosphere",
    "lb": "pound",
    "in": "inch",
}

# What people write -> canonical spelling.
_ALIASES: dict[str, str] = {
    **dict.fromkeys(("particle", "vesicle", "vesicles", "EV", "EVs", "exosome", "exosomes"), "particles"),
    "cell": "cells",
    **dict.fromkeys(("breaths", "breath", "beats", "beat", "times"), "1"),
    **dict.fromkeys(("second", "seconds", "sec"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "wk"),
    **dict.fromkeys(("month", "months"), "mo"),
    **dict.fromkeys(("year", "years", "yr", "y"), "a"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **dict.fromkeys(("°C", "oC", "Cel", "Celsius", "celsius", "C"), "degC"),
    **dict.fromkeys(("°F", "[degF]", "Fahrenheit"), "degF"),
    **dict.fromkeys(("xg", "x g", "g-force", "rcf", "RCF"), "x g"),
    **dict.fromkeys(("mm[Hg]", "torr", "Torr"), "mmHg"),
    "cm[H2O]": "cmH2O",
    **dict.fromkeys(("gram", "grams"), "g"),
    **dict.fromkeys(("litre", "litres", "liter", "liters"), "L"),
    "mcg": "ug",
    **{symbol[:-1] + "l": symbol for symbol in ("fL", "pL", "nL", "uL", "mL", "cL", "dL", "L")},
}


class UnknownUnit(Exception):
    """The text is no unit; `atom` is the part that is not known. Callers turn it into a refusal."""

    def __init__(self, atom: str) -> None:
        self.atom = atom
        super().__init__(atom)


@dataclass(frozen=True)
class UnitExpression:
    """A unit taken apart: a power of ten, then (atom, power) pairs in canonical spelling.

    `canonical` is how it is written (`cells/cm2`, `10*9/L`, `x g`).
    """

    scale: int
    factors: tuple[tuple[str, int], ...]
    canonical: str


@cache
def registry() -> pint.UnitRegistry[Decimal]:
    """pint's registry in decimal arithmetic, with particles, cells and international units; built once."""
    made: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
    for definition in (
        "particle = [particle]",
        "cell = [cell]",
        "international_unit = [biological_activity]",
    ):
        made.define(definition)
    return made


def known_units() -> tuple[str, ...]:
    """Every canonical single unit and its aliases, for suggestions."""
    return tuple(_ATOMS) + tuple(_ALIASES)


def _tidy(text: str) -> str:
    text = text.strip().replace("µ", "u").replace("μ", "u").replace("×", "x").replace("·", ".")
    text = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)", lambda hit: "10^" + hit[1].translate(_SUPERSCRIPTS), text)
    text = text.translate(_SUPERSCRIPTS)
    text = re.sub(r"\s+per\s+", "/", text)
    text = re.sub(r"\s*/\s*", "/", text)
    return re.sub(r"\s+", " ", text)


def _resolve(token: str, aliases: tuple[tuple[str, str], ...]) -> tuple[str, int]:
    """A token of a unit, such as `cm2`, as its canonical atom and power."""
    special = dict(aliases)

    def look(name: str) -> str | None:
        name = special.get(name, name)
        name = _ALIASES.get(name, name) if name not in _ATOMS else name
        return special.get(name, name) if name in _ATOMS else None

    whole = look(token)
    if whole is not None:
        return whole, 1
    powered = re.fullmatch(r"(\D+?)\^?([1-4])", token)
    atom = look(powered[1]) if powered else None
    if powered is None or atom is None:
        raise UnknownUnit(token)
    return atom, int(powered[2])


@cache
def parse_unit(text: str, aliases: tuple[tuple[str, str], ...] = ()) -> UnitExpression:
    """Take a unit apart; `aliases` are readings that hold in one field only. Raises UnknownUnit."""
    scale = 0
    factors: dict[str, int] = {}
    written: list[str] = []
    for position, part in enumerate(_tidy(text).split("/")):
        sign = 1 if position == 0 else -1
        names = []
        for token in part.split(".") if part else ["1"] if position == 0 else [""]:
            power_of_ten = re.fullmatch(r"10[*^]([-+]?\d{1,2})", token)
            if power_of_ten:
                scale += sign * int(power_of_ten[1])
                names.append(f"10*{int(power_of_ten[1])}")
                continue
            atom, power = _resolve(token, aliases)
            names.append(atom if power == 1 else f"{atom}{power}")
            if atom != "1":
                factors[atom] = factors.get(atom, 0) + sign * power
        written.append(".".join(names))
    return UnitExpression(scale, tuple(factors.items()), "/".join(written))


@cache
def pint_unit(expression: UnitExpression) -> pint.Unit:
    """The unit without its power of ten. A bare count in a volume (`10*9/L`, `1/uL`) counts cells."""
    made = registry()
    unit = made.Unit("")
    for atom, power in expression.factors:
        unit = unit * made.Unit(_ATOMS[atom]) ** power
    if dict(unit.dimensionality) == {"[length]": -3}:
        unit = unit * made.Unit("cell")
    return unit


def convert_value(value: Decimal, source: UnitExpression, target: UnitExpression) -> Decimal:
    """A number of one unit in another, to 24 significant digits. Raises pint.DimensionalityError."""
    start = registry().Quantity(value.scaleb(source.scale), pint_unit(source))
    converted = Decimal(start.to(pint_unit(target)).magnitude).scaleb(-target.scale)
    return _rounded(converted)


def _rounded(value: Decimal) -> Decimal:
    """Drop the digits that are rounding noise, and the zeros after them."""
    if value == 0:
        return Decimal(0)
    kept = value.quantize(Decimal(1).scaleb(value.adjusted() - 23))
    kept = kept.normalize()
    return kept.quantize(Decimal(1)) if 0 <= kept.adjusted() < 20 and kept == kept.to_integral() else kept
