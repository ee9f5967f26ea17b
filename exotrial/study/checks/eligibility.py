"""Eligibility (ELG): criteria against one another, against the age field and against the record."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.definition import Study
from exotrial.study.definition.population import Criterion
from exotrial.study.rules import Rule


def _by_topic(study: Study, category: str) -> dict[str, Criterion]:
    return {c.topic.lower(): c for c in study.population.criteria if c.category == category and c.topic}


@cache
def _implications() -> dict[str, tuple[str, ...]]:
    """For each topic of an exclusion, the topics of inclusions that it would exclude."""
    table = files("exotrial.study.checks").joinpath("implied_topics.csv").read_text(encoding="utf-8")
    return {row["exclusion"]: tuple(row["excludes"].split("|")) for row in csv.DictReader(table.splitlines())}


@check(
    "ELG-002",
    Severity.ERROR,
    "cross-field",
    standards=("SPIRIT 2025 item 14a",),
    why="Read as written, everybody the trial looks for is excluded; so each site decides for itself.",
    settle="the exclusion, limited to what is meant (another active viral infection, say).",
)
def no_exclusion_negates_an_inclusion(study: Study) -> Iterator[Doubt]:
    """No exclusion excludes everybody whom an inclusion asks for."""
    inclusions = _by_topic(study, "inclusion")
    for topic, exclusion in _by_topic(study, "exclusion").items():
        negated = [implied for implied in _implications().get(topic, ()) if implied in inclusions]
        if negated:
            yield Doubt(
                subject=f"population.criteria.{exclusion.id}",
                says=f"excluding {topic} excludes everybody with {' or '.join(negated)}, which inclusion asks for",
                paths=tuple(
                    f"population.criteria.{criterion.id}"
                    for criterion in (exclusion, *(inclusions[implied] for implied in negated))
                ),
            )


@check(
    "ELG-003",
    Severity.INFO,
    "cross-field",
    standards=("SPIRIT 2025 item 14a",),
    why="A criterion told twice can be answered twice, and differently.",
    settle="the criterion in one list only.",
)
def no_criterion_is_in_both_lists(study: Study) -> Iterator[Doubt]:
    """No criterion is both an inclusion and, turned round, an exclusion."""
    inclusions = _by_topic(study, "inclusion")
    for topic, exclusion in _by_topic(study, "exclusion").items():
        if topic in inclusions and topic != "age":
            yield Doubt(
                subject=f"population.criteria.{exclusion.id}",
                says=f"{topic} is asked for by an inclusion and again by an exclusion",
                paths=(f"population.criteria.{exclusion.id}", f"population.criteria.{inclusions[topic].id}"),
            )


def _age_limits(rule: Rule) -> Iterator[tuple[float | None, float | None]]:
    if rule.item == "age":
        yield rule.at_least, rule.at_most
    for part in rule.parts():
        yield from _age_limits(part)


@check(
    "ELG-005",
    Severity.ERROR,
    "cross-field",
    standards=("TRDS 14",),
    why="A participant of the age between two limits is eligible in one place and not in the other.",
    settle="one lower and one upper limit, in every place.",
)
def age_limits_agree(study: Study) -> Iterator[Doubt]:
    """The age limits of the criteria are those of the age field."""
    population = study.population
    for criterion in population.criteria:
        if criterion.category != "inclusion" or criterion.rule is None:
            continue
        for low, high in _age_limits(criterion.rule):
            for name, field, limit in (
                ("age_min", population.age_min, low),
                ("age_max", population.age_max, high),
            ):
                if field is not None and limit is not None and field != limit:
                    yield Doubt(
                        subject=f"population.{name}",
                        says=f"{field} years in the age field, {limit:g} in criterion {criterion.id}",
                        paths=(f"population.{name}", f"population.criteria.{criterion.id}"),
                    )


@check(
    "ELG-008",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 14", "CONSORT 2025 item 10"),
    why="Criteria that appear after registration change who was treated, and may have been made to fit.",
    settle="each added criterion with the date and reason of its amendment.",
)
def criteria_added_after_registration_are_amendments(study: Study) -> Iterator[Doubt]:
    """The publication has no more exclusions than the record."""
    exclusions = [c for c in study.population.criteria if c.category == "exclusion"]
    for position, record in enumerate(study.registrations):
        if record.exclusion_count is not None and len(exclusions) > record.exclusion_count:
            yield Doubt(
                subject=f"registrations.{position}.exclusion_count",
                says=f"{record.exclusion_count} exclusions are registered, {len(exclusions)} are reported",
                paths=(
                    f"registrations.{position}.exclusion_count",
                    *(f"population.criteria.{c.id}" for c in exclusions),
                ),
            )


@check(
    "ELG-009",
    Severity.WARNING,
    "record",
    standards=("ICH M3(R2) 11.3",),
    why="A new biological may pass into milk or harm an early pregnancy; the criterion must cover both.",
    settle="lactation and contraception beside pregnancy.",
)
def pregnancy_exclusion_covers_lactation_and_contraception(study: Study) -> Iterator[Doubt]:
    """An exclusion for pregnancy covers lactation too."""
    exclusions = [c for c in study.population.criteria if c.category == "exclusion"]
    pregnancy = next((c for c in exclusions if "pregnan" in c.text.lower()), None)
    if pregnancy is not None and not any(
        word in c.text.lower() for c in exclusions for word in ("lactat", "breast")
    ):
        yield Doubt(
            subject=f"population.criteria.{pregnancy.id}",
            says="pregnancy excludes, lactation is not mentioned",
        )


@check(
    "ELG-010",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 14",),
    why="Suspected cases include people without the disease; they recover by themselves.",
    settle="the case definition that was used, in both places.",
)
def case_definition_agrees_with_the_record(study: Study) -> Iterator[Doubt]:
    """Confirmed or suspected disease is the same in the record and the report."""
    for position, record in enumerate(study.registrations):
        reported = study.population.case_definition
        if reported and record.case_definition and reported != record.case_definition:
            yield Doubt(
                subject=f"registrations.{position}.case_definition",
                says=f"registered for {record.case_definition} cases, reported as {reported}",
                paths=(f"registrations.{position}.case_definition", "population.case_definition"),
            )


@check(
    "ELG-101",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 item 14a",),
    why="A criterion that two people answer differently selects by who happened to be on duty.",
    settle="a definition that can be answered yes or no: a laboratory limit, a grade, a list.",
)
def criteria_can_be_answered_alike_by_two_people(study: Study) -> Iterator[Doubt]:
    """A criterion that rests on judgement alone says what is judged."""
    for criterion in study.population.criteria:
        if criterion.rule is None and criterion.judgement is None:
            yield Doubt(
                subject=f"population.criteria.{criterion.id}",
                says=f"“{criterion.text}” has no definition that could be executed",
            )
