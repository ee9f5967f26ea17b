"""Synthetic people for rehearsing a trial: identities that nobody has, and answers to the eligibility criteria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from exotrial.core.errors import ErrorCode, Place
from exotrial.participants.eligibility import decide_eligibility, items_of
from exotrial.study.definition import Study
from exotrial.study.definition.population import Criterion
from exotrial.study.items import Form
from exotrial.study.rules import Answer, Rule

NOBODY_FITS = ErrorCode(
    "REC-014",
    "No answers were found with which the criteria decide as asked.",
    "look whether two criteria of the study exclude each other, or fix fewer answers.",
)
_TRIES = 500
_OF_WOMEN = ("pregnan", "lactat")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Direct identifiers that cannot be anybody's: the name says so, and .invalid is no domain (RFC 2606)."""

    name: str
    contact: str
    hospital_number: str


def make_identity(number: int) -> Identity:
    """The identity of the synthetic participant of this number."""
    return Identity(
        name=f"Synthetic Participant {number:04d}",
        contact=f"participant-{number:04d}@synthetic.invalid",
        hospital_number=f"SYNTHETIC-{number:04d}",
    )


def draw_eligibility(
    study: Study, *, eligible: bool, stream: Random, known: Mapping[str, Answer] | None = None, sex: str = ""
) -> dict[str, Answer]:
    """Answers for `decide_eligibility`: to all criteria of the study, and so that it decides as asked.

    `known` answers are kept, such as the age; with `sex` M nobody is pregnant. An ineligible participant fails one
    criterion, drawn, and perhaps others that ask the same. Refuses with REC-014.
    """
    fixed = dict(known or {})
    criteria = study.population.criteria
    items = sorted({item for criterion in criteria for item in items_of(criterion)})
    if sex == "M":
        fixed |= {item: False for item in items if any(word in item for word in _OF_WOMEN)}
    choices = {item: [fixed[item]] if item in fixed else _choices(criteria, item, stream) for item in items}
    wanted = {criterion.id: criterion.category == "inclusion" for criterion in criteria}
    answers = _search(criteria, wanted, choices, stream)
    if eligible or answers is None:
        return _checked(study, answers, eligible=eligible)
    order = list(criteria)
    stream.shuffle(order)
    for criterion in order:
        start = dict(answers)
        _settle(criterion, start, choices, stream, wanted=not wanted[criterion.id])
        if _met(criterion, start) is (not wanted[criterion.id]):
            return _checked(study, start, eligible=False)
    return _checked(study, None, eligible=False)


def eligibility_values(
    study: Study, form: Form, answers: Mapping[str, Answer]
) -> dict[str, dict[str, object]]:
    """The values of the eligibility form that say what the answers say: Y, N or U to each criterion, and numbers."""
    met = {f"IE.{criterion.id.upper()}": _met(criterion, answers) for criterion in study.population.criteria}
    numbers = {f"SV.{item.upper()}": answer for item, answer in answers.items()}
    values: dict[str, dict[str, object]] = {}
    for group in form.groups:
        row: dict[str, object] = {}
        for item in group.items:
            if item.oid in met:
                row[item.oid] = {True: "Y", False: "N", None: "U"}[met[item.oid]]
            elif item.oid in numbers:
                row[item.oid] = numbers[item.oid]
        values[group.oid] = row
    return values


def _checked(study: Study, answers: dict[str, Answer] | None, *, eligible: bool) -> dict[str, Answer]:
    if answers is None or decide_eligibility(study, answers).holds is not eligible:
        word = "eligible" if eligible else "ineligible"
        raise NOBODY_FITS.refuse(
            f"nobody {word} was found in {_TRIES} steps", place=Place(path="population.criteria"), value=word
        )
    return answers


def _met(criterion: Criterion, answers: Mapping[str, Answer]) -> bool | None:
    if criterion.rule is not None:
        return criterion.rule.holds(answers)
    answer = answers.get(criterion.id)
    return None if answer is None else bool(answer)


def _search(
    criteria: tuple[Criterion, ...],
    wanted: Mapping[str, bool],
    choices: Mapping[str, list[Answer]],
    stream: Random,
) -> dict[str, Answer] | None:
    """Answers with which every criterion comes out as wanted, settling an unmet one at a time."""
    answers = {item: stream.choice(options) for item, options in choices.items()}
    for _ in range(_TRIES):
        unmet = [criterion for criterion in criteria if _met(criterion, answers) is not wanted[criterion.id]]
        if not unmet:
            return answers
        criterion = stream.choice(unmet)
        _settle(criterion, answers, choices, stream, wanted=wanted[criterion.id])
    return None


def _settle(
    criterion: Criterion,
    answers: dict[str, Answer],
    choices: Mapping[str, list[Answer]],
    stream: Random,
    *,
    wanted: bool,
) -> None:
    """Change answers so that a criterion comes out as wanted, as far as its choices allow."""
    if criterion.rule is None:
        answers[criterion.id] = wanted if wanted in choices[criterion.id] else answers[criterion.id]
    else:
        _settle_rule(criterion.rule, answers, choices, stream, wanted=wanted)


def _settle_rule(
    rule: Rule,
    answers: dict[str, Answer],
    choices: Mapping[str, list[Answer]],
    stream: Random,
    *,
    wanted: bool,
) -> None:
    if rule.item is not None:
        fitting = [one for one in choices[rule.item] if rule.holds({rule.item: one}) is wanted]
        answers[rule.item] = stream.choice(fitting or choices[rule.item])
        return
    if rule.not_ is not None:
        _settle_rule(rule.not_, answers, choices, stream, wanted=not wanted)
        return
    needs_all = wanted is (rule.all_of is not None)
    for part in rule.parts() if needs_all else [stream.choice(rule.parts())]:
        _settle_rule(part, answers, choices, stream, wanted=wanted)


def _choices(criteria: tuple[Criterion, ...], item: str, stream: Random) -> list[Answer]:
    """Answers that tell the rules on an item apart: what they name and something else, or numbers about limits."""
    leaves = [leaf for criterion in criteria for leaf in _leaves(criterion.rule) if leaf.item == item]
    named = [leaf.equals for leaf in leaves if leaf.equals is not None]
    named += [choice for leaf in leaves for choice in leaf.one_of or ()]
    limits = sorted(
        {
            limit
            for leaf in leaves
            for limit in (leaf.at_least, leaf.more_than, leaf.at_most, leaf.less_than)
            if limit is not None
        }
    )
    if limits:
        return _around(limits, stream)
    if not named or any(isinstance(value, bool) for value in named):
        return [True, False]
    if all(isinstance(value, str) for value in named):
        others: list[Answer] = ["negative" if "positive" in named else f"not {named[0]}"]
        return [*dict.fromkeys(named), *others]
    return [*dict.fromkeys(named), max(value for value in named if not isinstance(value, str)) + 1]


def _around(limits: list[float | int], stream: Random) -> list[Answer]:
    """Numbers below, between and above the limits, two of each kind, whole where a limit is wide of the next."""
    ends = [limits[0] - max(2.0, limits[0] / 2), *limits, limits[-1] + max(2.0, limits[-1] / 4)]
    drawn: list[Answer] = []
    for low, high in pairwise(ends):
        for _ in range(2):
            value = stream.uniform(max(0.0, low), high)
            whole = round(value)
            drawn.append(whole if low < whole < high else round(value, 2))
    return drawn


def _leaves(rule: Rule | None) -> Iterator[Rule]:
    if rule is None:
        return
    if rule.item is not None:
        yield rule
    for part in rule.parts():
        yield from _leaves(part)
