"""What tables a database has, and what tables this program knows: the migrations are compared by name.

A program that meets tables of another version could misread or lose what is in them, so it does not open them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from exotrial.core.errors import ErrorCode

OLDER = ErrorCode(
    "UPG-001",
    "The installation was made by an older version of exotrial, with other tables.",
    "end the server and run `exotrial upgrade`, which makes a backup first; nothing was changed.",
)
NEWER = ErrorCode(
    "UPG-002",
    "The installation was made or upgraded by a newer version of exotrial, with other tables.",
    "install that version of exotrial or a newer one, or restore the backup from before the upgrade into another "
    "folder; nothing was changed.",
)
LOCKED = ErrorCode(
    "UPG-003",
    "The database is locked: the installation is being upgraded.",
    "wait until the upgrade has ended, then try again.",
)

_APPLIED = "SELECT name FROM django_migrations WHERE app = 'store'"


@lru_cache(maxsize=1)
def known_migrations() -> tuple[str, ...]:
    """The migrations that this program has, in order."""
    from exotrial.store import migrations

    return tuple(sorted(module.name for module in iter_modules(migrations.__path__)))


def applied_migrations() -> tuple[str, ...]:
    """The migrations that the database has had, in order; none where it holds no installation. Refuses with UPG-003."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_APPLIED)
            return tuple(sorted(str(name) for (name,) in cursor.fetchall()))
    except DatabaseError as error:
        if "locked" in str(error):
            raise LOCKED.refuse("the database answers to nobody else") from None
        if "django_migrations" in connection.introspection.table_names():
            raise
        return ()


def find_missing(applied: Sequence[str]) -> tuple[str, ...]:
    """The migrations of this program that a database has not had. Refuses with UPG-002 where it had others."""
    known = known_migrations()
    beyond = [name for name in applied if name not in known]
    if beyond:
        raise NEWER.refuse(
            f"the database has had {beyond[-1]}, and this version knows no tables after {known[-1]}",
            value=beyond[-1],
        )
    return tuple(name for name in known if name not in applied)


def check_schema(applied: Sequence[str]) -> None:
    """Let pass a database whose tables are those of this program. Refuses with UPG-001 and UPG-002."""
    missing = find_missing(applied)
    if missing:
        raise OLDER.refuse(
            f"the database has had {applied[-1]}, and this version needs {missing[-1]}", value=applied[-1]
        )


def tables_at(applied: Collection[str]) -> list[type[Model]]:
    """Every table after the migrations named, as a model: as they were then, where they are not all of today's."""
    if set(applied) == set(known_migrations()):
        return list(apps.get_app_config("store").get_models())
    state = MigrationLoader(None).project_state([("store", max(applied))])
    return list(state.apps.get_models())


def apply_migrations(until: str = "") -> None:
    """Bring the connected database's tables to a migration, or to the last one."""
    if until:
        call_command("migrate", "store", until, interactive=False, verbosity=0)
    else:
        call_command("migrate", interactive=False, verbosity=0)
