"""Shelf life by ICH Q1E against lines fitted batch by batch, a fine scan for the crossing, and projections."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from exotrial.core.errors import Place, Refusal
from exotrial.product.stability import (
    Model,
    Point,
    check_stability,
    compute_stability,
    decide_storage,
    read_stability,
)
from exotrial.statistics.regression import fit_line

HERE = Place(file="stability.csv", line=2)


def points(batch: str, days: list[float], values: list[float], unit: str = "particles/mL") -> list[Point]:
    return [
        Point(batch=batch, day=day, value=value, unit=unit, place=HERE)
        for day, value in zip(days, values, strict=True)
    ]


# Made up: particles/mL at 4 degrees C, three batches over a week.
DAYS = [0.0, 1.0, 2.0, 4.0, 7.0]
ALIKE = [
    *points("B1", DAYS, [7.70e8, 7.45e8, 7.30e8, 6.80e8, 6.35e8]),
    *points("B2", DAYS, [7.60e8, 7.55e8, 7.20e8, 6.95e8, 6.25e8]),
    *points("B3", DAYS, [7.75e8, 7.40e8, 7.35e8, 6.85e8, 6.30e8]),
]
SHIFTED = [*ALIKE[:10], *points("B3", DAYS, [8.75e8, 8.40e8, 8.35e8, 7.85e8, 7.20e8])]
STEEPER = [*ALIKE[:10], *points("B3", DAYS, [7.75e8, 6.60e8, 5.80e8, 4.30e8, 2.90e8])]


def bound_of_one_line(data: list[Point], day: float) -> float:
    """Second derivation: the textbook bound of a simple regression, s * sqrt(1/n + (x - mean)^2 / Sxx)."""
    x = np.array([point.day for point in data])
    line = fit_line(x, np.log([point.value for point in data]))
    se = line.residual_sd * math.sqrt(1 / line.n + (day - x.mean()) ** 2 / float(((x - x.mean()) ** 2).sum()))
    return line.intercept + line.slope * day - float(stats.t.ppf(0.95, line.n - 2)) * se


def test_one_batch_ends_where_the_textbook_bound_of_its_line_meets_the_limit() -> None:
    found = compute_stability(ALIKE[:5], lower=6e8)
    expected = optimize.brentq(lambda day: bound_of_one_line(ALIKE[:5], day) - math.log(6e8), 0, 100)
    assert found.crosses == pytest.approx(expected, rel=1e-9)
    assert (found.model, found.p_slopes, found.df) == (Model.ONE_LINE, None, 3)


def test_batches_alike_are_pooled_into_one_line() -> None:
    found = compute_stability(ALIKE, lower=6e8)
    expected = optimize.brentq(lambda day: bound_of_one_line(ALIKE, day) - math.log(6e8), 0, 100)
    assert found.model is Model.ONE_LINE
    assert found.crosses == pytest.approx(expected, rel=1e-9)
    assert found.df == 13


def extra_squares_p(reduced: np.ndarray, full: np.ndarray, own: np.ndarray, y: np.ndarray) -> float:
    """Second derivation: the F test from projections, with the residual of the largest model."""

    def squares(matrix: np.ndarray) -> float:
        return float(y @ (np.eye(len(y)) - matrix @ np.linalg.pinv(matrix)) @ y)

    extra = full.shape[1] - reduced.shape[1]
    df = len(y) - own.shape[1]
    return float(stats.f.sf((squares(reduced) - squares(full)) / extra / (squares(own) / df), extra, df))


@pytest.mark.parametrize(
    ("data", "model"),
    [(ALIKE, Model.ONE_LINE), (SHIFTED, Model.ONE_SLOPE), (STEEPER, Model.OWN_LINES)],
)
def test_slopes_are_pooled_before_intercepts_each_at_a_quarter(data: list[Point], model: Model) -> None:
    found = compute_stability(data, lower=2e8)
    assert found.model is model
    y, x = np.log([point.value for point in data]), np.array([point.day for point in data])
    batch = np.array([[float(point.batch == name) for name in ("B1", "B2", "B3")] for point in data])
    own, parallel = np.hstack([batch, batch * x[:, None]]), np.hstack([batch, x[:, None]])
    single = np.column_stack([np.ones(len(x)), x])
    assert found.p_slopes == pytest.approx(extra_squares_p(parallel, own, own, y))
    if model is not Model.OWN_LINES:
        assert found.p_intercepts == pytest.approx(extra_squares_p(single, parallel, own, y))


def test_batches_that_differ_have_their_own_lines_and_the_worst_decides() -> None:
    found = compute_stability(STEEPER, lower=2e8)
    assert found.crosses == min(life.crosses for life in found.batches)
    assert min(found.batches, key=lambda life: life.crosses).batch == "B3"
    own = fit_line(DAYS, np.log([point.value for point in STEEPER[10:]]))
    assert found.batches[2].slope == pytest.approx(own.slope)
    # Own lines with the mean square error of all batches (ICH Q1E, appendix B.2.2.1).
    each = [fit_line(DAYS, np.log([p.value for p in STEEPER[n : n + 5]])) for n in (0, 5, 10)]
    pooled = math.sqrt(sum(3 * line.residual_sd**2 for line in each) / 9)
    assert found.residual_sd == pytest.approx(pooled)
    assert found.df == 9


@settings(max_examples=60)
@given(
    st.lists(st.floats(-0.2, 0.2), min_size=5, max_size=5).filter(lambda noise: np.ptp(noise) > 1e-3),
    st.floats(-0.3, 0.3),
    st.floats(0.2, 0.99),
)
def test_the_crossing_is_the_first_that_a_fine_scan_finds(
    noise: list[float], slope: float, share: float
) -> None:
    values = [math.exp(slope * day + off) for day, off in zip(DAYS, noise, strict=True)]
    data = points("B1", DAYS, values)
    found = compute_stability(data, lower=share)
    scan = np.linspace(0, 200, 4001)
    _, lower, _ = found.predict("B1", scan)
    outside = np.flatnonzero(lower < share)
    if outside.size:
        first = float(scan[outside[0]])
        assert first - 0.0501 <= found.crosses <= first + 1e-6
    else:
        assert found.crosses > 199


def test_two_limits_take_the_two_sided_bound_and_the_earlier_crossing() -> None:
    one, both = compute_stability(ALIKE, lower=6e8), compute_stability(ALIKE, lower=6e8, upper=1e9)
    assert one.bound_quantile == pytest.approx(stats.t.ppf(0.95, 13))
    assert both.bound_quantile == pytest.approx(stats.t.ppf(0.975, 13))
    assert both.crosses < one.crosses
    assert compute_stability(ALIKE, upper=1e9).crosses == math.inf


def test_a_limit_that_the_first_day_does_not_meet_leaves_no_shelf_life() -> None:
    assert compute_stability(ALIKE, lower=8e8).crosses == 0.0


def test_a_shelf_life_is_supported_no_further_than_every_batch_was_tested() -> None:
    short = [*ALIKE[:10], *points("B3", DAYS[:4], [7.75e8, 7.40e8, 7.35e8, 6.85e8])]
    found = compute_stability(short, lower=4e8)
    assert found.crosses > 7
    assert (found.last_tested, found.supported) == (4.0, 4.0)
    assert [finding.rule for finding in check_stability(found)] == ["CMF-020"]
    assert decide_storage(found, days=4)
    assert not decide_storage(found, days=4.01)


def test_storage_is_decided_on_both_sides_of_the_crossing_and_asks_for_three_batches() -> None:
    found = compute_stability(ALIKE, lower=6.6e8)
    assert 0 < found.crosses < 7
    assert decide_storage(found, days=found.crosses)
    assert not decide_storage(found, days=found.crosses * 1.0001)
    assert check_stability(found) == []
    one = decide_storage(compute_stability(ALIKE[:5], lower=5e8), days=2)
    assert [reason.holds for reason in one.reasons] == [True, True, False]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (points("B1", [0, 1], [2, 1]), "STB-001"),
        (points("B1", [0, 0, 1], [2, 2.1, 1]), "STB-001"),
        ([*ALIKE[:5], *points("B2", [0, 0], [7e8, 7.1e8])], "STB-001"),
        ([*points("B1", [0, 1], [2, 1]), *points("B2", [0, 2], [2, 1])], "STB-001"),
        ([*ALIKE[:4], *points("B1", [7], [6e8], unit="particles/L")], "STB-004"),
        (points("B1", [0, 1, 2], [1.0, 1.0, 1.0]), "STS-100"),
        (points("B1", [0, 1, 2], [1.0, 0.0, 1.0]), "STS-105"),
    ],
)
def test_data_that_carry_no_bound_are_refused(data: list[Point], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        compute_stability(data, lower=0.5)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(None, None), (0.0, None), (-1.0, None), (2.0, 1.0), (None, math.inf), (math.nan, None)],
)
def test_limits_that_are_none_are_refused(lower: float | None, upper: float | None) -> None:
    with pytest.raises(Refusal, match="STB-002"):
        compute_stability(ALIKE, lower=lower, upper=upper)


def test_a_table_is_read_with_its_lines_and_a_broken_one_is_refused() -> None:
    table = "batch,day,value,unit\nB1,0,7.7e8,particles/mL\nB1,7,6.3e8,particles/mL\n"
    found = read_stability(table.encode(), name="s.csv")
    assert [(point.day, point.value, point.place.line) for point in found] == [(0, 7.7e8, 2), (7, 6.3e8, 3)]
    for old, new, code in (
        ("7.7e8", "7.66e + 0.8", r"CMP-008: s\.csv line 2"),
        ("B1,7", "B1,-7", r"STB-003: s\.csv line 3"),
        ("B1,7", ",7", r"CMP-008: s\.csv line 3"),
        ("day", "week", r"CMP-007: s\.csv line 1"),
        (",particles/mL\n", "\n", r"CMP-007: s\.csv line 2"),
    ):
        with pytest.raises(Refusal, match=code):
            read_stability(table.replace(old, new, 1).encode(), name="s.csv")
