"""The demonstration as built: it holds, its accounts sign in, and its published trials have the tables' numbers."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db.models import Q

from exotrial.cli.demo import find_port
from exotrial.core.errors import Refusal
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import Role
from exotrial.operations.authenticate import sign_in
from exotrial.operations.demo.build import (
    CONDUCTED,
    PASSWORD,
    Demonstration,
    build_demonstration,
    find_demonstration,
    home_in,
)
from exotrial.operations.demo.conducted import shift_recruitment
from exotrial.operations.demo.published import OTHER_UNIT, answer_of
from exotrial.store.home import Opened, disconnect, open_home
from exotrial.store.models import (
    Account,
    Allocation,
    Batch,
    Deviation,
    Dose,
    Participant,
    Query,
    Record,
    Study,
    Unblinding,
)
from exotrial.store.verify import verify_trail
from exotrial.study.items import DataType, Item
from tests.trial import STUDIES

CHICTR, MEXCOVID = "chictr2000030261", "mexcovid"
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.xdist_group("demonstration")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo") / "home"
    build_demonstration(made, studies=STUDIES, now=NOW, participants=10)
    return made


@pytest.fixture
def opened(folder: Path) -> Iterator[Opened]:
    yield open_home(home_in(folder))
    disconnect()


def extracted(opened: Opened, study: str) -> Any:
    caller = Caller(account=Account.objects.get(username="sponsor"), source="test")
    return perform(opened, find_operations()["extract_data"], {}, caller=caller, study=study)


def rows(study: str, name: str) -> list[dict[str, str]]:
    with (STUDIES / study / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_trail_of_all_three_trials_holds(opened: Opened) -> None:
    trail = verify_trail(opened)
    assert trail.holds, trail.problems
    assert {study.slug: study.status for study in Study.objects.all()} == {
        CHICTR: "locked",
        MEXCOVID: "locked",
        CONDUCTED: "running",
    }


def test_there_is_an_account_for_each_role_and_it_signs_in(folder: Path, opened: Opened) -> None:
    found = find_demonstration(folder)
    assert found is not None
    assert {role for _, role in found.accounts} == set(Role)
    assert {username for username, _ in found.accounts} == set(
        Account.objects.values_list("username", flat=True)
    )
    made = sign_in(opened, found.accounts[0][0], PASSWORD, "", source="test")
    assert made.session.account.username == found.accounts[0][0]


def test_the_published_pilot_has_the_participants_and_first_doses_of_its_tables(opened: Opened) -> None:
    people = extracted(opened, CHICTR).tables["participants"]
    column = people.columns.index
    assert [
        {name: row[column(name)] for name in ("USUBJID", "SITEID", "ARMCD", "SEX", "AGE")}
        for row in people.rows
    ] == rows(CHICTR, "participants")
    printed = {
        row["USUBJID"]: date.fromisoformat(row["ADT"])
        for row in rows(CHICTR, "events")
        if row["EVENT"] == "first dose"
    }
    doses = Dose.objects.filter(participant__study__slug=CHICTR).select_related("participant")
    assert {dose.participant.code: dose.begun_at.date() for dose in doses} == printed
    assert doses.count() == len(printed)


def test_every_published_value_that_a_form_asks_for_is_there_to_the_digit_and_no_other(
    opened: Opened,
) -> None:
    table = extracted(opened, CHICTR).tables["measurements"]
    at = table.columns.index
    entered = {
        (row[at("USUBJID")], row[at("PARAMCD")], row[at("AVISIT")]): row[at("AVAL")]
        for row in table.rows
        if row[at("AVAL")] and row[at("AVISIT")]
    }
    asked = {name for _, name, _ in entered}
    printed = {
        (row["USUBJID"], row["PARAMCD"], row["AVISIT"]): row["AVAL"]
        for row in rows(CHICTR, "measurements")
        if row["AVISIT"] in ("BEFORE", "AFTER") and row["PARAMCD"] in asked
    }
    assert asked == {"CRP", "WBC", "LYM", "RESP", "TEMP", "DYSPNOEA"}
    assert entered == printed
    assert len(entered) == 7 * 2 * 6


def test_what_is_not_published_is_missing_and_not_made_up(opened: Opened) -> None:
    before = Record.objects.get(
        participant__code="CHICTR2000030261-1", form="F.VISIT.BEFORE", encounter="before"
    )
    assert before.values["IG.OXYSAT"]["oxysat"] == {"missing": "unknown"}
    assert before.values["IG.VISIT"]["SV.DATE"] == {"missing": "unknown"}
    # Diabetes mellitus is printed of the seventh, and endocrine diseases exclude.
    assert [row.participant.code for row in Deviation.objects.filter(study__slug=CHICTR)] == [  # type: ignore[union-attr]
        "CHICTR2000030261-7"
    ]


def test_of_the_trial_without_published_participants_their_number_alone_is_entered(opened: Opened) -> None:
    people = Participant.objects.filter(study__slug=MEXCOVID)
    assert people.count() == 7
    assert not people.exclude(enrolled_at=None).exists()
    assert not Record.objects.filter(participant__in=people).exists()
    assert not Dose.objects.filter(participant__in=people).exists()


def test_the_trial_under_way_has_something_to_do_for_everybody_today(opened: Opened) -> None:
    people = Participant.objects.filter(study__slug=CONDUCTED)
    assert people.filter(status="in screening").exists()
    records = Record.objects.filter(participant__in=people)
    assert records.filter(status=Record.Status.DRAFT).exists()
    assert Query.objects.filter(Q(status="open") | Q(status="answered"), record__in=records).count() >= 2
    assert Unblinding.objects.filter(study__slug=CONDUCTED).count() == 1
    assert Batch.objects.filter(study__slug=CONDUCTED, status=Batch.Status.QUARANTINE).count() == 1
    serious = [
        row
        for record in records.filter(form="F.AE")
        for row in record.values.get("IG.AE", [])
        if row.get("AE.SER") == "Y"
    ]
    assert serious
    assert Allocation.objects.filter(participant__in=people).count() >= 5
    assert not people.filter(screened_at__gt=NOW).exists()
    asked = find_operations()["list_work"]
    coordinator = Caller(account=Account.objects.get(username="coordinator"), source="test")
    work = perform(opened, asked, {}, caller=coordinator, study=CONDUCTED, now=NOW).waiting
    assert {"visits due", "visits overdue"} <= {one.work.value for one in work}
    study = Study.objects.get(slug=CONDUCTED)
    assert study.unblinded_at is None
    assert not extracted(opened, CONDUCTED).arms_shown


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refusal, match="DMO-002"):
        build_demonstration(tmp_path, studies=STUDIES, now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_the_study_files_nothing_is_built(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="DMO-003"):
        build_demonstration(tmp_path / "home", studies=tmp_path, now=NOW)
    assert find_demonstration(tmp_path / "home") is None


def test_building_that_fails_leaves_the_demonstration_that_was_there(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(folder, home)
    studies = tmp_path / "studies"
    shutil.copytree(STUDIES, studies)
    (studies / CHICTR / "study.toml").write_text("schema_version = 1\n")
    with pytest.raises(Exception, match="STF-"):
        build_demonstration(home, studies=studies, now=NOW, participants=8)
    assert isinstance(find_demonstration(home), Demonstration)
    assert not list(tmp_path.glob(".home*"))
    disconnect()


def test_a_printed_value_of_another_unit_is_refused() -> None:
    item = Item(oid="crp", label="C-reactive protein", data_type=DataType.DECIMAL, unit="mg/L")
    row = {"USUBJID": "1", "PARAMCD": "CRP", "AVAL": "88.40", "AVALU": "mg/L"}
    assert answer_of(row, item) == "88.40"
    with pytest.raises(Refusal) as refused:
        answer_of(row | {"AVALU": "mg/dL"}, item)
    assert refused.value.code is OTHER_UNIT


def test_recruitment_is_shifted_so_that_today_lies_in_it() -> None:
    source = "a = 1\nplanned_start = 2021-03-05\nplanned_end = 2021-05-05\n"
    shifted = shift_recruitment(source, today=date(2026, 3, 10))
    assert shifted == "a = 1\nplanned_start = 2026-01-26\nplanned_end = 2026-03-28\n"
    assert shift_recruitment("a = 1\n", today=date(2026, 3, 10)) == "a = 1\n"


def test_the_command_serves_it_on_the_next_free_port_and_ends_cleanly_on_ctrl_c(
    folder: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(folder, home)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < find_port(port) <= port + 50
        log = tmp_path / "log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", "exotrial", "demo", "--home", str(home), "--port", str(port)],
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        try:
            told = wait_for_address(log)
            assert not told.endswith(f":{port}")
            assert httpx.get(f"{told}/api/health", timeout=10).status_code == 200
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody at once
            assert process.wait(timeout=30) == 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    said = log.read_text()
    assert PASSWORD in said
    assert "--anew builds it as of today" in said  # it was built for a day long ago
    assert all(role.value in said or role.value.replace(" ", "_") in said for role in Role)
    assert "Traceback" not in said


def wait_for_address(log: Path) -> str:
    """The address that the command prints, once the server answers there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = re.search(r"http://localhost:\d+", log.read_text())
        if found is not None:
            try:
                httpx.get(f"{found[0]}/api/health", timeout=5)
            except httpx.TransportError:
                pass
            else:
                return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())
