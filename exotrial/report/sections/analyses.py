"""The analyses of the plan: what was planned or stated, whether it fits the data, and what this report did instead."""

from __future__ import annotations

from exotrial.datasets.before_after import derive_before_after
from exotrial.datasets.between_arms import can_compare
from exotrial.datasets.stay import STAY_CODES, derive_absorptions, derive_stays
from exotrial.outcomes.measure import find_measure
from exotrial.report.document import AnalysisResult, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.inputs import ReportInput
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Analysis, Outcome


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """The section; of a study without planned analyses it says so."""
    study = given.study
    if not study.analyses:
        text = "No analysis is planned or stated for any outcome, so that there is none to follow."
        return Section(id="analyses", title="Analyses of the plan", blocks=(Paragraph(text),)), ()
    populations = {population.id: population.name for population in study.analysis_populations}
    outcomes = {outcome.id: outcome for outcome in study.outcomes}
    table = Table(
        id="analyses",
        title="Planned or stated analyses, and what this report computes",
        columns=(
            Column(key="variable", head="Variable", width=0.2),
            Column(key="population", head="Population", width=0.14),
            Column(key="method", head="Comparison and method, as stated", width=0.2),
            Column(key="fits", head="Does it fit the data?", width=0.18),
            Column(key="here", head="In this report", width=0.28),
        ),
        rows=tuple(
            (
                _variable(analysis, outcomes),
                populations.get(analysis.population or "", "not stated"),
                f"{analysis.comparison}: {analysis.method or 'method not stated'}",
                _fits(analysis),
                _here(given, analysis, outcomes.get(analysis.variable or "")),
            )
            for analysis in study.analyses
        ),
        notes=(_level(study),),
    )
    return Section(id="analyses", title="Analyses of the plan", blocks=(table,)), ()


def _variable(analysis: Analysis, outcomes: dict[str, Outcome]) -> str:
    if analysis.variable is not None:
        return outcomes[analysis.variable].name
    return analysis.variables or "not stated"


def _fits(analysis: Analysis) -> str:
    if analysis.method is None:
        return "cannot be told"
    if analysis.data_are_paired and analysis.method_is_paired is False:
        return "no: the values are pairs of one participant, and the method takes them for two groups"
    if analysis.group_sizes_given is False:
        return "cannot be told: the sizes of the groups are not given"
    if analysis.data_are_paired is None or analysis.method_is_paired is None:
        return "cannot be told"
    return "yes"


def _here(given: ReportInput, analysis: Analysis, outcome: Outcome | None) -> str:
    """What was computed and where, or what is missing."""
    if given.captured is None:
        return "nothing: no participant data were captured"
    if analysis.comparison == "between arms" and given.arms_are_hidden:
        return "withheld while the study is blinded"
    if analysis.comparison == "between arms" and outcome is not None:
        code = _paramcd(outcome)
        if code is not None and can_compare(given.study, given.captured, code):
            return "section Between the arms: intervals for the difference at each visit, with two tests beside them"
    if analysis.comparison == "before and after":
        pairs = set(derive_before_after(given.captured)["PARAMCD"])
        if outcome is None or _paramcd(outcome) in pairs:
            return (
                "section Before and after treatment: paired t test, with the exact Wilcoxon signed-rank and the exact "
                "sign-flip test beside it"
            )
        return "nothing: fewer than two participants have both values"
    if analysis.comparison == "description":
        return "sections Baseline characteristics and Serial values, without a test"
    code = None if outcome is None else _paramcd(outcome)
    if code in STAY_CODES and derive_stays(given.captured)[1]:
        return (
            "section Length of stay: Welch's t test and the exact rank-sum test between the captured groups; "
            "a comparison group outside the data cannot be had"
        )
    if code == "CTABSORB" and derive_absorptions(given.captured):
        return "section Length of stay and lesion absorption: intervals, of which none can be compared with a control"
    return "nothing: the groups compared are not in the captured data"


def _paramcd(outcome: Outcome) -> str | None:
    return None if outcome.measure is None else find_measure(outcome.measure).paramcd


def _level(study: Study) -> str:
    level = study.statistical_design.level if study.statistical_design else None
    if level is None:
        return "No level of significance is stated. This report calls nothing significant."
    return (
        f"The stated level is {level:g}. This report adjusts no p value for the number of analyses and calls nothing "
        "significant."
    )


SECTION = SectionBuilder(name="analyses", order=76, build=build)
