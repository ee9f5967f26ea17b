"""NanoSight NTA 3: the particles of one video, and their positions frame by frame.

The columns are those that two independent public readers of such files take (`…_ParticleData.csv`, `…_AllTracks.csv`);
no real file was at hand. Sizes in these files are of single tracks: their histogram is not the size distribution of the
summary, which the instrument corrects for the length of its tracks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Severity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading
from exotrial.product.assay_text import (
    OTHER_INSTRUMENT,
    Row,
    assay_finding,
    check_end,
    decode,
    read_count,
    read_number,
    split_rows,
    starts_with,
)
from exotrial.product.size_distribution import Floats

BROKEN_TRACKS = ErrorCode(
    "NTA-101",
    "A NanoSight file of particles or tracks lacks a cell, or its rows contradict each other.",
    "export the file again; one that was cut off or edited by hand is not mended here.",
)

SIZE: Final = "Size/nm"
DIFFUSION: Final = "Diffusion coefficient/nm^2 s^-1"
INTENSITY: Final = "Ln(Adjusted intensity)/AU"
INCLUDED: Final = "Included in distribution?"
PARTICLES: Final = ("Particle ID", SIZE, DIFFUSION, INTENSITY, "Start frame", "Tracklength", INCLUDED)
TRACKS: Final = ("Particle ID", SIZE, DIFFUSION, "Frame", "X/pixels", "Y/pixels", INTENSITY, INCLUDED)
_COUNTS: Final = ("Particle ID", "Start frame", "Tracklength", "Frame")


@dataclass(frozen=True, kw_only=True, eq=False)
class ParticleTable:
    """One row a particle, arrays of (n,): `lengths` in frames; `included` in the summary's distribution."""

    ids: NDArray[np.int64]
    sizes_nm: Floats
    diffusion_nm2_s: Floats
    log_intensities: Floats
    start_frames: NDArray[np.int64]
    lengths: NDArray[np.int64]
    included: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackTable:
    """One row a particle and frame, arrays of (n,), in the file's order; positions in pixels."""

    ids: NDArray[np.int64]
    frames: NDArray[np.int64]
    x_pixels: Floats
    y_pixels: Floats
    sizes_nm: Floats
    diffusion_nm2_s: Floats
    log_intensities: Floats
    included: NDArray[np.bool_]


def _read_particles(file: AssayFile) -> Reading:
    columns, rows, text = _read_columns(file, PARTICLES)
    table = ParticleTable(
        ids=columns["Particle ID"].astype(np.int64),
        sizes_nm=columns[SIZE],
        diffusion_nm2_s=columns[DIFFUSION],
        log_intensities=columns[INTENSITY],
        start_frames=columns["Start frame"].astype(np.int64),
        lengths=columns["Tracklength"].astype(np.int64),
        included=columns[INCLUDED].astype(np.bool_),
    )
    _check_positive(file, rows, columns, (SIZE, DIFFUSION, "Tracklength"))
    _, first = np.unique(table.ids, return_index=True)
    if first.size < table.ids.size:
        twice = int(np.setdiff1d(np.arange(table.ids.size), first)[0])
        raise BROKEN_TRACKS.refuse(
            f"particle {table.ids[twice]} is there twice",
            place=file.at(rows[twice].line),
            value=table.ids[twice],
        )
    return _make_reading(file, "nanosight_particles", table, table.ids.size, int(table.included.sum()), text)


def _read_tracks(file: AssayFile) -> Reading:
    columns, rows, text = _read_columns(file, TRACKS)
    table = TrackTable(
        ids=columns["Particle ID"].astype(np.int64),
        frames=columns["Frame"].astype(np.int64),
        x_pixels=columns["X/pixels"],
        y_pixels=columns["Y/pixels"],
        sizes_nm=columns[SIZE],
        diffusion_nm2_s=columns[DIFFUSION],
        log_intensities=columns[INTENSITY],
        included=columns[INCLUDED].astype(np.bool_),
    )
    _check_positive(file, rows, columns, (SIZE, DIFFUSION))
    order = np.lexsort((np.arange(table.ids.size), table.ids))
    same = np.diff(table.ids[order]) == 0
    wrong = same & (
        (np.diff(table.frames[order]) <= 0) | (table.included[order][1:] != table.included[order][:-1])
    )
    if np.any(wrong):
        at = int(order[1:][wrong][0])
        raise BROKEN_TRACKS.refuse(
            f"particle {table.ids[at]} goes back in time, or is both included and not",
            place=file.at(rows[at].line),
            value=table.ids[at],
        )
    _, first = np.unique(table.ids, return_index=True)
    return _make_reading(file, "nanosight_tracks", table, first.size, int(table.included[first].sum()), text)


