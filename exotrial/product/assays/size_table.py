"""A size table of one's own with a mapping file that says what its columns hold.

The mapping is TOML; docs/how-to/read-assay-files.md has an example. What the mapping does not say is refused: nothing
about bins, unit or dilution is guessed from the numbers.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Reading, Setting
from exotrial.product.assay_text import Row, check_end, decode, read_number, split_rows
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    Floats,
    SizeDistribution,
    Video,
    Weighting,
)
from exotrial.product.size_findings import check_dilution
from exotrial.product.toml_text import WRONG_KEY, WRONG_VALUE, Table, read_toml

NO_MAPPING = ErrorCode(
    "CSV-001",
    "A table of one's own is read without a mapping file.",
    "give it with --mapping; docs/how-to/read-assay-files.md has an example.",
)
NO_COLUMN = ErrorCode(
    "CSV-002",
    "A column or line that the mapping names is not in the table, or is there twice.",
    "write the name as the table has it, and the line of the names counted from 1.",
)
BROKEN_ROW = ErrorCode(
    "CSV-003",
    "A row of the table has fewer cells than its heading, or there are fewer than two rows.",
    "export the table again; one that was cut off is not mended here.",
)
BINS_UNEVEN = ErrorCode(
    "CSV-004",
    "The sizes of a table are not spaced as its mapping says.",
    "say 'even ratio' for logarithmic bins, or 'lower edge' and 'upper edge' where the table has edges.",
)

_KEYS: Final = (
    "instrument",
    "version",
    "sample",
    "operator",
    "measured",
    "header_line",
    "delimiter",
    "encoding",
    "temperature_c",
    "viscosity_mpa_s",
    "size",
    "values",
    "dilution",
)
_DELIMITERS: Final = {",": ",", ";": ";", "tab": "\t"}
_LARGEST_UNEVENNESS: Final = 1e-3
"""Of a step or a ratio: sizes are printed with few digits."""


def _read(file: AssayFile) -> Reading:
    if file.mapping is None:
        raise NO_MAPPING.refuse("there is no mapping file", place=file.at())
    mapping = read_toml(file.mapping)
    mapping.check_keys(_KEYS)
    text = decode(file, mapping.choice("encoding", ("utf-8", "cp1252", "latin-1"), default="utf-8"))
    text = text.removeprefix("\ufeff")
    delimiter = mapping.choice("delimiter", tuple(_DELIMITERS), default=",")
    heading, rows = _cut(split_rows(text, file=file, delimiter=_DELIMITERS[delimiter]), mapping, file)
    distribution = _make_distribution(mapping, heading, rows, file)
    return Reading(
        reader="size_table",
        kind=AssayKind.SIZE,
        file=file.source,
        instrument=distribution.instrument,
        version=distribution.version,
        measured_at=mapping.moment("measured") if "measured" in mapping.values else None,
        operator=mapping.text("operator", default=""),
        sample=mapping.text("sample"),
        distributions=(distribution,),
        settings=(
            Setting(name="mapping file, SHA-256", text=file.mapping.source.sha256, place=file.mapping.at()),
        ),
        findings=(*check_end(text, file=file), *check_dilution(distribution)),
    )


def _cut(rows: list[Row], mapping: Table, file: AssayFile) -> tuple[Row, list[Row]]:
    """The row of the names, and the rows below it down to the first empty one."""
    line = mapping.whole("header_line", default=1)
    heading = next((row for row in rows if row.line == line), None)
    if heading is None:
        raise NO_COLUMN.refuse(f"the table has no line {line}", place=mapping.at("header_line"), value=line)
    body = []
    for row in rows[rows.index(heading) + 1 :]:
        if not any(row.cells):
            break
        if len(row.cells) < len(heading.cells):
            raise BROKEN_ROW.refuse(
                f"the row has {len(row.cells)} cells for {len(heading.cells)} columns",
                place=file.at(row.line),
                value=len(row.cells),
            )
        body.append(row)
    if len(body) < 2:
        raise BROKEN_ROW.refuse(f"there are {len(body)} rows below the names", place=file.at(line))
    return heading, body


def _column(name: str, heading: Row, rows: list[Row], file: AssayFile) -> Floats:
    at = [k for k, cell in enumerate(heading.cells) if cell == name]
    if len(at) != 1:
        raise NO_COLUMN.refuse(
            f"{len(at) or 'no'} columns are named {name!r}", place=file.at(heading.line), value=name
        )
    return np.array([read_number(row.cells[at[0]], place=file.at(row.line), what=name) for row in rows])


def _make_distribution(mapping: Table, heading: Row, rows: list[Row], file: AssayFile) -> SizeDistribution:
    values = mapping.table("values")
    values.check_keys(("columns", "unit", "weighting", "tracks"))
    columns = values.texts("columns")
    tracks = _read_tracks(values, len(columns))
    number = {
        key: mapping.number(key) if key in mapping.values else None
        for key in ("temperature_c", "viscosity_mpa_s")
    }
    return SizeDistribution(
        edges_nm=_read_edges(mapping.table("size"), heading, rows, file),
        videos=tuple(
            Video(
                name=name,
                values=_column(name, heading, rows, file),
                tracks=tracks[k],
                temperature_c=number["temperature_c"],
                viscosity_mpa_s=number["viscosity_mpa_s"],
            )
            for k, name in enumerate(columns)
        ),
        weighting=values.choice("weighting", tuple(Weighting)),
        unit=values.choice("unit", ("particles/mL", "particles")),
        dilution=_read_dilution(mapping.table("dilution")),
        instrument=mapping.text("instrument"),
        version=mapping.text("version", default=""),
        place=file.at(heading.line),
        flags=("read with a mapping file",),
    )


def _read_tracks(values: Table, columns: int) -> list[int | None]:
    if "tracks" not in values.values:
        return [None] * columns
    given = values.values["tracks"]
    whole = isinstance(given, list) and all(type(count) is int and count >= 0 for count in given)
    if not whole or len(given) != columns:
        raise WRONG_VALUE.refuse(
            f"'tracks' is {given}",
            place=values.at("tracks"),
            value=given,
            remedy=f"write {columns} whole numbers, one a column of values.",
        )
    return list(given)


def _read_dilution(table: Table) -> Dilution:
    table.check_keys(("state", "factor"))
    state = table.choice("state", tuple(DilutionState))
    if state is DilutionState.NOT_RECORDED:
        if "factor" in table.values:
            raise WRONG_KEY.refuse(
                "a dilution that is not recorded has a factor",
                place=table.at("factor"),
                value="factor",
                remedy="say whether it is applied or not applied, or leave the factor out.",
            )
        return Dilution(state=state)
    factor = table.number("factor")
    if factor < 1:
        raise WRONG_VALUE.refuse(
            f"the factor is {factor:g}",
            place=table.at("factor"),
            value=factor,
            remedy="a dilution is a factor from 1 up: 100 where 1 mL was made up to 100 mL.",
        )
    return Dilution(state=state, factor=factor)


def _read_edges(table: Table, heading: Row, rows: list[Row], file: AssayFile) -> Floats:
    """Edges in nm from what the table says of each bin: its centre, its lower or its upper edge."""
    table.check_keys(("column", "unit", "says", "spacing", "first_edge", "last_edge", "bins"))
    factor = {"nm": 1.0, "um": 1000.0}[table.choice("unit", ("nm", "um"))]
    sizes = _column(table.text("column"), heading, rows, file) * factor
    if table.whole("bins", default=sizes.size) != sizes.size:
        raise BROKEN_ROW.refuse(
            f"there are {sizes.size} bins and not {table.whole('bins')}",
            place=file.at(rows[-1].line),
            value=sizes.size,
        )
    says = table.choice("says", ("centre", "lower edge", "upper edge"))
    if says == "lower edge":
        return np.append(sizes, table.number("last_edge") * factor)
    if says == "upper edge":
        return np.insert(sizes, 0, table.number("first_edge") * factor)
    spacing = table.choice("spacing", ("even steps", "even ratio"))
    scale = sizes
    if spacing == "even ratio":
        if np.any(sizes <= 0):
            raise BINS_UNEVEN.refuse(
                "a size is not positive", place=file.at(heading.line), value=float(sizes.min())
            )
        scale = np.log(sizes)
    steps = np.diff(scale)
    step = float(scale[-1] - scale[0]) / (scale.size - 1)
    expected = scale[0] + step * np.arange(scale.size)
    allowed = _LARGEST_UNEVENNESS * (np.maximum(np.abs(expected), step) if spacing == "even steps" else 1.0)
    wrong = np.flatnonzero((np.abs(scale - expected) > allowed) | np.append(steps <= 0, False))
    if wrong.size or not math.isfinite(step):
        at = int(wrong[0]) if wrong.size else 0
        raise BINS_UNEVEN.refuse(
            f"the size {sizes[at]:g} nm does not fit {spacing}", place=file.at(rows[at].line), value=sizes[at]
        )
    edges: Floats = np.append(expected - step / 2, expected[-1] + step / 2)
    return np.exp(edges) if spacing == "even ratio" else edges


SIZE_TABLE = AssayReader(
    name="size_table",
    title="size table of your own",
    kind=AssayKind.SIZE,
    suffixes=(".csv", ".txt", ".tsv"),
    recognises=lambda file: file.mapping is not None,
    read=_read,
    citation="The mapping file says what the table holds",
    needs_mapping=True,
)
