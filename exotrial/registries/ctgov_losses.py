"""What a study file states and ClinicalTrials.gov's protocol section has no place for."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.registries import ctgov_words as words
from exotrial.registries.form_losses import derive_form_losses
from exotrial.registries.record import Loss
from exotrial.registries.study_leaves import Leaf
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Registration

_WHY = "ClinicalTrials.gov has no field for it"
_HELD = frozenset(
    {
        *("title", "public_title", "acronym", "secondary_ids", "conditions.name", "design.purpose"),
        *("blinding.label", "blinding.method", "population.age_min", "population.age_max", "population.sex"),
        *("population.healthy_volunteers", "population.criteria.category", "population.criteria.text"),
        *("arms.name", "arms.description", "arms.interventions", "interventions.name"),
        *("interventions.description", "outcomes.name", "outcomes.method", "recruitment.actual_start"),
        *("recruitment.completion", "sites.name", "sites.city", "sites.country", "sharing.description"),
        *("sharing.protocol", "sharing.analysis_plan", "sharing.consent_form", "sharing.study_report"),
        *("sharing.analytic_code", "sharing.starts", "sharing.audience", "sharing.participant_data"),
    }
)
_FALSE = frozenset({"protocol", "analysis_plan", "consent_form", "study_report", "analytic_code"})
"""Documents of which the register lists those that are shared and leaves the others out."""
_MASKED = {"single blind": 1, "double blind": 2, "triple blind": 3, "quadruple blind": 4}


def derive_ctgov_losses(
    study: Study, nct: Registration | None, *, status: str | None, types: dict[str, str | None]
) -> Iterator[Loss]:
    """One loss for each part of which the form cannot hold a value, and one for a masking that the register counts.

    `status`: the register's word that is written; `types`: the register's word for each intervention's type.
    """
    yield from derive_form_losses(study, lambda leaf: _is_held(study, nct, leaf, status, types), why=_WHY)
    blinding = study.blinding
    if blinding is None or blinding.label not in _MASKED:
        return
    roles = [role for role in blinding.masked_roles if role in words.ROLES.values()]
    if roles and len(roles) != _MASKED[blinding.label]:
        yield Loss(
            item="blinding.label",
            prints=f"{blinding.label}: {', '.join(roles)}",
            why=f"the register names a masking by how many of its four roles are masked, here {len(roles)}",
        )


def _is_held(
    study: Study, nct: Registration | None, leaf: Leaf, status: str | None, types: dict[str, str | None]
) -> bool:
    """Whether a value stands in the form; some do for one study and not for another."""
    room, _, name = leaf.kind.partition(".")
    entry = leaf.path.split(".")
    if room == "sharing" and name in _FALSE:
        return leaf.words == "True"
    if leaf.kind in _HELD:
        return True
    if room == "registrations":
        return _holds_registration(study, nct, study.registrations[int(entry[1])], name, status)
    if room == "interventions":
        word = types.get(entry[1])
        if name == "kind":
            return word is not None and words.INTERVENTIONS[word] == leaf.words
        return (
            name == "registered_category"
            and word is not None
            and words.INTERVENTIONS[word].casefold() == leaf.words.casefold()
        )
    if room == "organisations":
        return name == "name" and any(
            one.id == entry[1] and "sponsor" in one.roles for one in study.organisations
        )
    if room == "outcomes":
        return _holds_outcome(study, entry[1], name)
    own_words = {
        "arms.kind": words.ARMS.values(),
        "design.allocation": words.ALLOCATIONS.values(),
        "design.intervention_model": words.MODELS.values(),
        "design.phase": words.PHASES.values(),
    }
    if leaf.kind in own_words:
        return leaf.words in own_words[leaf.kind] or leaf.words == "not stated"
    if leaf.kind == "blinding.masked_roles":
        return "data analyst" not in leaf.words
    if leaf.kind == "design.planned_size":
        return study.design.enrolled is None
    if leaf.kind == "recruitment.planned_start":
        return study.recruitment.actual_start is None
    if leaf.kind == "recruitment.status":
        return status is not None
    if leaf.kind == "sharing.repository":
        return leaf.words.startswith("http")
    return leaf.kind == "design.enrolled"


def _holds_outcome(study: Study, made: str, name: str) -> bool:
    outcome = next(one for one in study.outcomes if one.id == made)
    printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
    return name == printed or (name == "level" and outcome.level != "safety")


def _holds_registration(
    study: Study, nct: Registration | None, one: Registration, name: str, status: str | None
) -> bool:
    if one is not nct:
        return name in ("identifier", "registry")
    recruitment = study.recruitment
    started = recruitment.actual_start or recruitment.planned_start
    sponsor = next((found.name for found in study.organisations if "sponsor" in found.roles), None)
    same = {
        "first_enrolment": started is None or started == one.first_enrolment,
        "completion": recruitment.completion in (None, one.completion),
        "status": status is not None and recruitment.status in (None, one.status),
        "sponsor": sponsor == one.sponsor,
        "sites": tuple(site.name for site in study.sites) == one.sites,
        "target_size": study.design.enrolled is None and study.design.planned_size == one.target_size,
    }
    return same.get(name, name in ("identifier", "registry", "registered", "last_updated"))
