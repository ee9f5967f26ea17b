"""Batches, kits and doses: nothing is given before it may be, and no refusal tells why it must not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import MATRIX, Role, is_blind
from exotrial.store.models import Dose, Kit
from exotrial.store.models.audit import Change
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import dose, enrol, pack
from tests.trial import Trial


def refused(trial: Trial, code: str, name: str, role: Role = Role.CARE_PROVIDER, /, **data: Any) -> str:
    with pytest.raises(Refusal, match=code) as caught:
        trial.do(name, role, **data)
    return str(caught.value)


def randomised(trial: Trial, *, level: str = "none") -> tuple[str, str]:
    """A randomised participant's code and the kit that the allocation names."""
    code = enrol(trial, level=level)
    return code, trial.do("randomise", participant=code).kit


def packed(trial: Trial, *, batches: dict[str, str] | None = None, release: bool = True) -> None:
    """Every kit of the sealed list, packed with what the list says, each arm from a batch of its own."""
    codes = batches or {"exosomes": "EXO-1", "control": "SAL-1"}
    for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
        pack(trial, kit.number, arm=kit.arm, batch=codes[kit.arm], release=release)


@pytest.mark.requirement(33)
def test_a_life_in_order_from_screening_to_completion(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    assert trial.do("assign_kit", Role.CARE_PROVIDER, participant=code).kit == kit
    first = dose(trial, code, kit, amount="1e8 particles/kg")
    second = dose(trial, code, kit, complete=False)
    assert (first.number, second.number, second.status) == (1, 2, "on treatment")
    trial.do("end_treatment", participant=code, reason="as planned")
    refused(
        trial,
        "LIF-001",
        "record_dose",
        participant=code,
        kit=kit,
        begun_at=trial.now.isoformat(),
        complete=False,
    )
    ended = trial.do(
        "end_participation",
        participant=code,
        kind="completed",
        ended_at=trial.now.isoformat(),
        reason="day 60 done",
    )
    assert ended.status == "completed"
    assert not verify_trail(trial.opened).problems


@pytest.mark.requirement(33)
def test_every_step_out_of_order_is_refused(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code = enrol(trial, level="none")
    now = trial.now.isoformat()
    refused(trial, "KIT-010", "assign_kit", participant=code)
    number = Kit.objects.order_by("number")[0].number
    told = {"participant": code, "begun_at": now, "ended_at": now, "complete": True}
    refused(trial, "KIT-010", "record_dose", kit=number, **told)
    ended = {"participant": code, "ended_at": now, "reason": "for a test"}
    refused(trial, "LIF-001", "end_participation", Role.COORDINATOR, kind="completed", **ended)
    kit = trial.do("randomise", participant=code).kit
    refused(trial, "KIT-012", "record_dose", kit=kit, **told)
    other = next(one.number for one in Kit.objects.all() if one.number != kit)
    refused(trial, "KIT-012", "assign_kit", participant=code, kit=other)
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    refused(trial, "KIT-011", "assign_kit", participant=code)
    refused(trial, "KIT-012", "record_dose", kit=other, **told)
    refused(trial, "KIT-014", "record_dose", kit=kit, **told)
    assert not Dose.objects.exists()


@pytest.mark.requirement(33, 60)
def test_nobody_withdrawn_or_asked_for_consent_anew_gets_a_dose(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    trial.do(
        "withdraw_consent",
        participant=code,
        scope="treatment",
        data_use="all",
        withdrawn_at=trial.now.isoformat(),
    )
    told = {"participant": code, "kit": kit, "begun_at": trial.now.isoformat(), "complete": False}
    refused(trial, "LIF-001", "record_dose", **told)


def test_times_of_a_dose_are_held_to_each_other_and_to_now(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    randomised_at = trial.now
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    second = timedelta(seconds=1)
    told: dict[str, Any] = {"participant": code, "kit": kit, "complete": True}

    def times(begun: datetime, ended: datetime | None) -> dict[str, Any]:
        return told | {"begun_at": begun.isoformat(), "ended_at": ended.isoformat() if ended else None}

    now = trial.now + timedelta(minutes=1)
    refused(trial, "LIF-002", "record_dose", **times(now + second, now + second))
    now = trial.now + timedelta(minutes=1)
    refused(trial, "LIF-002", "record_dose", **times(now, now + second))
    refused(trial, "KIT-014", "record_dose", **times(randomised_at - second, trial.now))
    refused(trial, "KIT-015", "record_dose", **times(trial.now, trial.now - second))
    refused(trial, "KIT-017", "record_dose", **times(trial.now, None))
    now = trial.now + timedelta(minutes=1)
    assert trial.do("record_dose", Role.CARE_PROVIDER, **times(randomised_at, now)).number == 1
    refused(trial, "KIT-016", "record_dose", **times(randomised_at, now))


# The batch's last day is 2021-06-30, which ends in Tehran (UTC+4:30 in summer) at 19:30 UTC.
@pytest.mark.requirement(42)
@pytest.mark.parametrize(("clock", "fits"), [((19, 29, 59), True), ((19, 30, 0), False)])
def test_a_batch_is_given_until_its_last_day_ends_at_the_site(
    trial: Trial, clock: tuple[int, int, int], fits: bool
) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    begun = datetime(2021, 6, 30, *clock, tzinfo=UTC)
    trial.now = begun
    if fits:
        assert dose(trial, code, kit, at=begun).number == 1
    else:
        with pytest.raises(Refusal, match="KIT-013"):
            dose(trial, code, kit, at=begun)


@pytest.mark.requirement(10, 42)
@pytest.mark.parametrize("why", ["unreleased", "recalled", "expired"])
def test_a_kit_that_must_not_be_given_is_refused_in_the_same_words(trial: Trial, why: str) -> None:
    seal(trial)
    packed(trial, release=why != "unreleased")
    code, kit = randomised(trial)
    if why == "unreleased":
        said = refused(trial, "KIT-013", "assign_kit", participant=code)
    else:
        trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
        if why == "recalled":
            for batch in ("EXO-1", "SAL-1"):
                trial.do("recall_batch", Role.PHARMACIST, code=batch, reason="particles seen")
        else:
            trial.now = datetime(2021, 7, 1, 8, 0, tzinfo=UTC)
        with pytest.raises(Refusal, match="KIT-013") as caught:
            dose(trial, code, kit)
        said = str(caught.value)
    assert said == (
        f"KIT-013: kit: the kit {kit} must not be given; put it aside and ask the pharmacist, who sees why; "
        "a dose given all the same is reported as a deviation."
    )
    assert not Dose.objects.exists()


@pytest.mark.requirement(42)
def test_a_recall_names_the_exposed_to_who_knows_arms_alone(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(trial, code, kit)
    arm = next(one.arm for one in trial.do("show_kits", Role.PHARMACIST).kits if one.number == kit)
    batch = {"exosomes": "EXO-1", "control": "SAL-1"}[arm]
    before = trial.do("list_kits", Role.MONITOR)
    found = trial.do("recall_batch", Role.PHARMACIST, code=batch, reason="particles seen")
    assert [(one.kit, one.participant, one.doses) for one in found.kits if one.participant] == [
        (kit, code, 1)
    ]
    shown = trial.do("show_exposed", Role.SAFETY_BOARD, code=batch)
    assert shown.kits == found.kits
    # What everybody sees of the kits does not change, or who shares a batch would be seen.
    assert trial.do("list_kits", Role.MONITOR) == before
    for role in Role:
        if is_blind(role):
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do("show_exposed", role, code=batch)
    refused(trial, "KIT-003", "recall_batch", Role.PHARMACIST, code=batch, reason="again")
    refused(trial, "KIT-003", "release_batch", Role.PHARMACIST, code=batch, reason="again")


def test_a_kit_is_packed_with_what_the_list_says(trial: Trial) -> None:
    seal(trial)
    kit = trial.do("show_packing_list", Role.PHARMACIST).kits[0]
    wrong = {"exosomes": "control", "control": "exosomes"}[kit.arm]
    pack(trial, "SPARE-1", arm=kit.arm)
    told = {"number": kit.number, "batch": "B1"}
    refused(trial, "KIT-007", "pack_kit", Role.PHARMACIST, arm=wrong, **told)
    refused(trial, "KIT-006", "pack_kit", Role.PHARMACIST, arm="saline", **told)
    refused(trial, "KIT-002", "pack_kit", Role.PHARMACIST, arm=kit.arm, number=kit.number, batch="B2")
    trial.do("pack_kit", Role.PHARMACIST, arm=kit.arm, **told)
    refused(trial, "KIT-005", "pack_kit", Role.PHARMACIST, arm=kit.arm, **told)
    assert kit.number not in {one.number for one in trial.do("show_packing_list", Role.PHARMACIST).kits}


def test_a_batch_is_registered_once_and_released_from_quarantine(trial: Trial) -> None:
    told = {"code": "EXO-1", "expires_on": "2021-03-10"}
    assert trial.do("register_batch", Role.PHARMACIST, **told).status == "quarantine"
    refused(trial, "KIT-001", "register_batch", Role.PHARMACIST, **told)
    refused(trial, "OPR-007", "release_batch", Role.PHARMACIST, code="EXO-1")
    trial.now += timedelta(days=1)
    refused(trial, "KIT-004", "release_batch", Role.PHARMACIST, code="EXO-1", reason="certificate")
    trial.do("reject_batch", Role.PHARMACIST, code="EXO-1", reason="too old")
    refused(trial, "KIT-003", "release_batch", Role.PHARMACIST, code="EXO-1", reason="certificate")


@pytest.mark.requirement(10)
def test_kits_are_shown_without_content_in_the_order_of_numbers(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    for role in Role:
        if "read recorded data" in MATRIX[role].may:
            kits = trial.do("list_kits", role).kits
            assert [kit.number for kit in kits] == sorted(kit.number for kit in kits)
            assert set(type(kits[0]).model_fields) == {"number", "status", "participant"}


@pytest.mark.requirement(10)
def test_no_batch_code_and_no_arm_is_in_the_trail(trial: Trial) -> None:
    seal(trial)
    packed(trial)
    code, kit = randomised(trial)
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(trial, code, kit)
    for change in Change.objects.filter(table__in=["batch", "kit", "dose", "participant", "allocation"]):
        told = f"{change.old} {change.new}"
        assert not any(word in told for word in ("EXO-1", "SAL-1", "exosomes", "control"))
