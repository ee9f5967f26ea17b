"""Executable criteria: a rule asks one item, or joins rules; its answer may be unknown.

An unanswered item makes the answer unknown (None), never a quiet yes or no (Kleene's three-valued logic).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from exotrial.study.definition.base import Identifier, Part, Text

Answer = str | bool | int | float


class Rule(Part):
    """A condition on one item, or on all or any of several rules. Exactly one of the three.

    On an item: any of `at_least`, `more_than`, `at_most`, `less_than` (together a range), or `equals`, or
    `one_of`. `unit` is the unit in which the limits are meant; `within` names a time span in words.
    """

    item: Identifier | None = None
    at_least: float | int | None = None
    more_than: float | int | None = None
    at_most: float | int | None = None
    less_than: float | int | None = None
    equals: Answer | None = None
    one_of: tuple[Answer, ...] | None = None
    unit: Text | None = None
    within: Text | None = None
    all_of: tuple[Rule, ...] | None = Field(default=None, min_length=1)
    any_of: tuple[Rule, ...] | None = Field(default=None, min_length=1)
    not_: Annotated[Rule | None, Field(alias="not")] = None

    @model_validator(mode="after")
    def _one_form(self) -> Rule:
        forms = [self.item, self.all_of, self.any_of, self.not_]
        if sum(form is not None for form in forms) != 1:
            raise ValueError(
                "a rule asks one item, or joins rules by all_of, any_of or not: exactly one of them"
            )
        limits = [self.at_least, self.more_than, self.at_most, self.less_than]
        ranged = any(limit is not None for limit in limits)
        asked = ranged + (self.equals is not None) + (self.one_of is not None)
        if (self.item is None) == (asked > 0):
            raise ValueError(
                "a rule on an item needs a condition (at_least, equals, ...), a joining rule has none"
            )
        if asked > 1:
            raise ValueError("a rule asks for a range, or equals, or one_of: only one of the three")
        return self

    def items(self) -> frozenset[str]:
        """Every item the rule asks."""
        if self.item is not None:
            return frozenset({self.item})
        return frozenset().union(*(rule.items() for rule in self.parts()))

    def parts(self) -> tuple[Rule, ...]:
        """The rules this one joins; empty for a rule on an item."""
        return (self.all_of or ()) + (self.any_of or ()) + ((self.not_,) if self.not_ else ())

    def holds(self, answers: Mapping[str, Answer | None]) -> bool | None:
        """True, False, or None where an unanswered item leaves it open."""
        if self.item is not None:
            answer = answers.get(self.item)
            return None if answer is None else self._holds_for(answer)
        results = [part.holds(answers) for part in self.parts()]
        if self.not_ is not None:
            return None if results[0] is None else not results[0]
        if self.all_of is not None:
            return False if False in results else None if None in results else True
        return True if True in results else None if None in results else False

    def _holds_for(self, answer: Answer) -> bool:
        if self.equals is not None:
            return answer == self.equals
        if self.one_of is not None:
            return answer in self.one_of
        if isinstance(answer, str | bool):
            raise TypeError(f"{self.item} is {answer!r}, and the rule compares a number")
        return (
            (self.at_least is None or answer >= self.at_least)
            and (self.more_than is None or answer > self.more_than)
            and (self.at_most is None or answer <= self.at_most)
            and (self.less_than is None or answer < self.less_than)
        )
