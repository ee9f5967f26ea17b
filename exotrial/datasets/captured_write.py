"""Writes captured tables as the CSV files that `read_captured` reads (RFC 4180, UTF-8).

A spreadsheet takes a cell that begins with = + - or @ for a formula and runs it (OWASP, CSV injection). Such a cell
is refused unless it is a number, since any mark put before it would be another value when it is read back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from exotrial.core.errors import ErrorCode, Place, Refusals

FORMULA = ErrorCode(
    "REC-009",
    "A text begins with a sign that a spreadsheet takes for a formula.",
    "put a word or a letter before =, +, - or @; a number may begin with a sign.",
)
BROKEN_TEXT = ErrorCode(
    "REC-010",
    "A text cannot stand in a CSV file as it is.",
    "remove blanks at both ends, null characters and halves of characters.",
)
_FORMULA = re.compile(r"[=+\-@]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def is_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell with this text; refuse such an identifier or term at entry."""
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def write_captured(folder: Path, tables: Mapping[str, pl.DataFrame]) -> tuple[Path, ...]:
    """Write each table as `<name>.csv` into a folder that exists or is made, and return the files in order.

    The same tables give the same bytes. Refuses with every REC-009 and REC-010 together, before anything is
    written.
    """
    texts: dict[str, str] = {}
    problems = []
    for name, frame in tables.items():
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")  # so that a cell with either is quoted
        writer.writerow(frame.columns)
        for number, row in enumerate(frame.iter_rows(), start=2):
            cells = [_cell(value) for value in row]
            for column, cell in zip(frame.columns, cells, strict=True):
                place = Place(file=f"{name}.csv", line=number, path=column)
                if is_like_a_formula(cell):
                    problems.append(
                        FORMULA.refuse(f"{cell!r} begins like a formula", place=place, value=cell)
                    )
                elif cell != cell.strip() or re.search(r"[\x00\ud800-\udfff]", cell):
                    problems.append(
                        BROKEN_TEXT.refuse(f"{cell!r} would not be read back", place=place, value=repr(cell))
                    )
            writer.writerow(cells)
        texts[name] = buffer.getvalue()
    if problems:
        raise Refusals(problems)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in texts.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8", newline="")
    return tuple(paths)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
