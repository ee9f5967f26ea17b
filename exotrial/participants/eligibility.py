"""Eligibility: a participant's answers against the criteria of the study file (SPIRIT 2025 item 14)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict
from exotrial.study.definition import Study
from exotrial.study.definition.population import Criterion
from exotrial.study.rules import Answer, Rule

UNKNOWN_ITEM = ErrorCode(
    "ELI-001",
    "An answer is given to something that no criterion of the study asks.",
    "use the items and criteria of the study file.",
)
WRONG_KIND = ErrorCode(
    "ELI-002",
    "An answer is not of the kind that its criterion compares.",
    "give a number where a limit is meant, yes or no (true or false) where a fact is.",
)


def decide_eligibility(study: Study, answers: Mapping[str, Answer]) -> Verdict:
    """Whether a participant with these answers may be enrolled, with a reason for every criterion.

    `answers` are by item of the rules; a criterion that only a person can judge is answered under its own id,
    true where it is met (an inclusion) or where it excludes (an exclusion). What is not answered is not known,
    and then the verdict is no. Refuses with ELI-001 and ELI-002.
    """
    criteria = study.population.criteria
    _check(criteria, answers)
    return Verdict(
        question=f"May the participant be enrolled in {study.id}?",
        reasons=tuple(_decide(criterion, answers) for criterion in criteria),
    )


def items_of(criterion: Criterion) -> frozenset[str]:
    """What must be answered to decide a criterion."""
    return frozenset({criterion.id}) if criterion.rule is None else criterion.rule.items()


def _decide(criterion: Criterion, answers: Mapping[str, Answer]) -> Reason:
    met = answers.get(criterion.id) if criterion.rule is None else criterion.rule.holds(answers)
    told = ", ".join(f"{item} = {_say(answers.get(item))}" for item in sorted(items_of(criterion)))
    if met is None:
        return Reason(criterion=criterion.id, holds=None, why=f"not known: {told}")
    holds = bool(met) == (criterion.category == "inclusion")
    word = {"inclusion": "met" if met else "not met", "exclusion": "excludes" if met else "does not exclude"}
    return Reason(criterion=criterion.id, holds=holds, why=f"{word[criterion.category]}: {told}")


def _say(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)


def _check(criteria: tuple[Criterion, ...], answers: Mapping[str, Answer]) -> None:
    asked = sorted({item for criterion in criteria for item in items_of(criterion)})
    for name, answer in answers.items():
        if name not in asked:
            near = difflib.get_close_matches(name, asked, n=1)
            raise UNKNOWN_ITEM.refuse(
                f"no criterion asks {name!r}",
                place=Place(path=name),
                value=name,
                remedy=f"did you mean {near[0]!r}?" if near else f"asked are {', '.join(asked)}.",
            )
        for criterion in criteria:
            wanted = (
                {bool} if criterion.rule is None and criterion.id == name else _kinds(criterion.rule, name)
            )
            if wanted and not any(_is_a(answer, kind) for kind in wanted):
                raise WRONG_KIND.refuse(
                    f"{_say(answer)!r} is no answer to {name}, which criterion {criterion.id} asks",
                    place=Place(path=name),
                    value=answer,
                )


def _kinds(rule: Rule | None, item: str) -> set[type]:
    """The kinds of answer that the rules on an item can compare."""
    if rule is None:
        return set()
    if rule.item != item:
        return {kind for part in rule.parts() for kind in _kinds(part, item)}
    if rule.equals is not None:
        return {type(rule.equals)}
    return {type(choice) for choice in rule.one_of} if rule.one_of is not None else {float}


def _is_a(answer: Answer, kind: type) -> bool:
    """Whether an answer is of a kind; a whole number is a number, and a yes is not."""
    if isinstance(answer, bool) or kind is bool:
        return isinstance(answer, bool) and kind is bool
    return isinstance(answer, int | float) if kind in (int, float) else isinstance(answer, kind)
