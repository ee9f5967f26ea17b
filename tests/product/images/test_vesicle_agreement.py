"""Two counts of one micrograph: pairs, precision and recall, and diameters."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.electron_microscopy import find_vesicles
from exotrial.product.vesicle_agreement import Counted, compare_counts, derive_numbers, read_counted
from tests.product.images.test_electron_microscopy import NM, draw_discs, picture_of


def read(text: str) -> tuple[Counted, ...]:
    return read_counted(assay_file(text.encode(), name="count.csv"))


def at(row: float, column: float, diameter_nm: float = 40) -> Counted:
    return Counted(row=row, column=column, diameter_nm=diameter_nm)


def test_what_is_found_agrees_with_a_human_count_of_a_known_picture() -> None:
    discs = draw_discs(7)
    spread = np.random.default_rng(1)
    human = [at(r, c, NM * d * (1 + 0.01 * spread.standard_normal())) for r, c, d in discs]
    found = find_vesicles(picture_of(discs, seed=7), smallest_nm=20, largest_nm=150, dark=True)
    counted = [at(each.row, each.column, each.diameter_nm) for each in found.vesicles]
    agreement = compare_counts(human, counted, nm_per_pixel=NM)
    assert agreement.recall.value >= 0.95
    assert agreement.precision.value >= 0.95
    assert agreement.limits is not None
    assert agreement.concordance is not None
    assert abs(agreement.limits.bias) < 1
    assert agreement.concordance.value > 0.99


@pytest.mark.parametrize(("apart", "pairs"), [(4.99, 1), (5.01, 0)])
def test_centres_are_of_one_vesicle_within_half_its_radius(apart: float, pairs: int) -> None:
    # 40 nm at 2 nm per pixel: radius 10 px, half of it 5 px
    found = compare_counts([at(100, 100)], [at(100, 100 + apart)], nm_per_pixel=2.0)
    assert len(found.pairs) == pairs
    assert found.limits is None


def test_shares_have_the_bounds_of_clopper_and_pearson() -> None:
    first = [at(0, 100 * k) for k in range(10)]
    found = compare_counts(first, first[:9], nm_per_pixel=2.0)
    # 9 of 10: 0.5550 to 0.9975 (C. J. Clopper, E. S. Pearson's limits, as R's binom.test(9, 10) prints them)
    assert found.recall.lower == pytest.approx(0.5550, abs=5e-5)
    assert found.recall.upper == pytest.approx(0.9975, abs=5e-5)
    assert found.precision.upper == 1
    assert found.f1 == pytest.approx(18 / 19)


places = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5, unique=True)


@given(places, places)
@settings(max_examples=60, deadline=None)
def test_the_pairs_are_as_many_as_can_be_and_the_nearest_of_these(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    # second derivation: every assignment of the shorter list, by brute force
    one, two = [at(r, c) for r, c in first], [at(r, c) for r, c in second]
    best = (0, 0.0)
    short, long = (one, two) if len(one) <= len(two) else (two, one)
    for order in permutations(range(len(long)), len(short)):
        apart = [
            float(np.hypot(a.row - long[k].row, a.column - long[k].column))
            for a, k in zip(short, order, strict=True)
        ]
        near = [each for each in apart if each <= 5]
        best = max(best, (len(near), -sum(near)))
    found = compare_counts(one, two, nm_per_pixel=2.0).pairs
    total = sum(float(np.hypot(a.row - b.row, a.column - b.column)) for a, b in found)
    assert len(found) == best[0]
    assert total == pytest.approx(-best[1])


def test_a_count_is_read_and_what_was_removed_by_hand_is_left_out() -> None:
    text = "number,row,column,diameter_nm,counted\n1,5,6,40,yes\n2,7,8,50,no\n"
    assert read(text) == (at(5, 6, 40),)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("row,column\n1,2\n", "line 1: its columns are row, column; missing or twice: diameter_nm"),
        ("row,row,column,diameter_nm\n", "one of them"),
        ("row,column,diameter_nm\n1,2,wide\n", "line 2: diameter_nm is 'wide'"),
        ("row,column,diameter_nm\n1,2\n", "line 2: diameter_nm is None"),
        ("row,column,diameter_nm\n1,2,0\n", "is no vesicle"),
        ("row,column,diameter_nm\n-1,2,3\n", "is no vesicle"),
        ("", "its columns are none"),
    ],
)
def test_a_count_that_cannot_be_read_is_refused(text: str, refused: str) -> None:
    with pytest.raises(Refusal, match=f"IMG-008.*{refused}"):
        read(text)


def test_an_empty_count_is_refused() -> None:
    with pytest.raises(Refusal, match="IMG-009"):
        compare_counts((), [at(1, 1)], nm_per_pixel=1.0)


def test_two_counts_that_share_nothing_have_no_pair() -> None:
    rows = derive_numbers(compare_counts([at(0, 0)], [at(500, 500)], nm_per_pixel=2.0))
    assert {row["what"]: row["value"] for row in rows}["recall"] == 0
