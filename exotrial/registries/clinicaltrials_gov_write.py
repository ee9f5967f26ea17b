"""Writer of a study as the protocol section of ClinicalTrials.gov's API v2.

The words of the study file that the register's lists lack are left out and named; what is longer than the register
takes is written whole and named, for a person to shorten; what the register asks for and the study file does not
state is named too. People are named nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from exotrial.core.errors import Place
from exotrial.core.identifiers import guess_registry
from exotrial.registries import ctgov_words as words
from exotrial.registries.ctgov_losses import derive_ctgov_losses
from exotrial.registries.irct_words import write_time_points
from exotrial.registries.record import Loss
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.study.definition import Study
from exotrial.study.definition.base import Part
from exotrial.study.definition.design import Arm
from exotrial.study.definition.identity import Registration
from exotrial.study.definition.intervention import Intervention
from exotrial.study.definition.plan import Outcome

_STATUSES = {shown.casefold(): word for word, shown in words.STATUSES.items()}
_MODELS = {ours: word for word, ours in words.MODELS.items()}
_ALLOCATIONS = {ours: word for word, ours in words.ALLOCATIONS.items()}
_PURPOSES = {ours: word for word, ours in words.PURPOSES.items()}
_MASKINGS = {ours: word for word, ours in words.MASKINGS.items()}
_ROLES = {ours: word for word, ours in words.ROLES.items()}
_ARMS = {ours: word for word, ours in words.ARMS.items()}
_TYPES = {ours: word for word, ours in words.INTERVENTIONS.items()}
_PHASES: Mapping[str, tuple[str, ...]] = {
    **{ours: listed for listed, ours in words.PHASES.items()},
    # The official map drops the letter (CDISC, ct-gov mapping v4.0, Study Phase).
    "2a": ("PHASE2",),
}
_DOCUMENTS = (
    ("protocol", "STUDY_PROTOCOL"),
    ("analysis_plan", "SAP"),
    ("consent_form", "ICF"),
    ("study_report", "CSR"),
    ("analytic_code", "ANALYTIC_CODE"),
)
_OUTCOMES = (
    (("primary",), "primaryOutcomes"),
    (("secondary",), "secondaryOutcomes"),
    (("exploratory", "safety"), "otherOutcomes"),
)
_LIMITS: Mapping[str, int] = {
    "identificationModule.orgStudyIdInfo.id": 30,
    "identificationModule.briefTitle": 300,
    "identificationModule.acronym": 14,
    "identificationModule.officialTitle": 600,
    "armsInterventionsModule.armGroups.label": 100,
    "armsInterventionsModule.armGroups.description": 999,
    "armsInterventionsModule.interventions.name": 200,
    "armsInterventionsModule.interventions.description": 1000,
    "designModule.designInfo.maskingInfo.maskingDescription": 1000,
    "outcomesModule.primaryOutcomes.measure": 254,
    "outcomesModule.primaryOutcomes.timeFrame": 254,
    "outcomesModule.primaryOutcomes.description": 999,
    "outcomesModule.secondaryOutcomes.measure": 254,
    "outcomesModule.secondaryOutcomes.timeFrame": 254,
    "outcomesModule.secondaryOutcomes.description": 999,
    "outcomesModule.otherOutcomes.measure": 254,
    "outcomesModule.otherOutcomes.timeFrame": 254,
    "outcomesModule.otherOutcomes.description": 999,
    "eligibilityModule.eligibilityCriteria": 20_000,
}
"""Characters that the register takes (its Protocol Registration Data Element Definitions)."""
_ASKED = (
    "identificationModule.briefTitle",
    "statusModule.overallStatus",
    "statusModule.startDateStruct",
    "statusModule.primaryCompletionDateStruct",
    "statusModule.completionDateStruct",
    "sponsorCollaboratorsModule.leadSponsor",
    "sponsorCollaboratorsModule.responsibleParty",
    "descriptionModule.briefSummary",
    "conditionsModule.conditions",
    "designModule.phases",
    "designModule.designInfo.allocation",
    "designModule.designInfo.interventionModel",
    "designModule.designInfo.maskingInfo",
    "designModule.enrollmentInfo",
    "eligibilityModule.sex",
    "eligibilityModule.minimumAge",
    "eligibilityModule.healthyVolunteers",
    "contactsLocationsModule.centralContacts",
)
"""What the register requires of an interventional study and a study file may leave open."""
_SPECIAL = re.compile(r"([\\*<>_~\[\]])")


def write_clinicaltrials_gov(study: Study) -> Export:
    """The study as one record of the API v2, without a number where the register has given none."""
    section = _tidy(
        {
            "identificationModule": _identification(study),
            "statusModule": _status(study),
            "sponsorCollaboratorsModule": _sponsors(study),
            "oversightModule": _oversight(study),
            "conditionsModule": {"conditions": [one.name for one in study.conditions]},
            "designModule": _design(study),
            "armsInterventionsModule": {
                "armGroups": [_arm(study, arm) for arm in study.arms],
                "interventions": [_intervention(study, one) for one in study.interventions],
            },
            "outcomesModule": {
                name: [_outcome(study, one) for one in study.outcomes if one.level in levels]
                for levels, name in _OUTCOMES
            },
            "eligibilityModule": _eligibility(study),
            "contactsLocationsModule": {
                "locations": [
                    {"facility": one.name, "city": one.city, "country": one.country} for one in study.sites
                ]
            },
            "ipdSharingStatementModule": _sharing(study),
        }
    )
    data = json.dumps({"protocolSection": section}, ensure_ascii=False, indent=2).encode() + b"\n"
    types = {one.id: write_type(one) for one in study.interventions}
    unheld = derive_ctgov_losses(study, find_nct(study), status=write_status(study), types=types)
    losses = (*unheld, *_too_long(section), *_missing(section))
    return Export(data=data, losses=losses)


def find_nct(study: Study) -> Registration | None:
    """The registration at ClinicalTrials.gov."""
    return next((one for one in study.registrations if guess_registry(one.identifier) == "nct"), None)


def write_type(intervention: Intervention) -> str | None:
    """The register's word for the type of an intervention: as registered, else by its kind; None if none fits."""
    registered = (intervention.registered_category or "").strip().lower()
    return _TYPES.get(registered.replace("_", " ")) or _TYPES.get(intervention.kind)


