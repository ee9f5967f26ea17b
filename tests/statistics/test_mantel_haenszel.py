"""Mantel-Haenszel and Breslow-Day on strata of 2 x 2 tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.cmh import cmh_general_association
from exotrial.statistics.mantel_haenszel import (
    breslow_day,
    breslow_day_tarone,
    mantel_haenszel,
    mantel_haenszel_corrected,
)

STRATA = st.lists(
    st.lists(st.lists(st.integers(1, 20), min_size=2, max_size=2), min_size=2, max_size=2),
    min_size=2,
    max_size=5,
)

# Admissions by sex in six departments (Bickel, Hammel & O'Connell 1975), rows men, women.
ADMISSIONS = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]


def test_admissions_agree_with_r() -> None:
    # R ?mantelhaen.test on UCBAdmissions: corrected 1.4269 (p 0.2323), odds ratio 0.9046968
    # (0.7719074 to 1.0603298); uncorrected 1.5246 (p 0.2169).
    result = mantel_haenszel(ADMISSIONS)
    assert result.statistic == pytest.approx(1.5246, abs=5e-5)
    assert result.p_value == pytest.approx(0.2169, abs=5e-5)
    corrected = mantel_haenszel_corrected(ADMISSIONS)
    assert corrected.statistic == pytest.approx(1.4269, abs=6e-5)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.9046968, abs=5e-8)
    assert result.estimate.lower == pytest.approx(0.7719074, abs=5e-8)
    assert result.estimate.upper == pytest.approx(1.0603298, abs=5e-8)


@given(STRATA)
def test_it_is_the_general_association_of_two_by_two(strata: list[list[list[int]]]) -> None:
    ours, general = mantel_haenszel(strata).statistic, cmh_general_association(strata).statistic
    assert ours == pytest.approx(general, rel=1e-7, abs=1e-10)


@given(STRATA)
def test_swapping_rows_inverts_the_odds_ratio_and_keeps_homogeneity(strata: list[list[list[int]]]) -> None:
    swapped = [table[::-1] for table in strata]
    one, other = mantel_haenszel(strata).estimate, mantel_haenszel(swapped).estimate
    assert one is not None
    assert other is not None
    assert one.value * other.value == pytest.approx(1.0, rel=1e-9)
    assert breslow_day_tarone(swapped).statistic == pytest.approx(
        breslow_day_tarone(strata).statistic, rel=1e-6, abs=1e-9
    )


def test_equal_odds_ratios_are_homogeneous() -> None:
    result = breslow_day_tarone([[[2, 4], [3, 2]], [[20, 40], [30, 20]]])
    assert result.statistic == pytest.approx(0.0, abs=1e-9)
    assert result.df == (1.0,)


def test_one_stratum_and_no_common_odds_ratio_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-308: 1 strata"):
        breslow_day_tarone([[[2, 4], [3, 2]]])
    with pytest.raises(Refusal, match="STS-308"):
        breslow_day_tarone([[[0, 4], [3, 2]], [[0, 5], [1, 4]]])


def test_one_stratum_without_events_in_an_arm_is_defined() -> None:
    result = mantel_haenszel([[[0, 4], [3, 2]]])
    assert result.estimate is not None
    assert (result.estimate.value, result.estimate.lower) == (0.0, None)
    assert "end of its range" in result.notes[0]


def test_strata_that_compare_nothing_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-307"):
        mantel_haenszel([[[1, 0], [2, 0]], [[0, 3], [0, 1]]])


def test_homogeneity_of_the_admissions_with_and_without_tarone() -> None:
    # statsmodels 0.14 StratifiedTable.test_equal_odds(adjust=False), then (adjust=True).
    plain, adjusted = breslow_day(ADMISSIONS), breslow_day_tarone(ADMISSIONS)
    assert plain.statistic == pytest.approx(18.825513705, abs=5e-9)
    assert plain.p_value == pytest.approx(0.00207139035, abs=5e-11)
    assert adjusted.statistic == pytest.approx(18.825501252, abs=5e-9)
    assert plain.df == adjusted.df == (5.0,)


@given(STRATA)
def test_tarone_never_adds(strata: list[list[list[int]]]) -> None:
    plain, adjusted = breslow_day(strata).statistic, breslow_day_tarone(strata).statistic
    assert plain is not None
    assert adjusted is not None
    assert adjusted <= plain
