"""The triggers that stand in the database against those that should (`store/guards.py`)."""

from __future__ import annotations

import re

from django.db import connection

from exotrial.store.guards import REFUSE, guard_statements
from exotrial.store.verification import Problems


def verify_guards(problems: Problems) -> int:
    """Check presence, text and state of every guard, and that there is no other trigger. Gives their number."""
    return _verify(problems, guard_statements(connection.vendor))


def verify_guards_there(problems: Problems) -> int:
    """The same of a database of an older version, which has not all of today's tables."""
    tables = set(connection.introspection.table_names())
    return _verify(problems, guard_statements(connection.vendor, tables=tables))


def _verify(problems: Problems, expected: dict[str, str]) -> int:
    standing = _postgresql(problems) if connection.vendor == "postgresql" else _sqlite()
    for name, statement in expected.items():
        if name not in standing:
            problems.add("guard", name, "the trigger is not there: it was dropped")
        elif _plain(standing[name]) != _plain(statement):
            problems.add("guard", name, "the trigger was replaced by another of the same name")
    for name in sorted(set(standing) - set(expected)):
        problems.add("guard", name, "a trigger that exotrial did not make")
    return len(expected)


def _sqlite() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {str(name): str(sql) for name, sql in cursor.fetchall()}


def _postgresql(problems: Problems) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
        found = cursor.fetchall()
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname = 'exotrial_refuse' "
            "AND pronamespace = current_schema()::regnamespace"
        )
        bodies = [str(row[0]) for row in cursor.fetchall()]
    if bodies != [REFUSE]:
        problems.add(
            "guard", "exotrial_refuse", "the function that every trigger calls was replaced or dropped"
        )
    for name, _, enabled in found:
        if enabled not in ("O", "A"):
            problems.add("guard", str(name), "the trigger is switched off")
    return {str(name): str(text) for name, text, _ in found}


def _plain(statement: str) -> str:
    """A trigger's text without what PostgreSQL adds when it tells it: schema, casts, brackets and quotes."""
    text = re.sub(r"::(?:character varying|text)", "", statement)
    text = re.sub(r"\bON public\.", "ON ", text)
    return re.sub(r'[\s()"]+', "", text).lower()
