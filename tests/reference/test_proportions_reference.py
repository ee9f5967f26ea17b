"""Proportions, differences, ratios and pairs against published tables.

"Fagerland" is Fagerland MW, Lydersen S, Laake P. Statistical analysis of contingency tables, CRC Press 2017,
as printed by the tests of its package contingencytables (chapters 2, 4 and 8).
"""

from collections.abc import Callable
from typing import Any

import pytest

from exotrial.statistics.odds_ratio import odds_ratio_cornfield as odds_ratio_uncorrected
from exotrial.statistics.odds_ratio import odds_ratio_lr, odds_ratio_miettinen_nurminen, odds_ratio_wald
from exotrial.statistics.paired_proportions import (
    paired_difference_newcombe,
    paired_difference_tango,
    paired_difference_wald,
)
from exotrial.statistics.proportion import (
    proportion_jeffreys,
    proportion_lr,
    proportion_wald,
    proportion_wald_cc,
    proportion_wilson,
    proportion_wilson_cc,
)
from exotrial.statistics.proportion_difference import (
    difference_agresti_caffo,
    difference_hauck_anderson,
    difference_newcombe,
    difference_newcombe_cc,
    difference_wald,
    difference_wald_cc,
)
from exotrial.statistics.proportion_difference_score import (
    difference_mee,
    difference_miettinen_nurminen,
    farrington_manning,
)
from exotrial.statistics.proportion_exact import (
    binomial_exact,
    proportion_blaker,
    proportion_clopper_pearson,
    proportion_mid_p,
)
from exotrial.statistics.proportion_ratio import (
    risk_ratio_koopman,
    risk_ratio_lr,
    risk_ratio_miettinen_nurminen,
    risk_ratio_wald,
)
from exotrial.statistics.result import Result

Cases = dict[str, dict[str, Any]]
Compute = Callable[..., Result]
Table = list[list[int]]

SINGLE: dict[str, Compute] = {
    "wald": proportion_wald,
    "wald_cc": proportion_wald_cc,
    "wilson": proportion_wilson,
    "wilson_cc": proportion_wilson_cc,
    "clopper_pearson": proportion_clopper_pearson,
    "midp": proportion_mid_p,
    "lr": proportion_lr,
}
DIFFERENCES: dict[str, Compute] = {
    "wald": difference_wald,
    "wald_cc": difference_wald_cc,
    "agresti_caffo": difference_agresti_caffo,
    "hauck_anderson": difference_hauck_anderson,
    "mn": difference_miettinen_nurminen,
    "mee": difference_mee,
    "newcombe": difference_newcombe,
    "newcombe_cc": difference_newcombe_cc,
}
RATIOS: dict[str, Compute] = {
    "rr_wald": risk_ratio_wald,
    "rr_score": risk_ratio_miettinen_nurminen,
    "rr_lr": risk_ratio_lr,
    "or_wald": odds_ratio_wald,
    "or_score": odds_ratio_miettinen_nurminen,
    "or_lr": odds_ratio_lr,
}
CAMIS: Table = [[36, 118], [12, 65]]  # 36 of 154 against 12 of 77


def limits(result: Result) -> list[float]:
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    return [result.estimate.lower, result.estimate.upper]


def printed(result: Result, decimals: int = 4) -> list[float]:
    return [round(limit, decimals) for limit in limits(result)]


@pytest.mark.parametrize("counts", ["81/263", "15/148", "0/20", "1/29"])
def test_the_table_of_newcombe(stats_cases: Cases, counts: str) -> None:
    events, n = (int(count) for count in counts.split("/"))
    case = stats_cases["BIN-02"]
    for name, expected in case["expected"][counts].items():
        assert printed(SINGLE[name](events, n)) == expected, name
    for name, expected in case["verified_here"][counts].items():
        assert limits(SINGLE[name](events, n)) == pytest.approx(expected, abs=1e-9), name


def test_conovers_plants(stats_cases: Cases) -> None:
    case = stats_cases["BIN-03"]
    result = binomial_exact(682, 925, null=0.75)
    assert result.p_value is not None
    assert round(result.p_value, 4) == case["expected"]["p"]
    assert printed(result, 7) == case["expected"]["ci"]
    assert result.p_value == pytest.approx(case["verified_here"]["p"], abs=1e-12)


@pytest.mark.parametrize("name", sorted(DIFFERENCES))
def test_differences_against_sas(stats_cases: Cases, name: str) -> None:
    expected = stats_cases["BIN-05"]["expected"]
    result = DIFFERENCES[name](CAMIS)
    assert printed(result) == expected[name]
    assert result.estimate is not None
    assert round(result.estimate.value, 4) == expected["rd"]


