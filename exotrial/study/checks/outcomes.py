"""Outcomes and their times (OUT, TIM): can each be measured, when, in whom, and is it the one registered?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import MAIN_OUTCOMES, TIME_ORIGIN, told_differently
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Outcome

_LATE_DAY = 28
_MORTALITY = ("mortality", "death", "survival", "fatality")
_DEADLY = ("ards", "respiratory distress", "severe")


@check(
    "OUT-002",
    Severity.INFO,
    "text",
    standards=("house style of abbreviations",),
    why="An abbreviation whose letters are in another order was copied from somewhere else.",
    settle="the abbreviation of the words, or the source it was copied from.",
)
def abbreviations_match_their_words(study: Study) -> Iterator[Doubt]:
    """An outcome's abbreviation has the initials of its words, in their order."""
    for outcome in study.outcomes:
        if outcome.abbreviation is None:
            continue
        initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", outcome.name)).upper()
        abbreviation = outcome.abbreviation.upper()
        if sorted(abbreviation) == sorted(initials) and abbreviation != initials:
            yield Doubt(
                subject=f"outcomes.{outcome.id}.abbreviation",
                says=f"{outcome.name} would be {initials}, and {outcome.abbreviation} is written",
                paths=(f"outcomes.{outcome.id}",),
            )


@check(
    "OUT-003",
    Severity.ERROR,
    "terminology",
    standards=("ICH E2A", "SPIRIT 2025 item 17"),
    why="Severe is a degree, serious a consequence; a reaction is judged to be caused, an event is not. "
    "What is counted depends on the word.",
    settle="adverse event (AE) and serious adverse event (SAE), as ICH E2A defines them.",
)
def safety_terms_are_those_of_ich_e2a(study: Study) -> Iterator[Doubt]:
    """Adverse events are called event and serious, not reaction and severe, under the abbreviations AE and SAE."""
    terms = study.safety.terms if study.safety else ()
    wrong = [
        term
        for term in terms
        if re.search(r"severe adverse|adverse reaction \(AE\)|reaction.*\(SAE\)", term, re.IGNORECASE)
    ]
    if wrong:
        yield Doubt(
            subject="safety.terms",
            says=f"the terms used are {'; '.join(wrong)}",
            paths=("safety.terms", "outcomes"),
            quotes=study.quotes("safety.terms") or None,
        )


@check(
    "OUT-004",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 17", "CTCAE", "MedDRA"),
    why="Events that are not graded, coded and judged for cause cannot be counted alike at two sites.",
    settle="grading (CTCAE), coding (MedDRA) and who judges causality by which scale.",
)
def adverse_events_have_grading_coding_and_causality(study: Study) -> Iterator[Doubt]:
    """An outcome of adverse events says how they are graded, coded and judged for cause."""
    plan = study.safety
    adverse = next((o for o in study.outcomes if "adverse" in o.name.lower()), None)
    missing = [
        name
        for name, value in (
            ("grading", plan and plan.grading),
            ("coding", plan and plan.coding),
            ("causality", plan and plan.causality),
        )
        if not value
    ]
    if adverse is not None and missing:
        by = f", measured by “{adverse.method}”" if adverse.method else ""
        yield Doubt(
            subject=f"outcomes.{adverse.id}.method",
            says=f"{adverse.name}{by}: without {', '.join(missing)}",
            paths=(f"outcomes.{adverse.id}.method", "safety"),
        )


@check(
    "OUT-006",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 items 16 and 25a",),
    why="A method that repeats the outcome tells nobody how to measure it.",
    settle="from what, by whom and by which rule the value is taken.",
)
def method_is_more_than_the_name(study: Study) -> Iterator[Doubt]:
    """The method of measurement does not merely repeat the outcome, and an outcome has a method."""
    for outcome in study.outcomes:
        if outcome.method is not None and _normal(outcome.method) == _normal(outcome.name):
            yield Doubt(
                subject=f"outcomes.{outcome.id}.method",
                says=f"the method of “{outcome.name}” repeats its name",
                paths=(f"outcomes.{outcome.id}.method",),
            )


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


@check(
    "OUT-009",
    Severity.ERROR,
    "cross-field",
    standards=("SPIRIT 2025 item 16", "ICH E9(R1)"),
    why="An outcome that cannot be had in a stratum is missing there by design, and not at random.",
    settle="an outcome that every stratum can have, or what is done where components are missing.",
)
def outcomes_can_be_measured_in_every_stratum(study: Study) -> Iterator[Doubt]:
    """An outcome can be measured in every stratum."""
    for outcome in study.outcomes:
        for stratum in outcome.unavailable_in:
            yield Doubt(
                subject=f"outcomes.{outcome.id}.unavailable_in",
                says=f"{outcome.name} needs {', '.join(outcome.requires) or 'what is not there'}, which participants "
                f"of stratum {stratum} do not have",
                paths=(f"outcomes.{outcome.id}", f"randomisation.strata.{stratum}"),
            )


