"""The timeline of every participant: days against the dates they come from, and what is drawn of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from exotrial.datasets.captured import EVENTS, Captured, read_captured
from exotrial.report.document import Figure
from exotrial.report.figures.labels import lane_labels, short_names
from exotrial.report.figures.swimmer import MOST_LANES, draw_swimmer
from exotrial.report.figures.swimmer_days import derive_days, derive_spans
from exotrial.report.figures.swimmer_marks import MARKS
from exotrial.report.render.figures import draw_svg
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.report.synthetic_trial import START, a_study, a_trial, captured_from

PILOT = PROJECT / "studies" / "chictr2000030261"
ONE_ARM = a_study("Exosomes", allocation="not applicable")
TWO_ARMS = a_study("Exosomes", "Saltwater")


@pytest.fixture(scope="module")
def pilot() -> tuple[Study, Captured]:
    return read_study(PILOT / "study.toml")[0], read_captured(PILOT / "data")


def drawn_values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Every row of data in every layer of every panel."""
    panels = spec.get("vconcat", [spec])
    return [row for panel in panels for layer in panel["layer"] for row in layer["data"]["values"]]


def whole(text: str | None) -> int:
    """A printed whole number, with its true minus sign."""
    return int((text or "").replace("−", "-"))


def rows(figure: Figure) -> list[dict[str, str | None]]:
    assert figure.data is not None
    keys = [column.key for column in figure.data.columns]
    return [dict(zip(keys, row, strict=True)) for row in figure.data.rows]


def test_the_pilots_days_are_those_between_the_papers_dates(pilot: tuple[Study, Captured]) -> None:
    spans = {(span.usubjid[-1], span.kind): span for span in derive_spans(derive_days(pilot[1]))}
    # Table 1 of the paper, patient 4: diagnosed 31 January, nebulised 27 February, recovered 9 March 2020.
    assert (spans["4", "before"].start, spans["4", "before"].stop) == (-27, 0)
    assert (spans["4", "after"].start, spans["4", "after"].stop) == (0, 11)
    # Patient 7: 20 August, 23 August, 4 September 2020.
    assert (spans["7", "before"].start, spans["7", "after"].stop) == (-3, 12)


def test_late_starters_come_first(pilot: tuple[Study, Captured]) -> None:
    people = list(dict.fromkeys((row["participant"] or "")[-1] for row in rows(draw_swimmer(*pilot))))
    # Days from diagnosis to the first dose by the paper's Table 1: 27, 19, 18, 18, 8, 4 and 3.
    assert people == ["4", "3", "1", "2", "6", "5", "7"]


def test_a_length_of_stay_without_dates_is_not_drawn(pilot: tuple[Study, Captured]) -> None:
    figure = draw_swimmer(*pilot)
    assert {row["what"] for row in rows(figure)} == {
        "Diagnosis to first dose",
        "First dose to recovery",
        "Diagnosis",
        "First dose",
        "CT",
        "Lesion absorbed",
        "Recovery",
    }


@pytest.mark.parametrize(("study", "trial"), [(TWO_ARMS, a_trial(24)), (ONE_ARM, a_trial(5, arms=1))])
def test_the_table_holds_what_is_drawn(study: Study, trial: Captured) -> None:
    figure = draw_swimmer(study, trial)
    assert figure.vega_lite is not None
    values = drawn_values(figure.vega_lite)
    markers = sorted((row["event"], row["day"]) for row in values if "event" in row)
    bars = sorted((row["period"], row["a"], row["b"]) for row in values if "period" in row)
    table = rows(figure)
    assert markers == sorted((r["what"], whole(r["from_day"])) for r in table if r["drawn"] == "marker")
    assert bars == sorted(
        (r["what"], whole(r["from_day"]), whole(r["to_day"])) for r in table if r["drawn"] == "bar"
    )
    assert len(markers) == trial.events.height


def test_a_participant_without_a_first_dose_is_counted_from_randomisation_and_marked() -> None:
    trial = captured_from(
        [("A-1", "arm_1"), ("A-2", "arm_1"), ("A-3", "arm_1")],
        [
            ("A-1", "first dose", START),
            ("A-2", "randomised", START + timedelta(days=4)),
            ("A-2", "withdrawal", START + timedelta(days=9)),
            ("A-3", "diagnosis", START + timedelta(days=4)),
            ("A-3", "recovery", START + timedelta(days=7)),
        ],
    )
    figure = draw_swimmer(ONE_ARM, trial)
    days = {(row["participant"], row["what"]): row["from_day"] for row in rows(figure)}
    assert days["A-2", "Withdrawal"] == "5"
    assert days["A-3", "Recovery"] == "3"
    assert "their randomisation or, without one, from their earliest recorded event" in figure.caption
    marked = {
        row["lane"] for row in drawn_values(figure.vega_lite or {}) if row.get("lane", "").endswith("*")
    }
    assert marked == {"2 · F 21 *", "3 · M 22 *"}


