"""Doses planned against doses given: shares, particles, what was missed, given twice or in part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.findings import Finding
from exotrial.product.given_doses import (
    CumulativeDose,
    GivenDose,
    PreparedDose,
    check_doses,
    check_given_volume,
    compute_cumulative_dose,
)
from exotrial.study.definition.dosing import Dose, Schedule

START = datetime(2021, 3, 10, 8, 30, tzinfo=UTC)
TWICE = Schedule(days=5, clock_times=("08:30", "16:00"))
RULE = Dose.model_validate({"amount": "2e8 particles", "per": "administration", "most_off": "10 %"})


def prepared(number: int, **more: Any) -> PreparedDose:
    told: dict[str, Any] = {
        "planned_at": START - timedelta(hours=1),
        "total_ml": 5.0,
        "wanted": 2e8,
        "particles": 2e8,
    }
    return PreparedDose(number=number, **(told | more))


def dose(number: int, *, day: int = 0, hours: float = 0, **more: Any) -> GivenDose:
    at = START + timedelta(days=day, hours=hours)
    told: dict[str, Any] = {"begun_at": at, "day": at.date(), "complete": True, "plan": number}
    return GivenDose(number=number, **(told | more))


def course(
    *doses: GivenDose, plans: int = 20, schedule: Schedule | None = TWICE, **more: Any
) -> CumulativeDose:
    return compute_cumulative_dose(
        doses, [prepared(n) for n in range(1, plans + 1)], schedule=schedule, **more
    )


def rules(found: list[Finding]) -> list[str]:
    return [one.rule for one in found]


def asked(of: CumulativeDose, rule: Dose | None = RULE) -> list[str]:
    return rules(check_doses(of, rule=rule, participant="P-1"))


def whole_course() -> list[GivenDose]:
    return [dose(1 + 2 * day + half, day=day, hours=7.5 * half) for day in range(5) for half in (0, 1)]


def test_a_whole_course_is_what_was_planned_and_nothing_is_asked() -> None:
    found = course(*whole_course(), ended=True)
    # 2e8 particles x 2 a day x 5 days
    assert (found.administrations, found.planned, found.particles, found.share) == (10, 2e9, 2e9, 1)
    assert (found.missed, found.repeated, found.partial, found.unknown) == (0, (), (), ())
    assert not asked(found)


def test_five_daily_doses_of_the_mexcovid_trial_are_half_of_the_total_it_states() -> None:
    # ev_cases DOSE-SEED1: 2.0e8 x 5 d is 1.0e9, not the 2.0e9 that is stated.
    daily = course(*[dose(n, day=n - 1) for n in range(1, 6)], schedule=Schedule(days=5), ended=True)
    assert (daily.planned, daily.particles) == (1.0e9, 1.0e9)
    assert daily.particles == 2.0e9 / 2
    # Its note: two inhalations of 2.0e8 a day would agree.
    twice = course(*whole_course(), schedule=Schedule(days=5, times_per_day=2), ended=True)
    assert twice.planned == 2.0e9


def test_missed_doses_are_counted_to_a_day_or_to_the_end() -> None:
    some = whole_course()[:3]
    assert course(*some).missed is None
    assert course(*some, until=date(2021, 3, 10)).missed == 0
    assert course(*some, until=date(2021, 3, 11)).missed == 1
    over = course(*some, ended=True)
    assert over.missed == 7
    assert over.share == pytest.approx(0.3)
    assert asked(over) == ["DSF-006"]
    assert course(*some, schedule=None, ended=True).missed is None


def test_a_dose_given_twice_is_told_once() -> None:
    assert course(dose(1), dose(2, hours=1, plan=1)).repeated == (2,)
    third = course(dose(1), dose(2, hours=1), dose(3, hours=2))
    assert third.repeated == (3,)
    assert asked(third) == ["DSF-004"]
    assert course(*whole_course(), dose(11, day=5)).repeated == (11,)
    assert course(dose(1), dose(2, hours=1), schedule=None).repeated == ()


@pytest.mark.parametrize(("ml", "found"), [(4.5, []), (4.49, ["DSF-001"]), (5.5, []), (5.51, ["DSF-001"])])
def test_the_limit_of_the_file_holds_to_both_sides(ml: float, found: list[str]) -> None:
    of = course(dose(1, given_ml=ml, complete=ml >= 4.5))
    assert asked(of) == found
    assert [one[:7] for one in check_given_volume(ml, total_ml=5, complete=ml >= 4.5, most_off=0.1)] == found


def test_the_cap_of_the_file_holds_for_each_dose() -> None:
    capped = RULE.model_copy(update={"at_most": RULE.amount})
    assert asked(course(dose(1)), capped) == []
    assert asked(course(dose(1, given_ml=5.01)), capped) == ["DSF-002"]


def test_what_is_not_known_is_not_counted_as_something() -> None:
    partial = course(dose(1), dose(2, hours=1, complete=False))
    assert (partial.particles, partial.share, partial.partial, partial.unknown) == (None, None, (2,), (2,))
    assert asked(partial) == ["DSF-005"]
    unplanned = course(dose(1, plan=None))
    assert (unplanned.particles, unplanned.planned, asked(unplanned)) == (None, None, ["DSF-003"])
    assert asked(unplanned, None) == []
    assert check_given_volume(None, total_ml=5, complete=False, most_off=0.1)[0].startswith("DSF-005")
    assert check_given_volume(None, total_ml=5, complete=True, most_off=0.1) == ()


def test_complete_and_the_volume_contradict_each_other() -> None:
    assert asked(course(dose(1, given_ml=2.5))) == ["DSF-001", "DSF-007"]
    assert asked(course(dose(1, given_ml=5, complete=False))) == ["DSF-007"]


def test_a_plan_made_after_the_dose_is_told() -> None:
    late = compute_cumulative_dose([dose(1)], [prepared(1, planned_at=START)], schedule=None)
    assert asked(late) == []
    late = compute_cumulative_dose(
        [dose(1)], [prepared(1, planned_at=START + timedelta(seconds=1))], schedule=None
    )
    assert asked(late) == ["DSF-008"]


def test_a_placebo_has_shares_and_no_particles() -> None:
    plans = [prepared(1, wanted=None, particles=None)]
    of = compute_cumulative_dose([dose(1, given_ml=4)], plans, schedule=TWICE)
    assert (of.doses[0].share, of.particles, of.planned) == (0.8, None, None)
    assert rules(check_doses(of, rule=None, participant="P-1")) == ["DSF-001", "DSF-007"]


@given(
    volumes=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1, max_size=8),
    times=st.integers(1, 12),
)
def test_particles_are_conserved_over_a_course(volumes: list[tuple[int, int]], times: int) -> None:
    """Against exact fractions: given is the sum of shares, planned is one dose for each that is due."""
    plans = [
        prepared(n, total_ml=total / 100, low=1.5e8, high=2.5e8) for n, (_, total) in enumerate(volumes, 1)
    ]
    doses = [dose(n, hours=n, given_ml=ml / 100, complete=False) for n, (ml, _) in enumerate(volumes, 1)]
    of = compute_cumulative_dose(doses, plans, schedule=Schedule(administrations=times), ended=True)
    exact = sum(Fraction(ml, total) for ml, total in volumes)
    assert of.particles == pytest.approx(float(exact) * 2e8)
    assert of.low == pytest.approx(float(exact) * 1.5e8)
    assert of.planned == pytest.approx(times * 2e8)
    assert of.missed == max(0, times - len(volumes))
    assert len(of.repeated) >= max(0, len(volumes) - times)
    check_doses(of, rule=RULE, participant="P-1")