@check(
    "OUT-010",
    Severity.WARNING,
    "record",
    standards=("ICH E9(R1)",),
    why="Who has gone home or died has no arterial line; a value missing for that reason is not missing at random.",
    settle="the rule for participants discharged or dead by then.",
)
def late_invasive_outcomes_have_a_rule_for_those_gone(study: Study) -> Iterator[Doubt]:
    """An outcome that needs arterial blood late in follow-up says what is done after discharge or death."""
    days = {encounter.id: encounter.day for encounter in study.encounters}
    for outcome in study.outcomes:
        late = sorted(days[name] for name in outcome.encounters if days[name] >= _LATE_DAY)
        invasive = any("arterial" in need.lower() for need in outcome.requires)
        if late and invasive and outcome.intercurrent_rule is None:
            yield Doubt(
                subject=f"outcomes.{outcome.id}.intercurrent_rule",
                says=f"{outcome.name} on day {' and '.join(map(str, late))} needs arterial blood, and nothing is "
                "said of those discharged or dead",
                paths=(f"outcomes.{outcome.id}.encounters", f"outcomes.{outcome.id}"),
            )


@check(
    "OUT-011",
    Severity.ERROR,
    "record",
    standards=("ClinicalTrials.gov outcome measures",),
    why="Without direction a fall may be read as harm or as benefit.",
    settle="whether a higher score is better or worse.",
)
def scores_state_their_direction(study: Study) -> Iterator[Doubt]:
    """A score with a range states its direction."""
    for outcome in study.outcomes:
        if outcome.low is not None and outcome.high is not None and outcome.direction is None:
            yield Doubt(
                subject=f"outcomes.{outcome.id}.direction",
                says=f"{outcome.name} runs from {outcome.low:g} to {outcome.high:g}, in no stated direction",
            )


@check(
    "OUT-012",
    Severity.ERROR,
    "cross-source",
    standards=("COMPare", "CONSORT 2025 item 10"),
    why="Primary outcomes chosen after the results are known turn chance into effect.",
    settle="the amendment with its date, before the data were seen.",
)
def primary_outcomes_are_those_registered(study: Study) -> Iterator[Doubt]:
    """The primary outcomes are the registered primary outcomes, none added, none demoted."""
    registered = [
        (position, record.primary_outcomes)
        for position, record in enumerate(study.registrations)
        if record.primary_outcomes is not None
    ]
    added = [o.name for o in study.outcomes if o.level == "primary" and o.registered is False]
    demoted = [o.name for o in study.outcomes if o.level != "primary" and o.registered is True]
    for position, primary in registered:
        parts = [
            f"added: {', '.join(added)}" if added else "",
            f"registered as primary and demoted: {', '.join(demoted)}" if demoted else "",
        ]
        if added or demoted:
            yield Doubt(
                subject=f"registrations.{position}.primary_outcomes",
                says=f"registered as primary: {', '.join(primary)}; {'; '.join(part for part in parts if part)}",
                paths=(f"registrations.{position}.primary_outcomes", "outcomes"),
                quotes=study.quotes(
                    f"registrations.{position}.primary_outcomes",
                    *(f"outcomes.{o.id}.level" for o in study.outcomes if o.level == "primary"),
                ),
            )


@check(
    "OUT-013",
    Severity.WARNING,
    "record",
    standards=("COMET core outcome set for COVID-19 (2020)", "ARDS core outcomes"),
    why="Where participants may die, every other outcome is read through who was left to be measured.",
    settle="all-cause mortality at a fixed day.",
)
def mortality_is_an_outcome_where_participants_may_die(study: Study) -> Iterator[Doubt]:
    """Mortality is an outcome of a trial in ARDS or severe disease."""
    words = " ".join(
        [condition.name for condition in study.conditions]
        + [term for condition in study.conditions for term in condition.severity_terms]
    ).lower()
    has = any(word in outcome.name.lower() for outcome in study.outcomes for word in _MORTALITY)
    if any(word in words for word in _DEADLY) and not has:
        yield Doubt(subject="outcomes", says="mortality is not among the outcomes", paths=("conditions",))