def test_a_participant_without_any_date_is_told_and_not_drawn() -> None:
    trial = captured_from([("A-1", "arm_1"), ("A-2", "arm_1")], [("A-1", "first dose", START)])
    figure = draw_swimmer(ONE_ARM, trial)
    assert "1 participant without any dated event cannot be drawn" in figure.caption
    assert {row["participant"] for row in rows(figure)} == {"A-1"}


def test_those_screened_and_not_enrolled_have_no_lane() -> None:
    figure = draw_swimmer(TWO_ARMS, a_trial(12, excluded=5))
    assert len({row["participant"] for row in rows(figure)}) == 12


def test_events_on_one_day_of_one_lane_do_not_hide_one_another() -> None:
    trial = captured_from(
        [("A-1", "arm_1")], [("A-1", event, START) for event in ("first dose", "ct", "recovery")]
    )
    spec = draw_swimmer(ONE_ARM, trial).vega_lite or {}
    offsets = [layer["mark"]["yOffset"] for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert len(offsets) == len(set(offsets)) == 3


def test_every_event_has_a_mark_and_no_two_share_shape_and_colour() -> None:
    assert tuple(MARKS) == EVENTS
    assert len({mark.shape for mark in MARKS.values()}) == len(MARKS)


@pytest.mark.parametrize("n", [24, MOST_LANES + 12])
def test_while_arms_are_blinded_nothing_tells_them(n: int) -> None:
    figure = draw_swimmer(TWO_ARMS, a_trial(n), show_arms=False)
    assert figure.data is not None
    told = json.dumps(figure.vega_lite) + figure.alt + figure.caption + repr(figure.data)
    assert "Exosomes" not in told
    assert "Saltwater" not in told
    assert "arm_" not in told
    assert "Saltwater" in json.dumps(draw_swimmer(TWO_ARMS, a_trial(n)).vega_lite)


@pytest.mark.parametrize(("n", "lanes"), [(MOST_LANES, True), (MOST_LANES + 1, False)])
def test_sixty_participants_have_lanes_and_sixty_one_a_summary(n: int, lanes: bool) -> None:
    figure = draw_swimmer(ONE_ARM, a_trial(n, arms=1))
    assert ("summarised" not in figure.title) is lanes


def test_the_summary_counts_every_participant_of_an_event() -> None:
    trial = a_trial(200)
    found = {(row["arm"], row["event"]): row["n"] for row in rows(draw_swimmer(TWO_ARMS, trial))}
    deaths = sum(int(n or 0) for (_, event), n in found.items() if event == "Death")
    assert deaths == trial.events["EVENT"].to_list().count("death")


def test_ten_thousand_participants_draw_no_more_than_a_hundred() -> None:
    large, small = (len(json.dumps(draw_swimmer(TWO_ARMS, a_trial(n)).vega_lite)) for n in (10_000, 100))
    assert large < 1.1 * small


@pytest.mark.parametrize("trial", [a_trial(1, arms=1), a_trial(24), a_trial(70)])
def test_the_drawing_is_xml_and_the_same_each_time(trial: Captured) -> None:
    first, second = (draw_svg(draw_swimmer(TWO_ARMS, trial)) for _ in range(2))
    assert first == second
    assert ElementTree.fromstring(first).tag.endswith("svg")


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["CHICTR-1", "CHICTR-2"], ["1", "2"]),
        (["S01-001", "S02-001"], ["S01-001", "S02-001"]),
        (["X/7-010", "X/7-011"], ["010", "011"]),
        (["P01", "P02"], ["P01", "P02"]),
        (["A-1"], ["1"]),
        (["A-", "A-1"], ["A-", "A-1"]),
        ([], []),
    ],
)
def test_a_short_name_drops_what_all_share_up_to_a_separator(names: list[str], short: list[str]) -> None:
    assert list(short_names(names).values()) == short


def test_labels_that_shortening_makes_alike_are_told_apart() -> None:
    people = [(f"{'9' * 60}{number}", "arm_1") for number in range(3)]
    labels = lane_labels(captured_from(people), [name for name, _ in people], size=10, width=60)
    assert len(set(labels.values())) == 3
