"""NIST Statistical Reference Datasets: how many certified digits are kept (LRE, log relative error)."""

import csv
import math
from pathlib import Path
from typing import Any

import pytest

from exotrial.statistics.describe import describe
from exotrial.statistics.regression import fit_line
from exotrial.statistics.several_groups import one_way_anova

Cases = dict[str, dict[str, Any]]

# Least digits by level of difficulty. From SmLs07 on, values such as 1000000000000.4 already lose all but
# four or five digits of what varies when they are stored in double precision.
ANOVA_DIGITS = {
    "SiRstv": 12,
    "AtmWtAg": 9,
    "SmLs01": 13,
    "SmLs02": 13,
    "SmLs03": 13,
    "SmLs04": 9,
    "SmLs05": 9,
    "SmLs06": 9,
    "SmLs07": 4,
    "SmLs08": 4,
    "SmLs09": 4,
}


def compute_lre(value: float | None, certified: float) -> float:
    """The number of certified digits that agree; 15 is all of them."""
    assert value is not None
    return 15.0 if value == certified else min(15.0, -math.log10(abs(value - certified) / abs(certified)))


def read_groups(path: Path) -> list[list[float]]:
    groups: dict[str, list[float]] = {}
    for line in path.read_text(encoding="ascii").splitlines()[60:]:
        if line.strip():
            group, value = line.split()
            groups.setdefault(group, []).append(float(value))
    return list(groups.values())


def read_certified_f(path: Path) -> float:
    lines = path.read_text(encoding="ascii").splitlines()
    (between,) = [line for line in lines if line.startswith("Between")]
    return float(between.split()[-1])


@pytest.mark.parametrize(("name", "digits"), ANOVA_DIGITS.items())
def test_the_f_of_a_one_way_anova_keeps_its_digits(stats_data: Path, name: str, digits: int) -> None:
    path = stats_data / "nist" / f"{name}.dat"
    result = one_way_anova(read_groups(path))
    assert compute_lre(result.statistic, read_certified_f(path)) >= digits


def test_nist_smls04_keeps_its_r_squared_and_degrees_of_freedom(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NIST-SmLs04"]
    result = one_way_anova(read_groups(stats_data / case["data"]))
    assert list(result.df) == case["expected"]["df"]
    assert result.estimate is not None
    assert compute_lre(result.estimate.value, case["expected"]["r2"]) >= 9
    assert compute_lre(result.statistic, case["expected"]["F"]) >= 9


def test_nist_norris_keeps_nine_digits(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NIST-Norris"]
    lines = (stats_data / case["data"]).read_text(encoding="ascii").splitlines()[60:]
    points = [(float(line.split()[0]), float(line.split()[1])) for line in lines if line.strip()]
    line = fit_line([x for _, x in points], [y for y, _ in points])
    expected = case["expected"]
    kept = {
        "B0": line.intercept,
        "B1": line.slope,
        "se_B0": line.se_intercept,
        "se_B1": line.se_slope,
        "r2": line.r_squared,
        "resid_sd": line.residual_sd,
    }
    assert line.n == 36
    assert {name: compute_lre(value, expected[name]) >= 9 for name, value in kept.items()} == dict.fromkeys(
        kept, True
    )


def test_nist_michelso_keeps_thirteen_digits(stats_cases: Cases, stats_data: Path) -> None:
    case = stats_cases["NIST-Michelso"]
    with (stats_data / case["data"]).open(encoding="utf-8", newline="") as lines:
        speeds = [float(row["y"]) for row in csv.DictReader(lines)]
    summary = describe(speeds)
    assert summary.n == 100
    assert compute_lre(summary.mean, case["expected"]["mean"]) >= 13
    assert compute_lre(summary.sd, case["expected"]["sd"]) >= 13


def test_nist_numacc4_keeps_the_digits_that_doubles_hold() -> None:
    # NIST StRD NumAcc4 is built by rule: 10000000.2, then 500 pairs of .1 and .3; mean 10000000.2, sd 0.1.
    summary = describe([10000000.2] + [10000000.1, 10000000.3] * 500)
    assert compute_lre(summary.mean, 10000000.2) >= 14
    assert compute_lre(summary.sd, 0.1) >= 8
