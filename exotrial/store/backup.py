"""`exotrial backup`: the whole database in one closed file, while people work (ICH E6(R3) 4.3.3(c); requirement 50).

One zip, encrypted: `<table>.jsonl` for each table, one row a line as a JSON array, and `manifest.json` with the
columns, rows and SHA-256 of each, the migrations, and an anchor of every chain. It is the same for SQLite and
PostgreSQL, so that a backup of one can be restored into the other. The key file is not in it: keep a copy of
`master.key` elsewhere, since nothing else opens a backup, nor what is sealed in the database.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Model

from exotrial.core.errors import ErrorCode
from exotrial.store.anchors import make_anchors
from exotrial.store.home import Opened
from exotrial.store.schema import applied_migrations, known_migrations, tables_at
from exotrial.store.sealed_stream import SealedWriter
from exotrial.store.trail import moment_text
from exotrial.store.verification import Verification
from exotrial.store.verify import one_state

FILE_EXISTS = ErrorCode(
    "BAK-003", "There is a file of that name.", "choose another name; a backup is never overwritten."
)
CANNOT_WRITE = ErrorCode(
    "BAK-004", "The backup cannot be written there.", "choose a folder that exists and has room."
)

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class BackedUp:
    """A backup that was written: where, its rows by table, and what the check of its restore found."""

    file: Path
    rows: dict[str, int]
    sha256: str
    check: Verification | None


def write_backup(opened: Opened, file: Path, *, now: datetime, check: bool = True) -> BackedUp:
    """Write a backup of one state of the database; nothing of it stands under the name before all is written.

    With `check` it is first restored into a scratch database, compared row by row count and digest, and verified.
    Refuses with BAK-003 and BAK-004.
    """
    from exotrial.store.restore import check_backup  # a restore reads what this module writes

    if file.exists():
        raise FILE_EXISTS.refuse(f"'{file}' exists", value=file)
    with _whole_or_nothing(file) as unfinished:
        rows = _write(opened, unfinished, now=now)
        found = check_backup(opened, unfinished) if check else None
        with unfinished.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
    return BackedUp(file=file, rows=rows, sha256=digest, check=found)


@contextmanager
def _whole_or_nothing(file: Path) -> Iterator[Path]:
    """A name beside the file's own; at the end it takes the file's, or goes."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
        os.close(descriptor)
    except OSError as error:
        raise CANNOT_WRITE.refuse(f"'{file}': {error.strerror}", value=file) from None
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise CANNOT_WRITE.refuse(f"'{file}': {error.strerror}", value=file) from None
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def backed_up_models(applied: Collection[str] = ()) -> list[type[Model]]:
    """Every table but the sessions: who was signed in then is not signed in after a restore.

    `applied` are the migrations of a database of another version, whose tables are meant.
    """
    models = tables_at(applied or known_migrations())
    named = {str(one._meta.model_name): one for one in models}
    return [model for name, model in sorted(named.items()) if name != "session"]


def columns_of(model: type[Model]) -> list[str]:
    """The columns of a table as a backup keeps them."""
    return [field.attname for field in model._meta.concrete_fields]


def _write(opened: Opened, file: Path, *, now: datetime) -> dict[str, int]:
    tables: dict[str, dict[str, Any]] = {}
    with (
        file.open("wb") as raw,
        SealedWriter(raw, opened.keys) as sealed,
        one_state(),
        zipfile.ZipFile(sealed, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        applied = applied_migrations()
        for model in backed_up_models(applied):
            name = str(model._meta.model_name)
            tables[name] = _write_table(archive, model, f"{name}.jsonl")
        manifest = {
            "format": FORMAT,
            "exotrial": version("exotrial"),
            "made_at": moment_text(now.astimezone(UTC)),
            "engine": connection.vendor,
            "migrations": list(applied),
            "tables": tables,
            "anchors": [str(anchor) for anchor in make_anchors()],
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return {name: told["rows"] for name, told in tables.items()}


def _write_table(archive: zipfile.ZipFile, model: type[Model], name: str) -> dict[str, Any]:
    columns = columns_of(model)
    digest = hashlib.sha256()
    rows = 0
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
    found = model._default_manager.order_by("pk").values_list(*columns)
    with archive.open(name, "w", force_zip64=True) as file:
        for row in found.iterator(chunk_size=2000):
            line = encode(row).encode() + b"\n"
            digest.update(line)
            file.write(line)
            rows += 1
    return {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no table of the store holds a {type(value).__name__}")
