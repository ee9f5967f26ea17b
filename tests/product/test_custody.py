"""A logger's table against its limits: excursions at each limit, gaps, clocks, mean kinetic temperature."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.cli.app import main
from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.custody import (
    ACTIVATION,
    GAS_CONSTANT,
    Logged,
    check_log,
    compute_log,
    compute_mean_kinetic_temperature,
    decide_kept,
    read_logger,
)

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
GAP = timedelta(minutes=30)


def _rows(*celsius: float, step: int = 10) -> tuple[Logged, ...]:
    return tuple(
        Logged(at=START + timedelta(minutes=step * n), celsius=degrees, line=n + 2)
        for n, degrees in enumerate(celsius)
    )


def _table(*celsius: float) -> str:
    rows = [f"{row.at.isoformat()},{row.celsius}" for row in _rows(*celsius)]
    return "\n".join(["time,temperature (degC)", *rows]) + "\n"


def _read(text: str | bytes, zone: str = "") -> tuple[Logged, ...]:
    data = text.encode() if isinstance(text, str) else text
    return read_logger(assay_file(data, name="log.csv"), zone=zone)


def test_limits_count_as_within_and_an_excursion_lasts_until_the_first_reading_within() -> None:
    log = compute_log(_rows(2, 8, 8.1, 9, 8, 1.9, 2), lower=2, upper=8)
    told = [(one.above, one.lasted, one.worst, one.open, one.line) for one in log.excursions]
    twenty, ten = timedelta(minutes=20), timedelta(minutes=10)
    assert told == [(True, twenty, 9, False, 4), (False, ten, 1.9, False, 7)]
    assert log.out_of_limits == timedelta(minutes=30)
    assert compute_log(_rows(2, 8), lower=2, upper=8).excursions == ()


def test_an_excursion_that_changes_sides_is_two_and_one_at_the_end_is_open() -> None:
    log = compute_log(_rows(5, 9, 1, 1), lower=2, upper=8)
    assert [(one.above, one.open) for one in log.excursions] == [(True, False), (False, True)]
    findings = check_log(log, longest_gap=GAP, file="log.csv")
    assert [one.rule for one in findings] == ["CUF-001", "CUF-001"]
    assert "the log ends there" in findings[1].says


def test_mean_kinetic_temperature_by_its_formula() -> None:
    # Worked by hand: two readings of equal weight at 5 and 25 degC (the third weighs nothing).
    factor = ACTIVATION / GAS_CONSTANT
    rate = (math.exp(-factor / 278.15) + math.exp(-factor / 298.15)) / 2
    expected = factor / -math.log(rate) - 273.15
    assert compute_mean_kinetic_temperature(_rows(5, 25, 5)) == pytest.approx(expected, abs=1e-9)
    assert 15 < expected < 25  # warm hours weigh more than in the arithmetic mean
    assert compute_mean_kinetic_temperature(_rows(4, 4, 4)) == pytest.approx(4, abs=1e-9)


@given(st.lists(st.floats(-40, 60), min_size=2, max_size=30))
def test_mean_kinetic_temperature_lies_between_mean_and_highest(celsius: list[float]) -> None:
    rows = _rows(*celsius, celsius[-1])
    found = compute_mean_kinetic_temperature(rows)
    assert sum(celsius) / len(celsius) - 1e-6 <= found <= max(celsius) + 1e-6


@pytest.mark.parametrize(("minutes", "kept"), [(7 * 24 * 60, True), (7 * 24 * 60 + 1, False)])
def test_a_product_is_held_for_a_week_and_no_longer(minutes: int, kept: bool) -> None:
    log = compute_log(_rows(*([4.0] * (24 * 7 * 6 + 2))), lower=2, upper=8)
    verdict = decide_kept(
        log,
        begun=START,
        ended=START + timedelta(minutes=minutes),
        longest_gap=GAP,
        at_most=timedelta(days=7),
    )
    assert bool(verdict) is kept


def test_time_that_nobody_logged_is_not_time_that_was_kept() -> None:
    log = compute_log(_rows(4, 4, 4), lower=2, upper=8)
    late = START + timedelta(minutes=20) + GAP
    assert decide_kept(log, begun=START, ended=late, longest_gap=GAP)
    assert not decide_kept(log, begun=START, ended=late + timedelta(minutes=1), longest_gap=GAP)
    assert not decide_kept(log, begun=START - GAP - GAP, ended=late, longest_gap=GAP)
    elsewhere = START + timedelta(days=3)
    assert not decide_kept(log, begun=elsewhere, ended=elsewhere + timedelta(minutes=5), longest_gap=GAP)


def test_an_excursion_is_allowed_as_far_as_stability_data_say() -> None:
    log = compute_log(_rows(4, 9, 9, 4), lower=2, upper=8)
    span = {"begun": START, "ended": START + timedelta(minutes=30), "longest_gap": GAP}
    assert not decide_kept(log, **span)  # type: ignore[arg-type]
    assert decide_kept(log, **span, allowed=timedelta(minutes=20))  # type: ignore[arg-type]
    assert not decide_kept(log, **span, allowed=timedelta(minutes=19))  # type: ignore[arg-type]
    open_end = compute_log(_rows(4, 9), lower=2, upper=8)
    assert not decide_kept(open_end, begun=START, ended=START + timedelta(minutes=10), longest_gap=GAP)


def test_gaps_a_clock_that_goes_back_and_two_readings_of_one_moment_are_told() -> None:
    rows = [*_rows(4, 4), Logged(at=START + timedelta(hours=2), celsius=4, line=4)]
    rows.append(Logged(at=START, celsius=5, line=5))
    found = check_log(compute_log(rows, lower=2, upper=8), longest_gap=GAP, file="log.csv")
    assert [one.rule for one in found] == ["CUF-004", "CUF-002", "CUF-003"]


@pytest.mark.parametrize(
    "text",
    [
        "time,temperature (degC)\n2026-01-05T08:00:00+00:00,4.5\n2026-01-05T08:10:00+00:00,5\n",
        "time;temperature (°C)\n2026-01-05T08:00:00Z;4,5\n2026-01-05T08:10:00Z;5\n",
        'Logger 7\n\n"Timestamp"\t"Temp degF"\n2026-01-05T08:00Z\t40.1\n2026-01-05T08:10Z\t41\n',
    ],
)
def test_tables_of_loggers_are_read_alike(text: str) -> None:
    rows = _read(text)
    assert [(row.at, round(row.celsius, 6)) for row in rows] == [
        (START, 4.5),
        (START + timedelta(minutes=10), 5),
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("CUS-001", "a,b\n1,2\n"),
        ("CUS-001", "time,temperature\n2026-01-05T08:00Z,4\n2026-01-05T08:10Z,4\n"),
        ("CUS-001", "time,temperature (degC)\n2026-01-05T08:00Z\n"),
        ("CUS-002", "time,temperature (degC)\nyesterday,4\n2026-01-05T08:10Z,4\n"),
        ("CUS-002", "time,temperature (degC)\n2026-01-05T08:00,4\n2026-01-05T08:10,4\n"),
        ("CUS-003", "time,temperature (degC)\n2026-01-05T08:00Z,\n2026-01-05T08:10Z,4\n"),
        ("CUS-003", "time,temperature (degC)\n2026-01-05T08:00Z,nan\n2026-01-05T08:10Z,4\n"),
        ("CUS-003", "time,temperature (degC)\n2026-01-05T08:00Z,-300\n2026-01-05T08:10Z,4\n"),
        ("CUS-003", "time,temperature (degC)\n2026-01-05T08:00Z,4;5\n2026-01-05T08:10Z,4\n"),
        ("CUS-004", "time,temperature (degC)\n2026-01-05T08:00Z,4\n"),
        ("CUS-001", ""),
    ],
)
def test_what_cannot_be_read_is_refused(code: str, text: str) -> None:
    with pytest.raises(Refusal, match=code):
        _read(text)


def test_a_zone_is_given_or_refused() -> None:
    text = "time,temperature (degC)\n2026-01-05T11:30,4\n2026-01-05T11:40,4\n"
    assert _read(text, zone="Asia/Tehran")[0].at == START
    for zone in ("Nowhere/Land", "../etc", "x" * 300):
        with pytest.raises(Refusal, match="CUS-002"):
            _read(text, zone=zone)


@pytest.mark.parametrize(("lower", "upper"), [(None, None), (8, 2)])
def test_limits_are_needed(lower: float | None, upper: float | None) -> None:
    with pytest.raises(Refusal, match="CUS-005"):
        compute_log(_rows(4, 4), lower=lower, upper=upper)


WHOLE = _table(4, 5, 9, 4, 4)


@given(at=st.integers(0, len(WHOLE)), length=st.integers(0, 30), put=st.binary(max_size=12))
def test_a_table_that_was_edited_is_read_or_refused(at: int, length: int, put: bytes) -> None:
    data = WHOLE.encode()
    try:
        rows = _read(data[:at] + put + data[at + length :])
    except Refusal:
        return
    log = compute_log(rows, lower=2, upper=8)
    assert len(log.rows) == len(rows)
    assert math.isfinite(log.mean_kinetic)


def test_the_command_tells_excursion_and_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log.csv"
    file.write_text(WHOLE, encoding="utf-8")
    limits = ["--lower", "2", "--upper", "8"]
    assert main(["custody", "check", str(file), *limits, "--strict"]) == 1
    told = capsys.readouterr().out
    assert "CUF-001" in told
    assert "Was it kept as asked? NO" in told
    assert (
        main(["custody", "check", str(file), "--lower", "2", "--upper", "9", "--at-most", "4 h", "--strict"])
        == 0
    )
    assert main(["custody", "check", str(file)]) == 2
    assert main(["custody", "check", str(file), *limits, "--gap", "soon"]) == 2


def _refusal(text: str, zone: str = "") -> str:
    with pytest.raises(Refusal) as refused:
        _read(text, zone)
    return refused.value.code.code


def test_a_decimal_comma_among_commas_is_refused_and_not_read_as_a_cell() -> None:
    head, at = "time,temperature (degC)", "2026-01-05T08:00:00+00:00"
    assert _refusal(f"{head}\n{at},4,9\n{at},5,1\n") == "CUS-001"
    assert [row.celsius for row in _read(f"{head}\n{at},4.9,\n{at},5.1,\n")] == [4.9, 5.1]


@pytest.mark.parametrize("written", ["1_0", "٤", "nan", "4.1 C", "1e1", "", "4..1"])
def test_what_is_no_plain_number_is_no_temperature(written: str) -> None:
    at = "2026-01-05T08:00:00+00:00"
    assert _refusal(f"time,temperature (degC)\n{at},{written}\n{at},4\n") == "CUS-003"


def test_a_header_with_both_units_says_none() -> None:
    at = "2026-01-05T08:00:00+00:00"
    assert _refusal(f"time,temperature (degC/degF)\n{at},4\n{at},4\n") == "CUS-001"


def test_time_across_a_change_of_the_clock_is_time_and_not_what_clocks_show() -> None:
    # 2026-03-29, 02:00 in Berlin is 03:00: by the clocks two hours pass, in truth one.
    rows = _read("time,temperature (degC)\n2026-03-29T01:30,4\n2026-03-29T03:30,4\n", "Europe/Berlin")
    assert rows[1].at - rows[0].at == timedelta(hours=1)


def test_readings_near_absolute_zero_have_a_mean_kinetic_temperature() -> None:
    # A sensor that broke reads -270: the formula's rates are below the smallest float there.
    assert compute_mean_kinetic_temperature(_rows(-270, -270, -270)) == pytest.approx(-270, abs=1e-9)
