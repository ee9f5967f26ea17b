"""Methods held to examples of textbooks, papers and the manuals of R and SAS, beside the reference cases.

Data are the numbers printed there; a comment names who printed the result.
"""

from __future__ import annotations

import pytest

from exotrial.statistics.before_after import paired_t
from exotrial.statistics.chi_square import chi_square, chi_square_yates
from exotrial.statistics.cmh import cmh_general_association
from exotrial.statistics.correlation import pearson, spearman_exact
from exotrial.statistics.fisher_rxc import freeman_halton
from exotrial.statistics.kruskal import kruskal_wallis
from exotrial.statistics.one_sample import geometric_mean_t, one_sample_t
from exotrial.statistics.paired_proportions import (
    paired_difference_newcombe,
    paired_difference_tango,
    paired_difference_wald,
)
from exotrial.statistics.proportion_difference import (
    difference_newcombe,
    difference_newcombe_cc,
    difference_wald,
    difference_wald_cc,
)
from exotrial.statistics.proportion_difference_score import difference_mee, difference_miettinen_nurminen
from exotrial.statistics.rank_sum import rank_sum_exact, rank_sum_normal_corrected
from exotrial.statistics.result import Alternative, Result
from exotrial.statistics.two_groups import student, welch

BEFORE = [120, 124, 130, 118, 140, 128, 140, 135, 126, 130, 126, 127]
AFTER = [128, 131, 131, 127, 132, 125, 141, 137, 118, 132, 129, 135]


def limits(result: Result) -> tuple[float | None, float | None]:
    assert result.estimate is not None
    return result.estimate.lower, result.estimate.upper


def test_blood_pressure_before_and_after() -> None:
    # SAS/STAT User's Guide, PROC TTEST, paired comparison: t = -1.089648, df 11, p 0.2992, -5.5365 to 1.8698.
    result = paired_t(BEFORE, AFTER)
    assert result.statistic == pytest.approx(-1.089648, abs=5e-7)
    assert result.df == (11.0,)
    assert result.p_value == pytest.approx(0.2992, abs=5e-5)
    assert limits(result) == pytest.approx((-5.5365, 1.8698), abs=5e-5)


def test_the_ratio_of_paired_geometric_means() -> None:
    # PROC TTEST DIST=LOGNORMAL of the same pairs, as CAMIS prints it: ratio 1.0146204 (0.98542 to 1.04468),
    # t = 1.094185, p 0.2972; the last digits there are cut and not rounded.
    result = geometric_mean_t([after / before for before, after in zip(BEFORE, AFTER, strict=True)])
    assert result.statistic == pytest.approx(1.094185, abs=5e-7)
    assert result.p_value == pytest.approx(0.2972, abs=1e-4)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(1.0146204, abs=5e-8)
    assert limits(result) == pytest.approx((0.98542, 1.04468), abs=1e-5)


def test_court_cases_against_eighty_days() -> None:
    # Huntsberger & Billingsley 1989, p. 290; SAS/STAT User's Guide, PROC TTEST: mean 89.85, t = 2.30, df 19,
    # p 0.0329 (half of it one-sided).
    days = [43, 90, 84, 87, 116, 95, 86, 99, 93, 92, 121, 71, 66, 98, 79, 102, 60, 112, 105, 98]
    result = one_sample_t(days, null=80)
    assert result.statistic == pytest.approx(2.30, abs=5e-3)
    assert result.p_value == pytest.approx(0.0329, abs=5e-5)
    assert limits(result) == pytest.approx((80.8896, 98.8104), abs=5e-5)
    greater = one_sample_t(days, null=80, alternative=Alternative.GREATER)
    assert greater.p_value == pytest.approx(0.0164, abs=6e-5)


def test_golf_scores_of_two_classes() -> None:
    # SAS/STAT User's Guide, PROC TTEST, two groups: pooled p 0.0024 (-9.1902 to -2.5241), Satterthwaite df
    # 11.5, p 0.0026 (-9.2064 to -2.5078).
    women, men = [75, 76, 80, 77, 80, 77, 73], [82, 80, 85, 85, 78, 87, 82]
    pooled, unpooled = student(women, men), welch(women, men)
    assert pooled.statistic == pytest.approx(-3.83, abs=5e-3)
    assert pooled.p_value == pytest.approx(0.0024, abs=5e-5)
    assert limits(pooled) == pytest.approx((-9.1902, -2.5241), abs=5e-5)
    assert unpooled.df[0] == pytest.approx(11.5, abs=0.05)
    assert unpooled.p_value == pytest.approx(0.0026, abs=5e-5)
    assert limits(unpooled) == pytest.approx((-9.2064, -2.5078), abs=5e-5)


def test_tuna_lightness_and_panel_score() -> None:
    # Hollander & Wolfe 1973, p. 185; R cor.test: r 0.5711816 (-0.1497426 to 0.8955795), t = 1.8411, p 0.1082;
    # Spearman exact: rho 0.6, p 0.0968.
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    result = pearson(lightness, score)
    assert result.statistic == pytest.approx(1.8411, abs=5e-5)
    assert result.p_value == pytest.approx(0.1082, abs=5e-5)
    assert limits(result) == pytest.approx((-0.1497426, 0.8955795), abs=5e-8)
    ranks = spearman_exact(lightness, score)
    assert ranks.p_value == pytest.approx(0.0968, abs=5e-5)
    assert ranks.estimate is not None
    assert ranks.estimate.value == pytest.approx(0.6)


