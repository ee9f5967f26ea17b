"""Looking at a database from below, for the qualification of an installation: its settings, its guards, attacks on it.

The attacks are what requirement 4 asks to try (21 CFR 11.10(e); EMA 2023 6.2.1); they run on a scratch database,
and each is rolled back whether it was refused or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from exotrial.store.guards import guard_statements
from exotrial.store.verification import Problem, Problems
from exotrial.store.verify_guards import verify_guards


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The database engine that answers: `name` is "SQLite" or "PostgreSQL", `version` as it tells it."""

    name: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {'.'.join(str(part) for part in self.version)}"


def read_engine() -> Engine:
    """Ask the connected database what it is."""
    if connection.vendor == "postgresql":
        number = int(_ask("SHOW server_version_num"))
        return Engine(name="PostgreSQL", version=(number // 10000, number % 10000))
    told = _ask("SELECT sqlite_version()")
    return Engine(name="SQLite", version=tuple(int(part) for part in told.split(".")))


DURABLE = {
    "postgresql": {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
    "sqlite": {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "recursive_triggers": "1"},
}
"""What a setting must be for a commit to be on the disk before it is told. 2 is SQLite's FULL."""


def read_durability() -> dict[str, tuple[str, str]]:
    """Each setting on which a save's safety depends: what it is, and what it must be."""
    wanted = DURABLE[connection.vendor]
    ask = "SHOW {}" if connection.vendor == "postgresql" else "PRAGMA {}"
    found = {name: (_ask(ask.format(name)).lower(), must) for name, must in wanted.items()}
    if connection.vendor == "sqlite":
        mode = str(connection.settings_dict["OPTIONS"].get("transaction_mode", "")).lower()
        found["transaction_mode"] = (mode, "immediate")
    return found


def find_guard_problems() -> tuple[int, tuple[Problem, ...]]:
    """The number of triggers that should stand, and every one that does not."""
    problems = Problems()
    number = verify_guards(problems)
    return number, tuple(problems.kept)


def find_unapplied_migrations() -> tuple[str, ...]:
    """The names of migrations that this database has not had."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One statement against the trail, and whether the database refused it."""

    statement: str
    refused: bool


def attack_trail() -> tuple[Attack, ...]:
    """Try every kind of statement that would alter or remove an entry of the trail, as the application's own user."""
    statements = [
        "UPDATE store_act SET reason = 'another'",
        "UPDATE store_act SET who = 'somebody'",
        "DELETE FROM store_act",
        "UPDATE store_change SET new = '\"another\"'",
        "UPDATE store_change SET redacted = NOT redacted",
        "DELETE FROM store_change",
    ]
    if connection.vendor == "postgresql":
        statements += ["TRUNCATE store_change", "TRUNCATE store_act CASCADE"]
    else:
        statements += [
            f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1" for table in ("store_act", "store_change")
        ]
    return tuple(
        Attack(statement=statement, refused=is_refused(statement=statement)) for statement in statements
    )


def is_refused(*, statement: str) -> bool:
    """Whether the database refuses a statement by one of its guards; what it did is rolled back either way."""
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except Error as error:
            return "exotrial: " in str(error)
        transaction.set_rollback(True)
    return False


def drop_guard(name: str) -> None:
    """Take one trigger away, as somebody with the database's own tools would."""
    table = name.removeprefix("guard_").rsplit("_", 1)[0]
    on = f" ON store_{table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")


@contextmanager
def guard_off(name: str) -> Iterator[None]:
    """Take one trigger away and put it back: what a careful forger does."""
    drop_guard(name)
    yield
    with connection.cursor() as cursor:
        cursor.execute(guard_statements(connection.vendor)[name])


def _ask(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return "" if row is None else str(row[0])
