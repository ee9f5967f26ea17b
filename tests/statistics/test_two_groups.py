"""Student, Welch and the row that SPSS users read, from data and from printed summaries."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.describe import describe
from exotrial.statistics.moments import as_moments
from exotrial.statistics.result import Alternative, Result
from exotrial.statistics.two_groups import (
    compute_cohens_d,
    compute_hedges_correction,
    spss_levene_decides,
    student,
    student_from_summary,
    welch,
    welch_from_summary,
)
from tests.statistics.chictr import CRP, LYMPHOCYTES, RESPIRATORY_RATE, TEMPERATURE, WHITE_CELLS

VARIED = st.lists(st.integers(-1000, 1000), min_size=2, max_size=15).filter(lambda v: len(set(v)) > 1)


def p_of(result: Result) -> float:
    assert result.p_value is not None
    return result.p_value


@given(VARIED, VARIED, st.sampled_from(list(Alternative)), st.booleans())
def test_both_t_tests_agree_with_scipy(
    first: list[int], second: list[int], alternative: Alternative, equal: bool
) -> None:
    ours = (student if equal else welch)(first, second, alternative=alternative, level=0.9)
    theirs = stats.ttest_ind(first, second, equal_var=equal, alternative=str(alternative))
    interval = theirs.confidence_interval(0.9)
    assert ours.p_value == pytest.approx(float(theirs.pvalue), rel=1e-7, abs=1e-12)
    assert ours.df[0] == pytest.approx(float(theirs.df), rel=1e-9)
    assert ours.estimate is not None
    assert ours.estimate.lower == pytest.approx(float(interval.low), rel=1e-7, abs=1e-8)
    assert ours.estimate.upper == pytest.approx(float(interval.high), rel=1e-7, abs=1e-8)


@given(VARIED, VARIED)
def test_summaries_give_what_the_data_give(first: list[int], second: list[int]) -> None:
    one, two = describe(first), describe(second)
    for from_data, from_summary in ((student, student_from_summary), (welch, welch_from_summary)):
        assert one.sd is not None
        assert two.sd is not None
        summarised = from_summary(one.mean, one.sd, one.n, two.mean, two.sd, two.n)
        assert summarised.p_value == pytest.approx(from_data(first, second).p_value, rel=1e-9)
        assert summarised.method == from_data.__name__


@given(VARIED, VARIED)
def test_exchanging_the_groups_changes_the_sign_only(first: list[int], second: list[int]) -> None:
    for method in (student, welch):
        there, back = method(first, second), method(second, first)
        assert there.p_value == pytest.approx(back.p_value, rel=1e-12)
        assert there.statistic is not None
        assert back.statistic == pytest.approx(-there.statistic, rel=1e-12)


def test_the_printed_p_values_of_the_pilot_are_the_row_that_levene_points_to() -> None:
    # ChiCTR2000030261 Table 2 prints p = 0.151, 0.770, 0.723 and 0.468 for these rows.
    protein = spss_levene_decides(*CRP)
    assert p_of(protein) == pytest.approx(0.1515, abs=5e-5)
    assert protein.notes[0].startswith("row taken: equal variances not assumed (Welch)")
    assert protein.p_value == welch(*CRP).p_value
    for row, printed in ((LYMPHOCYTES, 0.770), (RESPIRATORY_RATE, 0.723), (TEMPERATURE, 0.468)):
        chosen = spss_levene_decides(*row)
        assert p_of(chosen) == pytest.approx(printed, abs=5e-4)
        assert chosen.notes[0].startswith("row taken: equal variances assumed (Student)")
        assert chosen.p_value == student(*row).p_value
        assert chosen.method == "spss_levene_decides"


def test_the_printed_p_of_white_cells_is_their_mean_difference() -> None:
    # Table 2 prints p = 0.479; no t test gives it, and 0.479 is the difference of the means in 1e9/L.
    result = student(*WHITE_CELLS)
    assert p_of(result) == pytest.approx(0.525, abs=5e-4)
    assert result.estimate is not None
    assert round(result.estimate.value, 3) == 0.479


def test_effect_sizes_are_in_the_notes() -> None:
    # Means 2 and 4, both variances 1: d = -2; J(4) = 0.7979 (Hedges 1981: 1 - 3/(4 x 4 - 1) = 0.8).
    assert student([1, 2, 3], [3, 4, 5]).notes == ("Cohen's d = -2, Hedges' g = -1.596 (pooled SD)",)


@pytest.mark.parametrize(("df", "factor"), [(2, 0.5642), (4, 0.7979), (10, 0.9228), (50, 0.9849)])
def test_the_correction_of_hedges_matches_its_table(df: int, factor: float) -> None:
    # Hedges 1981, table 1: c(m) for m degrees of freedom; c(2) is 1 / sqrt pi.
    assert compute_hedges_correction(df) == pytest.approx(factor, abs=6e-5)


def test_a_group_of_one_enters_student_and_not_welch() -> None:
    # 5 against (1, 2, 3): pooled variance 1 on 2 df, t = 3 / sqrt(4/3).
    result = student([5.0], [1.0, 2.0, 3.0])
    assert result.statistic == pytest.approx(3 / math.sqrt(4 / 3), rel=1e-13)
    assert result.df == (2.0,)
    assert student_from_summary(5.0, None, 1, 2.0, 1.0, 3).statistic == pytest.approx(result.statistic)
    with pytest.raises(Refusal, match="STS-002"):
        welch([5.0], [1.0, 2.0, 3.0])
    with pytest.raises(Refusal, match="STS-002"):
        welch_from_summary(5.0, 0.0, 1, 2.0, 1.0, 3)


def test_one_value_in_each_group_is_refused() -> None:
    with pytest.raises(Refusal, match="no degree of freedom"):
        student([1.0], [2.0])


def test_equal_constants_give_p_one_and_different_constants_are_refused() -> None:
    for method in (student, welch, spss_levene_decides):
        result = method([0.3, 0.3, 0.3], [0.1 + 0.2, 0.3])
        assert (result.p_value, result.statistic) == (1.0, None)
        assert any("by convention" in note for note in result.notes)
        with pytest.raises(Refusal, match="STS-100"):
            method([1.0, 1.0], [2.0, 2.0])


def test_one_constant_group_leaves_welch_the_freedom_of_the_other() -> None:
    assert welch([1.0, 1.0, 1.0], [2.0, 3.0, 5.0]).df == (2.0,)


def test_levene_cannot_decide_between_two_pairs_of_unequal_spread() -> None:
    with pytest.raises(Refusal, match=r"STS-100.*choose between Student and Welch beforehand"):
        spss_levene_decides([1.0, 2.0], [5.0, 8.0])


def test_missing_values_and_figures_that_cannot_be_are_refused() -> None:
    for method in (student, welch, spss_levene_decides):
        with pytest.raises(Refusal, match="STS-001: value 2 of second"):
            method([1.0, 2.0], [1.0, math.nan])
    for from_summary in (student_from_summary, welch_from_summary):
        with pytest.raises(Refusal, match="STS-102: -1 is no standard deviation for second"):
            from_summary(1, 1, 5, 2, -1, 5)
    with pytest.raises(Refusal, match="STS-004"):
        student([1.0, 2.0], [3.0, 4.0], level=95)


def test_one_degree_of_freedom_has_d_and_no_g() -> None:
    # 4 against (1, 2): pooled variance 0.5, d = 2.5 / sqrt 0.5; Hedges' factor needs two degrees of freedom.
    assert student([4.0], [1.0, 2.0]).notes == ("Cohen's d = 3.536 (pooled SD)",)


def test_cohens_d_is_missing_without_variation() -> None:
    constant = as_moments(1.0, 0.0, 3, name="first")
    assert compute_cohens_d(constant, constant) is None
    assert compute_cohens_d(as_moments(3.0, 1.0, 3, name="first"), constant) == pytest.approx(
        2 / math.sqrt(0.5)
    )
