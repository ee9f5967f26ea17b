"""Quantities: a number with a unit, checked against the dimension of the field it stands in.

The field decides what a letter means: `110000 g` is a relative centrifugal force in one field and a mass in
another, and neither converts to the other.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

import pint

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.units import (
    UnitExpression,
    UnknownUnit,
    convert_value,
    known_units,
    parse_unit,
    pint_unit,
)

NOT_A_NUMBER = ErrorCode(
    "QTY-001",
    "A quantity does not begin with a number.",
    "write digits with a point for decimals and e for powers of ten, such as 7.66e8.",
)
MISSING_UNIT = ErrorCode("QTY-002", "A quantity has no unit, and its field needs one.", "add the unit.")
UNKNOWN_UNIT = ErrorCode("QTY-003", "A unit is not known.", "write the unit in UCUM spelling, such as mg/L.")
WRONG_DIMENSION = ErrorCode(
    "QTY-004",
    "A unit measures another kind of thing than its field holds.",
    "give the quantity in a unit of the field's dimension.",
)
EMPTY_QUANTITY = ErrorCode(
    "QTY-005", "A quantity is empty.", "give a number with its unit, or leave the field out."
)
UNKNOWN_DIMENSION = ErrorCode(
    "QTY-006", "A field asks for a dimension that is not defined.", "use a name listed in DIMENSIONS."
)
CANNOT_CONVERT = ErrorCode(
    "QTY-007",
    "A quantity cannot be converted to a unit of another dimension.",
    "convert only between units of one dimension.",
)


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A kind of quantity. `unit` is its reference unit; `local` are readings that hold in its fields only.

    `only` restricts the units where the physical dimension alone does not tell kinds apart.
    """

    name: str
    unit: str
    example: str
    local: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()
    bare: bool = False
    """True where a number may stand without a unit."""


def _table(*rows: Dimension) -> dict[str, Dimension]:
    return {row.name: row for row in rows}


DIMENSIONS: Final = _table(
    Dimension(name="mass", unit="kg", example="70 kg"),
    Dimension(name="volume", unit="mL", example="2 mL"),
    Dimension(name="duration", unit="d", example="5 d"),
    Dimension(name="length", unit="cm", example="5 cm"),
    Dimension(name="area", unit="cm2", example="175 cm2"),
    Dimension(name="temperature", unit="degC", example="4 degC"),
    Dimension(name="pressure", unit="mmHg", example="80 mmHg"),
    Dimension(name="flow", unit="L/min", example="6 L/min"),
    Dimension(name="rate", unit="1/min", example="18 1/min"),
    Dimension(name="compliance", unit="mL/cmH2O", example="40 mL/cmH2O"),
    Dimension(
        name="relative centrifugal force",
        unit="x g",
        example="110000 x g",
        local=(("g", "x g"),),
        only=("x g",),
    ),
    Dimension(name="particle count", unit="particles", example="2.0e8 particles"),
    Dimension(name="cell count", unit="cells", example="1e6 cells"),
    Dimension(name="particle dose per mass", unit="particles/kg", example="1e8 particles/kg"),
    Dimension(name="cell dose per mass", unit="cells/kg", example="1e6 cells/kg"),
    Dimension(name="particle concentration", unit="particles/mL", example="7.66e8 particles/mL"),
    Dimension(name="particles per cell", unit="particles/cells", example="1000 particles/cells"),
    Dimension(name="cell density", unit="cells/cm2", example="1.2e4 cells/cm2"),
    Dimension(name="cell concentration", unit="10*9/L", example="6.5 10*9/L"),
    Dimension(name="mass concentration", unit="mg/L", example="4500 mg/L"),
    Dimension(name="amount concentration", unit="mmol/L", example="1.2 mmol/L"),
    Dimension(
        name="enzyme activity concentration", unit="U/L", example="40 U/L", local=(("IU", "U"), ("mIU", "mU"))
    ),
    Dimension(
        name="biological activity concentration",
        unit="IU/mL",
        example="100 IU/mL",
        local=(("EU", "IU"),),  # an endotoxin unit of the USP is an international unit (USP <85>)
    ),
    Dimension(name="percent", unit="%", example="5 %", only=("%",)),
    Dimension(name="amount fraction", unit="%", example="5 %", only=("%", "mol/mol", "mmol/mol")),
    Dimension(name="mass per area", unit="kg/m2", example="25 kg/m2"),
    Dimension(name="volume per mass", unit="mL/kg", example="6 mL/kg"),
    Dimension(
        name="mass dose per mass", unit="mg/kg", example="5 mg/kg", only=("g/kg", "mg/kg", "ug/kg", "ng/kg")
    ),
    Dimension(name="ratio", unit="1", example="0.21", only=("1", "%"), bare=True),
    Dimension(name="count", unit="1", example="3", bare=True, only=("1",)),
)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number with a unit in canonical spelling. `text` is how it was written, and takes no part in equality."""

    value: Decimal
    unit: str
    text: str = field(default="", compare=False)

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit of the same dimension (QTY-003, QTY-007)."""
        return convert(self, unit)

    @property
    def number(self) -> float:
        """The value as a float, for arithmetic."""
        return float(self.value)

    def __str__(self) -> str:
        return write_quantity(self)