def test_mucociliary_clearance_in_three_groups() -> None:
    # Hollander & Wolfe 1973, p. 116; R kruskal.test: H = 0.77143, df 2, p 0.68.
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    result = kruskal_wallis(groups)
    assert result.statistic == pytest.approx(0.77143, abs=5e-6)
    assert result.p_value == pytest.approx(0.68, abs=5e-5)


def test_ages_at_diagnosis_of_men_and_women() -> None:
    # scipy documentation of mannwhitneyu: exact p 1/9, corrected normal p 0.11134688653314041.
    men, women = [19, 22, 16, 29, 24], [20, 11, 17, 12]
    assert rank_sum_exact(men, women).p_value == pytest.approx(1 / 9, abs=1e-12)
    assert rank_sum_normal_corrected(men, women).p_value == pytest.approx(0.11134688653, abs=5e-12)


def test_party_and_gender() -> None:
    # Agresti 2007, p. 39; R chisq.test: 30.07, df 2, p 2.954e-07.
    result = chi_square([[762, 327, 468], [484, 239, 477]])
    assert result.statistic == pytest.approx(30.07, abs=5e-3)
    assert result.p_value == pytest.approx(2.954e-07, abs=5e-11)


def test_cough_and_bronchitis() -> None:
    # Holland et al. 1978, as CAMIS prints SAS: 12.1804, p 0.0005.
    result = chi_square([[26, 44], [247, 1002]])
    assert result.statistic == pytest.approx(12.1804, abs=5e-5)
    assert result.p_value == pytest.approx(0.0005, abs=5e-5)


def test_yates_on_a_small_table() -> None:
    # R ?chisq.test, the table with a simulated alternative: p 0.4233.
    assert chi_square_yates([[12, 7], [5, 7]]).p_value == pytest.approx(0.4233, abs=5e-5)


def test_the_sparse_table_of_mehta_and_patel() -> None:
    # Mehta & Patel 1983, JASA 78:427-434; R ?fisher.test: p 0.03929.
    table = [
        [1, 2, 2, 1, 1, 0, 1],
        [2, 0, 0, 2, 3, 0, 0],
        [0, 1, 1, 1, 2, 7, 3],
        [1, 1, 2, 0, 0, 0, 1],
        [0, 1, 1, 1, 1, 0, 0],
    ]
    assert freeman_halton(table).p_value == pytest.approx(0.03929, abs=5e-6)


def test_job_satisfaction_by_income_in_women_and_men() -> None:
    # Agresti 2002, p. 288; R ?mantelhaen.test: M^2 = 10.2, df 9, p 0.3345.
    women = [[1, 2, 0, 0], [3, 3, 1, 2], [11, 17, 8, 4], [2, 3, 5, 2]]
    men = [[1, 0, 0, 0], [1, 3, 0, 1], [2, 5, 7, 9], [1, 1, 3, 6]]
    result = cmh_general_association([women, men])
    assert result.statistic == pytest.approx(10.2001, abs=5e-5)
    assert result.df == (9.0,)
    assert result.p_value == pytest.approx(0.3345, abs=5e-5)


NEWCOMBE = [
    (difference_wald, (0.0575, 0.3425)),
    (difference_wald_cc, (0.0441, 0.3559)),
    (difference_mee, (0.0533, 0.3377)),
    (difference_miettinen_nurminen, (0.0528, 0.3382)),
    (difference_newcombe, (0.0524, 0.3339)),
    (difference_newcombe_cc, (0.0428, 0.3422)),
]


@pytest.mark.parametrize(("compute", "expected"), NEWCOMBE, ids=lambda value: getattr(value, "__name__", ""))
def test_newcombes_difference_of_56_of_70_and_48_of_80(
    compute: object, expected: tuple[float, float]
) -> None:
    # Newcombe 1998, Stat Med 17:873-890, table II, contrast (a).
    assert callable(compute)
    assert limits(compute([[56, 14], [48, 32]])) == pytest.approx(expected, abs=5e-5)


def test_newcombes_difference_of_5_of_56_and_none_of_29() -> None:
    # The same table, contrast (e).
    table = [[5, 51], [0, 29]]
    assert limits(difference_newcombe(table)) == pytest.approx((-0.0381, 0.1926), abs=5e-5)
    assert limits(difference_miettinen_nurminen(table)) == pytest.approx((-0.0326, 0.1933), abs=5e-5)


def test_a_crossover_of_46_by_three_intervals() -> None:
    # CAMIS, SAS page on paired proportions: 20, 15, 6, 5 give Wald 0.008764 to 0.382541, Newcombe 0.002602 to
    # 0.369943, Tango 0.000419 to 0.377185.
    table = [[20, 15], [6, 5]]
    assert limits(paired_difference_wald(table)) == pytest.approx((0.008764, 0.382541), abs=6e-7)
    assert limits(paired_difference_newcombe(table)) == pytest.approx((0.002602, 0.369943), abs=6e-7)
    assert limits(paired_difference_tango(table)) == pytest.approx((0.000419, 0.377185), abs=6e-7)
