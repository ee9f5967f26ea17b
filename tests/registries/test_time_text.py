"""Time frames as registers print them, against what their words name; read by hand from the records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.registries.time_text import LATEST, read_time_points

NAMED = [
    # IRCT20201202049568N3, as printed
    (
        "At the beginning of the intervention and on days 2, 3, 4, 7 and 14 after the intervention",
        (0, 2, 3, 4, 7, 14),
    ),
    ("Baseline and Days 1, 2, 3, 7, 14, 28, and 60 after intervention", (0, 1, 2, 3, 7, 14, 28, 60)),
    ("Baseline and Day 3, Day7, Day14, Day28, Day60", (0, 3, 7, 14, 28, 60)),
    ("Baseline, day 5, 10, 20", (0, 5, 10, 20)),
    # rows of IRCT in ICTRP, 2020
    (
        "At baseline and on the third, fifth, seventh, and tenth days after starting the treatment",
        (0, 3, 5, 7, 10),
    ),
    ("Before intervention and 14, 28 days after intervention", (0, 14, 28)),
    ("One day before the intervention and one day after the intervention is measured", (-1, 1)),
    ("Days 0-3-7", (0, 3, 7)),
    ("The first day, the second day, the third day", (1, 2, 3)),
    ("3 days, 1 week and 2 weeks after treatment", (3, 7, 14)),
    ("Beginning of the study, 10 days later, or discharge time", (0, 10)),
    ("CT scan at baseline, days 7 and 14", (0, 7, 14)),
    ("0-1-2-3-14 days after starting intervention", (0, 1, 2, 3, 14)),
    ("At baseline and discharge time", (0,)),
    ("Before/After", (0,)),
    # ClinicalTrials.gov
    ("Week 52", (364,)),
    ("Baseline (Week 0)", (0,)),
    ("From Baseline to Week 12", (0, 84)),
    # forms of one's own
    ("Week 4", (28,)),
    ("before and 6 weeks after", (0, 42)),
    ("D1, D7, D28", (1, 7, 28)),
    ("Day -1 and day 7", (-1, 7)),
    ("Day 28 (± 3 days)", (28,)),
    ("24 hours after infusion", (1,)),
    ("Day 29 ± 2", (29,)),
    ("Weeks 2, 4, 8, 12 and 16 (+/- 3 days)", (14, 28, 56, 84, 112)),
    ("Before treatment, 7 days after treatment, 14 days after treatment", (0, 7, 14)),
    ("one week prior to intervention", (-7,)),
    ("Change from baseline at week 12", (0, 84)),
    ("end of treatment (day 10)", (10,)),
    ("Day 1, every 2 weeks thereafter", (1,)),
]


@pytest.mark.parametrize(("words", "days"), NAMED)
def test_days_that_are_named_are_read(words: str, days: tuple[int, ...]) -> None:
    assert read_time_points(words) == (days, None)


SPANS = [
    ("60 Days", 60),
    ("up to 28 days", 28),
    ("Up to 28 days after starting the study", 28),
    ("Daily for 14 days", 14),
    ("Daily, until the tenth day", 10),
    ("day 1 through 14", 14),
    ("after 7-10 days", 10),
    ("Throughout the study conduct (up to Week 52)", 364),
    ("every 2 weeks for 12 weeks", 84),
    ("3 months", 91),  # 3 x 30.4375, UCUM's mean month
    ("1 year", 365),
    ("within 24 hours", 1),
    ("within 28 days of randomization", 28),
    ("14 days of treatment", 14),
    ("until death from any cause, assessed up to 100 months", 3044),
    ("7 days a week for 4 weeks", 28),
]


@pytest.mark.parametrize(("words", "horizon"), SPANS)
def test_a_span_is_a_horizon_and_no_day(words: str, horizon: int) -> None:
    assert read_time_points(words) == ((), horizon)


@pytest.mark.parametrize(
    ("words", "days", "horizon"),
    [
        ("Before the intervention, one month after intervention", (0,), 30),
        ("One week, two weeks and 6 months after", (7, 14), 183),
        ("From Baseline up to the End of Safety Follow-up Extension Period (up to Week 156)", (0,), 1092),
    ],
)
def test_a_month_is_no_day_and_stands_beside_the_days(
    words: str, days: tuple[int, ...], horizon: int
) -> None:
    assert read_time_points(words) == (days, horizon)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Daily",
        "every 2 weeks",
        "Every 24 hours",
        "twice a week",
        "three times weekly",
        "discharge date",
        "About one week after starting the treatment",
        "About 7-14 days after starting the treatment",
        "21 days after discharge",
        "1 year after discharge from the department",
        "one week after the third session of hemoperfusion",
        "through study completion, an average of 1 year",
        "Four hours after taking the oil",
        "Day 1 before and at the end of treatment",
        "Hospital day 3",
        "Cycle 2 Day 1",
        "28 ± 3 days",
        "Day 7, day 14 and day 28 after discharge",
        "within 7 days of discharge",
        "within 7 days before treatment",
        "day 5 of hospitalization",
        "Day 28 after dose 2",
        "3 and 6 months postoperative",
        "28 days after the treatment period",
        "before stopping treatment",
        "At the beginning of week 4",
        "Up to approximately 24 months",
        "post-baseline visits",
        "2 hours",
        "day 99999",
    ],
)
def test_nothing_is_named_where_it_is_not_sure(words: str) -> None:
    assert read_time_points(words) == ((), None)


def test_the_last_day_is_a_hundred_years_away() -> None:
    assert read_time_points(f"day {LATEST}").days == (LATEST,)
    assert read_time_points(f"day {LATEST + 1}").days == ()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8, unique=True).map(sorted))
def test_any_list_of_days_is_read_back(days: list[int]) -> None:
    assert read_time_points(f"Days {', '.join(map(str, days))} after intervention").days == tuple(days)


PIECES = "day days 3 7 28 weeks and , - to after before the intervention baseline until every first about ± ( ) months"


@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES.split())).map(" ".join))
def test_any_text_is_read_without_a_crash(words: str) -> None:
    days, horizon = read_time_points(words)
    assert list(days) == sorted(set(days))
    assert horizon is None or 0 < horizon <= LATEST


def test_a_long_list_is_read_and_a_longer_text_is_no_time_frame() -> None:
    assert len(read_time_points(", ".join(f"day {day}" for day in range(200))).days) == 200
    assert read_time_points(", ".join(f"day {day}" for day in range(2000))) == ((), None)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("at the beginning of the intervention and days 2, 3, 4, 7 and 14 after it", (0, 2, 3, 4, 7, 14)),
        ("Before treatment and 4 weeks after that", (0, 28)),
        ("days 2 and 3 after it", ()),
        ("at discharge and day 7 after it", ()),
        ("surgery, day 7 after it", ()),
        ("at the beginning of the intervention, at discharge and days 7 and 14 after it", (0,)),
    ],
)
def test_a_day_after_it_counts_from_what_was_named_before(words: str, days: tuple[int, ...]) -> None:
    assert read_time_points(words).days == days