def find_dimension(name: str) -> Dimension:
    """The dimension of a name, refused with the nearest names where there is none (QTY-006)."""
    if name not in DIMENSIONS:
        raise UNKNOWN_DIMENSION.refuse(
            f"there is no dimension {name!r}", value=name, remedy=_nearest(name, tuple(DIMENSIONS))
        )
    return DIMENSIONS[name]


def read_quantity(
    written: str | int | float | Decimal, *, dimension: str, place: Place | None = None
) -> Quantity:
    """Read a number with its unit for a field of a dimension (a name of DIMENSIONS).

    Refuses QTY-001 for a number that is not one or not finite, QTY-002 without a unit, QTY-003 for an unknown
    unit, QTY-004 for a unit of another dimension, QTY-005 for nothing at all.
    """
    kind = find_dimension(dimension)
    text = str(written).strip()
    if not text:
        raise EMPTY_QUANTITY.refuse(
            f"there is no {kind.name} here", place=place, remedy=f"write one like {kind.example}."
        )
    value, unit_text = _split(text, kind, place)
    if not unit_text:
        if kind.bare:
            return Quantity(value=value, unit=kind.unit, text=text)
        raise MISSING_UNIT.refuse(
            f"{text!r} has no unit, and a {kind.name} needs one",
            place=place,
            value=text,
            remedy=f"write it like {kind.example}.",
        )
    expression = _read_unit(unit_text, kind, place)
    return Quantity(value=value, unit=expression.canonical, text=text)


def read_unit(written: str, *, dimension: str, place: Place | None = None) -> str:
    """The canonical spelling of a unit of a dimension (QTY-003, QTY-004)."""
    return _read_unit(written, find_dimension(dimension), place).canonical


def dimension_of(unit: str) -> str:
    """The name of the first dimension that takes a unit in canonical spelling (QTY-003, QTY-004)."""
    expression = _known(unit, (), None)
    for kind in DIMENSIONS.values():
        if _fits(expression, kind):
            return kind.name
    raise WRONG_DIMENSION.refuse(f"{unit!r} is a unit of no dimension that is defined", value=unit)


def convert(quantity: Quantity, unit: str) -> Quantity:
    """The same quantity in another unit (QTY-003 unknown unit, QTY-007 another dimension)."""
    source, target = _known(quantity.unit, (), None), _known(unit, (), None)
    if source == target:
        return Quantity(value=quantity.value, unit=target.canonical, text=quantity.text)
    try:
        value = convert_value(quantity.value, source, target)
    except pint.DimensionalityError:
        raise CANNOT_CONVERT.refuse(
            f"{write_quantity(quantity)} cannot be given in {target.canonical!r}", value=quantity.unit
        ) from None
    return Quantity(value=value, unit=target.canonical, text=quantity.text)


def write_quantity(quantity: Quantity) -> str:
    """As a file holds it, readable again by read_quantity: `2.0e8 particles`, `110000 x g`."""
    number = str(quantity.value).lower().replace("e+", "e")
    return number if quantity.unit == "1" else f"{number} {quantity.unit}"


def format_quantity(quantity: Quantity) -> str:
    """As a reader sees it, digits as written: `2.0 × 10⁸ particles/kg`, `4 °C`, `110000 × g`, `6.5 × 10⁹/L`."""
    unit = format_unit(quantity.unit)
    number = _format_number(quantity.value)
    if not unit:
        return number
    if unit.startswith("10") and "×" in number:
        number = format(quantity.value, "f")  # never two powers of ten in one quantity
    return f"{number} × {unit}" if unit.startswith("10") else f"{number} {unit}"


