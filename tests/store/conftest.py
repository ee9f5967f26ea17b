"""Fixtures of the store: the trial of the operations' tests, with recorded data in it, and a hand in its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, operation, perform
from exotrial.operations.access import Permission, Role
from exotrial.store.home import Home, disconnect
from exotrial.store.models import Participant, Record, Site
from tests.trial import ENGINES, SITE, Trial, begin_trial


class Fill(Ask):
    """A record's values."""

    code: str
    values: dict[str, Any]


class Filled(Answer):
    record: int
    participant: int


@operation(permission=Permission.RECORD)
def fill_record(act: Act, ask: Fill) -> Filled:
    """Save a participant and a record, as an operation of a study does: the tests need no more of it."""
    person = Participant.objects.filter(study=act.the_study, code=ask.code).first()
    if person is None:
        site = Site.objects.get(study=act.the_study, code=SITE)
        person = act.add(
            Participant(
                study=act.the_study,
                site=site,
                code=ask.code,
                status="screened",
                version=1,
                screened_at=act.now,
            )
        )
    act.participant(ask.code)
    record = Record.objects.filter(participant=person).first()
    if record is None:
        record = act.add(Record(participant=person, form="F.VS", version=1, values=ask.values))
    else:
        act.change(record, values=ask.values, revision=record.revision + 1)
    return Filled(record=record.pk, participant=person.pk)


def fill(trial: Trial, code: str, values: dict[str, Any], *, reason: str = "") -> Filled:
    """Save a record as the coordinator."""
    trial.now += timedelta(minutes=1)
    return perform(
        trial.opened,
        fill_record,
        {"code": code, "values": values, "reason": reason},
        caller=trial.caller(trial.people[Role.COORDINATOR]),
        study=trial.study,
        role=Role.COORDINATOR.value,
        now=trial.now,
    )


def recorded_trial(folder: Path, engine: str) -> Trial:
    """A trial with two participants whose records were filled, and corrected once."""
    trial = begin_trial(folder, engine)
    fill(trial, "P-001", {"IG.VS": {"PULSE": 71, "SPO2": 95.5}, "IG.AE": [{"row": "a", "TERM": "cough"}]})
    fill(trial, "P-002", {"IG.VS": {"PULSE": 88, "NOTE": "naïve ✓"}})
    fill(trial, "P-001", {"IG.VS": {"PULSE": 72, "SPO2": 95.5}}, reason="typed wrongly")
    trial.do("open_site", Role.SPONSOR, code="second", name="Another hospital", zone="Europe/Berlin")
    return trial


@pytest.fixture(params=ENGINES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """A trial with recorded data, on SQLite, then on PostgreSQL."""
    yield recorded_trial(tmp_path, request.param)
    disconnect()


def by_hand(home: Home, *statements: str) -> None:
    """Statements as an intruder runs them: in the file itself or as PostgreSQL's superuser, no trigger in force.

    The triggers stand as before when it is over, so that they do not give the intruder away.
    """
    disconnect()
    if home.database_url:
        with psycopg.connect(home.database_url, autocommit=True) as server:
            server.execute("SET session_replication_role = replica")
            for statement in statements:
                server.execute(statement.encode())
        return
    file = sqlite3.connect(home.sqlite_file, isolation_level=None)
    triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        file.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        file.execute(statement)
    for _, text in triggers:
        file.execute(text)
    file.close()
