"""Scratch databases for the qualification of an installation: made on the engine to be tried, removed afterwards."""

from __future__ import annotations

import secrets
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from exotrial.core.errors import ErrorCode
from exotrial.store.home import BAD_URL

NO_SCRATCH = ErrorCode(
    "VAL-001",
    "The PostgreSQL server lets no scratch database be made.",
    "give its user the right CREATEDB, name another user's address with `--engine`, or qualify on SQLite with "
    "`--engine sqlite`; no existing database was touched.",
)


def create_database(url: str, *, like: str = "") -> str:
    """Make a scratch database beside the one that the address names, empty or a copy of another; gives its address.

    Refuses with VAL-001 and HOM-003.
    """
    name = f"exotrial_scratch_{secrets.token_hex(6)}"
    template = database_name(like) if like else "template1"
    _run(
        url, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    )
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def drop_database(url: str, *, scratch: str) -> None:
    """Remove a scratch database, whoever is still in it. `scratch` is its address, `url` another of the server."""
    name = database_name(scratch)
    assert name.startswith("exotrial_scratch_"), "only what create_database made is ever dropped"
    _run(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def database_name(url: str) -> str:
    """The database that an address names."""
    return urlsplit(url).path.strip("/")


def _run(url: str, statement: sql.Composed) -> None:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise BAD_URL.refuse("the address of the engine is not a PostgreSQL address")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.Error as error:
        # The server's words only: an address may hold a password.
        said = error.diag.message_primary or "the server cannot be reached"
        raise NO_SCRATCH.refuse(f"the server says: {said}") from None
