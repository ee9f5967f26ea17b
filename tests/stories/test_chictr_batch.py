"""The ChiCTR pilot's product from one cord to seven participants' doses, with the numbers that the paper gives.

Codes, amounts and the day of the cord are made up, and the calendar is two years later than the paper's; days of
treatment, clock times, volume, concentrations and the process are the paper's. What it does not give is not filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exotrial.operations.access import Role
from exotrial.product.assay import assay_file
from exotrial.product.process import check_process, find_process
from exotrial.product.process_record import read_process_record
from exotrial.store.home import disconnect
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import CHICTR, definition, enrol
from tests.trial import Trial, begin_trial

ZONE = ZoneInfo("Asia/Tehran")
FIRST_DAYS = {1: (2, 27), 2: (2, 27), 3: (2, 27), 4: (2, 27), 5: (4, 1), 6: (4, 4), 7: (8, 23)}
"""Month and day of each patient's first treatment: the paper's Table 1."""
CLOCK = ((8, 30), (16, 0))
"""Twice a day, ten minutes each, of 5 mL."""
MOST, LEAST = "7.66e8 particles/mL", "7.00e7 particles/mL"
"""The paper's range, read as powers of ten."""
BATCHES = {"UC-FEB": (1, 2, 3, 4), "UC-APR": (5, 6), "UC-AUG": (7,)}
"""What keeps a week at 4 degC serves the days of one week: seven participants need three batches at least."""


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trial, dict[int, str]]]:
    """The pilot conducted as far as its product goes: the trial, and each patient's code."""
    study, site = CHICTR
    trial = begin_trial(tmp_path_factory.mktemp("pilot"), "sqlite", study=study, site=site)
    trial.now = datetime(2022, 1, 5, 8, 0, tzinfo=ZONE)
    _enter(trial, "UC-DONOR", "donor")
    _enter(trial, "UC-CORD", "tissue", "30", "cm", {"UC-DONOR": None})
    trial.now = datetime(2022, 1, 22, 8, 0, tzinfo=ZONE)
    _enter(trial, "UC-P0", "passage", "40", "million cells", {"UC-CORD": "30"})
    _enter(trial, "UC-BANK", "cell bank", "30", "million cells", {"UC-P0": "40"})
    codes = {}
    for batch, patients in BATCHES.items():
        month, day = min(FIRST_DAYS[one] for one in patients)
        trial.now = datetime(2022, month, day, 7, 0, tzinfo=ZONE) - timedelta(days=1)
        _make(trial, batch, patients)
        for patient in patients:
            codes[patient] = enrol(trial, site=site)
        for patient in patients:
            _give(trial, patient, codes[patient])
    yield trial, codes
    disconnect()


def _give(trial: Trial, patient: int, code: str) -> None:
    """The two doses of a patient's first day."""
    month, day = FIRST_DAYS[patient]
    trial.now = max(trial.now, datetime(2022, month, day, 7, 30, tzinfo=ZONE))
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code, kit=f"UC-{patient}")
    for vial, (hour, minute) in enumerate(CLOCK, start=1):
        begun = datetime(2022, month, day, hour, minute, tzinfo=ZONE)
        trial.now = max(trial.now, begun + timedelta(minutes=15))
        told: dict[str, Any] = {"participant": code, "kit": f"UC-{patient}", "vial": vial, "given": "5 mL"}
        told |= {"begun_at": begun.isoformat(), "ended_at": (begun + timedelta(minutes=10)).isoformat()}
        trial.do("record_dose", Role.CARE_PROVIDER, complete=True, **told)


def _enter(
    trial: Trial, code: str, kind: str, amount: str | None = None, unit: str = "", taken: Any = None
) -> None:
    sources = [{"material": name, "amount": much} for name, much in (taken or {}).items()]
    told: dict[str, Any] = {"code": code, "kind": kind, "amount": amount, "unit": unit, "sources": sources}
    trial.do("record_material", Role.PHARMACIST, at=trial.now.isoformat(), **told)


def _make(trial: Trial, batch: str, patients: tuple[int, ...]) -> None:
    """Cells of the bank, their secretions, the batch of 5 mL a dose, and a kit of two vials for each patient."""
    vials = 2 * len(patients)
    _enter(trial, f"{batch}-CELLS", "passage", "100", "million cells", {"UC-BANK": "10"})
    _enter(trial, f"{batch}-MEDIUM", "harvest", "500", "mL", {f"{batch}-CELLS": "100"})
    _enter(trial, f"{batch}-PELLET", "isolation step", "1", "mL", {f"{batch}-MEDIUM": "500"})
    _enter(trial, f"{batch}-SALINE", "supplied lot", "100", "mL")
    last = (trial.now + timedelta(days=7)).date().isoformat()
    trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on=last)
    made = {f"{batch}-PELLET": "1", f"{batch}-SALINE": str(5 * vials - 1)}
    _enter(trial, batch, "batch", str(5 * vials), "mL", made)
    _enter(trial, f"{batch}-VIALS", "fill", str(vials), "vials", {batch: str(5 * vials)})
    trial.do("release_batch", Role.PHARMACIST, code=batch, reason="size and markers, as the paper tells")
    for patient in patients:
        told: dict[str, Any] = {"number": f"UC-{patient}", "arm": "exosomes", "batch": batch, "vials": 2}
        trial.do("pack_kit", Role.PHARMACIST, **told, taken_from=f"{batch}-VIALS", amount="2")


