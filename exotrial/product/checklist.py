"""A checklist of the product: items as data, each answered from the study file, with the reason or the field lacking.

One list is one module of `exotrial.product.checklists` with a CSV file beside it; the words of the items are ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources.abc import Traversable

from exotrial.core.catalogue import find_objects
from exotrial.product.cell_identity import CellEvidence
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Product


class Status(StrEnum):
    """How an item stands. `NOT_ON_RECORD` says that the record is silent, not that the thing was not done."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ON_RECORD = "not on record"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class ProductRecord:
    """What a list is answered from: the study, one product of it, and the counts of its cell bank if there are any."""

    study: Study
    product: Product
    cells: CellEvidence | None = None

    def path(self, name: str) -> str:
        """Where a field of the product stands in the study file."""
        return f"products.{self.product.id}.{name}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one item stands and why; `missing` is the field of the study file that would tell it."""

    status: Status
    why: str
    missing: str = ""


Finder = Callable[[ProductRecord], Answer]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item: its number in the list, the section, the question in our words, and the finder that answers it."""

    number: str
    section: str
    asks: str
    found_by: str


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """One list. `table` is its CSV file; `applies` gives an answer for all items where the list as a whole has one."""

    name: str
    title: str
    source: str
    table: Traversable
    finders: Mapping[str, Finder] = field(default_factory=dict)
    applies: Callable[[ProductRecord], Answer | None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """An item with its answer."""

    item: Item
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class Score:
    """Items met among those that apply; an item that is not on record counts as not met, as EV-METRIC counts it."""

    met: int
    applicable: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where no item applies."""
        return self.met / self.applicable if self.applicable else None

    def in_words(self) -> str:
        """`3 of 8 items that apply are met (38 %)`."""
        if self.share is None:
            return "no item applies"
        return f"{self.met} of {self.applicable} items that apply are met ({self.share * 100:.0f} %)"


NO_PLACE = "The study file has no place for it; the publication may tell it."


def find_checklists() -> dict[str, Checklist]:
    """Every installed list by its name."""
    return find_objects(
        "exotrial.product.checklists",
        Checklist,
        name=lambda checklist: checklist.name,
        entry_point_group="exotrial.checklists",
    )


def read_items(checklist: Checklist) -> tuple[Item, ...]:
    """The items of a list, in its order."""
    text = checklist.table.read_text(encoding="utf-8")
    return tuple(Item(**row) for row in csv.DictReader(io.StringIO(text)))


def answer_checklist(checklist: Checklist, record: ProductRecord) -> tuple[ItemAnswer, ...]:
    """Every item of a list with its answer."""
    whole = checklist.applies(record)
    return tuple(
        ItemAnswer(item=item, answer=whole or _answer(checklist, item, record))
        for item in read_items(checklist)
    )


def compute_score(answers: tuple[ItemAnswer, ...]) -> Score:
    """How many of the items that apply are met."""
    statuses = [one.answer.status for one in answers]
    return Score(
        met=statuses.count(Status.MET),
        applicable=len(statuses) - statuses.count(Status.NOT_APPLICABLE),
    )


def met(why: str) -> Answer:
    """The record shows it."""
    return Answer(status=Status.MET, why=why)


def not_met(why: str) -> Answer:
    """The record shows that it is otherwise."""
    return Answer(status=Status.NOT_MET, why=why)


def not_on_record(why: str, *, missing: str = "") -> Answer:
    """The record is silent; `missing` is the field that would tell."""
    return Answer(status=Status.NOT_ON_RECORD, why=why, missing=missing)


def not_applicable(why: str) -> Answer:
    """The item does not apply, and why."""
    return Answer(status=Status.NOT_APPLICABLE, why=why)


def tell(value: object, *, path: str, absent: str) -> Answer:
    """Met where a field is filled in, with its value; not on record where it is not."""
    return met(f"{value} ({path})") if value else not_on_record(absent, missing=path)


def _answer(checklist: Checklist, item: Item, record: ProductRecord) -> Answer:
    return checklist.finders[item.found_by](record) if item.found_by else not_on_record(NO_PLACE)
