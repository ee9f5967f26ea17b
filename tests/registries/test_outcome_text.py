"""Outcomes printed as one text, in the grammars of IRCT, ClinicalTrials.gov and ChiCTR."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Place
from exotrial.registries.outcome_text import read_outcomes
from tests.conftest import shared

IRCT = (
    "Primary outcome: Oxygen need (litres; by mask). Timepoint: Baseline and day 7. Method of measurement: Chart; ward"
    " round; notes.;Death. Timepoint: 28 days. Method of measurement: Count."
)


def test_an_irct_text_gives_name_time_and_method() -> None:
    need, death = read_outcomes(IRCT, "primary", place=Place(file="a.csv", line=2))
    assert (need.name.value, need.name.place.line) == ("Oxygen need (litres; by mask)", 2)
    assert need.time_frame is not None
    assert need.method is not None
    assert (need.time_frame.value, need.days, need.horizon_days) == ("Baseline and day 7", (0, 7), None)
    assert need.method.value == "Chart; ward round; notes"
    assert (death.name.value, death.days, death.horizon_days, death.level) == ("Death", (), 28, "primary")


def test_names_alone_are_parted_by_semicolons_outside_brackets() -> None:
    names = [outcome.name.value for outcome in read_outcomes("Lung CT;Rate (day 1; day 2);", "secondary")]
    assert names == ["Lung CT", "Rate (day 1; day 2)"]


def test_a_name_tells_no_time() -> None:
    (outcome,) = read_outcomes("Mortality at day 28", "primary")
    assert (outcome.days, outcome.time_frame, outcome.method) == ((), None, None)


def test_a_time_frame_in_brackets_is_read() -> None:
    first, second = read_outcomes("Death [Time Frame: 28 days];Relapse; [Time Frame: Day 90]", "primary")
    assert (first.name.value, first.horizon_days) == ("Death", 28)
    assert (second.name.value, second.days) == ("Relapse", (90,))


@pytest.mark.parametrize("text", ["", " ; ;", "Primary outcome:", "<br>"])
def test_an_empty_field_holds_no_outcome(text: str) -> None:
    assert read_outcomes(text, "primary") == ()


def test_a_text_cut_in_the_middle_keeps_what_it_says() -> None:
    for end in range(len(IRCT)):
        for outcome in read_outcomes(IRCT[:end], "primary"):
            assert outcome.name.prints in IRCT


WORDS = st.text(alphabet="abc XYZ,()-7", min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5))
def test_any_irct_list_is_read_back(parts: list[tuple[str, str, str]]) -> None:
    text = ";".join(f"{a}. Timepoint: {b}. Method of measurement: {c}." for a, b, c in parts)
    read = read_outcomes(text, "secondary")
    clean = [tuple(" ".join(part.split()) for part in triple) for triple in parts]
    assert [
        (o.name.value, o.time_frame and o.time_frame.value, o.method and o.method.value) for o in read
    ] == clean


@pytest.mark.shared
def test_every_outcome_of_sixty_irct_rows_has_name_time_and_method() -> None:
    rows = json.loads(shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json").read_text(encoding="utf-8"))
    outcomes = [outcome for row in rows for outcome in read_outcomes(row["Primary outcome"], "primary")]
    assert len(outcomes) == sum(row["Primary outcome"].count("Timepoint:") for row in rows) == 162
    assert all(outcome.name.value and outcome.time_frame and outcome.method for outcome in outcomes)
    assert sum(bool(outcome.days) for outcome in outcomes) == 85
    assert sum(outcome.horizon_days is not None for outcome in outcomes) == 19
    assert sum(not outcome.days and outcome.horizon_days is None for outcome in outcomes) == 62
