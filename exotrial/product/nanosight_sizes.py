"""The size data of a NanoSight NTA 3 summary: bins, statistics and percentiles, video by video.

Learnt from experiment summaries of NTA 3.2.16 and 3.4.003 (nguyens7/tidyNano, inst/extdata, MIT).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.product.assay import Printed
from exotrial.product.assay_text import Row, read_count, read_number
from exotrial.product.nanosight_table import NO_ROW, OTHER_VIDEOS, SIZE_DATA, Summary, text_of
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    Floats,
    SizeDistribution,
    Video,
    Weighting,
)

BINS_UNEVEN = ErrorCode(
    "NTA-005",
    "The bins of a NanoSight size table are not evenly wide, or their table ends early.",
    "export the summary again; a table that was cut off or edited by hand is not mended here.",
)
DILUTIONS_DIFFER = ErrorCode(
    "NTA-006",
    "The videos of one NanoSight summary were diluted differently, or some have no dilution recorded.",
    "export the videos of each dilution in a summary of their own.",
)

_DILUTION: Final = "Dilution factor (concentrations adjusted for this factor)"
_NOT_RECORDED: Final = "Not recorded"
_SIZES: Final = ("Mean", "Mode", "SD", "D10", "D50", "D90")


@dataclass(frozen=True, kw_only=True, eq=False)
class PercentileTable:
    """The instrument's own percentiles: `percents` (n,) from 0 to 100, `sizes_nm` (n, videos)."""

    percents: Floats
    sizes_nm: Floats


def read_size_data(summary: Summary) -> tuple[SizeDistribution, PercentileTable | None, tuple[Printed, ...]]:
    """The number-weighted block of the size data: its bins, its percentiles and its printed statistics.

    Refuses BIN-001, ASY-102 and NTA-003 to NTA-006.
    """
    rows = _number_block(summary)
    block = Summary(
        file=summary.file,
        version=summary.version,
        known_version=summary.known_version,
        videos=summary.videos,
        sections={SIZE_DATA: rows},
        starts=summary.starts,
    )
    named = block.row(SIZE_DATA, "Filename")
    if block.cells(named) != summary.videos:
        raise OTHER_VIDEOS.refuse(
            "the size data are of other videos, or in another order",
            place=summary.file.at(named.line),
            value=", ".join(block.cells(named)),
        )
    printed = tuple(
        number
        for name in _SIZES
        for number in block.printed(block.row(SIZE_DATA, name), name=name, unit="nm")
    )
    counted = block.row(SIZE_DATA, "Valid Tracks")
    tracks = [
        read_count(cell, place=block.place(counted, video), what="Valid Tracks")
        for video, cell in zip(summary.videos, block.cells(counted), strict=True)
    ]
    start, centres, values = _read_table(block, rows, "Bin centre (nm)")
    unit = rows[start].cells[1].lower() if len(rows[start].cells) > 1 else ""
    if unit != "concentration (particles / ml)":
        raise NO_ROW.refuse(
            "the bins are not headed 'Concentration (particles / ml)'",
            place=summary.file.at(rows[start].line),
            value=unit,
        )
    temperatures = summary.numbers(summary.row("Conditions", "Temperature/C"))
    viscosities = summary.numbers(summary.row("Conditions", "Viscosity/cP"))
    distribution = SizeDistribution(
        edges_nm=_compute_edges(centres, summary, rows[start].line),
        videos=tuple(
            Video(
                name=name,
                values=values[:, k],
                tracks=tracks[k],
                temperature_c=temperatures[k],
                viscosity_mpa_s=viscosities[k],
            )
            for k, name in enumerate(summary.videos)
        ),
        weighting=Weighting.NUMBER,
        unit="particles/mL",
        dilution=_read_dilution(summary),
        instrument="NanoSight",
        version=summary.version,
        place=summary.file.at(rows[start].line),
    )
    return distribution, _read_percentiles(block, rows, summary), printed


