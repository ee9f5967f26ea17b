"""What may enter as a sample."""

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.statistics.result import Alternative
from exotrial.statistics.sample import as_sample, snap


def test_binary_noise_is_snapped_away_at_every_size() -> None:
    for size in (1.0, 1e9, 1e-9, 1e200, 1e-200):
        first, second = snap(np.array([(36.5 - 36.6) * size, (36.4 - 36.5) * size]))
        assert first == second


def test_the_smallest_numbers_are_snapped_and_stay_apart() -> None:
    # Rounding 1e-300 to 12 digits would need 10 to the 312, which no float holds.
    assert np.allclose(snap(np.array([1e-300, 3e-300])) / 1e-300, [1.0, 3.0], rtol=1e-11, atol=0)
    assert list(snap(np.array([5e-324, 0.0]))) == [5e-324, 0.0]


@pytest.mark.parametrize("values", [["a", "b"], [[1.0, 2.0], [3.0, 4.0]], 5.0, [[1.0], [2.0, 3.0]], "7.66"])
def test_what_is_no_list_of_numbers_is_refused(values: object) -> None:
    with pytest.raises(Refusal, match="STS-005"):
        as_sample(values, name="values")  # type: ignore[arg-type]


def test_a_missing_value_is_named_by_its_place() -> None:
    with pytest.raises(Refusal, match="STS-001: value 2 of values is nan"):
        as_sample(np.array([1.0, None, 3.0], dtype=object), name="values")


def test_another_alternative_is_refused_and_a_plain_word_is_understood() -> None:
    assert Alternative("less") is Alternative.LESS
    with pytest.raises(Refusal, match="STS-006: 'lower' is no alternative"):
        Alternative("lower")
