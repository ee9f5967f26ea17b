"""Means, their differences and their permutation tests against the independent reference cases."""

import csv
from pathlib import Path
from typing import Any

import pytest

from exotrial.statistics.before_after import paired_t, sign_flip
from exotrial.statistics.describe import compute_geometric_mean
from exotrial.statistics.one_sample import geometric_mean_t, one_sample_t
from exotrial.statistics.result import Alternative, Estimate, Result
from exotrial.statistics.two_groups import student, welch

Cases = dict[str, dict[str, Any]]


def estimate_of(result: Result) -> Estimate:
    assert result.estimate is not None
    return result.estimate


def interval_of(result: Result) -> list[float | None]:
    estimate = estimate_of(result)
    return [estimate.lower, estimate.upper]


@pytest.fixture(scope="module")
def sleep(stats_data: Path) -> tuple[list[float], list[float]]:
    with (stats_data / "sleep.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    first, second = ([float(row["extra"]) for row in rows if row["group"] == group] for group in "12")
    return first, second


def test_tt_01_hours_of_sleep_by_three_t_tests(
    stats_cases: Cases, sleep: tuple[list[float], list[float]]
) -> None:
    # R ?t.test; the digits recomputed with R are under verified_here: t, df, p, lower, upper.
    rerun = stats_cases["TT-01"]["verified_here"]
    for result, expected in ((paired_t(*sleep), rerun["paired"]), (welch(*sleep), rerun["welch"])):
        assert [result.statistic, *result.df, result.p_value, *interval_of(result)] == pytest.approx(
            expected, rel=1e-12
        )
    pooled = student(*sleep)
    assert [pooled.statistic, pooled.p_value, *interval_of(pooled)] == pytest.approx(
        rerun["pooled"], rel=1e-12
    )
    expected = stats_cases["TT-01"]["expected"]
    assert pooled.p_value == pytest.approx(expected["pooled"]["p"], abs=5e-6)
    assert paired_t(*sleep).p_value == pytest.approx(expected["paired"]["p"], abs=5e-7)


def test_tt_02_weight_gain_as_sas_and_r_print_it(stats_cases: Cases) -> None:
    case = stats_cases["TT-02"]
    groups = (case["inline"]["placebo"], case["inline"]["treatment"])
    pooled, expected = student(*groups), case["expected"]["pooled"]
    assert pooled.statistic == pytest.approx(expected["t"], abs=5e-5)
    assert pooled.df == (expected["df"],)
    assert pooled.p_value == pytest.approx(expected["p"], abs=5e-5)
    assert pooled.p_value == pytest.approx(case["verified_here"]["pooled_p"], rel=1e-12)
    assert estimate_of(pooled).value == pytest.approx(expected["diff"], rel=1e-12)
    assert interval_of(pooled) == pytest.approx(expected["ci"], abs=5.1e-5)
    unequal, expected = welch(*groups), case["expected"]["welch"]
    assert unequal.df[0] == pytest.approx(expected["df"], abs=5e-4)
    assert unequal.p_value == pytest.approx(case["verified_here"]["welch_p"], rel=1e-12)
    assert interval_of(unequal) == pytest.approx(expected["ci"], abs=5.1e-5)


def test_tt_05_scores_against_thirty_and_their_geometric_mean(stats_cases: Cases) -> None:
    case = stats_cases["TT-05"]
    scores = [score for score, count in case["inline"]["score_count"] for _ in range(count)]
    expected = case["expected"]
    result = one_sample_t(scores, null=30)
    assert result.statistic == pytest.approx(case["verified_here"]["t"], rel=1e-12)
    assert result.p_value == pytest.approx(case["verified_here"]["p"], rel=1e-10)
    assert estimate_of(result).value == pytest.approx(expected["mean"], abs=5e-5)
    assert interval_of(result) == pytest.approx(expected["ci"], abs=5.1e-5)
    logged = geometric_mean_t(scores, null=30)
    assert logged.statistic == pytest.approx(expected["log_t"], abs=5e-5)
    assert logged.p_value == pytest.approx(expected["log_p"], abs=5e-5)
    assert estimate_of(logged).value == pytest.approx(expected["geo_mean"], abs=5e-6)
    assert compute_geometric_mean(scores) == pytest.approx(expected["geo_mean"], abs=5e-6)
    assert interval_of(logged) == pytest.approx(expected["geo_ci"], abs=5.1e-4)


def test_perm_01_darwins_maize_is_counted_exactly(stats_cases: Cases) -> None:
    case = stats_cases["PERM-01"]
    differences, expected = case["inline"]["diff"], case["expected"]
    zeros = [0] * len(differences)
    assert sign_flip(differences, zeros).p_value == expected["p_two_sided"] == expected["count"] / 2**15
    assert f"{expected['count']} of 2^15" in sign_flip(differences, zeros).notes[0]
    one_sided = sign_flip(differences, zeros, alternative=Alternative.GREATER)
    assert one_sided.p_value == expected["p_one_sided"]
    t = paired_t(differences, zeros)
    assert t.statistic == pytest.approx(case["verified_here"]["t"], rel=1e-12)
    assert t.p_value == pytest.approx(case["verified_here"]["pt"], rel=1e-10)
