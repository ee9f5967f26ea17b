"""What a camera sees of diffusion, held to the reference cases and to draws of chance."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from exotrial.product.tracking.motion import (
    compute_covariance_estimate,
    compute_covariance_estimate_variance,
    compute_followed_share,
    compute_msd_relative_variance,
    compute_msd_um2,
    compute_track_broadening,
    compute_truncated_msd_um2,
    compute_untruncated_msd_um2,
)
from tests.conftest import shared


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    document = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.mark.parametrize("name", ["MSD-01", "MSD-02"])
def test_the_mean_squared_displacement_is_that_of_the_case(cases: dict[str, Any], name: str) -> None:
    given = cases[name]["inputs"]
    found = compute_msd_um2(
        np.array(float(given["D_um2_s"])),
        tau_s=given["tau_s"],
        exposure_s=given["exposure_s"],
        localisation_error_um=given["sigma_um"],
    )
    assert float(found) == pytest.approx(cases[name]["expected"]["msd_um2"], rel=1e-6)


@pytest.mark.parametrize("name", ["QIAN-30-1", "QIAN-30-2", "QIAN-100-10"])
def test_the_scatter_of_a_track_is_that_of_qian(cases: dict[str, Any], name: str) -> None:
    given = cases[name]["inputs"]
    found = compute_msd_relative_variance(given["steps"], given["lag"])
    assert found == pytest.approx(cases[name]["expected"]["rel_var"], rel=1e-9)


@pytest.mark.parametrize(("steps", "lag"), [(10, 5), (10, 6), (10, 10)])
def test_the_scatter_at_long_lags_is_that_of_simulated_tracks(steps: int, lag: int) -> None:
    walk = np.random.default_rng(1).normal(size=(40_000, steps, 2)).cumsum(axis=1)
    walk = np.concatenate([np.zeros((40_000, 1, 2)), walk], axis=1)
    msd = ((walk[:, lag:] - walk[:, :-lag]) ** 2).sum(axis=2).mean(axis=1)
    assert compute_msd_relative_variance(steps, lag) == pytest.approx(msd.var() / msd.mean() ** 2, rel=0.03)


def test_a_lag_longer_than_the_track_is_refused() -> None:
    with pytest.raises(ValueError, match="a lag of 31 in 30 steps"):
        compute_msd_relative_variance(30, 31)


def test_the_covariance_estimate_is_that_of_the_cases(cases: dict[str, Any]) -> None:
    given, expected = cases["CVE-02"]["inputs"], cases["CVE-02"]["expected"]
    found = compute_covariance_estimate(np.diff(np.array(given["x"], float)), frame_time_s=1, exposure_s=0)
    assert found.diffusion_um2_s == pytest.approx(expected["D"], rel=1e-12)
    assert found.localisation_variance_um2 == pytest.approx(expected["sigma2"], rel=1e-12)
    variance = compute_covariance_estimate_variance(
        diffusion_um2_s=1, localisation_error_um=0.5, frame_time_s=1, exposure_s=0, steps=200
    )
    assert variance == pytest.approx(cases["CVE-01"]["expected"]["var_D"], rel=1e-9)


def test_truncation_is_undone(cases: dict[str, Any]) -> None:
    expected = cases["TRUNC-01"]["expected"]["mean_r2"]
    assert compute_truncated_msd_um2(1.0, radius_um=1.5) == pytest.approx(expected, rel=1e-9)
    assert compute_untruncated_msd_um2(expected, radius_um=1.5) == pytest.approx(1.0, rel=1e-9)
    assert compute_untruncated_msd_um2(1.5**2 / 2, radius_um=1.5) == np.inf


@pytest.mark.parametrize("steps", [10, 15, 30, 60])
def test_tracks_of_few_steps_scatter_as_the_cases_say(cases: dict[str, Any], steps: int) -> None:
    expected = cases[f"FINITE-{steps}"]["expected"]
    found = compute_track_broadening(steps)
    assert found.mean_ratio == pytest.approx(expected["mean_ratio"], rel=1e-6)
    assert found.cv == pytest.approx(expected["cv"], rel=1e-6)
    assert found.mode_ratio == pytest.approx(expected["mode_ratio"], rel=1e-6)
    assert found.median_ratio == pytest.approx(expected["median_ratio"], rel=1e-6)


def test_the_share_of_steps_that_are_followed_is_that_of_a_long_walk() -> None:
    linked = np.random.default_rng(2).random(400_000) < 0.9
    run = np.diff(np.flatnonzero(np.concatenate([[True], ~linked, [True]]))) - 1
    radius = np.sqrt(-np.log(0.1))  # with q = 1 a step is within it with probability 0.9
    found = compute_followed_share(np.array([1.0]), radius_um=float(radius), least_steps=5)
    assert float(found[0]) == pytest.approx(run[run >= 5].sum() / len(linked), rel=0.02)
