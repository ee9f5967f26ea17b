"""Who was unblinded, and when the study was: the register and the statement of the lock in a data folder.

    unblinding.csv   USUBJID AT KIND WHO REASON    a row for each unblinding of one participant
    lock.toml        locked_at, unblinded_at, study_version, audit_head

AT is a date and time with its zone, KIND emergency or planned, WHO a role and no name (ICH E6(R3) 4.1.4, CONSORT
2025 item 20). The data are unblinded as planned only where lock.toml says when: after the lock.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.provenance import SourceFile, read_source
from exotrial.datasets.csv_table import CsvTable

BAD_MOMENT = ErrorCode(
    "REC-011",
    "The time of an unblinding or of the lock is no date and time with its zone.",
    "write it like 2021-05-05T14:30:00+00:00.",
)
BAD_LOCK = ErrorCode(
    "REC-012",
    "The statement of the lock cannot be read.",
    "give TOML with locked_at, study_version, audit_head and, after planned unblinding, unblinded_at.",
)
UNBLINDED_BEFORE_LOCK = ErrorCode(
    "REC-013",
    "The study is said to be unblinded without a lock, or before it.",
    "lock the data first; correct the times where they are wrong.",
)

COLUMNS = ("USUBJID", "AT", "KIND", "WHO", "REASON")
KINDS = ("emergency", "planned")
FLAG = "UNBLFL"
"""The column of participants that is Y for those who were unblinded early, N for all others."""
_KEYS = ("locked_at", "unblinded_at", "study_version", "audit_head")


@dataclass(frozen=True, kw_only=True)
class Lock:
    """When the data were locked and, None while blinded, unblinded as planned; times have their zone."""

    locked_at: datetime
    unblinded_at: datetime | None
    study_version: str
    audit_head: str
    """The digest at the head of the audit trail, so that the data can be held to it."""


def empty_register() -> pl.DataFrame:
    """A register of no unblindings."""
    return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))


def check_register(table: CsvTable) -> Iterator[Refusal]:
    """Every AT that is no moment."""
    for line, row in table.records():
        if row["AT"]:
            try:
                read_moment(row["AT"], place=table.place(line, "AT"))
            except Refusal as refusal:
                yield refusal


def read_moment(text: str, *, place: Place) -> datetime:
    """A date and time with its zone (REC-011)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BAD_MOMENT.refuse(f"{text!r} is no date and time with its zone", place=place, value=text)
    return moment


def read_lock(path: Path) -> tuple[Lock | None, tuple[SourceFile, ...]]:
    """The statement of the lock and the file it was read from; (None, ()) where there is no file.

    Refuses REC-011 to REC-013.
    """
    if not path.is_file():
        return None, ()
    data, source = read_source(path)
    return parse_lock(data, name=str(path)), (source,)


def parse_lock(data: bytes, *, name: str) -> Lock:
    """The lock that the bytes of a lock.toml state; `name` is what refusals call it (REC-011 to REC-013)."""
    try:
        given = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BAD_LOCK.refuse(f"it is no TOML: {error}", place=Place(file=name)) from None
    problems = [
        BAD_LOCK.refuse(f"{key} is unknown", place=Place(file=name, path=key), value=key)
        for key in given
        if key not in _KEYS
    ]
    problems += [
        BAD_LOCK.refuse(f"{key} is no text", place=Place(file=name, path=key), value=given.get(key, ""))
        for key in ("study_version", "audit_head")
        if not isinstance(given.get(key), str)
    ]
    if problems:
        raise Refusals(problems)
    locked, unblinded = (_moment(given, key, name) for key in ("locked_at", "unblinded_at"))
    if locked is None or (unblinded is not None and unblinded < locked):
        raise UNBLINDED_BEFORE_LOCK.refuse(
            "there is no locked_at" if locked is None else f"unblinded at {unblinded}, before the lock",
            place=Place(file=name, path="locked_at" if locked is None else "unblinded_at"),
            value="" if locked is None else given["unblinded_at"],
        )
    return Lock(
        locked_at=locked,
        unblinded_at=unblinded,
        study_version=given["study_version"],
        audit_head=given["audit_head"],
    )


def write_lock(lock: Lock) -> str:
    """The text of lock.toml."""
    lines = [f"locked_at = {lock.locked_at.isoformat()}"]
    if lock.unblinded_at is not None:
        lines.append(f"unblinded_at = {lock.unblinded_at.isoformat()}")
    lines += [f"study_version = {_quoted(lock.study_version)}", f"audit_head = {_quoted(lock.audit_head)}"]
    return "\n".join(lines) + "\n"


def flag_unblinded(participants: pl.DataFrame, register: pl.DataFrame, lock: Lock | None) -> pl.DataFrame:
    """The participants with UNBLFL: Y for whoever was unblinded before the study was."""
    early = find_early(register, lock)["USUBJID"].unique().to_list()
    flag = pl.when(pl.col("USUBJID").is_in(early)).then(pl.lit("Y")).otherwise(pl.lit("N"))
    return participants.with_columns(flag.alias(FLAG))


def find_early(register: pl.DataFrame, lock: Lock | None) -> pl.DataFrame:
    """The rows of the register from before the planned unblinding, the earliest first."""
    unblinded_at = None if lock is None else lock.unblinded_at
    moments = [datetime.fromisoformat(text) for text in register["AT"]]
    ordered = sorted(range(register.height), key=lambda row: (moments[row], register["USUBJID"][row]))
    return register[[row for row in ordered if unblinded_at is None or moments[row] < unblinded_at]]


def _moment(given: Mapping[str, Any], key: str, name: str) -> datetime | None:
    value = given.get(key)
    place = Place(file=name, path=key)
    if value is None:
        return None
    if isinstance(value, str):
        return read_moment(value, place=place)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BAD_MOMENT.refuse(f"{value} is no date and time with its zone", place=place, value=value)
    return value


def _quoted(text: str) -> str:
    """A basic string of TOML 1.0."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'
