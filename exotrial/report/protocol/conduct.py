"""Items 21 to 34 of SPIRIT 2025: assignment, data, analysis, monitoring and ethics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.core.quantities import format_quantity
from exotrial.report.document import Column, Table
from exotrial.report.protocol.filled import Filled, Line, declared, fill, join
from exotrial.report.wording import listed
from exotrial.study.definition import Study
from exotrial.study.definition.design import Randomisation

_NOT_RANDOMISED = Filled(not_applicable="Not applicable: participants are not assigned at random.")
_OPEN = Filled(not_applicable="Not applicable: nobody is blinded.")
_UNKNOWN = Filled(not_applicable="Applies where item 24a says that somebody is blinded.")


def _sequence(study: Study) -> Filled:
    if study.design.allocation != "randomised":
        return _NOT_RANDOMISED
    plan = study.randomisation
    return fill(
        Line("Made by", plan and plan.generated_by, "who makes the sequence (randomisation.generated_by)"),
        Line(
            "Made with", plan and plan.generated_with, "with what it is made (randomisation.generated_with)"
        ),
    )


def _restriction(study: Study) -> Filled:
    """The type and the strata. Block sizes are left out: who enrols must not be able to foresee an assignment."""
    if study.design.allocation != "randomised":
        return _NOT_RANDOMISED
    plan = study.randomisation
    if plan is None:
        return Filled(missing=("the type of randomisation ([randomisation])",))
    stratified = plan.method == "stratified permuted blocks"
    return fill(
        Line("Type", plan.method),
        Line(
            "Factor", plan.factor, "the factor of stratification (randomisation.factor)" if stratified else ""
        ),
        Line("Strata", _strata(plan), "the strata ([[randomisation.strata]])" if stratified else ""),
        Line(
            "Restrictions",
            "block sizes and their order stand in a separate document, which those who enrol or assign do not see"
            if "blocks" in plan.method
            else None,
        ),
    )


def _strata(plan: Randomisation) -> str:
    return "; ".join(f"{stratum.name} ({stratum.definition.rstrip('.')})" for stratum in plan.strata)


def _concealment(study: Study) -> Filled:
    if study.design.allocation != "randomised":
        return _NOT_RANDOMISED
    plan = study.randomisation
    return fill(
        Line("How", plan and plan.concealment, "how the sequence is concealed (randomisation.concealment)"),
        Line("Envelopes", listed(plan.envelope_properties) if plan else None),
        Line("Kept by", plan and plan.envelope_kept_by),
    )


def _implementation(study: Study) -> Filled:
    if study.design.allocation != "randomised":
        return _NOT_RANDOMISED
    plan = study.randomisation
    return fill(
        Line("Enrolled by", plan and plan.enrolled_by, "who enrols (randomisation.enrolled_by)"),
        Line("Assigned by", plan and plan.assigned_by, "who assigns (randomisation.assigned_by)"),
        Line(
            "Access to the sequence",
            study.protocol.sequence_access,
            "whether either can see the sequence (protocol.sequence_access)",
        ),
    )


def _masked(study: Study) -> Filled:
    plan = study.blinding
    if plan is None:
        return Filled(missing=("who is blinded, or that nobody is ([blinding])",))
    if plan.label == "open label":
        return fill(Line("", "Open label: nobody is blinded"))
    return fill(
        Line("Label", plan.label),
        Line("Blinded", listed(plan.masked_roles), "the roles that are blinded (blinding.masked_roles)"),
    )


def _masking(study: Study) -> Filled:
    plan = study.blinding
    if plan is None or plan.label == "open label":
        return _UNKNOWN if plan is None else _OPEN
    return fill(
        Line(
            "How", plan.method, "how blinding is done and how alike the interventions are (blinding.method)"
        ),
        Line("Placebo", "a placebo is given" if plan.placebo else None),
    )


def _unblinding(study: Study) -> Filled:
    plan = study.blinding
    if plan is None or plan.label == "open label":
        return _UNKNOWN if plan is None else _OPEN
    rule = plan.unblinding
    return fill(
        Line(
            "When", rule and rule.trigger, "when an assignment may be revealed (blinding.unblinding.trigger)"
        ),
        Line("By whom", rule and rule.actor, "who reveals it (blinding.unblinding.actor)"),
        Line("Recorded", rule and rule.record, "how it is recorded (blinding.unblinding.record)"),
    )


def _collection(study: Study) -> Filled:
    imaging = study.imaging
    reading = imaging and "; ".join(
        part for part in (imaging.modality, imaging.device, imaging.reading, imaging.readers) if part
    )
    samples = "; ".join(
        ", ".join(
            part
            for part in (
                sample.name,
                sample.assay,
                f"kept at {format_quantity(sample.temperature)}" if sample.temperature else "",
                f"for {format_quantity(sample.kept_for)}" if sample.kept_for else "",
            )
            if part
        )
        for sample in study.samples
    )
    instruments = "; ".join(
        dict.fromkeys(f"{o.name}: {o.instrument}" for o in study.outcomes if o.instrument)
    )
    absent = "how good data are made sure of, and where the forms are (protocol.data_quality)"
    return fill(
        Line("Outcomes", "measured as item 16 tells, at the visits of item 18"),
        Line("Instruments", instruments),
        Line("Images", reading),
        Line("Samples", samples),
        Line("Quality", study.protocol.data_quality, absent),
    )


def _retention(study: Study) -> Filled:
    absent = "how participants are kept, and what is recorded of one who stops (protocol.retention)"
    return fill(Line("", study.protocol.retention, absent))


def _data_management(study: Study) -> Filled:
    twice = study.data_entry.double_entry
    return fill(
        Line(
            "",
            study.protocol.data_management,
            "entry, coding, security and storage (protocol.data_management)",
        ),
        Line("Keyed by two people independently", listed(twice)),
    )


def _analyses(study: Study) -> Filled:
    if not study.analyses:
        return Filled(missing=("the statistical methods ([[analyses]])",))
    names = {outcome.id: outcome.name for outcome in study.outcomes}
    table = Table(
        id="analyses",
        title="Planned analyses",
        columns=(
            Column(key="variable", head="Variable", width=0.26),
            Column(key="comparison", head="Comparison", width=0.18),
            Column(key="method", head="Method", width=0.36),
            Column(key="level", head="Level", width=0.2),
        ),
        rows=tuple(
            (
                names.get(analysis.variable or "", analysis.variables),
                analysis.comparison,
                analysis.method or "Missing",
                ", ".join(
                    part
                    for part in (
                        f"{analysis.level:g}" if analysis.level is not None else "",
                        {1: "one-sided", 2: "two-sided"}.get(analysis.sides or 0, ""),
                    )
                    if part
                ),
            )
            for analysis in study.analyses
        ),
    )
    nameless = [_subject(study, position) for position, one in enumerate(study.analyses) if not one.method]
    families = any(analysis.variable is None for analysis in study.analyses)
    analysed = {analysis.variable for analysis in study.analyses}
    left = [
        outcome.name
        for outcome in study.outcomes
        if outcome.level in ("primary", "secondary", "safety") and outcome.id not in analysed and not families
    ]
    return Filled(
        blocks=(table,),
        missing=(
            *((f"the method for {listed(nameless)} (analyses method)",) if nameless else ()),
            *((f"an analysis of {listed(left)} ([[analyses]])",) if left else ()),
        ),
    )


def _subject(study: Study, position: int) -> str:
    analysis = study.analyses[position]
    names = {outcome.id: outcome.name for outcome in study.outcomes}
    return names.get(analysis.variable or "", analysis.variables or analysis.id)


def _populations(study: Study) -> Filled:
    if not study.analyses:
        return Filled(missing=("who enters the analyses ([[analyses]], [[analysis_populations]])",))
    defined = fill(*(Line(one.name, one.definition) for one in study.analysis_populations))
    open_ = [
        _subject(study, position) for position, one in enumerate(study.analyses) if one.population is None
    ]
    absent = f"who enters the analysis of {listed(open_)} (analyses population)"
    return join(defined, Filled(missing=(absent,) if open_ else ()))


def _missing_data(study: Study) -> Filled:
    if not study.analyses:
        return Filled(missing=("what is done about missing values (analyses missing_data)",))
    told: dict[str, list[str]] = {}
    open_ = []
    for position, analysis in enumerate(study.analyses):
        if analysis.missing_data:
            told.setdefault(analysis.missing_data, []).append(_subject(study, position))
        else:
            open_.append(_subject(study, position))
    absent = f"what is done about missing values of {listed(open_)} (analyses missing_data)"
    return join(
        fill(*(Line(listed(list(dict.fromkeys(subjects))), text) for text, subjects in told.items())),
        Filled(missing=(absent,) if open_ else ()),
    )


def _additional(study: Study) -> Filled:
    text = study.protocol.additional_analyses
    return fill(
        Line(
            "",
            text,
            "subgroup and sensitivity analyses, or that there are none (protocol.additional_analyses)",
        )
    )


def _committee(study: Study) -> Filled:
    plan = study.safety
    if plan is not None and plan.no_committee_reason and not plan.monitoring_committee:
        return fill(Line("No committee", plan.no_committee_reason))
    absent = "the committee, or why there is none (safety.monitoring_committee or no_committee_reason)"
    return fill(Line("", plan and plan.monitoring_committee, absent))


def _stopping(study: Study) -> Filled:
    plan, safety = study.statistical_design, study.safety
    return fill(
        Line(
            "Interim analyses",
            plan and plan.interim_analyses,
            "interim analyses, who sees them, or that there are none (statistical_design.interim_analyses)",
        ),
        Line(
            "Stopping rules",
            declared(safety.stopping_rules) if safety else None,
            "rules for stopping and who decides, or none (safety.stopping_rules)",
        ),
        Line("To the next stage", "; ".join(study.design.progression_criteria or ())),
    )


def _monitoring(study: Study) -> Filled:
    return fill(
        Line("", study.protocol.monitoring, "how conduct is monitored, or why not (protocol.monitoring)")
    )


def _approval(study: Study) -> Filled:
    if not study.ethics:
        return Filled(missing=("the committee that is asked or has approved ([[ethics]])",))
    lines = []
    for decision in study.ethics:
        dated = f"approved {decision.approved}" if decision.approved else "approval not dated"
        place = (decision.committee, decision.city, decision.country, decision.reference, dated)
        lines.append(Line("", ", ".join(part for part in place if part)))
    return fill(*lines)


def _amendments(study: Study) -> Filled:
    return fill(
        Line("", study.protocol.amendments, "how and to whom changes are made known (protocol.amendments)")
    )


def _consent(study: Study) -> Filled:
    plan = study.consent
    form = {True: "in writing", False: "not in writing", None: None}[plan.written if plan else None]
    return fill(
        Line("Obtained by", plan and plan.obtained_by, "who obtains consent (consent.obtained_by)"),
        Line(
            "Given by",
            listed(plan.from_whom, word="or") if plan else None,
            "who consents (consent.from_whom)",
        ),
        Line("How", plan and plan.process, "how consent is obtained (consent.process)"),
        Line("Form", form),
        Line("Languages", listed(plan.languages) if plan else None),
    )


def _ancillary(study: Study) -> Filled:
    absent = "consent to further use of data and samples, or that there is none (protocol.ancillary_consent)"
    return fill(Line("", study.protocol.ancillary_consent, absent))


def _confidentiality(study: Study) -> Filled:
    plan = study.sharing
    return fill(
        Line(
            "", study.protocol.confidentiality, "how personal data are protected (protocol.confidentiality)"
        ),
        Line("De-identification before sharing", plan and plan.deidentification_method),
        Line("Risk accepted", plan and plan.risk_threshold),
    )


def _post_trial(study: Study) -> Filled:
    absent = "care after the trial and compensation for harm (protocol.post_trial_care)"
    return fill(Line("", study.protocol.post_trial_care, absent))


FILLERS: Mapping[str, Callable[[Study], Filled]] = {
    "21a": _sequence,
    "21b": _restriction,
    "22": _concealment,
    "23": _implementation,
    "24a": _masked,
    "24b": _masking,
    "24c": _unblinding,
    "25a": _collection,
    "25b": _retention,
    "26": _data_management,
    "27a": _analyses,
    "27b": _populations,
    "27c": _missing_data,
    "27d": _additional,
    "28a": _committee,
    "28b": _stopping,
    "29": _monitoring,
    "30": _approval,
    "31": _amendments,
    "32a": _consent,
    "32b": _ancillary,
    "33": _confidentiality,
    "34": _post_trial,
}
