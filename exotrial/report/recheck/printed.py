"""Figures as a paper prints them: numbers in digits or words, `mean±SD`, p values with or without operator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from exotrial.core.dates import parse_day_month, read_date
from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.statistics.consistency import PrintedNumber, read_printed

UNREADABLE = ErrorCode(
    "RCK-010",
    "A figure of a claim cannot be read as its kind needs it.",
    "write the figure as the source prints it; what is no figure belongs into `words`.",
)

WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
FOLDS = {
    "onefold": 1,
    "twofold": 2,
    "threefold": 3,
    "fourfold": 4,
    "fivefold": 5,
    "tenfold": 10,
    "doubled": 2,
}
FOLDS |= {"halved": 2, "two-fold": 2}
# A digit that belongs to a name (COVID-19, IL-6, Day7) is no figure, and a dash after a figure is no minus.
_DIGITS = r"(?:\d{1,3}(?:[, ]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_FIGURE = re.compile(rf"(?<![\w.])(?<![A-Za-z]-)(?:(?<!\d )-)?{_DIGITS}", re.ASCII)
# Where the superscript was lost, "2.0 × 108" is 10 to the 8; "2 x 100" is not.
_POWER = r"(?:[eE]|\s?[×x*]\s?10(?:\^|(?!0)))\s?(?P<power>[+-]?\d+)"
_SCIENTIFIC = re.compile(rf"(?:(?P<digits>-?{_DIGITS}){_POWER}|(?<![\d.,])10\^(?P<bare>[+-]?\d+))", re.ASCII)
_P = re.compile(
    r"(?P<label>(?<![A-Za-z])p(?:[\s-]*values?)?\s*(?:of|was|is|:)?)?\s*(?P<relation>[<>=≤≥≈~]?)\s*"
    r"(?P<figure>(?<![\w.,])-?(?:\d*[.,]\d+|\d+))(?:(?:e|\s?[×x*]\s?10\^?)\s?(?P<power>-\d+))?"
    r"(?P<rest>\s?[\d.,^%]*\d|\s?%|\s*[-–]\s*[\d.])?",
    re.IGNORECASE | re.ASCII,
)
_SPREAD = re.compile(
    rf"(?:^|[^\d.,^×–-])(?<!\d[eE])(?P<mean>-?{_DIGITS})\s*(?:±|\+/?-)\s*(?P<sd>{_DIGITS})(?!,?\d|\.\d|[eE][-+\d])",
    re.ASCII,
)
_SPREAD_IN_BRACKETS = re.compile(
    rf"(?P<mean>-?{_DIGITS})[^\d()]*\(\s*(?:SD\s*[:=]?\s*)?(?P<sd>{_DIGITS})\s*\)", re.ASCII | re.IGNORECASE
)
_MOST_POWER = 100
_SIGNS = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{FULLWIDTH LESS-THAN SIGN}": "<",
        "\N{FULLWIDTH GREATER-THAN SIGN}": ">",
        "\N{FULLWIDTH EQUALS SIGN}": "=",
        "\N{LESS-THAN OR SLANTED EQUAL TO}": "≤",
        "\N{GREATER-THAN OR SLANTED EQUAL TO}": "≥",
        "\N{MUCH LESS-THAN}": "<",
        "\N{MUCH GREATER-THAN}": ">",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{THIN SPACE}": " ",
    }
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def in_plain_signs(text: str) -> str:
    """A print with its typographic signs as plain ones: minus, spaces, raised point, superscripts, <= and >=.

    An en dash is a minus only where no figure stands before it; between two figures it means a range.
    """
    plain = text.translate(_SIGNS).replace("<=", "≤").replace(">=", "≥")
    plain = re.sub(r"\N{MIDDLE DOT}(?=\d)", ".", plain)
    plain = re.sub(r"(?<=10)[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), plain)
    return re.sub(r"(?<![\w%)\]])(?<![\d%)\]] )–(?=\.?\d)", "-", plain)


def without_noise(value: float) -> Fraction:
    """The decimal that a computed float stands for, because binary noise must not decide a rounding boundary."""
    tiny = 0 < abs(value) < 1e-6
    return Fraction(f"{value:.12g}" if tiny else repr(round(float(value), 12)))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A printed number, possibly in powers of ten: the closed interval of values that round to it."""

    text: str
    digits: PrintedNumber
    power: int = 0

    @property
    def value(self) -> Fraction:
        return self.digits.value * Fraction(10) ** self.power

    def admits(self, value: Fraction | float) -> bool:
        """Whether a value rounds to the print; half-up and half-even are both accepted."""
        if isinstance(value, float):
            value = without_noise(value)
        return self.digits.admits(value / Fraction(10) ** self.power)

    def write(self, value: Fraction | float) -> str:
        """A value written as the print is: same decimals, same power of ten."""
        shown = self.digits.format(Fraction(value) / Fraction(10) ** self.power)
        return f"{shown}e{self.power}" if self.power else shown


@dataclass(frozen=True, kw_only=True)
class PrintedPValue:
    """A printed p value: `relation` is "", "=", "<", ">", "≤" or "≥"; empty where the print has none."""

    text: str
    relation: str
    figure: PrintedNumber

    @property
    def written(self) -> str:
        """The figure with its operator, where that is an inequality."""
        return self.figure.text if self.relation in ("", "=") else f"{self.relation}{self.figure.text}"

    def admits(self, value: float) -> bool:
        """Whether a p value agrees with the print."""
        exact, stated = without_noise(value), self.figure.value
        match self.relation:
            case "<":
                return exact < stated
            case "≤":
                return exact <= stated
            case ">":
                return exact > stated
            case "≥":
                return exact >= stated
            case _:
                return self.figure.admits(exact)


