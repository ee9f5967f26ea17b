"""Vesicles found in simulated micrographs against those that were drawn."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.blot import Mark
from exotrial.product.electron_microscopy import (
    CountedVesicles,
    Edit,
    Vesicle,
    apply_edits,
    compute_sizes,
    find_vesicles,
)
from exotrial.product.picture import Picture, read_picture
from exotrial.product.picture_scale import Scale
from tests.product.images.simulated import simulate_micrograph, write_scaled, write_tiff

MARK = Mark(who="qc", at=datetime(2026, 1, 5, 10, tzinfo=UTC), reason="a salt crystal")
NM = 2.0


def draw_discs(seed: int, *, side: int = 512) -> list[tuple[float, float, float]]:
    generator = np.random.default_rng(seed)
    discs: list[tuple[float, float, float]] = []
    while len(discs) < 40:
        diameter = float(generator.uniform(15, 50))
        row, column = (float(place) for place in generator.uniform(28, side - 28, 2))
        if all(np.hypot(row - r, column - c) > 0.5 * (diameter + d) + 1 for r, c, d in discs):
            discs.append((row, column, diameter))
    return discs


def picture_of(discs: list[tuple[float, float, float]], *, seed: int = 1, side: int = 512) -> Picture:
    return read_picture(write_scaled(simulate_micrograph(discs, seed=seed, side=side), nm_per_pixel=NM))


def count(picture: Picture, *, dark: bool = True) -> CountedVesicles:
    return find_vesicles(picture, smallest_nm=20, largest_nm=150, dark=dark)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_drawn_vesicles_are_found_with_their_diameters(seed: int) -> None:
    discs = draw_discs(seed)
    found = count(picture_of(discs, seed=seed)).vesicles
    ratios = []
    for vesicle in found:
        row, column, diameter = min(discs, key=lambda d: np.hypot(d[0] - vesicle.row, d[1] - vesicle.column))
        if np.hypot(row - vesicle.row, column - vesicle.column) < diameter / 4:
            ratios.append(vesicle.diameter_nm / (NM * diameter))
    assert len(ratios) / len(discs) >= 0.95  # recall
    assert len(ratios) / len(found) >= 0.95  # precision
    assert abs(np.mean(ratios) - 1) < 0.03  # bias of the diameter


def test_a_picture_without_vesicles_has_none() -> None:
    assert len(count(picture_of([])).vesicles) == 0


def test_bright_vesicles_are_found_as_dark_ones_are() -> None:
    pixels = simulate_micrograph(draw_discs(1), seed=1)
    dark = count(read_picture(write_scaled(pixels, nm_per_pixel=NM)))
    bright = count(read_picture(write_scaled(255 - pixels, nm_per_pixel=NM)), dark=False)
    assert [each.diameter_nm for each in bright.vesicles] == [each.diameter_nm for each in dark.vesicles]


def test_a_vesicle_cut_by_the_edge_is_counted_and_not_measured() -> None:
    counted = count(picture_of([(5, 100, 40), (100, 100, 40)], side=256))
    assert counted.cut == 1
    assert len(counted.vesicles) == 1
    assert compute_sizes(counted, width_nm=5).flags == ("1 vesicles cut by the edge are not measured",)


def test_two_touching_vesicles_are_two() -> None:
    assert len(count(picture_of([(100, 100, 40), (100, 138, 40)], side=256)).vesicles) == 2


def test_without_a_scale_nothing_is_measured_and_a_stated_one_is_kept() -> None:
    pixels = simulate_micrograph([(100, 100, 40)], seed=1, side=256)
    picture = read_picture(write_tiff(pixels))
    with pytest.raises(Refusal, match=r"IMG-003.*where it is read from"):
        count(picture)
    stated = Scale(nm_per_pixel=NM, read_from="scale bar, 100 nm = 50 px")
    found = find_vesicles(picture, smallest_nm=20, largest_nm=150, dark=True, stated_scale=stated)
    assert found.scale == stated
    assert found.vesicles[0].diameter_nm == pytest.approx(80, rel=0.03)


@pytest.mark.parametrize(("nm", "refused"), [(2.0019, False), (2.0021, True)])
def test_a_stated_scale_that_is_not_the_files_is_refused(nm: float, refused: bool) -> None:
    picture = picture_of([(100, 100, 40)], side=256)
    stated = Scale(nm_per_pixel=nm, read_from="scale bar")
    if refused:
        with pytest.raises(Refusal, match="TEM-004"):
            find_vesicles(picture, smallest_nm=20, largest_nm=150, dark=True, stated_scale=stated)
    else:
        find_vesicles(picture, smallest_nm=20, largest_nm=150, dark=True, stated_scale=stated)


@pytest.mark.parametrize(("smallest", "largest"), [(15.9, 100), (20, 20), (20, 257), (float("nan"), 100)])
def test_sizes_that_the_picture_cannot_show_are_refused(smallest: float, largest: float) -> None:
    with pytest.raises(Refusal, match="TEM-001"):
        find_vesicles(
            picture_of([(100, 100, 40)], side=256), smallest_nm=smallest, largest_nm=largest, dark=True
        )


def test_marks_by_hand_are_kept_with_who_when_and_why() -> None:
    counted = count(picture_of([(100, 100, 40), (180, 180, 40)], side=256))
    drawn = Vesicle(number=0, row=50, column=200, diameter_nm=60)
    edits = [Edit(mark=MARK, number=1), Edit(mark=MARK, added=drawn)]
    edited = apply_edits(counted, edits)
    assert [vesicle.number for vesicle in edited.vesicles] == [2, 3]
    assert edited.vesicles[1].mark == MARK
    assert [vesicle.number for vesicle in edited.removed] == [1]
    assert edited.edits == tuple(edits)
    assert compute_sizes(edited, width_nm=5).videos[0].values.sum() == 2


def test_marks_that_name_nothing_or_lie_outside_are_refused() -> None:
    counted = count(picture_of([(100, 100, 40)], side=256))
    outside = Vesicle(number=0, row=10, column=100, diameter_nm=60)
    for edits in (
        [Edit(mark=MARK, number=9)],
        [Edit(mark=MARK, number=1), Edit(mark=MARK, number=1)],
        [Edit(mark=MARK, added=outside)],
    ):
        with pytest.raises(Refusal, match="TEM-002"):
            apply_edits(counted, edits)
    with pytest.raises(Refusal, match="TEM-002"):
        Edit(mark=MARK)


def test_no_vesicle_gives_no_distribution() -> None:
    with pytest.raises(Refusal, match="TEM-003"):
        compute_sizes(count(picture_of([], side=256)), width_nm=5)
