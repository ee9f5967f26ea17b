"""Attempts to see or to get more than one has rights to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Kit, Participant, Site, Study
from tests.operations.life_steps import pack
from tests.operations.recorded import DEMOGRAPHICS, put_consented, second_site
from tests.trial import PASSWORD, SITE, Trial


def test_what_is_left_before_the_lock_names_nobody_of_another_site(trial: Trial) -> None:
    second_site(trial)
    put_consented(trial, "P-1")
    put_consented(trial, "Q-1", site="masih")
    trial.add_person("other", Role.COORDINATOR, "masih")
    for code, who in (("P-1", ""), ("Q-1", "other")):
        trial.do(
            "save_form",
            Role.COORDINATOR,
            by=who,
            participant=code,
            form="F.DEMOGRAPHICS",
            values=DEMOGRAPHICS,
            complete=False,
        )
    here = trial.do("show_lock_readiness", Role.COORDINATOR)
    there = trial.do("show_lock_readiness", Role.COORDINATOR, by="other")
    whole = trial.do("show_lock_readiness", Role.SPONSOR)
    assert "P-1" in str(here)
    assert "Q-1" not in str(here)
    assert "P-1" not in str(there)
    assert "P-1" in str(whole)
    assert "Q-1" in str(whole)


def test_a_signature_broken_at_another_site_is_not_told(trial: Trial) -> None:
    second_site(trial)
    put_consented(trial, "Q-1", site="masih")
    trial.add_person("other", Role.COORDINATOR, "masih")
    trial.add_person("doctor", Role.INVESTIGATOR, "masih")
    asked = {"participant": "Q-1", "form": "F.DEMOGRAPHICS", "complete": True}
    trial.do("save_form", Role.COORDINATOR, by="other", values=DEMOGRAPHICS, **asked)
    proof = {"username": "doctor", "password": PASSWORD, "participant": "Q-1", "meaning": "approval"}
    trial.do("sign_participant", Role.INVESTIGATOR, by="doctor", **proof)
    changed = {"IG.DM": DEMOGRAPHICS["IG.DM"] | {"DM.AGE": "53"}}
    trial.do("save_form", Role.COORDINATOR, by="other", values=changed, revision=1, reason="misread", **asked)
    assert "Q-1" in str(trial.do("show_lock_readiness", Role.SPONSOR))
    assert "Q-1" not in str(trial.do("show_lock_readiness", Role.COORDINATOR))


def test_a_pharmacist_of_a_site_is_told_no_participant_of_another(trial: Trial) -> None:
    second_site(trial)
    pack(trial, "K1")
    pack(trial, "K2")
    for number, site in (("K1", SITE), ("K2", "masih")):
        person = Participant.objects.create(
            study=Study.objects.get(slug=trial.study),
            site=Site.objects.get(code=site),
            code=f"OF-{number}",
            status="enrolled",
            version=1,
            screened_at=trial.now,
        )
        Kit.objects.filter(number=number).update(participant=person, status="assigned")
    kits = trial.do("show_kits", Role.PHARMACIST).kits
    assert [kit.participant for kit in kits] == ["OF-K1"]
    exposed = trial.do("show_exposed", Role.PHARMACIST, code="B1").kits
    assert [(kit.kit, kit.participant, kit.site) for kit in exposed] == [
        ("K1", "OF-K1", SITE),
        ("K2", "", "masih"),
    ]


def test_an_administrator_grants_no_right_to_themself(trial: Trial) -> None:
    asked = {"username": "admin", "role": "coordinator", "study": trial.study, "trained_on": "2021-03-01"}
    with pytest.raises(Refusal, match="ACC-009"):
        trial.do("grant_role", Role.ADMINISTRATOR, **asked)
    trial.do("add_account", Role.ADMINISTRATOR, username="second", name="Second", password=PASSWORD)
    trial.do(
        "grant_role", Role.ADMINISTRATOR, username="second", role="administrator", trained_on="2021-03-01"
    )
    trial.do("grant_role", Role.ADMINISTRATOR, by="second", **asked)


def test_the_last_administrator_stays(trial: Trial) -> None:
    with pytest.raises(Refusal, match="ACC-010"):
        trial.do("revoke_role", Role.ADMINISTRATOR, username="admin", role="administrator", reason="leaves")
    with pytest.raises(Refusal, match="ACC-010"):
        trial.do("set_account_active", Role.ADMINISTRATOR, username="admin", active=False, reason="leaves")


def test_another_day_of_training_needs_a_reason(trial: Trial) -> None:
    asked = {"username": "monitor", "role": "monitor", "study": trial.study, "site": SITE}
    with pytest.raises(Refusal, match="OPR-012"):
        trial.do("record_training", Role.ADMINISTRATOR, trained_on="2021-02-01", **asked)
    trial.do("record_training", Role.ADMINISTRATOR, trained_on="2021-02-01", reason="misread", **asked)


def test_a_training_counts_by_the_days_of_the_site(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="auckland", name="Another", zone="Pacific/Auckland")
    trial.add_person("far", Role.COORDINATOR, "auckland")
    asked = {
        "username": "far",
        "role": "coordinator",
        "study": trial.study,
        "site": "auckland",
        "trained_on": "2021-03-11",
        "reason": "was held again",
    }
    trial.now = datetime(2021, 3, 10, 10, 57, tzinfo=UTC)  # 23:57 of the same day there (UTC+13)
    with pytest.raises(Refusal, match="ACC-008"):
        trial.do("record_training", Role.ADMINISTRATOR, **asked)
    trial.now = datetime(2021, 3, 10, 11, 30, tzinfo=UTC)  # half past midnight of the next day there
    trial.do("record_training", Role.ADMINISTRATOR, **asked)
    trial.do("list_participants", Role.COORDINATOR, by="far")


def test_no_study_takes_the_name_of_the_installation(trial: Trial) -> None:
    from exotrial.store.models import StudyVersion

    source = StudyVersion.objects.get(number=1).source.replace(
        f'id = "{trial.study}"', 'id = "installation"', 1
    )
    with pytest.raises(Refusal, match="INS-001"):
        trial.do("begin_study", Role.ADMINISTRATOR, source=source)
