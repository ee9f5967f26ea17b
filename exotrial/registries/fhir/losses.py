"""What a study file states and a ResearchStudy of FHIR R5 has no element for."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.registries.fhir.parts import list_referred, tell_intervention, tell_outcome
from exotrial.registries.form_losses import derive_form_losses
from exotrial.registries.ictrp_words import list_sponsors
from exotrial.registries.record import Loss
from exotrial.registries.study_leaves import Leaf
from exotrial.study.definition import Study

TOLD_IN_NOTES = {
    "design": "Design",
    "randomisation": "Randomisation",
    "blinding": "Blinding",
    "sharing": "Sharing of data",
}
"""Parts that FHIR codes in words of its own or not at all, told as notes under a heading."""

_IN_ELEMENTS = frozenset(
    {
        *("title", "public_title", "acronym", "secondary_ids", "registrations.identifier"),
        *("registrations.registry", "registrations.registered", "conditions.name", "conditions.icd10"),
        *("design.phase", "design.intervention_model", "design.allocation", "design.purpose"),
        *("design.framework", "design.planned_size", "design.enrolled", "randomisation.method"),
        *("blinding.label", "blinding.masked_roles", "organisations.name", "organisations.roles"),
        *("organisations.kind", "organisations.sector", "funding.organisation", "ethics.committee"),
        *("ethics.approved", "sites.name", "sites.city", "sites.country", "objectives.level"),
        *("objectives.text", "arms.name", "arms.kind", "arms.description", "arms.interventions", "arms.size"),
        *("population.age_min", "population.age_max", "population.criteria.category"),
        *("population.criteria.text", "outcomes.name", "outcomes.level", "recruitment.status"),
        *("recruitment.planned_start", "recruitment.planned_end", "recruitment.actual_start"),
        *("recruitment.actual_end", "recruitment.conducted_from", "recruitment.conducted_to"),
        *("recruitment.completion",),
    }
)
_WHY = "FHIR's ResearchStudy has no element for it"


def derive_fhir_losses(study: Study) -> Iterator[Loss]:
    """One loss for each kind of part of which a value stands nowhere in the resource."""
    told = {leaf.path for one in list_referred(study) for leaf in tell_intervention(study, one)}
    told |= {leaf.path for one in study.outcomes for leaf in tell_outcome(study, one)}
    names = {one.id: one.name for one in list_referred(study)}

    def is_held(leaf: Leaf) -> bool:
        if leaf.kind in _IN_ELEMENTS or leaf.path in told or is_told(leaf):
            return True
        if leaf.kind == "interventions.name":
            return leaf.path.split(".")[1] in names
        return _is_held_at_times(study, leaf)

    yield from derive_form_losses(study, is_held, why=_WHY)


def is_told(leaf: Leaf) -> bool:
    """Whether a note tells it: what no element holds of a part that has a note, executable rules apart."""
    room = leaf.kind.split(".")[0]
    if room not in TOLD_IN_NOTES or leaf.kind in _IN_ELEMENTS:
        return False
    return not leaf.kind.endswith(".id") and ".rule." not in f"{leaf.kind}."


def _is_held_at_times(study: Study, leaf: Leaf) -> bool:
    """Whether a value that some studies can say in FHIR and others cannot is said for this one."""
    where, name = leaf.path.split("."), leaf.kind.rpartition(".")[2]
    if leaf.kind == "population.sex":
        return study.population.sex in ("female", "male")
    if leaf.kind == "registrations.sponsor":
        return leaf.words in list_sponsors(study)
    if leaf.kind == "organisations.country":
        return any(one.id == where[1] and "site" in one.roles for one in study.organisations)
    if leaf.kind.startswith("contacts."):
        contact = study.contacts[int(where[1])]
        return name in ("role", "organisation") and contact.organisation is not None
    if leaf.kind in ("outcomes.time_frame", "outcomes.encounters", "outcomes.horizon"):
        outcome = next(one for one in study.outcomes if one.id == where[1])
        printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
        return name == printed
    return False
