"""Whole lives: the single-arm trials, and any order of steps that anybody may try."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.participants.disposition import State
from exotrial.store.home import disconnect
from exotrial.store.models import Consent, Dose, Participant, Screening
from exotrial.store.models.audit import Act
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import CHICTR, MEXCOVID, consent, dose, enrol, pack, screen
from tests.trial import ENGINES, IRCT, SITE, Trial, begin_trial


@pytest.fixture(params=[(engine, *study) for engine in ENGINES for study in (CHICTR, MEXCOVID)])
def single_arm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """The two trials without a control arm, on both engines."""
    engine, study, site = request.param
    yield begin_trial(tmp_path, engine, study=study, site=site)
    disconnect()


def site_of(trial: Trial) -> str:
    return dict([CHICTR, MEXCOVID, (IRCT, SITE)])[trial.study]


def test_a_single_arm_trial_goes_from_enrolment_to_dose_without_randomising(single_arm: Trial) -> None:
    trial = single_arm
    code = enrol(trial, site=site_of(trial))
    assert code == f"{site_of(trial).upper()}-0001"
    with pytest.raises(Refusal, match="KIT-011"):
        trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    pack(trial, "K2", batch="B2", release=False)
    pack(trial, "K3")
    # Any ready kit of a released batch will do where everybody gets the same.
    assert trial.do("assign_kit", Role.CARE_PROVIDER, participant=code).kit == "K3"
    for number in range(1, 6):
        assert dose(trial, code, "K3").number == number
    trial.do("end_treatment", participant=code, reason="as planned")
    trial.do(
        "end_participation",
        participant=code,
        kind="completed",
        ended_at=trial.now.isoformat(),
        reason="discharged",
    )
    assert len(trial.do("list_doses").doses) == 5
    assert trial.do("lock_study", Role.SPONSOR, reason="all data are in").still_taking_part == 0
    assert not verify_trail(trial.opened).problems


def test_a_single_arm_trial_has_no_stratum_to_give(single_arm: Trial) -> None:
    code = screen(single_arm, site=site_of(single_arm)).participant
    consent(single_arm, code)
    with pytest.raises(Refusal, match="LIF-013"):
        single_arm.do("enrol", participant=code, stratum_level="none")


STEPS = (
    *("screen", "screen failing", "consent", "withdraw", "enrol", "release", "pack", "assign", "dose"),
    *("end treatment", "complete", "die", "suspend site", "resume site"),
)


def take(trial: Trial, step: str, code: str) -> Any:
    """One step of the sequence, as whoever may take it."""
    now = trial.now.isoformat()
    site = site_of(trial)
    end = {"participant": code, "ended_at": now, "reason": "for a test"}
    match step:
        case "screen":
            return screen(trial, site=site, participant=code)
        case "screen failing":
            return screen(trial, site=site, participant=code, answers={"age": 90})
        case "consent":
            return consent(trial, code)
        case "withdraw":
            told = {"scope": "everything", "data_use": "all", "withdrawn_at": now}
            return trial.do("withdraw_consent", participant=code, **told)
        case "enrol":
            return trial.do("enrol", participant=code)
        case "release":
            return trial.do("release_batch", Role.PHARMACIST, code="B1", reason="for a test")
        case "pack":
            return pack(trial, "K1", release=False)
        case "assign":
            return trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
        case "dose":
            return dose(trial, code, "K1")
        case "end treatment":
            return trial.do("end_treatment", participant=code, reason="for a test")
        case "complete":
            return trial.do("end_participation", kind="completed", **end)
        case "die":
            return trial.do("end_participation", kind="died", **end)
        case "suspend site":
            return trial.do("change_site", Role.SPONSOR, site=site, status="suspended", reason="for a test")
        case _:
            return trial.do("change_site", Role.SPONSOR, site=site, status="active", reason="for a test")


def attempt(trial: Trial, step: str, code: str) -> Refusal | None:
    """Take one step; gives the refusal, if there is one."""
    try:
        take(trial, step, code)
    except Refusal as refusal:
        return refusal
    return None


def may_be_dosed(done: list[str]) -> bool:
    """By hand, and otherwise than the code does it: whether a dose may follow what was done."""

    def last(*steps: str) -> str:
        return next((step for step in reversed(done) if step in steps), "")

    before = done[: done.index("enrol")] if "enrol" in done else []
    screened = [step for step in before if step.startswith("screen")]
    return (
        "enrol" in done
        and screened[-1:] == ["screen"]
        and last("consent", "withdraw") == "consent"
        and {"release", "pack", "assign"} <= set(done)
        and not {"end treatment", "complete", "die"} & set(done)
        and last("suspend site", "resume site") != "suspend site"
    )


@pytest.mark.requirement(33)
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from([0, 4, 8]),
    steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=14),
)
def test_no_order_of_steps_reaches_a_dose_before_consent_eligibility_and_release(
    engine: str, start: int, steps: list[str]
) -> None:
    order = ("screen", "consent", "enrol", "pack", "release", "assign", "dose", "dose")
    with tempfile.TemporaryDirectory() as folder:
        trial = begin_trial(Path(folder), engine, study=CHICTR[0], site=CHICTR[1])
        code: str = trial.do("screen", site=CHICTR[1]).participant
        done: list[str] = []
        try:
            for step in (*order[:start], *steps):
                doses = Dose.objects.count()
                refusal = attempt(trial, step, code)
                if step == "dose":
                    assert (refusal is None) == may_be_dosed(done), (done, refusal)
                if refusal is None:
                    done.append(step)
                else:
                    assert Act.objects.order_by("-pk")[0].code == refusal.code.code
                    assert Dose.objects.count() == doses
            _check_rows()
            assert not verify_trail(trial.opened).problems
        finally:
            disconnect()


def _check_rows() -> None:
    """What the tables say agrees with itself, whichever way they were reached."""
    for given_dose in Dose.objects.select_related("participant"):
        participant = given_dose.participant
        assert participant.enrolled_at is not None
        assert given_dose.begun_at >= participant.enrolled_at
        assert Screening.objects.filter(participant=participant, eligible=True).exists()
        assert Consent.objects.filter(participant=participant, signed_at__lte=given_dose.begun_at).exists()
    for participant in Participant.objects.all():
        assert (participant.ended_at is not None) == (
            State(participant.status) in {State.COMPLETED, State.WITHDRAWN, State.DIED, State.LOST}
        )
