"""`exotrial validate` from its command to its files, on both engines."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import psycopg
import pytest

from exotrial.cli.app import main
from exotrial.core.errors import Refusal
from exotrial.qualification.check import Check, Outcome, find_checks
from exotrial.qualification.run import engine_of, qualify
from exotrial.qualification.workshop import Workshop
from exotrial.store.examine import drop_guard
from exotrial.store.home import Home, disconnect, open_home
from exotrial.store.models.audit import Act
from exotrial.store.scratch import create_database, drop_database
from exotrial.store.verify import verify_trail
from tests.trial import ENGINES, begin_trial, new_database, postgresql


def databases() -> set[str]:
    with psycopg.connect(postgresql()) as server:
        return {str(row[0]) for row in server.execute("SELECT datname FROM pg_database")}


def point_at(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOTRIAL_HOME", str(home.folder))
    monkeypatch.setenv("EXOTRIAL_KEYS", str(home.keys_folder))
    monkeypatch.setenv("DATABASE_URL", home.database_url)


@pytest.mark.requirement(46)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_installation_passes_and_is_left_as_it_was(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = begin_trial(tmp_path, engine).opened.home
    before, there = Act.objects.count(), databases()
    point_at(home, monkeypatch)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert main(["validate", "--out", str(tmp_path / "out")]) == 0, capsys.readouterr().out
    told = json.loads((tmp_path / "out" / "results.json").read_text())
    assert told["passed"]
    assert {one["check"] for one in told["checks"]} == set(find_checks())
    assert told["environment"]["Installation examined"] == str(home.folder)
    assert {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine] in told["environment"]["Its database"]
    assert len(told["requirements"]) == 65
    assert (tmp_path / "out" / "qualification.pdf").read_bytes().startswith(b"%PDF")
    assert list(temporary.iterdir()) == []
    assert databases() == there
    assert verify_trail(open_home(home)).holds
    assert Act.objects.count() == before
    disconnect()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_installation_without_a_guard_fails_requirement_4(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = begin_trial(tmp_path, engine).opened.home
    drop_guard("guard_act_delete")
    done = qualify(home, checks=[find_checks()["guards_stand"]])
    assert not done.passed
    assert "guard_act_delete: the trigger is not there" in done.results[0].outcome.seen
    disconnect()


def test_a_failed_check_ends_with_1_and_says_what_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = begin_trial(tmp_path, "sqlite").opened.home
    (home.keys_folder / "master.key").chmod(0o644)
    point_at(home, monkeypatch)
    only = {name: one for name, one in find_checks().items() if name == "key_guarded"}
    monkeypatch.setattr("exotrial.qualification.run.find_checks", lambda: only)
    assert main(["validate", "--out", str(tmp_path / "out"), "--engine", "sqlite"]) == 1
    said = capsys.readouterr().out
    assert "FAILED  key_guarded" in said
    assert "rights are 644" in said
    assert (
        json.loads((tmp_path / "out" / "results.json").read_text())["requirements"][59]["result"] == "FAILED"
    )
    disconnect()


def test_without_an_installation_a_scratch_one_is_examined(tmp_path: Path) -> None:
    home = Home(folder=tmp_path / "none", keys_folder=tmp_path / "none" / "keys")
    done = qualify(home, checks=[find_checks()["guards_stand"]])
    assert done.passed
    assert done.examined == ""
    assert not home.folder.exists()


def test_what_stops_a_check_fails_it_and_the_others_go_on(tmp_path: Path) -> None:
    def stop(bench: object) -> Outcome:
        raise engine_of_nothing()

    def go(bench: object) -> Outcome:
        return Outcome(True, "it went on.")

    made = [
        Check(requirements=(1,), name=name, title=name, kind="operation", done="", expected="", run=run)
        for name, run in (("a", stop), ("b", go))
    ]
    done = qualify(Home(folder=tmp_path, keys_folder=tmp_path / "keys"), checks=made)
    assert [result.outcome.passed for result in done.results] == [False, True]
    assert "could not be carried out. VAL-002" in done.results[0].outcome.seen


def engine_of_nothing() -> Refusal:
    with pytest.raises(Refusal) as caught:
        engine_of("mysql://server/name", Home(folder=Path(), keys_folder=Path()))
    return caught.value


def test_the_engine_is_the_installations_unless_another_is_named() -> None:
    home = Home(folder=Path(), keys_folder=Path(), database_url="postgresql://u@h/n")
    assert engine_of("", home) == "postgresql://u@h/n"
    assert engine_of("sqlite", home) == ""
    assert engine_of("postgres://u@h/other", home) == "postgres://u@h/other"
    assert engine_of_nothing().code.code == "VAL-002"


def test_a_user_who_may_make_no_database_is_told_the_way_out() -> None:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE ROLE plain_user LOGIN NOCREATEDB")
    plain = re.sub(r"//[^/@]*@", "//plain_user@", url)
    assert plain != url
    with pytest.raises(Refusal, match=r"VAL-001.*permission denied.*CREATEDB.*--engine sqlite"):
        Workshop(plain).__enter__()
    with pytest.raises(Refusal, match="VAL-001"):
        create_database("postgresql://u:secret@127.0.0.1:1/name")


def test_a_refusal_tells_no_password() -> None:
    with pytest.raises(Refusal) as caught:
        create_database("postgresql://u:secret@127.0.0.1:1/name")
    assert "secret" not in str(caught.value)


def test_only_scratch_databases_are_dropped() -> None:
    url = new_database()
    before = set(databases())  # other tests of this process may have theirs
    with pytest.raises(AssertionError, match="only what create_database made"):
        drop_database(postgresql(), scratch=url)
    scratch = create_database(url)
    drop_database(url, scratch=scratch)
    assert set(databases()) == before
