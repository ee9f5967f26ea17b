"""The queue of exports: who sees which, what a dead one looks like, and what is left of one after its days."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exotrial.core.errors import Refusal
from exotrial.store.exports import (
    KEPT,
    MOST_WAITING,
    Asked,
    Job,
    Progress,
    State,
    ask_for,
    call_off,
    find_job,
    find_waiting,
    held,
    list_jobs,
    put_files,
    remove_old,
    tell,
)
from exotrial.store.home import Home

NOW = datetime(2021, 3, 10, 8, 0, tzinfo=UTC)
ALICE = Asked(who="alice", study="one", role="", what="tables", title="Data tables", at=NOW)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(folder=tmp_path, keys_folder=tmp_path / "keys")


def state_of(home: Home, job: Job) -> State:
    return find_job(home, job.id, who="alice", study="one", now=NOW).progress.state


def test_an_export_is_found_by_who_asked_for_it_in_its_study_and_by_nobody_else(home: Home) -> None:
    job = ask_for(home, ALICE)
    assert find_job(home, job.id, who="alice", study="one", now=NOW).asked == ALICE
    for wrong in (
        {"who": "charlie", "study": "one"},
        {"who": "alice", "study": "two"},
        {"who": "alice", "study": "one", "id_": "0" * 32},
        {"who": "alice", "study": "one", "id_": f"../exports/{job.id}"},
    ):
        with pytest.raises(Refusal, match="JOB-001"):
            find_job(home, **({"id_": job.id} | wrong), now=NOW)
    assert [one.id for one in list_jobs(home, now=NOW, who="alice", study="one")] == [job.id]
    assert list_jobs(home, now=NOW, who="charlie") == []


def test_the_one_that_waited_longest_is_next_and_one_called_off_is_none(home: Home) -> None:
    first = ask_for(home, ALICE)
    second = ask_for(home, replace(ALICE, at=NOW + timedelta(seconds=1)))
    found = find_waiting(home, now=NOW)
    assert found is not None
    assert found.id == first.id
    call_off(first)
    assert state_of(home, first) is State.CALLED_OFF
    found = find_waiting(home, now=NOW)
    assert found is not None
    assert found.id == second.id


def test_nobody_fills_the_queue(home: Home) -> None:
    for _ in range(MOST_WAITING):
        ask_for(home, ALICE)
    with pytest.raises(Refusal, match="JOB-002"):
        ask_for(home, ALICE)
    ask_for(home, replace(ALICE, who="bob"))


def test_one_that_is_being_made_has_died_as_soon_as_nobody_holds_it(home: Home) -> None:
    job = ask_for(home, ALICE)
    with held(job) as mine:
        assert mine
        tell(job, Progress(state=State.MAKING, step=1, steps=6))
        assert state_of(home, job) is State.MAKING
        with held(job) as other:
            assert not other
    assert state_of(home, job) is State.DIED
    assert find_waiting(home, now=NOW) is None


def test_its_files_are_those_that_were_put_and_only_the_owner_of_the_process_reads_them(home: Home) -> None:
    job = ask_for(home, ALICE)
    put_files(job, {"one-data.zip": b"PK"})
    done = find_job(home, job.id, who="alice", study="one", now=NOW)
    assert done.progress.state is State.DONE
    assert done.read("one-data.zip") == b"PK"
    for name in ("asked.json", "../asked.json", "", "other.zip"):
        with pytest.raises(Refusal, match="JOB-001"):
            done.read(name)
    for path in [home.folder / "exports", *(home.folder / "exports").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_after_its_days_it_is_found_no_more_and_then_taken_away(home: Home) -> None:
    job = ask_for(home, ALICE)
    put_files(job, {"one-data.zip": b"PK"})
    last = NOW + KEPT - timedelta(seconds=1)
    assert find_job(home, job.id, who="alice", study="one", now=last).id == job.id
    assert remove_old(home, now=last) == 0
    with pytest.raises(Refusal, match="JOB-001"):
        find_job(home, job.id, who="alice", study="one", now=NOW + KEPT)
    assert remove_old(home, now=NOW + KEPT) == 1
    assert not job.folder.exists()
