"""Kits on their way: what was sent must be received, every vial is accounted for, and nothing of it tells an arm."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission, Role, is_blind, may
from exotrial.store.models import KitMovement
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import seal
from tests.operations.chain_steps import refused
from tests.operations.test_dosing import randomised
from tests.trial import SITE, Trial

BATCHES = {"exosomes": "EXO-1", "control": "SAL-1"}


def packed(trial: Trial, *, vials: int = 2) -> None:
    """Every kit of the sealed list, of so many vials, from released batches."""
    seal(trial)
    for batch in BATCHES.values():
        trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on="2021-06-30")
        trial.do("release_batch", Role.PHARMACIST, code=batch, reason="made up for tests")
    for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
        told: dict[str, Any] = {
            "number": kit.number,
            "arm": kit.arm,
            "batch": BATCHES[kit.arm],
            "vials": vials,
        }
        trial.do("pack_kit", Role.PHARMACIST, **told)


def give(trial: Trial, code: str, kit: str, vial: int, **more: Any) -> Any:
    at = trial.now.isoformat()
    told: dict[str, Any] = {
        "participant": code,
        "kit": kit,
        "vial": vial,
        "begun_at": at,
        "ended_at": at,
        "complete": True,
    }
    return trial.do("record_dose", Role.CARE_PROVIDER, **(told | more))


def states(trial: Trial, kit: str) -> list[str]:
    shown = trial.do("show_accountability", Role.MONITOR).vials
    return [one.state.value for one in shown if one.kit == kit]


def test_a_kit_from_the_pharmacy_to_its_destruction(trial: Trial) -> None:
    packed(trial)
    code, kit = randomised(trial)
    trial.do("ship_kits", Role.PHARMACIST, site=SITE, kits=[kit])
    refused(trial, "KIT-011", "assign_kit", Role.COORDINATOR, participant=code)
    trial.do("receive_kits", Role.COORDINATOR, site=SITE, intact=[kit], temperature="within limits")
    trial.do("assign_kit", participant=code)
    trial.do("dispense_vials", Role.COORDINATOR, participant=code, kit=kit, vials=[1])
    give(trial, code, kit, 1)
    with pytest.raises(Refusal, match="KAC-001"):
        give(trial, code, kit, 1)
    with pytest.raises(Refusal, match="KAC-002"):
        give(trial, code, kit, 0)
    give(trial, code, kit, 2)  # from the shelf: its dose dispenses it
    trial.do("return_vials", Role.COORDINATOR, kit=kit, vials=[1, 2])
    proof: dict[str, Any] = {"kit": kit, "vials": [1, 2], "reason": "empty"}
    refused(trial, "KAC-010", "destroy_vials", Role.COORDINATOR, **proof, witness="COORDINATOR")
    trial.do("destroy_vials", Role.COORDINATOR, **proof, witness="a nurse of the ward")
    shown = trial.do("show_accountability", Role.AUDITOR)
    by_state = {one.state.value: one.vials for one in shown.states}
    assert (by_state["destroyed"], shown.given, shown.difference) == (2, 2, 0)
    assert by_state["at the pharmacy"] == shown.packed - 2
    assert [one.site for one in shown.sites] == [SITE]
    told = [one.what.value for one in trial.do("list_movements", Role.MONITOR, kit=kit).movements]
    assert told == [
        *("shipped", "received", "dispensed", "given", "dispensed", "given", "returned", "destroyed")
    ]
    assert verify_trail(trial.opened).holds


def test_a_warm_shipment_is_put_aside_until_the_pharmacist_clears_it(trial: Trial) -> None:
    packed(trial)
    code, kit = randomised(trial)
    others = [one.number for one in trial.do("list_kits", Role.MONITOR).kits if one.number != kit][:2]
    trial.do("ship_kits", Role.PHARMACIST, site=SITE, kits=[kit, *others])
    told: dict[str, Any] = {"site": SITE, "intact": [kit], "damaged": others[:1], "missing": others[1:]}
    trial.do("receive_kits", Role.COORDINATOR, **told, temperature="out of limits")
    assert states(trial, kit) == ["put aside", "put aside"]
    assert states(trial, others[1]) == ["lost", "lost"]
    refused(trial, "KIT-011", "assign_kit", Role.COORDINATOR, participant=code)
    refused(trial, "OPR-003", "clear_vials", Role.COORDINATOR, kit=kit, vials=[1], reason="fine")
    refused(trial, "OPR-007", "clear_vials", Role.PHARMACIST, kit=kit, vials=[1])
    trial.do("clear_vials", Role.PHARMACIST, kit=kit, vials=[1], reason="2 h at 12 degC do no harm")
    trial.do("assign_kit", participant=code)
    refused(
        trial, "KAC-001", "dispense_vials", Role.COORDINATOR, participant=code, kit=kit, vials=[2]
    )  # still aside
    trial.do("report_vials_found", Role.COORDINATOR, kit=others[1], vials=[1], reason="in the box")
    assert states(trial, others[1]) == ["put aside", "lost"]


def test_a_whole_kit_is_accounted_for_by_its_doses(trial: Trial) -> None:
    packed(trial, vials=0)
    code, kit = randomised(trial)
    trial.do("assign_kit", participant=code)
    give(trial, code, kit, 0)
    give(trial, code, kit, 0)
    assert states(trial, kit) == ["given"]
    assert KitMovement.objects.count() == 2  # dispensed by its first dose, and given
    refused(trial, "KAC-011", "return_vials", Role.COORDINATOR, kit=kit, vials=[1])
    trial.do("return_vials", Role.COORDINATOR, kit=kit)
    give(trial, code, kit, 0)  # a dose that was recorded late
    assert states(trial, kit) == ["returned empty"]


def test_a_count_is_held_to_the_record(trial: Trial) -> None:
    packed(trial)
    kits = [one.number for one in trial.do("list_kits", Role.MONITOR).kits][:2]
    trial.do("ship_kits", Role.PHARMACIST, site=SITE, kits=kits)
    trial.do("receive_kits", Role.COORDINATOR, site=SITE, intact=kits, temperature="not monitored")
    found = [{"kit": kit, "vial": vial} for kit in kits for vial in (1, 2)]
    assert trial.do("count_stock", Role.COORDINATOR, site=SITE, found=found).differences == ()
    counted = trial.do(
        "count_stock", Role.COORDINATOR, site=SITE, found=[*found[1:], {"kit": "X", "vial": 1}]
    )
    assert [(one.kit, one.vial, one.found) for one in counted.differences] == [
        *sorted([(kits[0], 1, False), ("X", 1, True)])
    ]
    refused(trial, "KAC-004", "count_stock", Role.COORDINATOR, site=SITE, found=[found[0], found[0]])
    (last,) = trial.do("show_accountability", Role.SPONSOR).counts
    assert (last.site, last.found, last.differences) == (SITE, 4, 2)


def test_every_kit_holds_the_same_number_of_vials(trial: Trial) -> None:
    packed(trial)
    told = {"number": "X-1", "arm": "exosomes", "batch": "EXO-1"}
    refused(trial, "KIT-009", "pack_kit", Role.PHARMACIST, **told, vials=3)
    refused(trial, "KIT-009", "pack_kit", Role.PHARMACIST, **told)


def test_what_is_asked_of_no_kit_or_of_one_twice_is_refused(trial: Trial) -> None:
    packed(trial)
    kit = trial.do("list_kits", Role.MONITOR).kits[0].number
    for code, name, told in (
        ("KIT-011", "ship_kits", {"site": SITE, "kits": ["NONE"]}),
        ("KAC-004", "ship_kits", {"site": SITE, "kits": [kit, kit]}),
        ("OPR-010", "ship_kits", {"site": "nowhere", "kits": [kit]}),
        ("KAC-001", "receive_kits", {"site": SITE, "intact": [kit], "temperature": "within limits"}),
        (
            "KAC-004",
            "receive_kits",
            {"site": SITE, "intact": [kit], "missing": [kit], "temperature": "within limits"},
        ),
        ("KAC-011", "return_vials", {"kit": kit}),
        ("KAC-002", "return_vials", {"kit": kit, "vials": [3]}),
    ):
        refused(trial, code, name, Role.PHARMACIST, **told)
    assert not KitMovement.objects.exists()


def test_who_may_read_where_kits_are_and_nobody_rewrites_it(trial: Trial) -> None:
    packed(trial)
    kit = trial.do("list_kits", Role.MONITOR).kits[0].number
    trial.do("ship_kits", Role.PHARMACIST, site=SITE, kits=[kit])
    seen = {role: trial.do("show_accountability", role) for role in Role if may(role, Permission.READ_KITS)}
    assert {role for role in seen if is_blind(role)} >= {Role.COORDINATOR, Role.MONITOR, Role.AUDITOR}
    assert len({answer.model_dump_json() for answer in seen.values()}) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        KitMovement.objects.update(what="destroyed")