@check(
    "TIM-002",
    Severity.WARNING,
    "cross-field",
    standards=("SPIRIT 2025 item 18",),
    why="Every extra day is a visit that participants miss; days shared by outcomes are fewer and fuller.",
    settle="shared days, or the reason why an outcome needs a day of its own.",
)
def assessment_days_are_shared(study: Study) -> Iterator[Doubt]:
    """Assessment days serve more than one outcome where outcomes share days at all."""
    served: dict[str, list[Outcome]] = {encounter.id: [] for encounter in study.encounters}
    for outcome in study.outcomes:
        for name in outcome.encounters:
            served[name].append(outcome)
    days = {encounter.id: encounter.day for encounter in study.encounters}
    dosing = _dosing_days(study)
    lonely = [
        name
        for name, outcomes in served.items()
        if len(outcomes) == 1 and days[name] not in dosing and not _has_activities(study, name)
    ]
    shared = [name for name, outcomes in served.items() if len(outcomes) > 1]
    if lonely and shared:
        told = ", ".join(
            f"day {days[n]} ({served[n][0].name})" for n in sorted(lonely, key=lambda n: days[n])
        )
        yield Doubt(
            subject="encounters",
            says=f"days that serve one outcome only: {told}",
            paths=tuple(dict.fromkeys(f"outcomes.{served[n][0].id}.encounters" for n in lonely)),
        )


def _has_activities(study: Study, encounter: str) -> bool:
    return sum(encounter in activity.encounters for activity in study.activities) > 1


def _dosing_days(study: Study) -> frozenset[int]:
    """Protocol days on which treatment brings participants in anyway."""
    if study.design.time_origin not in ("first dose", "start of intervention"):
        return frozenset()
    first = study.design.day_of_origin
    schedules = [i.schedule for i in study.interventions if i.role == "investigational" and i.schedule]
    return frozenset(day for s in schedules for day in range(first, first + (s.days or 0)))


@check(
    "TIM-003",
    Severity.ERROR,
    "terminology",
    standards=("SPIRIT 2025 item 18",),
    why="Day 7 after enrolment and day 7 after the first dose are different days; outcomes cannot be compared.",
    settle="one time origin, and whether its day is day 0 or day 1.",
)
def time_origin_is_defined_once(study: Study) -> Iterator[Doubt]:
    """The time origin of the study's days is defined."""
    if study.design.time_origin == "not stated" and study.encounters:
        yield Doubt(
            subject="design.time_origin",
            says="days are counted, and from what is not said",
            paths=("design.time_origin",),
        )
    else:
        yield from told_differently(study, TIME_ORIGIN)


@check(
    "TIM-004",
    Severity.WARNING,
    "format",
    standards=("ClinicalTrials.gov time frame", "TRDS 19"),
    why="An outcome without a time point can be measured on the day that looks best.",
    settle="the day or days, counted from the time origin.",
)
def every_outcome_has_a_time_frame(study: Study) -> Iterator[Doubt]:
    """Every outcome has time points, a horizon or a time frame."""
    without = [o for o in study.outcomes if not (o.encounters or o.horizon or o.time_frame)]
    if without:
        yield Doubt(
            subject="outcomes",
            says=f"no time point is given for {', '.join(outcome.name for outcome in without)}",
            paths=tuple(f"outcomes.{outcome.id}" for outcome in without),
        )


_ACUTE_COVID_DAYS = 28
"""Acute COVID-19 lasts up to 4 weeks after onset (NICE NG188, 2020, case definitions)."""


@check(
    "TIM-006",
    Severity.ERROR,
    "plausibility",
    standards=("NICE NG188",),
    why="Weeks after onset most participants recover by themselves; safety and effect in acute disease are not shown.",
    settle="each participant's dates of onset, admission and first dose.",
)
def treatment_falls_into_the_acute_phase(study: Study) -> Iterator[Doubt]:
    """The median time from onset to treatment lies within the acute phase of the disease."""
    median = study.conduct.median_onset_to_treatment
    if median is None:
        return
    stated = study.design.acute_phase
    covid = any("covid" in condition.name.lower() for condition in study.conditions)
    limit = int(stated.to("d").value) if stated is not None else _ACUTE_COVID_DAYS if covid else None
    days = float(median.to("d").value)
    if limit is not None and days > limit:
        yield Doubt(
            subject="conduct.median_onset_to_treatment",
            says=f"treatment at a median of {days:g} days after onset; acute disease is over after {limit}",
        )


@check(
    "OUT-001",
    Severity.ERROR,
    "cross-field",
    standards=("TRDS 19",),
    why="An outcome named as main and listed nowhere can be reported, or forgotten, as the result turns out.",
    settle="one list of primary outcomes.",
)
def main_outcomes_of_the_summary_are_the_primary_outcomes(study: Study) -> Iterator[Doubt]:
    """The main outcomes of the summary are the primary outcomes."""
    return told_differently(study, MAIN_OUTCOMES)
