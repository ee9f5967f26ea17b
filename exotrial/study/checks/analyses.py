"""Safety oversight and statistics (SAF, STA): is it said how participants are protected and data analysed?"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import VALUE_SELECTION, told_differently
from exotrial.study.definition import Study

_EARLY_PHASES = ("pilot", "1", "1-2", "2a")


@check(
    "SAF-001",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 items 28a and 28b",),
    why="In a first trial of a new product somebody outside the team must be able to stop it, by a rule.",
    settle="a monitoring committee, or the reason for none; and the rules for stopping.",
)
def monitoring_and_stopping_are_stated(study: Study) -> Iterator[Doubt]:
    """An early-phase study has a monitoring committee, or says why none, and stopping rules."""
    plan = study.safety
    missing = []
    if plan is None or not (plan.monitoring_committee or plan.no_committee_reason):
        missing.append("a monitoring committee, or why there is none")
    if plan is None or not plan.stopping_rules:
        missing.append("stopping rules")
    if missing and study.design.phase in _EARLY_PHASES:
        yield Doubt(
            subject="safety",
            says=f"phase {study.design.phase}, without {' and without '.join(missing)}",
            paths=("design.phase", "safety.monitoring_committee"),
        )


@check(
    "SAF-101",
    Severity.WARNING,
    "record",
    standards=("ICH E2A", "CONSORT 2025 item 15"),
    why="“No adverse events” means little unless it is said what was looked for, how long and by whom.",
    settle="the period over which events were collected, and how.",
)
def window_of_adverse_events_is_stated(study: Study) -> Iterator[Doubt]:
    """The period over which adverse events are collected is stated."""
    if study.safety is None or study.safety.collection_window is None:
        yield Doubt(
            subject="safety.collection_window",
            says="it is not said over which period adverse events are collected",
            paths=("safety.collection_window", "safety.prespecified_events"),
        )


@check(
    "STA-001",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 items 27a to 27c",),
    why="An analysis chosen after the data are seen can be chosen for its result.",
    settle="for each outcome the population, the method and what is done about missing data.",
)
def analyses_are_planned(study: Study) -> Iterator[Doubt]:
    """Every primary outcome has an analysis with population, method and a rule for missing data."""
    if not study.analyses:
        yield Doubt(
            subject="analyses",
            says="no statistical method is stated for any outcome",
            paths=("statistical_design", "sharing.analysis_plan"),
        )
    for analysis in study.analyses:
        missing = [
            name
            for name, value in (
                ("the method", analysis.method),
                ("the population", analysis.population),
                ("what is done about missing data", analysis.missing_data),
            )
            if value is None
        ]
        if missing:
            yield Doubt(
                subject=f"analyses.{analysis.id}",
                says=f"{analysis.id}: not stated are {', '.join(missing)}",
                paths=(f"analyses.{analysis.id}",),
            )


@check(
    "STA-002",
    Severity.ERROR,
    "statistics",
    standards=("SAMPL",),
    why="Treating two values of one participant as two participants throws the pairing away: the p value is wrong.",
    settle="a paired method: Wilcoxon signed-rank, sign-flip or paired t.",
)
def paired_data_are_analysed_as_pairs(study: Study) -> Iterator[Doubt]:
    """Values before and after in the same participants are analysed as pairs."""
    for analysis in study.analyses:
        paired = analysis.data_are_paired or analysis.comparison == "before and after"
        if paired and analysis.method_is_paired is False:
            yield Doubt(
                subject=f"analyses.{analysis.id}.method",
                says="values before and after in the same participants, analysed as if of independent groups"
                + (f": {analysis.method}" if analysis.method else ""),
                paths=(f"analyses.{analysis.id}",),
            )


@check(
    "STA-006",
    Severity.ERROR,
    "statistics",
    standards=("SAMPL", "CONSORT 2025 item 26"),
    why="A p value between groups of unknown size cannot be checked, nor its precision judged.",
    settle="the number of participants in each group.",
)
def group_sizes_are_given(study: Study) -> Iterator[Doubt]:
    """Every comparison between groups gives both sizes."""
    for analysis in study.analyses:
        if analysis.comparison.startswith("between") and analysis.group_sizes_given is False:
            yield Doubt(
                subject=f"analyses.{analysis.id}.group_sizes_given",
                says=f"{analysis.id}: groups are compared, and their sizes are not given",
                paths=(f"analyses.{analysis.id}",),
            )


@check(
    "STA-009",
    Severity.ERROR,
    "data",
    standards=("ICH E9 5.2",),
    why="Where several values follow treatment, choosing one for each participant can make any result.",
    settle="one rule (last value, worst value, a fixed day) applied to every participant.",
)
def the_value_that_counts_is_chosen_by_one_rule(study: Study) -> Iterator[Doubt]:
    """The value after treatment is chosen by one rule for all participants."""
    doubted = []
    for outcome in study.outcomes:
        if outcome.selection_consistent is False:
            doubted.append(f"outcomes.{outcome.id}.selection_consistent")
            yield Doubt(
                subject=f"outcomes.{outcome.id}.value_selection",
                says=f"{outcome.name}: the value “after” is not chosen by one rule",
                paths=(
                    f"outcomes.{outcome.id}.value_selection",
                    doubted[-1],
                ),
            )
    yield from told_differently(study, VALUE_SELECTION, besides=doubted)


@check(
    "STA-011",
    Severity.WARNING,
    "statistics",
    standards=("target trial emulation (Hernán 2016)",),
    why="Whoever is treated late has by then survived, stayed and been ill for longer: the groups differ by design.",
    settle="groups formed at the time origin, or an analysis that starts everybody at eligibility.",
)
def groups_are_formed_at_the_time_origin(study: Study) -> Iterator[Doubt]:
    """Groups are not formed by when treatment was given."""
    if study.design.groups_defined_by == "treatment timing":
        yield Doubt(
            subject="design.groups_defined_by",
            says="groups are formed by when treatment was given, and compared on how long it took to recover",
        )


@check(
    "STA-101",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 item 19", "CONSORT 2025 item 16a"),
    why="A size without a reason cannot tell a negative result from a trial too small to see anything.",
    settle="the calculation, or the reason (feasibility, precision) in one sentence.",
)
def sample_size_has_a_reason(study: Study) -> Iterator[Doubt]:
    """The sample size has a stated rationale."""
    if study.statistical_design is None or study.statistical_design.size_rationale is None:
        yield Doubt(
            subject="statistical_design.size_rationale" if study.statistical_design else "statistical_design",
            says="no reason is given for the sample size",
            paths=("design.planned_size", "design.enrolled"),
        )


@check(
    "STA-102",
    Severity.ERROR,
    "statistics",
    standards=("CONSORT 2025 items 13 and 21b",),
    why="Participants compared with people who are described nowhere could be compared with anybody.",
    settle="who the comparison group is: number, selection, period, treatment, baseline.",
)
def a_comparison_group_is_described(study: Study) -> Iterator[Doubt]:
    """A group with which participants are compared is defined."""
    if study.design.comparator is not None and study.design.comparator_group_defined is False:
        yield Doubt(
            subject="design.comparator",
            says=f"the comparison group is not described: {study.design.comparator}",
            paths=("design.comparator",),
        )


@check(
    "DAT-008",
    Severity.ERROR,
    "cross-field",
    standards=("data",),
    why="Virus that was gone before the first dose was not cleared by it.",
    settle="each participant's last positive and first negative test beside the first dose.",
)
def viral_outcomes_begin_with_virus(study: Study) -> Iterator[Doubt]:
    """Where the virus was gone before the first dose, its clearance is no outcome."""
    viral = [
        o
        for o in study.outcomes
        if any(w in o.name.lower() for w in ("viral", "virus", "nucleic acid", "pcr"))
    ]
    if study.conduct.virus_negative_before_first_dose and viral:
        yield Doubt(
            subject=f"outcomes.{viral[0].id}",
            says="all were negative for the virus before the first dose, and its detection is an outcome",
            paths=("conduct.virus_negative_before_first_dose", f"outcomes.{viral[0].id}"),
        )
