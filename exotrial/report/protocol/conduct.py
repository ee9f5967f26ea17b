"""Items 25 to 34 of SPIRIT 2025: data, analysis, monitoring and ethics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.core.quantities import format_quantity
from exotrial.report.document import Column, Table
from exotrial.report.protocol.filled import Filled, Line, declared, fill, join
from exotrial.report.protocol.words import find_analyses, tell_duration
from exotrial.report.wording import listed
from exotrial.study.definition import Study


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
                f"for {tell_duration(sample.kept_for)}" if sample.kept_for else "",
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
    left = [
        outcome.name
        for outcome in study.outcomes
        if outcome.level in ("primary", "secondary", "safety") and not find_analyses(study, outcome)
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
