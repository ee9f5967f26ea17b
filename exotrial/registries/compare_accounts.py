"""An account: what one source says of a trial, in the same items whoever says it (TRDS 1.3.1 items)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Place
from exotrial.registries.compare_outcomes import NamedOutcome
from exotrial.registries.dose_text import read_doses, write_amount
from exotrial.registries.record import RecordedOutcome, RegistryRecord, Stated
from exotrial.registries.register_names import name_register
from exotrial.registries.rule_text import propose_rule
from exotrial.registries.thresholds import Limits, derive_limits, limits_of_record
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Outcome
from exotrial.study.definition.population import Criterion

T = TypeVar("T")

ITEMS = (
    *("model", "allocation", "masking", "phase", "arms", "arm_sizes", "target_size", "enrolled"),
    *("dose", "age_min", "age_max", "sex", "inclusion", "exclusion", "inclusion_count", "exclusion_count"),
    *("registered", "start", "recruitment_end", "completion", "status"),
)
"""Every item of an account but its outcomes, in the order in which differences are told."""

_NOT_STATED = "not stated"


@dataclass(frozen=True, kw_only=True)
class Account:
    """`who` says it, as of when, and what. An item that the source leaves out is not in `items`.

    `identifiers` are the registration numbers that it names, as printed. Outcomes are None where it names none.
    """

    who: str
    identifiers: tuple[str, ...]
    as_of: date | None = None
    items: Mapping[str, Stated[object]] = field(default_factory=dict)
    outcomes: tuple[NamedOutcome, ...] | None = None
    tells_all_outcomes: bool = True
    """False where an outcome that is not named may have been one all the same (an abstract)."""
    limits: Mapping[tuple[str, str], tuple[Limits, Stated[str]]] = field(default_factory=dict)
    """Limits of measured values in criteria, by category and item."""


@dataclass(frozen=True)
class Doses:
    """The doses that a source names, as a study file writes amounts; two sources agree where they share one."""

    amounts: frozenset[str]

    def __str__(self) -> str:
        return " or ".join(sorted(self.amounts))

    def contradicts(self, other: Doses) -> bool:
        """Whether both tell a dose in one unit and none of these is the same."""
        units = {amount.partition(" ")[2] for amount in self.amounts} & {
            amount.partition(" ")[2] for amount in other.amounts
        }
        return bool(units) and not self.amounts & other.amounts


def account_of_record(record: RegistryRecord) -> Account:
    """The account that a registry record gives."""
    items: dict[str, Stated[object]] = {}
    for item in ("model", "allocation", "masking", "phase", "target_size", "sex", "status"):
        _put(items, item, getattr(record, item))
    for item in ("registered", "recruitment_end", "completion"):
        _put(items, item, getattr(record, item))
    _put(items, "start", record.start)
    _put(items, "enrolled", record.actual_size)
    for item, age in (("age_min", record.age_min), ("age_max", record.age_max)):
        if age is not None:
            _put(items, item, _said(f"{age.value.value:g} {age.value.unit}", age.prints, age.place))
    if record.arms:
        names = "; ".join(arm.name.prints for arm in record.arms)
        _put(items, "arms", _said(len(record.arms), names, record.arms[0].name.place))
        sizes = [arm.size for arm in record.arms]
        if all(size is not None for size in sizes):
            known = [size for size in sizes if size is not None]
            prints = " + ".join(size.prints for size in known)
            _put(items, "arm_sizes", _said(_sizes(size.value for size in known), prints, known[0].place))
    for category in ("inclusion", "exclusion"):
        texts = [one.text for one in record.criteria if one.category == category]
        if texts:
            words = " ".join(text.prints for text in texts)
            _put(items, category, _said(_sameness(words), words, texts[0].place))
            _put(items, f"{category}_count", _said(len(texts), f"{len(texts)} criteria", texts[0].place))
    _put(items, "dose", _doses(record))
    return Account(
        who=f"{name_register(record.registry)} record",
        identifiers=(record.identifier.value, *(one.value for one in record.secondary_ids)),
        as_of=record.as_of,
        items=items,
        outcomes=tuple(NamedOutcome(outcome=one) for one in record.outcomes) or None,
        tells_all_outcomes=not record.is_repository,
        limits=limits_of_record(record),
    )


def _doses(record: RegistryRecord) -> Stated[Doses] | None:
    """The doses that the words of arms and interventions name; the place is that of the first."""
    parts = [(one.name, one.description) for one in record.arms]
    parts += [(one.name, one.description) for one in record.interventions]
    stated = [one for part in parts for one in part if one is not None]
    found = [(dose, one) for one in stated for dose in read_doses(one.value)]
    if not found:
        return None
    prints = "; ".join(dict.fromkeys(dose.prints for dose, _ in found))
    doses = Doses(frozenset(dose.amount for dose, _ in found))
    return Stated(value=doses, prints=prints, place=found[0][1].place)


def _doses_of_study(study: Study, *, file: str) -> Stated[object] | None:
    given = [
        one for one in study.interventions if one.role == "investigational" and one.dose and one.dose.amount
    ]
    amounts = {}
    for one in given:
        assert one.dose is not None  # asked above
        assert one.dose.amount is not None
        amount = one.dose.amount
        amounts[write_amount(amount.value, amount.unit)] = f"interventions.{one.id}.dose.amount"
    if not amounts:
        return None
    return _quoted(study, next(iter(amounts.values())), Doses(frozenset(amounts)), file=file)


def account_of_study(study: Study, *, file: str) -> Account:
    """The account that a study file gives of the trial itself; what it says of its registrations is left aside.

    The words are those of the evidence where the study file has some for the path, else the file's own value.
    """
    design, population, recruitment = study.design, study.population, study.recruitment
    masking = study.blinding
    items: dict[str, Stated[object]] = {}
    sizes = [arm.size for arm in study.arms]
    counts = {
        category: sum(one.category == category for one in population.criteria)
        for category in ("inclusion", "exclusion")
    }
    ages = {name: getattr(population, name) for name in ("age_min", "age_max")}
    values: tuple[tuple[str, str, object], ...] = (
        ("model", "design.intervention_model", design.intervention_model),
        ("allocation", "design.allocation", design.allocation),
        ("phase", "design.phase", design.phase),
        ("masking", "blinding.label", masking.label if masking else None),
        ("arms", "arms", len(study.arms)),
        ("arm_sizes", "arms", None if None in sizes else _sizes(size for size in sizes if size is not None)),
        ("target_size", "design.planned_size", design.planned_size),
        ("enrolled", "design.enrolled", design.enrolled),
        *((name, f"population.{name}", None if age is None else f"{age:g} a") for name, age in ages.items()),
        *((f"{name}_count", "population.criteria", count or None) for name, count in counts.items()),
        ("start", "recruitment.actual_start", _day(recruitment.actual_start or recruitment.planned_start)),
        (
            "recruitment_end",
            "recruitment.actual_end",
            _day(recruitment.actual_end or recruitment.planned_end),
        ),
        ("completion", "recruitment.completion", _day(recruitment.completion)),
        ("status", "recruitment.status", recruitment.status),
    )
    for item, path, value in values:
        if value is not None and value != _NOT_STATED:
            items[item] = _quoted(study, path, value, file=file)
    _put(items, "dose", _doses_of_study(study, file=file))
    return Account(
        who="study file",
        identifiers=tuple(one.identifier for one in study.registrations) + (study.secondary_ids or ()),
        items=items,
        outcomes=tuple(_outcome(study, one, file=file) for one in study.outcomes),
        limits=derive_limits(
            (one.category, one.rule or propose_rule(one.text), _criterion(one, file=file))
            for one in population.criteria
        ),
    )


def _criterion(one: Criterion, *, file: str) -> Stated[str]:
    place = Place(file=file, path=f"population.criteria.{one.id}")
    return Stated(value=one.text, prints=one.text, place=place)


def _outcome(study: Study, outcome: Outcome, *, file: str) -> NamedOutcome:
    path = f"outcomes.{outcome.id}"
    place = Place(file=file, path=path)
    visits = {one.id: one for one in study.encounters}
    planned = [visits[name] for name in outcome.encounters]
    days = tuple(sorted({one.day for one in planned})) if all(one.day_stated for one in planned) else ()
    told = RecordedOutcome(
        level=outcome.level,
        name=Stated(value=outcome.name, prints=outcome.name, place=place),
        time_frame=_text(outcome.time_frame, place),
        method=_text(outcome.method, place),
        days=days,
    )
    aliases = tuple(name for name in (outcome.abbreviation, outcome.measure) if name)
    return NamedOutcome(outcome=told, aliases=aliases)


def _text(words: str | None, place: Place) -> Stated[str] | None:
    return Stated(value=words, prints=words, place=place) if words else None


def _quoted(study: Study, path: str, value: object, *, file: str) -> Stated[object]:
    own = [one for one in study.evidence if one.path == path]
    if not own:
        return _said(value, str(value), Place(file=file, path=path))
    return _said(value, own[0].prints, Place(file=own[0].source, line=own[0].line, path=path))


def _said(value: object, prints: str, place: Place) -> Stated[object]:
    return Stated(value=value, prints=prints, place=place)


def _put(items: dict[str, Stated[object]], item: str, stated: Stated[T] | None) -> None:
    if stated is not None:
        items[item] = _said(stated.value, stated.prints, stated.place)


def _sameness(words: str) -> str:
    """What is left of a text when line breaks, numbering and marks are laid aside; thresholds keep their signs."""
    return " ".join(
        re.findall(r"[^\W_]+|[<>=≤≥]", re.sub(r"(?:^|\s)\(?\d{1,2}[.)、]\s", " ", words).casefold())
    )


def _sizes(sizes: Iterator[int]) -> str:
    return " + ".join(str(size) for size in sorted(sizes, reverse=True))


def _day(day: date | None) -> PartialDate | None:
    return PartialDate(year=day.year, month=day.month, day=day.day) if day else None
