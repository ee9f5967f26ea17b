"""The participant flow: counts against the tables they come from, and the drawing as XML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import polars as pl
import pytest

from exotrial.datasets.captured import Captured, read_captured
from exotrial.report.document import Figure
from exotrial.report.figures.flow import draw_flow
from exotrial.report.figures.flow_counts import compute_flow
from exotrial.report.figures.flow_model import Box, FlowKind
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.report.synthetic_trial import START, a_study, a_trial, captured_from

STUDIES = PROJECT / "studies"
SVG = "{http://www.w3.org/2000/svg}"


def texts(figure: Figure) -> list[str]:
    """Every printed line, in order."""
    assert figure.svg is not None
    return [node.text or "" for node in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


def printed(figure: Figure) -> str:
    """All printed words, with line breaks as spaces."""
    return " ".join(texts(figure)).replace("\u00a0", " ")


def number(box: Box, step: str) -> int | None:
    return dict(box.counts())[step]


@pytest.fixture(scope="module")
def pilot() -> tuple[Study, Captured]:
    folder = STUDIES / "chictr2000030261"
    return read_study(folder / "study.toml")[0], read_captured(folder / "data")


def test_the_pilots_flow_is_counted_from_its_tables(pilot: tuple[Study, Captured]) -> None:
    flow = compute_flow(*pilot)
    group = flow.groups[0]
    # The paper enrols seven patients and dates the first nebulisation and the recovery of each (its Table 1).
    assert flow.kind is FlowKind.CAPTURED
    assert number(flow.entered, "Enrolled") == 7
    assert number(group.allocation, "Received a first dose") == 7
    assert number(group.follow_up, "Recovery recorded") == 7


def test_what_nobody_captured_is_not_reported_and_never_zero(pilot: tuple[Study, Captured]) -> None:
    figure = draw_flow(*pilot)
    for words in ("Assessed for eligibility", "Excluded", "Withdrew", "Died"):
        assert f"{words}: not reported" in printed(figure)
    assert "(n = 0)" not in printed(figure)


def test_everybody_assessed_is_excluded_or_randomised() -> None:
    flow = compute_flow(a_study("Exosomes", "Placebo"), a_trial(72, excluded=20))
    assessed = number(flow.assessed, "Assessed for eligibility")
    excluded, randomised = number(flow.excluded, "Excluded"), number(flow.entered, "Randomised")
    assert (assessed, excluded, randomised) == (92, 20, 72)


def test_who_is_still_in_screening_is_not_excluded_and_is_counted_apart() -> None:
    study, trial = a_study("Exosomes", "Placebo"), a_trial(72, excluded=20)
    people = trial.participants
    excluded = people.filter(pl.col("ARMCD") == "")["USUBJID"].to_list()
    status = (
        pl.when(pl.col("USUBJID").is_in(excluded[:3])).then(pl.lit("in screening")).otherwise(pl.lit("other"))
    )
    flow = compute_flow(study, replace(trial, participants=people.with_columns(STATUS=status)))
    assert number(flow.assessed, "Assessed for eligibility") == 92
    assert number(flow.assessed, "Still in screening") == 3
    assert number(flow.excluded, "Excluded") == 17
    assert number(flow.entered, "Randomised") == 72
    assert "Still in screening (n = 3)" in printed(
        draw_flow(study, replace(trial, participants=people.with_columns(STATUS=status)))
    )


def test_reasons_for_exclusion_add_up_to_the_excluded() -> None:
    flow = compute_flow(a_study("Exosomes", "Placebo"), a_trial(72, excluded=20))
    reasons = {name: n for name, n in flow.excluded.counts() if name.startswith("Excluded: ")}
    # Two in three of twenty have a reason: all but numbers 3, 6, 9, 12, 15 and 18.
    assert reasons == {"Excluded: Not meeting inclusion criteria": 14, "Excluded: No reason recorded": 6}


@pytest.mark.parametrize("arms", [1, 2, 3, 4])
def test_the_arms_add_up_to_the_randomised(arms: int) -> None:
    names = ("Low", "Middle", "High", "Placebo")[:arms]
    trial = a_trial(60, arms=arms)
    flow = compute_flow(a_study(*names), trial)
    sizes = [next(iter(group.allocation.counts()))[1] for group in flow.groups]
    codes = trial.participants["ARMCD"].to_list()
    assert sizes == [codes.count(f"arm_{number}") for number in range(1, arms + 1)]
    assert sum(size or 0 for size in sizes) == number(flow.entered, "Randomised") == 60


def test_received_and_not_recorded_add_up_to_the_allocated() -> None:
    flow = compute_flow(a_study("Exosomes", "Placebo"), a_trial(72))
    for group in flow.groups:
        counts = dict(group.allocation.counts())
        dosed = counts["Received a first dose"] or 0
        assert dosed + (counts.get("No first dose recorded") or 0) == counts[f"Allocated to {group.name}"]


def test_withdrawals_deaths_and_values_equal_the_tables() -> None:
    trial = a_trial(72)
    flow = compute_flow(a_study("Exosomes", "Placebo"), trial)
    for event, step in (("withdrawal", "Withdrew"), ("death", "Died"), ("discharge", "Discharge recorded")):
        total = sum(number(group.follow_up, step) or 0 for group in flow.groups)
        assert total == trial.events.filter(pl.col("EVENT") == event).height > 0
    analysed = sum(number(group.analysis, "C-reactive protein") or 0 for group in flow.groups)
    assert analysed == trial.measurements.filter(pl.col("AVISIT") == "AFTER").height > 0


def test_an_arm_without_withdrawals_shows_zero_where_the_other_arm_has_some() -> None:
    trial = captured_from(
        [("1", "arm_1"), ("2", "arm_2")],
        [("1", "withdrawal", START), ("2", "recovery", START + timedelta(9))],
    )
    flow = compute_flow(a_study("Exosomes", "Placebo"), trial)
    assert [number(group.follow_up, "Withdrew") for group in flow.groups] == [1, 0]


def test_who_was_lost_to_follow_up_is_counted_in_every_arm_once_anybody_was() -> None:
    trial = captured_from(
        [("1", "arm_1"), ("2", "arm_2")],
        [("1", "lost to follow-up", START), ("2", "recovery", START + timedelta(9))],
    )
    flow = compute_flow(a_study("Exosomes", "Placebo"), trial)
    assert [number(group.follow_up, "Lost to follow-up") for group in flow.groups] == [1, 0]


def test_a_value_at_baseline_alone_is_not_analysed() -> None:
    trial = captured_from(
        [("1", "arm_1"), ("2", "arm_1")],
        crp=[("1", "BEFORE", 3.0), ("2", "BEFORE", 4.0), ("2", "AFTER", 1.0)],
    )
    flow = compute_flow(a_study("Exosomes"), trial)
    assert number(flow.groups[0].analysis, "C-reactive protein") == 1


def test_participants_without_an_arm_are_shown_as_such() -> None:
    trial = captured_from([("1", "arm_1"), ("2", "arm_2"), ("3", "")])
    flow = compute_flow(a_study("Exosomes", "Placebo"), trial)
    assert [group.name for group in flow.groups] == ["Exosomes", "Placebo", "No arm recorded"]


def test_while_arms_are_blinded_nothing_tells_them() -> None:
    trial = a_trial(72, excluded=20)
    figure = draw_flow(a_study("Exosomes", "Saltwater"), trial, show_arms=False)
    assert figure.svg is not None
    assert figure.data is not None
    told = " ".join([figure.svg, figure.alt, figure.caption, figure.title, repr(figure.data.rows)])
    assert "Exosomes" not in told
    assert "Saltwater" not in told
    assert "arm_" not in told
    assert "All groups together (n = 72)" in printed(figure)


def test_a_registered_trial_without_data_is_drawn_as_planned() -> None:
    study, _ = read_study(STUDIES / "irct20201202049568n3" / "study.toml")
    figure = draw_flow(study, None)
    assert "planned" in figure.title.lower()
    assert "planned" in figure.caption
    # The registry's record: 72 to be randomised, 12 in phase one in two strata of 6, 60 in phase two, halves each.
    assert figure.data is not None
    assert [(step, n) for _, _, step, n in figure.data.rows] == [
        ("To be randomised", "72"),
        ("Phase one", "12"),
        ("Phase one: Stratum A", "6"),
        ("Phase one: Stratum B", "6"),
        ("Phase two", "60"),
        ("Intervention group", "6"),
        ("Control group", "6"),
        ("Intervention group", "30"),
        ("Control group", "30"),
    ]


def test_a_paper_without_data_is_drawn_as_stated() -> None:
    study, _ = read_study(STUDIES / "mexcovid" / "study.toml")
    figure = draw_flow(study, None)
    assert "as stated" in figure.title
    assert "Enrolled (n = 7)" in printed(figure)
    assert "Analysed: not reported" in printed(figure)


FIGURES = [
    (a_study("Exosomes"), a_trial(1, arms=1)),
    (a_study("Exosomes", "Placebo"), a_trial(72, excluded=20)),
    (a_study("Low", "Middle", "High", "Placebo"), a_trial(120, arms=4)),
    (a_study('Exosomes <&> "saline" ' * 6, "Supercalifragilisticexpialidocious" * 4), a_trial(20)),
]


@pytest.mark.parametrize(("study", "trial"), FIGURES)
def test_every_count_in_the_table_is_printed_in_the_drawing(study: Study, trial: Captured) -> None:
    figure = draw_flow(study, trial)
    assert figure.data is not None
    drawn = re.findall(r"\(n = ([\d,]+)\)|: (not reported)", printed(figure))
    shown = sorted(number.replace(",", "") or words for number, words in drawn)
    assert shown == sorted(row[3] or "" for row in figure.data.rows)


@pytest.mark.parametrize(("study", "trial"), FIGURES)
def test_every_box_lies_inside_the_picture_and_every_text_inside_a_box(study: Study, trial: Captured) -> None:
    svg = draw_flow(study, trial).svg
    assert svg is not None
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [
        tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if "x" in rect.attrib
    ]
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        assert any(bx < x < bx + w and by < y < by + h for bx, by, w, h in boxes)


def test_the_same_input_gives_the_same_bytes() -> None:
    study = a_study("Exosomes", "Placebo")
    assert draw_flow(study, a_trial(72)).svg == draw_flow(study, a_trial(72)).svg


def test_the_words_for_those_who_do_not_see_it_hold_the_numbers() -> None:
    figure = draw_flow(a_study("Exosomes", "Placebo"), a_trial(72, excluded=20))
    assert "Assessed for eligibility (n = 92)" in figure.alt
    assert "Excluded (n = 20)" in figure.alt


def test_ten_thousand_participants_make_a_drawing_no_larger_than_seventy_two() -> None:
    study = a_study("Exosomes", "Placebo")
    large, small = draw_flow(study, a_trial(10_000)).svg, draw_flow(study, a_trial(72)).svg
    assert large is not None
    assert small is not None
    assert len(large) < 1.2 * len(small)
