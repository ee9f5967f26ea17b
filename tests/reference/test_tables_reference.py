"""Methods for tables of counts against the independent reference cases."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exotrial.statistics.agreement import cohen_kappa
from exotrial.statistics.cmh import cmh_row_mean_scores
from exotrial.statistics.fisher import fisher
from exotrial.statistics.fisher_rxc import freeman_halton
from exotrial.statistics.mcnemar import mcnemar, mcnemar_corrected
from exotrial.statistics.result import Alternative, Estimate, Result
from exotrial.statistics.unconditional import barnard, boschloo

Cases = dict[str, dict[str, Any]]
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
# R's fisher.test stops its root search at .Machine$double.eps^0.25, on the odds ratio where it is below 1
# and on its inverse where it is above: its own figures are right to that distance, on that scale.
R_ROOT = 1.3e-4


def _estimate(result: Result) -> Estimate:
    assert result.estimate is not None
    return result.estimate


def _assert_r_odds_ratio(ours: float | None, printed: float) -> None:
    assert ours is not None
    if printed > 1:
        assert 1 / ours == pytest.approx(1 / printed, abs=R_ROOT)
    else:
        assert ours == pytest.approx(printed, abs=R_ROOT)


def test_the_lady_tasting_tea(stats_cases: Cases) -> None:
    case = stats_cases["CAT-01"]
    expected = case["expected"]
    result, greater = fisher(case["inline"]), fisher(case["inline"], alternative=Alternative.GREATER)
    assert result.p_value == pytest.approx(expected["p_two"], abs=5e-8)
    assert greater.p_value == pytest.approx(expected["p_greater"], abs=5e-8)
    _assert_r_odds_ratio(_estimate(result).value, expected["or_cmle"])
    _assert_r_odds_ratio(_estimate(result).lower, expected["ci"][0])
    _assert_r_odds_ratio(_estimate(result).upper, expected["ci"][1])
    _assert_r_odds_ratio(_estimate(greater).lower, expected["ci_greater_lower"])
    # The bound itself: at odds ratio w all four cups are right with probability 0.975 (weights 1 16 36 16 1).
    w = _estimate(result).upper
    assert w is not None
    assert w**4 / (1 + 16 * w + 36 * w**2 + 16 * w**3 + w**4) == pytest.approx(0.975, abs=1e-9)


def test_the_convictions(stats_cases: Cases) -> None:
    case = stats_cases["CAT-02"]
    result, expected = fisher(case["inline"]), case["expected"]
    assert result.p_value == pytest.approx(expected["p"], abs=5e-8)
    for ours, printed in zip(
        (_estimate(result).value, _estimate(result).lower, _estimate(result).upper),
        (expected["or_cmle"], *expected["ci"]),
        strict=True,
    ):
        _assert_r_odds_ratio(ours, printed)


def test_job_satisfaction_exactly(stats_cases: Cases) -> None:
    case = stats_cases["CAT-03"]
    result = freeman_halton(case["inline"])
    assert result.p_value == pytest.approx(case["verified_here"], abs=1e-9)
    assert result.exact


def test_unconditional_tests_of_7_of_15_against_12_of_15(stats_cases: Cases) -> None:
    # The case is written with the groups as columns, as scipy has them; here groups are rows.
    table = list(zip(*stats_cases["CAT-06"]["inline"], strict=True))
    expected = stats_cases["CAT-06"]["expected"]
    assert boschloo(table).p_value == pytest.approx(expected["boschloo_scipy"], abs=1e-8)
    # The references search the risk on a coarser grid: they may fall short of the maximum, not exceed it.
    ours = barnard(table).p_value
    assert ours is not None
    for name in ("barnard_scipy", "barnard_score_R"):
        assert ours == pytest.approx(expected[name], abs=1e-4)
        assert ours >= expected[name]


def test_the_vaccine_examples(stats_cases: Cases) -> None:
    case = stats_cases["CAT-07"]
    table, expected = list(zip(*case["inline"], strict=True)), case["expected"]
    less, greater = Alternative.LESS, Alternative.GREATER
    assert barnard(table, alternative=less).p_value == pytest.approx(expected["barnard_less"], abs=1e-4)
    assert fisher(table, alternative=less).p_value == pytest.approx(expected["fisher_less"], abs=5e-4)
    teaching = [[74, 43], [31, 32]]
    ours = boschloo(teaching, alternative=greater).p_value
    assert ours == pytest.approx(expected["boschloo_74_31_43_32_greater"], abs=1e-4)
    ours = fisher(teaching, alternative=greater).p_value
    assert ours == pytest.approx(expected["fisher_74_31_43_32_greater"], abs=1e-4)


def test_colds_at_12_and_14(stats_cases: Cases) -> None:
    case = stats_cases["CAT-08"]
    table, expected = case["inline"], case["expected"]
    assert mcnemar(table).statistic == pytest.approx(expected["chisq"], abs=5e-5)
    assert mcnemar_corrected(table).statistic == pytest.approx(expected["chisq_cc"], abs=5e-5)
    kappa = cohen_kappa(table)
    assert kappa.n == (expected["n"],)
    assert _estimate(kappa).value == pytest.approx(expected["kappa"], abs=5e-5)
    assert _estimate(kappa).lower == pytest.approx(expected["kappa_ci"][0], abs=5e-5)
    assert _estimate(kappa).upper == pytest.approx(expected["kappa_ci"][1], abs=5e-5)
    assert f"{expected['kappa_se']}" in kappa.notes[0]


@pytest.mark.parametrize("visit", ["Week 8", "Week 16", "Week 24"])
def test_cibic_by_visit_stratified_by_site(stats_cases: Cases, stats_data: Path, visit: str) -> None:
    case = stats_cases["CAT-11"]
    rows = pl.read_csv(stats_data / case["data"], infer_schema_length=None).filter(
        (pl.col("EFFFL") == "Y") & (pl.col("ANL01FL") == "Y") & (pl.col("AVISIT") == visit)
    )
    scores = sorted(rows["AVAL"].unique())
    tables = [
        [
            [site.filter((pl.col("TRTP") == arm) & (pl.col("AVAL") == score)).height for score in scores]
            for arm in ARMS
        ]
        for _, site in rows.group_by("SITEGR1", maintain_order=True)
    ]
    result = cmh_row_mean_scores(tables, column_scores=scores)
    assert result.p_value == pytest.approx(case["expected"][visit], abs=5e-5)
    assert result.p_value == pytest.approx(case["verified_here"][visit], abs=1e-12)
    assert result.df == (2.0,)


@pytest.mark.parametrize("row", ["any", "skin", "general", "cardiac", "nervous", "GI", "serious"])
def test_adverse_events_against_placebo(stats_cases: Cases, row: str) -> None:
    expected = stats_cases["AE-01"]["expected"]
    sizes = expected["n"]
    events, printed = expected[row][:3], expected[row][3:]
    for arm in (1, 2):
        table = [[events[arm], sizes[arm] - events[arm]], [events[0], sizes[0] - events[0]]]
        assert fisher(table).p_value == pytest.approx(printed[arm - 1], abs=5.01e-4)
