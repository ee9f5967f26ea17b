"""What was mended in a row of an export, or could not be: the findings of the ICTRP reader."""

from __future__ import annotations

from dataclasses import dataclass, field

from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.ictrp_rows import Row
from exotrial.registries.registry import RecordFile

_SHOWN = 160
"""Characters of a cell that a finding quotes."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of finding: its rule, how grave it is, why it matters and what would settle it."""

    rule: str
    severity: Severity
    kind: str
    why: str
    settle: str
    standards: tuple[str, ...] = ()


FLAG_INVERTED = Kind(
    rule="REG-017",
    severity=Severity.INFO,
    kind="format",
    why="The column is called “Retrospective flag” and says “Yes” of trials registered before they began, and in rows "
    "of some registers of every trial; taken at its word it turns the timing of registration round.",
    settle="the dates of registration and first enrolment, which decide.",
    standards=("TRDS 2", "TRDS 16"),
)
PHASE_WAS_DATE = Kind(
    rule="REG-018",
    severity=Severity.WARNING,
    kind="format",
    why="A spreadsheet turns a phase such as 1-2 into a date.",
    settle="the phase on the register's own page.",
    standards=("TRDS 15",),
)
DATE_MENDED = Kind(
    rule="REG-019",
    severity=Severity.INFO,
    kind="format",
    why="A spreadsheet reads dates month first, and exports mix the forms of many registers in one column.",
    settle="the date on the register's own page.",
    standards=("TRDS 2", "TRDS 16"),
)
DATE_UNDECIDED = Kind(
    rule="REG-019",
    severity=Severity.ERROR,
    kind="format",
    why="The cell can mean two days or none, and nothing in the export decides.",
    settle="the date on the register's own page.",
    standards=("TRDS 2", "TRDS 16"),
)
EXPORT_MENDED = Kind(
    rule="REG-019",
    severity=Severity.INFO,
    kind="format",
    why="A spreadsheet reads dates month first; the order of a trial's exports hangs on this one.",
    settle="the day on which the export was made.",
)
EXPORT_UNDECIDED = Kind(
    rule="REG-019",
    severity=Severity.WARNING,
    kind="format",
    why="The cell can mean two days or none, so that the order of a trial's exports is open.",
    settle="the day on which the export was made, written into the file's name (`export_2020-07-06.csv`).",
)
SIZES_SUMMED = Kind(
    rule="SIZ-008",
    severity=Severity.INFO,
    kind="format",
    why="The target size is given arm by arm; its sum is the trial's.",
    settle="the sizes on the register's own page.",
    standards=("TRDS 17",),
)
SIGN_LOST = Kind(
    rule="TXT-010",
    severity=Severity.ERROR,
    kind="text",
    why="The export prints “=” where the register prints a sign for at least or at most: the threshold's direction is "
    "lost.",
    settle="the criterion on the register's own page.",
    standards=("TRDS 14",),
)
MOJIBAKE = Kind(
    rule="TXT-011",
    severity=Severity.WARNING,
    kind="text",
    why="Letters were read in the wrong encoding; units and names change with them.",
    settle="the words on the register's own page.",
)
CELL_CUT = Kind(
    rule="IMP-001",
    severity=Severity.ERROR,
    kind="format",
    why="The cell is as long as a spreadsheet's cell can be: what stood behind it is lost.",
    settle="the text on the register's own page, or an export that no spreadsheet touched.",
)
CLAIMED_TWICE = Kind(
    rule="IMP-002",
    severity=Severity.ERROR,
    kind="record",
    why="Two records of one export claim one number and say different things.",
    settle="the record on the register's own page.",
    standards=("TRDS 1",),
)
UNKNOWN_REGISTER = Kind(
    rule="IMP-005",
    severity=Severity.WARNING,
    kind="record",
    why="ICTRP takes records from its primary registries and ClinicalTrials.gov only: a record of another source was "
    "not held to its rules, and its number cannot be looked up there.",
    settle="the register's name, and the record on its own page.",
    standards=("TRDS 1",),
)
FORMULA = Kind(
    rule="IMP-004",
    severity=Severity.WARNING,
    kind="format",
    why="A spreadsheet takes a cell that begins with “=” for a formula and may have put its result or an error in its "
    "place.",
    settle="the item on the register's own page.",
)
UNREADABLE = Kind(
    rule="IMP-003",
    severity=Severity.WARNING,
    kind="format",
    why="The words are not in a form that has one meaning, so that the item stays empty.",
    settle="the item on the register's own page.",
)


@dataclass(kw_only=True)
class Found:
    """Gathers the findings of one row."""

    file: RecordFile
    row: Row
    findings: list[Finding] = field(default_factory=list)

    def note(self, kind: Kind, column: str, says: str, *, prints: str | None = None, number: int = 0) -> None:
        """Note a finding about a cell; `prints` are its words, the whole cell by default.

        `number` tells apart, from 1, several findings of one rule about one cell.
        """
        words = self.row.cells.get(column, "") if prints is None else prints
        if column.startswith("contact"):
            words = ""  # a person's name or address is quoted nowhere
        quote = Quote(
            source=self.file.name,
            prints=words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…",
            line=self.row.lines.get(column, self.row.line),
            place=self.row.describe(column, self.file),
        )
        self.findings.append(
            Finding(
                rule=kind.rule,
                subject=f"{self.row.cells['trialid'].strip()}.{column}" + (f".{number}" if number else ""),
                severity=kind.severity,
                kind=kind.kind,
                says=says,
                why=kind.why,
                settle=kind.settle,
                quotes=(quote,),
                standards=kind.standards,
            )
        )
