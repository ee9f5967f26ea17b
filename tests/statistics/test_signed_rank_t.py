"""The signed-rank test by t, against the one-sample t of the signed ranks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.result import Alternative
from exotrial.statistics.signed_rank_t import signed_rank_t

DIFFERENCES = [3, -1, 4, 1, -5, 9, 2, 0, 6, -5, 3, 5, 0, 8, -9, 7, 12, -2, 4, 4, 1, 6, 7, -3]


@pytest.mark.parametrize("alternative", list(Alternative))
def test_p_is_that_of_the_t_test_of_the_signed_ranks(alternative: Alternative) -> None:
    # Iman 1974: S sqrt(n - 1) / sqrt(n V - S squared) is the one-sample t of the signed ranks.
    kept = np.array([value for value in DIFFERENCES if value])
    signed = np.sign(kept) * stats.rankdata(np.abs(kept))
    expected = stats.ttest_1samp(signed, 0, alternative=alternative.value)
    result = signed_rank_t(DIFFERENCES, [0] * len(DIFFERENCES), alternative=alternative)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.df == (21.0,)


def test_zero_differences_alone_give_p_of_one_with_a_note() -> None:
    result = signed_rank_t([1, 2], [1, 2])
    assert result.p_value == 1.0
    assert result.df == ()
    assert any("all differences are zero" in note for note in result.notes)


def test_signed_ranks_without_spread_are_refused_and_with_spread_are_not() -> None:
    with pytest.raises(Refusal, match=r"STS-203.*signed_rank_exact"):
        signed_rank_t([2, 2, 2], [1, 1, 1])
    with pytest.raises(Refusal, match="STS-203"):
        signed_rank_t([2, 1], [1, 1])
    result = signed_rank_t([2, 3, 2], [1, 1, 1])
    assert result.p_value is not None
    assert 0 < result.p_value < 1
