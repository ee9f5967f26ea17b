"""Cohen's kappa."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.agreement import cohen_kappa

TABLES = st.lists(st.lists(st.integers(1, 20), min_size=3, max_size=3), min_size=3, max_size=3)


@given(TABLES)
def test_kappa_is_symmetric_and_bounded(table: list[list[int]]) -> None:
    one = cohen_kappa(table).estimate
    other = cohen_kappa([list(column) for column in zip(*table, strict=True)]).estimate
    assert one is not None
    assert other is not None
    assert -1 <= one.value <= 1
    assert other.value == pytest.approx(one.value, abs=1e-12)
    assert other.lower == pytest.approx(one.lower, abs=1e-9)


def test_full_agreement_is_one_without_an_interval() -> None:
    result = cohen_kappa([[5, 0], [0, 4]])
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(1.0)
    assert result.estimate.lower is None


def test_one_category_only_is_refused_and_a_constant_reader_is_defined() -> None:
    with pytest.raises(Refusal, match="STS-306: all 9 subjects"):
        cohen_kappa([[9, 0], [0, 0]])
    constant = cohen_kappa([[5, 4], [0, 0]])
    assert constant.estimate is not None
    assert constant.estimate.value == pytest.approx(0.0)
    assert constant.p_value == 1.0


def test_a_table_that_is_not_square_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-301"):
        cohen_kappa([[1, 2, 3], [4, 5, 6]])
