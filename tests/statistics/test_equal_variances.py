"""Levene's and Brown and Forsythe's tests against scipy, and where they have no answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.equal_variances import brown_forsythe, levene
from tests.statistics.chictr import CRP, LYMPHOCYTES, RESPIRATORY_RATE, TEMPERATURE, WHITE_CELLS

VARIED = st.lists(st.integers(-100, 100), min_size=4, max_size=12).filter(lambda v: len(set(v)) > 3)


@given(st.lists(VARIED, min_size=2, max_size=4))
def test_both_agree_with_scipy(groups: list[list[int]]) -> None:
    for ours, centre in ((levene, "mean"), (brown_forsythe, "median")):
        theirs = stats.levene(*groups, center=centre)
        result = ours(groups)
        assert result.statistic == pytest.approx(float(theirs.statistic), rel=1e-9, abs=1e-12)
        assert result.p_value == pytest.approx(float(theirs.pvalue), rel=1e-9, abs=1e-12)


def test_levene_is_blind_to_location() -> None:
    first, second = LYMPHOCYTES
    moved = [value + 1000 for value in second]
    assert levene([first, moved]).statistic == pytest.approx(levene([first, second]).statistic, rel=1e-9)


def test_only_c_reactive_protein_has_unequal_variances_in_the_pilot() -> None:
    # ChiCTR2000030261 Table 2: its printed p values are Welch's for this row and Student's for others.
    p_values = [levene(row).p_value for row in (CRP, WHITE_CELLS, LYMPHOCYTES, RESPIRATORY_RATE, TEMPERATURE)]
    assert [p is not None and p < 0.05 for p in p_values] == [True, False, False, False, False]


def test_groups_without_variation_give_p_one_with_a_note() -> None:
    result = levene([[1.0, 1.0], [2.0, 2.0]])
    assert (result.p_value, result.statistic) == (1.0, None)
    assert "by convention" in result.notes[0]


def test_pairs_of_unequal_spread_are_refused_and_of_equal_spread_are_not() -> None:
    # Two values lie equally far from their mean, so no variation is left within the groups.
    with pytest.raises(Refusal, match="STS-100"):
        levene([[1.0, 2.0], [1.0, 3.0]])
    assert levene([[1.1, 1.2], [2.3, 2.4]]).p_value == 1.0


def test_one_group_or_one_value_each_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-109"):
        levene([[1.0, 2.0]])
    with pytest.raises(Refusal, match="STS-002"):
        levene([[1.0], [2.0]])
