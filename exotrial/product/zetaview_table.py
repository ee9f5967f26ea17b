"""The header and the two tables of a ZetaView 8 text export: names and values, linear and logarithmic bins.

Learnt from real exports of ZetaView 8.06.01 SP1 (57 files in sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.assay import AssayFile
from exotrial.product.assay_text import OTHER_INSTRUMENT, lines_of, read_count, read_number
from exotrial.product.size_distribution import Floats

UNKNOWN_VERSION = ErrorCode(
    "ZTV-001",
    "A ZetaView file is of a software version whose layout is not known.",
    "export from ZetaView 8, or map the table of bins as a table of your own.",
)
NO_LINE = ErrorCode(
    "ZTV-002",
    "A ZetaView file lacks a line of its header, or has one twice with two values.",
    "export the file again; a file that was cut off or edited by hand is not mended here.",
)
NO_TABLE = ErrorCode(
    "ZTV-003",
    "A ZetaView file lacks one of its two tables of bins, or a table ends early.",
    "export the file again; a file that was cut off or edited by hand is not mended here.",
)
BINS_UNEVEN = ErrorCode(
    "ZTV-004",
    "The bins of a ZetaView table follow neither even steps nor an even ratio.",
    "export the file again; a table that was edited by hand is not mended here.",
)

BEGINNING: Final = "Original File:"
COLUMNS: Final = ("Size / nm", "Number", "Concentration / cm-3", "Volume / nm^3", "Area / nm^2")
_TITLE: Final = "Size Distribution"
_BETWEEN: Final = ("-1.000E+0", "-1.000E+0", "-1.000E+0", "-1.000E+0")
"""The row that parts the linear from the logarithmic bins."""


@dataclass(frozen=True)
class Entry:
    """One value of the header and its line."""

    text: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header: each name with its value. `version` is as printed, "8.06.01 SP1"."""

    file: AssayFile
    version: str
    entries: dict[str, Entry]

    def text(self, name: str) -> str:
        """The value of a line that has to be there, which may be empty (ZTV-002)."""
        return self._entry(name).text

    def number(self, name: str) -> float:
        """The number of a line that has to be there (ZTV-002, ASY-102)."""
        return read_number(self.text(name), place=self.place(name), what=name)

    def place(self, name: str) -> Place:
        """Where a line stands."""
        return self.file.at(self._entry(name).line)

    def _entry(self, name: str) -> Entry:
        if name not in self.entries:
            raise NO_LINE.refuse(f"the header has no '{name}:'", place=self.file.at(), value=name)
        return self.entries[name]


@dataclass(frozen=True, kw_only=True, eq=False)
class BinTable:
    """One table: `edges_nm` (n + 1,), whole `counts` (n,), `concentrations` per cm³ and `volumes` nm³ (n,)."""

    edges_nm: Floats
    counts: Floats
    concentrations: Floats
    volumes: Floats
    line: int

    @property
    def centres_nm(self) -> Floats:
        """The middle of each bin (n,)."""
        centres: Floats = (self.edges_nm[:-1] + self.edges_nm[1:]) / 2
        return centres


def read_header(text: str, *, file: AssayFile) -> Header:
    """The lines `Name:<tab>value` above the table; a line may hold several pairs (ASY-104, ZTV-001, ZTV-002)."""
    if not text.startswith(BEGINNING):
        raise OTHER_INSTRUMENT.refuse(
            f"it does not begin with '{BEGINNING}'", place=file.at(1), value=text[:40]
        )
    entries: dict[str, Entry] = {}
    for line, written in enumerate(lines_of(text), start=1):
        if written.strip() == _TITLE:
            break
        for name, value in _pairs(written):
            known = entries.get(name)
            if known is not None and known.text != value:
                raise NO_LINE.refuse(
                    f"'{name}:' is there twice, as {known.text!r} on line {known.line} and as {value!r}",
                    place=file.at(line),
                    value=name,
                )
            entries[name] = known or Entry(value, line)
    software = entries.get("Software", Entry("", 1))
    version = re.fullmatch(r"ZetaView \(version (8\..+)\)", software.text)
    if version is None:
        raise UNKNOWN_VERSION.refuse(
            f"its software is {software.text!r}", place=file.at(software.line), value=software.text
        )
    return Header(file=file, version=version[1], entries=entries)


def _pairs(written: str) -> list[tuple[str, str]]:
    """`A:<tab>1<tab>(note)<tab>B:<tab>2` is A = 1 and B = 2; `Conductivity: 81<tab>sensed` has a blank instead."""
    cells = written.split("\t")
    found = []
    for position, cell in enumerate(cells):
        name, colon, value = cell.partition(": ")
        if cell.rstrip().endswith(":"):
            following = cells[position + 1] if position + 1 < len(cells) else ""
            found.append((cell.rstrip().rstrip(":").strip(), following.strip()))
        elif position == 0 and colon:
            found.append((name.strip(), value.strip()))
    return found


