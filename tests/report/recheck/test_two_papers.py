"""Two made-up papers: in one every figure is right, in the other one figure of each kind is wrong.

The right one may have nothing accused, and the wrong one nothing missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from exotrial.core.errors import Refusals
from exotrial.report.recheck.kind import find_kinds
from exotrial.report.recheck.verdicts import Answer, ClaimVerdict
from tests.report.recheck.paper import check_text, write_claim

# Five people. Before: mean 4, SD sqrt(10 / 4) = 1.581, quartiles 3 and 5 (types 2 and 7). After: sum 28, mean 5.6,
# SD sqrt(15.2 / 4) = 1.949. Paired t: 1.6 / (0.5477 / sqrt 5) = 6.532, 4 df, p = 0.003; Student 0.192 (scipy.stats).
BEFORE, AFTER = [2, 3, 4, 5, 6], [3, 5, 5, 7, 8]
PAIRS = {"before": BEFORE, "after": AFTER}
# Six rises of 5 and more: the exact sign test and signed-rank test give 2 / 64 = 0.031, the t test far less.
ROSE = {"before": [1, 2, 3, 4, 5, 6], "after": [6, 8, 8, 10, 10, 12]}
SAME = {"before": [1, 2, 3, 4], "after": [2, 1, 4, 3]}
TWO_GROUPS = {"first": ["10.0±2.0"], "second": ["13.0±2.0"]}  # of 8 and 8: t = 3, 14 df, p = 0.010
OTHERS = {
    "values": BEFORE,
    "described": AFTER,
    "guesses": ["5.0±1.0"],
    "comparator": {"missing": "who they are"},
}
PANEL = "row,column,participant,printed,line\nA,B,,1,1\nC,B,,2,1\nA,E,,9,1\nC,E,,3,1\n"
SIDES = {"before": {"table": "panel", "column": "B"}, "after": {"table": "panel", "column": "E"}}


@dataclass(frozen=True)
class Line:
    """One claim of a made-up paper, and the verdict that it earns."""

    kind: str
    prints: str
    answer: Answer
    data: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    design: str = ""


def scans(last_without: str) -> dict[str, list[str]]:
    return {"origin": ["2020-04-03"], "last_without": [last_without], "first_with": ["2020-04-21"]}


GOOD, BAD, NOT = Answer.REPRODUCED, Answer.CONTRADICTED, Answer.NOT_REPRODUCED
NEVER, UNCHECKED = Answer.IMPOSSIBLE, Answer.CANNOT_BE_CHECKED
YEAR = {"year": 2020}
DOSES = {"dose": ["2.0 × 10^8"], "days": ["5"], "times": ["2"]}

RIGHT = (
    Line("count", "five patients", GOOD, {"values": BEFORE}),
    Line("count_sum", "5", GOOD, {"parts": ["three", "2"]}),
    Line("product", "1,500", GOOD, {"factors": ["300", "5"]}),
    Line("dose_total", "2.0 × 10⁹", GOOD, DOSES),
    Line("duration", "5 days", GOOD, {"start": ["Feb 27"], "end": ["Mar 3"]}, YEAR),  # over a leap day
    Line("duration", "6 days", GOOD, {"start": ["Feb 27"], "end": ["Mar 3"]}, YEAR),  # both ends counted
    Line("mean", "5.6", GOOD, {"values": AFTER}, {"step": "1"}),
    Line("mean", "−4.0", GOOD, {"values": ["−2", "-3", "–4", "−5", "−6"]}),
    Line("mean", "2.6", GOOD, {"values": ["2.5", "2.6"]}),  # 2.55, half up
    Line("mean", "2.5", GOOD, {"values": ["2.5", "2.6"]}),  # 2.55, cut by binary noise
    Line("mean_sd", "4.00±1.58", GOOD, {"values": BEFORE}, {"step": "1"}),
    Line("mean_sd", "5.60 (1.95)", GOOD, {"values": AFTER}, {"step": "1"}),
    Line("median", "4", GOOD, {"values": BEFORE}),
    Line("median_iqr", "4 (3–5)", GOOD, {"values": BEFORE}),
    Line("membership", "4.0±1.6", GOOD, {"values": BEFORE}),
    Line("percentage", "43%", GOOD, {"count": [3], "of": [7]}),
    Line("percentage", "12.5%", GOOD, {"count": [1], "of": [8]}),
    Line("fold_change", "twofold", GOOD, {"before": [3], "after": [6]}, {"direction": "increase"}),
    Line("ratio", "1.50", GOOD, {"numerator": [3], "denominator": [2]}),
    Line("change", "fell", GOOD, {"series": [9, 4, 1]}, {"direction": "decrease"}),
    Line("largest_change", "most", GOOD, SIDES, {"of": "A"}),
    Line("agreement", "Feb 27", GOOD, {"table": ["27 February"]}, YEAR),
    Line("within", "18–65", GOOD, {"low": ["18"], "high": ["65"], "values": [18, 65]}),
    Line("number_form", "7.0e8 to 7.66e8", GOOD, {"parts": ["7.0e8", "7.66e8"]}),
    Line("blocks", "blocks of 4", GOOD, {"total": [12], "blocks": [4]}),
    Line("two_calendars", "2021-03-05, 1399/12/15", GOOD),
    Line("time_to_event_interval", "18 days", GOOD, scans("2020-04-20")),
    Line("p_value", "p=.003", GOOD, PAIRS, design="paired"),
    Line("p_value", "2.8E-3", GOOD, PAIRS, design="paired"),
    Line("p_value", "P<0.01", GOOD, PAIRS, design="paired"),
    Line("p_value", "p = 0,192", GOOD, PAIRS, design="independent"),
    Line("no_difference", "NS", GOOD, SAME, {"level": "0.05"}, "paired"),
    Line("p_from_summary", "0.010", GOOD, TWO_GROUPS, {"n1": 8, "n2": 8}),
    Line("p_unknown_comparator", "0.192", GOOD, OTHERS),
    Line("stated", "10 minutes", UNCHECKED),
)
WRONG = (
    Line("count", "six patients", BAD, {"values": BEFORE}),
    Line("count_sum", "5", BAD, {"parts": ["three", "3"]}),
    Line("product", "1,600", BAD, {"factors": ["300", "5"]}),
    Line("dose_total", "4.0 × 10⁹", BAD, DOSES),
    Line("duration", "7 days", NOT, {"start": ["Feb 27"], "end": ["Mar 3"]}, YEAR),
    Line("mean", "5.8", NOT, {"values": AFTER}, {"step": "1"}),  # 29 / 5
    Line("mean", "5.7", NEVER, {"values": AFTER}, {"step": "1"}),  # 28.5 / 5
    Line("mean", "4.0", NOT, {"values": ["−2", "-3", "–4", "−5", "−6"]}),  # the sign lost
    Line("mean_sd", "5.60±1.67", NOT, {"values": AFTER}, {"step": "1"}),  # squares of 11.2
    Line("mean_sd", "5.60±1.59", NEVER, {"values": AFTER}, {"step": "1"}),  # between 9.2 and 11.2
    Line("median", "4.5", NOT, {"values": BEFORE}),
    Line("median", "4.5", NEVER, {}, {"n": 7, "step": "1"}),
    Line("median_iqr", "4 (1 to 5)", NOT, {"values": BEFORE}),
    Line("membership", "4.4±1.6", BAD, {"values": BEFORE}),
    Line("percentage", "45%", NOT, {"count": [3], "of": [7]}),
    Line("percentage", "45%", NEVER, {"of": [7]}),
    Line("fold_change", "twofold", NOT, {"before": [3], "after": [12]}, {"direction": "increase"}),
    Line("fold_change", "twofold", NEVER, {"before": [0], "after": [5]}, {"direction": "increase"}),
    Line("ratio", "1.53", NOT, {"numerator": [3], "denominator": [2]}),
    Line("change", "fell", BAD, {"series": [9, 4, 4]}, {"direction": "decrease"}),
    Line("largest_change", "most", NOT, SIDES, {"of": "C"}),
    Line("agreement", "Feb 27", BAD, {"table": ["28 February"]}, YEAR),
    Line("within", "18–65", BAD, {"low": ["18"], "high": ["65"], "values": [18, 66]}),
    Line("number_form", "7.66e + 0.8", NEVER, {"parts": ["7.66e + 0.8"]}),
    Line("number_form", "7.66e8 to 7.0e7", BAD, {"parts": ["7.66e8", "7.0e7"]}),
    Line("blocks", "blocks of 4", BAD, {"total": [10], "blocks": [4]}),
    Line("two_calendars", "2021-03-05, 1399/12/16", BAD),
    Line("time_to_event_interval", "18 days", NEVER, scans("2020-04-10")),
    Line("time_to_event_interval", "30 days", BAD, scans("2020-04-10")),
    Line("p_value", "p = 0.192", Answer.WRONG_METHOD, PAIRS, design="paired"),
    Line("p_value", "p = 0.777", NOT, PAIRS, design="paired"),
    Line("p_value", "<0.001", NOT, PAIRS, design="paired"),
    Line("p_value", "5.0E-4", NOT, PAIRS, design="paired"),
    Line("no_difference", "p > 0.05", NOT, ROSE, design="paired"),
    Line("p_from_summary", "0.2", NOT, TWO_GROUPS, {"n1": 8, "n2": 8}),
    # Whom it was compared with is not told, so no p value can be called wrong.
    Line("p_unknown_comparator", "0.0001", UNCHECKED, OTHERS),
    Line("stated", "10 minutes", UNCHECKED),
)


def read_paper(lines: tuple[Line, ...]) -> tuple[ClaimVerdict, ...]:
    claims = []
    for number, line in enumerate(lines):
        keys: dict[str, Any] = {"data": line.data, "given": line.given}
        keys |= {"design": line.design} if line.design else {}
        claims.append(write_claim(line.kind, line.prints, claim=f"c{number}", **keys))
    return check_text("[[claims]]\n".join(claims), tables={"panel": PANEL})


@pytest.mark.parametrize("paper", [RIGHT, WRONG], ids=["right", "wrong"])
def test_every_claim_of_a_made_up_paper_gets_the_verdict_that_it_earns(paper: tuple[Line, ...]) -> None:
    verdicts = read_paper(paper)
    got = [(line.kind, line.prints, verdict.answer) for line, verdict in zip(paper, verdicts, strict=True)]
    assert got == [(line.kind, line.prints, line.answer) for line in paper]
    assert all(verdict.why for verdict in verdicts)


def test_a_paper_without_an_error_has_nothing_accused() -> None:
    assert not [verdict.claim for verdict in read_paper(RIGHT) if verdict.accused]


def test_both_papers_hold_every_kind_that_is_installed() -> None:
    for paper in (RIGHT, WRONG):
        assert {line.kind for line in paper} == set(find_kinds())


def test_one_value_has_no_sd_and_no_comparison() -> None:
    lines = (
        Line("membership", "4.0±0.0", UNCHECKED, {"values": [4]}),
        Line("p_unknown_comparator", "0.03", UNCHECKED, OTHERS | {"values": [4]}),
    )
    assert [verdict.answer for verdict in read_paper(lines)] == [UNCHECKED, UNCHECKED]


@pytest.mark.parametrize(("total", "block"), [("1e90", "4"), ("12", "0"), ("12", "−4"), ("0", "4")])
def test_blocks_that_cannot_be_counted_are_refused(total: str, block: str) -> None:
    with pytest.raises(Refusals, match="RCK-030"):
        read_paper((Line("blocks", "blocks", BAD, {"total": [total], "blocks": [block]}),))


def test_what_is_marked_missing_is_said_to_be_not_printed() -> None:
    (verdict,) = read_paper(
        (Line("percentage", "43%", UNCHECKED, {"count": [3], "of": {"missing": "the total"}}),)
    )
    assert verdict.answer is Answer.CANNOT_BE_CHECKED
    assert "the total" in verdict.why
