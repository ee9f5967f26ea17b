"""Text that an instrument exports: decoded without guessing, cut into rows, every number read strictly."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile

NOT_TEXT = ErrorCode(
    "ASY-101",
    "An export that should be text is not, or is in an encoding that its reader does not know.",
    "export the file again from the instrument's software, and do not save it from a spreadsheet.",
)
NOT_A_NUMBER = ErrorCode(
    "ASY-102",
    "A cell that holds a number holds something else.",
    "write a number like 7.66e+08: digits, a point for decimals, no blank and no comma in it.",
)
BROKEN_QUOTES = ErrorCode(
    "ASY-103",
    "The quotation marks of a table do not pair, so its cells cannot be told apart.",
    "export the file again; a cell with a comma in it stands between two double quotation marks.",
)
OTHER_INSTRUMENT = ErrorCode(
    "ASY-104",
    "A file is not of the instrument or kind that the reader named reads.",
    "leave the reader out, or name the right one; `exotrial assay formats` lists them.",
)

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Row:
    """The cells of one row, stripped of blanks, and the line on which it starts, counted from 1."""

    line: int
    cells: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first cell."""
        return self.cells[0] if self.cells else ""


def decode(file: AssayFile, *encodings: str) -> str:
    """The text of a file in the first of the encodings that fits (ASY-101).

    Bytes that no encoding takes, and control characters, are refused: a file in UTF-16 or a spreadsheet is one.
    """
    for encoding in encodings:
        try:
            text = file.data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found = _CONTROL.search(text)
        if found is None:
            return text
        line = text.count("\n", 0, found.start()) + 1
        raise NOT_TEXT.refuse(
            f"there is a control character ({found[0]!r})", place=file.at(line), value=repr(found[0])
        )
    raise NOT_TEXT.refuse(f"the bytes are none of {', '.join(encodings)}", place=file.at())


def lines_of(text: str) -> list[str]:
    """The lines of a text, parted at line feeds only: Latin-1 has other characters that Python parts lines at."""
    return text.replace("\r\n", "\n").split("\n")


def starts_with(file: AssayFile, *beginnings: str) -> bool:
    """Whether the file begins with one of these texts (ASCII), after a byte order mark if there is one."""
    head = file.data[:200].removeprefix(b"\xef\xbb\xbf")
    return any(head.startswith(beginning.encode("ascii")) for beginning in beginnings)


def split_rows(text: str, *, file: AssayFile, delimiter: str = ",") -> list[Row]:
    """The rows of a delimited text, blank ones included (ASY-103)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            rows.append(Row(line, tuple(cell.strip() for cell in cells)))
            line = reader.line_num + 1
    except csv.Error:
        raise BROKEN_QUOTES.refuse(
            "a quotation mark is not closed, or text follows it", place=file.at(line)
        ) from None
    return rows


def read_number(cell: str, *, place: Place, what: str) -> float:
    """A finite number from a cell (ASY-102)."""
    value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(value):
        shown = repr(cell) if cell else "nothing"
        raise NOT_A_NUMBER.refuse(f"{what} is {shown}, which is not a number", place=place, value=cell)
    return value


def read_count(cell: str, *, place: Place, what: str) -> int:
    """A whole number from 0 up, which may be written `1872.0` or `1.2E+1` (ASY-102)."""
    value = read_number(cell, place=place, what=what)
    if value < 0 or value != math.floor(value):
        raise NOT_A_NUMBER.refuse(
            f"{what} is {cell!r}, which is not a count",
            place=place,
            value=cell,
            remedy="a count is a whole number from 0 up.",
        )
    return int(value)


def assay_finding(
    rule: str,
    subject: str,
    severity: Severity,
    *,
    says: str,
    why: str,
    settle: str,
    place: Place | None = None,
) -> Finding:
    """A finding on an assay file; `says` gets the place in front."""
    where = f"{place}: " if place is not None and str(place) else ""
    return Finding(
        rule=rule,
        subject=subject,
        severity=severity,
        kind="assay",
        says=f"{where}{says}",
        why=why,
        settle=settle,
    )


def check_end(text: str, *, file: AssayFile) -> list[Finding]:
    """A finding where the last line has no line break: the file may have been cut off within a number."""
    if text.endswith("\n"):
        return []
    return [
        assay_finding(
            "ASF-001",
            "end",
            Severity.ERROR,
            says="the last line does not end with a line break.",
            why="A file that was cut off while it was copied loses the end of its last number.",
            settle="Compare the file's size with the instrument's own copy, or export it again.",
            place=file.at(text.count("\n") + 1),
        )
    ]


def last_filled(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without the empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return tuple(cells[:end])
