"""Small rehearsals on both engines: what was done is what the plan says, and it is told alike in store and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db.models import Count

from exotrial.core.errors import Refusal
from exotrial.datasets.captured import read_captured
from exotrial.operations.installation import make_installation
from exotrial.operations.simulation.attempts import AFTER_LOCK, AFTER_UNBLINDING, ATTEMPTS
from exotrial.operations.simulation.rehearsal import Rehearsal, rehearse
from exotrial.operations.simulation.steps import Deed
from exotrial.report.build import read_report_input
from exotrial.store.home import disconnect
from exotrial.store.models import (
    Account,
    Deviation,
    Dose,
    Participant,
    Query,
    Record,
    Signature,
    Study,
    Unblinding,
)
from exotrial.study.file import read_study
from tests.trial import ENGINES, IRCT, STUDIES, make_home_for


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    disconnect()


def run(name: str, folder: Path, engine: str = "sqlite", *, participants: int | None = None) -> Rehearsal:
    source = (STUDIES / name / "study.toml").read_text(encoding="utf-8")
    home = make_home_for(folder, engine)
    return rehearse(source, home=home, out=folder / "out", seed=1, participants=participants)


@pytest.mark.parametrize("engine", ENGINES)
def test_eight_go_through_a_randomised_study_to_its_end(tmp_path: Path, engine: str) -> None:
    done = run(IRCT, tmp_path, engine, participants=8)
    plan, study = done.plan, Study.objects.get(slug=IRCT)
    assert study.status == Study.Status.UNBLINDED
    assert Participant.objects.exclude(randomised_at=None).count() == sum(done.arms.values()) == 8
    assert Participant.objects.filter(status="screen failure").count() == len(plan.people) - 8
    assert Participant.objects.filter(status="died").count() >= 1
    assert Participant.objects.filter(status="withdrawn").count() >= 1
    assert not Record.objects.filter(status=Record.Status.DRAFT).exists()
    assert not Query.objects.exclude(status=Query.Status.CLOSED).exists()
    assert Query.objects.exists()
    assert Signature.objects.filter(subject__startswith="participant:", broken_at=None).count() == 8
    assert Deviation.objects.count() == 1
    assert [row.kind for row in Unblinding.objects.order_by("pk")] == ["emergency", "planned"]

    captured = read_captured(tmp_path / "out" / "data")
    early = captured.participants.filter(captured.participants["UNBLFL"] == "Y")
    assert early["USUBJID"].to_list() == [Unblinding.objects.get(kind="emergency").participant.code]  # type: ignore[union-attr]
    assert captured.lock is not None
    assert captured.lock.unblinded_at == study.unblinded_at
    assert not read_report_input(tmp_path / "out").arms_are_hidden

    tried = {attempt.tried for attempt in (*ATTEMPTS, AFTER_LOCK, AFTER_UNBLINDING)}
    assert {refused.tried for refused in done.refused} == tried
    assert done.chain_refused == len(tried)
    assert done.verified > 0
    assert done.traced == done.done["record_dose"] > 0
    arms_come_only_with_the_unblinding(done)


def arms_come_only_with_the_unblinding(done: Rehearsal) -> None:
    """Two extracts of the same locked data, before and after, differ in the arms alone."""
    before, after = (data.tables["participants"] for data in (done.blinded, done.data))
    arm = before.columns.index("ARMCD")
    assert {row[arm] for row in before.rows} == {""}
    assert sum(row[arm] in ("exosomes", "control") for row in after.rows) == 8
    assert done.blinded.lock is not None
    assert done.blinded.lock.unblinded_at is None
    for one, other in zip(before.rows, after.rows, strict=True):
        assert one[:arm] + one[arm + 1 :] == other[:arm] + other[arm + 1 :]
    for name, table in done.blinded.tables.items():
        assert name == "participants" or table == done.data.tables[name]


def ends_locked_and_without_arms_to_open(done: Rehearsal, data: Path, *, count: int) -> None:
    """A single-arm study: everybody has the one arm, and there is nothing to unblind."""
    study = Study.objects.get(slug=done.study)
    assert (study.status, study.unblinded_at) == (Study.Status.LOCKED, None)
    assert done.arms == {"exosomes": count}
    assert done.verified == 0
    captured = read_captured(data)
    doses = captured.events.filter(captured.events["EVENT"] == "first dose")
    assert doses.height == Participant.objects.exclude(enrolled_at=None).count() == count
    assert captured.measurements.height > 0
    assert not [finding for finding in done.data.findings if finding.severity == "error"]


def test_mexcovid_with_five_inhalations_each_goes_through(tmp_path: Path) -> None:
    done = run("mexcovid", tmp_path)
    ends_locked_and_without_arms_to_open(done, tmp_path / "out" / "data", count=7)
    assert (
        max(Dose.objects.values_list("participant").annotate(n=Count("pk")).values_list("n", flat=True)) == 5
    )


def test_the_same_seed_gives_the_same_tables_where_no_arm_is_drawn(tmp_path: Path) -> None:
    tables = []
    for name in ("first", "second"):
        done = run("chictr2000030261", tmp_path / name, participants=5)
        data = tmp_path / name / "out" / "data"
        ends_locked_and_without_arms_to_open(done, data, count=5)
        tables.append({path.name: path.read_bytes() for path in data.glob("*.csv")})
        disconnect()
    assert tables[0] == tables[1]
    assert len(tables[0]) == 7
    assert read_study(tmp_path / "first" / "out")[0].synthetic
    assert done.done["save_form"] > sum(step.deed is Deed.SAVE for step in done.plan.steps)


def test_a_folder_with_files_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(Refusal, match="SIM-001"):
        run("chictr2000030261", tmp_path)
    assert not (tmp_path / "home").exists()


def test_a_database_that_holds_an_installation_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    home = make_home_for(tmp_path, "postgresql")
    make_installation(home, username="admin", name="Ada Admin", password="four plain words here")
    other = replace(home, folder=tmp_path / "other", keys_folder=tmp_path / "other" / "keys")
    source = (STUDIES / "chictr2000030261" / "study.toml").read_text(encoding="utf-8")
    with pytest.raises(Refusal, match="HOM-002"):
        rehearse(source, home=other, out=tmp_path / "out", seed=1)
    assert list(Account.objects.values_list("username", flat=True)) == ["admin"]
