"""A CSV file as text cells with line numbers, or a refusal that names the line (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from exotrial.core.errors import ErrorCode, Place, Refusals

NOT_UTF8 = ErrorCode(
    "FIL-001", "A CSV file is not encoded in UTF-8.", "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)."
)
EMPTY = ErrorCode("FIL-002", "A CSV file is empty.", "the first line holds the names of the columns.")
RAGGED = ErrorCode(
    "FIL-003",
    "A row of a CSV file has more or fewer cells than there are columns.",
    "put a cell that holds a comma between double quotes; a last row that is too short was cut off.",
)
REPEATED_COLUMN = ErrorCode("FIL-004", "A CSV file has two columns of one name.", "keep one of the two.")
TRUNCATED = ErrorCode(
    "FIL-005",
    "A CSV file ends inside a quoted cell.",
    "copy the file again from its source, and compare the sizes.",
)

BROKEN_CELL = ErrorCode(
    "FIL-006",
    "A cell of a CSV file cannot be read.",
    "put the cell between double quotes, and write a double quote within it twice.",
)


@dataclass(frozen=True, kw_only=True)
class CsvTable:
    """A CSV file: column names, rows of stripped text cells, and the line on which each row begins."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row as a dict by column, with its line."""
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, dict(zip(self.columns, row, strict=True))

    def place(self, line: int, column: str) -> Place:
        """The place of a cell."""
        return Place(file=self.name, line=line, path=column)


def parse_csv(data: bytes, *, name: str) -> CsvTable:
    """Parse the bytes of a CSV file; `name` is what refusals call it. Blank lines are passed over.

    Refuses with FIL-001, FIL-002 or FIL-004 to FIL-006 alone, or with every FIL-003 together.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = f"0x{data[error.start]:02x}"
        raise NOT_UTF8.refuse(
            f"byte {byte} is not UTF-8", place=Place(file=name, line=line), value=byte
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    begins = 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                rows.append(cells)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        place = Place(file=name, line=begins)
        if str(error) == "unexpected end of data":
            raise TRUNCATED.refuse(
                f"a cell of the row that begins on line {begins} never ends", place=place, value=begins
            ) from None
        raise BROKEN_CELL.refuse(
            f"a cell of the row that begins on line {begins} is malformed ({error})",
            place=place,
            value=begins,
        ) from None
    if not rows:
        raise EMPTY.refuse("the file is empty", place=Place(file=name), value="")
    columns = rows[0]
    for column in columns:
        if columns.count(column) > 1:
            raise REPEATED_COLUMN.refuse(
                f"the column {column!r} is there twice" if column else "several columns have no name",
                place=Place(file=name, line=lines[0]),
                value=column,
                remedy=None if column else "name them, or remove them where they are empty.",
            )
    ragged = [
        RAGGED.refuse(
            f"the row has {len(row)} cells, and there are {len(columns)} columns",
            place=Place(file=name, line=line),
            value=len(row),
        )
        for line, row in zip(lines[1:], rows[1:], strict=True)
        if len(row) != len(columns)
    ]
    if ragged:
        raise Refusals(ragged)
    return CsvTable(name=name, columns=columns, rows=tuple(rows[1:]), lines=tuple(lines[1:]))
