"""The rows of a NanoSight NTA 3 summary: its sections, its videos, and one cell a video.

Learnt from experiment summaries of NTA 3.2.16 and 3.4.003 (nguyens7/tidyNano, inst/extdata, MIT).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.assay import AssayFile, Printed
from exotrial.product.assay_text import OTHER_INSTRUMENT, Row, last_filled, read_number, split_rows

UNKNOWN_VERSION = ErrorCode(
    "NTA-001",
    "A NanoSight file is of a software version whose layout is not known.",
    "export from NTA 3.2 to 3.5, or map the table of bins as a table of your own.",
)
NO_SECTION = ErrorCode(
    "NTA-002",
    "A NanoSight file lacks a section, or has one twice.",
    "export the summary again; a file that was cut off, or put together from two, is not mended here.",
)
NO_ROW = ErrorCode(
    "NTA-003",
    "A NanoSight file lacks a row or a video's cell in a row, or has a row twice.",
    "export the summary again; a file that was cut off or edited by hand is not mended here.",
)
OTHER_VIDEOS = ErrorCode(
    "NTA-004",
    "The videos of a NanoSight file are not named, or not the same ones in every section.",
    "export the summary again; columns that were moved by hand are not mended here.",
)

EXPERIMENT: Final = "NTA Experiment Summary File"
SINGLE: Final = "NTA Single Analysis Summary File"
DETAILS: Final = "Experiment Details"
SIZE_DATA: Final = "Size Data"
SUMMARIES: Final = ("Average", "Standard Error")
"""The columns that follow the videos where the instrument summarises them."""

_SECTION: Final = re.compile(r"\[([^\]]+)\]")
_CREATED: Final = re.compile(r"Created with NTA (\d+)\.(\d+)\b.*?(?:Build (\S+))?")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The rows of one summary by section, the videos it names, and the software that wrote it."""

    file: AssayFile
    version: str
    known_version: bool
    videos: tuple[str, ...]
    sections: dict[str, tuple[Row, ...]]
    starts: dict[str, int]

    def find(self, section: str, *names: str) -> Row | None:
        """The row of a section with one of these names, None where there is none (NTA-003 where it is twice)."""
        rows = [row for row in self.sections.get(section, ()) if row.name in names]
        if len(rows) > 1:
            raise NO_ROW.refuse(
                f"'{rows[1].name}' of [{section}] is there twice, first on line {rows[0].line}",
                place=self.file.at(rows[1].line),
                value=rows[1].name,
            )
        return rows[0] if rows else None

    def row(self, section: str, *names: str) -> Row:
        """The row of a section with one of these names (NTA-003)."""
        found = self.find(section, *names)
        if found is None:
            raise NO_ROW.refuse(
                f"[{section}] has no row '{names[0]}'",
                place=self.file.at(self.starts.get(section)),
                value=names[0],
            )
        return found

    def place(self, row: Row, video: str = "") -> Place:
        """The place of a video's cell."""
        return self.file.at(row.line, path=video)

    def cells(self, row: Row) -> tuple[str, ...]:
        """The cells of a row, one a video; cells may be empty (NTA-003 where the row ends before)."""
        cells = row.cells[1 : len(self.videos) + 1]
        if len(cells) < len(self.videos):
            raise NO_ROW.refuse(
                f"'{row.name}' has {len(cells)} cells for {len(self.videos)} videos",
                place=self.place(row),
                value=row.name,
            )
        return cells

    def numbers(self, row: Row) -> tuple[float, ...]:
        """The numbers of a row, one a video (NTA-003, ASY-102)."""
        pairs = zip(self.videos, self.cells(row), strict=True)
        return tuple(read_number(cell, place=self.place(row, video), what=row.name) for video, cell in pairs)

    def printed(self, row: Row, *, name: str, unit: str) -> tuple[Printed, ...]:
        """The numbers of a row as the instrument printed them, with its average and standard error if it has them."""
        numbers = self.numbers(row)
        columns = list(zip(self.videos, self.cells(row), numbers, strict=True))
        for video, cell in zip(SUMMARIES, row.cells[len(self.videos) + 1 :], strict=False):
            if cell:
                columns.append((video, cell, read_number(cell, place=self.place(row, video), what=row.name)))
        return tuple(
            Printed(name=name, value=value, unit=unit, place=self.place(row, video), text=cell, video=video)
            for video, cell, value in columns
        )


def text_of(row: Row | None) -> str:
    """The text beside a row's name, "" where there is none."""
    return row.cells[1] if row is not None and len(row.cells) > 1 else ""


def read_summary(text: str, *, file: AssayFile, signature: str) -> Summary:
    """Cut a summary into its sections (ASY-103, ASY-104, NTA-001 to NTA-004)."""
    rows = split_rows(text, file=file)
    if not rows or rows[0].name != signature:
        begins = rows[0].name[:60] if rows else ""
        raise OTHER_INSTRUMENT.refuse(
            f"it does not begin with '{signature}', in cells parted by commas", place=file.at(1), value=begins
        )
    version, known = _read_version(rows, file)
    sections: dict[str, list[Row]] = {"": []}
    starts: dict[str, int] = {}
    current = ""
    for row in rows[1:]:
        heading = _SECTION.fullmatch(row.name)
        if heading is None:
            sections[current].append(row)
            continue
        current = heading[1].strip()
        if current in starts:
            raise NO_SECTION.refuse(
                f"[{current}] is there twice, first on line {starts[current]}",
                place=file.at(row.line),
                value=current,
            )
        starts[current] = row.line
        sections[current] = []
    for needed in (DETAILS, "Conditions", "Results", SIZE_DATA):
        if needed not in starts:
            raise NO_SECTION.refuse(
                f"there is no section [{needed}]", place=file.at(rows[-1].line), value=needed
            )
    summary = Summary(
        file=file,
        version=version,
        known_version=known,
        videos=(),
        sections={name: tuple(part) for name, part in sections.items()},
        starts=starts,
    )
    named = summary.row(DETAILS, "Filename:")
    videos = last_filled(named.cells[1:])
    if not videos or not all(videos) or len(set(videos)) < len(videos):
        raise OTHER_VIDEOS.refuse(
            "a video has no name" if not all(videos) or not videos else "two videos have one name",
            place=file.at(named.line),
            value=", ".join(videos),
        )
    return Summary(
        file=file,
        version=version,
        known_version=known,
        videos=videos,
        sections=summary.sections,
        starts=starts,
    )


def _read_version(rows: list[Row], file: AssayFile) -> tuple[str, bool]:
    """The version as "3.4.003", and whether the layout was learnt from a file of its line."""
    created = rows[1] if len(rows) > 1 else Row(1, ())
    found = _CREATED.fullmatch(created.name)
    if found is None or (major := int(found[1])) != 3 or not 2 <= int(found[2]) <= 5:
        raise UNKNOWN_VERSION.refuse(
            f"it was {created.name[:60] or 'created with nothing named'!r}",
            place=file.at(created.line),
            value=created.name,
        )
    minor = int(found[2])
    return found[3] or f"{major}.{minor}", minor in (2, 4)
