"""Suspending, locking and amending a study."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Participant, Query, Record, SecondEntry, Signature, Study, StudyVersion
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import enrol, screen
from tests.trial import IRCT, SITE, STUDIES, Trial

SOURCE = (STUDIES / IRCT / "study.toml").read_text()


def do(trial: Trial, name: str, **more: Any) -> Any:
    return trial.do(name, Role.SPONSOR, **({"reason": "for a test"} | more))


def put_record(trial: Trial, status: str = "complete") -> Record:
    participant = Participant.objects.get(code=screen(trial).participant)
    return Record.objects.create(
        participant=participant, form="F.CRP", encounter="day_5", version=1, status=status, values={}
    )


def test_a_suspended_study_screens_nobody_and_goes_on_recording(trial: Trial) -> None:
    code = enrol(trial, level="none")
    do(trial, "suspend_study")
    with pytest.raises(Refusal, match="OPR-005"):
        screen(trial)
    trial.do("end_treatment", participant=code, reason="for a test")
    with pytest.raises(Refusal, match="OPR-005"):
        do(trial, "suspend_study")
    assert do(trial, "resume_study").status == "running"
    assert screen(trial).eligible


@pytest.mark.requirement(55)
@pytest.mark.parametrize("name", ["suspend_study", "lock_study"])
def test_the_state_changes_with_a_reason_and_by_the_sponsor(trial: Trial, name: str) -> None:
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do(name, Role.SPONSOR)
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do(name, Role.COORDINATOR, reason="for a test")


def test_a_lock_names_everything_that_is_left(trial: Trial) -> None:
    draft = put_record(trial, status="draft")
    Query.objects.create(record=draft, key="G/I", messages=[], raised_at=trial.now)
    SecondEntry.objects.create(record=draft, entered_by="x", at=trial.now, differences=[{"key": "G/I"}])
    told = {"subject": f"record:{draft.pk}", "meaning": "reviewed", "signer": "x", "signer_name": "X"}
    study = Study.objects.get()
    Signature.objects.create(study=study, record=draft, signed_at=trial.now, broken_at=trial.now, **told)
    with pytest.raises(Refusal, match="STU-001") as caught:
        do(trial, "lock_study")
    for what in ("draft: 1", "open query: 1", "unsettled second entry: 1", "broken signature: 1", "F.CRP"):
        assert what in str(caught.value)
    assert not trial.do("show_lock_readiness", Role.MONITOR).ready
    Query.objects.update(status="answered")
    Record.objects.update(status="complete")
    SecondEntry.objects.update(settled_at=trial.now)
    # The newest signature with the same meaning counts.
    Signature.objects.create(study=study, record=draft, signed_at=trial.now, **told)
    with pytest.raises(Refusal, match="open query: 1"):
        do(trial, "lock_study")
    Query.objects.update(status="closed")
    assert do(trial, "lock_study").status == "locked"


@pytest.mark.requirement(55, 56)
def test_a_locked_study_is_unlocked_with_a_reason_and_never_after_unblinding(trial: Trial) -> None:
    code = enrol(trial, level="none")
    assert do(trial, "lock_study").still_taking_part == 1
    with pytest.raises(Refusal, match="OPR-005"):
        trial.do("end_treatment", participant=code, reason="late")
    with pytest.raises(Refusal, match="OPR-007"):
        do(trial, "unlock_study", reason="")
    assert do(trial, "unlock_study").status == "suspended"
    assert Study.objects.get().locked_at is None
    do(trial, "lock_study")
    Study.objects.update(status="unblinded", unblinded_at=trial.now)
    with pytest.raises(Refusal, match="OPR-005"):
        do(trial, "unlock_study")
    Study.objects.update(status="locked")
    with pytest.raises(Refusal, match="STU-002"):
        do(trial, "unlock_study")


def test_the_status_counts_participants_by_state(trial: Trial) -> None:
    enrol(trial, level="none")
    screen(trial)
    screen(trial, answers={"age": 70})
    shown = trial.do("status", Role.MONITOR)
    assert {state: n for state, n in shown.participants.items() if n} == {
        "enrolled": 1,
        "in screening": 1,
        "screen failure": 1,
    }


@pytest.mark.requirement(45)
def test_an_amendment_says_what_it_changes_in_the_protocols_words(trial: Trial) -> None:
    changed = SOURCE.replace("at_least = 18, at_most = 65", "at_least = 18, at_most = 70")
    loaded = do(trial, "load_study_version", source=changed)
    assert [one.says for one in loaded.differences] == ["Criterion age: upper limit 65 → 70"]
    assert loaded.differences[0].reconsent
    assert loaded.doubts == ()
    code = enrol(trial, level="none")
    shown = trial.do("show_amendments", Role.COORDINATOR).versions
    assert [(one.version, len(one.differences)) for one in shown] == [(1, 0), (2, 1)]
    assert shown[1].differences[0].path == "population.criteria.age.rule.at_most"
    # The site has not approved version 2 and works by version 1.
    assert trial.do("show_participant", participant=code).listed.version == 1
    assert screen(trial, answers={"age": 66}).status == "screen failure"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('levels = ["none", "nasal cannula"]', 'levels = ["none", "nasal cannula", "mask"]'),
        ("block_sizes = [2, 4, 8]", "block_sizes = [4, 8]"),
        ('method = "stratified permuted blocks"', 'method = "stratified permuted blocks"\nratio = [2, 1]'),
    ],
)
def test_a_sealed_list_keeps_its_arms_ratio_and_strata(trial: Trial, was: str, now: str) -> None:
    assert was in SOURCE
    changed = SOURCE.replace(was, now)
    seal(trial)
    with pytest.raises(Refusal, match="STU-010"):
        do(trial, "load_study_version", source=changed)
    assert StudyVersion.objects.count() == 1
    do(trial, "stop_list", number=1)
    assert do(trial, "load_study_version", source=changed).version == 2


def test_a_site_that_is_closed_is_closed_for_good(trial: Trial) -> None:
    do(trial, "change_site", site=SITE, status="closed")
    with pytest.raises(Refusal, match="SIT-007"):
        do(trial, "change_site", site=SITE, status="active")
