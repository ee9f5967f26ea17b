"""What a study file states and IRCT's form has no field for."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.errors import Place
from exotrial.registries.irct_words import find_registration
from exotrial.registries.record import Loss
from exotrial.registries.study_leaves import Leaf, derive_leaves
from exotrial.study.definition import Study

_HELD = frozenset(
    {
        *("title", "public_title", "acronym", "objectives.text", "design.settings", "design.planned_size"),
        *(
            "design.enrolled",
            "design.phase",
            "design.intervention_model",
            "design.allocation",
            "design.purpose",
        ),
        *(
            "design.other_features",
            "blinding.label",
            "blinding.masked_roles",
            "blinding.method",
            "blinding.placebo",
        ),
        *("population.age_min", "population.age_max", "population.sex", "population.criteria.category"),
        *("population.criteria.text", "recruitment.planned_start", "recruitment.planned_end"),
        *(
            "recruitment.actual_start",
            "recruitment.actual_end",
            "recruitment.completion",
            "recruitment.status",
        ),
        *("ethics.committee", "ethics.reference", "ethics.approved", "ethics.city", "ethics.country"),
        *("conditions.name", "conditions.icd10", "conditions.icd10_text", "outcomes.name", "outcomes.method"),
        *("outcomes.level", "arms.name", "arms.description", "sites.name", "sites.city", "sites.country"),
        *("sharing.participant_data", "sharing.protocol", "sharing.analysis_plan", "sharing.consent_form"),
        *("sharing.study_report", "sharing.analytic_code", "sharing.data_dictionary", "sharing.description"),
        *(
            "sharing.starts",
            "sharing.audience",
            "sharing.restricted_to",
            "sharing.repository",
            "sharing.process",
        ),
        *(
            "randomisation.method",
            "randomisation.ratio",
            "randomisation.block_sizes",
            "randomisation.block_choice",
        ),
        *("randomisation.factor", "randomisation.strata.name", "randomisation.strata.definition"),
        *("randomisation.generated_by", "randomisation.generated_with", "randomisation.enrolled_by"),
        *("randomisation.assigned_by", "randomisation.concealment", "randomisation.envelope_kept_by"),
        *("randomisation.envelope_properties", "randomisation.assignment_order", "secondary_ids"),
        *("funding.organisation", "funding.share", "funding.origin", "registrations.identifier"),
        *("interventions.registered_category", "contacts.role", "contacts.organisation"),
    }
)
_OF_OUR_OWN = frozenset({"schema_version", "id", "version", "synthetic", "documents", "evidence"})
"""What the study file says of itself; no register asks for it."""


def find_losses(study: Study) -> Iterator[Loss]:
    """What stands in the study file and in no field: one loss for each kind of part, with its first words."""
    own = find_registration(study)
    registered = f"registrations.{study.registrations.index(own)}." if own else None
    funding = {one.organisation for one in study.funding}
    paying = {one.id for one in study.organisations if "sponsor" in one.roles or one.id in funding}
    first: dict[str, Leaf] = {}
    for leaf in derive_leaves(study):
        if (
            leaf.kind.split(".")[0] in _OF_OUR_OWN
            or leaf.kind.endswith(".id")
            or leaf.kind in _HELD - _AT_TIMES
        ):
            continue
        if not _is_held(study, leaf, registered, paying):
            first.setdefault(".".join(leaf.kind.split(".")[:2]), leaf)
    for item, leaf in first.items():
        why = "IRCT's form has no field for it"
        yield Loss(item=item, prints=leaf.words[:120], why=why, place=Place(path=leaf.path))


_AT_TIMES = frozenset(
    {"outcomes.level", "design.phase", "blinding.label", "contacts.role", "contacts.organisation"}
)
_OF_THE_REGISTRATION = frozenset(
    {"registry", "registered", "timing_label", "last_updated", "update_count", "reason_for_update", "status"}
)
_ASKED = frozenset({"registrant", "public inquiries", "scientific inquiries", "data updates"})
_OF_ORGANISATIONS = frozenset({"name", "roles", "city", "country", "sector", "kind"})


def _is_held(study: Study, leaf: Leaf, registered: str | None, paying: set[str]) -> bool:
    """Whether a value that some studies can enter and others cannot stands in the form for this one."""
    whole, field = leaf.path.split("."), leaf.kind.rpartition(".")[2]
    if leaf.kind.startswith("registrations."):
        return registered is not None and leaf.path.startswith(registered) and field in _OF_THE_REGISTRATION
    if leaf.kind.startswith("organisations."):
        return whole[1] in paying and field in _OF_ORGANISATIONS
    if leaf.kind.startswith("contacts."):
        return field in {"role", "organisation"} and study.contacts[int(whole[1])].role in _ASKED
    if leaf.kind in {"outcomes.time_frame", "outcomes.encounters", "outcomes.horizon"}:
        outcome = next(one for one in study.outcomes if one.id == whole[1])
        printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
        return field == printed
    told = {"outcomes.level": {"primary", "secondary"}, "blinding.label": set(_IRCT_LABELS)}
    if leaf.kind == "design.phase":
        return leaf.words[0].isdigit()
    return leaf.words in told.get(leaf.kind, ())


_IRCT_LABELS = ("open label", "single blind", "double blind", "triple blind")
"""The form knows no quadruple blinding."""
