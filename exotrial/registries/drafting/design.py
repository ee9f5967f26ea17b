"""The design of a draft: model, arms, what is given, randomisation and blinding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.registries.drafting.cited import Cited, allowed_words, slug
from exotrial.registries.randomisation_text import read_randomisation
from exotrial.registries.record import RegistryRecord
from exotrial.study.definition.design import Arm, Blinding, Design
from exotrial.study.definition.intervention import Intervention

NO_ARMS = ErrorCode(
    "DRF-002",
    "A registry record of several groups does not name them.",
    "read the register's own record: exports often leave the groups out.",
)


def draft_design(cited: Cited) -> dict[str, Any]:
    """The design as a whole; what the study file has no word for is a loss."""
    record = cited.record
    model = cited.choose("design.intervention_model", record.model, Design, "not stated")
    allocation = cited.choose("design.allocation", record.allocation, Design, "not stated")
    if record.allocation is None and model == "single group":
        allocation = "not applicable"  # one group leaves nothing to allocate
    cited.lose("study type", record.study_type if not _is_interventional(record) else None)
    days = {day for outcome in record.outcomes for day in outcome.days}
    return {
        "phase": cited.choose("design.phase", record.phase, Design, "not stated"),
        "intervention_model": model,
        "allocation": allocation,
        "purpose": cited.choose("design.purpose", record.purpose, Design, None),
        "planned_size": cited.count("design.planned_size", record.target_size),
        "enrolled": cited.count("design.enrolled", record.actual_size),
        "time_origin": "not stated",
        "day_of_origin": 0 if 0 in days else None,
    }


def draft_recruitment(cited: Cited) -> dict[str, Any]:
    """The first enrolment, where the record says whether it was planned or actual."""
    record = cited.record
    if record.start_actual is None or record.start is None:
        return {}
    name = "actual_start" if record.start_actual else "planned_start"
    return {name: cited.day(f"recruitment.{name}", record.start)}


def draft_arms(cited: Cited, interventions: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The arms; a single group that has no name is all participants (DRF-002 where several have none)."""
    record, kinds = cited.record, allowed_words(Arm, "kind")
    taken: list[str] = []
    for arm in record.arms:
        made = slug(arm.name.value, taken=taken, stem="arm")
        taken.append(made)
        kind = arm.kind.value if arm.kind else None
        yield {
            "id": made,
            "name": cited.cite(f"arms.{made}.name", arm.name),
            "kind": kind if kind in kinds else "not stated",
            "size": cited.count(f"arms.{made}.size", arm.size),
            "interventions": [interventions[name] for name in arm.interventions if name in interventions]
            or None,
            "description": cited.cite(f"arms.{made}.description", arm.description),
        }
        if kind not in kinds:
            cited.lose("kind of arm", arm.kind, "the study file has no word for it")
    if not record.arms:
        if record.model is None or record.model.value != "single group":
            if _is_interventional(record):
                raise NO_ARMS.refuse("the record names no groups", place=record.identifier.place)
            raise NO_ARMS.refuse(
                "the record is of an observational study and names no groups",
                place=record.identifier.place,
                remedy="exotrial runs trials: a study file needs the groups and what each receives.",
            )
        yield {
            "id": "all",
            "name": "All participants",
            "kind": "not stated",
            "interventions": list(interventions.values()) or None,
        }


def draft_interventions(cited: Cited) -> Iterator[dict[str, Any]]:
    """What is given; a type that the study file has no word for is `other`, as registered beside it."""
    taken: list[str] = []
    for one in cited.record.interventions:
        made = slug(one.name.value, taken=taken, stem="intervention")
        taken.append(made)
        kind = one.kind.value if one.kind else None
        known = kind in allowed_words(Intervention, "kind")
        yield {
            "id": made,
            "name": cited.cite(f"interventions.{made}.name", one.name),
            "kind": kind if known else "other",
            "registered_category": one.kind.prints if one.kind else None,
            "role": "not stated",
            "description": cited.cite(f"interventions.{made}.description", one.description),
        }


def draft_randomisation(cited: Cited) -> dict[str, Any] | None:
    """Randomisation, where its words name one method."""
    record = cited.record
    if record.randomisation is None or record.allocation is None or record.allocation.value != "randomised":
        cited.lose("randomisation", record.randomisation)
        return None
    read = read_randomisation(record.randomisation.value)
    if read.method is None:
        cited.lose("randomisation", record.randomisation, "its words name no one method")
        return None
    stated = record.block_sizes
    if stated is not None and not all(stated.value):
        cited.lose("randomisation.block_sizes", stated, "a block of none fills no group")
        stated = None
    blocks = stated.value if stated else read.block_sizes
    return {
        "method": cited.cite("randomisation.method", record.randomisation, read.method),
        "block_sizes": cited.cite("randomisation.block_sizes", stated, list(blocks))
        or (list(blocks) if all(blocks) else None),
        "factor": "; ".join(one.value for one in record.strata) or None,
        "generated_with": read.generated_with,
        "envelope_properties": list(read.envelopes) or None,
    }


def draft_blinding(cited: Cited) -> dict[str, Any] | None:
    """Blinding, where the record prints a label."""
    record = cited.record
    label = cited.choose("blinding.label", record.masking, Blinding, None)
    if label is None:
        cited.lose("masked roles", record.masked_roles, "no masking label stands with them")
        cited.lose("masking description", record.masking_description, "no masking label stands with it")
        return None
    return {
        "label": label,
        "masked_roles": _roles(cited),
        "method": cited.cite("blinding.method", record.masking_description),
        "placebo": cited.cite("blinding.placebo", record.placebo),
    }


def _roles(cited: Cited) -> list[str] | None:
    roles = cited.record.masked_roles
    return None if roles is None else list(cited.cite("blinding.masked_roles", roles))


def _is_interventional(record: RegistryRecord) -> bool:
    return record.study_type is None or record.study_type.value.lower().startswith("interventional")
