"""When words of two sources may mean one thing, by examples that registers print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.registries.checks.alike import (
    are_alike,
    outcomes_may_be_one,
    phases_may_agree,
    read_model,
    read_phases,
)


@pytest.mark.parametrize(
    ("words", "phases"),
    [
        ("Phase 1/Phase 2", {"1", "2"}),
        ("PHASE2", {"2"}),
        ("EARLY_PHASE1", {"1"}),
        ("I-II", {"1", "2"}),
        ("Phase IIa", {"2"}),
        ("Phase IV", {"4"}),
        ("2a", {"2"}),
        ("1-2", {"1", "2"}),
        ("N/A", set()),
        ("pilot", set()),
    ],
)
def test_phases_are_read_as_figures(words: str, phases: set[str]) -> None:
    assert read_phases(words) == phases


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2a", "2", True),
        ("1-2", "Phase 1/Phase 2", True),
        ("1-2", "1", False),
        ("pilot", "0", True),
        ("pilot", "1", True),
        ("pilot", "2", False),
        ("pilot", "N/A", True),
        ("not stated", "3", True),
        ("2", "3", False),
    ],
)
def test_phases_agree_where_they_can_be_one(one: str, other: str, agree: bool) -> None:
    assert phases_may_agree(one, other) is agree
    assert phases_may_agree(other, one) is agree


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("Single Group Assignment", "single group"),
        ("Parallel", "parallel"),
        ("CROSSOVER", "crossover"),
        ("Cross-over Assignment", "crossover"),
        ("Factorial", "factorial"),
        ("Case-control", "case control"),
    ],
)
def test_designs_are_named_as_a_study_file_names_them(words: str, model: str) -> None:
    assert read_model(words) == model


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("C-reactive protein", "C-reactive protein (CRP)", True),
        ("Serious adverse events", "Adverse reaction (AE) and severe adverse reaction (SAE)", True),
        ("All-cause mortality", "Mortality, all-cause", True),
        ("PaO2/FiO2", "Ratio of PaO2/FiO2 on day 7", True),
        ("Murray lung injury score", "Murray score", True),
        ("Lung CT", "Oxygen saturation", False),
        ("C-reactive protein", "Total protein", False),
        ("Days out of the ICU", "Mortality", False),
    ],
)
def test_outcomes_are_one_where_their_words_may_mean_it(one: str, other: str, may_be: bool) -> None:
    assert outcomes_may_be_one(one, other) is may_be
    assert outcomes_may_be_one(other, one) is may_be


def test_a_name_with_its_town_is_the_same_and_another_hospital_is_not() -> None:
    assert are_alike("Example Hospital", "EXAMPLE HOSPITAL, Example City")
    assert are_alike("Imam Khomeini hospital complex", "Imam Khomeini Complex hospita;")
    assert not are_alike("Ruijin Hospital", "Jinyintan Hospital")
    assert not are_alike("Wuxi Fifth People's Hospital", "Wuxi No. 5 People's Hospital")
    assert not are_alike("", "Example Hospital")


@given(st.text(max_size=40), st.text(max_size=40))
def test_being_alike_goes_both_ways(one: str, other: str) -> None:
    assert are_alike(one, other) == are_alike(other, one)
    assert outcomes_may_be_one(one, other) == outcomes_may_be_one(other, one)
    assert phases_may_agree(one, other) == phases_may_agree(other, one)
