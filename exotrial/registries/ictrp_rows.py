"""Exports of WHO ICTRP as rows: CSV and JSON, each row with its number, its line and its cells by column.

A spreadsheet in between leaves its marks: a cell cut at 32,767 characters, a row torn in two, a file cut off. A row
that cannot be trusted is refused with its line; `read_rows` gives the refusal in its place, so that a scan of
thousands goes on and a reader of one does not.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.registries.registry import RecordFile

NOT_UTF8 = ErrorCode(
    "ICT-001",
    "An export of a register is not encoded in UTF-8.",
    "save it as “CSV UTF-8” and try again; no letter is guessed.",
)
TORN_ROW = ErrorCode(
    "ICT-002",
    "A row of an export has more or fewer cells than the header has columns.",
    "export it again: the row was torn by an editor or a spreadsheet, or the file was cut off.",
)
NOT_JSON = ErrorCode(
    "ICT-003",
    "A JSON export of a register cannot be read to its end.",
    "download it again: it was cut off or edited at the place named.",
)
REPEATED = ErrorCode(
    "ICT-009",
    "An export has one column, or an object of it one key, twice, so that it is open which of the two is meant.",
    "keep the one that is right and take the other out, or export it again.",
)
NO_TRIAL_ID = ErrorCode(
    "ICT-004",
    "A row of an export names no trial.",
    "give the register's number in the column TrialID, or take the row out.",
)

CELL_LIMIT: Final = 32_767
"""Characters that a cell of a spreadsheet holds at most (Excel specifications and limits); the rest is lost."""

_EMPTY = frozenset({"", "null", "nan", "nat"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One trial's row: `cells` by normalised column name, `heads` the columns as printed, `snapshot` the file it is of.

    Cells that are empty are left out. `number` counts rows from 1 below the header. `lines` gives the cells' own lines
    where a row stands on several, as in XML.
    """

    number: int
    line: int | None
    cells: Mapping[str, str]
    heads: Mapping[str, str] = field(repr=False)
    snapshot: str
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    def place(self, file: RecordFile, column: str) -> Place:
        """Where a cell stands."""
        return file.at(self.lines.get(column, self.line), path=self.describe(column, file))

    def describe(self, column: str, file: RecordFile) -> str:
        """A cell by its row and column, and by its snapshot where the file holds several."""
        of = "" if self.snapshot == file.name else f" ({self.snapshot})"
        return f"row {self.number}{of}, {self.heads.get(column, column)}"


