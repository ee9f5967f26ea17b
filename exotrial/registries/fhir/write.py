"""FHIR R5 from a study file: one ResearchStudy that contains its eligibility, its interventions and its sites.

FHIR R5, https://hl7.org/fhir/R5/researchstudy.html (hl7.fhir.r5.core 5.0.0). The same study gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.registries.fhir.losses import TOLD_IN_NOTES, derive_fhir_losses, is_told
from exotrial.registries.fhir.parts import (
    ELIGIBILITY,
    STATUS,
    drop_empty,
    list_referred,
    write_eligibility,
    write_exposure,
    write_exposure_reference,
    write_id,
    write_locations,
    write_outcome_measure,
    write_parties,
    write_progress,
    write_regions,
    write_words,
)
from exotrial.registries.fhir.terms import ICD_10, Resource, write_concept
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from exotrial.study.definition.design import Arm
from exotrial.study.definition.identity import Condition

NOT_IN_FHIR = ErrorCode(
    "FHR-001",
    "A text of the study file holds a character that a string of FHIR cannot.",
    "take the control character out of the text named.",
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""FHIR R5, 2.1.28.0.1: no code points below 32 but tab, line feed and carriage return; UTF-8 holds no surrogates."""
_LONGEST_ID = 64


def write_fhir(study: Study) -> Export:
    """The study as a ResearchStudy, with a loss for everything that it has no element for (FHR-001)."""
    resource = write_research_study(study)
    _check_characters(resource)
    data = json.dumps(resource, ensure_ascii=False, indent=1) + "\n"
    return Export(data=data.encode("utf-8"), losses=tuple(derive_fhir_losses(study)))


def write_research_study(study: Study) -> Resource:
    """The resource as values."""
    design = study.design
    eligibility = write_eligibility(study)
    referred = list_referred(study)
    sizes = drop_empty({"targetNumber": design.planned_size, "actualNumber": design.enrolled})
    return drop_empty(
        {
            "resourceType": "ResearchStudy",
            "id": study.id if len(study.id) <= _LONGEST_ID else None,
            "contained": [
                *([eligibility] if eligibility else []),
                *(write_exposure(study, one) for one in referred),
                *write_locations(study),
            ],
            "identifier": list(_identifiers(study)),
            "version": study.version,
            "name": study.id,
            "title": study.title,
            "label": [
                {"type": write_concept("title", kind, text=f"{kind} title"), "value": words}
                for kind, words in (("public", study.public_title), ("acronym", study.acronym))
                if words
            ],
            "status": STATUS,
            "primaryPurposeType": write_concept("purpose", design.purpose),
            "phase": write_concept("phase", design.phase) if design.phase != "not stated" else None,
            "studyDesign": list(_designs(study)),
            "focus": [
                {"reference": write_exposure_reference(one)}
                for one in referred
                if one.role == "investigational"
            ],
            "condition": [_condition(one) for one in study.conditions],
            "region": write_regions(study),
            "site": [
                {"reference": f"#{write_id('site', one.id)}", "display": one.name} for one in study.sites
            ],
            "note": list(_notes(study)),
            "associatedParty": write_parties(study),
            "progressStatus": list(write_progress(study)),
            "recruitment": {
                **sizes,
                **({"eligibility": {"reference": f"#{ELIGIBILITY}"}} if eligibility else {}),
            },
            "comparisonGroup": [_group(study, arm) for arm in study.arms],
            "objective": [
                {"type": write_concept("level", one.level), "description": one.text}
                for one in study.objectives
            ],
            "outcomeMeasure": [write_outcome_measure(study, one) for one in study.outcomes],
        }
    )


FHIR_R5 = ProtocolWriter(
    name="fhir-r5",
    title="HL7 FHIR R5: ResearchStudy, JSON",
    suffix=".fhir.json",
    citation="HL7 FHIR R5 (5.0.0), ResearchStudy, https://hl7.org/fhir/R5/researchstudy.html",
    write=write_fhir,
)


def _identifiers(study: Study) -> Iterator[Resource]:
    """Numbers of registers, valid from the day of registration, and other numbers of the trial."""
    for one in study.registrations:
        registered = {"period": {"start": one.registered.isoformat()}} if one.registered else {}
        yield {"value": one.identifier, **registered, "assigner": {"display": one.registry}}
    for number in study.secondary_ids or ():
        yield {"use": "secondary", "value": number}


def _designs(study: Study) -> Iterator[Resource]:
    design, blinding, randomisation = study.design, study.blinding, study.randomisation
    yield write_concept("study type", "interventional")
    for list_, word in (
        ("allocation", design.allocation),
        ("model", design.intervention_model),
        ("framework", design.framework),
        ("randomisation", randomisation.method if randomisation else None),
        ("masking", blinding.label if blinding else None),
    ):
        if word is not None and word != "not stated":
            yield write_concept(list_, word, text=f"{list_}: {word}")
    for role in blinding.masked_roles if blinding else ():
        yield write_concept("masked role", role, text=f"masked: {role}")


def _condition(condition: Condition) -> Resource:
    # A code of FHIR has no white space but single blanks within; a study file may state a blank.
    code = " ".join((condition.icd10 or "").split())
    if not code:
        return {"text": condition.name}
    return {"coding": [{"system": ICD_10, "code": code}], "text": condition.name}


def _group(study: Study, arm: Arm) -> Resource:
    given = [one for one in study.interventions if one.id in arm.interventions]
    return drop_empty(
        {
            "linkId": write_id(arm.id),
            "name": arm.name,
            "type": write_concept("arm", arm.kind) if arm.kind != "not stated" else None,
            "description": arm.description,
            "intendedExposure": [write_exposure_reference(one) for one in given],
        }
    )


def _notes(study: Study) -> Iterator[Resource]:
    """Design, randomisation, blinding, sharing, sizes of the groups, and whether participants are made up."""
    if study.synthetic:
        yield {"text": "The participants of this study are made up."}
    leaves = list(derive_leaves(study))
    for room, heading in TOLD_IN_NOTES.items():
        told = [leaf for leaf in leaves if leaf.kind.startswith(f"{room}.") and is_told(leaf)]
        if told:
            yield {"text": f"{heading}\n\n{write_words(told, below=room)}"}
    planned = "\n".join(f"- {arm.name}: {arm.size}" for arm in study.arms if arm.size is not None)
    if planned:
        yield {"text": f"Planned size of the groups\n\n{planned}"}


def _check_characters(value: Any) -> None:
    if isinstance(value, str):
        if hit := _FORBIDDEN.search(value):
            problem = f"a text holds the character U+{ord(hit[0]):04X}"
            raise NOT_IN_FHIR.refuse(problem, value=value[:80].encode("ascii", "backslashreplace").decode())
    elif isinstance(value, dict):
        for entry in value.values():
            _check_characters(entry)
    elif isinstance(value, list):
        for entry in value:
            _check_characters(entry)
