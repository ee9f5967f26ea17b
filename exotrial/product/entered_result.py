"""A result that a laboratory enters by hand: sterility, endotoxin, mycoplasma, protein, a residual.

A result is an outcome in words or a quantity, never both; a quantity below what the method can tell is entered with
"<". Nothing is judged here: limits are the release specification's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.core.findings import Finding, Severity
from exotrial.core.quantities import DIMENSIONS, WRONG_DIMENSION, Quantity, dimension_of, read_quantity
from exotrial.product.assay_text import assay_finding

OUTCOME_OR_VALUE = ErrorCode(
    "RSL-001",
    "A result has neither an outcome nor a value, or both, or the one that its test does not have.",
    "enter the outcome in words or the value with its unit, as the test gives it.",
)
UNKNOWN_OUTCOME = ErrorCode(
    "RSL-002",
    "The outcome of a test is none that the test has.",
    "write one of the outcomes that the message names.",
)
WRONG_UNIT = ErrorCode(
    "RSL-003",
    "The value of a test is in a unit that the test does not have.",
    "give the value in the unit of the method, such as 0.25 IU/mL or 350 ug/mL.",
)

OUTCOMES: Final = {
    "sterility": ("no growth", "growth"),
    "mycoplasma": ("not detected", "detected"),
    "appearance": ("conforms", "does not conform"),
}
"""Tests whose result is a word, and the words, the one hoped for first."""

DIMENSIONS_OF: Final = {
    "endotoxin": ("biological activity concentration",),
    "protein": ("mass concentration",),
    "particles": ("particle concentration",),
    "pH": ("count",),
    "osmolality": ("amount concentration",),
    "volume": ("volume",),
}
"""Tests whose result is a quantity, and the kinds of quantity. Units of endotoxin are international ones: IU."""

RESIDUAL: Final = ("mass concentration", "biological activity concentration", "amount fraction", "percent")
"""What a test named `residual …` may be in."""


@dataclass(frozen=True, kw_only=True)
class EnteredResult:
    """One result. `outcome` is "" for a quantity; `below` says that `value` is what the result lies below."""

    test: str
    sample: str
    method: str
    day: date
    analyst: str
    outcome: str
    value: Quantity | None
    below: bool
    limit_of_detection: Quantity | None
    place: Place

    def __str__(self) -> str:
        return self.outcome or f"{'< ' if self.below else ''}{self.value}"


def make_result(
    test: str,
    *,
    sample: str,
    method: str,
    day: date,
    analyst: str,
    outcome: str,
    value: str,
    limit_of_detection: str,
    place: Place,
) -> EnteredResult:
    """A result from its texts, "" for what is not given (RSL-001 to RSL-003, QTY-001 to QTY-005)."""
    if bool(outcome) is bool(value):
        problem = "both an outcome and a value are" if outcome else "neither an outcome nor a value is"
        raise OUTCOME_OR_VALUE.refuse(f"{problem} given for {test}", place=place, value=test)
    if test in OUTCOMES and outcome not in OUTCOMES[test]:
        raise UNKNOWN_OUTCOME.refuse(
            f"{test} is {outcome or value!r}",
            place=place,
            value=outcome or value,
            remedy=f"write {' or '.join(repr(word) for word in OUTCOMES[test])}.",
        )
    kinds = kinds_of(test)
    if outcome and kinds:
        raise OUTCOME_OR_VALUE.refuse(
            f"{test} is a quantity, and its outcome is {outcome!r}",
            place=place,
            value=outcome,
            remedy='enter the value with its unit; below the limit of detection write it like "< 0.01 IU/mL".',
        )
    below = value.startswith("<")
    number = value.removeprefix("<").strip()
    quantity = _read_value(number, test, kinds, place) if value else None
    limit = _read_value(limit_of_detection, test, kinds, place) if limit_of_detection else None
    if quantity is not None and limit is not None and dimension_of(quantity.unit) != dimension_of(limit.unit):
        raise WRONG_UNIT.refuse(
            f"the value of {test} is in {quantity.unit}, and its limit of detection in {limit.unit}",
            place=place,
            value=limit_of_detection,
            remedy="give both in units of one kind.",
        )
    return EnteredResult(
        test=test,
        sample=sample,
        method=method,
        day=day,
        analyst=analyst,
        outcome=outcome,
        value=quantity,
        below=below,
        limit_of_detection=limit,
        place=place,
    )


def kinds_of(test: str) -> tuple[str, ...]:
    """The dimensions that a test's value may have, () where the test is not known or its result is a word."""
    if test.startswith("residual "):
        return RESIDUAL
    return DIMENSIONS_OF.get(test, ())


def _read_value(written: str, test: str, kinds: tuple[str, ...], place: Place) -> Quantity:
    """A quantity of one of the test's dimensions; of a test that is not known, of any dimension."""
    if len(kinds) == 1:
        return read_quantity(written, dimension=kinds[0], place=place)
    for name in kinds or tuple(DIMENSIONS):
        try:
            return read_quantity(written, dimension=name, place=place)
        except Refusal as refused:
            if refused.code is not WRONG_DIMENSION:
                raise
    raise WRONG_UNIT.refuse(f"{test} is {written!r}", place=place, value=written)


def check_result(result: EnteredResult) -> list[Finding]:
    """A quantity without its limit of detection, or one that lies below it and is not entered with "<"."""
    limit, value = result.limit_of_detection, result.value
    if value is None:
        return []
    if limit is None:
        return [
            assay_finding(
                "ASF-030",
                f"{result.test}/{result.sample}/{result.day}",
                Severity.WARNING,
                says=f"{result.test} has no limit of detection.",
                why="Whether a small value is one that the method can tell from none is not known.",
                settle="Enter the limit of detection of the method, from its validation.",
                place=result.place,
            )
        ]
    if not result.below and value.number < limit.to(value.unit).number:
        return [
            assay_finding(
                "ASF-031",
                f"{result.test}/{result.sample}/{result.day}",
                Severity.ERROR,
                says=f"{result.test} is {value}, below its limit of detection of {limit}.",
                why="Below the limit of detection the method does not tell a value.",
                settle=f'Enter it as "< {limit}", or correct the limit.',
                place=result.place,
            )
        ]
    return []
