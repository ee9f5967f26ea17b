"""The exact conditional test of a common odds ratio."""

from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.fisher import fisher
from exotrial.statistics.mantel_haenszel_exact import mantel_haenszel_exact
from exotrial.statistics.result import Alternative

TABLE = st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=2), min_size=2, max_size=2)

# Penicillin in rabbits, at once or after 1.5 h, at five doses (Mantel 1963, JASA 58:690-700); columns cured, died.
RABBITS = [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]


def test_the_rabbits_agree_with_r() -> None:
    # R mantelhaen.test(Rabbits, exact = TRUE): S = 16, p = 0.03994, common odds ratio 10.36102, whose root
    # R finds to about four digits.
    result = mantel_haenszel_exact(RABBITS)
    assert result.statistic == 16
    assert result.p_value == pytest.approx(0.03994, abs=5e-6)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(10.361, abs=5e-4)
    assert result.notes == ("compares nothing and adds nothing: stratum 1, 5",)


@given(TABLE)
def test_one_stratum_is_fishers_test(table: list[list[int]]) -> None:
    ours, theirs = mantel_haenszel_exact([table]), fisher(table)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-9)
    assert ours.estimate == theirs.estimate


@given(st.lists(TABLE, min_size=2, max_size=3))
@settings(max_examples=30)
def test_the_one_sided_p_is_that_of_all_tables_listed(strata: list[list[list[int]]]) -> None:
    ways: dict[int, int] = {}
    supports = []
    for (a, b), (c, d) in strata:
        low, high = max(0, a + c - (c + d)), min(a + b, a + c)
        supports.append([(x, comb(a + b, x) * comb(c + d, a + c - x)) for x in range(low, high + 1)])
    for cells in product(*supports):
        weight = 1
        for _, count in cells:
            weight *= count
        total = sum(x for x, _ in cells)
        ways[total] = ways.get(total, 0) + weight
    observed = sum(table[0][0] for table in strata)
    listed = sum(count for total, count in ways.items() if total >= observed) / sum(ways.values())
    result = mantel_haenszel_exact(strata, alternative=Alternative.GREATER)
    assert result.p_value == pytest.approx(listed, rel=1e-9)


def test_tails_too_thin_for_a_float_keep_a_finite_interval() -> None:
    estimate = mantel_haenszel_exact([[[900, 100], [100, 900]]] * 2).estimate
    assert estimate is not None
    assert estimate.lower is not None
    assert estimate.upper is not None
    # The unconditional odds ratio is 81.
    assert 60 < estimate.lower < estimate.value < estimate.upper < 110
    assert estimate.value == pytest.approx(81, rel=0.01)


def test_strata_that_compare_nothing_and_counts_too_large_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-307"):
        mantel_haenszel_exact([[[3, 0], [4, 0]], [[0, 2], [0, 1]]])
    with pytest.raises(Refusal, match="STS-304"):
        mantel_haenszel_exact([[[5000, 5000], [5000, 5000]]] * 2)
