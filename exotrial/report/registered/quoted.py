"""What a paper tells of a trial, by the words that the study file quotes of it."""

from __future__ import annotations

from datetime import date

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import Place, Refusal
from exotrial.registries.checks.alike import read_model
from exotrial.registries.compare_accounts import Account
from exotrial.registries.compare_outcomes import NamedOutcome, compute_likeness
from exotrial.registries.phase_text import read_phase
from exotrial.registries.record import Level, RecordedOutcome, Stated
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Document
from exotrial.study.definition.plan import Evidence, Outcome

LEVELS: tuple[Level, ...] = ("primary", "secondary", "exploratory", "safety")
_OF_EVIDENCE = {
    "design.intervention_model": "model",
    "design.allocation": "allocation",
    "design.phase": "phase",
    "design.planned_size": "target_size",
    "design.enrolled": "enrolled",
    "blinding.label": "masking",
    "population.sex": "sex",
    "recruitment.actual_start": "start",
    "recruitment.actual_end": "recruitment_end",
    "recruitment.completion": "completion",
    "recruitment.status": "status",
}
_AGES = {"population.age_min": "age_min", "population.age_max": "age_max"}
_DATES = ("start", "recruitment_end", "completion")


Also = dict[str, tuple[Stated[object], ...]]


def account_of_paper(study: Study, document: Document) -> tuple[Account, Also]:
    """The account that a document gives by its quotations, and by item what else it prints of it.

    A quotation that states a value of its own gives that, any other the study file's value, which it supports.
    """
    quoted: dict[str, list[Stated[object]]] = {}
    for one in study.evidence:
        if one.source != document.id:
            continue
        item = _OF_EVIDENCE.get(one.path) or _AGES.get(one.path)
        value = None if item is None else _value_quoted(study, one, item)
        if item is not None and value is not None:
            quoted.setdefault(item, []).append(stated_by(one, value))
    told = [_outcome_quoted(study, outcome, document) for outcome in study.outcomes]
    also = {
        item: tuple(one for one in stated[1:] if one.value != stated[0].value)
        for item, stated in quoted.items()
    }
    account = Account(
        who=document.kind,
        identifiers=(),
        as_of=document.dated,
        items={item: stated[0] for item, stated in quoted.items()},
        outcomes=tuple(one for one in told if one is not None) or None,
    )
    return account, {item: stated for item, stated in also.items() if stated}


def stated_by(one: Evidence, value: object) -> Stated[object]:
    """A value with the words of an evidence, and its place in the source."""
    return Stated(
        value=value, prints=one.prints, place=Place(file=one.source, line=one.line, path=one.place or "")
    )


def as_partial(day: date) -> PartialDate:
    """A whole day as a date that may be known in part."""
    return PartialDate(year=day.year, month=day.month, day=day.day)


def _value_quoted(study: Study, one: Evidence, item: str) -> object | None:
    """What the quotation states, else the study file's own value, in the form in which accounts are compared."""
    section, key = one.path.split(".")
    part = getattr(study, section)
    value: object = one.states if one.states is not None else part and getattr(part, key)
    if value is None or value == "not stated":
        return None
    if item in _DATES:
        if isinstance(value, date):
            return as_partial(value)
        try:
            return read_partial_date(str(value))
        except Refusal:
            return None  # words that state no date; the findings quote them
    if item in _AGES.values():
        return f"{value:g} a" if isinstance(value, int | float) else None
    if item == "model":
        return read_model(str(value))
    if item == "phase":
        phase = read_phase(str(value))
        return phase and phase.phase
    return value


def _outcome_quoted(study: Study, outcome: Outcome, document: Document) -> NamedOutcome | None:
    path = f"outcomes.{outcome.id}"
    own = [one for one in study.evidence_for(path) if one.source == document.id]
    if not own:
        return None
    level = next((one.states for one in own if one.path.endswith(".level") and one.states in LEVELS), None)
    levels: dict[object, Level] = {name: name for name in LEVELS}
    naming = [one for one in own if one.path in (path, f"{path}.level", f"{path}.name")]
    # The words that are most like the outcome's name, the first where several are; words of its method are no name.
    best = max(naming, key=lambda one: compute_likeness(one.prints, outcome.name), default=own[0])
    words = stated_by(best, outcome.name)
    return NamedOutcome(
        outcome=RecordedOutcome(
            level=levels[level] if level is not None else outcome.level,
            name=Stated(
                value=outcome.name, prints=words.prints if naming else outcome.name, place=words.place
            ),
        ),
        aliases=tuple(name for name in (outcome.abbreviation, outcome.measure) if name),
    )
