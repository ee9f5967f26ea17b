"""What a study file states and ChiCTR's form does not ask for."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.identifiers import guess_registry
from exotrial.registries.form_losses import derive_form_losses
from exotrial.registries.record import Loss
from exotrial.registries.study_leaves import Leaf
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Contact, Registration

PHASES = {"1": "I", "1-2": "I+II", "2": "II", "2-3": "II+III", "3": "III", "pilot": "Pilot study"}
"""The form's phases; it has none for 2a."""


def find_own(study: Study) -> Registration | None:
    """The study's registration at ChiCTR."""
    return next((one for one in study.registrations if guess_registry(one.identifier) == "chictr"), None)


def find_leader(study: Study) -> Contact | None:
    """The study leader, as the one who answers scientific inquiries."""
    return next((one for one in study.contacts if one.role == "scientific inquiries"), None)


def find_applicant(study: Study) -> Contact | None:
    """The one who registers."""
    return next((one for one in study.contacts if one.role == "registrant"), None)


_HELD = frozenset(
    {
        *("title", "public_title", "acronym", "secondary_ids", "objectives.text", "design.planned_size"),
        *("ethics.committee", "ethics.reference", "ethics.approved", "ethics.city", "ethics.country"),
        *("conditions.name", "conditions.icd10", "funding.organisation", "design.intervention_model"),
        *("sites.name", "sites.city", "sites.country", "recruitment.conducted_from"),
        *("recruitment.conducted_to", "recruitment.actual_start", "recruitment.actual_end"),
        *("recruitment.status", "arms.name", "arms.size", "arms.description", "arms.interventions"),
        *("interventions.name", "interventions.description", "interventions.route", "interventions.device"),
        *("interventions.vehicle", "interventions.volume", "interventions.dose.amount"),
        *("interventions.dose.per", "interventions.schedule.times_per_day", "interventions.schedule.days"),
        *("interventions.schedule.duration_each", "outcomes.name", "outcomes.level", "outcomes.method"),
        *("samples.name", "samples.assay", "samples.kept_for", "population.age_min", "population.age_max"),
        *("population.sex", "population.criteria.category", "population.criteria.text"),
        *("blinding.label", "blinding.masked_roles", "blinding.method", "consent.written"),
        *("randomisation.method", "randomisation.ratio", "randomisation.block_sizes"),
        *("randomisation.block_choice", "randomisation.factor", "randomisation.strata.name"),
        *("randomisation.strata.definition", "randomisation.generated_by", "randomisation.generated_with"),
        *("randomisation.enrolled_by", "randomisation.assigned_by", "randomisation.concealment"),
        *("randomisation.envelope_kept_by", "randomisation.envelope_properties"),
        *("randomisation.assignment_order", "analyses.method", "safety.monitoring_committee"),
        *("sharing.participant_data", "sharing.description", "sharing.starts", "sharing.repository"),
        *("sharing.process",),
    }
)
_OF_THE_REGISTRATION = frozenset({"identifier", "registered", "last_updated", "timing_label"})


def find_chictr_losses(study: Study) -> Iterator[Loss]:
    """What stands in the study file and under no heading: one loss for each kind of part, with its first words."""
    why = "ChiCTR's form does not ask for it"
    yield from derive_form_losses(study, lambda leaf: _is_held(study, leaf), why=why)


def _is_held(study: Study, leaf: Leaf) -> bool:
    """Whether a value stands under a heading; some do for one study and not for another."""
    if leaf.kind in _HELD:
        return True
    room, entry, name = leaf.kind.split(".")[0], leaf.path.split("."), leaf.kind.rpartition(".")[2]
    sponsors = [one for one in study.organisations if "sponsor" in one.roles]
    if room == "registrations":
        one, own = study.registrations[int(entry[1])], find_own(study)
        if one is not own:
            return name == "identifier"
        status = name == "status" and study.recruitment.status in (None, one.status)
        return name in _OF_THE_REGISTRATION or status or (name == "sponsor" and not sponsors)
    if room == "organisations":
        funds = {one.organisation for one in study.funding}
        sponsored = entry[1] in {one.id for one in sponsors}
        return (name == "name" and (sponsored or entry[1] in funds)) or (
            sponsored and name in ("city", "country")
        )
    if room == "contacts":
        one_of = (find_leader(study), find_applicant(study))
        return name in ("role", "organisation") and study.contacts[int(entry[1])] in one_of
    if leaf.kind in ("outcomes.time_frame", "outcomes.encounters", "outcomes.horizon"):
        outcome = next(one for one in study.outcomes if one.id == entry[1])
        printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
        return name == printed
    if leaf.kind in ("recruitment.planned_start", "recruitment.planned_end"):
        return getattr(study.recruitment, name.replace("planned", "actual")) is None
    if leaf.kind == "interventions.registered_category":
        return any(entry[1] in arm.interventions for arm in study.arms)
    if leaf.kind == "design.allocation":
        # The form knows allocation by the design's name only: a parallel control that is randomised or is not.
        return study.design.intervention_model == "parallel" or leaf.words == "not applicable"
    return leaf.kind == "design.phase" and leaf.words in PHASES
