"""The values of one form record, checked against the form: what is there, what is missing, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.study.entry import STRUCK
from exotrial.study.items import DataType, Form, Item, ItemGroup

UNKNOWN_ITEM = ErrorCode(
    "REC-007",
    "A record has a group or an item that its form does not have.",
    "give the record with the study version under which it was made.",
)
WRONG_SHAPE = ErrorCode(
    "REC-008",
    "A value of a record has not the shape of one.",
    'a value is text, a number, true or false, or {"missing": reason}; a repeating group is a list of rows.',
)

Scalar = str | int | float | bool
SURROGATES = re.compile(r"[\ud800-\udfff\x00]")
"""What no UTF-8 file, and no CSV cell, can hold."""


@dataclass(frozen=True, kw_only=True)
class FormRecord:
    """One filled-in form of a participant; `encounter` is empty where its form is of no encounter.

    `values` maps group oids to `{item oid: value}`, or to a list of such rows with their key under "row".
    """

    participant: str
    form: str
    study_version: str
    status: Literal["draft", "complete", "signed"]
    values: Mapping[str, object]
    site: str = ""
    encounter: str = ""
    repeat: int = 1

    @property
    def source(self) -> str:
        """Where the record stands, as the column SRC has it."""
        words = f"record {self.form} {self.encounter}".strip()
        return words if self.repeat == 1 else f"{words} repeat {self.repeat}"

    def place(self, path: str = "") -> Place:
        """The place of the record, or of something in it."""
        return Place(path=".".join(part for part in (self.participant, self.source, path) if part))


@dataclass(frozen=True, kw_only=True)
class Row:
    """The values of one row: those that are there, and the reasons of those that are not."""

    key: str
    values: Mapping[str, Scalar]
    missing: Mapping[str, str]

    def text(self, oid: str) -> str:
        """The value as text, empty where it is missing."""
        value = self.values.get(oid, "")
        return value if isinstance(value, str) else _number_text(value)


Groups = Mapping[str, tuple[Row, ...]]
"""The rows of each group that a record has; a group that does not repeat has one row."""


def read_groups(record: FormRecord, form: Form) -> Groups:
    """The values of a record by group, refused together where the form has no such item or value."""
    by_oid = {group.oid: group for group in form.groups}
    found: dict[str, tuple[Row, ...]] = {}
    problems: list[Refusal] = []
    for oid, given in record.values.items():
        if oid not in by_oid:
            problems.append(
                UNKNOWN_ITEM.refuse(f"{form.oid} has no group {oid!r}", place=record.place(oid), value=oid)
            )
            continue
        found[oid] = tuple(_read_rows(record, by_oid[oid], given, problems))
    if problems:
        raise Refusals(problems)
    return found


def _read_rows(record: FormRecord, group: ItemGroup, given: object, problems: list[Refusal]) -> list[Row]:
    if isinstance(given, Mapping) and not group.repeating:
        return [_read_row(record, group, given, "", problems)]
    if not group.repeating or not isinstance(given, Sequence) or isinstance(given, str):
        wanted = "a list of rows" if group.repeating else "values by item"
        problems.append(
            WRONG_SHAPE.refuse(f"{group.oid} takes {wanted}", place=record.place(group.oid), value=given)
        )
        return []
    rows = []
    for position, row in enumerate(given, start=1):
        if not isinstance(row, Mapping):
            problems.append(
                WRONG_SHAPE.refuse(
                    f"row {position} of {group.oid} is no row", place=record.place(group.oid), value=row
                )
            )
            continue
        if STRUCK in row:  # struck out with a reason: on record, and of no table
            continue
        key = str(row.get("row", position))
        values = {oid: value for oid, value in row.items() if oid != "row"}
        rows.append(_read_row(record, group, values, key, problems))
    return rows


def _read_row(
    record: FormRecord, group: ItemGroup, given: Mapping[str, object], key: str, problems: list[Refusal]
) -> Row:
    known = {item.oid: item for item in group.items}
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    for oid, value in given.items():
        place = record.place(f"{group.oid}.{oid}" if not key else f"{group.oid}.{key}.{oid}")
        if oid not in known:
            problems.append(UNKNOWN_ITEM.refuse(f"{group.oid} has no item {oid!r}", place=place, value=oid))
        elif isinstance(value, Mapping):
            reason = value.get("missing")
            if set(value) == {"missing"} and isinstance(reason, str) and _is_text(reason):
                missing[oid] = reason.strip() or "not recorded"
            else:
                problems.append(
                    WRONG_SHAPE.refuse("a missing value has one reason", place=place, value=value)
                )
        elif value is not None and value != "":
            scalar = _read_scalar(value, known[oid])
            if scalar is None:
                codelist = known[oid].codelist
                remedy = None if codelist is None else f"use one of {', '.join(codelist.values)}."
                problems.append(
                    WRONG_SHAPE.refuse(
                        f"{value!r} is no value of {oid}", place=place, value=repr(value), remedy=remedy
                    )
                )
            elif scalar != "":
                values[oid] = scalar
    return Row(key=key, values=values, missing=missing)


def _read_scalar(value: object, item: Item) -> Scalar | None:
    """The value as it is kept, or None where it is none: no JSON scalar, no finite number, no code of the list."""
    if item.codelist is not None:
        return str(value) if not isinstance(value, bool) and str(value) in item.codelist.values else None
    if item.data_type is DataType.BOOLEAN and value in ("true", "false"):
        return value == "true"  # the store keeps canonical text (`study.entry`)
    if isinstance(value, str):
        return value.strip() if _is_text(value) else None
    if isinstance(value, bool | int):
        return value
    return value if isinstance(value, float) and abs(value) < float("inf") else None


def _is_text(text: str) -> bool:
    return SURROGATES.search(text) is None


def _number_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return repr(value)
