"""Report inputs of the clean study with made-up records, and short ways into the chapter."""

from __future__ import annotations

from exotrial.core.provenance import SourceFile
from exotrial.datasets.captured import Captured
from exotrial.registries.record import RegistryRecord
from exotrial.report.document import Figure, Paragraph, Section, Table
from exotrial.report.inputs import ReportInput
from exotrial.report.registered.rows import Row, derive_rows
from exotrial.report.registered.sides import gather_sides
from exotrial.report.sections.registered import build
from exotrial.study.definition import Study
from tests.study.clean import changed

STUDY_FILE = SourceFile(name="study.toml", sha256="0" * 64, size=1)


def given(
    *records: RegistryRecord, study: Study | None = None, captured: Captured | None = None
) -> ReportInput:
    """The clean study, or another, with these records and nothing published."""
    return ReportInput(
        study=study or changed({}),
        measures={} if captured is None else captured.measures,
        captured=captured,
        findings=(),
        claims=None,
        files=(STUDY_FILE,),
        records=records,
    )


def chapter(of: ReportInput) -> Section:
    built = build(of)
    assert built is not None
    return built[0]


def rows_of(of: ReportInput, *, ended: bool = True) -> dict[str, Row]:
    """The rows by what they are about; two of one name would hide one another, which no test wants."""
    rows = derive_rows(gather_sides(of), enrolment_has_ended=ended)
    assert len({(row.group, row.label) for row in rows}) == len(rows)
    return {row.label if row.group != "Design" else f"design: {row.label}": row for row in rows}


def rules(row: Row) -> list[str]:
    return sorted({one.finding.rule for one in row.differences})


def words(section: Section) -> str:
    return "\n".join(block.text for block in section.blocks if isinstance(block, Paragraph))


def table(section: Section, name: str = "registered-planned-done-reported") -> Table:
    return next(block for block in section.blocks if isinstance(block, Table) and block.id == name)


def figures(section: Section) -> list[Figure]:
    return [block for block in section.blocks if isinstance(block, Figure)]


def column(of: Table, key: str) -> dict[str, str]:
    """The cells of a column by the first cell of their row, without the heads of groups."""
    position = [one.key for one in of.columns].index(key)
    return {str(row[0]): str(row[position]) for n, row in enumerate(of.rows) if n not in of.stub_rows}
