"""What may enter as a table of counts."""

import math

import pytest

from exotrial.core.errors import Refusal
from exotrial.statistics.counts import as_table, check_margins, check_rows, estimate_risk_difference


@pytest.mark.parametrize("cell", [-1, 1.5, math.nan, math.inf, 2.0**41])
def test_a_cell_that_is_no_count_is_named(cell: float) -> None:
    with pytest.raises(Refusal, match="STS-300: row 2, column 1 of the table"):
        as_table([[1.0, 2.0], [cell, 4.0]])


@pytest.mark.parametrize("values", [[1, 2], [[1, 2]], [[1], [2]], [[1, 2], [3]], [["a", "b"], ["c", "d"]], 3])
def test_what_is_no_table_is_refused(values: object) -> None:
    with pytest.raises(Refusal, match="STS-301"):
        as_table(values)  # type: ignore[arg-type]  # the refusal is for callers without a type checker


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-301: the table is 2 x 3, and 2 x 2 is needed"):
        as_table([[1, 2, 3], [4, 5, 6]], shape=(2, 2))
    with pytest.raises(Refusal, match="same categories"):
        as_table([[1, 2, 3], [4, 5, 6]], square=True)


def test_a_table_without_counts_is_refused_unless_it_may_be_empty() -> None:
    with pytest.raises(Refusal, match="STS-303"):
        as_table([[0, 0], [0, 0]])
    assert as_table([[0, 0], [0, 0]], may_be_empty=True).sum() == 0


def test_whole_floats_are_counts() -> None:
    assert as_table([[1.0, 2.0], [3.0, 4.0]]).tolist() == [[1, 2], [3, 4]]


def test_an_empty_margin_is_named() -> None:
    with pytest.raises(Refusal, match="STS-302: row 2"):
        check_rows(as_table([[1, 2], [0, 0]]))
    with pytest.raises(Refusal, match="STS-302: column 2"):
        check_margins(as_table([[1, 0], [2, 0]]))
    check_rows(as_table([[1, 0], [2, 0]]))


def test_the_risk_difference_has_newcombes_interval() -> None:
    # Newcombe 1998, Statistics in Medicine 17:873-890, Table II, method 10: 56/70 - 48/80 and 9/10 - 3/10.
    for table, lower, upper in (([[56, 14], [48, 32]], 0.0524, 0.3339), ([[9, 1], [3, 7]], 0.1705, 0.8090)):
        estimate = estimate_risk_difference(as_table(table), level=0.95)
        assert estimate.lower == pytest.approx(lower, abs=5e-5)
        assert estimate.upper == pytest.approx(upper, abs=5e-5)
