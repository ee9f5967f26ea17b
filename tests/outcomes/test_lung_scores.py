"""P/F, the Berlin class and the Murray score, on both sides of every boundary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.outcomes.measure import compute_measure
from exotrial.outcomes.measures.murray import (
    MURRAY,
    MURRAY_NUMBER,
    MURRAY_SUM,
    score_compliance,
    score_oxygenation,
    score_peep,
)
from exotrial.outcomes.measures.pf_ratio import BERLIN_CLASS, PF_RATIO, classify_oxygenation
from exotrial.outcomes.values import Missing


@pytest.mark.parametrize(
    ("ratio", "text"),
    # Ranieri 2012, Table 3: mild 200 < P/F <= 300, moderate 100 < P/F <= 200, severe P/F <= 100
    [
        (300.1, "none"),
        (300, "mild"),
        (200.1, "mild"),
        (200, "moderate"),
        (100.1, "moderate"),
        (100, "severe"),
        (40, "severe"),
    ],
)
def test_a_boundary_belongs_to_the_graver_berlin_class(ratio: float, text: str) -> None:
    assert classify_oxygenation(ratio) == text


@pytest.mark.parametrize(("peep", "classified"), [(4.9, False), (5, True), (5.1, True)])
def test_a_berlin_class_needs_peep_of_five(peep: float, classified: bool) -> None:
    computed = compute_measure(BERLIN_CLASS, {"pao2": 60, "fio2": 0.4, "peep": peep})
    assert (computed.text == "moderate") is classified
    assert (computed.missing is Missing.NOT_COMPUTABLE) is not classified


def test_a_berlin_class_without_peep_names_what_is_missing() -> None:
    computed = compute_measure(BERLIN_CLASS, {"pao2": 60, "fio2": 0.4, "peep": "not done"})
    assert computed.notes == ("peep: not done",)


def test_a_pressure_in_kilopascals_becomes_millimetres_of_mercury() -> None:
    # NIST SP 811, B.8: 1 mmHg is 0.1333224 kPa, so 8 kPa is 60.005 mmHg
    computed = compute_measure(PF_RATIO, {"pao2": "8 kPa", "fio2": 0.4})
    assert computed.value == pytest.approx(60.005 / 0.4, rel=1e-5)


# Murray 1988: P/F >= 300, 225-299, 175-224, 100-174, < 100
@pytest.mark.parametrize(
    ("ratio", "score"),
    [(300, 0), (299, 1), (225, 1), (224, 2), (175, 2), (174, 3), (100, 3), (99, 4), (299.5, 1), (99.9, 4)],
)
def test_oxygenation_is_scored_by_the_table(ratio: float, score: int) -> None:
    assert score_oxygenation(ratio) == score


# Murray 1988: PEEP <= 5, 6-8, 9-11, 12-14, >= 15 cmH2O
@pytest.mark.parametrize(
    ("peep", "score"),
    [(0, 0), (5, 0), (6, 1), (8, 1), (9, 2), (11, 2), (12, 3), (14, 3), (15, 4), (5.5, 0), (14.9, 3)],
)
def test_peep_is_scored_by_the_table(peep: float, score: int) -> None:
    assert score_peep(peep) == score


# Murray 1988: compliance >= 80, 60-79, 40-59, 20-39, <= 19 mL/cmH2O
@pytest.mark.parametrize(
    ("compliance", "score"),
    [(80, 0), (79, 1), (60, 1), (59, 2), (40, 2), (39, 3), (20, 3), (19, 4), (79.9, 1), (19.9, 4)],
)
def test_compliance_is_scored_by_the_table(compliance: float, score: int) -> None:
    assert score_compliance(compliance) == score


def test_a_component_not_measured_is_not_scored_as_zero() -> None:
    given = {"cxr_quadrants": 4, "pao2": 60, "fio2": 0.8}  # 4 and 4
    assert compute_measure(MURRAY, given).value == 4
    assert compute_measure(MURRAY_NUMBER, given).value == 2
    assert compute_measure(MURRAY_SUM, given).missing is Missing.NOT_COMPUTABLE
    assert (
        "2 of 4 components scored: radiograph 4, oxygenation 4" in compute_measure(MURRAY_SUM, given).notes[0]
    )


def test_half_a_blood_gas_scores_nothing() -> None:
    assert compute_measure(MURRAY, {"pao2": 60}).missing is Missing.NOT_COMPUTABLE


def test_a_peep_known_only_as_a_limit_is_not_scored() -> None:
    assert compute_measure(MURRAY_NUMBER, {"cxr_quadrants": 2, "peep": "<5"}).value == 1


@given(
    quadrants=st.integers(0, 4),
    pao2=st.floats(30, 600),
    fio2=st.floats(0.21, 1),
    peep=st.floats(0, 25),
    compliance=st.floats(5, 150),
)
def test_the_sum_is_four_times_the_mean_and_both_stay_in_range(
    quadrants: int, pao2: float, fio2: float, peep: float, compliance: float
) -> None:
    given = {"cxr_quadrants": quadrants, "pao2": pao2, "fio2": fio2, "peep": peep, "compliance": compliance}
    mean, total = compute_measure(MURRAY, given).value, compute_measure(MURRAY_SUM, given).value
    assert mean is not None
    assert total == pytest.approx(4 * mean)
    assert 0 <= mean <= 4
