"""The genealogy in a trial: entered once, asked both ways, a recall reaches whoever had something of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission, Role, is_blind, may
from exotrial.store.models import Batch, Change, MaterialEntry
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import seal
from tests.operations.chain_steps import BATCH, enter, enter_chain, pack_from_fill, refused, release
from tests.operations.life_steps import dose
from tests.operations.test_dosing import randomised
from tests.trial import Trial


def codes(materials: Any) -> list[str]:
    return [one.code for one in materials]


def whole(trial: Trial) -> tuple[str, str]:
    """A chain down to kits of both arms, and a participant who was given one dose: the code and the kit."""
    seal(trial)
    enter_chain(trial)
    release(trial)
    trial.do("register_batch", Role.PHARMACIST, code="SAL-1", expires_on="2021-06-30")
    enter(trial, "SAL-1", "batch", "40", "vials", SALINE_1="80")
    release(trial, "SAL-1")
    for one in trial.do("show_packing_list", Role.PHARMACIST).kits:
        if one.arm == "exosomes":
            pack_from_fill(trial, one.number)
        else:
            trial.do(
                "pack_kit",
                Role.PHARMACIST,
                number=one.number,
                arm=one.arm,
                batch="SAL-1",
                taken_from="SAL-1",
                amount="1",
            )
    content = {one.number: one.arm for one in trial.do("show_kits", Role.PHARMACIST).kits}
    code, kit = next(
        found for found in (randomised(trial) for _ in content) if content[found[1]] == "exosomes"
    )
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(trial, code, kit)
    return code, kit


def test_the_line_is_asked_both_ways_in_one_question(trial: Trial) -> None:
    code, kit = whole(trial)
    cord = trial.do("show_lineage", Role.PHARMACIST, material="CORD-1")
    assert codes(cord.made_from) == ["D-1"]
    assert codes(cord.made_into)[:5] == ["CELLS-1", "MEDIUM-1", "POOL-1", BATCH, f"VIALS-{BATCH}"]
    assert [(one.code, one.status) for one in cord.batches] == [(BATCH, "released")]
    assert [(one.kit, one.doses) for one in cord.kits if one.participant == code] == [(kit, 1)]
    assert all(one.doses == 0 for one in cord.kits if one.participant != code)
    given = trial.do("show_lineage", Role.SAFETY_BOARD, participant=code, dose=1)
    assert {"D-1", "D-2", "CORD-1", "CORD-2", "SALINE-1", BATCH, f"VIALS-{BATCH}"} <= set(
        codes(given.made_from)
    )
    assert (given.kind, [one.kit for one in given.kits]) == ("dose", [kit])
    assert trial.do("show_lineage", Role.PHARMACIST, kit=kit).made_from == given.made_from
    # The placebo passes the same chain: its lot is asked for in the same way.
    saline = trial.do("show_lineage", Role.PHARMACIST, material="SALINE-1")
    assert {one.code for one in saline.batches} == {BATCH, "SAL-1"}
    assert verify_trail(trial.opened).holds


def test_a_cord_that_is_recalled_stops_its_batch_and_names_who_had_it(trial: Trial) -> None:
    code, kit = whole(trial)
    found = trial.do("recall_material", Role.PHARMACIST, code="CORD-2", reason="the donor has syphilis")
    assert [(one.code, one.status) for one in found.batches] == [(BATCH, "recalled")]
    assert [one.kit for one in found.kits if one.participant == code] == [kit]
    refused(
        trial, "KIT-013", "record_dose", Role.CARE_PROVIDER,
        participant=code, kit=kit, begun_at=trial.now.isoformat(), complete=False,
    )  # fmt: skip
    assert Batch.objects.filter(status="released").count() == 1  # that of saline
    left = {one.code: one for one in trial.do("list_materials", Role.PHARMACIST).materials}
    assert (left["CORD-1"].usable, left["POOL-1"].usable, left["SAL-1"].usable) == (True, False, True)
    refused(trial, "GEN-006", "record_material", Role.PHARMACIST, **_told(trial, "POOL-2", "pool", "POOL-1"))


def test_vials_that_are_recalled_by_themselves_are_given_no_more(trial: Trial) -> None:
    code, kit = whole(trial)
    found = trial.do("recall_material", Role.PHARMACIST, code=f"VIALS-{BATCH}", reason="stoppers leak")
    assert found.batches == ()
    assert kit in {one.kit for one in found.kits}
    assert Batch.objects.filter(status="released").count() == 2
    refused(
        trial, "KIT-013", "record_dose", Role.CARE_PROVIDER,
        participant=code, kit=kit, begun_at=trial.now.isoformat(), complete=False,
    )  # fmt: skip


def test_a_rejected_pool_rejects_its_batch_in_quarantine(trial: Trial) -> None:
    enter_chain(trial)
    refused(trial, "OPR-007", "reject_material", Role.PHARMACIST, code="POOL-1")
    found = trial.do("reject_material", Role.PHARMACIST, code="POOL-1", reason="turbid")
    assert [(one.code, one.status) for one in found.batches] == [(BATCH, "rejected")]
    refused(trial, "KIT-003", "release_batch", Role.PHARMACIST, code=BATCH, reason="again")


def test_a_recalled_batch_is_packed_no_more_and_a_rejected_one_neither(trial: Trial) -> None:
    enter_chain(trial)
    release(trial)
    trial.do("recall_batch", Role.PHARMACIST, code=BATCH, reason="particles seen")
    shown = trial.do("show_lineage", Role.PHARMACIST, material=f"VIALS-{BATCH}")
    assert (shown.itself.usable, shown.itself.remarks[0].material) == (False, BATCH)
    told = {"number": "X-1", "arm": "exosomes", "batch": BATCH, "taken_from": f"VIALS-{BATCH}", "amount": "1"}
    refused(trial, "KIT-003", "pack_kit", Role.PHARMACIST, **told)


def test_no_more_vials_are_packed_than_were_filled(trial: Trial) -> None:
    enter_chain(trial, vials="2")
    pack_from_fill(trial, "K-1")
    pack_from_fill(trial, "K-2")
    with pytest.raises(Refusal, match="GEN-003"):
        pack_from_fill(trial, "K-3")
    told = {"number": "K-4", "arm": "exosomes", "batch": BATCH}
    refused(trial, "KIT-008", "pack_kit", Role.PHARMACIST, **told)
    refused(trial, "KIT-008", "pack_kit", Role.PHARMACIST, **told, taken_from="SALINE-1", amount="1")
    refused(trial, "GEN-004", "pack_kit", Role.PHARMACIST, **told, taken_from=f"VIALS-{BATCH}")
    assert {one.number for one in trial.do("list_kits", Role.MONITOR).kits} == {"K-1", "K-2"}
    trial.do("register_batch", Role.PHARMACIST, code="LOOSE", expires_on="2021-06-30")
    refused(
        trial, "KIT-008", "pack_kit", Role.PHARMACIST,
        number="K-5", arm="exosomes", batch="LOOSE", taken_from="SALINE-1", amount="1",
    )  # fmt: skip


def _told(trial: Trial, code: str, kind: str, source: str, **more: Any) -> dict[str, Any]:
    told = {
        "code": code,
        "kind": kind,
        "at": trial.now.isoformat(),
        "amount": "1",
        "unit": "mL",
        "sources": [{"material": source, "amount": "1"}],
    }
    return told | more


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GEN-001", {"code": "POOL-1"}),
    ("GEN-002", {"sources": [{"material": "NONE", "amount": "1"}]}),
    ("GEN-003", {"sources": [{"material": "POOL-1", "amount": "12.001"}]}),
    ("GEN-004", {"unit": ""}),
    ("GEN-004", {"amount": None}),
    ("GEN-005", {"kind": "tissue"}),
    ("GEN-007", {"sources": []}),
    ("KIT-002", {"kind": "batch"}),
    ("MAT-001", {"kind": "kit"}),
    ("MAT-001", {"kind": "dose"}),
    ("LIF-002", {"at": "2031-01-01T00:00:00Z"}),
    ("OPR-002", {"at": "2021-03-10T09:00:00"}),
    ("OPR-002", {"amount": "1e400x"}),
    ("LBL-002", {"donation_number": "G1517 20 600001 B"}),
    ("LBL-001", {"donation_number": "12"}),
)


def test_what_cannot_be_is_refused_and_nothing_is_kept(trial: Trial) -> None:
    enter_chain(trial)
    before = MaterialEntry.objects.count()
    for code, change in WRONG:
        told = _told(trial, "X", "fill", "POOL-1") | change
        refused(trial, code, "record_material", Role.PHARMACIST, **told)
        assert MaterialEntry.objects.count() == before


def test_a_donation_number_is_held_to_its_check_character(trial: Trial) -> None:
    shown = enter(
        trial, "D-1", "donor", more={"donation_number": "G1517 20 600001 A", "description": "a cord"}
    )
    assert (shown.donation_number, shown.entered_by) == ("G151720600001", "pharmacist")


def test_a_deviation_is_told_and_stops_nothing(trial: Trial) -> None:
    enter_chain(trial)
    told = trial.do(
        "report_material_deviation", Role.PHARMACIST, code="CORD-1", reason="5 h to the laboratory"
    )
    assert (told.usable, told.remarks[0].reason) == (True, "5 h to the laboratory")
    assert release(trial).status == "released"


def test_a_material_goes_from_hand_to_hand_without_a_gap(trial: Trial) -> None:
    enter_chain(trial)
    told: dict[str, Any] = {"code": "CORD-1", "given_by": "M1", "taken_by": "D2", "place": "theatre 3"}
    later = {"given_by": "D2", "taken_by": "QC4", "place": "laboratory", "condition": "4.1 degC"}
    at = trial.now.isoformat()
    trial.do("hand_over_material", Role.PHARMACIST, **told, at=at)
    refused(trial, "GEN-009", "hand_over_material", Role.PHARMACIST, **told, at=trial.now.isoformat())
    refused(
        trial, "GEN-010", "hand_over_material", Role.PHARMACIST, **(told | later | {"taken_by": "d2"}), at=at
    )
    refused(trial, "GEN-002", "hand_over_material", Role.PHARMACIST, **(told | {"code": "NONE"}), at=at)
    early = "2021-03-10T08:00:00Z"
    refused(trial, "GEN-005", "hand_over_material", Role.PHARMACIST, **(told | later), at=early)
    now = trial.do("hand_over_material", Role.PHARMACIST, **(told | later), at=trial.now.isoformat())
    assert (now.holder, [one.taken_by for one in now.handovers]) == ("QC4", ["D2", "QC4"])
    trial.do("report_material_deviation", Role.PHARMACIST, code="CORD-1", reason="late")
    line = trial.do("show_lineage", Role.PHARMACIST, material="CORD-1")
    assert [one.place for one in line.custody] == ["theatre 3", "laboratory"]
    assert verify_trail(trial.opened).holds


def test_what_is_no_material_is_refused_in_words_of_its_own(trial: Trial) -> None:
    enter_chain(trial)
    trial.do("register_batch", Role.PHARMACIST, code="LOOSE", expires_on="2021-06-30")
    shown = trial.do("show_lineage", Role.PHARMACIST, material="LOOSE")
    assert (shown.complete, shown.batches[0].status, shown.itself) == (False, "quarantine", None)
    wrong: dict[str, dict[str, Any]] = {
        "MAT-002": {"material": "POOL-1", "kit": "K"},
        "MAT-004": {"material": "NONE"},
        "KIT-011": {"kit": "NONE"},
        "OPR-011": {"participant": "NOBODY", "dose": 1},
    }
    for code, asked in wrong.items():
        refused(trial, code, "show_lineage", Role.PHARMACIST, **asked)
    refused(trial, "MAT-002", "show_lineage", Role.PHARMACIST)


def test_nobody_blind_reads_the_line_and_nothing_of_it_is_in_the_trail(trial: Trial) -> None:
    enter_chain(trial)
    for role in Role:
        if is_blind(role):
            assert not may(role, Permission.HANDLE_PRODUCT)
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do("show_lineage", role, material="CORD-1")
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do("list_materials", role)
    kept = " ".join(str(one) for one in Change.objects.values_list("old", "new"))
    assert "CORD-1" not in kept
    assert "million cells" not in kept
    with pytest.raises(DatabaseError), transaction.atomic():
        MaterialEntry.objects.update(by="somebody")


def test_the_commands_of_the_how_to_do_what_it_says(trial: Trial) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "keep-the-chain.md").read_text()
    trial.now = datetime(2026, 2, 4, tzinfo=UTC)
    asked = re.findall(r"exotrial do (\w+) '(\{.*?\})'", page, flags=re.DOTALL)
    assert len(asked) == 8
    for name, told in asked:
        trial.do(name, Role.PHARMACIST, **json.loads(told))
    line = trial.do("show_lineage", Role.PHARMACIST, kit="1001")
    assert codes(line.made_from) == ["D-1", "CORD-1", "P5-1", "CORD-7", "CORD-7-V"]
    left = {one.code: one.left for one in trial.do("list_materials", Role.PHARMACIST).materials}
    assert (left["CORD-7-V"], left["CORD-7"]) == (0, 0)
