"""Attempts to get past the order of steps, the blinding by amendment, and the reasons that changes need."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Participant, StudyVersion
from tests.operations.allocation_steps import BLOCKS, put_enrolled, seal
from tests.operations.life_steps import consent, enrol, screen
from tests.operations.recorded import put_consent
from tests.trial import SITE, Trial

LABEL = 'label = "double blind"'


def amend(trial: Trial, old: str, new: str) -> int:
    """A next version of the study file, in which one text stands for another."""
    newest = StudyVersion.objects.filter(study__slug=trial.study).order_by("-number").first()
    assert newest is not None
    assert old in newest.source
    loaded = trial.do(
        "load_study_version",
        Role.SPONSOR,
        source=newest.source.replace(old, new, 1),
        reason="an amendment made up for tests",
    )
    version: int = loaded.version
    return version


def approve(trial: Trial, version: int, on: str) -> None:
    trial.do(
        "activate_site", Role.INVESTIGATOR, site=SITE, version=version, approved_on=on, reference="made up"
    )


def code_of(trial: Trial, name: str, role: Role, /, **data: Any) -> str:
    with pytest.raises(Refusal) as refused:
        trial.do(name, role, **data)
    return refused.value.code.code


def test_nobody_is_randomised_on_a_consent_by_an_older_version(trial: Trial) -> None:
    seal(trial)
    code = enrol(trial, level="none")
    version = amend(trial, 'version = "', 'version = "2 of ')
    trial.now += timedelta(days=2)
    approve(trial, version, "2021-03-12")
    assert code_of(trial, "randomise", Role.COORDINATOR, participant=code) == "LIF-006"
    trial.now += timedelta(hours=1)
    consent(trial, code)
    assert trial.do("randomise", participant=code).n == 1


def test_nobody_is_randomised_whose_consent_does_not_hold_or_whose_data_are_frozen(trial: Trial) -> None:
    seal(trial)
    withdrew = put_enrolled(trial, "P1")
    put_consent(trial, withdrew, "withdrawn")
    assert code_of(trial, "randomise", Role.COORDINATOR, participant="P1") == "LIF-005"
    put_enrolled(trial, "P2")
    trial.do("freeze_records", Role.MONITOR, participant="P2", reason="made up")
    assert code_of(trial, "randomise", Role.COORDINATOR, participant="P2") == "LIF-007"
    assert (
        code_of(trial, "correct_stratum", Role.COORDINATOR, participant="P2", stratum="b", reason="x")
        == "LIF-007"
    )


def test_an_amendment_to_open_label_opens_no_arm_that_was_blinded(trial: Trial) -> None:
    seal(trial)
    put_enrolled(trial, "P1")
    put_enrolled(trial, "P2")
    assert trial.do("randomise", participant="P1").arm == ""
    amend(trial, LABEL, 'label = "open label"')
    assert trial.do("randomise", participant="P2").arm == ""
    told = trial.do("list_allocations", Role.COORDINATOR).allocations
    assert [one.arm for one in told] == ["", ""]
    assert not trial.do("extract_data", Role.BLINDED_STATISTICIAN).arms_shown
    trial.do("stop_list", Role.SPONSOR, number=1, reason="to look what is told then")
    assert [one.arm for one in trial.do("list_allocations", Role.COORDINATOR).allocations] == ["", ""]


def test_a_study_that_was_made_open_label_before_its_first_list_is_open_label(trial: Trial) -> None:
    amend(trial, LABEL, 'label = "open label"')
    seal(trial)
    put_enrolled(trial, "P1")
    assert trial.do("randomise", participant="P1").arm != ""


def test_a_corrected_stratum_and_its_level_go_together(trial: Trial) -> None:
    put_enrolled(trial, "P1")
    asked = {"participant": "P1", "stratum": "b", "reason": "made up"}
    assert code_of(trial, "correct_stratum", Role.COORDINATOR, **asked, stratum_level="placebo") == "RAN-106"
    trial.do("correct_stratum", **asked, stratum_level="nasal cannula")
    assert Participant.objects.get(code="P1").stratum_level == "nasal cannula"


def test_a_sealed_deviation_has_one_length_in_the_exported_trail(trial: Trial) -> None:
    for text in ("short", "a text that is longer by far " * 20):
        trial.do(
            "report_deviation",
            Role.PHARMACIST,
            site=SITE,
            happened_on="2021-03-10",
            category="blinding",
            importance="minor",
            text=text,
        )
    told = trial.do("export_trail", Role.AUDITOR)
    rows = [row for row in csv.DictReader(io.StringIO(told.text)) if row["field"] == "text"]
    assert len(rows) == 2
    assert rows[0]["new"] == rows[1]["new"]
    knows = trial.do("export_trail", Role.UNBLINDED_STATISTICIAN)
    assert "sealed:" in knows.text


def test_an_approval_is_dated_by_the_days_of_the_site(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="auckland", name="Another", zone="Pacific/Auckland")
    trial.add_person("far", Role.INVESTIGATOR, "auckland")
    asked = {"site": "auckland", "version": 1, "reference": "made up"}
    trial.now = datetime(2021, 3, 10, 10, 57, tzinfo=UTC)  # 23:57 of the same day there (UTC+13)
    with pytest.raises(Refusal, match="SIT-005"):
        trial.do("activate_site", Role.INVESTIGATOR, by="far", approved_on="2021-03-11", **asked)
    trial.now = datetime(2021, 3, 10, 11, 30, tzinfo=UTC)  # half past midnight of the next day there
    trial.do("activate_site", Role.INVESTIGATOR, by="far", approved_on="2021-03-11", **asked)


@pytest.mark.parametrize("zone", ["", "Asia", "a" * 300, "../Asia/Tehran", "Asia/Tehran/", "utc "])
def test_a_zone_that_is_none_is_refused(trial: Trial, zone: str) -> None:
    asked = {"code": "other", "name": "Other", "zone": zone}
    assert code_of(trial, "open_site", Role.SPONSOR, **asked) in ("SIT-004", "OPR-002")


def test_codes_that_differ_in_case_alone_are_one_code(trial: Trial) -> None:
    screen(trial, code="P-a1")
    assert code_of(trial, "screen", Role.COORDINATOR, site=SITE, code="p-A1") == "LIF-010"


def test_a_chosen_code_never_stands_in_the_way_of_the_next_one(trial: Trial) -> None:
    screen(trial, code=f"{SITE.upper()}-999999")
    assert screen(trial).participant == f"{SITE.upper()}-0001"
    screen(trial, code=f"{SITE}-9999")
    assert screen(trial).participant == f"{SITE.upper()}-10000"
    assert screen(trial).participant == f"{SITE.upper()}-10001"


@pytest.mark.parametrize("nested", ["a = " + "[" * 5000, ".".join("a" * 3000) + " = 1"])
def test_a_study_file_that_is_nested_without_end_is_refused(trial: Trial, nested: str) -> None:
    assert code_of(trial, "load_study_version", Role.SPONSOR, source=nested, reason="x") == "STF-003"


def test_a_list_longer_than_any_trial_is_refused_before_it_is_drawn(trial: Trial) -> None:
    with pytest.raises(Refusals, match="lengths"):
        trial.do(
            "freeze_list",
            Role.UNBLINDED_STATISTICIAN,
            stage="phase_1",
            parameters=BLOCKS,
            lengths={"phase_1/a": 10**9},
        )
