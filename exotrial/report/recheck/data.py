"""The paper's tables as data: one printed cell a row, chosen by table, row, column and participants."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Quote
from exotrial.core.provenance import SourceFile, read_source
from exotrial.report.recheck.claims import Claim, Selection, nearest

NO_FOLDER = ErrorCode(
    "RCK-020",
    "There is no folder of published tables at the path given.",
    "name the folder that holds the tables as CSV with --data.",
)
NOT_A_TABLE = ErrorCode(
    "RCK-021",
    "A published table cannot be read: a column is missing, a line number is none, or it is not UTF-8.",
    "give the columns row, column, participant, printed and line; unit and means are optional.",
)
NO_TABLE = ErrorCode(
    "RCK-022",
    "A claim names a table that the data folder does not hold.",
    "correct the name or add the table.",
)
NO_CELLS = ErrorCode(
    "RCK-023",
    "A selection finds no cells in its table.",
    "correct row, column or participants; compare with the table's CSV file.",
)

NEEDED = ("row", "column", "participant", "printed", "line")
NOT_PRINTED_MEANINGS = ("no data", "missing", "not reported", "not done")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One printed cell. `means` says what the print stands for where it does not speak for itself."""

    table: str
    row: str
    unit: str
    column: str
    participant: str
    printed: str
    means: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One figure that a claim draws on, as printed, and where; `printed` is "" where the source has none."""

    printed: str
    quote: Quote
    participant: str = ""
    row: str = ""
    column: str = ""
    unit: str = ""
    file: str = ""

    @property
    def told(self) -> str:
        """What and where, for a sentence."""
        where = ", ".join(
            part
            for part in (
                self.quote.place,
                self.row,
                self.column,
                f"participant {self.participant}" if self.participant else "",
            )
            if part
        )
        return f"{self.printed or 'no data'} ({where or f'line {self.quote.line}'})"


@dataclass(frozen=True, kw_only=True)
class PublishedData:
    """The tables that were asked for, with the digest of each file; `known` names every CSV of the folder."""

    tables: Mapping[str, tuple[Cell, ...]]
    files: Mapping[str, SourceFile]
    known: tuple[str, ...]


def read_published(folder: Path, *, wanted: Iterable[str]) -> PublishedData:
    """Read those CSV files of a folder that claims draw on, by name without .csv (RCK-020, RCK-021)."""
    if not folder.is_dir():
        raise NO_FOLDER.refuse(f"there is no folder '{folder}'", value=folder)
    paths = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    tables, files = {}, {}
    for path in [paths[name] for name in sorted(set(wanted)) if name in paths]:
        data, source = read_source(path)
        tables[path.stem] = parse_table(data, table=path.stem, name=str(path))
        files[path.stem] = source
    return PublishedData(tables=tables, files=files, known=tuple(paths))


def parse_table(data: bytes, *, table: str, name: str) -> tuple[Cell, ...]:
    """The cells of one table in CSV (RCK-021)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_A_TABLE.refuse(
            f"byte {error.start + 1} is not UTF-8", place=Place(file=name), value=error.start + 1
        ) from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    lacking = [column for column in NEEDED if column not in (rows.fieldnames or ())]
    if lacking:
        raise NOT_A_TABLE.refuse(
            f"the column {lacking[0]!r} is missing", place=Place(file=name, line=1), value=lacking[0]
        )
    cells = []
    for row in _rows(rows, name):
        if not (row["line"] or "").strip().isdigit():
            raise NOT_A_TABLE.refuse(
                f"the line is {row['line']!r}, and a whole number is needed",
                place=Place(file=name, line=rows.line_num, path="line"),
                value=row["line"],
            )
        cells.append(
            Cell(
                table=table,
                row=row["row"],
                unit=row.get("unit") or "",
                column=row["column"] or "",
                participant=row["participant"] or "",
                printed=row["printed"] or "",
                means=row.get("means") or "",
                line=int(row["line"]),
            )
        )
    return tuple(cells)


def _rows(rows: csv.DictReader[str], name: str) -> Iterator[dict[str, str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise NOT_A_TABLE.refuse(
            f"it is not CSV here: {error}", place=Place(file=name, line=rows.line_num), value=str(error)
        ) from None


def select_cells(
    selection: Selection, claim: Claim, published: PublishedData, *, place: Place
) -> tuple[Datum, ...]:
    """The cells that a selection of a table chooses, in the order asked for (RCK-022, RCK-023)."""
    assert selection.table is not None
    if selection.table not in published.tables:
        raise NO_TABLE.refuse(
            f"there is no table {selection.table!r}",
            place=place,
            value=selection.table,
            remedy=nearest(selection.table, published.known),
        )
    cells = list(published.tables[selection.table])
    wanted = None if selection.participants is None else [str(who) for who in selection.participants]
    for key, value in (("row", selection.row), ("column", selection.column)):
        if value is not None:
            cells = _narrow(cells, key, value, selection.table, place)
    if wanted is not None:
        for who in wanted:
            _narrow(cells, "participant", who, selection.table, place)
        cells = sorted(
            (cell for cell in cells if cell.participant in wanted), key=lambda c: wanted.index(c.participant)
        )
    source = selection.source or claim.source
    return tuple(_as_datum(cell, source) for cell in cells)


def _narrow(cells: list[Cell], key: str, value: str, table: str, place: Place) -> list[Cell]:
    kept = [cell for cell in cells if getattr(cell, key) == value]
    if not kept:
        known = list(dict.fromkeys(getattr(cell, key) for cell in cells))
        raise NO_CELLS.refuse(
            f"table {table!r} has no {key} {value!r} here",
            place=place,
            value=value,
            remedy=nearest(value, known),
        )
    return kept


def _as_datum(cell: Cell, source: str) -> Datum:
    absent = cell.means.strip().casefold() in NOT_PRINTED_MEANINGS or not cell.printed.strip()
    return Datum(
        printed="" if absent else cell.printed.strip(),
        quote=Quote(source=source, prints=cell.printed, line=cell.line, place=cell.table),
        participant=cell.participant,
        row=cell.row,
        column=cell.column,
        unit=cell.unit,
        file=cell.table,
    )
