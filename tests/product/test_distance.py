"""Distances of size distributions: the analytic case, scipy on particles one by one, and what a bootstrap must keep."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Place, Refusal
from exotrial.product.distance import compute_distance, compute_ks, compute_wasserstein, cumulate
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    SizeDistribution,
    Video,
    Weighting,
)
from tests.conftest import shared


def distribution(
    *videos: list[float], edges: list[float] | None = None, weighting: Weighting = Weighting.NUMBER
) -> SizeDistribution:
    bins = len(videos[0])
    return SizeDistribution(
        edges_nm=np.array(edges or [50.0 * n for n in range(bins + 1)], dtype=float),
        videos=tuple(
            Video(name=f"video {n}", values=np.array(values, dtype=float))
            for n, values in enumerate(videos, 1)
        ),
        weighting=weighting,
        unit="particles/mL",
        dilution=Dilution(state=DilutionState.APPLIED, factor=1.0),
        instrument="made up",
        version="1",
        place=Place(file="made_up.csv"),
    )


@pytest.mark.shared
def test_the_analytic_case_of_two_uniform_distributions() -> None:
    cases = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))["cases"]
    case = next(each for each in cases if each["id"] == "W1-01")  # U(0, 1) against U(0, 2)
    grid = np.array([0.0, 1.0, 2.0])
    first = cumulate(np.array([1.0]), np.array([0.0, 1.0]), grid)
    second = cumulate(np.array([1.0]), np.array([0.0, 2.0]), grid)
    found = compute_wasserstein(grid, first, second)
    assert found == pytest.approx(case["expected"]["W1"], abs=case["tolerance"])
    assert compute_ks(first, second) == pytest.approx(0.5)


def test_lines_that_cross_within_a_bin_have_the_area_of_two_triangles() -> None:
    # The gap runs from -0.2 to 0.2 over a width of 10: two triangles of 0.2 * 5 / 2.
    grid = np.array([0.0, 10.0])
    assert compute_wasserstein(grid, np.array([0.0, 0.6]), np.array([0.2, 0.4])) == pytest.approx(1.0)


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(any),
    st.lists(st.integers(0, 40), min_size=6, max_size=6).filter(any),
)
def test_distances_are_those_of_particles_spread_evenly_in_their_bins(
    first: list[int], second: list[int]
) -> None:
    # Second derivation: particles one by one, at even places within each bin, through scipy.
    edges = ([0.0, 60.0, 130.0, 200.0, 320.0], [10.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0])
    fine = 200
    particles, weights = [], []
    for values, ends in zip((first, second), edges, strict=True):
        pairs = list(itertools.pairwise(ends))
        particles.append(np.concatenate([a + (b - a) * (np.arange(fine) + 0.5) / fine for a, b in pairs]))
        weights.append(np.repeat(values, fine).astype(float))
    expected = stats.wasserstein_distance(*particles, *weights)
    found = compute_distance(
        [distribution([float(v) for v in first], edges=edges[0])],
        [distribution([float(v) for v in second], edges=edges[1])],
        paired=False,
        seed=1,
        resamples=99,
    )
    assert found.w1_nm.value == pytest.approx(expected, abs=0.5)
    assert 0 <= found.ks.value <= 1


A = distribution([1.0, 8.0, 3.0, 0.0], [2.0, 9.0, 2.0, 0.0], [1.0, 7.0, 4.0, 1.0])
B = distribution([0.0, 5.0, 6.0, 2.0], [1.0, 4.0, 7.0, 2.0], [0.0, 6.0, 5.0, 1.0])


def test_one_seed_gives_one_interval_and_another_seed_another() -> None:
    one, same, other = (compute_distance([A], [B], paired=False, seed=seed) for seed in (7, 7, 8))
    assert (one.w1_nm, one.ks, one.repeat_w1_nm) == (same.w1_nm, same.ks, same.repeat_w1_nm)
    assert one.w1_nm.value == other.w1_nm.value
    few = [
        compute_distance([A], [B], paired=False, seed=seed, resamples=99).reference.lower for seed in (7, 8)
    ]
    assert not np.array_equal(few[0], few[1])  # type: ignore[arg-type]
    assert one.videos == (3, 3)
    assert one.w1_nm.lower is not None
    assert one.w1_nm.upper is not None
    assert one.w1_nm.lower < one.w1_nm.value < one.w1_nm.upper


def test_the_interval_comes_from_videos_so_ten_times_the_particles_do_not_narrow_it() -> None:
    def times(found: SizeDistribution, factor: float) -> SizeDistribution:
        return distribution(*[list(video.values * factor) for video in found.videos])

    few = compute_distance([A], [B], paired=False, seed=3)
    many = compute_distance([times(A, 10)], [times(B, 10)], paired=False, seed=3)
    assert few.w1_nm.lower == pytest.approx(many.w1_nm.lower)
    assert few.w1_nm.upper == pytest.approx(many.w1_nm.upper)


def test_the_bootstrap_of_three_videos_draws_the_27_samples_that_there_are() -> None:
    # Brute force: all 27 x 27 draws of three videos with replacement, by hand.
    def draws(found: SizeDistribution) -> list[np.ndarray]:
        shapes = []
        for pick in itertools.product(range(3), repeat=3):
            total = np.concatenate([[0.0], np.cumsum(sum(found.videos[n].values for n in pick))])
            shapes.append(total / total[-1])
        return shapes

    exact = [compute_ks(first, second) for first in draws(A) for second in draws(B)]
    found = compute_distance([A], [B], paired=False, seed=5, resamples=20_000)
    assert found.ks.lower == pytest.approx(np.quantile(exact, 0.025), abs=0.01)
    assert found.ks.upper == pytest.approx(np.quantile(exact, 0.975), abs=0.01)


def test_a_single_video_has_a_distance_and_no_interval() -> None:
    found = compute_distance([distribution([1.0, 2.0])], [distribution([2.0, 1.0])], paired=False, seed=1)
    assert (found.ks.lower, found.w1_nm.upper, found.repeat_ks, found.reference.lower) == (None,) * 4
    assert found.ks.value == pytest.approx(1 / 3)


def test_a_group_against_itself_lies_within_its_own_repeats() -> None:
    found = compute_distance([A], [A], paired=False, seed=2)
    assert found.w1_nm.value == 0
    assert found.repeat_w1_nm is not None
    assert found.repeat_w1_nm > 0


def test_paired_samples_are_drawn_together() -> None:
    shifted = distribution(*[[0.0, *video.values[:-1]] for video in A.videos[:1]])
    other = distribution([4.0, 1.0, 1.0, 0.0])
    further = distribution([0.0, 4.0, 1.0, 1.0])
    apart = compute_distance(
        [distribution(list(A.videos[0].values)), other], [shifted, further], paired=True, seed=1
    )
    # Each pair is shifted by one bin of 50 nm (A's first video is empty in its last bin): so is any draw of pairs.
    assert apart.w1_nm.lower == pytest.approx(50.0)
    assert apart.w1_nm.upper == pytest.approx(50.0)
    with pytest.raises(Refusal, match="CMP-003"):
        compute_distance([A, A], [B], paired=True, seed=1)


def test_a_band_holds_its_line_and_the_area_of_one() -> None:
    found = compute_distance([A], [B], paired=False, seed=2)
    for band in (found.reference, found.test):
        assert band.lower is not None
        assert band.upper is not None
        assert np.all(band.lower <= band.density + 1e-12)
        assert np.all(band.density <= band.upper + 1e-12)
        assert float(band.density @ np.diff(band.edges_nm)) == pytest.approx(1.0)


def test_a_video_without_particles_is_left_out_and_a_sample_without_any_is_refused() -> None:
    with_empty = distribution(*[list(video.values) for video in A.videos], [0.0] * 4)
    assert compute_distance([with_empty], [A], paired=False, seed=1).w1_nm.value == 0
    with pytest.raises(Refusal, match=r"CMP-002: made_up\.csv"):
        compute_distance([distribution([0.0, 0.0])], [A], paired=False, seed=1)


def test_a_distribution_weighted_by_volume_is_refused() -> None:
    with pytest.raises(Refusal, match=r"CMP-001: made_up\.csv"):
        compute_distance([distribution([1.0], weighting=Weighting.VOLUME)], [A], paired=False, seed=1)
