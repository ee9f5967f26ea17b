"""Executable criteria: Kleene's three values, the limits on both sides, and rules that say nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from exotrial.study.rules import Answer, Rule

A = Rule(item="a", equals=True)
B = Rule(item="b", equals=True)
THREE = st.sampled_from([True, False, None])


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        # Kleene, Introduction to Metamathematics (1952), § 64: the strong tables.
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_what_is_not_known_stays_open_unless_the_rest_decides(
    a: bool | None, b: bool | None, both: bool | None, either: bool | None
) -> None:
    for answers in ({"a": a, "b": b}, {"a": b, "b": a}):
        assert Rule(all_of=(A, B)).holds(answers) is both
        assert Rule(any_of=(A, B)).holds(answers) is either


@given(a=THREE, b=THREE)
def test_de_morgan_holds_with_unknown_answers_too(a: bool | None, b: bool | None) -> None:
    answers: Mapping[str, Answer | None] = {"a": a, "b": b}
    none_of = Rule.model_validate({"not": Rule(any_of=(A, B))})
    not_a, not_b = (Rule.model_validate({"not": rule}) for rule in (A, B))
    assert none_of.holds(answers) is Rule(all_of=(not_a, not_b)).holds(answers)


@given(a=THREE, b=THREE, c=THREE)
def test_an_answer_that_comes_later_never_turns_a_decision(
    a: bool | None, b: bool | None, c: bool | None
) -> None:
    rule = Rule(all_of=(A, Rule(any_of=(B, Rule(item="c", equals=True)))))
    before = rule.holds({"a": a, "b": None, "c": c})
    after = rule.holds({"a": a, "b": b, "c": c})
    assert before is None or after is before


def test_an_item_that_was_never_asked_is_unknown() -> None:
    assert A.holds({}) is None


@pytest.mark.parametrize(
    ("limits", "below", "at", "above"),
    [
        ({"at_least": 18}, False, True, True),
        ({"more_than": 18}, False, False, True),
        ({"at_most": 18}, True, True, False),
        ({"less_than": 18}, True, False, False),
        ({"at_least": 18, "at_most": 18}, False, True, False),
        ({"equals": 18}, False, True, False),
        ({"one_of": (17.5, 18.5)}, True, False, True),
    ],
)
def test_a_limit_is_held_to_on_both_sides(
    limits: Mapping[str, object], below: bool, at: bool, above: bool
) -> None:
    rule = Rule.model_validate({"item": "age", **limits})
    assert [rule.holds({"age": age}) for age in (17.5, 18, 18.5)] == [below, at, above]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "exactly one of them"),
        ({"item": "a", "equals": True, "all_of": (A,)}, "exactly one of them"),
        ({"item": "a"}, "needs a condition"),
        ({"all_of": (A,), "equals": True}, "a joining rule has none"),
        ({"item": "a", "equals": 1, "at_least": 1}, "only one of the three"),
        ({"item": "a", "equals": 1, "one_of": (1,)}, "only one of the three"),
        ({"all_of": ()}, "at least 1 item"),
        ({"item": "a", "at_least": float("nan")}, "finite"),
    ],
)
def test_a_rule_that_says_nothing_or_two_things_is_refused(table: Mapping[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Rule.model_validate(table)


def test_a_rule_knows_every_item_it_asks() -> None:
    rule = Rule(all_of=(A, Rule.model_validate({"not": Rule(any_of=(B, A))})))
    assert rule.items() == {"a", "b"}
