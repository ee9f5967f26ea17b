"""Figures of comparability: what is drawn is what was found, told by shape as well as by colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.comparability import Comparison, Outcome
from exotrial.product.distance import compute_distance
from exotrial.product.stability import compute_stability
from exotrial.report.document import Figure
from exotrial.report.figures.ratio_forest import LOOK, draw_ratio_forest
from exotrial.report.figures.size_overlay import draw_size_overlay
from exotrial.report.figures.stability_lines import draw_stability
from exotrial.report.render.figures import draw_svg
from tests.product.test_comparability import AFTER, BEFORE, compared
from tests.product.test_distance import A, B, distribution
from tests.product.test_stability import ALIKE, STEEPER


def spec(figure: Figure) -> dict[str, Any]:
    assert figure.vega_lite is not None
    return figure.vega_lite


def forest(*comparisons: Comparison) -> Figure:
    return draw_ratio_forest(comparisons, id="ratios", title="Ratios")


SAME, NOISY, LOST = (
    compared(),
    compared([5e8, 9e8, 7e8], [6e8, 9e8, 6e8]),
    compared(BEFORE, [value / 10 for value in AFTER]),
)


def test_the_forest_draws_each_ratio_with_its_interval_and_margin() -> None:
    figure = forest(SAME, NOISY, LOST)
    rows = spec(figure)["data"]["values"]
    assert [row["outcome"] for row in rows] == [str(each.outcome) for each in (SAME, NOISY, LOST)]
    assert SAME.equivalence is not None
    ratio = SAME.equivalence.as_ratio()
    assert (rows[0]["ratio"], rows[0]["lower"], rows[0]["upper"]) == (ratio.value, ratio.lower, ratio.upper)
    assert (rows[0]["low"], rows[0]["high"]) == (0.8, 1.25)
    assert figure.data is not None
    assert len(figure.data.rows) == 3
    assert "equivalence not shown" in figure.alt
    assert draw_svg(figure).startswith("<svg")


def test_every_answer_has_a_shape_and_a_colour_of_its_own() -> None:
    shapes, colours = zip(*LOOK.values(), strict=True)
    assert len(set(shapes)) == len(set(colours)) == len(LOOK) == len(Outcome) - 1


def test_what_was_not_tested_stands_in_the_table_and_a_forest_of_nothing_is_refused() -> None:
    untested = compared(BEFORE[:1], AFTER[:1])
    figure = forest(SAME, untested)
    assert len(spec(figure)["data"]["values"]) == 1
    assert figure.data is not None
    assert figure.data.rows[1][-2] == "not tested"
    with pytest.raises(Refusal, match="RPT-110"):
        forest(untested)


def test_the_axis_of_the_forest_holds_every_interval_however_wide() -> None:
    wild = compared([1e3, 1e12, 1e8], [1e2, 1e13, 1e8])
    figure = forest(wild)
    low, high = spec(figure)["layer"][0]["encoding"]["x"]["scale"]["domain"]
    row = spec(figure)["data"]["values"][0]
    assert low <= row["lower"] <= row["upper"] <= high
    assert high < 40
    assert "to inf" in row["told"] or "e+" in row["told"]  # the true bounds are told in words
    assert draw_svg(figure)


def test_distributions_are_drawn_with_bands_and_dashes() -> None:
    found = compute_distance([A], [B], paired=False, seed=1, resamples=200)
    figure = draw_size_overlay(found, reference="before", test="after", id="sizes", title="Sizes")
    rows = spec(figure)["data"]["values"]
    assert {row["group"] for row in rows} == {"before", "after"}
    assert all(row["low"] <= row["share"] + 1e-9 and row["share"] <= row["high"] + 1e-9 for row in rows)
    assert "strokeDash" in spec(figure)["layer"][1]["encoding"]
    assert "bootstrap draws of whole videos (3 and 3; seed 1)" in figure.caption
    assert draw_svg(figure)


def test_a_single_video_has_no_band_and_the_caption_says_so() -> None:
    found = compute_distance([distribution([1.0, 2.0])], [distribution([2.0, 1.0])], paired=False, seed=1)
    figure = draw_size_overlay(found, reference="fresh", test="stored", id="sizes", title="Sizes")
    assert all(row["low"] is None for row in spec(figure)["data"]["values"])
    assert "no band can be drawn" in figure.caption
    assert draw_svg(figure)


@pytest.mark.parametrize(("data", "lines"), [(ALIKE, 1), (STEEPER, 3)])
def test_stability_draws_one_line_for_pooled_batches_and_one_each_otherwise(data: Any, lines: int) -> None:
    found = compute_stability(data, lower=2e8)
    figure = draw_stability(found, id="stability", title="Stability", attribute="particle concentration")
    drawn = spec(figure)["layer"][1]["data"]["values"]
    assert len({row["line"] for row in drawn}) == lines
    assert figure.data is not None
    assert len(figure.data.rows) == len(data)
    assert f"{found.supported:.3g} days are supported" in figure.caption
    assert np.all([row["low"] < row["mean"] < row["high"] for row in drawn])
    assert draw_svg(figure)
