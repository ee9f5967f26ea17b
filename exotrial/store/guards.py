"""The database's own guards: triggers that refuse update and delete where nothing may be lost (21 CFR 11.10(e)).

Their text is made here, once, so that `audit verify` can hold the triggers that stand in the database to it.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

NO_DELETE = (
    *("account", "grant", "token", "chain", "study", "studyversion", "site", "activation", "participant"),
    *("identity", "screening", "consent", "deviation", "record", "secondentry", "query", "verification"),
    *("signature", "allocationlist", "envelope", "allocation", "unblinding", "batch", "kit", "dose"),
    *("act", "change"),
    *("evidencefile", "batchevidence", "evidencereview", "batchrelease", "materialentry"),
    *("kitmovement", "stockcount"),
    "doseplan",
)
"""Tables of which no row is ever deleted."""

FIXED = (
    "act",
    "studyversion",
    "envelope",
    "allocation",
    "unblinding",
    "consent",
    "screening",
    "dose",
    "activation",
    "evidencefile",
    "batchevidence",
    "evidencereview",
    "batchrelease",
    "materialentry",
    "kitmovement",
    "stockcount",
    "doseplan",
)
"""Tables of which no row ever changes: what happened is not corrected but followed by another row."""

REFUSE = " BEGIN RAISE EXCEPTION 'exotrial: %', TG_ARGV[0]; END "
"""The body of PostgreSQL's function that every guard calls."""

_REDACTION = (
    "NEW.redacted AND NOT OLD.redacted AND NEW.act_id = OLD.act_id AND NEW.position = OLD.position "
    'AND NEW."table" = OLD."table" AND NEW."row" = OLD."row" AND NEW.field = OLD.field '
    "AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.salt = ''"
)
"""The one update of a change that passes: its values are emptied, all else stays."""


def guard_statements(vendor: str, *, tables: Container[str] | None = None) -> dict[str, str]:
    """The statement of every guard, by trigger name; only of the tables named, where some are."""
    make = _postgresql if vendor == "postgresql" else _sqlite
    found: dict[str, str] = {}
    for table in NO_DELETE:
        found |= make(table, "delete", "", f"rows of {table} are never deleted")
    for table in FIXED:
        found |= make(table, "update", "", f"rows of {table} never change")
    found |= make("change", "update", f"NOT ({_REDACTION})", "the trail never changes")
    if tables is None:
        return found
    return {name: text for name, text in found.items() if f"store_{_table_of(name)}" in tables}


def _sqlite(table: str, event: str, when: str, says: str) -> dict[str, str]:
    name = f"guard_{table}_{event}"
    condition = f" WHEN {when}" if when else ""
    return {
        name: f"CREATE TRIGGER {name} BEFORE {event.upper()} ON store_{table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, 'exotrial: {says}'); END"
    }


def _postgresql(table: str, event: str, when: str, says: str) -> dict[str, str]:
    name = f"guard_{table}_{event}"
    condition = f" WHEN ({when})" if when else ""
    statements = {
        name: f"CREATE TRIGGER {name} BEFORE {event.upper()} ON store_{table} "
        f"FOR EACH ROW{condition} EXECUTE FUNCTION exotrial_refuse('{says}')"
    }
    if event == "delete":
        statements[f"guard_{table}_truncate"] = (
            f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON store_{table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION exotrial_refuse('{says}')"
        )
    return statements


def create_guards(connection: Any) -> None:
    """Create every guard that is not there, on the tables that are: each migration adds those of its tables."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        there = _guards_there(connection.vendor, cursor)
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION exotrial_refuse() RETURNS trigger LANGUAGE plpgsql AS $${REFUSE}$$"
            )
        for name, statement in guard_statements(connection.vendor, tables=tables).items():
            if name not in there:
                cursor.execute(statement)


def drop_guards(connection: Any) -> None:
    """Drop every guard: to make it again in the same transaction, or to go back to a version before them."""
    with connection.cursor() as cursor:
        for name in guard_statements(connection.vendor, tables=connection.introspection.table_names()):
            on = f" ON store_{_table_of(name)}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _guards_there(vendor: str, cursor: Any) -> set[str]:
    postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    cursor.execute(postgresql if vendor == "postgresql" else sqlite)
    return {name for (name,) in cursor.fetchall()}


def _table_of(guard: str) -> str:
    return guard.removeprefix("guard_").rsplit("_", 1)[0]
