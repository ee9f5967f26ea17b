"""`exotrial archive`: a folder that can be read without exotrial, for as long as CSV and text can (EMA 6.12).

Whole study or one participant; each file's SHA-256 stands in `SHA256SUMS` and `manifest.json`, so that a copy can
be held to it (requirements 48, 49, 53, 58).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from exotrial.core.errors import ErrorCode, Place
from exotrial.store.archive_tables import (
    Table,
    archive_tables,
    data_tables,
    dictionary_table,
    forms_by_version,
)
from exotrial.store.home import Opened
from exotrial.store.models import AllocationList, Participant, Study, StudyVersion
from exotrial.store.trail import moment_text
from exotrial.store.trail_table import COLUMNS, trail_lines
from exotrial.store.verification import Verification
from exotrial.store.verify import one_state, verify_trail

NO_STUDY = ErrorCode("ARC-001", "The installation has no such study.", "give the id that `show_study` tells.")
NO_PARTICIPANT = ErrorCode("ARC-002", "The study has no such participant.", "give the participant's code.")
FOLDER_EXISTS = ErrorCode(
    "ARC-003", "There is a file or folder of that name.", "name a new folder; an archive is never added to."
)
CANNOT_WRITE = ErrorCode(
    "ARC-004", "The folder cannot be written there.", "choose a place that exists and has room."
)
NO_ARCHIVE = ErrorCode(
    "ARC-005", "The folder is no archive of exotrial.", "give a folder that `exotrial archive` wrote."
)

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
README = "README.txt"


@dataclass(frozen=True, kw_only=True)
class Archived:
    """A folder that was written: its files, the digest of its sums, and what the check of the trail found."""

    folder: Path
    files: int
    sums_sha256: str
    check: Verification


def write_archive(
    opened: Opened,
    slug: str,
    folder: Path,
    *,
    now: datetime,
    participant: str = "",
    allocation_export: bytes | None = None,
) -> Archived:
    """Write a study, or one participant of it, from one state of the database; verified first, whole or not at all.

    `allocation_export` is what `export_allocation` gave after unblinding, put beside it. Refuses with ARC-001 to
    ARC-004.
    """
    if folder.exists():
        raise FOLDER_EXISTS.refuse(f"'{folder}' exists", value=folder)
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise NO_STUDY.refuse(f"there is no study {slug!r}", value=slug)
    if participant and not Participant.objects.filter(study=study, code=participant).exists():
        raise NO_PARTICIPANT.refuse(f"there is no participant {participant!r}", value=participant)
    check = verify_trail(opened, study=slug)
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            rows = _write_all(study, unfinished, participant=participant, export=allocation_export)
            told = _manifest(study, rows, unfinished, now=now, participant=participant, check=check)
            (unfinished / MANIFEST).write_text(
                json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8"
            )
            sums = _sums(unfinished)
            (unfinished / SUMS).write_text(sums, encoding="utf-8")
            _keep(unfinished)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise CANNOT_WRITE.refuse(f"'{folder}': {error.strerror}", value=folder) from None
    digest = hashlib.sha256(sums.encode()).hexdigest()
    return Archived(folder=folder, files=len(sums.splitlines()) + 1, sums_sha256=digest, check=check)


def check_archive(folder: Path) -> tuple[str, ...]:
    """What is wrong with a folder: files altered, missing or added since it was written. Refuses with ARC-005."""
    try:
        sums = (folder / SUMS).read_text(encoding="utf-8")
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise NO_ARCHIVE.refuse(f"'{folder}': {error}", place=Place(file=str(folder))) from None
    told = {name: digest for digest, _, name in (line.partition("  ") for line in sums.splitlines())}
    found = {name for name in _names(folder) if name != SUMS}
    problems = [f"{name}: is not there" for name in sorted(set(told) - found)]
    problems += [f"{name}: was added" for name in sorted(found - set(told))]
    problems += [
        f"{name}: is not what was written"
        for name in sorted(found & set(told))
        if _digest(folder / name) != told[name]
    ]
    listed = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    if listed != {name: digest for name, digest in told.items() if name != MANIFEST}:
        problems.append(f"{MANIFEST}: tells other digests than {SUMS}")
    return tuple(problems)


def _write_all(study: Study, folder: Path, *, participant: str, export: bytes | None) -> dict[str, int]:
    rows: dict[str, int] = {}
    with one_state():
        for held in StudyVersion.objects.filter(study=study):
            _write(folder, f"study/version-{held.number}.toml", held.source.encode())
        for one in AllocationList.objects.filter(study=study).exclude(certificate=None):
            text = json.dumps(one.certificate, indent=1, ensure_ascii=False, sort_keys=True)
            _write(folder, f"allocation/certificate-{one.number}.json", text.encode())
        forms = forms_by_version(study)
        tables = [*archive_tables(study, participant=participant), dictionary_table(forms)]
        for table in tables:
            rows[table.name] = _write_table(folder, table)
        for table in data_tables(study, forms, participant=participant):
            rows[table.name] = _write_table(folder, table)
        trail = Table(
            name="audit_trail.csv",
            header=COLUMNS,
            rows=trail_lines(chain=study.slug, participant=participant),
        )
        rows[trail.name] = _write_table(folder, trail)
    if export is not None:
        _write(folder, "allocation/export.json", export)
    text = files("exotrial.store").joinpath("archive_readme.txt").read_text(encoding="utf-8")
    _write(folder, README, text.encode())
    return rows


def _write(folder: Path, name: str, data: bytes) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _write_table(folder: Path, table: Table) -> int:
    file = folder / table.name
    file.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(table.header)
        for row in table.rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _manifest(
    study: Study,
    rows: dict[str, int],
    folder: Path,
    *,
    now: datetime,
    participant: str,
    check: Verification,
) -> dict[str, Any]:
    return {
        "format": 1,
        "exotrial": version("exotrial"),
        "made_at": moment_text(now.astimezone(UTC)),
        "study": study.slug,
        "title": study.title,
        "status": study.status,
        "study_version": study.version,
        "participant": participant,
        "trail": [
            {"chain": chain.name, "acts": chain.acts, "head": chain.head, "mark": chain.mark}
            for chain in check.chains
        ],
        "verified_before": check.holds,
        "problems": [str(problem) for problem in check.problems],
        "files": {
            name: {"sha256": _digest(folder / name), **({"rows": rows[name]} if name in rows else {})}
            for name in _names(folder)
        },
    }


def _names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder).as_posix()) for file in folder.rglob("*") if not file.is_dir())


def _sums(folder: Path) -> str:
    return "".join(f"{_digest(folder / name)}  {name}\n" for name in _names(folder))


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _keep(folder: Path) -> None:
    """On the disk before the folder takes its name."""
    folder.chmod(0o755)
    paths: Iterable[Path] = [*folder.rglob("*"), folder]
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
