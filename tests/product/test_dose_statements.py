"""What the three studies' doses come to: each number by hand beside it, and what their sources leave out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.product.dose_statements import compute_fills, compute_stated_dose, derive_nebuliser
from exotrial.product.nebuliser import Nebuliser, compute_budget
from exotrial.study.checks.check import check_study
from exotrial.study.definition import Study
from exotrial.study.definition.dosing import Nebulisation
from exotrial.study.definition.intervention import Intervention
from exotrial.study.file import read_study

STUDIES = Path(__file__).parents[2] / "studies"
AEROSOL: dict[str, Any] = {
    "residual": "0.5 mL",
    "output": "0.39 mL/min",
    "mmad": "4 um",
    "gsd": 2.2,
    "inhaled": "70 %",
    "survival": "90 %",
}


@cache
def study_of(name: str) -> Study:
    return read_study(STUDIES / name)[0]


def dosed(name: str) -> Intervention:
    return next(one for one in study_of(name).interventions if one.dose is not None)


def said(name: str, rule: str) -> str:
    return next(one.says for one in check_study(study_of(name)) if one.rule == rule)


def test_the_registered_dose_needs_3_5e9_particles_per_ml_at_70_kg() -> None:
    stated = compute_stated_dose(dosed("irct20201202049568n3"))
    assert stated.assumed == "actual body weight"
    found = {one.weight_kg: (one.particles, one.concentration) for one in stated.needed}
    assert found[70] == (7.0e9, 3.5e9)  # 1e8/kg x 70 kg in 2 mL
    assert found[100] == (1.0e10, 5.0e9)
    assert "2.5e+09 to 5e+09 particles/mL" in said("irct20201202049568n3", "ARM-003")


def test_five_days_of_2e8_are_1e9_and_2e9_is_stated() -> None:
    # ev_cases DOSE-SEED1
    assert "is 1.00 × 10⁹ particles, and 2.0 × 10⁹ particles is stated: 2 times" in said(
        "mexcovid", "DOS-001"
    )
    stated = compute_stated_dose(dosed("mexcovid"))
    assert not stated.needed
    assert [one.partition(":")[0] for one in stated.missing] == [
        "how often it is given a day",
        "the volume of one administration",
    ]


def test_one_dose_in_cells_is_an_eleven_fold_range_of_particles() -> None:
    most, least = compute_fills(dosed("chictr2000030261"))
    assert most.particles == pytest.approx(7.66e8 * 5)
    assert least.particles == pytest.approx(7.00e7 * 5)
    assert most.particles / least.particles == pytest.approx(766 / 70)
    # ARDS Network: 50 + 0.91 (170 - 152.4) = 66.016 kg
    assert most.per_cell == pytest.approx(3.83e9 / 66.016e6)
    assert "differ by a factor of 10.9" in said("chictr2000030261", "DOS-003")
    assert compute_stated_dose(dosed("chictr2000030261")).missing == (
        "the number of particles that one cell stands for: dose.particles_per_cell",
    )


def test_a_dose_by_predicted_weight_is_told_by_height_and_sex() -> None:
    given = dosed("chictr2000030261")
    assert given.dose is not None
    told = given.model_copy(update={"dose": given.dose.model_copy(update={"particles_per_cell": 50.0})})
    found = {one.who: one.particles for one in compute_stated_dose(told).needed}
    assert found["man of 170 cm"] == pytest.approx(1e6 * 66.016 * 50)
    assert found["woman of 170 cm"] == pytest.approx(1e6 * 61.516 * 50)


def test_a_device_is_followed_where_all_of_it_is_stated_and_else_what_lacks_is_named() -> None:
    given = dosed("chictr2000030261")
    missing = derive_nebuliser(given)
    assert isinstance(missing, tuple)
    assert len(missing) == 6
    assert "the median size of its droplets (interventions.nebulisation.mmad)" in missing
    whole = given.model_copy(update={"nebulisation": Nebulisation.model_validate(AEROSOL)})
    device = derive_nebuliser(whole)
    assert isinstance(device, Nebuliser)
    budget = compute_budget(device, concentration=7.66e8)
    # ev_cases NEB-TIME: 0.39 mL/min for 10 minutes are 3.9 mL, which does not empty 5 mL
    assert budget.emitted_ml == pytest.approx(3.9)
    assert not budget.emptied
    assert budget.inhaled == pytest.approx(7.66e8 * 3.9 * 0.9 * 0.7)
    none = Nebulisation.model_validate(AEROSOL | {"residual": "0 mL"})
    assert isinstance(derive_nebuliser(given.model_copy(update={"nebulisation": none})), Nebuliser)
    wrong = Nebulisation.model_validate(AEROSOL | {"residual": "5 mL"})
    with pytest.raises(Refusal, match="NEB-001"):
        derive_nebuliser(given.model_copy(update={"nebulisation": wrong}))


def test_concentrations_without_a_volume_make_no_fill() -> None:
    with pytest.raises(Refusal, match="PLN-008"):
        compute_fills(dosed("chictr2000030261").model_copy(update={"volume": None}))
