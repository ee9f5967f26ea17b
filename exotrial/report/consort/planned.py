"""Finders for the methods: items 9 to 21 of CONSORT 2025."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.report.consort.told import Part, Told, lacking, name_some, tell
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of, first_of, listed
from exotrial.study.definition.plan import Analysis


def _find_design(given: ReportInput) -> Told:
    design, plan = given.study.design, given.study.randomisation
    phase = {"not stated": "", "pilot": "pilot, "}.get(design.phase, f"phase {design.phase}, ")
    kind = f"{phase}{design.intervention_model}, {design.allocation}".removesuffix(", not applicable")
    if design.allocation != "randomised":
        return tell(Part(kind, "design"))
    ratio = ":".join(map(str, plan.ratio)) if plan is not None and plan.ratio else ""
    return tell(
        Part(kind, "design"),
        Part(ratio, "randomisation.ratio", "allocation ratio"),
        Part(design.framework, "design.framework", "the aim (superiority, non-inferiority, exploratory)"),
    )


def _find_changes(given: ReportInput) -> Told:
    """Changes are told by the record's updates; where record and publication differ, the check says so."""
    reasons = [r.reason_for_update for r in given.study.registrations if r.reason_for_update]
    updates = sum(record.update_count or 0 for record in given.study.registrations)
    differ = any("CONSORT 2025 item 10" in finding.standards for finding in given.findings)
    if reasons:
        return tell(Part(name_some(reasons), "registrations"))
    if differ or updates:
        return Told(
            lacks=(
                *lacking(differ, "a word on what differs from the record"),
                *lacking(updates, f"the reason of {count_of(updates, 'update')} of the record"),
            )
        )
    return Told(not_held="No change is recorded in the study file; the publication may tell of some.")


def _find_setting(given: ReportInput) -> Told:
    sites = name_some(", ".join(filter(None, (s.name, s.city, s.country))) for s in given.study.sites)
    return tell(
        Part(given.study.design.settings, "design.settings", "kind of place"), Part(sites, "sites", "places")
    )


def _find_eligibility(given: ReportInput) -> Told:
    counts = []
    for category in ("inclusion", "exclusion"):
        number = sum(one.category == category for one in given.study.population.criteria)
        text = count_of(number, f"{category} criterion", f"{category} criteria")
        counts.append(Part(number and text, "population.criteria", f"{category} criteria"))
    return tell(*counts)


def _find_interventions(given: ReportInput) -> Told:
    by_role = {
        role: name_some(i.name for i in given.study.interventions if i.role == role)
        for role in ("investigational", "placebo", "comparator")
    }
    control = by_role["placebo"] or by_role["comparator"] or given.study.design.comparator
    several = given.study.design.intervention_model != "single group"
    unfinished = sorted({finding.rule for finding in given.findings if "TIDieR 8" in finding.standards})
    told = tell(
        Part(by_role["investigational"], "interventions", "the intervention"),
        Part(control, "interventions, design.comparator", "the comparator" if several else ""),
    )
    return Told(
        found=told.found,
        lacks=(*told.lacks, *lacking(unfinished, f"parts of the dose (see {listed(unfinished)})")),
    )


def _find_outcomes(given: ReportInput) -> Told:
    outcomes = given.study.outcomes
    untimed = [o.name for o in outcomes if not (o.encounters or o.time_frame or o.horizon)]
    undefined = [o.name for o in outcomes if not (o.measure or o.method or o.definition)]
    counts = [
        count_of(sum(o.level == level for o in outcomes), f"{level} outcome")
        for level in ("primary", "secondary")
    ]
    return Told(
        found=tell(Part(listed(counts), "outcomes")).found,
        lacks=(
            *lacking(untimed, f"a time point of {first_of(untimed, between=', ')}"),
            *lacking(undefined, f"a variable or method of {first_of(undefined, between=', ')}"),
        ),
    )


def _find_harms_planned(given: ReportInput) -> Told:
    plan = given.study.safety
    if plan is None:
        return Told(lacks=("how harms were defined and looked for",))
    return tell(
        Part(first_of(plan.prespecified_events or plan.terms, most=3), "safety", "the events watched for"),
        Part(plan.grading, "safety.grading", "grading"),
        Part(plan.coding, "safety.coding", "coding"),
        Part(plan.collection_window, "safety.collection_window", "the period of collection"),
    )


def _find_size(given: ReportInput) -> Told:
    size, plan = given.study.design.planned_size, given.study.statistical_design
    return tell(
        Part(size and f"{size} planned", "design.planned_size", "the planned number"),
        Part(
            plan and plan.size_rationale, "statistical_design.size_rationale", "how the number was arrived at"
        ),
    )


