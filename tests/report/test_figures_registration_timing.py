"""The plot of when trials were registered: its bars fill a hundred percent and say what the table says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from exotrial.registries.scan import TIMINGS, Scanned, scan_record
from exotrial.registries.scan_summary import ScanSummary, summarise_scan
from exotrial.report.figures.registration_timing import draw_registration_timing
from exotrial.report.render.figures import draw_svg
from tests.registries.clean_records import day, latest, says


def _scanned(registry: str, count: int, *, late: int = 0) -> list[Scanned]:
    records = [
        replace(
            latest(),
            registry=registry,
            identifier=says(f"{registry}-{number}"),
            registered=day("2024-02-01" if number >= late else "2024-05-01"),
        )
        for number in range(count)
    ]
    return [scan_record(record) for record in records]


@pytest.fixture(scope="module")
def summary() -> ScanSummary:
    return summarise_scan([*_scanned("nct", 8, late=2), *_scanned("irct", 3, late=3)], [])


def test_each_bar_fills_a_hundred_percent(summary: ScanSummary) -> None:
    figure = draw_registration_timing(summary)
    assert figure.vega_lite is not None
    bars = figure.vega_lite["data"]["values"]
    for name in {bar["registry"] for bar in bars}:
        parts = sorted((bar["from"], bar["to"]) for bar in bars if bar["registry"] == name)
        assert parts[0][0] == 0
        assert parts[-1][1] == pytest.approx(100)
        assert all(one[1] == pytest.approx(other[0]) for one, other in pairwise(parts))


def test_the_table_behind_it_gives_counts_and_percent(summary: ScanSummary) -> None:
    figure = draw_registration_timing(summary)
    assert figure.data is not None
    rows = {row[0]: row for row in figure.data.rows}
    late = 2 + TIMINGS.index("while recruiting")
    assert rows["ClinicalTrials.gov"][late] == "2 (25.0 %)"
    assert rows["all registries"][late] == "5 (45.5 %)"
    assert "45 %" in figure.alt


def test_many_registries_are_drawn_up_to_a_limit_and_the_rest_is_said_to_be_left(
    summary: ScanSummary,
) -> None:
    many = [one for number in range(20) for one in _scanned(f"register {number:02}", 20 - number)]
    figure = draw_registration_timing(summarise_scan(many, []))
    assert "Of 20 registries the 14 largest are drawn." in figure.caption
    assert figure.data is not None
    assert len(figure.data.rows) == 21


def test_it_is_drawn(summary: ScanSummary) -> None:
    svg = draw_svg(draw_registration_timing(summary))
    assert "ClinicalTrials.gov (n = 8)" in svg
    assert "all registries (n = 11)" in svg
