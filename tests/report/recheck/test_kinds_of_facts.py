"""Kinds of claim about days, orders and facts told in several places."""

from __future__ import annotations

import pytest

from exotrial.report.recheck.verdicts import Answer
from tests.report.recheck.paper import check_one, check_text, write_claim

YEAR = {"year": 2020}


@pytest.mark.parametrize(
    ("printed", "answer", "method"),
    [
        ("22", Answer.REPRODUCED, "days_between"),  # Feb 9 to Mar 2 of a leap year
        ("23 days", Answer.REPRODUCED, "days_inclusive"),
        ("21", Answer.NOT_REPRODUCED, None),
        ("24", Answer.NOT_REPRODUCED, None),
    ],
)
def test_days_are_counted_with_and_without_the_first(
    printed: str, answer: Answer, method: str | None
) -> None:
    verdict = check_one("duration", printed, data={"start": ["Feb 9"], "end": ["Mar 2"]}, given=YEAR)
    assert verdict.answer is answer
    assert [way.method for way in verdict.recomputed if way.matches] == ([method] if method else [])


def test_a_leap_day_counts_in_its_year_only() -> None:
    days = {"start": ["Feb 9"], "end": ["Mar 2"]}
    assert check_one("duration", "21", data=days, given={"year": 2021}).answer is Answer.REPRODUCED


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("7 days", Answer.CONTRADICTED),  # not yet absorbed on that day
        ("8 days", Answer.IMPOSSIBLE),
        ("18 days", Answer.IMPOSSIBLE),
        ("19 days", Answer.CONTRADICTED),
    ],
)
def test_an_event_between_two_visits_has_no_exact_time(printed: str, answer: Answer) -> None:
    visits = {"origin": ["April 3"], "last_without": ["April 10"], "first_with": ["April 21"]}
    assert check_one("time_to_event_interval", printed, data=visits, given=YEAR).answer is answer


def test_visits_on_two_days_on_end_make_the_time_exact() -> None:
    visits = {"origin": ["April 3"], "last_without": ["April 10"], "first_with": ["April 11"]}
    assert check_one("time_to_event_interval", "8", data=visits, given=YEAR).answer is Answer.REPRODUCED


@pytest.mark.parametrize(
    ("here", "there", "answer"),
    [
        ("August 20", "Aug 20", Answer.REPRODUCED),
        ("August 20", "Aug 23", Answer.CONTRADICTED),
        ("February 26, 2020", "2020-02-26", Answer.REPRODUCED),
        ("seven", "7", Answer.REPRODUCED),
        ("95", "87", Answer.CONTRADICTED),
        ("95", "95.4", Answer.REPRODUCED),  # rounds to it
        ("95", "95.6", Answer.CONTRADICTED),
        ("Common", "common", Answer.REPRODUCED),
        ("Common", "Severe", Answer.CONTRADICTED),
    ],
)
def test_one_fact_in_two_places(here: str, there: str, answer: Answer) -> None:
    assert check_one("agreement", here, data={"elsewhere": [there]}, given=YEAR).answer is answer


def test_what_would_explain_a_difference_is_told_with_it() -> None:
    settings = {"unless": "the table means another day"}
    verdict = check_one("agreement", "95", data={"elsewhere": ["87"]}, given=settings)
    assert verdict.why.endswith("unless the table means another day.")


@pytest.mark.parametrize(
    ("age", "answer"),
    [
        ("17", Answer.CONTRADICTED),
        ("18", Answer.REPRODUCED),
        ("65", Answer.REPRODUCED),
        ("66", Answer.CONTRADICTED),
    ],
)
def test_both_ends_of_a_range_belong_to_it(age: str, answer: Answer) -> None:
    data = {"low": ["18"], "high": ["65"], "values": ["40", age]}
    assert check_one("within", "18 to 65", data=data).answer is answer


def test_a_range_of_days_with_one_end() -> None:
    data = {"high": ["April 30, 2020"], "values": ["Apr 30"]}
    settings = {"of": "days", "year": 2020}
    assert check_one("within", "to April 30", data=data, given=settings).answer is Answer.REPRODUCED
    data["values"] = ["May 1"]
    assert check_one("within", "to April 30", data=data, given=settings).answer is Answer.CONTRADICTED


@pytest.mark.parametrize(
    ("after", "direction", "answer"),
    [
        ("2.1", "increase", Answer.REPRODUCED),
        ("2.0", "increase", Answer.CONTRADICTED),
        ("1.9", "decrease", Answer.REPRODUCED),
        ("2.0", "decrease", Answer.CONTRADICTED),
        ("2.00", "none", Answer.REPRODUCED),
        ("2.01", "none", Answer.CONTRADICTED),
    ],
)
def test_a_statement_that_all_went_one_way(after: str, direction: str, answer: Answer) -> None:
    data = {"before": ["2.0"], "after": [after]}
    assert check_one("change", "all did", data=data, given={"direction": direction}).answer is answer


def test_a_series_must_go_one_way_at_every_step() -> None:
    fell = {"direction": "decrease"}
    assert check_one("change", "fell", data={"series": [9, 5, 3]}, given=fell).answer is Answer.REPRODUCED
    assert check_one("change", "fell", data={"series": [9, 3, 5]}, given=fell).answer is Answer.CONTRADICTED


def test_the_same_day_in_two_calendars() -> None:
    # 1399 was a leap year: 1399/12/30 was 2021-03-20
    assert check_one("two_calendars", "2021-03-20, 1399/12/30").answer is Answer.REPRODUCED
    assert check_one("two_calendars", "2021-03-20, 1400/01/01").answer is Answer.CONTRADICTED


def test_a_figure_without_data_is_listed_and_not_accused() -> None:
    verdict = check_one("stated", "27 days", data={"data": {"missing": "the dates of the scans"}})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert verdict.settle == "The dates of the scans."
    assert not verdict.accused


PANEL = (
    "row,column,participant,printed,means,line\n"
    "A,Before,1,10,,1\nB,Before,1,1,,1\nC,Before,1,0,,1\nD,Before,1,7,,1\n"
    "A,After,1,15,,2\nB,After,1,4,,2\nC,After,1,2,,2\nD,After,1,No,no data,2\n"
)


@pytest.mark.parametrize(
    ("chosen", "answer", "matches"),
    [
        ("A", Answer.REPRODUCED, ["difference"]),  # by 5
        ("B", Answer.REPRODUCED, ["fold"]),  # fourfold
        ("C", Answer.NOT_REPRODUCED, []),
    ],
)
def test_the_largest_change_is_asked_both_ways(chosen: str, answer: Answer, matches: list[str]) -> None:
    data = {side.lower(): {"table": "panel", "column": side} for side in ("Before", "After")}
    text = write_claim("largest_change", "largest difference", data=data, given={"of": chosen})
    (verdict,) = check_text(text, tables={"panel": PANEL})
    assert verdict.answer is answer
    assert [way.method for way in verdict.recomputed if way.matches] == matches
    assert "From 0 there is no fold change: C." in verdict.why


def test_a_cell_that_is_no_number_leaves_a_mean_unchecked() -> None:
    selection = {"table": "panel", "column": "After"}
    (verdict,) = check_text(write_claim("mean", "7", data={"values": selection}), tables={"panel": PANEL})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert "participant 1" in verdict.why