def _find_stopping(given: ReportInput) -> Told:
    plan, safety = given.study.statistical_design, given.study.safety
    return tell(
        Part(
            plan and plan.interim_analyses,
            "statistical_design.interim_analyses",
            "interim analyses, or that there were none",
        ),
        Part(
            name_some((safety and safety.stopping_rules) or ()), "safety.stopping_rules", "rules for stopping"
        ),
    )


def _find_sequence(given: ReportInput) -> Told:
    plan = given.study.randomisation
    return tell(
        Part(plan and plan.generated_by, "randomisation.generated_by", "who made the sequence"),
        Part(plan and plan.generated_with, "randomisation.generated_with", "with what it was made"),
    )


def _find_restriction(given: ReportInput) -> Told:
    plan = given.study.randomisation
    blocks = plan and plan.block_sizes and f"blocks of {listed([str(size) for size in plan.block_sizes])}"
    strata = plan and plan.strata and f"strata {listed([stratum.name for stratum in plan.strata])}"
    return tell(
        Part(plan and plan.method, "randomisation.method", "kind of randomisation"),
        Part(blocks, "randomisation.block_sizes", "block sizes"),
        Part(strata, "randomisation.strata", "strata, or that there were none"),
    )


def _find_concealment(given: ReportInput) -> Told:
    plan = given.study.randomisation
    return tell(
        Part(plan and plan.concealment, "randomisation.concealment", "how the sequence was concealed")
    )


def _find_implementation(given: ReportInput) -> Told:
    plan = given.study.randomisation
    return tell(
        Part(plan and plan.enrolled_by, "randomisation.enrolled_by", "who enrolled"),
        Part(plan and plan.assigned_by, "randomisation.assigned_by", "who assigned"),
    )


def _find_masked(given: ReportInput) -> Told:
    plan = given.study.blinding
    if plan is None:
        return Told(lacks=("who was blinded, or that nobody was",))
    if plan.label == "open label":
        return tell(Part("open label: nobody was blinded", "blinding.label"))
    return tell(Part(listed(plan.masked_roles), "blinding.masked_roles", "the roles that were blinded"))


def _find_masking(given: ReportInput) -> Told:
    plan = given.study.blinding
    return tell(Part(plan and plan.method, "blinding.method", "how blinding was done"))


def _find_analyses(given: ReportInput) -> Told:
    return _of_analyses(given, "the method", lambda analysis: analysis.method)


def _find_populations(given: ReportInput) -> Told:
    names = {population.id: population.name for population in given.study.analysis_populations}
    return _of_analyses(given, "the population", lambda analysis: names.get(analysis.population or ""))


def _find_missing(given: ReportInput) -> Told:
    return _of_analyses(given, "the rule for missing values", lambda analysis: analysis.missing_data)


def _of_analyses(given: ReportInput, what: str, tells: Callable[[Analysis], str | None]) -> Told:
    """What the planned analyses tell, in how many of them, and how many tell nothing."""
    analyses = given.study.analyses
    if not analyses:
        return Told(lacks=("any planned analysis",))
    texts = [text for analysis in analyses if (text := tells(analysis))]
    silent = len(analyses) - len(texts)
    of_all = f"{len(texts)} of {count_of(len(analyses), 'analysis', 'analyses')}"
    shown = texts and f"{first_of(list(dict.fromkeys(texts)))}, in {of_all}"
    return Told(
        found=tell(Part(shown, "analyses")).found,
        lacks=lacking(silent, f"{what} of {count_of(silent, 'analysis', 'analyses')}"),
    )


def _in_words(field: str) -> Callable[[ReportInput], Told]:
    """A finder for what only the words of the protocol hold; where it has none, the publication may tell it."""

    def find(given: ReportInput) -> Told:
        text = getattr(given.study.protocol, field)
        told = name_some(text) if isinstance(text, tuple) else text
        path = f"protocol.{field}"
        return tell(Part(told, path)) if told else Told(not_held=f"To be read in the publication; no {path}.")

    return find


PLANNED: Mapping[str, Callable[[ReportInput], Told]] = {
    "design": _find_design,
    "changes": _find_changes,
    "setting": _find_setting,
    "eligibility": _find_eligibility,
    "interventions": _find_interventions,
    "outcomes": _find_outcomes,
    "harms_planned": _find_harms_planned,
    "size": _find_size,
    "stopping": _find_stopping,
    "sequence": _find_sequence,
    "restriction": _find_restriction,
    "concealment": _find_concealment,
    "implementation": _find_implementation,
    "masked": _find_masked,
    "masking": _find_masking,
    "analyses": _find_analyses,
    "populations": _find_populations,
    "missing": _find_missing,
    "background": _in_words("background"),
    "conflicts": _in_words("conflicts"),
    "public_involvement": _in_words("public_involvement"),
    "provider_eligibility": _in_words("provider_eligibility"),
    "additional_analyses": _in_words("additional_analyses"),
}
