"""The captured data of a study: CSV tables with CDISC columns, read whole or refused with their lines.

    participants.csv     USUBJID SITEID ARMCD SEX AGE                       a row for each participant
    characteristics.csv  USUBJID CHAR VALUE SRC                             baseline facts, long
    measurements.csv     USUBJID PARAMCD ADT AVISIT AVAL AVALU REASND SRC   values as captured, long
    events.csv           USUBJID EVENT ADT SRC                              dated events
    adverse_events.csv   USUBJID AETERM AESEV AESER AEREL ASTDT AENDT SRC
    unblinding.csv       USUBJID AT KIND WHO REASON                         who was unblinded (see unblinding.py)

Only participants.csv must be there; more columns than these are kept as text.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from exotrial.core.dates import read_date
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.provenance import SourceFile, read_source
from exotrial.core.quantities import convert, dimension_of, read_quantity
from exotrial.datasets.csv_table import CsvTable, parse_csv
from exotrial.datasets.unblinding import COLUMNS as REGISTER
from exotrial.datasets.unblinding import (
    KINDS,
    Lock,
    check_register,
    empty_register,
    flag_unblinded,
    read_lock,
)
from exotrial.outcomes.measure import Measure, find_measure

NO_PARTICIPANTS = ErrorCode(
    "CAP-001",
    "A data folder has no participants.csv.",
    "give the folder that holds participants.csv, or add the file.",
)
MISSING_COLUMN = ErrorCode(
    "CAP-002", "A data file lacks a column.", "add the column, or correct its name in the first line."
)
DUPLICATE_PARTICIPANT = ErrorCode(
    "CAP-003", "A participant is listed twice.", "keep one row for each participant."
)
UNKNOWN_PARTICIPANT = ErrorCode(
    "CAP-004",
    "A row belongs to a participant who is not in participants.csv.",
    "correct the identifier, or add the participant.",
)
UNKNOWN_WORD = ErrorCode("CAP-005", "A coded value is not in its codelist.", "use one of the values listed.")
NOT_A_NUMBER = ErrorCode(
    "CAP-006",
    "A value that should be a number is not one.",
    "write digits with a point for decimals and no mark between thousands, or leave AVAL empty and say why in "
    "REASND.",
)
WRONG_UNIT = ErrorCode(
    "CAP-007",
    "A value has a unit that its measure cannot be converted from.",
    "give the unit that the laboratory reported.",
)
MISSING_VALUE = ErrorCode(
    "CAP-008", "A required cell is empty.", "fill the cell, or remove the row if nothing was captured."
)
DUPLICATE_VALUE = ErrorCode(
    "CAP-009",
    "A participant has two values of one measure at one visit or on one date.",
    "keep the value that was captured, or tell the rows apart by AVISIT or ADT.",
)

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "participants": ("USUBJID", "SITEID", "ARMCD", "SEX", "AGE"),
    "characteristics": ("USUBJID", "CHAR", "VALUE", "SRC"),
    "measurements": ("USUBJID", "PARAMCD", "ADT", "AVISIT", "AVAL", "AVALU", "REASND", "SRC"),
    "events": ("USUBJID", "EVENT", "ADT", "SRC"),
    "adverse_events": ("USUBJID", "AETERM", "AESEV", "AESER", "AEREL", "ASTDT", "AENDT", "SRC"),
    "unblinding": REGISTER,
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "participants": ("USUBJID",),
    "characteristics": ("USUBJID", "CHAR"),
    "measurements": ("USUBJID", "PARAMCD"),
    "events": ("USUBJID", "EVENT", "ADT"),
    "adverse_events": ("USUBJID", "AETERM"),
    "unblinding": ("USUBJID", "AT", "KIND", "WHO"),
}
EVENTS = (
    "screened",
    "consent",
    "onset",
    "diagnosis",
    "admission",
    "randomised",
    "first dose",
    "last dose",
    "ct",
    "lesion absorbed",
    "pcr negative",
    "recovery",
    "discharge",
    "lost to follow-up",
    "withdrawal",
    "death",
)
"""The dated events that are known, in the order in which a participant may meet them."""

_CODES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("participants", "SEX"): ("F", "M", "U", ""),
    ("events", "EVENT"): EVENTS,
    ("unblinding", "KIND"): KINDS,
    ("adverse_events", "AESER"): ("Y", "N", ""),
    ("adverse_events", "AEREL"): (
        *("N", "NONE", "NOT", "NOT RELATED", "UNLIKELY", "UNLIKELY RELATED"),
        *("Y", "POSSIBLE", "PROBABLE", "DEFINITE", "POSSIBLY RELATED", "PROBABLY RELATED", "RELATED", ""),
    ),
    ("adverse_events", "AESEV"): ("1", "2", "3", "4", "5", "MILD", "MODERATE", "SEVERE", ""),
}
_MOST_GUESSES = 20
"""For so many unknown participants the nearest known one is looked up; each costs a walk through all."""
_DATES = {"measurements": ("ADT",), "events": ("ADT",), "adverse_events": ("ASTDT", "AENDT")}


@dataclass(frozen=True, kw_only=True)
class Captured:
    """The tables of a study's data folder, checked.

    ADT, ASTDT and AENDT are Date, AGE is Int64, all else String. PARAMCD is the measure's own where the file
    has an alias of it. AVAL stays as captured; AVALN (Float64) is its number in the unit of its measure, null
    where AVAL is empty. A file that is absent is an empty frame with its columns. `measures` are the measures
    by PARAMCD, `files` says what was read. `unblinding` is the register of unblindings; where the folder has one,
    participants have the column UNBLFL. `lock` is None where the folder has no lock.toml.
    """

    participants: pl.DataFrame
    characteristics: pl.DataFrame
    measurements: pl.DataFrame
    events: pl.DataFrame
    adverse_events: pl.DataFrame
    measures: Mapping[str, Measure]
    files: tuple[SourceFile, ...]
    unblinding: pl.DataFrame = field(default_factory=empty_register)
    lock: Lock | None = None

    @property
    def unblinded_at(self) -> datetime | None:
        """When the study was unblinded as planned, after the lock; None while it is blinded."""
        return None if self.lock is None else self.lock.unblinded_at


def read_captured(folder: Path) -> Captured:
    """Read the data folder of a study.

    Refuses with CAP-001 alone, with what a broken CSV file earns (csv_table) or a broken lock.toml (unblinding), or
    with every CAP-002 to CAP-009 and REC-011 of all files together, each with file, line, column and value.
    """
    if not (folder / "participants.csv").is_file():
        raise NO_PARTICIPANTS.refuse(f"there is no participants.csv in '{folder}'", value=folder)
    problems: list[Refusal] = []
    tables: dict[str, CsvTable] = {}
    files: list[SourceFile] = []
    for name in COLUMNS:
        path = folder / f"{name}.csv"
        if path.is_file():
            data, source = read_source(path)
            files.append(source)
            table = parse_csv(data, name=str(path))
            tables[name] = table
            problems += _missing_columns(table, name)
        else:
            tables[name] = CsvTable(name=str(path), columns=COLUMNS[name], rows=(), lines=())
    lock, lock_files = read_lock(folder / "lock.toml")
    files += lock_files
    if problems:
        raise Refusals(problems)
    known = _participants(tables["participants"], problems)
    for name, table in tables.items():
        problems += _bad_cells(table, name, known)
    problems += check_register(tables["unblinding"])
    measures, numbers = _measurements(tables["measurements"], problems)
    if problems:
        raise Refusals(sorted(problems, key=lambda problem: (problem.place.file, problem.place.line or 0)))
    frames = {name: _frame(table, name) for name, table in tables.items()}
    participants = frames["participants"].with_columns(
        pl.col("AGE").replace("", None).cast(pl.Int64).alias("AGE")
    )
    if (folder / "unblinding.csv").is_file():
        participants = flag_unblinded(participants, frames["unblinding"], lock)
    return Captured(
        participants=participants,
        characteristics=frames["characteristics"],
        measurements=frames["measurements"].with_columns(
            pl.col("PARAMCD").replace({name: measure.paramcd for name, measure in measures.items()}),
            pl.Series("AVALN", numbers, dtype=pl.Float64),
        ),
        events=frames["events"],
        adverse_events=frames["adverse_events"],
        measures={measure.paramcd: measure for measure in measures.values()},
        files=tuple(files),
        unblinding=frames["unblinding"],
        lock=lock,
    )


def _missing_columns(table: CsvTable, name: str) -> list[Refusal]:
    found = []
    if len(table.columns) == 1 and re.search(r"[;\t]", table.columns[0]):
        return [
            MISSING_COLUMN.refuse(
                "the first line holds one column, whose name has semicolons or tabs in it",
                place=Place(file=table.name, line=1),
                value=table.columns[0],
                remedy="separate the cells by commas (in a spreadsheet: CSV UTF-8, comma delimited).",
            )
        ]
    by_case = {column.upper(): column for column in table.columns}
    for column in COLUMNS[name]:
        if column not in table.columns:
            near = [by_case[key] for key in difflib.get_close_matches(column, by_case, n=1)]
            remedy = f"rename {near[0]!r} to {column!r}, or add the column." if near else None
            place = Place(file=table.name, line=1)
            found.append(
                MISSING_COLUMN.refuse(
                    f"the column {column} is missing", place=place, value=column, remedy=remedy
                )
            )
    return found


def _participants(table: CsvTable, problems: list[Refusal]) -> frozenset[str]:
    first: dict[str, int] = {}
    for line, row in table.records():
        name = row["USUBJID"]
        if name in first and name:
            problems.append(
                DUPLICATE_PARTICIPANT.refuse(
                    f"{name} is on line {first[name]} already", place=table.place(line, "USUBJID"), value=name
                )
            )
        first.setdefault(name, line)
    return frozenset(first)


def _bad_cells(table: CsvTable, name: str, known: frozenset[str]) -> list[Refusal]:
    """Empty required cells, strangers, words outside their codelist, impossible dates and ages."""
    found = []
    coded = [(column, codes) for (file, column), codes in _CODES.items() if file == name]
    sound: set[str] = set()  # dates that were read already: a table has few different ones
    strangers: dict[str, str | None] = {}
    for line, row in table.records():
        found += [
            MISSING_VALUE.refuse(f"{column} is empty", place=table.place(line, column), value="")
            for column in REQUIRED[name]
            if not row[column]
        ]
        if row["USUBJID"] and row["USUBJID"] not in known:
            if row["USUBJID"] not in strangers and len(strangers) < _MOST_GUESSES:
                near = difflib.get_close_matches(row["USUBJID"], known, n=1)
                strangers[row["USUBJID"]] = f"did you mean {near[0]}?" if near else None
            found.append(
                UNKNOWN_PARTICIPANT.refuse(
                    f"{row['USUBJID']} is not in participants.csv",
                    place=table.place(line, "USUBJID"),
                    value=row["USUBJID"],
                    remedy=strangers.get(row["USUBJID"]),
                )
            )
        for column, codes in coded:
            if row[column] not in codes and (row[column] or column not in REQUIRED[name]):
                found.append(
                    UNKNOWN_WORD.refuse(
                        f"{row[column]!r} is no {column}",
                        place=table.place(line, column),
                        value=row[column],
                        remedy=f"use one of {', '.join(code for code in codes if code)}.",
                    )
                )
        for column in _DATES.get(name, ()):
            if row[column] and row[column] not in sound:
                refusal = _date_problem(table, line, column, row[column])
                if refusal is None:
                    sound.add(row[column])
                else:
                    found.append(refusal)
        if name == "participants" and row["AGE"] and not _is_age(row["AGE"]):
            found.append(
                NOT_A_NUMBER.refuse(
                    f"{row['AGE']!r} is no age in whole years from 0 to 130",
                    place=table.place(line, "AGE"),
                    value=row["AGE"],
                    remedy="write the age in whole years, or leave the cell empty.",
                )
            )
    return found


def _is_age(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= 130


def _date_problem(table: CsvTable, line: int, column: str, text: str) -> Refusal | None:
    try:
        read_date(text, place=table.place(line, column))
    except Refusal as refusal:
        return refusal
    return None


def _measurements(table: CsvTable, problems: list[Refusal]) -> tuple[dict[str, Measure], list[float | None]]:
    """The measures by the name that the file gives them, and each row's number in the unit of its measure."""
    measures: dict[str, Measure] = {}
    unknown: set[str] = set()
    numbers: list[float | None] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in table.records():
        numbers.append(None)
        code = row["PARAMCD"]
        if code and code not in measures and code not in unknown:
            try:
                measures[code] = find_measure(code)
            except Refusal as refusal:
                unknown.add(code)
                place = table.place(line, "PARAMCD")
                problems.append(
                    refusal.code.refuse(refusal.problem, place=place, value=code, remedy=refusal.remedy)
                )
        paramcd = measures[code].paramcd if code in measures else code
        key = (row["USUBJID"], paramcd, row["AVISIT"], row["ADT"])
        if key in seen:
            problems.append(
                DUPLICATE_VALUE.refuse(
                    f"{row['USUBJID']} has a value of {paramcd} at this visit on line {seen[key]} already",
                    place=table.place(line, "AVAL"),
                    value=row["AVAL"],
                )
            )
        seen.setdefault(key, line)
        if code in measures and row["AVAL"]:
            numbers[-1] = _number(table, line, row, measures[code], problems)
    return measures, numbers


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def _number(
    table: CsvTable, line: int, row: Mapping[str, str], measure: Measure, problems: list[Refusal]
) -> float | None:
    """AVAL as a number in the measure's unit; a problem is added where it is none."""
    value = float(row["AVAL"]) if _NUMBER.fullmatch(row["AVAL"]) else math.nan
    if not math.isfinite(value):
        problems.append(
            NOT_A_NUMBER.refuse(
                f"{row['AVAL']!r} is not a number", place=table.place(line, "AVAL"), value=row["AVAL"]
            )
        )
        return None
    unit = row["AVALU"]
    if unit == measure.unit or (unit == "1" and not measure.unit):
        return value
    try:
        if not unit:
            raise WRONG_UNIT.refuse("the unit is missing", value=unit)
        dimension = dimension_of(measure.unit) if measure.unit else "ratio"
        return convert(read_quantity(f"{row['AVAL']} {unit}", dimension=dimension), measure.unit).number
    except Refusal as refusal:
        if refusal.code.code == "QTY-001":
            place = table.place(line, "AVAL")
            problems.append(NOT_A_NUMBER.refuse(refusal.problem, place=place, value=row["AVAL"]))
            return None
        problems.append(
            WRONG_UNIT.refuse(
                f"{unit!r} is no unit of {measure.param}"
                if unit
                else f"the unit of {measure.param} is missing",
                place=table.place(line, "AVALU"),
                value=unit,
                remedy=f"give a unit that converts to {measure.unit or 'no unit (leave the cell empty)'}.",
            )
        )
        return None


def _frame(table: CsvTable, name: str) -> pl.DataFrame:
    columns = {
        column: pl.Series(column, [row[position] for row in table.rows], dtype=pl.String)
        for position, column in enumerate(table.columns)
    }
    frame = pl.DataFrame(columns)
    dates = [
        pl.col(column).replace("", None).str.to_date("%Y-%m-%d").alias(column)
        for column in _DATES.get(name, ())
    ]
    return frame.with_columns(dates)
