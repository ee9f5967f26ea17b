"""Short ways through a participant's life, for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exotrial.operations.access import Role
from exotrial.participants.eligibility import items_of
from exotrial.store.models import StudyVersion
from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from exotrial.study.rules import Answer, Rule
from tests.trial import SITE, Trial

CHICTR = ("chictr2000030261", "wuxi_no_5")
MEXCOVID = ("mexcovid", "jinyintan")


def definition(trial: Trial, version: int = 1) -> Study:
    row = StudyVersion.objects.get(study__slug=trial.study, number=version)
    return parse_study(row.source.encode(), name="study.toml")


def eligible_answers(study: Study) -> dict[str, Answer]:
    """Answers with which every inclusion criterion is met and no exclusion applies."""
    answers: dict[str, Answer] = {}
    for criterion in study.population.criteria:
        met = criterion.category == "inclusion"
        if criterion.rule is None:
            answers[criterion.id] = met
        else:
            for item in items_of(criterion):
                answers.setdefault(item, _answer(criterion.rule, item, met=met))
    return answers | {"age": 45}


def _answer(rule: Rule, item: str, *, met: bool) -> Answer:
    if rule.item is None:
        found = next(part for part in rule.parts() if item in part.items())
        return _answer(found, item, met=met)
    if rule.equals is not None:
        if met:
            return rule.equals
        return (not rule.equals) if isinstance(rule.equals, bool) else "none"
    if rule.one_of is not None:
        return rule.one_of[0] if met else "none"
    inside = next(
        limit + step
        for limit, step in (
            (rule.at_least, 1),
            (rule.more_than, 1),
            (rule.at_most, -1),
            (rule.less_than, -1),
        )
        if limit is not None
    )
    outside = inside - 10 if rule.at_least is not None or rule.more_than is not None else inside + 10
    return inside if met else outside


def screen(trial: Trial, *, site: str = SITE, **more: Any) -> Any:
    """Screen an eligible person."""
    answers = eligible_answers(definition(trial)) | more.pop("answers", {})
    return trial.do("screen", Role.COORDINATOR, site=site, answers=answers, **more)


def consent(trial: Trial, code: str, *, at: datetime | None = None, **more: Any) -> Any:
    """Record a consent signed just now, or at a moment."""
    signed = (at or trial.now).isoformat()
    return trial.do(
        "record_consent", Role.COORDINATOR, participant=code, version="1.0", signed_at=signed, **more
    )


def enrol(trial: Trial, *, site: str = SITE, level: str = "", **more: Any) -> str:
    """Screen, ask for consent and enrol; gives the code."""
    code: str = screen(trial, site=site, **more).participant
    consent(trial, code)
    trial.do("enrol", participant=code, stratum_level=level)
    return code


def pack(
    trial: Trial, number: str, *, arm: str = "exosomes", batch: str = "B1", release: bool = True
) -> None:
    """A kit of a batch, which is registered (and released) where it is not there yet."""
    known = {one.code for one in trial.do("list_batches", Role.PHARMACIST).batches}
    if batch not in known:
        trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on="2021-06-30")
        if release:
            trial.do("release_batch", Role.PHARMACIST, code=batch, reason="certificate made up for tests")
    trial.do("pack_kit", Role.PHARMACIST, number=number, arm=arm, batch=batch)


def dose(trial: Trial, code: str, kit: str, *, at: datetime | None = None, **more: Any) -> Any:
    """Record a dose that began just now, or at a moment, and ended then."""
    begun = (at or trial.now).isoformat()
    told: dict[str, Any] = {"begun_at": begun, "ended_at": begun, "complete": True} | more
    return trial.do("record_dose", Role.CARE_PROVIDER, participant=code, kit=kit, **told)
