"""Words and rights by which somebody who knows arms could let the blind know."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Kit
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import enrol, pack
from tests.trial import SITE, Trial


@pytest.mark.parametrize("words", [{"amount": "5 mL saline"}, {"note": "saline"}, {"reason": "saline"}])
def test_a_dose_recorded_by_the_pharmacist_has_no_words(trial: Trial, words: dict[str, str]) -> None:
    seal(trial)
    for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
        pack(trial, kit.number, arm=kit.arm)
    code = enrol(trial, level="none")
    kit = trial.do("randomise", participant=code).kit
    trial.do("assign_kit", Role.PHARMACIST, participant=code)
    at = trial.now.isoformat()
    told: dict[str, Any] = {"participant": code, "kit": kit, "begun_at": at, "ended_at": at, "complete": True}
    with pytest.raises(Refusal, match="KIT-018"):
        trial.do("record_dose", Role.PHARMACIST, **told, **words)
    assert trial.do("record_dose", Role.PHARMACIST, **told).number == 1


def test_a_deviation_and_its_reason_by_the_pharmacist_are_kept_from_the_blind(trial: Trial) -> None:
    code = enrol(trial, level="none")
    told = {"participant": code, "happened_on": "2021-03-10", "category": "product handling"}
    told |= {"importance": "minor", "text": "the saline was warm", "reason": "saline of the control arm"}
    trial.do("report_deviation", Role.PHARMACIST, **told)

    def words(role: Role) -> str:
        return repr(trial.do("show_history", role, participant=code).changes)

    for role in (Role.COORDINATOR, Role.AUDITOR):
        assert "saline" not in words(role)
        assert "sealed:" not in words(role)
        assert "kept sealed" in words(role)
    assert "saline of the control arm" in words(Role.UNBLINDED_STATISTICIAN)


def test_what_is_in_a_kit_is_sealed_to_one_length(trial: Trial) -> None:
    """80 letters of a batch code, each six characters in JSON, would make a longer text than a short code."""
    pack(trial, "K-1", arm="control", batch="A")
    pack(trial, "K-2", arm="exosomes", batch="ß" * 80)
    assert len({len(kit.content_sealed) for kit in Kit.objects.all()}) == 1


def test_an_administrator_is_given_no_role_that_knows_arms(trial: Trial) -> None:
    right: dict[str, Any] = {"study": trial.study, "trained_on": "2021-03-01"}
    with pytest.raises(Refusal, match="ACC-009"):  # nobody grants rights to himself, these least
        trial.do("grant_role", Role.ADMINISTRATOR, username="admin", role="safety board", **right)
    with pytest.raises(Refusal, match="ACC-007"):
        trial.do("grant_role", Role.ADMINISTRATOR, username="pharmacist", role="administrator")


def test_who_knew_arms_once_is_not_blind_again(trial: Trial) -> None:
    right: dict[str, Any] = {"study": trial.study, "site": SITE}
    trial.do(
        "revoke_role", Role.ADMINISTRATOR, username="pharmacist", role="pharmacist", reason="left", **right
    )
    with pytest.raises(Refusal, match=r"ACC-007.*was pharmacist"):
        trial.do("grant_role", Role.ADMINISTRATOR, username="pharmacist", role="outcome assessor", **right)


def test_a_role_granted_by_mistake_and_never_usable_leaves_a_person_blind(trial: Trial) -> None:
    right: dict[str, Any] = {"username": "newcomer", "study": trial.study, "site": SITE}
    trial.do(
        "add_account",
        Role.ADMINISTRATOR,
        username="newcomer",
        name="New Comer",
        password="five quite plain words here",
    )
    trial.do("grant_role", Role.ADMINISTRATOR, role="pharmacist", **right)
    trial.do("revoke_role", Role.ADMINISTRATOR, role="pharmacist", reason="mistake", **right)
    trial.do("grant_role", Role.ADMINISTRATOR, role="outcome assessor", **right)
