"""ZetaView 8: the table of the positions of a cell, one row a position, with those that the software left out.

Learnt from real exports of ZetaView 8.06.01 SP1 (`…_11pos.txt` in sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI). The
file names neither sample nor time nor software: it is evidence only beside the size distribution of the same name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, InstrumentWarning, Printed, Reading
from exotrial.product.assay_text import (
    OTHER_INSTRUMENT,
    assay_finding,
    check_end,
    decode,
    lines_of,
    read_count,
    read_number,
    starts_with,
)

BROKEN_POSITIONS = ErrorCode(
    "ZTV-006",
    "The table of a ZetaView's positions lacks a cell, a row or its summary.",
    "export the table again; one that was cut off or edited by hand is not mended here.",
)

COLUMNS: Final = (
    "Use",
    "Position",
    "Mean Int.",
    "Av. No of Particles",
    "Conc. (p./mL)",
    "Orig. Conc. (p./cm^3)",
    "No. of Traces",
    "X50 (nm)",
    "Peak ø (nm)",
    "Span",
    "Drift (µm/s)",
    "Removal",
)
_UNITS: Final = {"Conc. (p./mL)": "particles/mL", "Orig. Conc. (p./cm^3)": "particles/mL"}
_UNITS_NM: Final = ("X50 (nm)", "Peak ø (nm)")
_SUMMARIES: Final = ("Mean", "St.Dev.", "Rel.St.Dev.")
_BEGINNING: Final = "Use\tPosition\tMean Int.\tAv. No of Particles"


@dataclass(frozen=True, kw_only=True)
class Position:
    """One position of the cell: whether the software used it, and if not, why it was removed."""

    name: str
    used: bool
    removal: str
    traces: int
    concentration_per_ml: float
    line: int


def _read(file: AssayFile) -> Reading:
    text = decode(file, "utf-8-sig", "latin-1")
    lines = lines_of(text)
    heading = tuple(cell.strip() for cell in lines[0].split("\t"))
    if heading != COLUMNS:
        raise OTHER_INSTRUMENT.refuse(
            f"its first line is not {', '.join(COLUMNS)}", place=file.at(1), value=", ".join(heading)[:60]
        )
    rows = [
        (line, tuple(cell.strip() for cell in written.split("\t")))
        for line, written in enumerate(lines[1:], start=2)
        if written.strip()
    ]
    for line, cells in rows:
        if len(cells) != len(COLUMNS):
            raise BROKEN_POSITIONS.refuse(
                f"the row has {len(cells)} cells and not {len(COLUMNS)}",
                place=file.at(line),
                value=len(cells),
            )
    names = tuple(cells[1] for _, cells in rows)
    if names[-3:] != _SUMMARIES or len(names) < 4 or len(set(names)) < len(names):
        raise BROKEN_POSITIONS.refuse(
            f"the rows do not end with {', '.join(_SUMMARIES)} below positions that differ",
            place=file.at(len(rows) + 1),
            value=", ".join(names),
        )
    positions = tuple(_read_position(file, line, cells) for line, cells in rows[:-3])
    printed = tuple(number for line, cells in rows for number in _read_printed(file, line, cells))
    return Reading(
        reader="zetaview_positions",
        kind=AssayKind.SIZE,
        file=file.source,
        instrument="ZetaView",
        version="",
        measured_at=None,
        printed=printed,
        warnings=tuple(
            InstrumentWarning(text=f"position {each.name} removed: {each.removal}", place=file.at(each.line))
            for each in positions
            if not each.used
        ),
        findings=(*check_end(text, file=file), *_check(file, positions, printed)),
        content=positions,
    )


def _read_position(file: AssayFile, line: int, cells: tuple[str, ...]) -> Position:
    place = file.at(line)
    used, removal = cells[0], cells[11]
    if used not in ("X", "") or bool(used) is bool(removal):
        raise BROKEN_POSITIONS.refuse(
            f"position {cells[1]} is {'used' if used else 'not used'} and its removal is {removal or 'empty'}",
            place=place,
            value=used,
        )
    return Position(
        name=cells[1],
        used=bool(used),
        removal=removal,
        traces=read_count(cells[6], place=place, what=COLUMNS[6]),
        concentration_per_ml=read_number(cells[4], place=place, what=COLUMNS[4]),
        line=line,
    )


def _read_printed(file: AssayFile, line: int, cells: tuple[str, ...]) -> list[Printed]:
    """Every number of a row. NaN is left out: a position without traces has no size."""
    place = file.at(line)
    relative = cells[1] == _SUMMARIES[2]
    return [
        Printed(
            name=name,
            value=read_number(cell, place=place, what=name),
            unit="%" if relative else _UNITS.get(name, "nm" if name in _UNITS_NM else ""),
            place=place,
            text=cell,
            video=cells[1],
        )
        for name, cell in zip(COLUMNS[2:11], cells[2:11], strict=True)
        if cell.lower() != "nan"
    ]


def _check(file: AssayFile, positions: tuple[Position, ...], printed: tuple[Printed, ...]) -> list[Finding]:
    findings = [
        assay_finding(
            "ASF-003",
            "sample",
            Severity.WARNING,
            says="the file names no sample, time or software.",
            why="A file that does not say whose sample it is can be taken for another's.",
            settle="Keep it beside the size distribution of the same measurement, which says them.",
            place=file.at(1),
        )
    ]
    used = [each for each in positions if each.used]
    mean = next(each for each in printed if each.video == "Mean" and each.name == COLUMNS[4])
    ours = math.fsum(each.concentration_per_ml for each in used) / len(used) if used else 0.0
    if abs(mean.value - ours) > 0.06 * ours or not used:  # two digits are printed of either
        findings.append(
            assay_finding(
                "ASF-026",
                "mean",
                Severity.ERROR,
                says=f"the mean concentration is printed as {mean.text}, and {len(used)} positions give {ours:.2g}.",
                why="A row was changed, or a position was left out after the mean was taken.",
                settle="Export the table again from the instrument.",
                place=mean.place,
            )
        )
    return findings


ZETAVIEW_POSITIONS = AssayReader(
    name="zetaview_positions",
    title="ZetaView 8 table of positions",
    kind=AssayKind.SIZE,
    suffixes=(".txt",),
    recognises=lambda file: starts_with(file, _BEGINNING),
    read=_read,
    citation="Real exports of ZetaView 8.06.01 SP1 in sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI",
)
