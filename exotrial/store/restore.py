"""`exotrial restore`: a backup into an empty installation, on either engine, held to its manifest and verified.

A backup of an older version is filled into tables as they were then, which are upgraded afterwards. Ids are kept,
triggers stand from the beginning, and PostgreSQL's counters go on after the highest id.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from exotrial.core.errors import ErrorCode
from exotrial.store.anchors import parse_anchors
from exotrial.store.backup import FORMAT, MANIFEST, backed_up_models, columns_of
from exotrial.store.home import Home, Opened, connect, disconnect
from exotrial.store.keys import Keys, read_keys
from exotrial.store.new_fields import write_upgrade
from exotrial.store.schema import applied_migrations, apply_migrations, find_missing, known_migrations
from exotrial.store.sealed_stream import DAMAGED, open_stream
from exotrial.store.verification import Verification
from exotrial.store.verify import verify_trail

NOT_EMPTY = ErrorCode(
    "BAK-005",
    "There is an installation where the backup is to be restored.",
    "name an empty folder with --into, or an empty database by DATABASE_URL; nothing was changed.",
)
OTHER_VERSION = ErrorCode(
    "BAK-006",
    "The backup was made by a newer version of exotrial, with other tables.",
    "restore it with the version that the message names, or a newer one.",
)
NO_BACKUP = ErrorCode("BAK-007", "The backup file cannot be read.", "give the path of the backup file.")

_BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class Restored:
    """An installation that was restored, its rows by table, and what its verification found."""

    opened: Opened
    rows: dict[str, int]
    made_at: str
    check: Verification


def restore_backup(file: Path, home: Home) -> Restored:
    """Restore into an empty home, whose keys' folder holds the key that the backup was made with.

    Refuses with BAK-001, BAK-002, BAK-005 to BAK-007 and KEY-001, and then leaves the home empty.
    """
    keys = read_keys(home.keys_folder)
    with _unsealed(file, keys) as archive:
        manifest = _manifest(archive)
        _check_empty(home)
        made_here = not home.folder.exists()
        home.folder.mkdir(parents=True, exist_ok=True)
        connect(home, keys)
        done = False
        try:
            rows = _fill(archive, manifest, home, keys)
            done = True
        finally:
            if not done:
                disconnect()
                _clear(home, with_folder=made_here)
        opened = Opened(home, keys)
        anchors = parse_anchors("\n".join(manifest["anchors"]), name=MANIFEST) if manifest["anchors"] else ()
        check = verify_trail(opened, anchors=anchors)
    return Restored(opened=opened, rows=rows, made_at=str(manifest["made_at"]), check=check)


def check_backup(opened: Opened, file: Path) -> Verification:
    """Restore a backup into a scratch SQLite database, verify it there, and go back to the installation."""
    with tempfile.TemporaryDirectory(prefix="exotrial-check-") as folder:
        scratch = replace(opened.home, folder=Path(folder) / "home", database_url="")
        try:
            return restore_backup(file, scratch).check
        finally:
            connect(opened.home, opened.keys)


@contextmanager
def _unsealed(file: Path, keys: Keys) -> Iterator[zipfile.ZipFile]:
    """The zip inside a backup, in a file without a name that goes with the process."""
    try:
        source = file.open("rb")
    except OSError as error:
        raise NO_BACKUP.refuse(f"'{file}': {error.strerror}", value=file) from None
    with source, tempfile.TemporaryFile() as plain:
        for piece in open_stream(source, keys):
            plain.write(piece)
        try:
            archive = zipfile.ZipFile(plain)
        except zipfile.BadZipFile:
            raise DAMAGED.refuse(f"'{file}' opens and is no zip inside", value=file) from None
        with archive:
            yield archive


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT or not _is_known(manifest):
        raise OTHER_VERSION.refuse(
            f"the backup is of exotrial {manifest['exotrial']}, format {manifest['format']}, "
            f"migrations {', '.join(manifest['migrations'])}",
            value=manifest["exotrial"],
        )
    return manifest


def _is_known(manifest: dict[str, Any]) -> bool:
    """Whether this version knows the tables of the backup: its own, or those of an older version."""
    applied = manifest["migrations"]
    if not applied or not set(applied) <= set(known_migrations()):
        return False
    theirs = {name: set(told["columns"]) for name, told in manifest["tables"].items()}
    return theirs == {
        str(model._meta.model_name): set(columns_of(model)) for model in backed_up_models(applied)
    }


def _check_empty(home: Home) -> None:
    if home.database_url:
        connect(home, Keys(bytes(32)))
        found = connection.introspection.table_names()
        disconnect()
        if found:
            raise NOT_EMPTY.refuse(f"the database holds {len(found)} tables", value=len(found))
    elif home.folder.is_dir():
        here = [path for path in home.folder.iterdir() if path != home.keys_folder]
        if here:
            raise NOT_EMPTY.refuse(f"the folder '{home.folder}' holds {here[0].name!r}", value=home.folder)


def _fill(archive: zipfile.ZipFile, manifest: dict[str, Any], home: Home, keys: Keys) -> dict[str, int]:
    # PostgreSQL takes all or nothing, tables included; a file of SQLite is thrown away.
    with transaction.atomic() if home.database_url else nullcontext():
        rows = fill_tables(archive, manifest)
        applied = manifest["migrations"]
        missing = find_missing(applied)
        if missing:
            apply_migrations()
            with transaction.atomic():
                words = f"a backup of {applied[-1]}, restored with {missing[-1]}"
                write_upgrade(keys, applied, told=words, now=datetime.fromisoformat(manifest["made_at"]))
    return rows


def fill_tables(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, int]:
    """Make the tables of a backup, of whatever version, in an empty database, and fill them. Gives rows by table."""
    apply_migrations(manifest["migrations"][-1])
    if list(applied_migrations()) != manifest["migrations"]:
        raise OTHER_VERSION.refuse(f"the backup has the migrations {', '.join(manifest['migrations'])}")
    models = backed_up_models(manifest["migrations"])
    with transaction.atomic(), connection.cursor() as cursor:
        postgresql = connection.vendor == "postgresql"
        if postgresql:  # the migrations of the same transaction hold them at once
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        rows = {str(model._meta.model_name): _fill_table(archive, manifest, model) for model in models}
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        if postgresql:  # no table can be altered while a constraint of its rows waits to be looked at
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return rows


def _fill_table(archive: zipfile.ZipFile, manifest: dict[str, Any], model: type[Model]) -> int:
    name = str(model._meta.model_name)
    told = manifest["tables"][name]
    by_column = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_column[column] for column in told["columns"]]
    digest = hashlib.sha256()
    rows = 0
    with archive.open(f"{name}.jsonl") as file:
        while lines := list(islice(file, _BATCH)):
            made = []
            for line in lines:
                digest.update(line)
                values = json.loads(line)
                made.append(model(**{f.attname: f.to_python(v) for f, v in zip(fields, values, strict=True)}))
            model._default_manager.bulk_create(made)
            rows += len(made)
    if rows != told["rows"] or digest.hexdigest() != told["sha256"]:
        raise DAMAGED.refuse(f"the table {name} is not what the manifest says", value=name)
    return rows


def _clear(home: Home, *, with_folder: bool) -> None:
    if home.database_url:
        return
    for end in ("", "-wal", "-shm"):
        home.sqlite_file.with_name(home.sqlite_file.name + end).unlink(missing_ok=True)
    if with_folder and not any(home.folder.iterdir()):
        home.folder.rmdir()