def read_tables(text: str, *, file: AssayFile) -> tuple[BinTable, BinTable]:
    """The linear and the logarithmic bins (ZTV-003, ZTV-004, ASY-102)."""
    lines = lines_of(text)
    titles = [k for k, line in enumerate(lines) if line.strip() == _TITLE]
    if len(titles) != 1:
        raise NO_TABLE.refuse(f"'{_TITLE}' stands {len(titles)} times", place=file.at(), value=_TITLE)
    top = titles[0] + 1
    heading = tuple(cell.strip() for cell in lines[top].split("\t")) if top < len(lines) else ()
    if heading != COLUMNS:
        raise NO_TABLE.refuse(
            f"the columns are not {', '.join(COLUMNS)}", place=file.at(top + 1), value=", ".join(heading)
        )
    rows = [tuple(line.split("\t")) for line in lines[top + 1 :]]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    between = [k for k, row in enumerate(rows) if row[:4] == _BETWEEN]
    if len(between) != 1:
        raise NO_TABLE.refuse(
            "the row of -1 that parts the linear from the logarithmic bins is missing",
            place=file.at(len(lines)),
        )
    first = top + 2
    linear = _read_table(rows[: between[0]], first, file=file, logarithmic=False)
    logarithmic = _read_table(rows[between[0] + 1 :], first + between[0] + 1, file=file, logarithmic=True)
    if logarithmic.edges_nm[-1] < linear.centres_nm[-1]:
        raise NO_TABLE.refuse(
            f"the logarithmic bins end at {logarithmic.edges_nm[-1]:.0f} nm, the linear ones at "
            f"{linear.edges_nm[-1]:.0f} nm",
            place=file.at(len(lines)),
        )
    return linear, logarithmic


def _read_table(rows: list[tuple[str, ...]], first: int, *, file: AssayFile, logarithmic: bool) -> BinTable:
    """`first` is the line of the first row."""
    counts, numbers = [], []
    for line, row in enumerate(rows, start=first):
        if len(row) != len(COLUMNS):
            raise NO_TABLE.refuse(
                f"the row has {len(row)} cells and not {len(COLUMNS)}",
                place=file.at(line),
                value=" ".join(row),
            )
        place = file.at(line)
        counts.append(float(read_count(row[1], place=place, what=COLUMNS[1])))
        numbers.append([read_number(row[k], place=place, what=COLUMNS[k]) for k in (0, 2, 3)])
    if len(rows) < 3:
        raise NO_TABLE.refuse(f"a table has {len(rows)} bins", place=file.at(first))
    columns = np.array(numbers)
    make = _compute_even_ratio_edges if logarithmic else _compute_even_step_edges
    return BinTable(
        edges_nm=make(columns[:, 0], file=file, first=first),
        counts=np.array(counts),
        concentrations=columns[:, 1],
        volumes=columns[:, 2],
        line=first,
    )


def _compute_even_step_edges(printed: Floats, *, file: AssayFile, first: int) -> Floats:
    """Edges half a step on either side of the centres. Centres are printed with four digits: 1002.5 as 1.002E+3."""
    step = float(printed[1] - printed[0])
    centres = printed[0] + step * np.arange(printed.size)
    _check_centres(printed, centres, file=file, first=first)
    return np.append(centres - step / 2, centres[-1] + step / 2)


def _compute_even_ratio_edges(printed: Floats, *, file: AssayFile, first: int) -> Floats:
    """Edges at the geometric middle between centres: the export does not tell the edges of these bins."""
    if np.any(printed <= 0):
        raise BINS_UNEVEN.refuse("a size is not positive", place=file.at(first), value=float(printed.min()))
    ratio = float(printed[-1] / printed[0]) ** (1 / (printed.size - 1))
    centres = printed[0] * ratio ** np.arange(printed.size)
    _check_centres(printed, centres, file=file, first=first)
    return np.append(centres / np.sqrt(ratio), centres[-1] * np.sqrt(ratio))


def _check_centres(printed: Floats, centres: Floats, *, file: AssayFile, first: int) -> None:
    wrong = np.flatnonzero(
        ~(np.abs(printed - centres) <= 6e-4 * np.abs(centres)) | (np.diff(centres, prepend=0) <= 0)
    )
    if wrong.size:
        at = int(wrong[0])
        raise BINS_UNEVEN.refuse(
            f"the size {printed[at]:g} nm stands where {centres[at]:.4g} nm is due",
            place=file.at(first + at),
            value=printed[at],
        )
