"""The document model of a report: sections of paragraphs, tables and figures, rendered alike to every format.

A section's builder makes these values; the renderers (HTML, PDF by typst, DOCX, CSV) know nothing of trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Align = Literal["left", "right", "center", "decimal"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table column. `key` names it in the CSV; `head` is what print shows; `group` spans columns alike."""

    key: str
    head: str
    align: Align = "left"
    group: str = ""
    width: float | None = None
    """Share of the table's width, where the renderer cannot know; None lets it choose."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as a journal prints it. Cells are text, already rounded; None is an empty cell.

    `rows` holds a tuple of cells for each row; `stub_rows` are the positions of rows that head a group (their
    first cell spans the row). `notes` are printed below, one paragraph each. `id` names the CSV file.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | None, ...], ...]
    stub_rows: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    landscape: bool = False
    row_height_mm: float | None = None
    """The least height of a row that is to be written on by hand."""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.id}: a row of {len(row)} cells in {len(self.columns)} columns")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure: a Vega-Lite specification (a JSON-ready dict) drawn to SVG by vl-convert, or an SVG itself.

    Exactly one of `vega_lite` and `svg`. `alt` says in words what is to be seen, for those who do not see it.
    `data` is the table behind it, written as CSV.
    """

    id: str
    title: str
    caption: str
    alt: str
    vega_lite: dict[str, Any] | None = None
    svg: str | None = None
    data: Table | None = None
    landscape: bool = False

    def __post_init__(self) -> None:
        if (self.vega_lite is None) == (self.svg is None):
            raise ValueError(f"figure {self.id}: give a Vega-Lite specification or an SVG, one of them")


@dataclass(frozen=True)
class Paragraph:
    """Plain text; no markup of any format."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    text: str


@dataclass(frozen=True)
class Missing:
    """What a document has to say and its source does not: set off from the text, so that nobody reads over it."""

    text: str


Block = Paragraph | Bullets | Subheading | Missing | Table | Figure


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter of the report. `id` is its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report. `facts` are the label-value lines under the title; `dated` comes from the input."""

    id: str
    title: str
    subtitle: str
    dated: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    notices: tuple[str, ...] = ()
    """Said at the top of every format: synthetic data, blinded arms."""
    results: tuple[AnalysisResult, ...] = ()
    layout: Literal["report", "protocol"] = "report"
    """A protocol has a title page and a table of contents, and its headings carry the numbers of its items."""
    made_from: str = (
        "the study file and its data; every number stands in results.json with its method and sources"
    )

    def tables(self) -> tuple[Table, ...]:
        """Every table, those behind figures included, in order of print."""
        found: list[Table] = []
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    found.append(block)
                elif isinstance(block, Figure) and block.data is not None:
                    found.append(block.data)
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """One number of the report, machine-readable (CDISC Analysis Results Standard 1.0 in spirit).

    `analysis` groups the results of one analysis; `population` says who entered; `method` is a name of the
    method catalogue; `parameters` are its options; `value` is at full precision; `printed` as the report shows it.
    `sources` are SHA-256 digests of the files that the number came from.
    """

    id: str
    analysis: str
    population: str
    n: tuple[int, ...]
    variable: str
    statistic: str
    method: str
    value: float | int | str | None
    printed: str
    unit: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    citation: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SectionBuilder:
    """A section of the report as a plug-in: one file in `exotrial/report/sections`, found by the catalogue.

    `order` places it (10, 20, ...); `build` takes a `ReportInput` (report/build.py) and returns the section
    and its analysis results, or None where the input has nothing for it.
    """

    name: str
    order: int
    build: Callable[..., tuple[Section, tuple[AnalysisResult, ...]] | None]