def format_unit(unit: str) -> str:
    """A canonical unit as a reader sees it: `µg/L`, `cells/cm²`, `°C`, `10⁹/L`, `× g`; empty for `1`."""
    if unit in ("1", "x g", "degC", "degF"):
        return {"1": "", "x g": "× g", "degC": "°C", "degF": "°F"}[unit]
    shown = re.sub(r"10\*(-?\d+)", lambda hit: "10" + _raise_digits(hit[1]), unit)
    shown = re.sub(r"(?<=m)([234])(?=$|/|\.)", lambda hit: _raise_digits(hit[1]), shown)
    shown = re.sub(r"(^|[/.])u(?=[A-Za-z])", r"\1µ", shown)
    return re.sub(r"^1/", "/", shown)


def _raise_digits(digits: str) -> str:
    return digits.translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


def _format_number(value: Decimal) -> str:
    exponent = value.adjusted()
    if value == 0 or -4 < exponent < 6:
        return format(value, "f").replace("-", "−")
    mantissa = format(value.scaleb(-exponent), "f").replace("-", "−")
    return f"{mantissa} × 10{_raise_digits(str(exponent))}"


_NUMBER = re.compile(
    r"(?P<mantissa>[-+−]?(?:\d+\.?\d*|\.\d+))"
    r"(?:[eE](?P<exponent>[-+]?\d{1,3})(?![\d.])|\s*[x×*·]\s*10(?:[\^*](?P<power>[-+]?\d{1,3})|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?"
)
_BROKEN_POWER = re.compile(r"\s*[eE]\s*(?P<sign>[-+]?)\s*(?P<digits>[\d.]*)")
_LARGEST_POWER: Final = 60
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def _split(text: str, kind: Dimension, place: Place | None) -> tuple[Decimal, str]:
    hit = _NUMBER.match(text)
    if hit is None:
        raise NOT_A_NUMBER.refuse(
            f"{text!r} does not begin with a number",
            place=place,
            value=text,
            remedy=f"write it like {kind.example}.",
        )
    rest = text[hit.end() :]
    broken = _BROKEN_POWER.match(rest)
    if broken and (broken["sign"] or broken["digits"]):
        digits = broken["digits"].replace(".", "").lstrip("0")
        sign = "-" if broken["sign"] == "-" else ""
        raise NOT_A_NUMBER.refuse(
            f"{text!r} is not a number",
            place=place,
            value=text,
            remedy=f"write {hit['mantissa']}e{sign}{digits or '0'} if that is meant: no spaces or point in the power.",
        )
    if re.match(r"\s*[,.\d]", rest) and not re.match(r"\s+(10[\^*⁰¹²³⁴⁵⁶⁷⁸⁹]|1/)", rest):
        raise NOT_A_NUMBER.refuse(
            f"{text!r} is not a number",
            place=place,
            value=text,
            remedy="write the digits without commas or spaces, with a point for decimals.",
        )
    power = hit["exponent"] or hit["power"] or (hit["raised"] or "0").translate(_LOWERED)
    try:
        value = Decimal(hit["mantissa"].replace("−", "-")).scaleb(int(power))
    except InvalidOperation:
        raise NOT_A_NUMBER.refuse(f"{text!r} is not a number", place=place, value=text) from None
    if abs(value.adjusted()) > _LARGEST_POWER:
        raise NOT_A_NUMBER.refuse(
            f"{text!r} is beyond 10 to the power of {_LARGEST_POWER}", place=place, value=text
        )
    return value, rest.strip()


def _known(unit: str, local: tuple[tuple[str, str], ...], place: Place | None) -> UnitExpression:
    try:
        return parse_unit(unit, local)
    except UnknownUnit as unknown:
        raise UNKNOWN_UNIT.refuse(
            f"{unknown.atom or unit!r} is not a known unit",
            place=place,
            value=unit,
            remedy=_nearest(unknown.atom, known_units()),
        ) from None


def _fits(expression: UnitExpression, kind: Dimension) -> bool:
    if kind.only:
        return expression.canonical in kind.only
    reference = pint_unit(parse_unit(kind.unit))
    return bool(pint_unit(expression).dimensionality == reference.dimensionality)


def _read_unit(unit: str, kind: Dimension, place: Place | None) -> UnitExpression:
    expression = _known(unit, kind.local, place)
    if not _fits(expression, kind):
        raise WRONG_DIMENSION.refuse(
            f"{unit!r} is not a unit of {kind.name}",
            place=place,
            value=unit,
            remedy=f"write it like {kind.example}.",
        )
    return expression


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(repr(one) for one in near)}?"
    return "write units in UCUM spelling, such as mL, mg/L, 10*9/L or particles/kg."
