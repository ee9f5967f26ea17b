"""What is offered for export, and the making of it, on both engines."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.allocation.certificate import read_certificate
from exotrial.allocation.export import read_export
from exotrial.allocation.verify import verify_export
from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.exporting import make_export
from exotrial.operations.simulation.rehearsal import rehearse
from exotrial.store.home import disconnect, open_home
from tests.trial import ENGINES, IRCT, STUDIES, Trial, begin_trial, make_home_for


@pytest.fixture(params=ENGINES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    yield begin_trial(tmp_path, request.param)
    disconnect()


def heard(
    trial: Trial, what: str, folder: Path, role: Role = Role.SPONSOR
) -> tuple[dict[str, bytes], list[str]]:
    """The files of an export, and what was said on the way."""
    said: list[str] = []
    files = make_export(
        trial.opened,
        what,
        caller=trial.caller(trial.people[role]),
        study=trial.study,
        role=role.value,
        folder=folder,
        told=lambda step, steps, says: said.append(f"{step}/{steps} {says}"),
    )
    return files, said


def test_before_the_unblinding_a_report_and_the_tables_are_offered_without_arms(trial: Trial) -> None:
    offered = trial.do("list_exports", Role.AUDITOR)
    assert not offered.arms_shown
    assert [one.what for one in offered.exports] == ["report", "tables"]


def test_the_tables_are_those_that_a_report_reads_and_are_the_same_each_time(
    trial: Trial, tmp_path: Path
) -> None:
    first, said = heard(trial, "tables", tmp_path / "first")
    again, _ = heard(trial, "tables", tmp_path / "again")
    assert said == ["1/2 reading the data", "2/2 writing the tables"]
    assert first == again
    (content,) = first.values()
    names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert {f"{IRCT}/study.toml", f"{IRCT}/data/participants.csv", f"{IRCT}/data/measurements.csv"} <= names


def test_what_is_not_offered_is_refused_and_so_is_who_may_not_export(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="XPO-001"):
        heard(trial, "allocation-1", tmp_path / "none")
    with pytest.raises(Refusal, match="OPR-003"):
        heard(trial, "tables", tmp_path / "none", role=Role.COORDINATOR)
    assert not (tmp_path / "none").exists()


def test_after_the_unblinding_each_list_is_offered_and_anyone_can_check_it(tmp_path: Path) -> None:
    home = make_home_for(tmp_path, "sqlite")
    source = (STUDIES / IRCT / "study.toml").read_text(encoding="utf-8")
    rehearse(source, home=home, out=tmp_path / "out", seed=1, participants=5)
    trial = Trial(opened=open_home(home), study=IRCT, people={Role.SPONSOR: "sponsor"})
    files, _ = heard(trial, "allocation-1", tmp_path / "none")
    assert sorted(files) == ["allocation-1.json", "certificate-1.json"]
    certificate = read_certificate(files["certificate-1.json"], name="certificate")
    assert verify_export(read_export(files["allocation-1.json"], name="list"), certificate=certificate).holds
    assert json.loads(files["allocation-1.json"])
    disconnect()
