"""Doses as they were captured, each with its plan: `doses.csv` beside the other tables of a data folder.

    USUBJID EXSEQ EXSTDTC EXCOMPL GIVENML PLAN PLANDTC PLANML WANTED PARTICLES LOW HIGH

EXSTDTC and PLANDTC are moments with their zone (ISO 8601), EXCOMPL is Y or N. What is planned is empty where the dose
had no plan or arms are hidden; WANTED and after it are empty where nothing is counted, as in a placebo.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.core.provenance import SourceFile, read_source
from exotrial.datasets.csv_table import CsvTable, parse_csv

BAD_CELL = ErrorCode(
    "PLN-009",
    "A dose in a data folder cannot be read.",
    "write numbers with a point and moments with their zone, such as 2021-03-10T08:30:00+03:30; Y or N in EXCOMPL.",
)
NO_COLUMN = ErrorCode(
    "PLN-010",
    "doses.csv lacks a column, or counts a dose twice.",
    "keep the columns as `exotrial extract` writes them, and one row for each dose.",
)

COLUMNS = (
    *("USUBJID", "EXSEQ", "EXSTDTC", "EXCOMPL", "GIVENML"),
    *("PLAN", "PLANDTC", "PLANML", "WANTED", "PARTICLES", "LOW", "HIGH"),
)
_PLANNED = ("PLAN", "PLANDTC", "PLANML")


@dataclass(frozen=True, kw_only=True)
class CapturedDose:
    """One dose and its plan; None is not known, or not shown. Volumes are in mL."""

    participant: str
    number: int
    begun_at: datetime
    complete: bool
    given_ml: float | None = None
    plan: int | None = None
    planned_at: datetime | None = None
    total_ml: float | None = None
    wanted: float | None = None
    particles: float | None = None
    low: float | None = None
    high: float | None = None


def read_doses(path: Path, *, participants: Collection[str]) -> tuple[tuple[CapturedDose, ...], SourceFile]:
    """The doses of a file. Refuses PLN-010, or every PLN-009 together, and what a broken CSV file earns."""
    data, source = read_source(path)
    table = parse_csv(data, name=str(path))
    for column in COLUMNS:
        if column not in table.columns:
            raise NO_COLUMN.refuse(
                f"the column {column} is missing", place=table.place(1, column), value=column
            )
    found: list[CapturedDose] = []
    problems: list[Refusal] = []
    seen: set[tuple[str, int]] = set()
    for line, row in table.records():
        try:
            dose = _read_row(table, line, row, participants)
        except Refusal as refused:
            problems.append(refused)
            continue
        if (dose.participant, dose.number) in seen:
            problems.append(
                NO_COLUMN.refuse(
                    f"{dose.participant} has a dose {dose.number} already",
                    place=table.place(line, "EXSEQ"),
                    value=dose.number,
                )
            )
        seen.add((dose.participant, dose.number))
        found.append(dose)
    if problems:
        raise Refusals(problems)
    return tuple(found), source


def write_rows(doses: Sequence[CapturedDose]) -> tuple[tuple[str, ...], ...]:
    """Doses as the text cells of the table, every number with all its digits."""
    return tuple(
        (
            *(one.participant, str(one.number), one.begun_at.isoformat(), "Y" if one.complete else "N"),
            *(_text(one.given_ml), "" if one.plan is None else str(one.plan)),
            one.planned_at.isoformat() if one.planned_at is not None else "",
            *(_text(value) for value in (one.total_ml, one.wanted, one.particles, one.low, one.high)),
        )
        for one in doses
    )


def _read_row(table: CsvTable, line: int, row: dict[str, str], participants: Collection[str]) -> CapturedDose:
    def refuse(column: str, why: str) -> Refusal:
        return BAD_CELL.refuse(why, place=table.place(line, column), value=row[column])

    def count(column: str) -> int | None:
        text = row[column]
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10_000):
            raise refuse(column, f"{text!r} is no number that counts from 1")
        return int(text)

    def amount(column: str) -> float | None:
        if not row[column]:
            return None
        try:
            value = float(row[column])
        except ValueError:
            raise refuse(column, f"{row[column]!r} is no number") from None
        if not (math.isfinite(value) and value >= 0) or "_" in row[column]:
            raise refuse(column, f"{row[column]!r} is no number from 0")
        return value

    def moment(column: str) -> datetime | None:
        if not row[column]:
            return None
        try:
            at = datetime.fromisoformat(row[column])
        except ValueError:
            raise refuse(column, f"{row[column]!r} is no moment") from None
        if at.tzinfo is None:
            raise refuse(column, f"{row[column]!r} has no zone")
        return at

    if row["USUBJID"] not in participants:
        raise refuse("USUBJID", f"{row['USUBJID']!r} is not in participants.csv")
    number, begun = count("EXSEQ"), moment("EXSTDTC")
    if number is None:
        raise refuse("EXSEQ", "the number of the dose is missing")
    if begun is None:
        raise refuse("EXSTDTC", "the moment of the dose is missing")
    if row["EXCOMPL"] not in ("Y", "N"):
        raise refuse("EXCOMPL", f"{row['EXCOMPL']!r} is neither Y nor N")
    planned = [column for column in _PLANNED if row[column]]
    if planned and len(planned) < len(_PLANNED):
        lacking = next(column for column in _PLANNED if not row[column])
        raise refuse(lacking, f"{lacking} is empty beside {' and '.join(planned)}")
    dose = CapturedDose(
        participant=row["USUBJID"],
        number=number,
        begun_at=begun,
        complete=row["EXCOMPL"] == "Y",
        given_ml=amount("GIVENML"),
        plan=count("PLAN"),
        planned_at=moment("PLANDTC"),
        total_ml=amount("PLANML"),
        wanted=amount("WANTED"),
        particles=amount("PARTICLES"),
        low=amount("LOW"),
        high=amount("HIGH"),
    )
    for column, value in (("PLANML", dose.total_ml), ("WANTED", dose.wanted)):
        if value == 0:
            raise refuse(column, f"{column} is 0")
    if (dose.wanted is None) != (dose.particles is None):
        raise refuse("PARTICLES", "of WANTED and PARTICLES one is empty")
    return dose


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)
