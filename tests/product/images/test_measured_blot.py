"""A blot of known truth, measured by lanes found and by lanes marked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.blot import Band, Ground, compute_densitometry, compute_rolled
from exotrial.product.blot_lanes import Lane, find_bands, find_lanes
from exotrial.product.measured_blot import MeasuredBand, MeasuredBlot, measure_blot
from exotrial.product.molecular_weight import compute_weight, fit_ladder
from exotrial.product.picture import read_picture
from exotrial.product.picture_marks import read_marks
from exotrial.product.size_distribution import Floats
from tests.product.images.marked import CALNEXIN, LADDER, LADDER_MARKS, SETTINGS, blot_file, blot_marks, mark
from tests.product.images.simulated import simulate_blot, write_tiff
from tests.product.images.test_blot import MARK


def measure(seed: int = 1, **told: object) -> MeasuredBlot:
    picture = blot_file(seed=seed)
    marks = read_marks(blot_marks(picture, **told), picture=picture.source)  # type: ignore[arg-type]
    return measure_blot(read_picture(picture), marks)


def band(blot: MeasuredBlot, lane: str, marker: str) -> MeasuredBand:
    (found,) = [each for each in blot.bands if (each.lane, each.marker) == (lane, marker)]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lanes_and_bands_are_found_where_they_were_drawn(seed: int) -> None:
    picture = read_picture(blot_file(seed=seed))
    lanes = find_lanes(picture, dark=False)
    drawn = [(20, 60), (80, 120), (140, 180)]
    assert [lane.name for lane in lanes] == ["1", "2", "3"]
    for lane, (left, right) in zip(lanes, drawn, strict=True):
        assert abs(lane.left - left) <= 2
        assert abs(lane.right - right) <= 2
    rows = [[each.row for each in find_bands(picture, lane, dark=False)] for lane in lanes]
    for found, truth in zip(rows, [[60, 130, 200, 270], [130, 195], [90, 195]], strict=True):
        assert found == pytest.approx(truth, abs=2)


def test_ground_alone_has_no_lane_and_no_band() -> None:
    pixels = np.random.default_rng(1).normal(3000, 60, (300, 200)).astype(np.uint16)
    picture = read_picture(write_tiff(pixels))
    with pytest.raises(Refusal, match=r"BLT-007.*mark the lanes by hand"):
        find_lanes(picture, dark=False)
    assert find_bands(picture, Lane(name="1", left=20, right=60), dark=False) == ()


def test_another_number_of_lanes_than_is_named_is_refused() -> None:
    with pytest.raises(Refusal, match=r"BLT-007.*3 lanes are found and 2 are named"):
        measure(settings='lane_names = ["a", "b"]\n', marks=[])


def test_two_bands_that_touch_are_parted_at_the_valley() -> None:
    picture = read_picture(write_tiff(simulate_blot({(0, 100): 4e5, (0, 114): 4e5}, seed=1)))
    above, below = find_bands(picture, Lane(name="1", left=20, right=60), dark=False)
    assert above.bottom <= below.top
    assert abs(above.bottom - 107) <= 2


@pytest.mark.parametrize("background", ["local line", "rolling disc"])
def test_volumes_weights_and_markers_are_those_drawn(background: str) -> None:
    blot = measure(background=background, extra="radius_px = 40\n" if background == "rolling disc" else "")
    cd9 = band(blot, "vesicles", "CD9")
    assert cd9.by is None
    assert cd9.density is not None
    assert cd9.density.volume == pytest.approx(4e5, rel=0.04)
    assert cd9.weight is not None
    assert cd9.weight.kda == pytest.approx(25 * 2 ** (5 / 70), rel=0.02)
    assert cd9.weight.lower_kda < cd9.weight.kda < cd9.weight.upper_kda
    assert blot.verdicts["CD9"].holds
    assert blot.verdicts["calnexin"].holds
    assert blot.verdicts["CD81"].unknown
    assert [finding.rule for finding in blot.findings] == ["IMF-005", "IMF-007"]


def test_a_mark_stands_before_what_is_found_and_says_what_it_replaced() -> None:
    blot = measure()
    calnexin = band(blot, "cells", "calnexin")
    assert calnexin.by is not None
    assert calnexin.by.reason == "band at 75 kDa"
    assert calnexin.replaced.startswith("found band at rows 80 to")
    assert sum(each.lane == "cells" and each.top < 103 for each in blot.bands) == 1


def test_a_found_band_is_rejected_by_hand_and_only_where_it_is() -> None:
    reject = mark(7, "reject", lane="vesicles", row=130, why="a bubble")
    blot = measure(marks=[*LADDER_MARKS, *CALNEXIN, reject])
    assert [each.row for each in blot.bands if each.lane == "vesicles"][1:] == pytest.approx([195], abs=2)
    with pytest.raises(Refusal, match=r"IMG-005.*no band is found there"):
        measure(marks=[*LADDER_MARKS, *CALNEXIN, reject.replace("130", "250")])


def test_marked_lanes_take_the_place_of_found_ones() -> None:
    lanes = [
        mark(1, "lane", name="vesicles", left=80, right=120),
        mark(2, "lane", name="cells", left=140, right=180),
    ]
    settings = 'sample_lane = "vesicles"\n'
    blot = measure(marks=lanes, settings=settings)
    assert not blot.lanes_found
    assert [lane.name for lane in blot.lanes] == ["vesicles", "cells"]
    outside = [mark(1, "lane", name="vesicles", left=80, right=201)]
    with pytest.raises(Refusal, match=r"BLT-001.*not inside the picture"):
        measure(marks=outside, settings=settings)
    twice = [lanes[0], lanes[1].replace("cells", "vesicles")]
    with pytest.raises(Refusal, match=r"BLT-001.*share a name"):
        measure(marks=twice, settings=settings)
    with pytest.raises(Refusal, match=r"BLT-001.*no whole pixel"):
        measure(marks=[lanes[0].replace("left = 80", "left = 80.5")], settings=settings)
    with pytest.raises(Refusal, match=r"BLT-001.*there is no lane 'gone'"):
        measure(marks=lanes, settings='sample_lane = "gone"\n')


def test_a_saturated_band_stays_listed_without_a_number() -> None:
    pixels = simulate_blot({(1, 195): 4e5, (0, 60): 6e5, (2, 90): 5e5}, seed=1, rows=330)
    pixels[195, 85:90] = 65535
    picture = blot_file(change=pixels)
    marks = read_marks(blot_marks(picture), picture=picture.source)
    blot = measure_blot(read_picture(picture), marks)
    cd9 = band(blot, "vesicles", "CD9")
    assert cd9.density is None
    assert cd9.why_not.startswith("BLT-002: CD9 in lane vesicles holds 5 saturated")
    assert blot.verdicts["CD9"].unknown[0].why == cd9.why_not
    assert [each.id for each in blot.findings[:2]] == ["IMF-002", "IMF-004:vesicles, CD9"]


@pytest.mark.parametrize(("name", "says"), [("GAPDH", "does not suit"), ("CD63", "is not known to suit")])
def test_a_loading_control_is_judged(name: str, says: str) -> None:
    found = measure(settings=SETTINGS.replace("GAPDH", name)).findings[-1]
    assert found.id == f"IMF-007:{name}"
    assert says in found.says


def test_two_bands_between_the_weights_of_a_marker_get_no_name() -> None:
    wide = SETTINGS.replace("to_kda = 30", "to_kda = 60")
    blot = measure(settings=wide)
    assert {each.marker for each in blot.bands if each.lane == "vesicles"} == {
        "calnexin",
        "band at row 130",
        "band at row 195",
    }
    assert blot.verdicts["CD9"].unknown


def test_the_ladder_gives_its_own_weights_and_none_beyond_them() -> None:
    ladder = fit_ladder([(row, kda) for row, kda in LADDER.items()])
    for row, kda in LADDER.items():
        weight = compute_weight(ladder, row)
        assert weight is not None
        assert weight.kda == pytest.approx(kda, rel=1e-9)
    assert compute_weight(ladder, 59.9) is None
    assert compute_weight(ladder, 270.1) is None


def test_the_bounds_of_a_weight_are_those_of_a_prediction() -> None:
    # second derivation: the variance of a prediction by the design matrix, x0 (X'X)^-1 x0' + 1
    marks = [(50.0, 110.0), (120.0, 48.0), (210.0, 26.0), (280.0, 12.0), (330.0, 9.0)]
    weight = compute_weight(fit_ladder(marks), 150.0)
    rows, logs = np.array([m[0] for m in marks]), np.log10([m[1] for m in marks])
    design = np.column_stack([np.ones(5), rows])
    fitted, residual, *_ = np.linalg.lstsq(design, logs, rcond=None)
    at = np.array([1.0, 150.0])
    spread = math.sqrt(residual[0] / 3 * (1 + at @ np.linalg.inv(design.T @ design) @ at))
    middle = float(at @ fitted)
    assert weight is not None
    # t(0.975, 3) = 3.1824 (any table of Student's t)
    assert weight.lower_kda == pytest.approx(10 ** (middle - 3.1824 * spread), rel=1e-4)
    assert weight.upper_kda == pytest.approx(10 ** (middle + 3.1824 * spread), rel=1e-4)


@pytest.mark.parametrize(
    "marks",
    [
        [(10.0, 100.0), (50.0, 50.0)],
        [(10.0, 100.0), (50.0, 50.0), (90.0, 50.0)],
        [(10.0, 20.0), (50.0, 50.0), (90.0, 100.0)],
        [(10.0, 100.0), (10.0, 50.0), (90.0, 25.0)],
        [(10.0, 100.0), (50.0, 50.0), (90.0, 0.0)],
    ],
)
def test_a_ladder_that_does_not_fall_is_refused(marks: list[tuple[float, float]]) -> None:
    with pytest.raises(Refusal, match="BLT-008"):
        fit_ladder(marks)


def test_a_band_marked_as_the_wrong_weight_is_found_out() -> None:
    wrong = [LADDER_MARKS[0], LADDER_MARKS[1].replace("50.0", "37.0"), *LADDER_MARKS[2:]]
    assert any(finding.rule == "IMF-006" for finding in measure(marks=wrong, settings=SETTINGS.replace(
        'absent = ["calnexin"]\n', "")).findings)  # fmt: skip


@pytest.mark.parametrize(("radius", "refused"), [(24, True), (25, False), (165, False), (166, True)])
def test_a_disc_fits_the_bands_and_the_picture(radius: int, refused: bool) -> None:
    picture = read_picture(blot_file())
    place = Band(marker="CD9", lane="v", top=183, bottom=208, left=80, right=120, mark=MARK)
    if refused:
        with pytest.raises(Refusal, match="BLT-006"):
            compute_densitometry(picture, [place], dark=False, ground=Ground.ROLLING_DISC, radius_px=radius)
    else:
        compute_densitometry(picture, [place], dark=False, ground=Ground.ROLLING_DISC, radius_px=radius)


def test_the_rolled_ground_is_the_opening_by_a_disc_of_the_profile_laid_level() -> None:
    # second derivation: the disc's height at every place where it fits under the profile, by brute force
    profile = np.random.default_rng(4).normal(0, 5, 80).cumsum() / 10 + 2.0 * np.arange(80)
    radius, height = 7, 0.02 * float(np.ptp(profile))
    steps = np.arange(-radius, radius + 1)
    disc = height * np.sqrt(1 - (steps / radius) ** 2)

    def roll(under: Floats) -> Floats:
        padded = np.pad(under, radius, mode="edge")
        lifts = np.array([np.min(padded[row : row + 2 * radius + 1] - disc) for row in range(80)])
        lifted = np.pad(lifts, radius, mode="edge")
        return np.array([np.max(lifted[row : row + 2 * radius + 1] + disc) for row in range(80)])

    rows = np.arange(80.0)
    slope, start = np.polyfit(rows, roll(profile), 1)
    level = slope * rows + start
    assert compute_rolled(profile, radius_px=radius) == pytest.approx(roll(profile - level) + level)


def test_a_rolling_disc_gives_the_volumes_drawn_on_a_slope() -> None:
    blot = measure(background="rolling disc", extra="radius_px = 60\n")
    for lane, row, volume in (("vesicles", 195, 4e5), ("vesicles", 130, 2e5), ("cells", 195, 3e5)):
        (found,) = [each for each in blot.bands if each.lane == lane and abs(each.row - row) <= 2]
        assert found.density is not None
        assert found.density.volume == pytest.approx(volume, rel=0.04)
