"""The ISCT's criteria of 2006 with exact bounds, growth and viability."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from exotrial.core.errors import Refusal
from exotrial.product.cell_identity import (
    CellEvidence,
    Counted,
    compute_doubling_time,
    compute_doublings,
    decide_cell_identity,
    decide_viability,
)

WHOLE = CellEvidence(
    adherent=True,
    markers={
        **{name: Counted(positive=9700, total=10_000) for name in ("CD105", "CD73", "CD90")},
        **{name: Counted(positive=100, total=10_000) for name in ("CD45", "CD34", "CD14", "CD19", "HLA-DR")},
    },
    lineages={"osteogenic": True, "adipogenic": True, "chondrogenic": True},
)


def failing(evidence: CellEvidence) -> dict[str, bool | None]:
    verdict = decide_cell_identity(evidence)
    return {one.criterion: one.holds for one in verdict.reasons if one.holds is not True}


def test_cells_that_meet_every_criterion_are_shown() -> None:
    assert decide_cell_identity(WHOLE)
    assert len(decide_cell_identity(WHOLE).reasons) == 12


def test_the_bound_is_the_exact_one() -> None:
    # ev_cases ISCT-01: 9600 of 10000, one-sided 95 % lower bound.
    assert Counted(positive=9600, total=10_000).lower() == pytest.approx(0.9566259, abs=1e-6)


def test_96_of_every_100_among_200_cells_do_not_show_95_percent() -> None:
    few = replace(WHOLE, markers={**WHOLE.markers, "CD90": Counted(positive=192, total=200)})
    assert failing(few) == {"CD90 at least 95%": False}
    many = replace(WHOLE, markers={**WHOLE.markers, "CD90": Counted(positive=1920, total=2000)})
    assert failing(many) == {}


def test_one_percent_negative_among_few_cells_does_not_show_two() -> None:
    few = replace(WHOLE, markers={**WHOLE.markers, "CD45": Counted(positive=1, total=100)})
    assert failing(few) == {"CD45 at most 2%": False}


def test_one_of_a_group_is_enough_and_of_two_the_worse_counts() -> None:
    other = {name: count for name, count in WHOLE.markers.items() if name != "CD14"}
    assert decide_cell_identity(replace(WHOLE, markers={**other, "CD11b": Counted(positive=0, total=5000)}))
    both = {**WHOLE.markers, "CD11b": Counted(positive=500, total=10_000)}
    assert failing(replace(WHOLE, markers=both)) == {"CD14 or CD11b at most 2%": False}


def test_a_percentage_without_its_count_shows_nothing() -> None:
    other = {name: count for name, count in WHOLE.markers.items() if name != "CD73"}
    assert failing(replace(WHOLE, markers=other, told={"CD73": 0.99})) == {"CD73 at least 95%": None}
    assert failing(replace(WHOLE, markers=other, told={"CD73": 0.94})) == {"CD73 at least 95%": False}


def test_what_is_not_on_record_is_not_known() -> None:
    assert set(failing(CellEvidence()).values()) == {None}
    assert len(failing(CellEvidence())) == 12


@given(st.integers(1, 400), st.data())
def test_the_bounds_are_those_of_scipy(total: int, data: st.DataObject) -> None:
    positive = data.draw(st.integers(0, total))
    counted = Counted(positive=positive, total=total)
    below = binomtest(positive, total, alternative="greater").proportion_ci(0.95)
    above = binomtest(positive, total, alternative="less").proportion_ci(0.95)
    assert counted.lower() == pytest.approx(below.low, abs=1e-9)
    assert counted.upper() == pytest.approx(above.high, abs=1e-9)


@pytest.mark.parametrize(("positive", "total"), [(1, 0), (0, 0), (5, 4), (-1, 4)])
def test_a_count_that_cannot_be_is_refused(positive: int, total: int) -> None:
    with pytest.raises(Refusal, match="CEL-001"):
        Counted(positive=positive, total=total)


def test_growth_is_told_in_doublings() -> None:
    assert compute_doublings(1e5, 8e5) == 3
    assert compute_doubling_time(1e5, 8e5, hours=72) == 24
    assert compute_doubling_time(1e5, 1e5, hours=72) is None
    with pytest.raises(Refusal, match="CEL-002"):
        compute_doubling_time(0, 1e5, hours=72)


def test_viability_is_a_bound_too() -> None:
    assert decide_viability(Counted(positive=960, total=1000), at_least=0.94)
    assert not decide_viability(Counted(positive=96, total=100), at_least=0.94)
