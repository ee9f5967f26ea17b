"""Figures as a paper prints them: numbers in digits or words, `mean±SD`, p values with or without operator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
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
# A digit that belongs to a name (COVID-19, IL-6, Day7) is no figure.
_FIGURE = re.compile(r"(?<![\w.])(?<![A-Za-z]-)[-−]?(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)?(?:[.·]?\d+)?(?<=\d)")
_SCIENTIFIC = re.compile(r"(?P<digits>[-−]?\d+(?:\.\d+)?)\s?(?:[eE]|[×x]\s?10\^?)\s?(?P<power>[+-]?\d+)")
_P = re.compile(r"(?:p(?:\s*values?)?)?\s*(?P<relation>[<>=≤≥]?)\s*(?P<figure>\d*\.\d+|\d+)", re.IGNORECASE)
_SPREAD = re.compile(r"(?P<mean>[-−]?\d+(?:\.\d+)?)\s*(?:±|\+/-)\s*(?P<sd>\d+(?:\.\d+)?)")


def without_noise(value: float) -> Fraction:
    """The decimal that a computed float stands for, because binary noise must not decide a rounding boundary."""
    return Fraction(repr(round(float(value), 12)))


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
    power = _SCIENTIFIC.search(shown)
    if power is not None:
        return Figure(text=shown, digits=read_printed(power["digits"]), power=int(power["power"]))
    found = [figure for figure in _FIGURE.findall(shown) if figure]
    found += [str(number) for number, word in enumerate(WORDS) if re.search(rf"\b{word}\b", lowered)]
    if len(found) != 1:
        raise UNREADABLE.refuse(f"{shown!r} does not hold one number", place=place, value=shown)
    return Figure(text=shown, digits=read_printed(re.sub(r"[, ]", "", found[0])))


def read_figures(text: str) -> tuple[Figure, ...]:
    """All plain numbers in a print, in order: "57 (43 to 70)" holds three."""
    return tuple(
        Figure(text=found, digits=read_printed(found)) for found in re.findall(r"\d+(?:\.\d+)?", text)
    )


def is_number(text: str) -> bool:
    """Whether the whole text is one plain number: "88.4", not "No" and not "98 %"."""
    return re.fullmatch(r"[-−]?(\d+(\.\d+)?|\.\d+)", text.strip()) is not None


def read_p(text: str, *, place: Place | None = None) -> PrintedPValue:
    """The p value in a print: "p=0.151", "p < 0.05", and "p 0.05" whose operator is missing (RCK-010)."""
    match = _P.search(text)
    if match is None or Fraction(match["figure"]) > 1:
        raise UNREADABLE.refuse(f"{text!r} holds no p value", place=place, value=text)
    return PrintedPValue(text=text, relation=match["relation"], figure=read_printed(match["figure"]))


def read_mean_sd(text: str, *, place: Place | None = None) -> tuple[PrintedNumber, PrintedNumber]:
    """Mean and SD of "23.00±31.87" (RCK-010)."""
    match = _SPREAD.search(text)
    if match is None:
        raise UNREADABLE.refuse(
            f"{text!r} is no mean with SD", place=place, value=text, remedy="write it like 23.00±31.87."
        )
    return read_printed(match["mean"]), read_printed(match["sd"])


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
