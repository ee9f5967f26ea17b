"""An installation that an older version made comes to this one whole, or stays as it was (requirements 50, 53)."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.installation import make_installation
from exotrial.operations.server_acts import note_server_act
from exotrial.operations.upgrading import upgrade_installation
from exotrial.store import upgrade
from exotrial.store.backup import BackedUp, backed_up_models, write_backup
from exotrial.store.guards import guard_statements
from exotrial.store.home import Home, Opened, disconnect, open_any_version, open_home
from exotrial.store.models import Act
from exotrial.store.restore import restore_backup
from exotrial.store.schema import applied_migrations, apply_migrations, known_migrations
from exotrial.store.verification import Verification
from exotrial.store.verify import verify_trail
from tests.conftest import PROJECT
from tests.store.conftest import by_hand
from tests.store.older_homes import HOMES, older_home
from tests.trial import ENGINES, IRCT, PASSWORD, Trial, begin_trial, new_database
from tests.web.live import environment_of, serving

NOW = datetime(2021, 6, 1, 12, 0, tzinfo=UTC)
OLDEST = "0002_guards"

Contents = dict[str, list[dict[str, object]]]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    disconnect()


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """An installation of the oldest version, on SQLite, then on PostgreSQL."""
    return older_home(tmp_path, request.param)


ON_SQLITE = pytest.mark.parametrize("home", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("home", ["postgresql"], indirect=True)
"""Where one engine shows it for both: an upgrade takes a second or two."""


def contents(home: Home) -> Contents:
    """Every row of every table, with the columns that the database has."""
    open_any_version(home)
    return {
        str(model._meta.model_name): list(model._default_manager.order_by("pk").values())
        for model in backed_up_models(applied_migrations())
    }


def is_as_it_was(home: Home, before: Contents) -> bool:
    open_any_version(home)
    return applied_migrations()[-1] == OLDEST and contents(home) == before


def test_everything_recorded_is_there_afterwards_and_the_upgrade_is_in_the_trail(home: Home) -> None:
    before = contents(home)
    steps: list[str] = []
    done = upgrade_installation(home, now=NOW, told=steps.append)
    assert done is not None
    assert (done.was, done.applied, done.before) == (OLDEST, known_migrations()[2:], ())
    assert len(steps) == 2
    opened = open_home(home)
    after = contents(home)
    for table, rows in before.items():
        kept = after[table][: len(rows)]
        if table != "chain":  # its head goes on with the act of the upgrade
            assert [{name: row[name] for name in rows[0]} for row in kept] == rows, table
    act = Act.objects.order_by("-pk")[0]
    assert (act.operation, act.who, act.at) == ("upgrade", "(server)", NOW)
    assert act.told.startswith(f"{OLDEST} to {known_migrations()[-1]}; problems before: 0; backup SHA-256 ")
    check = verify_trail(opened)
    assert check.holds
    assert check.guards == len(guard_statements(connection.vendor))
    folder = home.folder / "backups"
    assert [path.name for path in folder.iterdir()] == [
        f"before-{known_migrations()[-1]}-20210601T120000Z.exo"
    ]
    assert folder.stat().st_mode & 0o077 == 0
    assert upgrade_installation(home, now=NOW) is None  # and makes no backup
    assert len(list(folder.iterdir())) == 1
    trial = Trial(opened=opened, study=IRCT, now=NOW, people={Role.PHARMACIST: "pharmacist"})
    trial.do("register_batch", Role.PHARMACIST, code="NEW-1", expires_on="2021-12-31")
    assert verify_trail(opened).holds


def test_an_older_installation_is_opened_by_nothing_but_its_upgrade(home: Home) -> None:
    before = contents(home)
    with pytest.raises(Refusal, match=f"UPG-001: the database has had {OLDEST}") as refused:
        open_home(home)
    assert "exotrial upgrade" in refused.value.remedy
    assert is_as_it_was(home, before)


def test_a_newer_installation_is_opened_by_nothing(home: Home) -> None:
    by_hand(
        home,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_later', '2031-01-01')",
    )
    for opens in (open_home, lambda home: upgrade_installation(home, now=NOW)):
        with pytest.raises(Refusal, match="UPG-002: the database has had 9999_later"):
            opens(home)


def test_a_database_without_tables_is_no_installation(home: Home) -> None:
    disconnect()
    if home.database_url:
        home = replace(home, database_url=new_database())
    else:
        home.sqlite_file.write_bytes(b"")
    for opens in (open_home, open_any_version):
        with pytest.raises(Refusal, match="HOM-001"):
            opens(home)


def test_a_new_installation_is_not_made_over_an_older_one(tmp_path: Path) -> None:
    home = older_home(tmp_path, "postgresql")
    before = contents(home)
    elsewhere = replace(home, folder=tmp_path / "new", keys_folder=tmp_path / "new" / "keys")
    with pytest.raises(Refusal, match="HOM-002"):
        make_installation(elsewhere, username="ada", name="Ada", password=PASSWORD)
    assert not elsewhere.folder.exists()
    assert is_as_it_was(home, before)


def test_whoever_has_it_open_keeps_it_from_being_upgraded(home: Home) -> None:
    before = contents(home)
    disconnect()
    if home.database_url:
        with psycopg.connect(home.database_url), pytest.raises(Refusal, match="UPG-004"):
            upgrade_installation(home, now=NOW)
    else:
        with closing(sqlite3.connect(home.sqlite_file)) as other:
            other.execute("SELECT count(*) FROM store_act").fetchall()
            with pytest.raises(Refusal, match="UPG-004"):
                upgrade_installation(home, now=NOW)
    assert is_as_it_was(home, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_that_nobody_asks_anything_keeps_it_from_being_upgraded(engine: str, tmp_path: Path) -> None:
    home = begin_trial(tmp_path, engine).opened.home
    disconnect()
    with serving(home, tmp_path / "log"):
        by_hand(home, f"DELETE FROM django_migrations WHERE name = '{known_migrations()[-1]}'")
        with pytest.raises(Refusal, match="UPG-004"):
            upgrade_installation(home, now=NOW)


@pytest.fixture
def unrehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup without its rehearsal, which takes most of the time and is tested above."""
    holds = Verification(problems=(), chains=(), rows=0, fields=0, redacted=0, guards=0)

    def write(opened: Opened, file: Path, *, now: datetime) -> BackedUp:
        return replace(write_backup(opened, file, now=now, check=False), check=holds)

    monkeypatch.setattr(upgrade, "write_backup", write)


