"""`exotrial upgrade`, and what every other command does with an installation of another version."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.cli.app import OK, REFUSED, main
from exotrial.store.home import Home, disconnect
from exotrial.store.schema import known_migrations
from tests.store.conftest import by_hand
from tests.store.older_homes import older_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation of an older version on SQLite, which the environment names."""
    made = older_home(tmp_path, "sqlite")
    monkeypatch.setenv("EXOTRIAL_HOME", str(made.folder))
    monkeypatch.setenv("EXOTRIAL_KEYS", str(made.keys_folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return made


COMMANDS = [
    ["serve"],
    ["sign-in", "sponsor"],
    ["status"],
    ["audit", "verify"],
    ["audit", "anchor"],
    ["backup", "b.exo"],
    ["archive", "irct20201202049568n3", "archive"],
    ["validate", "--out", "out"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_other_command_refuses_an_older_and_a_newer_installation(
    command: list[str], home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home.folder)
    monkeypatch.setenv("EXOTRIAL_PASSWORD", "four plain words here")
    assert main(command) == REFUSED
    assert "UPG-001" in (told := capsys.readouterr().err)
    assert "exotrial upgrade" in told
    by_hand(
        home,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_later', '2031-01-01')",
    )
    assert main(command) == REFUSED
    assert "UPG-002" in capsys.readouterr().err
    disconnect()


def test_an_upgrade_says_what_it_did_and_a_second_that_nothing_was_due(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upgrade", "--backup", str(tmp_path / "b.exo")]) == OK
    told = capsys.readouterr()
    last = known_migrations()[-1]
    assert told.err.splitlines() == [
        f"Backing up into {tmp_path / 'b.exo'}, and rehearsing the upgrade on a copy ...",
        f"Upgrading from 0002_guards to {last} ...",
    ]
    assert f"Backup: {tmp_path / 'b.exo'}, " in told.out
    assert f"Upgraded from 0002_guards: {', '.join(known_migrations()[2:])}" in told.out
    assert told.out.rstrip().endswith("All holds.")
    assert main(["upgrade"]) == OK
    assert "nothing was done" in capsys.readouterr().out
    assert main(["audit", "verify"]) == OK
    disconnect()


def test_an_upgrade_into_a_file_that_exists_is_refused(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.exo").write_text("kept")
    assert main(["upgrade", "--backup", str(tmp_path / "b.exo")]) == REFUSED
    assert "BAK-003" in capsys.readouterr().err
    assert (tmp_path / "b.exo").read_text() == "kept"
    assert main(["status"]) == REFUSED
    assert "UPG-001" in capsys.readouterr().err
    disconnect()


def test_upgraded_despite_problems_it_ends_with_1_and_names_them(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(home, "UPDATE store_site SET name = 'Edited'")
    assert main(["upgrade"]) == REFUSED
    assert "UPG-005: data: site 1 name" in capsys.readouterr().err
    for kept in (home.folder / "backups").iterdir():
        kept.unlink()  # of the same second
    assert main(["upgrade", "--despite-problems"]) == 1
    assert "before: data: site 1 name" in capsys.readouterr().out
    disconnect()
