"""What a Monte Carlo test accepts and how it describes itself."""

import pytest

from exotrial.core.errors import Refusal
from exotrial.statistics.resampling import check_resampling, describe_resampling


@pytest.mark.parametrize(("seed", "resamples"), [(-1, 999), (True, 999), (1.5, 999), (1, 98), (1, 99.5)])
def test_an_unusable_seed_or_number_is_refused(seed: int, resamples: int) -> None:
    with pytest.raises(Refusal, match="STS-108"):
        check_resampling(seed, resamples)


def test_seed_zero_and_99_resamples_are_accepted() -> None:
    check_resampling(0, 99)


def test_the_note_gives_the_standard_error_of_p() -> None:
    # sqrt(0.5 x 0.5 / 10,000) = 0.005.
    assert describe_resampling(1, 10_000, 0.5).endswith("standard error of p is 0.005")