def _read_dilution(summary: Summary) -> Dilution:
    row = summary.row("Results", _DILUTION)
    cells = summary.cells(row)
    if all(cell == _NOT_RECORDED for cell in cells):
        return Dilution(state=DilutionState.NOT_RECORDED)
    if _NOT_RECORDED in cells:
        raise DILUTIONS_DIFFER.refuse(
            f"the dilution is recorded for {sum(cell != _NOT_RECORDED for cell in cells)} of {len(cells)} videos",
            place=summary.place(row),
            value=", ".join(cells),
        )
    factors = set(summary.numbers(row))
    if len(factors) > 1 or min(factors) < 1:
        problem = "dilutions differ between videos" if len(factors) > 1 else "a dilution factor is below 1"
        raise DILUTIONS_DIFFER.refuse(problem, place=summary.place(row), value=", ".join(cells))
    return Dilution(state=DilutionState.APPLIED, factor=factors.pop())


def _number_block(summary: Summary) -> tuple[Row, ...]:
    """The rows from `Weighting, Number` to the next weighting."""
    rows = summary.sections[SIZE_DATA]
    starts = [k for k, row in enumerate(rows) if row.name == "Weighting"]
    numbers = [k for k in starts if text_of(rows[k]) == "Number"]
    if len(numbers) != 1:
        raise NO_ROW.refuse(
            f"[{SIZE_DATA}] has {len(numbers) or 'no'} blocks of weighting 'Number'",
            place=summary.file.at(summary.starts[SIZE_DATA]),
            value="Weighting",
            remedy="export the size data with number weighting, once.",
        )
    end = min((k for k in starts if k > numbers[0]), default=len(rows))
    return rows[numbers[0] : end]


def _read_table(block: Summary, rows: tuple[Row, ...], heading: str) -> tuple[int, Floats, Floats]:
    """The index of the heading, the first column (n,) and the videos' columns (n, videos), to the first empty row."""
    start = rows.index(block.row(SIZE_DATA, heading))
    first, values = [], []
    for row in rows[start + 1 :]:
        if not row.name:
            break
        first.append(read_number(row.name, place=block.place(row), what=heading))
        values.append(block.numbers(row))
    return start, np.array(first), np.array(values).reshape(len(values), len(block.videos))


def _compute_edges(centres: Floats, summary: Summary, line: int) -> Floats:
    """The edges half a bin on either side of the centres, which have to be evenly spaced (NTA-005)."""
    if centres.size < 2:
        raise BINS_UNEVEN.refuse(f"there are {centres.size} bins", place=summary.file.at(line))
    steps = np.diff(centres)
    step = float(steps[0])
    uneven = np.flatnonzero(np.abs(steps - step) > 1e-6)
    if uneven.size or step <= 0 or centres[0] < step / 2 - 1e-6:
        at = int(uneven[0]) + 1 if uneven.size else 0
        raise BINS_UNEVEN.refuse(
            f"the bin at {centres[at]:g} nm does not follow {step:g} nm after the one before",
            place=summary.file.at(line + 1 + at),
            value=centres[at],
        )
    edges: Floats = np.concatenate([centres - step / 2, [centres[-1] + step / 2]])
    return edges


def _read_percentiles(block: Summary, rows: tuple[Row, ...], summary: Summary) -> PercentileTable | None:
    """The table of percentiles, complete from 0 to 100 and ascending, None where the file announces none."""
    announced = any("With Percentiles" in row.name for row in summary.sections.get("Data Included", ()))
    if block.find(SIZE_DATA, "Percentile") is None and not announced:
        return None
    start, percents, sizes = _read_table(block, rows, "Percentile")
    if percents.tolist() != list(range(101)) or np.any(np.diff(sizes, axis=0) < 0):
        raise BINS_UNEVEN.refuse(
            "the percentiles do not run from 0 to 100 with ascending sizes",
            place=summary.file.at(rows[start].line + len(percents)),
            value=len(percents),
        )
    return PercentileTable(percents=percents, sizes_nm=sizes)
