"""The figure of dates: sources told apart by shape, partial dates as bars, and all of it in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.report.figures.trial_dates import draw_trial_dates
from exotrial.report.registered.dates import (
    EXPORTS,
    LANES,
    PUBLICATION,
    RECRUITMENT,
    REGISTRATION,
    SOURCES,
    Source,
    Track,
)
from exotrial.report.render.figures import draw_svg, svg_size

START = read_partial_date("2024-03-04")


def track(lane: str, source: Source, *days: str, period: bool = False) -> Track:
    return Track(
        lane=lane, source=source, days=tuple(read_partial_date(day) for day in days), is_period=period
    )


def layer(spec: dict[str, Any], mark: str) -> list[list[dict[str, Any]]]:
    return [one["data"]["values"] for one in spec["layer"] if one["mark"]["type"] == mark]


ALL = [
    track(REGISTRATION, "registry record", "2024-02-01"),
    track(REGISTRATION, "study file", "2024-02"),
    track(RECRUITMENT, "captured data", "2024-03-04", "2024-11-20", period=True),
    track(PUBLICATION, "publication", "2025"),
]


def test_every_source_has_a_shape_of_its_own() -> None:
    spec = draw_trial_dates(ALL, first_enrolment=START).vega_lite
    assert spec is not None
    shape = next(one["encoding"]["shape"] for one in spec["layer"] if one["mark"]["type"] == "point")
    assert shape["scale"]["domain"] == list(SOURCES)
    assert len(set(shape["scale"]["range"])) == len(SOURCES)


def test_a_date_known_in_part_is_a_bar_over_all_days_that_it_can_be() -> None:
    spec = draw_trial_dates(ALL, first_enrolment=START).vega_lite
    assert spec is not None
    (bars,) = layer(spec, "rect")
    assert [(bar["from"], bar["to"]) for bar in bars] == [
        ("2024-02-01", "2024-03-01"),
        ("2025-01-01", "2026-01-01"),
    ]


def test_the_words_tell_what_the_picture_shows() -> None:
    figure = draw_trial_dates(ALL, first_enrolment=START)
    assert "Registration: 2024-02-01 (registry record); 2024-02 (study file)" in figure.alt
    assert "Recruitment, done: 2024-03-04 to 2024-11-20 (captured data)" in figure.alt
    assert "first enrolment, 2024-03-04" in figure.alt
    assert figure.data is not None
    assert (REGISTRATION, "study file", "day", "2024-02") in figure.data.rows
    assert (RECRUITMENT, "captured data", "end", "2024-11-20") in figure.data.rows


def test_without_a_first_enrolment_no_line_is_drawn_and_none_is_told() -> None:
    figure = draw_trial_dates(ALL[:1], first_enrolment=None)
    assert "broken" not in figure.alt + figure.caption
    assert "stroke-dasharray" not in draw_svg(figure)


def test_the_drawing_is_the_same_each_time_and_narrow_enough_for_a_telephone() -> None:
    figure = draw_trial_dates(ALL, first_enrolment=START)
    svg = draw_svg(figure)
    assert svg == draw_svg(draw_trial_dates(ALL, first_enrolment=START))
    assert svg_size(svg)[0] < 360


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (("2024-02-01",), "2024-02-01"),
        (("2024-02-01", "2024-03"), "2024-02-01 and 2024-03"),
        (("2024-02-01", "2024-02-08", "2024-03"), "3 days, 2024-02-01 to 2024-03"),
    ],
)
def test_days_are_told_by_their_number(days: tuple[str, ...], told: str) -> None:
    assert track(EXPORTS, "registry record", *days).told == told


days = st.builds(
    lambda year, month, day: PartialDate(year=year, month=month, day=day if month else None),
    st.integers(1990, 2035),
    st.none() | st.integers(1, 12),
    st.none() | st.integers(1, 28),
)
tracks = st.builds(
    lambda lane, source, days: Track(lane=lane, source=source, days=tuple(days)),
    st.sampled_from(LANES),
    st.sampled_from(SOURCES),
    st.lists(days, min_size=1, max_size=4),
)


@given(st.lists(tracks, min_size=1, max_size=8), st.none() | days)
def test_whatever_the_dates_every_one_is_within_the_axis(
    found: list[Track], start: PartialDate | None
) -> None:
    spec = draw_trial_dates(found, first_enrolment=start).vega_lite
    assert spec is not None
    first, last = spec["layer"][-1]["encoding"]["x"]["scale"]["domain"]
    (marks,) = layer(spec, "point")
    assert all(first < mark["on"] < last for mark in marks)
    assert len(marks) == sum(len(one.days) for one in found)
