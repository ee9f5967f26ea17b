"""Percentiles from bins, against what instruments printed, a closed form and a brute-force second derivation."""

from __future__ import annotations

import json
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file, read_assay
from exotrial.product.percentiles import (
    average_over_videos,
    compute_percentile,
    compute_size_summary,
    summarise,
    summarise_videos,
)
from tests.conftest import shared

VALUES = st_numpy.arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 50).map(float)).filter(
    np.any
)


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    document = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.mark.parametrize("name", ["NTA-beads34-v1", "NTA-beads34-v3", "NTA-beads32-v1"])
def test_the_summary_that_the_instrument_printed_comes_from_its_bins(
    name: str, cases: dict[str, dict[str, Any]]
) -> None:
    case = cases[name]
    asked, expected, tolerance = case["inputs"], case["expected"], case["tolerance"]
    path = shared("data", "nta", asked["file"])
    distribution = read_assay(assay_file(path.read_bytes(), name=path.name)).distributions[0]
    found = summarise_videos(distribution)[asked["video"] - 1]
    assert found is not None
    offset = asked["percentile_offset_nm"]
    for ours, key in ((found.d10_nm, "D10"), (found.d50_nm, "D50"), (found.d90_nm, "D90")):
        assert ours + offset == pytest.approx(expected[key], abs=tolerance["size_nm"])
    assert found.mean_nm == pytest.approx(expected["mean"], abs=tolerance["size_nm"])
    assert found.sd_nm == pytest.approx(expected["sd"], abs=tolerance["size_nm"])
    assert found.mode_nm == pytest.approx(expected["mode"], abs=tolerance["mode_nm"])
    assert found.total == pytest.approx(expected["concentration_per_ml"], rel=tolerance["concentration_rel"])
    vendors_span = (found.d90_nm - found.d10_nm) / (found.d50_nm + offset)
    assert vendors_span == pytest.approx(expected["span"], abs=1.5e-3)


def test_the_average_and_standard_error_are_those_that_the_instrument_printed(
    cases: dict[str, dict[str, Any]],
) -> None:
    case = cases["NTA-AVG"]
    found = average_over_videos(case["inputs"]["conc"])
    assert found.mean == pytest.approx(case["expected"]["average"], rel=case["tolerance"]["rel"])
    assert found.standard_error == pytest.approx(
        case["expected"]["standard_error"], rel=case["tolerance"]["rel"]
    )
    undiluted = found.mean / case["inputs"]["dilution"]
    assert undiluted == pytest.approx(case["expected"]["undiluted_average"], rel=case["tolerance"]["rel"])


def test_one_video_has_no_standard_error_and_none_is_refused() -> None:
    assert average_over_videos([3.0]).standard_error is None
    with pytest.raises(Refusal, match="PCT-003"):
        average_over_videos([])
    with pytest.raises(Refusal, match="PCT-003"):
        average_over_videos([1.0, math.nan])


def test_a_lognormal_distribution_has_the_moments_of_its_formula(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["LOGN-01"]
    median, spread = case["inputs"]["median_nm"], math.log(case["inputs"]["gsd"])
    edges = np.arange(0, 1500.01, 0.25)
    normal = NormalDist(math.log(median), spread)
    shares = np.diff([normal.cdf(math.log(edge)) if edge else 0 for edge in edges])
    found, expected = compute_size_summary(shares, edges_nm=edges), case["expected"]
    assert found.d10_nm == pytest.approx(expected["D10"], abs=1e-3)
    assert found.d50_nm == pytest.approx(median, abs=1e-3)
    assert found.d90_nm == pytest.approx(expected["D90"], abs=1e-3)
    assert found.span == pytest.approx(expected["span"], abs=1e-4)
    assert found.mean_nm == pytest.approx(expected["mean"], abs=1e-3)
    assert found.mode_nm == pytest.approx(expected["mode"], abs=0.25)
    assert found.volume_median_nm == pytest.approx(expected["volume_median"], abs=0.05)


@given(VALUES, st.floats(0.01, 100))
def test_percentiles_agree_with_counting_evenly_spread_particles(values: Any, percent: float) -> None:
    # The second derivation: bisection on the share below a diameter, each bin spread evenly.
    edges = np.arange(values.size + 1, dtype=float) * 7 + 3

    def share_below(diameter: float) -> float:
        filled = np.clip((diameter - edges[:-1]) / 7, 0, 1)
        return float((values * filled).sum() / values.sum())

    low, high = float(edges[0]), float(edges[-1])
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if share_below(middle) >= percent / 100 * (1 - 1e-12) else (middle, high)
    assert compute_percentile(values, percent, edges_nm=edges) == pytest.approx(high, abs=1e-6)


@given(VALUES)
def test_percentiles_ascend_and_lie_between_the_outer_edges(values: Any) -> None:
    edges = np.geomspace(10, 1000, values.size + 1)
    found = [compute_percentile(values, percent, edges_nm=edges) for percent in range(0, 101, 5)]
    assert found == sorted(found)
    assert edges[0] <= found[0] <= found[-1] <= edges[-1]


@given(VALUES, st.floats(0.1, 10))
def test_a_wider_scale_scales_every_size_and_leaves_the_span(values: Any, factor: float) -> None:
    edges = np.arange(values.size + 1, dtype=float) + 1
    plain, scaled = (compute_size_summary(values, edges_nm=edges * k) for k in (1, factor))
    assert scaled.d50_nm == pytest.approx(plain.d50_nm * factor)
    assert scaled.sd_nm == pytest.approx(plain.sd_nm * factor)
    assert scaled.span == pytest.approx(plain.span)


def test_an_empty_gap_gives_the_smallest_diameter_that_reaches_the_share() -> None:
    edges = np.array([0.0, 10, 20, 30])
    assert compute_percentile(np.array([5.0, 0, 5]), 50, edges_nm=edges) == 10
    assert compute_percentile(np.array([5.0, 0, 5]), 50.001, edges_nm=edges) > 20
    assert compute_percentile(np.array([0.0, 5, 0]), 0, edges_nm=edges) == 10
    assert compute_percentile(np.array([0.0, 5, 0]), 100, edges_nm=edges) == 20


def test_the_smallest_of_equal_modes_is_given() -> None:
    summary = compute_size_summary(np.array([1.0, 3, 3]), edges_nm=np.array([0.0, 10, 20, 30]))
    assert summary.mode_nm == 15


@pytest.mark.parametrize("percent", [-0.1, 100.1, math.nan])
def test_a_percentage_outside_0_to_100_is_refused(percent: float) -> None:
    with pytest.raises(Refusal, match="PCT-002"):
        compute_percentile(np.array([1.0]), percent, edges_nm=np.array([0.0, 1]))


def test_a_distribution_without_a_particle_has_no_percentile() -> None:
    with pytest.raises(Refusal, match="PCT-001"):
        compute_size_summary(np.zeros(3), edges_nm=np.arange(4.0))


def test_the_mean_over_videos_is_not_the_average_that_the_instrument_prints() -> None:
    path = shared("data", "nta", "tidyNano_beads2_NTA3.4.003_ExperimentSummary.csv")
    distribution = read_assay(assay_file(path.read_bytes(), name=path.name)).distributions[0]
    assert summarise(distribution).d90_nm == pytest.approx(115.02, abs=0.005)  # 115.3 is printed
