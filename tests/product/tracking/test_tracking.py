"""From frames to sizes, on made-up videos whose truth is known and on the real bead video."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.product.tracking.frames import frames_of, open_frames
from exotrial.product.tracking.link import Tracks, link_frames, link_positions
from exotrial.product.tracking.locate import locate_particles
from exotrial.product.tracking.measure import (
    MeasuredSizes,
    check_tracking,
    measure_localisation_error,
    measure_sizes,
    track_video,
)
from exotrial.product.tracking.motion import compute_untruncated_msd_um2
from exotrial.product.tracking.settings import Polarity, TrackingSettings, make_settings
from exotrial.product.tracking.simulate import SimulatedVideo, simulate_video
from exotrial.product.tracking.sizes import compute_log_likelihoods, find_diameters
from exotrial.product.tracking.tracks import (
    Steps,
    compute_drift,
    compute_squares,
    compute_stuck_localisation_error,
    fit_ensemble,
    subtract_drift,
)
from tests.conftest import shared

NTA = TrackingSettings(
    pixel_size_um=0.166, frame_time_s=0.04, exposure_s=0.02, temperature_c=25, viscosity_mpa_s=0.890022
)
LATEX = TrackingSettings(  # the exposure was not recorded: lags 3 to 12 do not depend on it
    pixel_size_um=100 / 285,
    frame_time_s=1 / 24,
    exposure_s=0.0,
    temperature_c=20,
    viscosity_mpa_s=1.001597,
    polarity=Polarity.DARK,
    search_px=5,
)


@pytest.fixture(scope="module")
def video() -> SimulatedVideo:
    return simulate_video(np.full(40, 100.0), settings=NTA, seed=5, frames=120, shape=(300, 400))


@pytest.fixture(scope="module")
def measured(video: SimulatedVideo) -> MeasuredSizes:
    return measure_sizes([track_video(frames_of(video.stack, name="made up"), NTA)], NTA, seed=1)


def test_positions_are_those_of_the_truth_without_a_bias_to_whole_pixels() -> None:
    still = replace(NTA, exposure_s=0.0)
    film = simulate_video(np.full(40, 5000.0), settings=still, seed=5, frames=10, shape=(300, 400))
    errors = []
    for number, frame in enumerate(film.stack):
        found = locate_particles(frame.astype(np.float32), NTA)
        truth = np.column_stack([film.x_px[number], film.y_px[number]])
        distance = np.hypot(*(truth[:, None] - found[None, :, :2]).transpose(2, 0, 1))
        apart = np.sort(np.hypot(*(truth[:, None] - truth[None]).transpose(2, 0, 1)), axis=1)[:, 1]
        inside = np.all((truth > 20) & (truth < np.array([380, 280])), axis=1) & (apart > 20)
        assert np.all(distance[inside].min(axis=1) < 0.5)
        errors.append((found[distance.argmin(axis=1), :2] - truth)[inside])
    assert np.concatenate(errors).std() < 0.08
    assert abs(np.concatenate(errors).mean()) < 0.02


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4))
@hypothesis_settings(max_examples=40)
def test_links_are_the_best_of_all_that_are_possible(seed: int, before: int, after: int) -> None:
    random = np.random.default_rng(seed)
    old, new = random.uniform(0, 3, (before, 2)), random.uniform(0, 3, (after, 2))
    partner = link_frames(old, new, search_px=1.5)

    def cost(chosen: tuple[int, ...]) -> float:
        total = 0.0
        for i, j in enumerate(chosen):
            square = float(((old[i] - new[j]) ** 2).sum()) if j < after else 2.25
            total += square if square < 2.25 or j >= after else 1e9
        return total

    best = min(cost(chosen) for chosen in permutations(range(after + before), before))
    alone = iter(range(after, after + before))
    assert cost(tuple(j if j >= 0 else next(alone) for j in partner)) == pytest.approx(best)


def test_a_particle_that_is_missing_for_a_frame_is_waited_for() -> None:
    there, nothing = np.array([[5.0, 5.0]]), np.empty((0, 2))
    seen = [there, nothing, there + 0.5]
    assert len(set(link_positions(seen, search_px=2, memory_frames=1).track)) == 1
    assert len(set(link_positions(seen, search_px=2, memory_frames=0).track)) == 2


def test_a_step_as_long_as_the_search_radius_is_not_linked() -> None:
    origin = np.zeros((1, 2))
    assert link_frames(origin, np.array([[1.999, 0.0]]), search_px=2)[0] == 0
    assert link_frames(origin, np.array([[2.0, 0.0]]), search_px=2)[0] == -1


def _walks(tracks: int, frames: int, drift: float) -> Tracks:
    random = np.random.default_rng(4)
    x = random.normal(size=(tracks, frames)).cumsum(axis=1) + drift * np.arange(frames)
    y = random.normal(size=(tracks, frames)).cumsum(axis=1)
    number, frame = np.divmod(np.arange(tracks * frames), frames)
    return Tracks(track=number, frame=frame, x_px=x.ravel(), y_px=y.ravel())


def test_drift_is_found_and_taken_off() -> None:
    tracks = _walks(200, 60, drift=0.5)
    drift = compute_drift(tracks, frames=60, window=15)
    assert (drift[-1] - drift[0]) / 59 == pytest.approx([0.5, 0.0], abs=0.03)
    rest = subtract_drift(tracks, drift)
    assert compute_squares(rest, 20).mean() == pytest.approx(40, rel=0.1)


def test_the_mean_squared_displacement_is_that_of_all_pairs() -> None:
    tracks = _walks(3, 12, drift=0.0)
    kept = np.ones(36, dtype=bool)
    kept[[4, 17, 18]] = False  # with gaps
    tracks = Tracks(
        track=tracks.track[kept], frame=tracks.frame[kept], x_px=tracks.x_px[kept], y_px=tracks.y_px[kept]
    )
    rows = list(zip(tracks.track, tracks.frame, tracks.x_px, tracks.y_px, strict=True))
    brute = [
        (b[2] - a[2]) ** 2 + (b[3] - a[3]) ** 2
        for a in rows
        for b in rows
        if a[0] == b[0] and b[1] - a[1] == 4
    ]
    assert sorted(compute_squares(tracks, 4)) == pytest.approx(sorted(brute))


def test_the_likelihood_of_independent_steps_peaks_where_truncation_is_undone() -> None:
    plain = replace(NTA, exposure_s=0.0)
    x, y = np.random.default_rng(7).normal(scale=0.4, size=(2, 400))
    near = np.hypot(x, y) < 0.6
    steps = Steps(
        x_um=x[near], y_um=y[near], gap=np.ones(near.sum(), np.int64), start=np.array([0, near.sum()])
    )
    sizes = np.geomspace(20, 400, 2000)
    logs = compute_log_likelihoods(steps, sizes, settings=plain, search_um=0.6, localisation_error_um=0.0)
    msd = compute_untruncated_msd_um2(float(np.mean((x**2 + y**2)[near])), radius_um=0.6)
    expected = plain.diffusion_of_1_nm / (msd / (4 * plain.frame_time_s))
    assert find_diameters(logs, sizes)[0] == pytest.approx(expected, rel=1e-3)


def test_the_likelihood_is_that_of_the_whole_covariance_matrix() -> None:
    from scipy.stats import multivariate_normal

    x, y = np.random.default_rng(8).normal(scale=0.5, size=(2, 6))
    gap = np.array([1, 1, 2, 1, 3, 1])
    steps = Steps(x_um=x, y_um=y, gap=gap, start=np.array([0, 6]))
    sizes, error, radius = np.array([60.0, 150.0]), 0.05, 1.8
    logs = compute_log_likelihoods(steps, sizes, settings=NTA, search_um=radius, localisation_error_um=error)
    expected = []
    for size in sizes:
        diffusion = NTA.diffusion_of_1_nm / size
        variance = 2 * diffusion * (gap * NTA.frame_time_s - NTA.exposure_s / 3) + 2 * error**2
        next_to = diffusion * NTA.exposure_s / 3 - error**2
        matrix = np.diag(variance) + next_to * (np.eye(6, k=1) + np.eye(6, k=-1))
        density = multivariate_normal(cov=matrix)
        inside = np.log(1 - np.exp(-(radius**2) / (2 * variance))).sum()
        expected.append(density.logpdf(x) + density.logpdf(y) - inside)
    assert logs[0, 1] - logs[0, 0] == pytest.approx(expected[1] - expected[0], rel=1e-9)


def test_a_made_up_video_of_100_nm_gives_100_nm(measured: MeasuredSizes) -> None:
    assert measured.summary["d50_nm"].estimate == pytest.approx(100, rel=0.05)
    assert measured.summary["d50_nm"].low < 104
    assert measured.summary["d50_nm"].high > 96
    # Deconvolved it is narrower than the sizes of single tracks, which scatter by chance.
    assert measured.summary["sd_nm"].estimate < np.std(measured.diameters_nm[0])


def test_the_same_seed_gives_the_same_bands(video: SimulatedVideo, measured: MeasuredSizes) -> None:
    again = measure_sizes(measured.videos, NTA, seed=1)
    assert np.array_equal(again.low, measured.low)
    assert again.summary == measured.summary
    assert measure_sizes(measured.videos, NTA, seed=2).summary != measured.summary


def test_several_videos_are_one_sample(measured: MeasuredSizes) -> None:
    both = measure_sizes([*measured.videos, *measured.videos], NTA, seed=1)
    assert len(both.distribution.videos) == 2
    assert both.distribution.mean_values == pytest.approx(measured.distribution.mean_values)


def test_few_tracks_are_a_finding(measured: MeasuredSizes) -> None:
    assert "TRK-004" in {finding.rule for finding in check_tracking(measured)}


def test_missing_numbers_are_refused_together() -> None:
    with pytest.raises(Refusals) as caught:
        make_settings(
            pixel_size_um=None, frame_time_s=None, exposure_s=0.01, temperature_c=25, viscosity_mpa_s=0.89
        )
    assert [refusal.code.code for refusal in caught.value.refusals] == ["VID-001", "VID-001"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("pixel_size_um", 0.0), ("exposure_s", 0.0401), ("temperature_c", 298.15), ("feature_px", 8)],
)
def test_an_impossible_setting_is_refused(name: str, value: float) -> None:
    change: dict[str, Any] = {name: value}
    with pytest.raises(Refusals, match=f"VID-002: {name} is {value}"):
        replace(NTA, **change)


def test_an_exposure_as_long_as_the_frame_time_is_possible() -> None:
    assert replace(NTA, exposure_s=0.04).exposure_s == 0.04


def test_an_empty_video_is_refused() -> None:
    empty = frames_of(np.zeros((5, 64, 64), np.uint8), name="dark")
    with pytest.raises(Refusal, match="VID-005: dark: nothing was found in 5 frames"):
        track_video(empty, NTA)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    for name, data in (("a.avi", b""), ("b.tif", b"size,number\n100,3\n")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Refusal, match="VID-003"):
            open_frames(tmp_path / name)


@pytest.mark.parametrize("share", [0.0001, 0.3, 0.9, 0.99999])
def test_a_cut_off_stack_is_refused(tmp_path: Path, share: float) -> None:
    data = shared("data", "video", "trackpy_stuck.tif").read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(data[: int(share * len(data))])
    with pytest.raises(Refusal, match="VID-004"):
        list(open_frames(cut))


@pytest.mark.parametrize("share", [0.001, 0.5])
def test_a_cut_off_film_is_refused(tmp_path: Path, share: float) -> None:
    data = shared("data", "video", "trackpy_bulk-water.mov").read_bytes()
    cut = tmp_path / "cut.mov"
    cut.write_bytes(data[: int(share * len(data))])
    with pytest.raises(Refusal, match="VID-004"):
        list(open_frames(cut))


def test_the_localisation_error_of_stuck_beads_is_the_scatter_that_was_put_in() -> None:
    random = np.random.default_rng(9)
    x, y = random.normal(scale=0.1, size=(2, 50 * 40))
    number, frame = np.divmod(np.arange(2000), 40)
    tracks = Tracks(track=number, frame=frame, x_px=x + 10 * number, y_px=y)
    assert compute_stuck_localisation_error(tracks, pixel_size_um=0.166) == pytest.approx(0.0166, rel=0.05)


def test_beads_stuck_to_the_glass_tell_the_localisation_error() -> None:
    frames = open_frames(shared("data", "video", "trackpy_stuck.tif"))
    found = measure_localisation_error(frames, replace(NTA, feature_px=7, pixel_size_um=1.0))
    assert 0.005 < found < 0.3  # pixels: far below one, and not nothing


def test_a_search_radius_too_short_for_every_size_is_refused(measured: MeasuredSizes) -> None:
    short = replace(measured.videos[0], search_px=0.3)
    with pytest.raises(Refusal, match="VID-007"):
        measure_sizes([short], NTA, seed=1)


def test_a_frame_rate_that_the_file_contradicts_is_a_finding(measured: MeasuredSizes) -> None:
    for announced, expected in ((0.0403, False), (0.0405, True)):
        told = replace(measured, videos=(replace(measured.videos[0], announced_frame_time_s=announced),))
        assert ("TRK-006" in {finding.rule for finding in check_tracking(told)}) is expected


def test_particles_at_the_largest_size_are_a_finding(measured: MeasuredSizes) -> None:
    small = replace(NTA, largest_nm=90.0)
    pressed = measure_sizes(measured.videos, small, seed=1)
    assert "TRK-007" in {finding.rule for finding in check_tracking(pressed)}
    assert "TRK-007" not in {finding.rule for finding in check_tracking(measured)}


def test_the_real_video_of_one_micron_latex_gives_one_micron() -> None:
    """VIDEO-02 of the reference cases: 1.0 µm within 5 % from lags 3 to 12; half of the video is enough."""
    frames = open_frames(shared("data", "video", "trackpy_bulk-water.mov"))
    positions = [locate_particles(frame, LATEX) for frame in islice(frames, 240)]
    tracks = link_positions(positions, search_px=5, memory_frames=0)
    tracks = subtract_drift(tracks, compute_drift(tracks, frames=len(positions), window=15))
    fit = fit_ensemble(tracks, LATEX, first_lag=3, last_lag=12)
    assert fit is not None
    assert LATEX.diffusion_of_1_nm / fit.diffusion_um2_s == pytest.approx(1000, rel=0.05)
