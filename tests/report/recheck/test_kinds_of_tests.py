"""Kinds of claim about p values: paired and unpaired data, summaries, and groups that are not described."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusals
from exotrial.report.recheck.verdicts import Answer, ClaimVerdict
from tests.report.recheck.paper import check_one, check_text, write_claim

# Differences 1, 2, 1, 2, 2: t = 1.6 / (0.5477 / sqrt 5) = 6.532 with 4 df, p = 0.0028. Unpaired: pooled variance
# 3.15, t = 1.6 / 1.1225 = 1.425 with 8 df, p = 0.192 (both by scipy.stats too).
RISE = {"before": [2, 3, 4, 5, 6], "after": [3, 5, 5, 7, 8]}


def matching(verdict: ClaimVerdict) -> set[str]:
    return {way.method for way in verdict.recomputed if way.matches}


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("p = 0.003", Answer.REPRODUCED),
        ("p=0.0028", Answer.REPRODUCED),
        ("p=0.0027", Answer.NOT_REPRODUCED),
        ("p = 0.192", Answer.WRONG_METHOD),
        ("p 0.192", Answer.WRONG_METHOD),
        ("p < 0.01", Answer.REPRODUCED),
        ("p < 0.001", Answer.NOT_REPRODUCED),
        ("p > 0.05", Answer.REPRODUCED),  # by the exact signed-rank test, 2 / 32
    ],
)
def test_a_p_value_of_paired_data(printed: str, answer: Answer) -> None:
    assert check_one("p_value", printed, data=RISE, design="paired").answer is answer


# Differences 1, 2, 1, 2, 2 have the mean 1.6 and the SD 0.5477; divided by 10 the mean is 0.160, the SD 0.0548.
TENTHS = {"before": [0.20, 0.30, 0.40, 0.50, 0.60], "after": [0.30, 0.50, 0.50, 0.70, 0.80]}


@pytest.mark.parametrize(
    ("printed", "statistic"),
    [
        ("p = 0.160", "difference of the means (0.16)"),
        ("0.0548", "SD of the differences (0.05477)"),
        ("p = 0.400", "mean before (0.4)"),
        ("p = 0.16", ""),  # two digits are met by chance
        ("p < 0.00160", ""),  # an inequality is no copy of a figure
        ("p = 0.777", ""),
    ],
)
def test_a_p_value_with_the_digits_of_another_statistic_is_told_as_an_inference(
    printed: str, statistic: str
) -> None:
    verdict = check_one("p_value", printed, data=TENTHS, design="paired")
    assert verdict.answer is Answer.NOT_REPRODUCED
    assert bool(verdict.inference) is bool(statistic)
    assert statistic in verdict.inference
    assert verdict.inference.startswith("Inferred, not stated: ") or not statistic


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=6), st.integers(0, 999))
def test_an_inferred_slip_never_turns_a_verdict(pairs: list[tuple[int, int]], thousandths: int) -> None:
    data = {"before": [a / 10 for a, _ in pairs], "after": [b / 10 for _, b in pairs]}
    verdict = check_one("p_value", f"p = 0.{thousandths:03d}", data=data, design="paired")
    matches = [way for way in verdict.recomputed if way.matches]
    if any(way.right_for_data for way in matches):
        assert verdict.answer is Answer.REPRODUCED
    elif matches:
        assert verdict.answer is Answer.WRONG_METHOD
    elif verdict.recomputed:
        assert verdict.answer is Answer.NOT_REPRODUCED
    if verdict.inference:
        assert verdict.answer is Answer.NOT_REPRODUCED


def test_the_unpaired_test_is_right_for_independent_groups() -> None:
    verdict = check_one("p_value", "0.192", data=RISE, design="independent")
    assert verdict.answer is Answer.REPRODUCED
    assert "student" in matching(verdict)
    assert check_one("p_value", "0.003", data=RISE, design="independent").answer is Answer.NOT_REPRODUCED


def test_the_right_methods_stand_beside_the_wrong_one() -> None:
    verdict = check_one("p_value", "0.192", data=RISE, design="paired")
    assert "Paired t test gives 0.003" in verdict.why
    assert {way.right_for_data for way in verdict.recomputed} == {True, False}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=7),
    st.sampled_from(["p = 0.50", "p < 0.05", "p = 0.13"]),
)
def test_which_side_comes_first_does_not_matter(pairs: list[tuple[int, int]], printed: str) -> None:
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    one = check_one("p_value", printed, data={"before": before, "after": after}, design="paired")
    other = check_one("p_value", printed, data={"before": after, "after": before}, design="paired")
    assert one.answer is other.answer
    assert matching(one) == matching(other)


def test_no_method_that_draws_at_random_is_tried() -> None:
    verdict = check_one("p_value", "0.192", data=RISE, design="paired")
    assert not [way.method for way in verdict.recomputed if "monte_carlo" in way.method]


def test_a_missing_value_leaves_nothing_to_test() -> None:
    table = (
        "row,column,participant,printed,means,line\nX,B,1,3,,1\nX,B,2,No,no data,1\nX,A,1,4,,1\nX,A,2,5,,1\n"
    )
    cells = {side: {"table": "t", "column": side} for side in ("B", "A")}
    text = write_claim("p_value", "0.5", design="paired", data={"before": cells["B"], "after": cells["A"]})
    (verdict,) = check_text(text, tables={"t": table})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert "participant 2" in verdict.why


# Pooled SD 2, standard error 2 sqrt(2 / 8) = 1, t = 3 with 14 df: p = 0.0096 (t table; scipy.stats.t).
SUMMARIES = {"first": ["10.0±2.0"], "second": ["13.0±2.0"]}


def test_a_p_value_of_two_summaries_of_known_size() -> None:
    sizes = {"n1": 8, "n2": 8}
    assert check_one("p_from_summary", "0.010", data=SUMMARIES, given=sizes).answer is Answer.REPRODUCED
    assert check_one("p_from_summary", "0.2", data=SUMMARIES, given=sizes).answer is Answer.NOT_REPRODUCED


def test_unknown_sizes_are_searched_and_told_as_an_inference() -> None:
    verdict = check_one("p_from_summary", "0.010", data=SUMMARIES)
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert verdict.inference.startswith("Inferred, not stated: ")
    assert not verdict.accused


def test_an_impossible_summary_is_named_beside_the_search() -> None:
    data = {"first": ["16.00±5.23"], "second": ["20.85±3.57"]}
    verdict = check_one("p_from_summary", "p = 0.033", data=data, given={"n1": 3, "step": "1"})
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert "no data set gives a mean of 16.00 with SD 5.23" in verdict.why


def test_a_group_that_is_described_can_reproduce_the_figure() -> None:
    data = {
        "values": RISE["before"],
        "described": RISE["after"],
        "guesses": ["5.0±1.0"],
        "comparator": {"missing": "who is in the other group"},
    }
    assert check_one("p_unknown_comparator", "0.192", data=data).answer is Answer.REPRODUCED
    other = check_one("p_unknown_comparator", "0.0001", data=data)
    assert other.answer is Answer.CANNOT_BE_CHECKED
    assert "who is in the other group" in other.why


def test_no_difference_is_decided_by_methods_that_suit_the_data_only() -> None:
    # Unpaired p 0.192, but paired 0.0028 (t) and 0.0625 (signs): it depends on the method.
    verdict = check_one("no_difference", "p > 0.05", data=RISE, design="paired")
    assert verdict.answer is Answer.NOT_REPRODUCED
    assert "depends on the method" in verdict.why
    apart = check_one("no_difference", "p > 0.05", data=RISE, design="independent")
    assert apart.answer is Answer.REPRODUCED


def test_not_significant_in_words_needs_a_level() -> None:
    same = {"before": [1, 2, 3, 4], "after": [2, 1, 4, 3]}
    verdict = check_one("no_difference", "NS", data=same, design="paired", given={"level": "0.05"})
    assert verdict.answer is Answer.REPRODUCED  # the mean difference is 0: p = 1
    with pytest.raises(Refusals, match="RCK-010"):
        check_one("no_difference", "NS", data=same, design="paired")


def test_a_print_below_the_level_is_no_statement_of_no_difference() -> None:
    with pytest.raises(Refusals, match=r"RCK-030.*p < 0\.05.*p_value"):
        check_one("no_difference", "p < 0.05", data=RISE, design="paired")


def test_yes_and_no_are_compared_as_ones_and_zeros() -> None:
    data = {"before": ["Yes", "No", "No"], "after": ["No", "No", "No"]}
    verdict = check_one("no_difference", "p 0.05", data=data, design="paired", given={"yes": "Yes"})
    assert verdict.answer is Answer.REPRODUCED  # one change of three: exact p = 1


def test_a_population_that_is_not_the_one_in_the_table() -> None:
    fits = check_one("membership", "3.0±1.6", data={"values": [1, 2, 3, 4, 5]}, given={"population": "all"})
    assert fits.answer is Answer.REPRODUCED
    other = check_one("membership", "3.3±1.6", data={"values": [1, 2, 3, 4, 5]}, given={"population": "all"})
    assert other.answer is Answer.CONTRADICTED
    assert "no 5 values" in other.why
    assert "Inferred, not stated" in other.inference