def read_figure(text: str | int, *, place: Place | None = None) -> Figure:
    """The one number in a print: "88.4 mg/L", "seven", "2.0 × 10^8", "1,500" (RCK-010)."""
    shown = str(text).strip()
    lowered = shown.lower()
    for word, number in FOLDS.items():
        if word in lowered:
            return Figure(text=shown, digits=read_printed(number))
    plain = in_plain_signs(shown)
    power = _SCIENTIFIC.search(plain)
    if power is not None:
        exponent = int(power["power"] or power["bare"])
        rest = plain[: power.start()] + plain[power.end() :]
        if abs(exponent) > _MOST_POWER or _FIGURE.search(rest):
            raise UNREADABLE.refuse(f"{shown!r} does not hold one number", place=place, value=shown)
        digits = re.sub(r"[, ]", "", power["digits"] or "1")
        return Figure(text=shown, digits=read_printed(digits), power=exponent)
    found = _FIGURE.findall(plain)
    found += [str(number) for number, word in enumerate(WORDS) if re.search(rf"\b{word}\b", lowered)]
    if len(found) != 1 or re.search(r"\d\.\d+\.\d|\d\^", plain):
        raise UNREADABLE.refuse(f"{shown!r} does not hold one number", place=place, value=shown)
    return Figure(text=shown, digits=read_printed(re.sub(r"[, ]", "", found[0])))


def read_figures(text: str) -> tuple[Figure, ...]:
    """All plain numbers in a print, in order: "57 (43 to 70)" and "−5 (−7 to −3)" hold three."""
    return tuple(
        Figure(text=found, digits=read_printed(re.sub(r"[, ]", "", found)))
        for found in _FIGURE.findall(in_plain_signs(text))
    )


def is_number(text: str) -> bool:
    """Whether the whole text is one plain number: "88.4" and "1,500", not "No" and not "98 %"."""
    return re.fullmatch(rf"-?{_DIGITS}", in_plain_signs(text.strip()), re.ASCII) is not None


def read_p(text: str, *, place: Place | None = None) -> PrintedPValue:
    """The p value in a print: "p=0.151", "<.001", "5.0E-4", and "p 0.05" whose operator is missing (RCK-010).

    A decimal comma is read too, for a p value is never above 1. A print with two p values, a range, a percentage
    or a negative figure is refused.
    """
    found = list(_P.finditer(in_plain_signs(text)))
    found = [match for match in found if match["label"]] or found
    remedy = "print one p value like p = 0.151, p < 0.001 or 5.0E-4."
    if len(found) != 1 or found[0]["rest"] or found[0]["figure"].startswith("-"):
        raise UNREADABLE.refuse(f"{text!r} holds no single p value", place=place, value=text, remedy=remedy)
    (match,) = found
    power = int(match["power"] or 0)
    if abs(power) > _MOST_POWER:
        raise UNREADABLE.refuse(f"{text!r} holds no p value", place=place, value=text, remedy=remedy)
    figure = match["figure"].replace(",", ".")
    # The decimals of 5.0E-4 are those of 0.00050.
    number = read_printed(Decimal(figure).scaleb(power) if power else figure)
    if number.value > 1:
        raise UNREADABLE.refuse(f"{text!r} holds no p value", place=place, value=text, remedy=remedy)
    relation = match["relation"].replace("≈", "=").replace("~", "=")
    return PrintedPValue(text=text, relation=relation, figure=number)


def read_mean_sd(text: str, *, place: Place | None = None) -> tuple[PrintedNumber, PrintedNumber]:
    """Mean and SD of "23.00±31.87" or "23.00 (31.87)" (RCK-010)."""
    plain = in_plain_signs(text).strip()
    match = _SPREAD.search(plain) or _SPREAD_IN_BRACKETS.fullmatch(plain)
    if match is None:
        raise UNREADABLE.refuse(
            f"{text!r} is no mean with SD", place=place, value=text, remedy="write it like 23.00±31.87."
        )
    mean, sd = (re.sub(r"[, ]", "", match[part]) for part in ("mean", "sd"))
    return read_printed(mean), read_printed(sd)


def read_day(text: str | int, *, year: int | None, place: Place | None = None) -> date:
    """A day as printed, "2020-03-04", "Feb 27" or "April 30, 2020"; `year` holds where none is printed."""
    shown = str(text).strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", shown):
        return read_date(shown, place=place)
    with_year = re.fullmatch(r"(.+?),?\s+(\d{4})", shown)
    if with_year is not None:
        return parse_day_month(with_year[1].strip(), year=int(with_year[2]), place=place)
    if year is None:
        raise UNREADABLE.refuse(
            f"{shown!r} has no year",
            place=place,
            value=shown,
            remedy="add given.year to the claim, with the year that the source says.",
        )
    return parse_day_month(shown, year=year, place=place)


def same_fact(first: str | int, second: str | int, *, year: int | None = None) -> bool:
    """Whether two prints tell the same: as days where both are days, as numbers, or as words."""
    one, two = str(first).strip(), str(second).strip()
    if one.casefold() == two.casefold():
        return True
    try:
        return read_day(one, year=year) == read_day(two, year=year)
    except Refusal:
        pass  # not two days
    try:
        a, b = read_figure(one), read_figure(two)
    except Refusal:
        return False
    # The coarser print decides: 98 and 98.2 tell the same.
    return a.admits(b.value) or b.admits(a.value)
