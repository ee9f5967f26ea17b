"""McNemar's test in its four forms."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.mcnemar import mcnemar, mcnemar_corrected, mcnemar_exact, mcnemar_mid_p


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_exact_test_is_the_sign_test(b: int, c: int) -> None:
    if b + c == 0:
        return
    theirs = float(stats.binomtest(b, b + c).pvalue)
    assert mcnemar_exact([[4, b], [c, 3]]).p_value == pytest.approx(theirs, rel=1e-9)
    mid = mcnemar_mid_p([[4, b], [c, 3]]).p_value
    assert mid is not None
    assert 0 <= mid <= theirs


@given(st.integers(0, 30), st.integers(0, 30))
def test_concordant_pairs_and_the_order_do_not_matter(b: int, c: int) -> None:
    for test in (mcnemar, mcnemar_corrected, mcnemar_exact, mcnemar_mid_p):
        assert test([[1, b], [c, 0]]).p_value == pytest.approx(test([[9, c], [b, 9]]).p_value, rel=1e-12)


def test_airway_reactivity_before_and_after_stem_cells() -> None:
    # Fagerland, Lydersen & Laake 2013, Table 1 (b = 1, c = 7 of 21): asymptotic 0.034, corrected 0.077,
    # exact 0.070, mid-p 0.039.
    table = [[1, 1], [7, 12]]
    p_values = [test(table).p_value for test in (mcnemar, mcnemar_corrected, mcnemar_exact, mcnemar_mid_p)]
    assert p_values == [pytest.approx(p, abs=5e-4) for p in (0.034, 0.077, 0.070, 0.039)]


def test_without_discordant_pairs_p_is_one_by_convention() -> None:
    for test in (mcnemar, mcnemar_corrected, mcnemar_exact, mcnemar_mid_p):
        result = test([[5, 0], [0, 4]])
        assert (result.p_value, result.estimate) == (1.0, None)
        assert "by convention" in result.notes[-1]


def test_few_discordant_pairs_are_noted_below_25() -> None:
    assert "24 pairs" in mcnemar([[5, 12], [12, 4]]).notes[0]
    assert mcnemar([[5, 12], [13, 4]]).notes == ()


def test_a_one_sided_change_has_an_unbounded_interval() -> None:
    estimate = mcnemar_exact([[5, 6], [0, 4]]).estimate
    assert estimate is not None
    assert (estimate.value, estimate.upper) == (math.inf, math.inf)
    # Clopper-Pearson of 6 of 6: the lower bound is 0.025 ** (1 / 6).
    low = 0.025 ** (1 / 6)
    assert estimate.lower == pytest.approx(low / (1 - low), rel=1e-9)


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-303"):
        mcnemar([[0, 0], [0, 0]])
