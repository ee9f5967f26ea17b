"""A list that was made elsewhere, as CSV: read whole, or refused row by row.

Columns: `stratum`, `slot` (from 1 in each stratum) and `arm`, in any order; `block` (a whole number) and `kit` (a
number that stands on one kit only) may follow. UTF-8 without a byte order mark, commas, one header line
(RFC 4180).
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

METHOD = "imported"
"""The method of a manifest whose arms are those of a file; its parameters are `sha256` and `made_by`."""
LONGEST_KIT = 40

NOT_A_TABLE = ErrorCode(
    "SEQ-030",
    "A list from outside is not a table of comma-separated values in UTF-8.",
    "save it as CSV in UTF-8 without a byte order mark, with commas between cells and a header line.",
)
WRONG_COLUMNS = ErrorCode(
    "SEQ-031",
    "A list from outside lacks a column, repeats one or has one that is not known.",
    "name the columns stratum, slot and arm, and block and kit where there are any.",
)
WRONG_CELL = ErrorCode(
    "SEQ-032",
    "A cell of a list from outside cannot be read as what its column holds.",
    "write the value alone: an id of the study file, or a whole number.",
)
WRONG_SLOTS = ErrorCode(
    "SEQ-033",
    "The slots of a stratum are not each number from 1 to its length, once.",
    "give every slot of every stratum one row, and no more slots than the stratum is long.",
)
REPEATED_KIT = ErrorCode(
    "SEQ-034",
    "A kit stands in two rows of a list from outside.",
    "give every slot a kit of its own.",
)

OTHER_FILE = ErrorCode(
    "ENV-021",
    "The file of a list from outside is not the one that was frozen.",
    "take the file as it was imported, byte by byte; its SHA-256 is in the manifest.",
)

REQUIRED = ("stratum", "slot", "arm")
OPTIONAL = ("block", "kit")
_WHOLE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class ImportedSlot:
    """One row: the arm of a slot, and its block and kit where the list has them. `line` is that of the file."""

    stratum: str
    slot: int
    arm: str
    block: int | None
    kit: str | None
    line: int


@dataclass(frozen=True, kw_only=True)
class ImportedList:
    """A whole list, in the order of strata and slots; `sha256` is that of the bytes that were read."""

    slots: tuple[ImportedSlot, ...]
    sha256: str

    def sequences(self) -> dict[str, tuple[str, ...]]:
        """The arms by stratum, in the order of the slots."""
        found: dict[str, list[str]] = {}
        for slot in self.slots:
            found.setdefault(slot.stratum, []).append(slot.arm)
        return {stratum: tuple(arms) for stratum, arms in found.items()}

    def kits(self) -> dict[str, tuple[str, ...]] | None:
        """The kits by stratum, in the order of the slots; None where the list has none."""
        found: dict[str, list[str]] = {}
        for slot in self.slots:
            if slot.kit is None:
                return None
            found.setdefault(slot.stratum, []).append(slot.kit)
        return {stratum: tuple(kits) for stratum, kits in found.items()}


def count_slots(data: bytes, *, name: str, strata: Sequence[str]) -> dict[str, int]:
    """How many rows each of these strata has, at least 1 so that one without rows is missed when it is read.

    Refuses (Refusals; SEQ-030 and SEQ-031) what is no table of such a list.
    """
    lines = _read_table(data, name)
    header = lines[0][1]
    wrong = list(_check_header(header, name))
    if wrong:
        raise Refusals(wrong)
    at = header.index("stratum")
    counts = Counter(cells[at] for _, cells in lines[1:] if len(cells) == len(header))
    return {stratum: max(1, counts[stratum]) for stratum in strata}


def check_file(data: bytes, *, manifest: Manifest) -> None:
    """Refuse with ENV-021 a file whose SHA-256 is not that of the manifest."""
    found, frozen = hashlib.sha256(data).hexdigest(), manifest.parameters.get("sha256")
    if found != frozen:
        says = f"its SHA-256 is {found}, and the manifest was frozen with {frozen}"
        raise OTHER_FILE.refuse(says, place=Place(path="imported"), value=found)


def read_list(data: bytes, *, name: str, arms: Sequence[str], strata: Sequence[ListStratum]) -> ImportedList:
    """Read a list for these arms and strata; `name` is the file's, for refusals.

    Refuses everything that is wrong at once (Refusals; SEQ-030 to SEQ-034), and then reads nothing.
    """
    lines = _read_table(data, name)
    header, rows = lines[0][1], lines[1:]
    wrong = list(_check_header(header, name))
    if wrong:
        raise Refusals(wrong)
    if not rows:
        raise Refusals([NOT_A_TABLE.refuse("there is a header and no row", place=Place(file=name, line=1))])
    reader = _Rows(name=name, header=header, arms=arms, strata={one.id: one for one in strata})
    slots = [slot for line, cells in rows if (slot := reader.read(line, cells)) is not None]
    if not reader.wrong or all(refusal.code is not WRONG_CELL for refusal in reader.wrong):
        # With unreadable rows every gap would be told twice.
        reader.wrong.extend(_check_gaps(slots, strata, name))
    if reader.wrong:
        raise Refusals(sorted(reader.wrong, key=lambda refusal: refusal.place.line or 0))
    order = {stratum.id: number for number, stratum in enumerate(strata)}
    return ImportedList(
        slots=tuple(sorted(slots, key=lambda slot: (order[slot.stratum], slot.slot))),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _read_table(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Lines with their number, the header first; empty lines are refused with their number."""

    def refuse(problem: str, *, line: int | None = None, remedy: str | None = None) -> Refusals:
        return Refusals([NOT_A_TABLE.refuse(problem, place=Place(file=name, line=line), remedy=remedy)])

    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise refuse(
            "the file begins with a byte order mark", line=1, remedy="save it as UTF-8 without one (no BOM)."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse(f"byte 0x{data[error.start]:02x} is not UTF-8", line=line) from None
    if not text.strip():
        raise refuse("the file is empty")
    if "\x00" in text:
        raise refuse("the file holds the character NUL", line=text[: text.index("\x00")].count("\n") + 1)
    first = text.splitlines()[0]
    for delimiter, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if delimiter in first and "," not in first:
            raise refuse(
                f"the cells are separated by {called}", line=1, remedy="save it with commas between cells."
            )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        lines.extend((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        raise refuse(f"the quotation marks do not match ({error})", line=reader.line_num) from None
    return lines


def _check_header(header: Sequence[str], name: str) -> Iterator[Refusal]:
    place = Place(file=name, line=1)
    known = (*REQUIRED, *OPTIONAL)
    for number, column in enumerate(header, start=1):
        if column not in known:
            near = difflib.get_close_matches(column.strip().lower(), known, n=1)
            yield WRONG_COLUMNS.refuse(
                f"{column!r} is no column of a list",
                place=Place(file=name, line=1, column=number),
                value=column,
                remedy=f"did you mean {near[0]!r}?" if near else None,
            )
        elif column in header[: number - 1]:
            yield WRONG_COLUMNS.refuse(f"the column {column!r} stands twice", place=place, value=column)
    for column in REQUIRED:
        if column not in header:
            yield WRONG_COLUMNS.refuse(f"the column {column!r} is missing", place=place, value=column)


class _Rows:
    """Reads rows one by one and gathers what is wrong with them."""

    def __init__(
        self,
        *,
        name: str,
        header: Sequence[str],
        arms: Sequence[str],
        strata: Mapping[str, ListStratum],
    ) -> None:
        self.wrong: list[Refusal] = []
        self._name = name
        self._header = list(header)
        self._arms = arms
        self._strata = strata
        self._slots: dict[tuple[str, int], int] = {}
        self._kits: dict[str, int] = {}

    def read(self, line: int, cells: Sequence[str]) -> ImportedSlot | None:
        before = len(self.wrong)
        if len(cells) != len(self._header):
            self._refuse(
                WRONG_CELL, f"the row has {len(cells)} cells and the header {len(self._header)}", line, ""
            )
            return None
        row = dict(zip(self._header, cells, strict=True))
        for column, cell in row.items():
            if cell.startswith(_FORMULA):
                self._refuse(WRONG_CELL, f"{cell!r} begins like a formula", line, column, cell)
            elif cell != cell.strip() or not cell.isprintable():
                self._refuse(WRONG_CELL, f"{cell!r} holds blanks or control characters", line, column, cell)
            elif not cell and column != "block":
                self._refuse(WRONG_CELL, f"the {column} is empty", line, column)
        if len(self.wrong) > before:
            return None
        self._check_name("stratum", row["stratum"], list(self._strata), line)
        self._check_name("arm", row["arm"], self._arms, line)
        if len(row.get("kit", "")) > LONGEST_KIT:
            problem = f"the kit has {len(row['kit'])} characters, and {LONGEST_KIT} is the most"
            self._refuse(WRONG_CELL, problem, line, "kit", row["kit"])
        for column in ("slot", "block"):
            if row.get(column) and not _WHOLE.fullmatch(row[column]):
                problem = f"{row[column]!r} is not a whole number from 1"
                self._refuse(WRONG_CELL, problem, line, column, row[column])
        if len(self.wrong) > before:
            return None
        stratum, slot, kit = row["stratum"], int(row["slot"]), row.get("kit")
        self._check_slot(stratum, slot, line)
        if kit is not None:
            first = self._kits.setdefault(kit, line)
            if first != line:
                self._refuse(REPEATED_KIT, f"kit {kit!r} stands in line {first} too", line, "kit", kit)
        block = int(row["block"]) if row.get("block") else None
        return ImportedSlot(stratum=stratum, slot=slot, arm=row["arm"], block=block, kit=kit, line=line)

    def _check_name(self, column: str, cell: str, known: Sequence[str], line: int) -> None:
        if cell not in known:
            near = difflib.get_close_matches(cell, known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}."
            self._refuse(WRONG_CELL, f"{cell!r} is no {column} of the study", line, column, cell, remedy)

    def _check_slot(self, stratum: str, slot: int, line: int) -> None:
        first = self._slots.setdefault((stratum, slot), line)
        if first != line:
            problem = f"slot {slot} of {stratum} stands in line {first} too"
            self._refuse(WRONG_SLOTS, problem, line, "slot", slot)
        length = self._strata[stratum].length
        if slot > length:
            problem = f"slot {slot} is beyond the {length} slots of {stratum}"
            self._refuse(WRONG_SLOTS, problem, line, "slot", slot)

    def _refuse(
        self,
        code: ErrorCode,
        problem: str,
        line: int,
        column: str,
        value: object = "",
        remedy: str | None = None,
    ) -> None:
        number = self._header.index(column) + 1 if column else None
        place = Place(file=self._name, line=line, column=number)
        self.wrong.append(code.refuse(problem, place=place, value=value, remedy=remedy))


def _check_gaps(slots: Sequence[ImportedSlot], strata: Sequence[ListStratum], name: str) -> Iterator[Refusal]:
    for stratum in strata:
        there = {slot.slot for slot in slots if slot.stratum == stratum.id}
        missing = [slot for slot in range(1, stratum.length + 1) if slot not in there]
        if missing:
            some = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
            yield WRONG_SLOTS.refuse(
                f"{stratum.id} has {stratum.length} slots, and {len(missing)} are missing: {some}",
                place=Place(file=name, path=stratum.id),
                value=some,
            )
