"""Measures of the course in time: deaths, stays, improvement, clearance and absorption, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.outcomes.answers import Answer, Given
from exotrial.outcomes.measure import compute_measure
from exotrial.outcomes.measures.cd4_cd8_ratio import CD4_CD8_RATIO
from exotrial.outcomes.measures.ct_absorption_time import CT_ABSORPTION_TIME
from exotrial.outcomes.measures.icu_free_days import ICU_FREE_DAYS_28, ICU_FREE_DAYS_60
from exotrial.outcomes.measures.inhalation_events import ANY_INHALATION_EVENT, INHALATION_EVENTS
from exotrial.outcomes.measures.length_of_stay import STAY_DAYS, STAY_NIGHTS
from exotrial.outcomes.measures.mortality_28d import MORTALITY_28D
from exotrial.outcomes.measures.time_to_improvement import TIME_TO_IMPROVEMENT_6, TIME_TO_IMPROVEMENT_7
from exotrial.outcomes.measures.viral_clearance import VIRAL_CLEARANCE
from exotrial.outcomes.values import Missing

START = date(2020, 3, 1)
INDEX: Given = {"index_date": START}
Rows = list[dict[str, Answer]]


def on(day: int) -> date:
    """The date so many days after the index date."""
    return START + timedelta(days=day)


@pytest.mark.parametrize(("died", "value"), [(0, 1), (27, 1), (28, 1), (29, 0)])
def test_a_death_on_day_28_counts_and_one_on_day_29_does_not(died: int, value: int) -> None:
    assert compute_measure(MORTALITY_28D, {**INDEX, "death_date": on(died)}).value == value


@pytest.mark.parametrize(("seen", "known"), [(27, False), (28, True)])
def test_a_participant_lost_before_day_28_is_no_survivor(seen: int, known: bool) -> None:
    computed = compute_measure(MORTALITY_28D, {**INDEX, "last_known_date": on(seen)})
    assert (computed.value == 0) is known
    assert (computed.missing is Missing.NOT_COMPUTABLE) is not known


def test_dates_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(MORTALITY_28D, {**INDEX, "death_date": on(-1)})
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(MORTALITY_28D, {**INDEX, "death_date": on(5), "last_known_date": on(6)})
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(STAY_NIGHTS, {"admission_date": on(1), "discharge_date": on(0)})
    rows: Rows = [{"icu_in": on(5), "icu_out": on(4)}]
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(ICU_FREE_DAYS_28, {**INDEX, "last_known_date": on(60), "rows": rows})


def test_a_death_by_the_horizon_gives_no_icu_free_day() -> None:
    # Schoenfeld & Bernard 2002: zero for those who die by the horizon, whatever they had before
    assert compute_measure(ICU_FREE_DAYS_28, {**INDEX, "death_date": on(28)}).value == 0
    assert compute_measure(ICU_FREE_DAYS_28, {**INDEX, "death_date": on(29)}).value == 28
    assert compute_measure(ICU_FREE_DAYS_60, {**INDEX, "death_date": on(29)}).value == 0


def test_readmission_is_subtracted_and_overlapping_stays_count_once() -> None:
    rows: Rows = [
        {"icu_in": on(0), "icu_out": on(5)},
        {"icu_in": on(3), "icu_out": on(6)},
        {"icu_in": on(20), "icu_out": on(22)},
    ]
    computed = compute_measure(ICU_FREE_DAYS_28, {**INDEX, "last_known_date": on(60), "rows": rows})
    assert computed.value == 28 - 6 - 2


def test_a_stay_before_the_index_date_counts_from_it_and_one_without_an_end_to_the_horizon() -> None:
    survivor = {**INDEX, "last_known_date": on(60)}
    before: Rows = [{"icu_in": on(-5), "icu_out": on(2)}]
    assert compute_measure(ICU_FREE_DAYS_28, {**survivor, "rows": before}).value == 26
    endless: Rows = [{"icu_in": on(10)}]
    assert compute_measure(ICU_FREE_DAYS_28, {**survivor, "rows": endless}).value == 10
    late: Rows = [{"icu_in": on(28), "icu_out": on(40)}]
    assert compute_measure(ICU_FREE_DAYS_28, {**survivor, "rows": late}).value == 28


def test_a_survivor_not_followed_to_the_horizon_has_no_icu_free_days() -> None:
    assert compute_measure(ICU_FREE_DAYS_28, {**INDEX, "last_known_date": on(28)}).value == 28
    lost = compute_measure(ICU_FREE_DAYS_28, {**INDEX, "last_known_date": on(27)})
    assert lost.missing is Missing.NOT_COMPUTABLE


@given(st.integers(0, 40), st.integers(0, 40))
def test_icu_free_days_lie_between_zero_and_the_horizon(came: int, stayed: int) -> None:
    rows: Rows = [{"icu_in": on(came), "icu_out": on(came + stayed)}]
    computed = compute_measure(ICU_FREE_DAYS_28, {**INDEX, "last_known_date": on(100), "rows": rows})
    assert computed.value == 28 - max(0, min(28, came + stayed) - min(28, came))


@given(st.integers(0, 300))
def test_the_two_lengths_of_stay_differ_by_one_day(nights: int) -> None:
    given_dates = {"admission_date": on(0), "discharge_date": on(nights)}
    assert compute_measure(STAY_NIGHTS, given_dates).value == nights
    assert compute_measure(STAY_DAYS, given_dates).value == nights + 1


def test_a_stay_without_discharge_has_no_length() -> None:
    assert compute_measure(STAY_NIGHTS, {"admission_date": on(0)}).missing is Missing.NOT_COMPUTABLE


@pytest.mark.parametrize(("category", "event"), [("4", False), ("3", True), ("2", True)])
def test_improvement_is_a_decline_of_two_categories(category: str, event: bool) -> None:
    rows: Rows = [{"assessed_on": on(7), "category_7": category}]
    computed = compute_measure(TIME_TO_IMPROVEMENT_7, {**INDEX, "baseline_category_7": "5", "rows": rows})
    assert (computed.value, computed.event) == (7, event)


@pytest.mark.parametrize(("day", "value", "event"), [(28, 28, True), (29, 28, False)])
def test_improvement_after_day_28_is_censored(day: int, value: int, event: bool) -> None:
    rows: Rows = [{"assessed_on": on(day), "category_6": "2"}]
    computed = compute_measure(TIME_TO_IMPROVEMENT_6, {**INDEX, "baseline_category_6": "4", "rows": rows})
    assert (computed.value, computed.event) == (value, event)


def test_a_death_in_the_scale_is_censored_at_the_horizon_as_a_dated_one() -> None:
    # Cao 2020: death before day 28 is right-censored at day 28
    rows: Rows = [{"assessed_on": on(9), "category_6": "6"}]
    in_scale = compute_measure(TIME_TO_IMPROVEMENT_6, {**INDEX, "baseline_category_6": "4", "rows": rows})
    dated = compute_measure(TIME_TO_IMPROVEMENT_6, {**INDEX, "baseline_category_6": "4", "death_date": on(9)})
    assert (in_scale.value, in_scale.event) == (dated.value, dated.event) == (28, False)


def test_no_assessment_gives_no_time_to_improvement() -> None:
    computed = compute_measure(TIME_TO_IMPROVEMENT_6, {**INDEX, "baseline_category_6": "4"})
    assert computed.missing is Missing.NOT_COMPUTABLE


@pytest.mark.parametrize(
    ("hours", "value", "event"),
    [
        ([(0, "+"), (24, "-"), (48, "-")], 1, True),
        ([(0, "+"), (24, "-"), (47, "-")], 1, False),  # not 24 hours apart: censored at the last swab
        ([(0, "+"), (24, "-"), (36, "-"), (48, "-")], 1, True),
        ([(0, "+"), (24, "-"), (36, "+"), (48, "-")], 2, False),  # a positive in between begins anew
        ([(0, "+"), (24, "-"), (36, "+"), (48, "-"), (72, "-")], 2, True),
        ([(48, "-"), (0, "+"), (24, "-")], 1, True),  # the order of the rows does not matter
    ],
)
def test_clearance_is_the_first_of_two_negatives_a_day_apart(
    hours: list[tuple[int, str]], value: int, event: bool
) -> None:
    rows: Rows = [
        {
            "sampled_at": f"{on(hour // 24)}T{hour % 24:02d}:00",
            "pcr_result": "positive" if result == "+" else "negative",
        }
        for hour, result in hours
    ]
    computed = compute_measure(VIRAL_CLEARANCE, {**INDEX, "rows": rows})
    assert (computed.value, computed.event) == (value, event)


def test_one_swab_with_two_results_is_refused() -> None:
    rows: Rows = [
        {"sampled_at": "2020-03-02T08:00", "pcr_result": result} for result in ("positive", "negative")
    ]
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(VIRAL_CLEARANCE, {**INDEX, "rows": rows})


def test_what_cleared_before_the_index_date_has_no_time() -> None:
    rows: Rows = [
        {"sampled_at": f"{on(day)}T08:00", "pcr_result": result}
        for day, result in ((-5, "positive"), (-3, "negative"), (-2, "negative"))
    ]
    assert compute_measure(VIRAL_CLEARANCE, {**INDEX, "rows": rows}).missing is Missing.NOT_COMPUTABLE


def scans(**readings: str) -> Rows:
    """Rows of scans; `d10="present"` is a scan on day 10."""
    return [{"scanned_on": on(int(day[1:])), "lesions": seen} for day, seen in readings.items()]


def test_absorption_is_an_interval_and_not_a_number() -> None:
    rows: Rows = scans(d0="present", d10="present", d18="absorbed", d30="absorbed")
    computed = compute_measure(CT_ABSORPTION_TIME, {**INDEX, "rows": rows})
    assert (computed.lower, computed.upper, computed.value) == (10, 18, None)


def test_lesions_that_come_back_are_absorbed_later() -> None:
    rows: Rows = scans(d0="present", d10="absorbed", d18="present", d30="absorbed")
    computed = compute_measure(CT_ABSORPTION_TIME, {**INDEX, "rows": rows})
    assert (computed.lower, computed.upper) == (18, 30)


def test_one_scan_cannot_show_lesions_and_none() -> None:
    rows: Rows = scans(d0="present") + scans(d0="absorbed")
    with pytest.raises(Refusal, match="MSR-005"):
        compute_measure(CT_ABSORPTION_TIME, {**INDEX, "rows": rows})


def test_absorption_before_the_index_date_has_no_time() -> None:
    rows: Rows = [
        {"scanned_on": on(-9), "lesions": "present"},
        {"scanned_on": on(0), "lesions": "absorbed"},
    ]
    assert compute_measure(CT_ABSORPTION_TIME, {**INDEX, "rows": rows}).missing is Missing.NOT_COMPUTABLE
    rows[1]["scanned_on"] = on(1)
    assert compute_measure(CT_ABSORPTION_TIME, {**INDEX, "rows": rows}).upper == 1


def test_no_report_of_an_event_is_no_zero_where_nobody_watched() -> None:
    assert compute_measure(INHALATION_EVENTS, {"inhalation_watched": "yes"}).value == 0
    assert compute_measure(INHALATION_EVENTS, {"inhalation_watched": "no"}).missing is Missing.NOT_COMPUTABLE
    assert (
        compute_measure(ANY_INHALATION_EVENT, {"inhalation_watched": "no"}).missing is Missing.NOT_COMPUTABLE
    )


def test_an_event_counts_even_where_nobody_watched_throughout() -> None:
    one: Given = {"inhalation_watched": "no", "rows": [{"inhalation_event": "cough"}]}
    computed = compute_measure(INHALATION_EVENTS, one)
    assert computed.value == 1
    assert "at least" in computed.notes[0]
    assert compute_measure(ANY_INHALATION_EVENT, one).text == "Yes"


@pytest.mark.parametrize(
    ("cd4", "cd8", "printed"),
    # ChiCTR2000030261, Table 3: CD4 and CD8 in per cent and their printed ratio
    [(25.88, 23.13, "1.12"), (33.52, 27.64, "1.21")],
)
def test_two_printed_ratios_of_the_pilot_follow_from_their_parts(
    cd4: float, cd8: float, printed: str
) -> None:
    computed = compute_measure(CD4_CD8_RATIO, {"cd4pct": cd4, "cd8pct": cd8})
    assert computed.value is not None
    assert f"{computed.value:.2f}" == printed


def test_the_third_printed_ratio_of_the_pilot_does_not_follow_from_its_parts() -> None:
    # ChiCTR2000030261, Table 3, 13 April: 33.98 and 25.72 with a printed ratio of 1.35
    computed = compute_measure(CD4_CD8_RATIO, {"cd4pct": 33.98, "cd8pct": 25.72})
    assert computed.value == pytest.approx(1.3212, abs=5e-5)
