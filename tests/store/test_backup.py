"""Backup and restore: whole, closed, checked, and from either engine into the other (requirements 50, 53)."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.store.backup import backed_up_models, write_backup
from exotrial.store.guards import guard_statements
from exotrial.store.home import connect, disconnect
from exotrial.store.keys import Keys
from exotrial.store.models import Act, Participant, Record
from exotrial.store.restore import restore_backup
from exotrial.store.sealed_stream import PIECE, SealedWriter, open_stream
from exotrial.store.verify import verify_trail
from tests.store.conftest import by_hand, fill, recorded_trial
from tests.trial import ENGINES, Trial, new_database

NOW = datetime(2021, 4, 1, 12, 0, tzinfo=UTC)


def contents() -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    return {
        str(model._meta.model_name): list(model._default_manager.order_by("pk").values())
        for model in backed_up_models()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    disconnect()


@pytest.mark.requirement(50)
@pytest.mark.parametrize("here", ENGINES)
@pytest.mark.parametrize("there", ENGINES)
def test_a_backup_restores_into_either_engine_with_nothing_lost(here: str, there: str, folder: Path) -> None:
    trial = recorded_trial(folder, here)
    before = contents()
    done = write_backup(trial.opened, folder / "b.exo", now=NOW)
    assert done.check is not None
    assert done.check.holds
    assert contents() == before  # back at the installation, which the check did not touch
    home = replace(
        trial.opened.home,
        folder=folder / "again",
        database_url=new_database() if there == "postgresql" else "",
    )
    restored = restore_backup(folder / "b.exo", home)
    assert restored.check.holds
    assert restored.check.guards == len(guard_statements(connection.vendor))
    assert contents() == before
    again = Trial(opened=restored.opened, study=trial.study, now=trial.now, people=trial.people)
    highest = Act.objects.order_by("-pk")[0].pk
    fill(again, "P-100", {"IG.VS": {"PULSE": 60}})  # counters go on after the highest id
    assert Act.objects.order_by("-pk")[0].pk == highest + 1
    assert Participant.objects.filter(code="P-100").exists()
    assert verify_trail(restored.opened).holds


@pytest.mark.requirement(50)
def test_a_backup_tells_nothing_without_the_key(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "b.exo"
    write_backup(trial.opened, file, now=NOW, check=False)
    assert b"P-001" not in file.read_bytes()
    other = replace(
        trial.opened.home, folder=tmp_path / "again", keys_folder=tmp_path / "other", database_url=""
    )
    shutil.copytree(trial.opened.home.keys_folder, other.keys_folder)
    (other.keys_folder / "master.key").chmod(0o600)
    (other.keys_folder / "master.key").write_text("ab" * 32 + "\n")
    with pytest.raises(Refusal, match="BAK-002"):
        restore_backup(file, other)
    assert not other.sqlite_file.exists()


def test_a_backup_of_an_edited_database_is_kept_and_says_so(trial: Trial, tmp_path: Path) -> None:
    by_hand(trial.opened.home, "UPDATE store_site SET name = 'Edited' WHERE code = 'second'")
    done = write_backup(trial.opened, tmp_path / "b.exo", now=NOW)
    assert done.file.exists()
    assert done.check is not None
    assert [problem.where for problem in done.check.problems] == ["site 2 name"]


def test_a_backup_is_never_overwritten_and_leaves_no_half_file(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "b.exo"
    file.write_text("something else")
    with pytest.raises(Refusal, match="BAK-003"):
        write_backup(trial.opened, file, now=NOW)
    assert file.read_text() == "something else"
    with pytest.raises(Refusal, match="BAK-004"):
        write_backup(trial.opened, tmp_path / "nowhere" / "b.exo", now=NOW)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("exotrial.store.backup._write_table", stop)
    with pytest.raises(KeyboardInterrupt):
        write_backup(trial.opened, folder / "c.exo", now=NOW)
    assert [path.name for path in folder.iterdir()] == ["b.exo"]
    assert Record.objects.count() == 2  # the connection is of use as before


def test_a_restore_refuses_what_is_not_empty(trial: Trial, tmp_path: Path) -> None:
    write_backup(trial.opened, tmp_path / "b.exo", now=NOW, check=False)
    home = trial.opened.home
    with pytest.raises(Refusal, match="BAK-005"):
        restore_backup(tmp_path / "b.exo", home)
    connect(home, trial.opened.keys)
    assert verify_trail(trial.opened).holds
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("kept")
    with pytest.raises(Refusal, match="BAK-005"):
        restore_backup(tmp_path / "b.exo", replace(home, folder=tmp_path / "full", database_url=""))


@pytest.mark.requirement(50)
@pytest.mark.parametrize("where", [0, 20, 40, 5000, -1])
def test_one_altered_byte_is_found(where: int, folder: Path) -> None:
    trial = recorded_trial(folder, "sqlite")
    file = folder / "b.exo"
    write_backup(trial.opened, file, now=NOW, check=False)
    data = bytearray(file.read_bytes())
    data[where] ^= 1
    file.write_bytes(data)
    with pytest.raises(Refusal, match=r"BAK-00[12]"):
        restore_backup(file, replace(trial.opened.home, folder=folder / "again"))


@given(st.integers(0, 3 * PIECE), st.integers(0, 60))
def test_a_stream_opens_to_what_was_closed_and_not_when_cut(size: int, cut: int) -> None:
    keys = Keys(bytes(range(32)))
    plain = bytes(size)
    out = io.BytesIO()
    with SealedWriter(out, keys) as writer:
        writer.write(plain)
    sealed = out.getvalue()
    assert b"".join(open_stream(io.BytesIO(sealed), keys)) == plain
    short = sealed[: len(sealed) - 1 - cut]
    with pytest.raises(Refusal, match=r"BAK-00[12]"):
        list(open_stream(io.BytesIO(short), keys))


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_stream_cut_between_two_pieces_does_not_open(pieces: int) -> None:
    keys = Keys(bytes(range(32)))
    out = io.BytesIO()
    with SealedWriter(out, keys) as writer:
        writer.write(bytes(3 * PIECE))
    head = len(b"exotrial-backup 1\n") + 16
    with pytest.raises(Refusal, match="BAK-002"):
        list(open_stream(io.BytesIO(out.getvalue()[: head + pieces * (PIECE + 16)]), keys))


def test_a_file_that_is_none_of_ours_is_refused(folder: Path) -> None:
    trial = recorded_trial(folder, "sqlite")
    (folder / "x").write_text("hello")
    with pytest.raises(Refusal, match="BAK-001"):
        restore_backup(folder / "x", replace(trial.opened.home, folder=folder / "again"))
    with pytest.raises(Refusal, match="BAK-007"):
        restore_backup(folder / "none", replace(trial.opened.home, folder=folder / "again"))