@ON_SQLITE
@pytest.mark.usefixtures("unrehearsed")
def test_what_was_saved_after_the_backup_is_not_upgraded_past_it(home: Home) -> None:
    opened = open_any_version(home)

    def save(step: str) -> None:
        if step.startswith("Upgrading"):
            note_server_act(opened, "export")

    with pytest.raises(Refusal, match="UPG-004: something was saved"):
        upgrade_installation(home, now=NOW, told=save)
    open_any_version(home)
    assert applied_migrations()[-1] == OLDEST


KILLED = """
import os, signal
from datetime import UTC, datetime
from exotrial.operations import upgrading
from exotrial.store import upgrade
from exotrial.store.home import environment_home

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

upgrade.verify_trail = kill  # the tables are changed by then, and the act is written
upgrading.upgrade_installation(environment_home(), now=datetime(2021, 6, 1, tzinfo=UTC))
"""


@pytest.mark.requirement(51)
@pytest.mark.parametrize("engine", ENGINES)
def test_killed_at_the_last_moment_it_is_as_it_was_and_can_be_upgraded(engine: str, tmp_path: Path) -> None:
    home = older_home(tmp_path, engine)
    before = contents(home)
    disconnect()
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environment_of(home), cwd=PROJECT)
    assert ended.returncode == -signal.SIGKILL
    assert is_as_it_was(home, before)
    disconnect()
    done = upgrade_installation(home, now=NOW, backup=tmp_path / "again.exo")
    assert done is not None
    assert done.check.holds


@ON_POSTGRESQL
def test_an_edit_past_exotrial_is_named_before_anything_is_upgraded(home: Home, tmp_path: Path) -> None:
    by_hand(home, "UPDATE store_site SET name = 'Edited'", "DROP TRIGGER guard_act_delete ON store_act")
    before = contents(home)
    disconnect()
    with pytest.raises(Refusal, match="UPG-005") as refused:
        upgrade_installation(home, now=NOW, backup=tmp_path / "b.exo")
    assert "guard_act_delete: the trigger is not there" in refused.value.problem
    assert "site 1 name: was edited past exotrial" in refused.value.problem
    assert (tmp_path / "b.exo").is_file()
    assert is_as_it_was(home, before)
    disconnect()
    done = upgrade_installation(home, now=NOW, backup=tmp_path / "c.exo", despite_problems=True)
    assert done is not None
    assert [problem.where for problem in done.before] == ["guard_act_delete", "site 1 name"]
    assert [problem.where for problem in done.check.problems] == ["site 1 name"]  # the trigger stands again
    assert "problems before: 2" in Act.objects.order_by("-pk")[0].told


def _fail(_: object) -> None:
    raise IntegrityError("UNIQUE constraint failed: store_kit.number\nDETAIL: Key (number)=(K-1)")


@ON_SQLITE
@pytest.mark.usefixtures("unrehearsed")
def test_tables_that_cannot_be_changed_leave_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(home)
    disconnect()
    monkeypatch.setattr(upgrade, "create_guards", _fail)
    with pytest.raises(Refusal, match="UPG-006: IntegrityError: UNIQUE constraint failed") as refused:
        upgrade_installation(home, now=NOW)
    assert "K-1" not in refused.value.problem
    assert is_as_it_was(home, before)


@ON_POSTGRESQL
@pytest.mark.usefixtures("unrehearsed")
def test_a_trail_that_does_not_hold_afterwards_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(home)
    disconnect()
    apply = apply_migrations

    def apply_and_edit() -> None:
        apply()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE store_site SET name = 'Edited'")

    monkeypatch.setattr(upgrade, "apply_migrations", apply_and_edit)
    with pytest.raises(Refusal, match=r"UPG-006: afterwards the trail does not hold: data: site 1 name"):
        upgrade_installation(home, now=NOW)
    assert is_as_it_was(home, before)


@ON_SQLITE
@pytest.mark.usefixtures("unrehearsed")
def test_a_trigger_that_a_migration_loses_stands_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = apply_migrations

    def apply_and_lose() -> None:
        apply()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER guard_act_update{' ON store_act' if home.database_url else ''}")

    monkeypatch.setattr(upgrade, "apply_migrations", apply_and_lose)
    done = upgrade_installation(home, now=NOW)
    assert done is not None
    assert done.check.holds


@pytest.mark.requirement(50)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_of_an_older_version_is_restored_and_upgraded(engine: str, tmp_path: Path) -> None:
    home = Home(
        folder=tmp_path / "home",
        keys_folder=HOMES / "0002",
        database_url=new_database() if engine == "postgresql" else "",
    )
    restored = restore_backup(HOMES / "0002" / "installation.exo", home)
    assert restored.check.holds
    assert restored.rows["change"] == 1084
    assert verify_trail(open_home(home)).holds
