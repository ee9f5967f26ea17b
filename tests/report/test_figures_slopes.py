"""Before and after, a line a participant: values against the pairs they come from, axes and end labels."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.outcomes.measure import find_measure
from exotrial.report.document import Figure
from exotrial.report.figures.slopes import MOST_LABELLED, MOST_LINES, draw_slopes
from exotrial.report.figures.slopes_scale import choose_axis, place_labels
from exotrial.report.render.figures import draw_svg
from exotrial.statistics.describe import describe

MEASURES = {code: find_measure(code) for code in ("CRP", "TEMP", "WBC")}
# The ChiCTR pilot's C-reactive protein, mg/L, participants 1 to 7 (its Table 2).
CRP = [(88.4, 0.4), (30.8, 3.5), (5.7, 0.5), (31.8, 11.4), (0.5, 0.5), (2.2, 0.5), (1.9, 5.4)]


def pairs_of(values: list[tuple[float, float]], code: str = "CRP") -> pl.DataFrame:
    return pl.DataFrame(
        [(f"S-{number}", code, before, after) for number, (before, after) in enumerate(values, 1)],
        schema={"USUBJID": pl.String, "PARAMCD": pl.String, "BEFORE": pl.Float64, "AFTER": pl.Float64},
        orient="row",
    )


def drawn(
    pairs: pl.DataFrame, *, colour_by: Mapping[str, str] | None = None, show_arms: bool = True
) -> Figure:
    return draw_slopes(
        pairs,
        measures=MEASURES,
        colour_by=colour_by,
        colour_title="Severity",
        id="slopes",
        title="Before and after",
        caption_lead="One line a participant.",
        show_arms=show_arms,
    )


def panels(figure: Figure) -> list[dict[str, Any]]:
    assert figure.vega_lite is not None
    return list(figure.vega_lite["concat"])


def many(n: int) -> pl.DataFrame:
    return pairs_of([(20.0 + number % 31, 5.0 + number % 17) for number in range(n)])


def test_every_pair_is_a_line_and_a_row() -> None:
    figure = drawn(pairs_of(CRP))
    points = [(point["x"], point["y"]) for point in panels(figure)[0]["data"]["values"]]
    assert points == [end for before, after in CRP for end in ((0, before), (1, after))]
    assert figure.data is not None
    assert [(float(row[2] or ""), float(row[3] or "")) for row in figure.data.rows] == CRP


def test_a_panel_for_each_measure_with_its_unit() -> None:
    figure = drawn(pl.concat([pairs_of(CRP), pairs_of([(36.5, 36.6), (37.1, 37.0)], "TEMP")]))
    titles = [" ".join(panel["title"]["text"]) for panel in panels(figure)]
    assert titles == ["C-reactive protein (mg/L)", "Body temperature (°C)"]


def test_skewed_values_have_a_logarithmic_axis_and_the_caption_says_so() -> None:
    figure = drawn(pl.concat([pairs_of(CRP), pairs_of([(36.5, 36.6), (37.1, 37.0), (36.7, 36.5)], "TEMP")]))
    assert "Logarithmic axis: C-reactive protein." in figure.caption


def test_without_skew_no_logarithm_is_named() -> None:
    assert "Logarithmic" not in drawn(pairs_of([(4.0, 5.0), (6.0, 7.0), (5.0, 5.0)])).caption


def test_the_words_count_who_fell_and_who_rose() -> None:
    # Of the seven, participant 7 rose and participant 5 stayed at 0.5 mg/L.
    assert "C-reactive protein: fell in 5, rose in 1, unchanged in 1" in drawn(pairs_of(CRP)).alt


@pytest.mark.parametrize(("n", "labelled"), [(MOST_LABELLED, True), (MOST_LABELLED + 1, False)])
def test_up_to_twelve_participants_are_named_at_the_line_ends(n: int, labelled: bool) -> None:
    marks = [layer["mark"]["type"] for layer in panels(drawn(many(n)))[0]["layer"]]
    assert ("text" in marks) is labelled


def test_equal_ends_share_a_label() -> None:
    texts = [
        row["text"]
        for layer in panels(drawn(pairs_of(CRP)))[0]["layer"]
        if layer["mark"]["type"] == "text"
        for row in layer["data"]["values"]
    ]
    # Participants 3, 5 and 6 all end at 0.5 mg/L.
    assert texts == ["4", "7", "2", "3, 5, 6", "1"]


@pytest.mark.parametrize(("n", "lines"), [(MOST_LINES, True), (MOST_LINES + 1, False)])
def test_up_to_150_participants_are_lines_and_more_are_means(n: int, lines: bool) -> None:
    figure = drawn(many(n))
    assert ("too many for a line" not in figure.caption) is lines
    assert figure.data is not None
    assert len(figure.data.rows) == (n if lines else 2)


def test_the_means_of_many_are_those_of_describe() -> None:
    pairs = many(400)
    figure = drawn(pairs)
    point = panels(figure)[0]["data"]["values"][1]
    summary = describe(pairs["AFTER"].to_numpy())
    assert (point["y"], point["lower"], point["upper"]) == (summary.mean, summary.lower, summary.upper)
    assert figure.data is not None
    assert figure.data.rows[1][3] == f"{summary.mean:.6g}"


def test_a_group_of_one_among_many_has_a_mean_and_no_interval() -> None:
    pairs = many(200)
    groups = dict.fromkeys(pairs["USUBJID"], "mild") | {"S-1": "severe"}
    figure = drawn(pairs, colour_by=groups)
    assert figure.data is not None
    lone = [row for row in figure.data.rows if row[1] == "severe"]
    assert [row[5] for row in lone] == [None, None]
    assert ElementTree.fromstring(draw_svg(figure)).tag.endswith("svg")


def test_groups_have_a_legend_and_their_own_shapes() -> None:
    groups = {f"S-{number}": "severe" if number in (2, 4) else "mild" for number in range(1, 8)}
    figure = drawn(pairs_of(CRP), colour_by=groups)
    assert "severity" in figure.caption
    shape = panels(figure)[0]["layer"][1]["encoding"]["shape"]
    assert shape["scale"]["domain"] == ["mild", "severe"]
    assert len(set(shape["scale"]["range"])) == 2


def test_a_participant_without_a_group_is_not_recorded() -> None:
    figure = drawn(pairs_of(CRP), colour_by={"S-1": "mild"})
    assert figure.data is not None
    assert {row[1] for row in figure.data.rows} == {"mild", "not recorded"}


@pytest.mark.parametrize("n", [7, 200])
def test_while_arms_are_blinded_no_group_is_told(n: int) -> None:
    pairs = many(n)
    arms = {name: "Exosomes" if place % 2 else "Saltwater" for place, name in enumerate(pairs["USUBJID"])}
    figure = drawn(pairs, colour_by=arms, show_arms=False)
    told = json.dumps(figure.vega_lite) + figure.alt + figure.caption + repr(figure.data)
    assert "Exosomes" not in told
    assert "Saltwater" not in told
    assert "Exosomes" in json.dumps(drawn(pairs, colour_by=arms).vega_lite)


def test_without_a_pair_there_is_no_figure() -> None:
    with pytest.raises(Refusal, match="RPT-100"):
        drawn(pairs_of([]))


@pytest.mark.parametrize("pairs", [pairs_of([(3.0, 3.0)]), pairs_of(CRP), many(72), many(1000)])
def test_the_drawing_is_xml_and_the_same_each_time(pairs: pl.DataFrame) -> None:
    first, second = draw_svg(drawn(pairs)), draw_svg(drawn(pairs))
    assert first == second
    assert ElementTree.fromstring(first).tag.endswith("svg")


def test_ten_thousand_participants_draw_no_more_than_two_hundred() -> None:
    large, small = (len(json.dumps(drawn(many(n)).vega_lite)) for n in (10_000, 200))
    assert large < 1.1 * small


VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=40)


@given(VALUES)
@settings(deadline=None, max_examples=60)
def test_an_axis_holds_every_value_and_leads_back_from_its_pixels(values: list[float]) -> None:
    axis = choose_axis(values, height=150)
    for value in values:
        pixel = axis.to_pixel(value)
        assert 0 < pixel < 150
        assert axis.to_value(pixel) == pytest.approx(value, rel=1e-6, abs=1e-6 * (axis.high - axis.low))


@pytest.mark.parametrize(("high", "log"), [(50.0, True), (49.9, False)])
def test_a_ratio_of_fifty_makes_an_axis_logarithmic(high: float, log: bool) -> None:
    assert choose_axis([1.0, 3.0, high], height=100).log is log


def test_zero_cannot_stand_on_a_logarithmic_axis() -> None:
    assert choose_axis([0.0, 3.0, 1000.0], height=100).log is False


@given(st.lists(st.floats(0, 150), min_size=1, max_size=12))
@settings(deadline=None, max_examples=100)
def test_labels_keep_their_order_their_distance_and_the_panel(wanted: list[float]) -> None:
    placed = place_labels(sorted(wanted), height=150, gap=11)
    assert all(b - a >= 11 - 1e-9 for a, b in itertools.pairwise(placed))
    assert placed[0] >= -1e-9
    assert placed[-1] <= 150 + 1e-9


def test_labels_that_do_not_touch_stay_where_they_are() -> None:
    assert place_labels([10, 40, 90], height=150, gap=11) == [10, 40, 90]
