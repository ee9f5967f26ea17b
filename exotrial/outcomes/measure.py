"""The outcome measure: one object in one file says all there is to say about one variable.

Measures are found by walking `exotrial.outcomes.measures` and the entry points `exotrial.measures`; nothing
else lists them. A measure that is read off a report needs no more than its names, unit, range and citation;
its item is made from those.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode
from exotrial.outcomes.answers import Answers, Given, read_answers
from exotrial.outcomes.values import Missing, Side
from exotrial.study.items import Code, Codelist, DataType, Item

UNKNOWN_MEASURE = ErrorCode(
    "MSR-001",
    "No installed measure has this name.",
    "`exotrial measures` lists them; a new one is one new file in exotrial/outcomes/measures.",
)


class Direction(StrEnum):
    """Which way is good, in the words of the study file."""

    HIGHER_IS_BETTER = "higher is better"
    HIGHER_IS_WORSE = "higher is worse"
    NEITHER = "neither"


@dataclass(frozen=True, kw_only=True)
class Computed:
    """What a measure came to: a number, a class, an interval, or the reason why there is nothing.

    `text` is the class of a classification. `lower` and `upper` are the interval (lower, upper] in which the
    value lies where it is not known more closely; `upper` None means not reached. `event` is False where a
    time is censored. `notes` are for the reader. A number is finite, always.
    """

    value: float | None = None
    text: str = ""
    lower: float | None = None
    upper: float | None = None
    side: Side = Side.EXACT
    event: bool | None = None
    missing: Missing | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number in (self.value, self.lower, self.upper):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"a computed value is {number}")
        has_something = self.value is not None or bool(self.text) or self.lower is not None
        if has_something == (self.missing is not None):
            raise ValueError("a result is there, or says why it is missing")


def not_computable(*notes: str) -> Computed:
    """There is no value, and these notes say why."""
    return Computed(missing=Missing.NOT_COMPUTABLE, notes=notes)


Expected = float | str | tuple[float, float | None] | Missing
"""A number, a class, an interval (lower, upper], or a reason why there is none."""


@dataclass(frozen=True, kw_only=True)
class WorkedExample:
    """Inputs, what they come to, and who says so. Run as a test for every installed measure."""

    inputs: Given
    expected: Expected
    source: str
    event: bool | None = None

    def is_met_by(self, computed: Computed) -> bool:
        """Whether a result is the expected one, to nine significant digits."""
        if self.event is not None and computed.event is not self.event:
            return False
        if isinstance(self.expected, Missing):
            return computed.missing is self.expected
        if isinstance(self.expected, str):
            return computed.text == self.expected
        if isinstance(self.expected, tuple):
            return (computed.lower, computed.upper) == self.expected
        return computed.value is not None and math.isclose(
            computed.value, self.expected, rel_tol=1e-9, abs_tol=1e-12
        )


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An outcome measure. `low` and `high` bound what is plausible, and for a score what is possible.

    `items` are asked once and `row_items` in every row (a test, a scan, an event); where neither is given,
    the measure is one number and its item is made from its own names and range. `compute` turns checked
    answers into the value; by default it is the single item's number. `convention` says what is done where
    the definition leaves room: deaths, missing parts, ties. `loinc` is given only where it is certain.
    """

    paramcd: str
    param: str
    unit: str
    low: float
    high: float
    direction: Direction
    citation: str
    items: tuple[Item, ...] = ()
    row_items: tuple[Item, ...] = ()
    optional: tuple[str, ...] = ()
    """Oids of items that this measure can be computed without, though a form may require them."""
    compute: Callable[[Answers], Computed] | None = None
    classes: tuple[str, ...] = ()
    """The values of `Computed.text`, mildest first, for a classification."""
    examples: tuple[WorkedExample, ...] = ()
    aliases: tuple[str, ...] = ()
    convention: str = ""
    loinc: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", self.paramcd):
            raise ValueError(f"PARAMCD {self.paramcd!r} is not 1 to 8 capitals and digits, a letter first")
        if self.low > self.high:
            raise ValueError(f"the range of {self.paramcd} runs from high to low")
        # A package that is not type-checked may give the word; a word that is none is refused here.
        object.__setattr__(self, "direction", Direction(self.direction))
        if not self.items and not self.row_items:
            own = number(self.paramcd.lower(), self.param, unit=self.unit, low=self.low, high=self.high)
            object.__setattr__(self, "items", (own,))
        if self.compute is None and (len(self.items) != 1 or self.row_items):
            raise ValueError(f"{self.paramcd} has several items and needs a compute function")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which it is found."""
        return (self.paramcd, self.param, *self.aliases)


def compute_measure(measure: Measure, given: Given) -> Computed:
    """The value of a measure from answers by item oid, rows of answers under `rows`.

    An answer may be a number in the item's unit, text with a unit (`1.2 mg/dL`, `<0.5`), a Value or a
    Quantity. A required item that is missing makes the result missing with its name in the notes. Refuses
    MSR-002 for an item the measure does not have, MSR-003 for an answer of the wrong kind and MSR-004 for one
    that cannot be.
    """
    answers = read_answers(given, items=measure.items, row_items=measure.row_items)
    if measure.compute is None:
        return _compute_single(measure.items[0].oid, answers)
    lacking = [f"{oid}: {reason}" for oid, reason in answers.lacking if oid not in measure.optional]
    if lacking:
        return Computed(missing=Missing.NOT_COMPUTABLE, notes=tuple(lacking))
    result = measure.compute(answers)
    if result.missing is not None or not answers.doubts:
        return result
    return _with_notes(result, answers.doubts)


def _compute_single(oid: str, answers: Answers) -> Computed:
    value = answers.value(oid)
    if value.missing is not None:
        return Computed(missing=value.missing)
    return Computed(value=value.number, side=value.side, notes=answers.doubts)


def _with_notes(result: Computed, notes: tuple[str, ...]) -> Computed:
    return Computed(
        value=result.value,
        text=result.text,
        lower=result.lower,
        upper=result.upper,
        side=result.side,
        event=result.event,
        notes=result.notes + notes,
    )


def find_measures() -> dict[str, Measure]:
    """Every installed measure by PARAMCD, sorted."""
    return find_objects(
        "exotrial.outcomes.measures",
        Measure,
        name=lambda measure: measure.paramcd,
        entry_point_group="exotrial.measures",
    )


def find_measure(name: str) -> Measure:
    """The measure of a PARAMCD, name or alias; letter case, spaces and hyphens do not matter (MSR-001)."""
    by_name = {fold_name(known): measure for measure in find_measures().values() for known in measure.names}
    folded = fold_name(name)
    if folded in by_name:
        return by_name[folded]
    near = {by_name[key].paramcd: by_name[key] for key in difflib.get_close_matches(folded, by_name, n=3)}
    suggestion = " or ".join(f"{measure.paramcd} ({measure.param})" for measure in near.values())
    raise UNKNOWN_MEASURE.refuse(
        f"there is no measure {name!r}", value=name, remedy=f"did you mean {suggestion}?" if near else None
    )


def fold_name(name: str) -> str:
    """A name as it is compared: compatibility forms (PaO₂), letter case, spaces and punctuation set aside."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def number(
    oid: str,
    label: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    hard_low: float | None = None,
    hard_high: float | None = None,
    required: bool = True,
    whole: bool = False,
    question: str = "",
) -> Item:
    """An item that takes a number.

    Where nothing else is said, an amount that is plausible only from 0 upwards cannot be negative, and a
    percentage cannot pass 100.
    """
    if hard_low is None and low is not None and low >= 0:
        hard_low = 0
    if hard_high is None and unit == "%":
        hard_high = 100
    return Item(
        oid=oid,
        label=label,
        data_type=DataType.INTEGER if whole else DataType.DECIMAL,
        unit=unit,
        low=low,
        high=high,
        hard_low=hard_low,
        hard_high=hard_high,
        required=required,
        question=question,
    )


def yes_no(oid: str, label: str, *, required: bool = True, question: str = "") -> Item:
    """An item that takes yes or no."""
    return Item(oid=oid, label=label, data_type=DataType.BOOLEAN, required=required, question=question)


def day(oid: str, label: str, *, required: bool = True, question: str = "") -> Item:
    """An item that takes a full date."""
    return Item(oid=oid, label=label, data_type=DataType.DATE, required=required, question=question)


def choice(
    oid: str, label: str, codes: Mapping[str, str], *, required: bool = True, question: str = ""
) -> Item:
    """An item that takes one of several codes; `codes` maps what is stored to what is shown."""
    codelist = Codelist(
        oid=f"{oid}_codes", label=label, codes=tuple(Code(value, shown) for value, shown in codes.items())
    )
    return Item(
        oid=oid,
        label=label,
        data_type=DataType.CODED,
        codelist=codelist,
        required=required,
        question=question,
    )
