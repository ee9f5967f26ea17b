"""Where an installation lies, and how Django is told: nothing is read at import, everything is an argument.

EXOTRIAL_HOME   folder of the installation (default `exotrial-home` in the working folder)
EXOTRIAL_KEYS   folder of the key file (default `keys` in the home; better on another disk)
DATABASE_URL    `postgresql://user:password@host/name` for PostgreSQL; SQLite in the home where it is not set
EXOTRIAL_HOSTS  names under which the server may be asked, with commas between
EXOTRIAL_BEHIND_PROXY  `1` to believe X-Forwarded-Proto of the proxy that the server stands behind
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.db import connection, connections

from exotrial.core.errors import ErrorCode

try:
    import fcntl
except ImportError:  # a system without it lets SQLite's own waiting do
    fcntl = None  # type: ignore[assignment]

from exotrial.store.keys import Keys, make_keys, read_keys
from exotrial.store.schema import applied_migrations, apply_migrations, check_schema

NO_HOME = ErrorCode(
    "HOM-001",
    "There is no installation in the folder.",
    "make one with `exotrial init`, or set EXOTRIAL_HOME.",
)
NOT_EMPTY = ErrorCode(
    "HOM-002",
    "There is an installation already.",
    "use it, or give another folder by EXOTRIAL_HOME; nothing was changed.",
)
BAD_URL = ErrorCode(
    "HOM-003",
    "DATABASE_URL is not the address of a PostgreSQL database.",
    "write postgresql://user:password@host:5432/name, or unset it for SQLite.",
)

BUSY_SECONDS = 30
"""How long a writer waits for the one before it; a save takes milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """An installation: its folder, its keys' folder and its database ("" for SQLite in the folder)."""

    folder: Path
    keys_folder: Path
    database_url: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    behind_proxy: bool = False

    @property
    def sqlite_file(self) -> Path:
        return self.folder / "exotrial.sqlite3"


def home_of(environment: Mapping[str, str]) -> Home:
    """The installation that the environment names."""
    folder = Path(environment.get("EXOTRIAL_HOME") or "exotrial-home").resolve()
    hosts = tuple(name.strip() for name in environment.get("EXOTRIAL_HOSTS", "").split(",") if name.strip())
    return Home(
        folder=folder,
        keys_folder=Path(environment.get("EXOTRIAL_KEYS") or folder / "keys").resolve(),
        database_url=environment.get("DATABASE_URL", ""),
        hosts=hosts or Home.hosts,
        behind_proxy=environment.get("EXOTRIAL_BEHIND_PROXY", "") == "1",
    )


@dataclass(frozen=True)
class Opened:
    """An installation that is open: where it is, and its keys."""

    home: Home
    keys: Keys


def make_home(home: Home) -> Opened:
    """Make a new installation: folder, keys, tables, triggers. Refuses with HOM-002 where there is one."""
    if (
        home.database_url
    ):  # the folder may be new, and its database not: no table of an older version is touched
        connect(home, Keys(bytes(32)))
        if applied_migrations():
            raise NOT_EMPTY.refuse("the database holds an installation already", value=home.folder)
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
        keys = make_keys(home.keys_folder)
    except FileExistsError:
        raise NOT_EMPTY.refuse(f"'{home.keys_folder}' holds a key already", value=home.keys_folder) from None
    connect(home, keys)
    apply_migrations()
    return Opened(home, keys)


def open_home(home: Home) -> Opened:
    """Open an installation of this version of exotrial. Refuses with HOM-001, KEY-001 and UPG-001 to UPG-003."""
    opened = open_any_version(home)
    check_schema(applied_migrations())
    return opened


def open_any_version(home: Home) -> Opened:
    """Open an installation whose tables may be those of another version. Refuses with HOM-001, KEY-001, UPG-003."""
    if not home.database_url and not home.sqlite_file.is_file():
        raise NO_HOME.refuse(f"there is no database '{home.sqlite_file}'", value=home.folder)
    keys = read_keys(home.keys_folder)
    connect(home, keys)
    if not applied_migrations():
        raise NO_HOME.refuse("the database holds no tables of exotrial", value=home.folder)
    return Opened(home, keys)


def connect(home: Home, keys: Keys) -> None:
    """Point Django at the installation's database and keys; what was open before is closed."""
    connections.close_all()
    settings.SECRET_KEY = keys.derive("django").hex()
    settings.ALLOWED_HOSTS = list(home.hosts)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if home.behind_proxy else None
    database = connections.configure_settings({"default": database_settings(home)})["default"]
    connections.databases["default"].clear()
    connections.databases["default"].update(database)
    if hasattr(getattr(connections, "_connections"), "default"):  # noqa: B009 - not in the type's stub
        del connections["default"]


@contextmanager
def writing_turn(home: Home) -> Iterator[None]:
    """Wait for one's turn to write: on SQLite in the order of coming, by a lock that the system gives back.

    SQLite lets writers wait by asking again and again, and who has bad luck waits long. PostgreSQL queues by itself.
    """
    if home.database_url or fcntl is None:
        yield
        return
    with (home.folder / "writing.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def disconnect() -> None:
    """Close the connection; the next use opens it again."""
    connection.close()


def database_settings(home: Home) -> dict[str, Any]:
    """Django's DATABASES["default"]. Refuses with HOM-003."""
    if not home.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home.sqlite_file),
            "OPTIONS": {
                # One writer at a time, who waits for the lock when it begins and never in the middle.
                "transaction_mode": "IMMEDIATE",
                "timeout": BUSY_SECONDS,
                # FULL: a commit is on the disk before it is told.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                # Without it, REPLACE deletes a row past the triggers.
                "PRAGMA recursive_triggers=ON;",
            },
            "CONN_MAX_AGE": None,
        }
    url = urlsplit(home.database_url)
    query = dict(parse_qsl(url.query))
    host = query.get("host") or url.hostname
    if url.scheme not in ("postgresql", "postgres") or not host or not url.path.strip("/"):
        raise BAD_URL.refuse(f"DATABASE_URL begins with {url.scheme or 'nothing'}: not a PostgreSQL address")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def environment_home() -> Home:
    """The installation that this process's environment names."""
    return home_of(os.environ)