@lru_cache(maxsize=1024)
def normalise_column(name: str) -> str:
    """A column's name without the signs in which exports differ: `Date_registration3` is `dateregistration3`."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def is_empty(text: str) -> bool:
    """Whether a cell holds nothing, or a word by which programs write nothing."""
    return text.strip().lower() in _EMPTY


def looks_like_rows(file: RecordFile) -> bool:
    """Whether the file begins as an export does: a header line with TrialID, or JSON objects with it."""
    head = file.data[:65_536].decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    if head.startswith(("[", "{")):
        return '"TrialID"' in head
    return _find_header(head) is not None


_DELIMITERS = (",", ";", "\t")
"""Signs between cells: a spreadsheet of a country whose numbers have a comma parts cells by semicolons."""
_SEP = re.compile(r'"?sep=.?"?\r?\n', re.IGNORECASE)
"""A line by which a spreadsheet tells the sign to itself."""


def _find_header(text: str) -> tuple[int, str] | None:
    """Where the header line begins and the sign between its cells; None where no line is a header with TrialID."""
    start = hit.end() if (hit := _SEP.match(text)) else 0
    line = text[start:].partition("\n")[0].rstrip("\r")
    for sign in _DELIMITERS:
        if "trialid" in {normalise_column(name) for name in line.replace('"', "").split(sign)}:
            return start, sign
    return None


def read_rows(file: RecordFile) -> Iterator[Row | Refusal]:
    """Every row in file order, and a refusal (ICT-002, ICT-004) where a row cannot be trusted.

    Raises ICT-001 and ICT-003, after which no row of the file can be.
    """
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        byte = f"0x{file.data[error.start]:02x}"
        raise NOT_UTF8.refuse(f"byte {byte} is no UTF-8", place=file.at(line), value=byte) from None
    if text.lstrip().startswith(("[", "{")):
        yield from _json_rows(file, text)
    else:
        yield from _csv_rows(file, text)


def _csv_rows(file: RecordFile, text: str) -> Iterator[Row | Refusal]:
    start, sign = _find_header(text) or (0, ",")
    before = text.count("\n", 0, start)
    (_, header), *lines = _cells_by_line(text[start:], sign) or [(1, [])]
    columns = [normalise_column(name) for name in header]
    for column in columns:
        if column and columns.count(column) > 1:
            name = header[columns.index(column)]
            raise REPEATED.refuse(f"the column {name} stands twice", place=file.at(before + 1), value=name)
    heads = dict(zip(columns, header, strict=True))
    number = 0
    for below, values in lines:
        if not values:
            continue
        number, line = number + 1, below + before
        if len(values) != len(columns):
            yield TORN_ROW.refuse(
                f"row {number} has {len(values)} cells, the header {len(columns)} columns",
                place=file.at(line),
                value=values[0][:80],
            )
        else:
            cells = dict(zip(columns, values, strict=True))
            yield _row(file, number, line, cells, heads, file.name)


def _cells_by_line(text: str, sign: str) -> list[tuple[int, list[str]]]:
    """The cells of every row with the line on which it begins, however long a cell is."""
    # The limit is one for the whole process: other readers count on the usual one, so it is put back.
    usual = csv.field_size_limit(2**31 - 1)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
        found, line = [], 1
        for values in rows:
            found.append((line, values))
            line = rows.line_num + 1
        return found
    finally:
        csv.field_size_limit(usual)


def _json_rows(file: RecordFile, text: str) -> Iterator[Row | Refusal]:
    told = _parse_json(file, text)
    rows = list(_objects(told, file.name))
    lines = _lines_of_rows(text, len(rows))
    for number, ((snapshot, found), line) in enumerate(zip(rows, lines, strict=True), start=1):
        if not isinstance(found, dict):
            yield NO_TRIAL_ID.refuse(f"row {number} is no object", place=file.at(path=f"row {number}"))
            continue
        heads = {normalise_column(name): name for name in found}
        cells = {normalise_column(name): _as_text(value) for name, value in found.items()}
        yield _row(file, number, line, cells, heads, snapshot)


def _parse_json(file: RecordFile, text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            key = next(key for key in keys if keys.count(key) > 1)
            of = f" of {found['TrialID']}" if "TrialID" in found else ""
            problem = f"the key {key!r} stands twice in one object{of}"
            raise REPEATED.refuse(problem, place=file.at(), value=key)
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        problem = "the text ends in the middle" if cut else f"no JSON: {error.msg}"
        place = Place(file=file.name, line=error.lineno, column=error.colno)
        raise NOT_JSON.refuse(problem, place=place, value=file.name) from None
    except RecursionError:
        raise NOT_JSON.refuse("lists nested too deep", place=file.at(), value=file.name) from None


_TRIAL_ID = re.compile(r'"TrialID"\s*:')


def _lines_of_rows(text: str, count: int) -> list[int | None]:
    """The line of each row's number, where each of them has just one."""
    starts = [hit.start() for hit in _TRIAL_ID.finditer(text)]
    if len(starts) != count:
        return [None] * count
    lines: list[int | None] = []
    line, before = 1, 0
    for start in starts:
        line, before = line + text.count("\n", before, start), start
        lines.append(line)
    return lines


def _objects(told: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The rows of a list, of one object, or of snapshots by trial and file: each with the file it is of."""
    if isinstance(told, list):
        yield from ((name, found) for found in told)
    elif "TrialID" in told:
        yield name, told
    else:
        for snapshots in told.values():
            if isinstance(snapshots, dict) and "TrialID" not in snapshots:
                yield from snapshots.items()
            else:
                yield name, snapshots


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _row(
    file: RecordFile,
    number: int,
    line: int | None,
    cells: Mapping[str, str],
    heads: Mapping[str, str],
    snapshot: str,
) -> Row | Refusal:
    kept = {name: text for name, text in cells.items() if not is_empty(text)}
    row = Row(number=number, line=line, cells=kept, heads=heads, snapshot=snapshot)
    if "trialid" not in kept:
        return NO_TRIAL_ID.refuse(f"row {number} has no TrialID", place=row.place(file, "trialid"))
    return row
