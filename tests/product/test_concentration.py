"""Concentration: counting, videos, dilution, blank and linearity, against tables, closed forms and brute force."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Place, Refusal
from exotrial.product.assay import assay_file, read_assay
from exotrial.product.concentration import (
    Concentration,
    DilutionStep,
    compute_concentration,
    compute_critical_level,
    compute_detection_limit,
    compute_linearity,
    compute_poisson_interval,
    compute_undiluted,
    decide_linearity,
    scale_concentration,
    subtract_blank,
)
from exotrial.product.size_distribution import Dilution, DilutionState, SizeDistribution, Video, Weighting
from tests.conftest import shared

APPLIED = Dilution(state=DilutionState.APPLIED, factor=1000)
NOT_APPLIED = Dilution(state=DilutionState.NOT_APPLIED, factor=1000)
NOT_RECORDED = Dilution(state=DilutionState.NOT_RECORDED)


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    document = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


def measure(*totals: float, tracks: int | None = 100, dilution: Dilution = NOT_APPLIED) -> SizeDistribution:
    """One video for each total concentration, in particles/mL."""
    return SizeDistribution(
        edges_nm=np.array([0.0, 100.0, 200.0]),
        videos=tuple(
            Video(name=f"v{k}", values=np.array([total / 4, total * 3 / 4]), tracks=tracks)
            for k, total in enumerate(totals)
        ),
        weighting=Weighting.NUMBER,
        unit="particles/mL",
        dilution=dilution,
        instrument="NanoSight",
        version="3.4",
        place=Place(file="a.csv", line=3),
    )


@pytest.mark.parametrize("name", ["POIS-0", "POIS-1", "POIS-500"])
def test_the_poisson_interval_is_that_of_the_tables(name: str, cases: dict[str, dict[str, Any]]) -> None:
    case = cases[name]
    found = compute_poisson_interval(case["inputs"]["n"])
    assert found == pytest.approx(case["expected"]["ci"], abs=case["tolerance"])


@given(st.integers(0, 2000), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_ends_of_the_interval_leave_the_tails_that_they_should(count: int, level: float) -> None:
    low, high = compute_poisson_interval(count, level=level)
    assert stats.poisson.cdf(count, high) == pytest.approx((1 - level) / 2, rel=1e-6)
    if count:
        assert stats.poisson.sf(count - 1, low) == pytest.approx((1 - level) / 2, rel=1e-6)


@pytest.mark.parametrize("count", [-1, 1.5, True])
def test_what_is_no_count_is_refused(count: Any) -> None:
    with pytest.raises(Refusal, match="CNC-002"):
        compute_poisson_interval(count)


@pytest.mark.parametrize("level", [0, 1, -0.5, math.nan])
def test_what_is_no_level_is_refused(level: float) -> None:
    with pytest.raises(Refusal, match="CNC-003"):
        compute_poisson_interval(3, level=level)


def test_a_concentration_without_its_dilution_is_refused() -> None:
    with pytest.raises(Refusal, match=r"CNC-001: a.csv line 3"):
        compute_concentration(measure(1e8, 1e8, dilution=NOT_RECORDED))
    stated = compute_concentration(measure(1e8, 1e8, dilution=NOT_RECORDED), dilution=NOT_APPLIED)
    assert stated.value == pytest.approx(1e11)


def test_a_dilution_that_the_instrument_applied_is_not_applied_again() -> None:
    assert compute_undiluted(5e8, APPLIED) == 5e8
    assert compute_undiluted(5e8, NOT_APPLIED) == 5e11
    assert compute_concentration(measure(5e8, dilution=APPLIED)).value == pytest.approx(5e8)
    # A dilution stated by somebody never replaces the one that the file records.
    other = Dilution(state=DilutionState.NOT_APPLIED, factor=7)
    assert compute_concentration(measure(5e8, dilution=APPLIED), dilution=other).value == pytest.approx(5e8)


def test_videos_that_scatter_more_than_counting_widen_the_interval() -> None:
    found = compute_concentration(measure(0.5e8, 1e8, 1.5e8))
    half = 4.302653 * 0.5e11 / math.sqrt(3)  # t(0.975; 2) of the tables
    assert found.value == pytest.approx(1e11)
    assert found.high == pytest.approx(1e11 + half, rel=1e-6)
    assert found.low == 0  # the t interval reaches below, and no concentration does
    assert found.se == found.between_videos_se == pytest.approx(0.5e11 / math.sqrt(3))
    assert found.dispersion == pytest.approx((0.5 / math.sqrt(3)) ** 2 * 300)


def test_videos_that_agree_better_than_counting_leave_its_interval() -> None:
    found = compute_concentration(measure(1e8, 1e8, 1e8))
    low, high = compute_poisson_interval(300)
    assert (found.low, found.high) == pytest.approx((1e11 * low / 300, 1e11 * high / 300))
    assert found.se == found.counting_se == pytest.approx(1e11 / math.sqrt(300))
    assert found.dispersion == pytest.approx(0)


def test_a_single_video_says_nothing_about_another() -> None:
    found = compute_concentration(measure(1e8))
    assert found.between_videos_se is None
    assert found.dispersion is None
    assert found.high == pytest.approx(1e11 * compute_poisson_interval(100)[1] / 100)


def test_counts_and_videos_without_tracks_are_no_concentration() -> None:
    with pytest.raises(Refusal, match="CNC-004"):
        compute_concentration(measure(1e8, tracks=None))
    with pytest.raises(Refusal, match="CNC-004"):
        compute_concentration(measure(0.0, tracks=0))
    with pytest.raises(Refusal, match=r"CNC-004.*holds particles"):
        compute_concentration(replace(measure(1e8), unit="particles"))
    with pytest.raises(Refusal, match=r"CNC-004.*weighted by volume"):
        compute_concentration(replace(measure(1e8), weighting=Weighting.VOLUME))


def test_the_real_beads_have_the_average_that_the_instrument_printed() -> None:
    path = shared("data", "nta", "tidyNano_beads2_NTA3.4.003_ExperimentSummary.csv")
    found = compute_concentration(read_assay(assay_file(path.read_bytes(), name=path.name)).distributions[0])
    assert found.value == pytest.approx(6.09e12, rel=1e-3)
    assert found.between_videos_se == pytest.approx(6.67e10, rel=2e-3)
    assert found.tracks == 1872 + 1898 + 1879 + 1948 + 1929
    assert found.low < 6.09e12 < found.high


def test_the_coverage_of_the_interval_is_at_least_its_level() -> None:
    # Two ways of scatter: counting alone, and videos that differ by 20 %.
    random = np.random.default_rng(11)
    for spread in (0.0, 0.2):
        held = 0
        for _ in range(400):
            truth = np.maximum(random.normal(1, spread, 5), 0.01)
            counts = random.poisson(200 * truth)
            videos = measure(*(counts * 1e6).tolist(), dilution=APPLIED)
            tracked = tuple(replace(v, tracks=int(n)) for v, n in zip(videos.videos, counts, strict=True))
            found = compute_concentration(replace(videos, videos=tracked))
            held += found.low <= 2e8 <= found.high
        assert held >= 0.93 * 400


def test_currie_gives_the_paired_blank_of_his_paper(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["CURRIE-100"]
    blank = case["inputs"]["B"]
    assert compute_critical_level(blank) == pytest.approx(case["expected"]["Lc"], abs=case["tolerance"])
    assert compute_detection_limit(blank) == pytest.approx(case["expected"]["Ld"], abs=case["tolerance"])


@given(st.floats(0, 1e5), st.floats(0.05, 20), st.floats(0.001, 0.4), st.floats(0.001, 0.4))
def test_the_detection_limit_solves_its_own_definition(
    blank: float, ratio: float, alpha: float, beta: float
) -> None:
    critical = compute_critical_level(blank, ratio=ratio, alpha=alpha)
    limit = compute_detection_limit(blank, ratio=ratio, alpha=alpha, beta=beta)
    z = stats.norm.isf(beta)
    assert limit - z * math.sqrt(limit + blank * (1 + ratio)) == pytest.approx(
        critical, abs=1e-6 + 1e-9 * limit
    )
    if alpha == beta:
        assert limit == pytest.approx(z * z + 2 * critical)


def as_measured(tracks: int, *, videos: int = 5, per_track: float = 1e6) -> Concentration:
    return Concentration(
        value=tracks * per_track,
        low=0,
        high=math.inf,
        level=0.95,
        videos=videos,
        tracks=tracks,
        counting_se=math.sqrt(tracks) * per_track,
        between_videos_se=None,
        dispersion=None,
    )


def test_a_sample_is_told_from_its_blank_just_above_the_critical_level() -> None:
    assert not subtract_blank(as_measured(123), as_measured(100)).detected
    net = subtract_blank(as_measured(124), as_measured(100))
    assert net.detected
    assert net.value == pytest.approx(24e6)
    assert net.se == pytest.approx(math.sqrt(224) * 1e6)
    assert net.critical_level == pytest.approx(23.26e6, rel=1e-3)


def test_a_blank_measured_otherwise_is_not_subtracted() -> None:
    with pytest.raises(Refusal, match="CNC-006"):
        subtract_blank(as_measured(200), as_measured(100, videos=3))
    with pytest.raises(Refusal, match="CNC-006"):
        subtract_blank(as_measured(200), as_measured(100, per_track=1.06e6))
    assert subtract_blank(as_measured(200), as_measured(100, per_track=1.04e6))


def test_a_sample_is_brought_to_what_the_instrument_saw_before_its_blank_is_taken_off() -> None:
    sample = compute_concentration(measure(1.2e8, 1.4e8, tracks=130))
    blank = compute_concentration(
        measure(1e7, 1e7, tracks=10, dilution=Dilution(state=DilutionState.NOT_APPLIED, factor=1))
    )
    with pytest.raises(Refusal, match="CNC-006"):
        subtract_blank(sample, blank)
    seen = scale_concentration(sample, 1 / 1000)
    assert (seen.value, seen.se) == pytest.approx((1.3e8, sample.se / 1000))
    assert subtract_blank(seen, blank).value == pytest.approx(1.2e8)


def test_a_linear_series_has_slope_1_and_full_recovery() -> None:
    series = [DilutionStep(factor=factor, measured=5e11 / factor) for factor in (500, 1000, 2000, 4000)]
    found = compute_linearity(series)
    assert found.slope == pytest.approx(1)
    assert found.undiluted == pytest.approx(5e11)
    assert found.recoveries == pytest.approx((1, 1, 1, 1))
    assert decide_linearity(found, recovery=(0.8, 1.2), slope=(0.9, 1.1))


def test_a_crowded_video_flattens_the_slope_and_is_not_called_linear() -> None:
    measured = (4e8, 3.2e8, 2e8, 1.1e8)
    found = compute_linearity(
        [
            DilutionStep(factor=factor, measured=value)
            for factor, value in zip((500, 1000, 2000, 4000), measured, strict=True)
        ]
    )
    x, y = np.log([1 / 500, 1 / 1000, 1 / 2000, 1 / 4000]), np.log(measured)
    expected = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    assert found.slope == pytest.approx(expected)
    verdict = decide_linearity(found, recovery=(0.8, 1.2), slope=(0.9, 1.1))
    assert not verdict
    assert [reason.holds for reason in verdict.reasons] == [False, False]


def test_an_interval_that_merely_contains_1_is_no_proof_of_linearity() -> None:
    series = [DilutionStep(factor=factor, measured=value) for factor, value in ((1, 100), (2, 60), (4, 24))]
    found = compute_linearity(series)
    assert found.low < 1 < found.high
    assert not decide_linearity(found, recovery=(0.5, 2), slope=(0.9, 1.1))


@pytest.mark.parametrize(
    "pairs",
    [((1, 5), (2, 3)), ((1, 5), (1, 4), (2, 3)), ((1, 5), (2, 3), (4, 0)), ((0.5, 5), (2, 3), (4, 1))],
)
def test_a_series_that_shows_nothing_is_refused(pairs: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(Refusal, match="CNC-005"):
        compute_linearity([DilutionStep(factor=factor, measured=value) for factor, value in pairs])
