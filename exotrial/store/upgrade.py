"""Bring an installation of an older version to the tables of this one: rehearsed on a copy, then all or nothing.

First a backup is made, restored into a scratch database, upgraded there and verified. Only then are the tables of the
installation itself changed, in one transaction that also makes every trigger anew, verifies the trail against the
heads from before, and writes the upgrade down. A kill at any moment leaves the installation as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection, transaction

from exotrial.core.errors import ErrorCode
from exotrial.store.anchors import make_anchors
from exotrial.store.backup import BackedUp, write_backup
from exotrial.store.guards import create_guards, drop_guards
from exotrial.store.home import Opened, disconnect
from exotrial.store.new_fields import write_upgrade
from exotrial.store.schema import applied_migrations, apply_migrations, find_missing
from exotrial.store.verification import Problem, Problems, Verification
from exotrial.store.verify import verify_trail
from exotrial.store.verify_guards import verify_guards_there

IN_USE = ErrorCode(
    "UPG-004",
    "Somebody works in the installation: a server, an export or another command.",
    "end `exotrial serve` and whatever else has the database open, then try again; nothing was changed.",
)
NOT_WHOLE = ErrorCode(
    "UPG-005",
    "The check of the trail found problems, before anything was upgraded.",
    "find out what was done to the database; to upgrade all the same, and have the trail say so, give "
    "--despite-problems. Nothing was changed, and the backup is kept.",
)
NOT_POSSIBLE = ErrorCode(
    "UPG-006",
    "The tables cannot be brought to this version.",
    "go on with the older version and tell the maintainers what the message says; nothing was changed.",
)

_TOLD = 5
"""Problems that a refusal names one by one."""

_WAIT_MS = 2000
"""How long a command that is just ending is waited for."""


@dataclass(frozen=True, kw_only=True)
class Upgraded:
    """What was done: the last migration before, those applied, the backup, problems of before, the check after."""

    was: str
    applied: tuple[str, ...]
    backup: BackedUp
    before: tuple[Problem, ...]
    check: Verification


def upgrade_tables(
    opened: Opened,
    file: Path,
    *,
    now: datetime,
    despite_problems: bool = False,
    told: Callable[[str], None] = lambda step: None,
) -> Upgraded:
    """Upgrade an installation that lacks migrations; its backup goes into `file`.

    `told` hears each step before it begins.
    Refuses with UPG-002, UPG-004 to UPG-006, BAK-003 and BAK-004; then nothing was changed.
    """
    applied = applied_migrations()
    was, missing = applied[-1], find_missing(applied)
    found = Problems()
    with _alone():
        verify_guards_there(found)
        anchors = make_anchors()
    told(f"Backing up into {file}, and rehearsing the upgrade on a copy")
    try:
        backup = write_backup(opened, file, now=now)
    except DatabaseError as error:
        raise NOT_POSSIBLE.refuse(f"on a copy: {_first_line(error)}") from error
    before = (*found.kept, *_of_data(backup))
    if before and not despite_problems:
        named = "; ".join(str(problem) for problem in before[:_TOLD])
        more = f"; and {len(before) - _TOLD} more" if len(before) > _TOLD else ""
        raise NOT_WHOLE.refuse(f"{named}{more}", value=len(before))
    told(f"Upgrading from {was} to {missing[-1]}")
    with _alone(), _one_transaction():
        if make_anchors() != anchors:
            raise IN_USE.refuse("something was saved after the backup was begun")
        _alter()
        words = f"{was} to {missing[-1]}; problems before: {len(before)}; backup SHA-256 {backup.sha256}"
        write_upgrade(opened.keys, applied, told=words, now=now)
        check = verify_trail(opened, anchors=anchors)
        new = [problem for problem in check.problems if problem not in before]
        if new:
            raise NOT_POSSIBLE.refuse(f"afterwards the trail does not hold: {new[0]}", value=len(new))
    disconnect()  # the next use opens it as any command does
    return Upgraded(was=was, applied=missing, backup=backup, before=before, check=check)


def _of_data(backup: BackedUp) -> tuple[Problem, ...]:
    """What the rehearsal found; its triggers are those of the copy."""
    assert backup.check is not None, "write_backup checks unless it is told not to"
    return backup.check.problems


def _alter() -> None:
    """The tables, and every trigger anew: a table that SQLite makes again has lost its own."""
    try:
        apply_migrations()
        drop_guards(connection)
        create_guards(connection)
        connection.check_constraints()
    except DatabaseError as error:
        raise NOT_POSSIBLE.refuse(_first_line(error)) from error


def _first_line(error: DatabaseError) -> str:
    """The database's words without its details, which may hold recorded values."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


@contextmanager
def _alone() -> Iterator[None]:
    """Be the only one who has the database open. Refuses with UPG-004."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            # Whoever opens the installation now reads this table first, and waits.
            cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            row = cursor.fetchone()
            if row and row[0]:
                raise IN_USE.refuse(f"the database has {row[0]} other connections", value=row[0])
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
        try:
            # Only who is alone may leave the write-ahead log; the next to open it goes back to it.
            cursor.execute("PRAGMA journal_mode = DELETE")
        except OperationalError:
            raise IN_USE.refuse("another process has the database open") from None
    try:
        yield
    finally:
        disconnect()


@contextmanager
def _one_transaction() -> Iterator[None]:
    """One transaction around everything, tables included."""
    if connection.vendor == "sqlite":
        # SQLite alters a table by making another of its name, which references to it must survive.
        connection.disable_constraint_checking()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # No table can be altered while a constraint of its rows waits to be looked at.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
