"""Doses: by particles, by weight, in cells; rounded, capped, uncertain; and those that cannot be made."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.dose import (
    Person,
    PlannedDose,
    Vial,
    compute_dose,
    compute_needed_concentration,
    planned_administrations,
)
from exotrial.study.definition.dosing import Dose, Schedule
from exotrial.study.file import read_study

STUDIES = Path(__file__).parents[2] / "studies"


def rule(amount: str = "1e8 particles/kg", **more: object) -> Dose:
    told = {"amount": amount, "per": "administration", "weight_basis": "actual", **more}
    return Dose.model_validate(told)


def plan(concentration: float, of: Dose | None = None, *, weight: float = 70, **more: float) -> PlannedDose:
    vial = Vial(
        concentration=concentration,
        relative_uncertainty=more.get("uncertainty"),
        volume_ml=more.get("held", 5),
    )
    return compute_dose(
        of or rule(),
        Person(weight_kg=weight),
        vial,
        volume_ml=more.get("volume", 2),
        graduation_ml=more.get("graduation", 0.1),
    )


def dose_of(study: str) -> tuple[Dose, Schedule | None]:
    found, _ = read_study(STUDIES / study)
    chosen = next(one for one in found.interventions if one.dose is not None)
    assert chosen.dose is not None
    return chosen.dose, chosen.schedule


def test_the_registered_dose_of_the_irct_trial_needs_what_its_volume_asks() -> None:
    registered, _ = dose_of("irct20201202049568n3")
    unanswered = compute_needed_concentration(registered, Person(weight_kg=70), volume_ml=2)
    assert unanswered.concentration is None
    assert "weight_basis" in unanswered.possible_if[0]
    by_weight = registered.model_copy(update={"weight_basis": "actual"})
    needed = compute_needed_concentration(by_weight, Person(weight_kg=70), volume_ml=2)
    # 1e8/kg x 70 kg / 2 mL
    assert needed.particles == pytest.approx(7.0e9)
    assert needed.concentration == pytest.approx(3.5e9)


@pytest.mark.parametrize(("concentration", "made"), [(3.4e9, False), (3.5e9, True), (7e9, True)])
def test_it_can_be_made_from_the_needed_concentration_on(concentration: float, made: bool) -> None:
    planned = plan(concentration)
    assert (planned.preparation is not None) is made is planned.verdict.holds
    assert made or "at least 3.5e+09 particles/mL" in planned.possible_if[0]


def test_volume_diluent_and_particles_add_up() -> None:
    made = plan(5e9, uncertainty=0.08).preparation
    assert made is not None
    assert (made.draw_ml, made.diluent_ml, made.total_ml, made.off) == (1.4, 0.6, 2, 0)
    # u = sqrt(0.08^2 + (0.05 / sqrt 3 / 1.4)^2), and the interval is twice that to each side.
    both = math.sqrt(0.08**2 + (0.05 / math.sqrt(3) / 1.4) ** 2)
    assert made.low == pytest.approx(7e9 * (1 - 2 * both))
    assert made.high == pytest.approx(7e9 * (1 + 2 * both))


def test_without_its_uncertainty_no_interval_is_made_up() -> None:
    made = plan(5e9).preparation
    assert made is not None
    assert (made.low, made.high) == (None, None)


def test_rounding_that_changes_the_dose_too_much_is_no() -> None:
    coarse = plan(5e10)
    assert coarse.preparation is None  # 0.14 mL is read as 0.1 mL: 29 % less
    assert "graduation of at most 0.014 mL" in coarse.possible_if[0]
    assert plan(5e12).preparation is None  # rounds to no volume at all
    allowed = plan(5e10, rule(most_off="30 %")).preparation
    assert allowed is not None
    assert allowed.off == pytest.approx(0.1 / 0.14 - 1)


def test_a_vial_that_holds_too_little_is_no() -> None:
    assert plan(5e9, held=1.4).preparation is not None
    short = plan(5e9, held=1.3)
    assert short.preparation is None
    assert short.possible_if == ("2 vials of 1.3 mL",)


def test_a_cap_holds_for_the_heavy_and_not_for_the_light() -> None:
    capped = rule(at_most="8e9 particles")
    heavy, light = plan(5e9, capped, weight=120).preparation, plan(5e9, capped).preparation
    assert heavy is not None
    assert light is not None
    assert heavy.wanted == 8e9
    assert light.wanted == pytest.approx(7e9)


def test_rounding_never_lifts_a_dose_above_its_cap() -> None:
    capped = rule(at_most="6.96e9 particles")
    made = plan(5e9, capped, graduation=0.05).preparation  # 1.392 mL: the nearest mark would hold 7.0e9
    assert made is not None
    assert made.draw_ml == 1.35
    assert made.particles == pytest.approx(6.75e9)
    assert plan(5e9, capped).preparation is None  # 1.3 mL would be 6.6 % less
    exactly = plan(5e9, rule(at_most="7e9 particles")).preparation
    assert exactly is not None
    assert exactly.draw_ml == 1.4


def test_cells_need_their_yield() -> None:
    registered, _ = dose_of("chictr2000030261")
    who = Person(height_cm=170, sex="M")
    left_out = compute_needed_concentration(registered, who, volume_ml=5)
    assert left_out.particles is None
    assert "particles_per_cell" in left_out.possible_if[0]
    told = registered.model_copy(update={"particles_per_cell": 50.0})
    # 1e6 cells/kg x 66.016 kg (ARDS Network) x 50 particles a cell
    assert compute_needed_concentration(told, who, volume_ml=5).particles == pytest.approx(1e6 * 66.016 * 50)


def test_the_daily_dose_of_mexcovid_needs_to_be_told_how_often() -> None:
    registered, schedule = dose_of("mexcovid")
    needed = compute_needed_concentration(registered, Person(), volume_ml=3, schedule=schedule)
    assert needed.particles is None
    assert "how often it is given a day" in needed.possible_if[0]
    twice = Schedule(days=5, times_per_day=2)
    assert compute_needed_concentration(
        registered, Person(), volume_ml=3, schedule=twice
    ).particles == pytest.approx(1.0e8)


def test_a_course_has_as_many_administrations_as_its_schedule_says() -> None:
    assert planned_administrations(Schedule(days=5)) == 5
    assert planned_administrations(Schedule(days=5, clock_times=("08:30", "16:00"))) == 10
    assert planned_administrations(Schedule(administrations=3, days=9)) == 3
    assert planned_administrations(Schedule(times_per_day=2)) is None


@pytest.mark.parametrize("weight", [19.9, 350.1, 700])
def test_a_weight_that_nobody_has_is_refused(weight: float) -> None:
    with pytest.raises(Refusal, match="ANT-001"):
        Person(weight_kg=weight)


@pytest.mark.parametrize(
    "wrong",
    [{"concentration": 0.0}, {"volume_ml": -1.0}, {"relative_uncertainty": 1.0}, {"concentration": math.nan}],
)
def test_a_vial_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Refusal, match="DSE-001"):
        Vial(**({"concentration": 1e9, "volume_ml": 1.0} | wrong))


@pytest.mark.parametrize(("volume", "graduation"), [(0, 0.1), (2, 0), (math.inf, 0.1), (2, math.nan)])
def test_a_device_that_cannot_be_is_refused(volume: float, graduation: float) -> None:
    with pytest.raises(Refusal, match="DSE-002"):
        plan(5e9, volume=volume, graduation=graduation)


def test_a_dose_of_protein_is_no_number_of_particles() -> None:
    planned = compute_needed_concentration(rule("5 mg"), Person(), volume_ml=2)
    assert planned.particles is None
    assert "particles" in planned.possible_if[0]


@given(
    weight=st.floats(20, 350),
    concentration=st.floats(1e8, 1e13),
    held=st.floats(0.1, 50),
    volume=st.floats(0.5, 20),
    graduation=st.sampled_from([0.01, 0.1, 0.2, 0.5]),
)
def test_what_is_made_is_what_was_wanted_within_the_rounding(
    weight: float, concentration: float, held: float, volume: float, graduation: float
) -> None:
    planned = plan(concentration, weight=weight, held=held, volume=volume, graduation=graduation)
    made = planned.preparation
    assert (made is not None) is planned.verdict.holds
    if made is None:
        assert planned.possible_if
        return
    assert made.draw_ml <= min(held, volume)
    assert made.draw_ml + made.diluent_ml == pytest.approx(volume)
    assert abs(made.particles / made.wanted - 1) <= 0.05 + 1e-9
    assert abs(made.draw_ml / graduation - round(made.draw_ml / graduation)) < 1e-6