def test_all_seven_received_something_of_the_one_cord(pilot: tuple[Trial, dict[int, str]]) -> None:
    trial, codes = pilot
    line = trial.do("show_lineage", Role.PHARMACIST, material="UC-CORD")
    assert {one.participant for one in line.kits if one.doses} == set(codes.values())
    assert sum(one.doses for one in line.kits) == 14
    assert {one.code for one in line.batches} == set(BATCHES)
    april = trial.do("show_lineage", Role.PHARMACIST, material="UC-APR")
    assert {one.participant for one in april.kits} == {codes[5], codes[6]}


def test_each_dose_leads_back_to_the_donor(pilot: tuple[Trial, dict[int, str]]) -> None:
    trial, codes = pilot
    for patient, code in codes.items():
        batch = next(one for one, patients in BATCHES.items() if patient in patients)
        for dose in (1, 2):
            line = trial.do("show_lineage", Role.SAFETY_BOARD, participant=code, dose=dose)
            made_from = {one.code for one in line.made_from}
            assert {"UC-DONOR", "UC-CORD", "UC-P0", "UC-BANK", batch, f"{batch}-VIALS"} <= made_from
            assert not made_from & (set(BATCHES) - {batch})


def test_every_vial_is_accounted_for(pilot: tuple[Trial, dict[int, str]]) -> None:
    trial, _ = pilot
    shown = trial.do("show_accountability", Role.MONITOR)
    assert (shown.packed, shown.given, shown.difference) == (14, 14, 0)
    left = {one.code: one.left for one in trial.do("list_materials", Role.PHARMACIST).materials}
    assert all(left[f"{batch}-VIALS"] == 0 for batch in BATCHES)
    assert left["UC-BANK"] == 0
    assert verify_trail(trial.opened).holds


def test_a_batch_of_february_is_not_given_in_april(pilot: tuple[Trial, dict[int, str]]) -> None:
    """Kept a week at most: the first batch was past its last day when the fifth patient came."""
    trial, _ = pilot
    last = {one.code: one.expires_on for one in trial.do("list_batches", Role.PHARMACIST).batches}
    assert last["UC-FEB"].month == 3
    assert last["UC-APR"].day >= FIRST_DAYS[6][1]


def test_the_paper_gives_volume_and_range_and_not_the_dose(pilot: tuple[Trial, dict[int, str]]) -> None:
    """5 mL hold 3.83e9 to 3.5e8 particles, an elevenfold range; 1e6 cells/kg cannot be drawn without a yield."""
    trial, codes = pilot
    shown = trial.do("plan_dose", Role.PHARMACIST, **_plan(codes[7], "UC-7", MOST))
    assert not shown.can_be_made
    assert any(
        "yield" in one.criterion or "cell" in one.criterion for one in shown.reasons if one.holds is None
    )
    assert Decimal(5) * Decimal("7.66e8") == Decimal("3.83e9")
    # With a yield the plan is made, and the particles are those of what is drawn. 50 a cell are made up.
    known = trial.do("plan_dose", Role.PHARMACIST, **_plan(codes[7], "UC-7", MOST), particles_per_cell=50)
    assert known.can_be_made
    assert known.particles == pytest.approx(known.draw_ml * 7.66e8)
    weak = trial.do("plan_dose", Role.PHARMACIST, **_plan(codes[7], "UC-7", LEAST), particles_per_cell=50)
    assert not weak.can_be_made


def _plan(code: str, kit: str, concentration: str) -> dict[str, Any]:
    return {
        "participant": code,
        "kit": kit,
        "concentration": concentration,
        "known_from": "the paper's range",
        "vial_ml": 5,
        "graduation_ml": 0.1,
        "weight_basis": "predicted",
        "height_cm": 170,
        "sex": "M",
    }


def test_the_record_of_a_cord_holds_to_the_paper_s_process(pilot: tuple[Trial, dict[int, str]]) -> None:
    trial, _ = pilot
    file = Path(__file__).resolve().parents[1] / "files" / "process" / "cord-7.toml"
    record = read_process_record(assay_file(file.read_bytes(), name=file.name))
    product = find_process(definition(trial).products, record.product)
    assert check_process(product, record) == ()
    assert len(record.steps) == len(product.process) - 1  # spare cells need not be frozen
