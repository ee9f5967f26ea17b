"""The tables that a comparison is told in: which file is of which sample and group, values, and printed summaries.

Each is a CSV in UTF-8 with its columns named in the first line; a column that is not known is refused, so that none is
read past in silence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import read_quantity
from exotrial.product.comparability import Measured, Summary

NOT_A_TABLE = ErrorCode(
    "CMP-007",
    "A table of a comparison is not a CSV of the columns it needs.",
    "save it as CSV in UTF-8, with one name a column in the first line and as many cells in each.",
)
BAD_CELL = ErrorCode(
    "CMP-008",
    "A cell of a table of a comparison is empty or cannot be what its column says.",
    "write numbers with a point for decimals and e for powers of ten, such as 7.66e8, and units in their own column.",
)
REPEATED_FILE = ErrorCode(
    "CMP-009",
    "A file is given to two samples or groups.",
    "give each file one line; repeats of a sample are files of their own.",
)

Row = Mapping[str, str]
Rows = list[tuple[Row, Place]]

DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "particle concentration": ("particle concentration", "particles/mL"),
    "median diameter": ("length", "nm"),
}
"""Attributes whose unit is converted, with their dimension and the unit they are compared in."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One line of the table of groups: a file, the sample it was made of, and the state or batch of that sample.

    `reader` names the assay reader where several recognise the file, `mapping` the mapping file, beside the table of
    groups, for a table of one's own. `warning_judged` says why a warning of the instrument does not matter; "" where
    nobody has judged it.
    """

    file: str
    group: str
    sample: str
    place: Place
    reader: str = ""
    mapping: str = ""
    warning_judged: str = ""


def read_members(data: bytes, *, name: str) -> tuple[Member, ...]:
    """The table of groups: columns file, group, sample, and reader, mapping and warning_judged where needed.

    Refuses CMP-007 to CMP-009.
    """
    members: dict[str, Member] = {}
    for row, place in _read_rows(
        data, name=name, needed=("file", "group", "sample"), allowed=("reader", "mapping", "warning_judged")
    ):
        member = Member(
            file=_filled(row, "file", place),
            group=_filled(row, "group", place),
            sample=_filled(row, "sample", place),
            place=place,
            reader=row.get("reader", ""),
            mapping=row.get("mapping", ""),
            warning_judged=row.get("warning_judged", ""),
        )
        if member.file in members:
            raise REPEATED_FILE.refuse(f"{member.file} is named twice", place=place, value=member.file)
        members[member.file] = member
    return tuple(members.values())


def read_values(data: bytes, *, name: str) -> tuple[Measured, ...]:
    """Values of samples: columns attribute, group, sample, value, unit. Refuses CMP-007, CMP-008 and QTY codes."""
    return tuple(
        Measured(
            attribute=_filled(row, "attribute", place),
            group=_filled(row, "group", place),
            sample=_filled(row, "sample", place),
            value=_number(row, "value", place)[0],
            unit=_number(row, "value", place)[1],
            place=place,
        )
        for row, place in _read_rows(
            data, name=name, needed=("attribute", "group", "sample", "value", "unit")
        )
    )


def read_summaries(data: bytes, *, name: str) -> tuple[Summary, ...]:
    """Printed means with standard deviations: columns attribute, group, mean, sd, n, unit.

    `sd` is a standard deviation between samples; a standard error is not one. Refuses as `read_values`.
    """
    return tuple(
        Summary(
            attribute=_filled(row, "attribute", place),
            group=_filled(row, "group", place),
            mean=_number(row, "mean", place)[0],
            sd=_number(row, "sd", place)[0],
            n=_count(row, place),
            unit=_number(row, "mean", place)[1],
            place=place,
        )
        for row, place in _read_rows(
            data, name=name, needed=("attribute", "group", "mean", "sd", "n", "unit")
        )
    )


def read_numbers(data: bytes, *, name: str, columns: Sequence[str]) -> Rows:
    """A table of just these columns, every cell filled; numbers are read by `read_number`."""
    rows = _read_rows(data, name=name, needed=tuple(columns))
    for row, place in rows:
        for column in columns:
            _filled(row, column, place)
    return rows


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")


def read_number(row: Row, column: str, place: Place) -> float:
    """A cell that is a finite number as it stands (CMP-008)."""
    text = _filled(row, column, place)
    if _NUMBER.fullmatch(text) is None or abs(float(text)) == float("inf"):
        raise BAD_CELL.refuse(f"{column} is {text!r}, which is no number", place=place, value=text)
    return float(text)


def _number(row: Row, column: str, place: Place) -> tuple[float, str]:
    """A number in the unit its attribute is compared in, and that unit."""
    unit = _filled(row, "unit", place)
    known = DIMENSIONS.get(row["attribute"])
    if known is None:
        return read_number(row, column, place), unit
    dimension, wanted = known
    quantity = read_quantity(f"{_filled(row, column, place)} {unit}", dimension=dimension, place=place)
    return quantity.to(wanted).number, wanted


def _count(row: Row, place: Place) -> int:
    text = _filled(row, "n", place)
    if re.fullmatch(r"[0-9]{1,6}", text) is None or int(text) < 1:
        raise BAD_CELL.refuse(f"n is {text!r}, which is no number of samples", place=place, value=text)
    return int(text)


def _filled(row: Row, column: str, place: Place) -> str:
    if not row[column]:
        raise BAD_CELL.refuse(
            f"{column} is empty", place=place, remedy="fill the cell, or leave the line out."
        )
    return row[column]


def _read_rows(data: bytes, *, name: str, needed: Sequence[str], allowed: Sequence[str] = ()) -> Rows:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_A_TABLE.refuse(
            f"byte {error.start + 1} is not UTF-8",
            place=Place(file=name, line=data[: error.start].count(b"\n") + 1),
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: Rows = []
    header: list[str] | None = None
    try:
        for cells in reader:
            place = Place(file=name, line=reader.line_num)
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if header is None:
                header = stripped
                _check_header(header, needed, allowed, place)
            elif len(stripped) != len(header):
                raise NOT_A_TABLE.refuse(
                    f"the line has {len(stripped)} cells and the first has {len(header)}", place=place
                )
            else:
                rows.append((dict(zip(header, stripped, strict=True)), place))
    except csv.Error as error:
        raise NOT_A_TABLE.refuse(
            f"the line is not CSV ({error})", place=Place(file=name, line=reader.line_num)
        ) from None
    if not rows:
        raise NOT_A_TABLE.refuse("there is no line of data", place=Place(file=name))
    return rows


def _check_header(header: list[str], needed: Sequence[str], allowed: Sequence[str], place: Place) -> None:
    missing = [column for column in needed if column not in header]
    strange = [column for column in header if column not in (*needed, *allowed)]
    columns = (
        f"the columns are {', '.join(needed)}{', and where needed ' if allowed else ''}{', '.join(allowed)}."
    )
    if missing:
        raise NOT_A_TABLE.refuse(
            f"there is no column {', '.join(missing)}", place=place, value=missing[0], remedy=columns
        )
    if strange or len(set(header)) != len(header):
        raise NOT_A_TABLE.refuse(
            f"a column is not known or stands twice: {', '.join(repr(each) for each in strange or header)}",
            place=place,
            value=", ".join(strange),
            remedy=columns,
        )