def test_score_limits_against_ratesci(stats_cases: Cases) -> None:
    verified = stats_cases["BIN-05"]["verified_here"]
    # The iteration there stops at 1e-6 or so.
    assert limits(difference_miettinen_nurminen(CAMIS)) == pytest.approx(
        [verified["mn"][0][0], verified["mn"][0][2]], abs=1e-6
    )
    assert limits(difference_miettinen_nurminen([[56, 14], [48, 32]])) == pytest.approx(
        [verified["n98"][0][0], verified["n98"][0][2]], abs=1e-6
    )
    assert limits(difference_newcombe(CAMIS)) == pytest.approx(
        [verified["newc"][0][0], verified["newc"][0][2]], abs=1e-9
    )
    assert limits(risk_ratio_miettinen_nurminen(CAMIS)) == pytest.approx(
        [verified["rr"][0][0], verified["rr"][0][2]], abs=1e-5
    )
    assert limits(odds_ratio_miettinen_nurminen(CAMIS)) == pytest.approx(
        [verified["or"][0][0], verified["or"][0][2]], abs=1e-5
    )


def test_non_inferiority_against_sas(stats_cases: Cases) -> None:
    expected = stats_cases["BIN-05"]["expected"]["fm_noninf"]
    result = farrington_manning(CAMIS, margin=expected["margin"])
    assert result.statistic is not None
    assert result.p_value is not None
    assert round(result.statistic, 4) == expected["z"]
    assert round(result.p_value, 4) == expected["p"]


@pytest.mark.parametrize("name", sorted(RATIOS))
def test_ratios_against_sas(stats_cases: Cases, name: str) -> None:
    expected = stats_cases["BIN-06"]["expected"]
    result = RATIOS[name](CAMIS)
    assert printed(result) == expected[name]
    assert result.estimate is not None
    assert round(result.estimate.value, 4) == expected["rr" if name.startswith("rr") else "orr"]


@pytest.mark.parametrize(
    ("compute", "events", "n", "expected"),
    [
        (proportion_jeffreys, 13, 16, [0.5792, 0.9442]),
        (proportion_clopper_pearson, 13, 16, [0.5435, 0.9595]),
        (proportion_mid_p, 13, 16, [0.5699, 0.9500]),
        (proportion_wilson, 13, 16, [0.5699, 0.9341]),
        (proportion_wilson_cc, 13, 16, [0.5369, 0.9503]),
        (proportion_lr, 13, 16, [0.5828, 0.9497]),
        (proportion_blaker, 1, 100, [0.0005, 0.0513]),
    ],
)
def test_single_proportions_against_fagerland(
    compute: Compute, events: int, n: int, expected: list[float]
) -> None:
    assert printed(compute(events, n)) == expected


@pytest.mark.parametrize(
    ("compute", "table", "expected"),
    [
        (difference_wald, [[7, 27], [1, 33]], [0.0292, 0.3238]),
        (difference_wald_cc, [[7, 27], [1, 33]], [-0.0002, 0.3532]),
        (difference_agresti_caffo, [[7, 27], [1, 33]], [0.0116, 0.3217]),
        (difference_newcombe, [[7, 27], [1, 33]], [0.0189, 0.3404]),
        (difference_mee, [[7, 27], [1, 33]], [0.0284, 0.3439]),
        (difference_miettinen_nurminen, [[0, 16], [15, 57]], [-0.3164, -0.0056]),
        (risk_ratio_wald, [[7, 27], [1, 33]], [0.9096, 53.8695]),
        (risk_ratio_koopman, [[7, 27], [1, 33]], [1.2209, 42.5757]),
        (risk_ratio_miettinen_nurminen, [[7, 27], [1, 33]], [1.2086, 43.0330]),
        (odds_ratio_miettinen_nurminen, [[9, 4], [4, 10]], [1.0934, 28.9419]),
        (odds_ratio_uncorrected, [[0, 16], [15, 57]], [0.0, 0.9532]),
    ],
)
def test_two_groups_against_fagerland(compute: Compute, table: Table, expected: list[float]) -> None:
    assert printed(compute(table)) == expected


def test_the_exact_test_against_fagerland() -> None:
    p_value = binomial_exact(13, 16).p_value
    assert p_value is not None
    assert round(p_value, 5) == 0.02127


@pytest.mark.parametrize(
    ("compute", "table", "decimals", "expected"),
    [
        # Complete response before and after consolidation (Cavo 2012), Fagerland chapter 8.
        (paired_difference_newcombe, [[59, 6], [16, 80]], 4, [-0.1186, -0.0046]),
        # Airway hyper-responsiveness (Bentur 2009): Fagerland, Lydersen, Laake. Stat Med 2014;33:2850-2875.
        (paired_difference_wald, [[1, 1], [7, 12]], 3, [-0.520, -0.052]),
        (paired_difference_newcombe, [[1, 1], [7, 12]], 3, [-0.507, -0.026]),
        (paired_difference_tango, [[1, 1], [7, 12]], 3, [-0.517, -0.026]),
    ],
)
def test_pairs_against_published_examples(
    compute: Compute, table: Table, decimals: int, expected: list[float]
) -> None:
    assert printed(compute(table), decimals) == expected
