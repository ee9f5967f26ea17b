"""The report inputs of the three shipped studies, read once, and short ways into a section."""

from __future__ import annotations

from functools import cache

from exotrial.report.build import read_report_input
from exotrial.report.document import AnalysisResult, Paragraph, Section, SectionBuilder, Table
from exotrial.report.inputs import ReportInput
from tests.conftest import PROJECT

STUDIES = ("chictr2000030261", "mexcovid", "irct20201202049568n3")


@cache
def given_of(study: str) -> ReportInput:
    return read_report_input(PROJECT / "studies" / study)


def build_section(section: SectionBuilder, given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    built = section.build(given)
    assert built is not None
    return built


def tables_of(section: Section) -> dict[str, Table]:
    return {block.id: block for block in section.blocks if isinstance(block, Table)}


def body_of(table: Table) -> list[tuple[str | None, ...]]:
    """The rows that are not the head of a group."""
    return [row for position, row in enumerate(table.rows) if position not in table.stub_rows]


def column_of(table: Table, key: str) -> list[str | None]:
    position = [column.key for column in table.columns].index(key)
    return [row[position] for row in body_of(table)]


def lead_of(section: Section) -> str:
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    return first.text
