"""Items 21 to 24 of SPIRIT 2025: how participants are assigned, and who does not know to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.report.protocol.filled import Filled, Line, fill
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
            "left out of this document: they belong into one that those who enrol or assign do not see"
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


FILLERS: Mapping[str, Callable[[Study], Filled]] = {
    "21a": _sequence,
    "21b": _restriction,
    "22": _concealment,
    "23": _implementation,
    "24a": _masked,
    "24b": _masking,
    "24c": _unblinding,
}
