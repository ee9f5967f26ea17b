"""Kinds of claim about numbers: each on both sides of its rounding boundary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.report.recheck.verdicts import Answer
from tests.report.recheck.paper import check_one


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("2.4", Answer.NOT_REPRODUCED),
        ("2.5", Answer.REPRODUCED),
        ("2", Answer.REPRODUCED),  # 2.5 rounds to 2 half to even
        ("3", Answer.REPRODUCED),  # and to 3 half up
        ("2.6", Answer.NOT_REPRODUCED),
    ],
)
def test_a_mean_of_two_and_a_half(printed: str, answer: Answer) -> None:
    assert check_one("mean", printed, data={"values": [2, 3]}).answer is answer


def test_a_mean_that_whole_numbers_cannot_have_is_impossible() -> None:
    # thirds are .00, .33 and .67
    verdict = check_one("mean", "2.50", data={"values": [2, 3, 3]}, given={"step": "1"})
    assert verdict.answer is Answer.IMPOSSIBLE


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("3.0±1.58", Answer.REPRODUCED),  # 1 to 5: sample SD sqrt(2.5) = 1.5811
        ("3.0±1.41", Answer.REPRODUCED),  # population SD sqrt(2) = 1.4142
        ("3.0±1.59", Answer.NOT_REPRODUCED),
        ("3.1±1.58", Answer.NOT_REPRODUCED),
        ("3.0 +/- 1.6", Answer.REPRODUCED),
    ],
)
def test_a_mean_and_sd_of_one_to_five(printed: str, answer: Answer) -> None:
    assert check_one("mean_sd", printed, data={"values": [1, 2, 3, 4, 5]}).answer is answer


def test_the_convention_of_the_sd_is_named() -> None:
    verdict = check_one("mean_sd", "3.0±1.41", data={"values": [1, 2, 3, 4, 5]})
    assert [way.method for way in verdict.recomputed if way.matches] == ["population_sd"]


def test_a_possible_mean_and_sd_without_values_is_not_accused() -> None:
    missing = {"values": {"missing": "the values"}}
    verdict = check_one("mean_sd", "15.3±1.53", data=missing, given={"n": 3, "step": "1"})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert not verdict.accused


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 200), min_size=2, max_size=12))
def test_what_is_printed_from_the_values_is_always_reproduced(values: list[int]) -> None:
    mean = sum(values) / len(values)
    sd = (sum((x - mean) ** 2 for x in values) / (len(values) - 1)) ** 0.5
    verdict = check_one("mean_sd", f"{mean:.2f}±{sd:.2f}", data={"values": values}, given={"step": "1"})
    assert verdict.answer is Answer.REPRODUCED


def test_a_median_with_quartiles_names_the_rules_that_give_it() -> None:
    # 1 to 6: quartiles 2 and 5 by type 2, 1.75 and 5.25 by type 6, 2.25 and 4.75 by type 7
    values = {"values": [1, 2, 3, 4, 5, 6]}
    for printed, rule in (("3.5 (2 to 5)", 2), ("3.5 (1.75 to 5.25)", 6), ("3.5 (2.25 to 4.75)", 7)):
        verdict = check_one("median_iqr", printed, data=values)
        matching = [way.method for way in verdict.recomputed if way.matches]
        assert f"quartiles_type_{rule}" in matching
        assert verdict.answer is Answer.REPRODUCED
    assert check_one("median_iqr", "3.5 (1 to 6)", data=values).answer is Answer.NOT_REPRODUCED


def test_an_impossible_median_of_seven_whole_numbers() -> None:
    missing = {"values": {"missing": "the values"}}
    given_n = {"n": 7, "step": "1"}
    assert check_one("median", "57.5", data=missing, given=given_n).answer is Answer.IMPOSSIBLE
    assert check_one("median", "57", data=missing, given=given_n).answer is Answer.CANNOT_BE_CHECKED
    half = check_one("median", "57.5", data=missing, given={"n": 8, "step": "1"})
    assert half.answer is Answer.CANNOT_BE_CHECKED
    verdict = check_one("median_iqr", "57 (43.1 to 70)", data=missing, given=given_n)
    assert verdict.answer is Answer.IMPOSSIBLE


def test_a_count_of_those_that_say_something() -> None:
    data = {"values": ["Yes", "No", "yes"]}
    assert check_one("count", "two", data=data, given={"equals": "Yes"}).answer is Answer.REPRODUCED
    assert check_one("count", "3", data=data, given={"equals": "Yes"}).answer is Answer.CONTRADICTED
    assert check_one("count", "3", data=data).answer is Answer.REPRODUCED


def test_parts_that_add_up_and_parts_that_do_not() -> None:
    assert check_one("count_sum", "seven", data={"parts": [4, 3]}).answer is Answer.REPRODUCED
    assert check_one("count_sum", "8", data={"parts": [4, 3]}).answer is Answer.CONTRADICTED
    assert check_one("product", "60 patients", data={"factors": [2, 30]}).answer is Answer.REPRODUCED
    assert check_one("product", "61", data={"factors": [2, 30]}).answer is Answer.CONTRADICTED


@pytest.mark.parametrize(
    ("printed", "answer"),
    [("57%", Answer.REPRODUCED), ("57.1 %", Answer.REPRODUCED), ("57.2%", Answer.NOT_REPRODUCED)],
)
def test_four_of_seven_in_percent(printed: str, answer: Answer) -> None:
    assert check_one("percentage", printed, data={"count": [4], "of": [7]}).answer is answer  # 57.142...


def test_a_percentage_that_no_count_gives() -> None:
    assert check_one("percentage", "55%", data={"of": [7]}).answer is Answer.IMPOSSIBLE
    verdict = check_one("percentage", "57%", data={"of": [7]})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert verdict.inference == "Inferred, not stated: 4 out of 7."


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        ("1.4", Answer.NOT_REPRODUCED),
        ("1.5", Answer.REPRODUCED),
        ("2.5", Answer.REPRODUCED),
        ("2.6", Answer.NOT_REPRODUCED),
    ],
)
def test_twofold_is_from_one_and_a_half_to_two_and_a_half(after: str, answer: Answer) -> None:
    data = {"before": ["1"], "after": [after]}
    assert check_one("fold_change", "a twofold increase", data=data).answer is answer


def test_a_fold_change_goes_the_way_that_is_said() -> None:
    data = {"before": ["30"], "after": ["15"]}
    fell = check_one("fold_change", "twofold", data=data, given={"direction": "decrease"})
    assert fell.answer is Answer.REPRODUCED
    assert check_one("fold_change", "twofold", data=data).answer is Answer.NOT_REPRODUCED


def test_nothing_is_a_multiple_of_zero() -> None:
    data = {"before": ["0"], "after": ["4.73"]}
    assert check_one("fold_change", "twofold", data=data).answer is Answer.IMPOSSIBLE
    ratio = {"numerator": ["1"], "denominator": ["0"]}
    assert check_one("ratio", "2", data=ratio).answer is Answer.IMPOSSIBLE


def test_a_ratio_rounds_as_printed() -> None:
    data = {"numerator": ["25.88"], "denominator": ["23.13"]}  # 1.1189
    assert check_one("ratio", "1.12", data=data).answer is Answer.REPRODUCED
    assert check_one("ratio", "1.11", data=data).answer is Answer.NOT_REPRODUCED


def test_a_total_dose_is_dose_times_days_times_times() -> None:
    once = {"dose": ["2.0e8"], "days": ["5"]}
    assert check_one("dose_total", "1.0e9", data=once).answer is Answer.REPRODUCED
    assert check_one("dose_total", "1.0 × 10^9", data=once).answer is Answer.REPRODUCED
    twice = check_one("dose_total", "2.0e9", data=once)
    assert twice.answer is Answer.CONTRADICTED
    assert "2 times a day" in twice.inference
    stated = check_one("dose_total", "2.0e9", data={**once, "times": ["2"]})
    assert stated.answer is Answer.REPRODUCED
    assert check_one("dose_total", "1.7e9", data=once).inference == ""


def test_a_number_that_is_none_and_a_range_that_runs_down() -> None:
    bad = check_one("number_form", "7.66e + 0.8", data={"parts": ["7.66e + 0.8"]})
    assert bad.answer is Answer.IMPOSSIBLE
    down = check_one("number_form", "7.66e8 to 7.00e7", data={"parts": ["7.66e8", "7.00e7"]})
    assert down.answer is Answer.CONTRADICTED
    up = check_one("number_form", "7.00e7 to 7.66e8", data={"parts": ["7.00e7", "7.66e8"]})
    assert up.answer is Answer.REPRODUCED


def test_whole_blocks_fill_even_groups_only() -> None:
    blocks = ["2", "4", "8"]
    assert check_one("blocks", "6", data={"total": ["6"], "blocks": blocks}).answer is Answer.REPRODUCED
    assert check_one("blocks", "7", data={"total": ["7"], "blocks": blocks}).answer is Answer.CONTRADICTED
    three = check_one("blocks", "6", data={"total": ["6"], "blocks": blocks}, given={"arms": 3})
    assert three.answer is Answer.CONTRADICTED


def test_a_median_of_values_and_a_median_of_nothing() -> None:
    assert check_one("median", "2.5", data={"values": [1, 2, 3, 9]}).answer is Answer.REPRODUCED
    assert (
        check_one("median", "3.75", data={"values": [1, 2, 3, 9]}).answer is Answer.NOT_REPRODUCED
    )  # the mean
    for kind, printed in (("median", "2"), ("median_iqr", "2 (1 to 3)")):
        verdict = check_one(kind, printed, data={"values": {"missing": "the ages"}})
        assert (verdict.answer, verdict.settle) == (Answer.CANNOT_BE_CHECKED, "The ages.")


def test_a_half_way_median_is_no_victim_of_binary_noise() -> None:
    # (2.67 + 2.68) / 2 is 2.675, which rounds to 2.67 or 2.68 by the rule; in binary it is a little less.
    for printed in ("2.67", "2.68"):
        assert check_one("median", printed, data={"values": ["2.67", "2.68"]}).answer is Answer.REPRODUCED
