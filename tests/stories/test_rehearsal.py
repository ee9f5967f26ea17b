"""The whole trial of the IRCT record, rehearsed: what the report tells is what is in the store."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.simulation.rehearsal import Rehearsal, rehearse
from exotrial.report.build import build_report, read_report_input
from exotrial.report.write import render_report, write_files
from exotrial.store.home import Opened, disconnect, open_home
from exotrial.store.models import Account, Allocation, Dose, Participant, Screening, Unblinding
from exotrial.store.verify import verify_trail
from tests.trial import IRCT, STUDIES, make_home_for


@dataclass(frozen=True)
class Told:
    """The rehearsal, and the tables and words of the report of its data."""

    done: Rehearsal
    out: Path
    opened: Opened

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.out / "report" / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def words(self) -> str:
        html = (self.out / "report" / "report.html").read_text(encoding="utf-8")
        return " ".join(re.sub(r"<[^>]*>", " ", html).split())


pytestmark = pytest.mark.xdist_group("rehearsal")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("rehearsal")
    source = (STUDIES / IRCT / "study.toml").read_text(encoding="utf-8")
    home = make_home_for(folder, "sqlite")
    done = rehearse(source, home=home, out=folder / "out", seed=1)
    given = read_report_input(folder / "out")
    write_files(render_report(build_report(given), files=given.files), folder=folder / "out" / "report")
    yield Told(done, folder / "out", open_home(home))
    disconnect()


def test_the_flow_of_the_report_is_that_of_the_store(told: Told) -> None:
    counts = {(row["group"], row["step"]): row["n"] for row in told.rows("flow-counts")}
    randomised = Participant.objects.exclude(randomised_at=None)
    assert counts["", "Assessed for eligibility"] == str(Participant.objects.count()) == "80"
    assert counts["", "Excluded"] == str(Participant.objects.filter(status="screen failure").count()) == "8"
    assert counts["", "Randomised"] == str(randomised.count()) == "72"
    for group in ("Intervention group", "Control group"):
        assert counts[group, f"Allocated to {group}"] == "36"
    for step, found in (
        ("Received a first dose", Dose.objects.values("participant").distinct().count()),
        ("Died", Participant.objects.filter(status="died").count()),
        ("Withdrew", Participant.objects.filter(status="withdrawn").count()),
    ):
        of_arms = [int(n) for (group, name), n in counts.items() if name == step and group]
        assert sum(of_arms) == found > 0


def test_the_sealed_lists_gave_as_many_to_each_arm(told: Told) -> None:
    assert told.done.arms == {"control": 36, "exosomes": 36}
    assert Allocation.objects.count() == 72


def test_the_flow_is_by_arm_once_the_study_is_unblinded(told: Told) -> None:
    account = Account.objects.get(username="sponsor")
    asked = find_operations()["show_progress"]
    flow: Any = perform(told.opened, asked, {}, caller=Caller(account=account), study=told.done.study)
    assert [(one.name, one.allocated) for one in flow.groups] == [
        ("Intervention group", 36),
        ("Control group", 36),
    ]
    assert not flow.blinded
    assert sum(one.died for one in flow.groups) == Participant.objects.filter(status="died").count()
    assert (flow.assessed, flow.excluded, flow.entered, flow.planned) == (80, 8, 72, 72)


def test_one_participant_was_screened_twice(told: Told) -> None:
    assert Screening.objects.count() == Participant.objects.count() + 1


def test_one_emergency_is_in_the_register_and_in_the_report(told: Told) -> None:
    (row,) = Unblinding.objects.filter(kind="emergency")
    assert row.participant is not None
    (shown,) = told.rows("unblinding")
    assert row.participant.code.endswith(shown["participant"])
    assert shown["who"] == "investigator"
    assert "1 participant of 72 was unblinded before the end." in told.words()


def test_trail_and_allocation_hold_at_the_end(told: Told) -> None:
    assert verify_trail(told.opened).holds
    assert told.done.verified == 28  # 14 checks for each of two lists


def test_the_report_says_that_participants_are_made_up(told: Told) -> None:
    words = told.words()
    assert "Synthetic: the participants of this study were made by a computer." in words
    assert "Unblinded as planned on " in words
    names = {path.name for path in (told.out / "report").iterdir()}
    assert {"report.html", "report.pdf", "report.docx", "results.json"} <= names


def test_adverse_events_are_counted_among_the_72(told: Told) -> None:
    assert "All participants (n = 72)" in told.words()
    terms = {row["term"] for row in told.rows("adverse-event-terms")}
    assert {"bronchospasm", "respiratory failure"} <= terms
