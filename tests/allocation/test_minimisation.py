"""Minimisation: the published example, exact chances, and a decision that can be made again."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.allocation.minimisation import (
    Allocated,
    Factor,
    MinimisationPlan,
    check_plan,
    compute_chances,
    compute_imbalances,
    decide_arm,
)
from exotrial.core.errors import Refusal, Refusals

DRAW = bytes(range(32))
SUPPORT = Factor(name="support", levels=("none", "cannula", "ventilator"), weight=2)
SEX = Factor(name="sex", levels=("female", "male"), weight=1)
PLAN = MinimisationPlan(arms=("A", "B"), ratio=(1, 1), factors=(SUPPORT, SEX), measure="range", p="4/5")


def before(*entries: tuple[str, str, str]) -> list[Allocated]:
    return [Allocated(levels={"support": support, "sex": sex}, arm=arm) for support, sex, arm in entries]


PREVIOUS = before(
    ("none", "female", "A"), ("none", "male", "A"), ("ventilator", "female", "B"), ("none", "female", "B")
)
NEXT = {"support": "none", "sex": "female"}


def test_the_imbalance_of_an_arm_is_that_with_the_participant_in_it() -> None:
    # Counts at the participant's levels: none A 2, B 1; female A 1, B 2. In A: 3-1 and 2-2; in B: 2-2 and 1-3.
    assert compute_imbalances(PREVIOUS, levels=NEXT, plan=PLAN) == (Fraction(4), Fraction(2))
    decision = decide_arm(PREVIOUS, levels=NEXT, plan=PLAN, draw=DRAW)
    assert decision.preferred == ("B",)
    assert dict(decision.chances) == {"A": Fraction(1, 5), "B": Fraction(4, 5)}


def test_the_variance_is_that_of_the_numbers_of_the_arms() -> None:
    # Sample variances of (3, 1) and (2, 2), then of (2, 2) and (1, 3): 2 and 0, 0 and 2.
    plan = replace(PLAN, measure="variance")
    assert compute_imbalances(PREVIOUS, levels=NEXT, plan=plan) == (Fraction(4), Fraction(2))
    three = replace(plan, arms=("A", "B", "C"), ratio=(1, 1, 1), factors=(SEX,))
    some = [Allocated(levels={"sex": "male"}, arm="A")]
    # With the participant in A: (2, 0, 0), variance 4/3; in B or C: (1, 1, 0), variance 1/3.
    expected = (Fraction(4, 3), Fraction(1, 3), Fraction(1, 3))
    assert compute_imbalances(some, levels={"sex": "male"}, plan=three) == expected


def test_three_arms_share_what_the_preferred_one_leaves() -> None:
    # Pocock & Simon 1975: p for the preferred arm, (1 - p) / (k - 1) for each other.
    plan = replace(PLAN, arms=("A", "B", "C"), ratio=(1, 1, 1))
    assert compute_chances(plan, preferred=1) == (Fraction(1, 10), Fraction(4, 5), Fraction(1, 10))


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 98))
def test_unequal_ratios_are_kept_whatever_is_preferred(ratio: list[int], hundredths: int) -> None:
    # If each arm is preferred as often as its share, each is allocated as often as its share (Han et al. 2009).
    smallest = Fraction(min(ratio), sum(ratio))
    p = smallest + (1 - smallest) * Fraction(hundredths, 99)
    plan = replace(
        PLAN, arms=tuple("ABCD"[: len(ratio)]), ratio=tuple(ratio), p=f"{p.numerator}/{p.denominator}"
    )
    shares = [Fraction(share, sum(ratio)) for share in ratio]
    chances = [compute_chances(plan, preferred=arm) for arm in range(len(ratio))]
    for arm, share in enumerate(shares):
        assert sum(shares[at] * chances[at][arm] for at in range(len(ratio))) == share
    assert all(sum(row) == 1 and min(row) >= 0 for row in chances)
    assert chances[ratio.index(min(ratio))][ratio.index(min(ratio))] == p


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_a_decision_is_made_again_from_the_same_draw_whatever_the_order_before(
    draw: bytes, order: Any
) -> None:
    mixed = list(PREVIOUS)
    order.shuffle(mixed)
    assert decide_arm(mixed, levels=NEXT, plan=PLAN, draw=draw) == decide_arm(
        PREVIOUS, levels=NEXT, plan=PLAN, draw=draw
    )


def test_arms_come_with_their_chances() -> None:
    draws = [hashlib.sha256(str(number).encode()).digest() for number in range(3_000)]
    seen = Counter(decide_arm(PREVIOUS, levels=NEXT, plan=PLAN, draw=draw).arm for draw in draws)
    # False alarm once in 100,000 choices of seeds; these are fixed.
    assert stats.binomtest(seen["B"], 3_000, 0.8).pvalue > 1e-5
    first = Counter(decide_arm([], levels=NEXT, plan=PLAN, draw=draw).arm for draw in draws)
    assert stats.binomtest(first["B"], 3_000, 0.5).pvalue > 1e-5


@pytest.mark.parametrize(
    "change",
    [
        {"arms": ("A",), "ratio": (1,)},
        {"arms": ("A", "A")},
        {"ratio": (1,)},
        {"ratio": (0, 1)},
        {"p": "1/2"},
        {"p": "1/1"},
        {"measure": "spread"},
        {"factors": ()},
        {"factors": (SEX, SEX)},
        {"factors": (replace(SEX, levels=("male",)),)},
        {"factors": (replace(SEX, weight=0),)},
    ],
)
def test_an_unusable_plan_is_refused(change: dict[str, Any]) -> None:
    plan = replace(PLAN, **change)
    assert {refusal.code.code for refusal in check_plan(plan)} == {"SEQ-021"}
    with pytest.raises(Refusals):
        decide_arm([], levels=NEXT, plan=plan, draw=DRAW)


def test_a_probability_just_above_the_smallest_share_is_allowed_and_a_decimal_is_not() -> None:
    assert check_plan(replace(PLAN, p="51/100")) == ()
    assert [refusal.code.code for refusal in check_plan(replace(PLAN, p="0.8"))] == ["SEQ-002"]


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"support": "none"}, "'sex' is missing"),
        ({**NEXT, "age": "old"}, "'age' is no factor"),
        ({**NEXT, "sex": "Female"}, "its levels are female, male"),
    ],
)
def test_levels_that_do_not_fit_the_plan_are_refused(levels: dict[str, str], said: str) -> None:
    with pytest.raises(Refusals, match=f"SEQ-022.*{said}"):
        decide_arm(PREVIOUS, levels=levels, plan=PLAN, draw=DRAW)
    with pytest.raises(Refusals, match=r"SEQ-022: previous\.0"):
        decide_arm([Allocated(levels=levels, arm="A")], levels=NEXT, plan=PLAN, draw=DRAW)


def test_an_unknown_arm_before_and_a_short_draw_are_refused() -> None:
    with pytest.raises(Refusals, match="'X' is no arm"):
        decide_arm([Allocated(levels=NEXT, arm="X")], levels=NEXT, plan=PLAN, draw=DRAW)
    with pytest.raises(Refusal, match="SEQ-001"):
        decide_arm([], levels=NEXT, plan=PLAN, draw=b"")