def write_status(study: Study) -> str | None:
    """The register's word for the status of recruitment; None where the study file has none of its words."""
    registration = find_nct(study)
    stated = study.recruitment.status or (registration.status if registration else None) or ""
    return _STATUSES.get(stated.strip().casefold())


def write_phases(study: Study) -> tuple[str, ...]:
    """The register's phases; none where the study file's word is none of them."""
    return _PHASES.get(study.design.phase, ())


def _identification(study: Study) -> dict[str, Any]:
    nct = find_nct(study)
    others = [
        {"id": one.identifier, "type": "REGISTRY", "domain": one.registry}
        for one in study.registrations
        if one is not nct
    ]
    known = {one["id"] for one in others}
    others += [{"id": one} for one in study.secondary_ids or () if one not in known]
    return {
        "nctId": nct.identifier.upper() if nct else None,
        "orgStudyIdInfo": {"id": study.id},
        "secondaryIdInfos": others,
        "briefTitle": study.public_title,
        "officialTitle": study.title,
        "acronym": study.acronym,
    }


def _status(study: Study) -> dict[str, Any]:
    nct, recruitment = find_nct(study), study.recruitment
    start = _dated(recruitment.actual_start, "ACTUAL") or _dated(recruitment.planned_start, "ESTIMATED")
    if start is None and nct is not None:
        start = _dated(nct.first_enrolment, None)
    completion = recruitment.completion or (nct.completion if nct else None)
    return {
        "overallStatus": write_status(study),
        "startDateStruct": start,
        "completionDateStruct": _dated(completion, None),
        "studyFirstSubmitDate": _day(nct.registered if nct else None),
        "lastUpdateSubmitDate": _day(nct.last_updated if nct else None),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dated(day: date | None, kind: str | None) -> dict[str, Any] | None:
    return {"date": day.isoformat(), "type": kind} if day else None


def _sponsors(study: Study) -> dict[str, Any]:
    sponsors = [{"name": one.name} for one in study.organisations if "sponsor" in one.roles]
    return {"leadSponsor": sponsors[0] if sponsors else None, "collaborators": sponsors[1:]}


def _oversight(study: Study) -> dict[str, Any]:
    """Whether a committee monitors the data; a study file without either word leaves it open."""
    safety = study.safety
    if safety is None:
        return {}
    return {
        "oversightHasDmc": True
        if safety.monitoring_committee
        else False
        if safety.no_committee_reason
        else None
    }


def _design(study: Study) -> dict[str, Any]:
    design, blinding = study.design, study.blinding
    roles = blinding.masked_roles if blinding else ()
    masking = {
        "masking": _MASKINGS[blinding.label] if blinding else None,
        "maskingDescription": _marked(blinding.method) if blinding else None,
        "whoMasked": [_ROLES[role] for role in roles if role in _ROLES],
    }
    size = _counted(design.enrolled, "ACTUAL") or _counted(design.planned_size, "ESTIMATED")
    return {
        "studyType": "INTERVENTIONAL",
        "phases": list(write_phases(study)),
        "designInfo": {
            "allocation": _ALLOCATIONS.get(design.allocation),
            "interventionModel": _MODELS.get(design.intervention_model),
            "primaryPurpose": _PURPOSES[design.purpose],
            "maskingInfo": masking,
        },
        "enrollmentInfo": size,
    }


def _counted(number: int | None, kind: str) -> dict[str, Any] | None:
    return {"count": number, "type": kind} if number is not None else None


def _arm(study: Study, arm: Arm) -> dict[str, Any]:
    given = [one for one in study.interventions if one.id in arm.interventions]
    return {
        "label": arm.name,
        "type": _ARMS.get(arm.kind),
        "description": _marked(arm.description),
        "interventionNames": [_named(one) for one in given],
    }


def _named(intervention: Intervention) -> str:
    """How the register names an intervention among an arm's: `Biological: Exosomes`."""
    kind = write_type(intervention)
    return f"{kind.replace('_', ' ').capitalize()}: {intervention.name}" if kind else intervention.name


def _intervention(study: Study, one: Intervention) -> dict[str, Any]:
    return {
        "type": write_type(one),
        "name": one.name,
        "description": _marked(one.description),
        "armGroupLabels": [arm.name for arm in study.arms if one.id in arm.interventions],
    }


def _outcome(study: Study, outcome: Outcome) -> dict[str, Any]:
    return {
        "measure": outcome.name,
        "description": _marked(outcome.method),
        "timeFrame": write_time_points(study, outcome),
    }


def _eligibility(study: Study) -> dict[str, Any]:
    population = study.population
    lists = []
    for category in ("inclusion", "exclusion"):
        told = [" ".join(one.text.split()) for one in population.criteria if one.category == category]
        if told:
            bullets = "\n".join(f"* {_marked(one)}" for one in told)
            lists.append(f"{category.capitalize()} Criteria:\n\n{bullets}")
    return {
        "eligibilityCriteria": "\n\n".join(lists),
        "healthyVolunteers": population.healthy_volunteers
        if _states(population, "healthy_volunteers")
        else None,
        "sex": population.sex.upper() if population.sex else None,
        "minimumAge": _years(population.age_min),
        "maximumAge": _years(population.age_max),
    }


def _states(part: Part, name: str) -> bool:
    """Whether the study file states a value rather than leave it to its default."""
    return name in part.model_fields_set


def _years(age: int | None) -> str | None:
    return None if age is None else f"{age} Year{'' if age == 1 else 's'}"


def _sharing(study: Study) -> dict[str, Any]:
    plan = study.sharing
    if plan is None:
        return {}
    return {
        "ipdSharing": {None: None, True: "YES", False: "NO"}[plan.participant_data],
        "description": _marked(plan.description),
        "infoTypes": [word for name, word in _DOCUMENTS if getattr(plan, name)],
        "timeFrame": _marked(plan.starts),
        "accessCriteria": _marked(plan.audience),
        "url": plan.repository if (plan.repository or "").startswith("http") else None,
    }


def _marked(text: str | None) -> str | None:
    """The text with the signs escaped that the register's markdown would take for its own."""
    return None if text is None else _SPECIAL.sub(r"\\\1", text)


def _tidy(value: Any) -> Any:
    """The value without what is empty."""
    if isinstance(value, dict):
        kept = {key: _tidy(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, "", [], {})}
    return [_tidy(one) for one in value] if isinstance(value, list) else value


def _too_long(section: Mapping[str, Any]) -> Iterator[Loss]:
    for path, limit in _LIMITS.items():
        for text in _found(section, path.split(".")):
            if len(text) > limit:
                why = f"the register takes {limit:,} characters and these are {len(text):,}: shorten them"
                yield Loss(item=path, prints=text[:120], why=why, place=Place(path=path))


def _missing(section: Mapping[str, Any]) -> Iterator[Loss]:
    for path in _ASKED:
        if not any(True for _ in _found(section, path.split("."))):
            why = "ClinicalTrials.gov asks for it and the study file does not state it"
            if path.endswith("centralContacts"):
                why = "ClinicalTrials.gov asks for it; a person's name goes into no export: enter it there"
            yield Loss(item=path, prints="not stated", why=why, place=Place(path=path))


def _found(value: Any, steps: list[str]) -> Iterable[Any]:
    """Every value at a path, through lists."""
    if isinstance(value, list):
        for one in value:
            yield from _found(one, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _found(value[steps[0]], steps[1:])


CLINICALTRIALS_GOV_WRITER = ProtocolWriter(
    name="clinicaltrials-gov",
    title="ClinicalTrials.gov: JSON of its API v2",
    suffix=".ctgov.json",
    citation="ClinicalTrials.gov API v2, https://clinicaltrials.gov/data-api/api (2.0.5)",
    write=write_clinicaltrials_gov,
    reads_back="clinicaltrials-gov",
)
