"""A kind of claim: a plug-in of one file that says what it needs and how it is rechecked.

Declare a module-level `Kind` in a file of `exotrial/report/recheck/kinds`, or behind an entry point of the group
`exotrial.claim_kinds`; it is found by the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode, Place
from exotrial.report.recheck.claims import Claim
from exotrial.report.recheck.data import Datum
from exotrial.report.recheck.printed import Figure, is_number, read_day, read_figure
from exotrial.report.recheck.verdicts import Judgement

WRONG_SETTING = ErrorCode(
    "RCK-030",
    "A `given` value of a claim is not what its kind understands.",
    "write the value as the message says.",
)
UNEQUAL = ErrorCode(
    "RCK-031",
    "Two selections of a claim must pair, and have different numbers of figures.",
    "choose the same participants on both sides, in the same order.",
)


class NotPrintedError(Exception):
    """A figure that the claim would follow from is not printed; the engine makes a verdict of it."""


@dataclass(frozen=True)
class Asked:
    """A claim with its data resolved, as a kind's check receives it."""

    claim: Claim
    data: Mapping[str, tuple[Datum, ...]]
    missing: Mapping[str, str]
    place: Place

    def texts(self, name: str) -> tuple[str, ...]:
        """The prints of one selection, all of them there."""
        if name in self.missing:
            raise NotPrintedError(self.missing[name])
        absent = [datum for datum in self.data[name] if not datum.printed]
        if absent:
            raise NotPrintedError(f"{name}: {absent[0].told}")
        return tuple(datum.printed for datum in self.data[name])

    def figures(self, name: str) -> tuple[Figure, ...]:
        """The numbers of one selection, as printed."""
        return tuple(read_figure(text, place=self.place) for text in self.texts(name))

    def numbers(self, name: str) -> tuple[Fraction, ...]:
        """The numbers of one selection; a print that is no number counts as not printed."""
        for datum in self.data.get(name, ()):
            if datum.file and datum.printed and not is_number(datum.printed):
                raise NotPrintedError(f"{name}: {datum.told} is no number")
        return tuple(figure.value for figure in self.figures(name))

    def pairs(self, first: str, second: str) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
        """The numbers of two selections that pair, in order (RCK-031)."""
        one, two = self.numbers(first), self.numbers(second)
        if len(one) != len(two):
            raise UNEQUAL.refuse(
                f"{first} has {len(one)} figures and {second} has {len(two)}",
                place=self.place,
                value=f"{len(one)}, {len(two)}",
            )
        return one, two

    def days(self, name: str) -> tuple[date, ...]:
        """The days of one selection; `given.year` holds where no year is printed."""
        return tuple(read_day(text, year=self.year, place=self.place) for text in self.texts(name))

    def read_day(self, text: str) -> date:
        """A day in the claim's own print."""
        return read_day(text, year=self.year, place=self.place)

    @property
    def printed(self) -> Figure:
        """The one number that the claim prints, or `given.reads` where the text lost an exponent or lists names."""
        return read_figure(self.word("reads", self.claim.prints), place=self.place)

    @property
    def told(self) -> str:
        """The print for a sentence, with how it is read where that is given."""
        reads = self.word("reads")
        return f"{self.claim.prints} (read as {reads})" if reads else self.claim.prints

    @property
    def year(self) -> int | None:
        """`given.year`: the year of days that are printed without one."""
        return self.whole("year")

    def whole(self, name: str) -> int | None:
        """A whole number of `given`, None where it is not given (RCK-030)."""
        value = self.claim.given.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not str(value).strip().lstrip("-").isdigit():
            raise WRONG_SETTING.refuse(
                f"given.{name} is {value!r}", place=self.place, value=value, remedy="give a whole number."
            )
        return int(value)

    def word(self, name: str, default: str = "") -> str:
        """A setting of `given` as text."""
        return str(self.claim.given.get(name, default))

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """A setting that must be one of several words, the first of which is the default (RCK-030)."""
        value = self.word(name, allowed[0])
        if value not in allowed:
            raise WRONG_SETTING.refuse(
                f"given.{name} is {value!r}",
                place=self.place,
                value=value,
                remedy=f"choose one of {', '.join(allowed)}.",
            )
        return value


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of claim. `says` is one sentence for the reader of the catalogue.

    `needs` and `may` are names in `from`; `given` and `may_give` are names in `given` that it must and can
    have. `copes`: it still has something to say where a selection is marked missing. `any_from`: any further
    names are allowed in `from`.
    """

    name: str
    says: str
    check: Callable[[Asked], Judgement]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    may_give: tuple[str, ...] = ()
    any_from: bool = False
    copes: bool = False


def find_kinds() -> dict[str, Kind]:
    """Every installed kind of claim, by name."""
    return find_objects(
        "exotrial.report.recheck.kinds",
        Kind,
        name=lambda kind: kind.name,
        entry_point_group="exotrial.claim_kinds",
    )
