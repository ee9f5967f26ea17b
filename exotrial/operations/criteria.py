"""The criteria as a person is asked them, and what answers would come to, before a verdict is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.screening import Given, ShownReason, shown_reasons
from exotrial.participants.eligibility import decide_eligibility
from exotrial.store.models import Site
from exotrial.study.definition import Study
from exotrial.study.definition.population import Criterion
from exotrial.study.rules import Rule

Kind = Literal["yes or no", "number", "choice"]


class ShowCriteria(Ask):
    """The site where somebody is screened: its version of the study counts."""

    site: str = Field(max_length=40)


class AskedItem(Answer):
    """One answer to give: its item, of what kind, in which unit, and for a choice the answers that the rules name.

    `question` is the criterion's, where a yes to it is a yes to the item. Where the criterion is met by a no, its
    question is turned round, and the item is asked by its own name alone.
    """

    item: str
    question: str
    kind: Kind
    unit: str
    within: str
    choices: tuple[str, ...]


class AskedCriterion(Answer):
    """A criterion in the protocol's words; `asks` is the question over several items, `judgement` what is judged.

    An item that several criteria ask stands with the first alone.
    """

    criterion: str
    category: str
    text: str
    asks: str
    judgement: str
    items: tuple[AskedItem, ...]


class AskedCriteria(Answer):
    site: str
    version: int
    criteria: tuple[AskedCriterion, ...]


@view(permission=Permission.READ_STUDY)
def show_criteria(act: Act, ask: ShowCriteria) -> AskedCriteria:
    """The criteria of the version that a site works by, with what each asks."""
    site = act.site(ask.site)
    seen: set[str] = set()
    asked = []
    for criterion in _study_of(act, site).population.criteria:
        items = tuple(one for one in _items(criterion) if one.item not in seen)
        seen |= {one.item for one in items}
        asked.append(
            AskedCriterion(
                criterion=criterion.id,
                category=criterion.category,
                text=criterion.text,
                asks=(criterion.asks or "") if len(items) > 1 else "",
                judgement=criterion.judgement or "",
                items=items,
            )
        )
    return AskedCriteria(site=site.code, version=site.version, criteria=tuple(asked))


class WeighAnswers(Ask):
    """The answers so far, by item of the criteria."""

    site: str = Field(max_length=40)
    answers: dict[Annotated[str, Field(max_length=80)], Given] = Field(default_factory=dict, max_length=500)


class Weighed(Answer):
    """What the verdict would be. It is kept only by `screen`."""

    eligible: bool
    reasons: tuple[ShownReason, ...]


@view(permission=Permission.SCREEN)
def weigh_answers(act: Act, ask: WeighAnswers) -> Weighed:
    """The verdict that answers would come to, criterion by criterion, with nothing kept."""
    verdict = decide_eligibility(_study_of(act, act.site(ask.site)), ask.answers)
    return Weighed(eligible=verdict.holds, reasons=shown_reasons(verdict))


def _study_of(act: Act, site: Site) -> Study:
    _life.check_active(site)
    return act.definition(site.version)


def _items(criterion: Criterion) -> list[AskedItem]:
    if criterion.rule is None:
        question = criterion.asks or criterion.text
        return [
            AskedItem(item=criterion.id, question=question, kind="yes or no", unit="", within="", choices=())
        ]
    straight = criterion.rule.item is not None and criterion.rule.equals is not False
    question = (criterion.asks or "") if straight else ""
    found: dict[str, list[Rule]] = {}
    for rule in _leaves(criterion.rule):
        found.setdefault(str(rule.item), []).append(rule)
    return [_item(name, rules, question) for name, rules in found.items()]


def _leaves(rule: Rule) -> list[Rule]:
    return [rule] if rule.item is not None else [leaf for part in rule.parts() for leaf in _leaves(part)]


def _item(name: str, rules: list[Rule], question: str) -> AskedItem:
    named = [
        choice
        for rule in rules
        for choice in (rule.one_of or (() if rule.equals is None else (rule.equals,)))
    ]
    words = [one for one in named if isinstance(one, str)]
    kind: Kind = (
        "choice" if words else "yes or no" if any(isinstance(one, bool) for one in named) else "number"
    )
    return AskedItem(
        item=name,
        question=question or name.replace("_", " "),
        kind=kind,
        unit=next((rule.unit for rule in rules if rule.unit), ""),
        within=next((rule.within for rule in rules if rule.within), ""),
        choices=tuple(dict.fromkeys(words)),
    )
