"""The schedule: the grid, and days that are counted from day 0 or from day 1 (SDTMIG 3.4, 4.4.4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.study.schedule import compute_planned_date, derive_due_dates, derive_grid
from tests.study.clean import ABSENT, changed

ORIGIN = date(2024, 2, 28)  # 2024 is a leap year: the day after it is 29 February
DAYS = st.integers(min_value=-400, max_value=4000)
DATES = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day_of_origin", "day", "planned"),
    [
        # Where the protocol calls the origin day 1, the day before is day -1: SDTM's own rule.
        (1, -1, date(2024, 2, 27)),
        (1, 1, date(2024, 2, 28)),
        (1, 2, date(2024, 2, 29)),
        (1, 3, date(2024, 3, 1)),
        # Where it calls it day 0, the days run on through 0.
        (0, -1, date(2024, 2, 27)),
        (0, 0, date(2024, 2, 28)),
        (0, 1, date(2024, 2, 29)),
        (0, 2, date(2024, 3, 1)),
    ],
)
def test_a_protocol_day_is_a_date(day_of_origin: int, day: int, planned: date) -> None:
    assert compute_planned_date(day, origin=ORIGIN, day_of_origin=day_of_origin) == planned


@given(origin=DATES, day=DAYS, day_of_origin=st.sampled_from([0, 1]))
def test_the_study_day_is_never_0_and_orders_days_as_the_protocol_does(
    origin: date, day: int, day_of_origin: int
) -> None:
    assume(day_of_origin == 0 or day != 0)
    study = changed({"design.day_of_origin": day_of_origin, "encounters.day_28.day": day})
    due = next(d for d in derive_due_dates(study, origin=origin) if d.encounter.id == "day_28")
    assert due.study_day != 0
    # SDTM: the day of the origin is day 1 whatever the protocol calls it.
    shift = 1 if day_of_origin == 0 and day >= 0 else 0
    assert due.study_day == day + shift
    assert (due.planned < origin) == (due.study_day < 0)


@given(origin=DATES, before=st.integers(0, 30), after=st.integers(0, 30))
def test_a_window_opens_and_closes_whole_days_around_the_planned_day(
    origin: date, before: int, after: int
) -> None:
    study = changed({"encounters.day_7.window_before": before, "encounters.day_7.window_after": after})
    due = next(d for d in derive_due_dates(study, origin=origin) if d.encounter.id == "day_7")
    assert due.planned == origin + timedelta(days=6)
    assert (due.planned - due.earliest, due.latest - due.planned) == (
        timedelta(days=before),
        timedelta(days=after),
    )


def test_a_year_of_days_in_a_leap_year_ends_a_day_sooner() -> None:
    # From 1 March 2023 (day 0), day 365 is 29 February 2024 and day 366 is 1 March 2024.
    start = date(2023, 3, 1)
    assert compute_planned_date(365, origin=start, day_of_origin=0) == date(2024, 2, 29)
    assert compute_planned_date(366, origin=start, day_of_origin=0) == date(2024, 3, 1)


def test_day_0_of_a_study_that_begins_on_day_1_is_refused_with_the_encounter() -> None:
    study = changed({"encounters.baseline.day": 0})
    with pytest.raises(Refusal, match=r"SCH-001: encounters\.baseline\.day: day 0 does not exist"):
        derive_due_dates(study, origin=ORIGIN)


def test_a_due_date_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refusal, match="DAY-003"):
        derive_due_dates(changed({"encounters.day_28.day": 36525}), origin=date(9990, 1, 1))


def test_encounters_stand_in_order_of_time_and_epoch_whatever_the_order_of_the_file() -> None:
    study = changed({"encounters.baseline.day": 30})
    assert [encounter.id for encounter in derive_grid(study).encounters] == ["day_7", "day_28", "baseline"]


def test_an_outcome_that_an_activity_records_is_listed_once() -> None:
    names = [row.name for row in derive_grid(changed({})).rows]
    assert names == ["Arterial blood gas", "Vital signs", "C-reactive protein", "Respiratory rate"]


def test_an_outcome_due_on_days_on_which_no_activity_records_it_keeps_its_row() -> None:
    study = changed({"activities.blood_gas.encounters": ["baseline"]})
    row = next(row for row in derive_grid(study).rows if row.name == "PaO2/FiO2 ratio")
    assert row.encounters == {"baseline", "day_7", "day_28"}


def test_an_outcome_that_no_activity_records_has_a_row_at_its_encounters() -> None:
    row = next(row for row in derive_grid(changed({})).rows if row.name == "C-reactive protein")
    assert row.kind == "secondary outcome"
    assert row.encounters == {"baseline", "day_7", "day_28"}


def test_a_study_without_encounters_has_no_schedule() -> None:
    study = changed(
        {"encounters": [], "activities": [], "samples": []}
        | {f"outcomes.{name}.encounters": ABSENT for name in ("pf_ratio", "crp", "respiratory_rate")}
    )
    with pytest.raises(Refusal, match="SCH-002: encounters: the study clean-study plans no encounters"):
        derive_grid(study)