def _read_columns(file: AssayFile, names: tuple[str, ...]) -> tuple[dict[str, Floats], list[Row], str]:
    """Each column by name as numbers, True as 1, and the rows that they come from."""
    text = decode(file, "utf-8-sig", "cp1252")
    rows = split_rows(text, file=file)
    if not rows or rows[0].cells[: len(names)] != names or any(rows[0].cells[len(names) :]):
        raise OTHER_INSTRUMENT.refuse(f"its columns are not {', '.join(names)}", place=file.at(1))
    body = [row for row in rows[1:] if any(row.cells)]
    if not body:
        raise BROKEN_TRACKS.refuse("there is no particle", place=file.at(1))
    columns: dict[str, list[float]] = {name: [] for name in names}
    for row in body:
        place = file.at(row.line)
        if len(row.cells) < len(names):
            raise BROKEN_TRACKS.refuse(
                f"the row has {len(row.cells)} cells and not {len(names)}", place=place, value=len(row.cells)
            )
        for name, cell in zip(names, row.cells, strict=False):
            if name == INCLUDED:
                if cell.lower() not in ("true", "false"):
                    raise BROKEN_TRACKS.refuse(
                        f"{name} is {cell!r}, not True or False", place=place, value=cell
                    )
                columns[name].append(float(cell.lower() == "true"))
            elif name in _COUNTS:
                columns[name].append(float(read_count(cell, place=place, what=name)))
            else:
                columns[name].append(read_number(cell, place=place, what=name))
    return {name: np.array(values) for name, values in columns.items()}, body, text


def _check_positive(
    file: AssayFile, rows: list[Row], columns: dict[str, Floats], names: tuple[str, ...]
) -> None:
    for name in names:
        wrong = np.flatnonzero(columns[name] <= 0)
        if wrong.size:
            at = int(wrong[0])
            raise BROKEN_TRACKS.refuse(
                f"{name} is {columns[name][at]:g}", place=file.at(rows[at].line), value=columns[name][at]
            )


def _make_reading(
    file: AssayFile, reader: str, table: ParticleTable | TrackTable, particles: int, included: int, text: str
) -> Reading:
    counts = (("Particles", particles), ("Particles included in the distribution", included))
    return Reading(
        reader=reader,
        kind=AssayKind.TRACKS,
        file=file.source,
        instrument="NanoSight",
        version="",
        measured_at=None,
        printed=tuple(
            Printed(name=name, value=count, unit="", place=file.at(), text=str(count))
            for name, count in counts
        ),
        findings=(
            *check_end(text, file=file),
            assay_finding(
                "ASF-003",
                "sample",
                Severity.WARNING,
                says="the file names no sample, time or software.",
                why="A file that does not say whose sample it is can be taken for another's.",
                settle="Keep it beside the summary of the same video, which says them.",
                place=file.at(1),
            ),
        ),
        content=table,
    )


NANOSIGHT_PARTICLES = AssayReader(
    name="nanosight_particles",
    title="NanoSight NTA 3 particle data of a video",
    kind=AssayKind.TRACKS,
    suffixes=(".csv",),
    recognises=lambda file: starts_with(file, ",".join(PARTICLES[:5])),
    read=_read_particles,
    citation="The columns that two independent public readers of such files take",
)

NANOSIGHT_TRACKS = AssayReader(
    name="nanosight_tracks",
    title="NanoSight NTA 3 tracks of a video",
    kind=AssayKind.TRACKS,
    suffixes=(".csv",),
    recognises=lambda file: starts_with(file, ",".join(TRACKS[:5])),
    read=_read_tracks,
    citation="The columns that two independent public readers of such files take",
)
