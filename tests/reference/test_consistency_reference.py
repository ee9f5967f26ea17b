"""The checks of printed summaries against published examples and the figures of seed 002."""

from typing import Any

import pytest
from scipy.stats import ttest_ind_from_stats

from exotrial.statistics.consistency import debit, grim, grimmer, search_group_sizes

Cases = dict[str, dict[str, Any]]

# Data sets pigs1 and pigs5 of the R package scrutiny (Jung; MIT licence): the same means, other sizes.
PIGS_MEANS = ("7.22", "4.74", "5.23", "2.57", "6.77", "2.68", "7.01", "7.38", "3.14", "6.89", "5.00", "0.24")
PIGS1_N = (32, 25, 29, 24, 27, 28, 29, 26, 27, 31, 25, 28)
PIGS5_SD = ("5.30", "6.55", "2.55", "2.57", "2.18", "2.59", "6.68", "3.65", "5.32", "4.18", "2.18", "6.43")
PIGS5_N = (38, 31, 35, 30, 33, 34, 35, 32, 33, 37, 31, 34)


def test_grim_on_the_pigs(stats_cases: Cases) -> None:
    verdicts = [grim(mean, n).consistent for mean, n in zip(PIGS_MEANS, PIGS1_N, strict=True)]
    assert verdicts == stats_cases["CHK-02"]["expected"]["consistent"]


def test_grimmer_on_the_pigs() -> None:
    # scrutiny, tests/testthat/test-grimmer-map.R, sample SD.
    expected = [False, True, False, True, False, True, False, True, False, True, True, True]
    verdicts = [
        grimmer(mean, sd, n).sample.consistent
        for mean, sd, n in zip(PIGS_MEANS, PIGS5_SD, PIGS5_N, strict=True)
    ]
    assert verdicts == expected


def test_debit_of_the_vignette(stats_cases: Cases) -> None:
    assert debit("0.35", "0.18", 20).consistent is stats_cases["CHK-03"]["expected"]["consistent"]


@pytest.mark.parametrize(
    ("case", "mean", "sd", "n"), [("CHK-04", "15.3", "1.33", 3), ("CHK-05", "16.00", "5.23", 3)]
)
def test_seed_002(stats_cases: Cases, case: str, mean: str, sd: str, n: int) -> None:
    expected = stats_cases[case]["expected"]
    result = grimmer(mean, sd, n)
    assert result.grim.consistent is expected["grim"]
    assert result.consistent is expected["grimmer"]
    assert not result.sample.consistent
    assert not result.population.consistent


def test_the_lesion_times_of_seed_002_fit_a_comparator_of_about_forty() -> None:
    # 16.00±5.23 (n = 3) against 20.85±3.57, p = 0.033; the p at each size comes from scipy.
    found = search_group_sizes("16.00", "5.23", "20.85", "3.57", "0.033", n1=3)
    assert [solution.n2 for solution in found.solutions] == [38, 39, 40, 41, 42]
    for solution in found.solutions:
        scipy_p = ttest_ind_from_stats(16.00, 5.23, 3, 20.85, 3.57, solution.n2).pvalue
        assert solution.p_as_printed == pytest.approx(scipy_p, rel=1e-9)
        assert not solution.data_possible  # CHK-05: the first group's figures fit no three whole days


def test_no_comparator_fits_the_lesion_times_by_welch() -> None:
    assert search_group_sizes("16.00", "5.23", "20.85", "3.57", "0.033", n1=3, test="welch").solutions == ()
