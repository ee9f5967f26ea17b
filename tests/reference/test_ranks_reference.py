"""The rank methods held to independent reference results, to the printed digits."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from exotrial.statistics.friedman import friedman, friedman_exact
from exotrial.statistics.jonckheere import jonckheere, jonckheere_exact
from exotrial.statistics.kruskal import kruskal_wallis, kruskal_wallis_exact
from exotrial.statistics.rank_sum import (
    rank_sum_exact,
    rank_sum_normal,
    rank_sum_normal_corrected,
    rank_sum_t,
)
from exotrial.statistics.result import Alternative, Result
from exotrial.statistics.signed_rank import signed_rank_exact

Cases = dict[str, dict[str, Any]]


def read_groups(path: Path, *, group: str, value: str) -> dict[str, list[float]]:
    groups: dict[str, list[float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row[group], []).append(float(row[value]))
    return groups


def interval(result: Result) -> list[float | None]:
    assert result.estimate is not None
    return [result.estimate.lower, result.estimate.upper]


def shift(result: Result) -> float:
    assert result.estimate is not None
    return result.estimate.value


def digits(expected: float, count: int = 4) -> Any:
    """Equal to the printed digits."""
    return pytest.approx(expected, abs=0.5000001 * 10**-count)


def test_np_01_signed_rank_of_the_depression_scale(stats_cases: Cases) -> None:
    case = stats_cases["NP-01"]
    a, b, expected = case["inline"]["A"], case["inline"]["B"], case["expected"]
    result = signed_rank_exact(a, b)
    assert result.statistic == expected["V"]
    assert result.p_value == expected["p_two"]
    greater = signed_rank_exact(a, b, alternative=Alternative.GREATER)
    assert greater.p_value == digits(expected["p_greater"], 5)
    assert shift(result) == pytest.approx(expected["hl"], rel=1e-12)
    assert interval(result) == pytest.approx(expected["ci"], rel=1e-12)


def test_np_02_shift_with_moses_and_exact_intervals(stats_cases: Cases) -> None:
    pairs, case = stats_cases["NP-01"]["inline"], stats_cases["NP-02"]
    expected = case["expected"]
    exact = rank_sum_exact(pairs["A"], pairs["B"])
    assert exact.p_value == pytest.approx(case["verified_here"]["p"], rel=1e-12)
    assert shift(exact) == pytest.approx(expected["hl"], rel=1e-12)
    assert interval(exact) == pytest.approx(expected["exact"], rel=1e-12)
    assert interval(rank_sum_normal(pairs["A"], pairs["B"])) == pytest.approx(expected["moses"], rel=1e-12)


def test_np_03_rank_sum_with_ties_of_birth_weight(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NP-03"]
    expected = case["expected"]
    weights = read_groups(stats_data / case["data"], group="g", value="bw")
    smokers, others = weights["s"], weights["ns"]
    exact, normal = rank_sum_exact(smokers, others), rank_sum_normal(smokers, others)
    assert f"rank sum of the first group {expected['S']:g}" in exact.notes
    assert exact.p_value == digits(expected["p_exact"])
    assert exact.p_value == pytest.approx(case["verified_here"]["exact"], rel=1e-12)
    assert f"z = {expected['z']:.4f}" in normal.notes
    assert normal.p_value == digits(expected["p_norm"])
    assert normal.p_value == pytest.approx(case["verified_here"]["asym"], rel=1e-12)
    corrected = rank_sum_normal_corrected(smokers, others)
    assert corrected.p_value == digits(expected["p_norm_cc"])
    assert corrected.p_value == pytest.approx(case["verified_here"]["cc"], rel=1e-12)
    assert rank_sum_t(smokers, others).p_value == digits(expected["p_t_approx"])
    assert shift(exact) == pytest.approx(expected["hl"], rel=1e-12)
    assert interval(exact) == pytest.approx(expected["hl_exact"], rel=1e-12)
    assert interval(normal) == pytest.approx(expected["hl_moses"], rel=1e-12)
    assert kruskal_wallis([smokers, others]).statistic == digits(expected["kw"])


def test_np_04_rank_sum_of_permeability(stats_cases: Cases) -> None:
    case = stats_cases["NP-04"]
    x, y, expected = case["inline"]["x"], case["inline"]["y"], case["expected"]
    two_sided = rank_sum_exact(x, y)
    assert two_sided.statistic == expected["W"]
    assert two_sided.p_value == digits(expected["p_two"])
    assert rank_sum_exact(x, y, alternative=Alternative.GREATER).p_value == digits(expected["p"])
    assert shift(two_sided) == pytest.approx(expected["hl"], rel=1e-12)
    assert interval(two_sided) == pytest.approx(expected["ci"], rel=1e-12)


def test_np_05_kruskal_wallis_of_iris(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NP-05"]
    expected = case["expected"]
    groups = list(read_groups(stats_data / case["data"], group="g", value="y").values())
    result = kruskal_wallis(groups)
    assert result.statistic == digits(expected["H"], 3)
    assert result.df == (expected["df"],)
    assert result.p_value == digits(expected["p"])
    assert kruskal_wallis_exact(groups).p_value == digits(expected["p_exact"])


def test_np_06_friedman_of_rounding_times(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NP-06"]
    expected = case["expected"]
    with (stats_data / case["data"]).open(encoding="utf-8", newline="") as file:
        table = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
    result = friedman(table)
    assert result.statistic == digits(expected["chisq"], 3)
    assert result.df == (expected["df"],)
    assert result.p_value == digits(expected["p"], 6)
    # 22 subjects under 3 conditions: the approximation lies close to the exact p value.
    assert friedman_exact(table).p_value == pytest.approx(expected["p"], rel=0.25)


def test_jonckheere_of_the_dose_response_study(stats_data: Path) -> None:
    # PSIAIMS/CAMIS, R against SAS on Jonckheere-Terpstra (Apache-2.0): J = 184.5; SAS p (decreasing) 0.002649;
    # the 95 % interval of SAS's Monte Carlo exact p is 0.0008 to 0.0024, R's Monte Carlo p 0.0023.
    doses = read_groups(stats_data / "jonck.csv", group="DOSE", value="value")
    groups = [doses[dose] for dose in ("0", "1", "2", "3")]
    result = jonckheere(groups, alternative=Alternative.LESS)
    assert result.statistic == 184.5
    assert result.p_value == digits(0.002649, 6)
    exact = jonckheere_exact(groups, alternative=Alternative.LESS)
    assert exact.p_value == digits(0.0024, 4)


def test_signed_rank_of_the_pilot_white_cells() -> None:
    # Seed 002, before-after table, white cells: 15 of 32 by full enumeration, 0.469.
    before = [5.28, 5.99, 7.28, 6.38, 8.16, 6.02, 4.34]
    after = [4.96, 5.02, 6.87, 3.95, 5.26, 8.41, 5.63]
    assert signed_rank_exact(before, after).p_value == 0.46875
