"""Bands of simulated blots against the volumes that were drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.blot import (
    Band,
    Mark,
    compute_critical,
    compute_densitometry,
    decide_loading_control,
    decide_markers,
)
from exotrial.product.picture import Picture, read_picture
from tests.product.images.simulated import simulate_blot, write_tiff

MARK = Mark(who="qc", at=datetime(2026, 1, 5, 10, tzinfo=UTC), reason="ladder at 25 kDa")
LANES = ("vesicles", "cells")


def mark(marker: str, lane: int, row: int) -> Band:
    left = 20 + 60 * lane
    return Band(
        marker=marker, lane=LANES[lane], top=row - 12, bottom=row + 13, left=left, right=left + 40, mark=MARK
    )


def draw(bands: dict[tuple[int, int], float], *, seed: int = 1) -> Picture:
    return read_picture(write_tiff(simulate_blot(bands, seed=seed)))


DRAWN = {(0, 100): 400_000.0, (1, 100): 200_000.0, (1, 200): 300_000.0, (0, 300): 300_000.0}
MARKED = [mark("CD9", 0, 100), mark("CD9", 1, 100), mark("calnexin", 0, 200), mark("calnexin", 1, 200)]
MARKED += [mark("CD81", 0, 300)]


def test_volumes_are_those_drawn_within_three_per_cent() -> None:
    cd9, cells, negative, calnexin, cd81 = compute_densitometry(draw(DRAWN), MARKED, dark=False)
    assert cd9.volume == pytest.approx(400_000, rel=0.03)
    assert cells.volume == pytest.approx(200_000, rel=0.03)
    assert calnexin.volume == pytest.approx(300_000, rel=0.03)
    assert cd81.volume / cd9.volume == pytest.approx(0.75, rel=0.03)
    assert not negative.detected
    assert negative.detection_limit == 2 * negative.critical


def test_dark_bands_give_the_same_as_bright_ones() -> None:
    pixels = simulate_blot(DRAWN, seed=1)
    bright = compute_densitometry(read_picture(write_tiff(pixels)), MARKED, dark=False)
    dark = compute_densitometry(read_picture(write_tiff(65535 - pixels)), MARKED, dark=True)
    assert [each.volume for each in dark] == pytest.approx([each.volume for each in bright], rel=1e-6)


def test_an_empty_place_is_called_a_band_about_once_in_twenty() -> None:
    called = 0
    for seed in range(300):
        picture = draw({(0, 100): 400_000.0}, seed=1000 + seed)
        called += compute_densitometry(picture, [mark("CD9", 0, 100), mark("none", 0, 250)], dark=False)[
            1
        ].detected
    assert 4 <= called <= 30  # 15 expected; binomial bounds at one in a thousand and beyond


def test_the_critical_level_of_five_blanks() -> None:
    # t(0.95, 4) = 2.132 (any table of Student's t), s of 1 to 5 = 1.5811, sqrt(1.2) = 1.0954
    assert compute_critical([1, 2, 3, 4, 5]) == pytest.approx(2.132 * 1.58114 * 1.09545, rel=2e-4)


def test_a_marker_is_present_absent_or_unknown() -> None:
    measured = compute_densitometry(draw(DRAWN), MARKED, dark=False)
    verdicts = decide_markers(measured, sample_lane="vesicles", absent=("calnexin",), control_lane="cells")
    assert verdicts["CD9"].holds
    assert verdicts["CD81"].holds
    assert verdicts["calnexin"].holds
    assert not verdicts["flotillin-2"].holds
    assert verdicts["flotillin-2"].unknown


def test_absence_is_not_shown_without_the_cells() -> None:
    measured = compute_densitometry(draw(DRAWN), MARKED, dark=False)
    verdict = decide_markers(measured, sample_lane="vesicles", absent=("calnexin",))["calnexin"]
    assert not verdict.holds
    assert [reason.holds for reason in verdict.reasons] == [True, None]


def test_a_negative_marker_that_is_there_fails() -> None:
    measured = compute_densitometry(draw(DRAWN), MARKED, dark=False)
    verdict = decide_markers(measured, sample_lane="cells", present=(), absent=("calnexin",))["calnexin"]
    assert [reason.holds for reason in verdict.reasons] == [False, None]


def test_a_saturated_band_is_not_quantified_and_one_step_less_is() -> None:
    pixels = simulate_blot(DRAWN, seed=1)
    pixels[100, 30] = 65534
    compute_densitometry(read_picture(write_tiff(pixels)), MARKED, dark=False)
    pixels[100, 30] = 65535
    with pytest.raises(Refusal, match=r"BLT-002.*CD9 in lane vesicles holds 1 saturated"):
        compute_densitometry(read_picture(write_tiff(pixels)), MARKED, dark=False)


@pytest.mark.parametrize(
    "change", [{"right": 10_000}, {"left": -1}, {"top": 113}, {"top": 111}, {"bottom": 401}]
)
def test_a_mark_outside_the_picture_or_without_extent_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="BLT-001"):
        compute_densitometry(draw(DRAWN), [replace(MARKED[0], **change)], dark=False)


def test_a_cropped_lane_is_refused() -> None:
    picture = read_picture(write_tiff(simulate_blot({(0, 60): 400_000.0}, seed=1, rows=120)))
    with pytest.raises(Refusal, match="BLT-003"):
        compute_densitometry(picture, [mark("CD9", 0, 60)], dark=False)


def test_a_marker_marked_twice_or_expected_twice_is_refused() -> None:
    with pytest.raises(Refusal, match="BLT-004"):
        compute_densitometry(draw(DRAWN), [MARKED[0], MARKED[0]], dark=False)
    with pytest.raises(Refusal, match="BLT-004"):
        decide_markers((), sample_lane="vesicles", present=("CD9",), absent=("CD9",))


def test_a_mark_says_who_when_and_why() -> None:
    with pytest.raises(Refusal, match="BLT-001"):
        replace(MARK, who=" ")
    with pytest.raises(Refusal, match="BLT-001"):
        replace(MARK, reason="")
    with pytest.raises(Refusal, match="BLT-001"):
        replace(MARK, at=MARK.at.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("β-actin", False),
        ("GAPDH", False),
        ("alpha-Tubulin", False),
        ("total protein (stain-free)", True),
        ("CD63", None),
    ],
)
def test_loading_controls_of_cells_do_not_suit_vesicles(name: str, holds: bool | None) -> None:
    assert decide_loading_control(name).reasons[0].holds is holds


def test_a_ground_that_slopes_is_no_band() -> None:
    picture = draw({(0, 300): 0.0}, seed=5)
    (each,) = compute_densitometry(picture, [mark("CD9", 0, 100)], dark=False)
    assert not each.detected
    assert abs(each.volume) < 0.02 * 400_000


def test_a_ground_clipped_to_black_or_without_noise_is_refused() -> None:
    pixels = simulate_blot(DRAWN, seed=1)
    black = np.where(pixels < 3000, 0, pixels - 2999).astype(np.uint16)
    even = np.full_like(pixels, 3000)
    for made in (black, even):
        with pytest.raises(Refusal, match="BLT-005"):
            compute_densitometry(read_picture(write_tiff(made)), [MARKED[0]], dark=False)
