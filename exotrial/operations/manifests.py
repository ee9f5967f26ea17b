"""The manifest of a list from the study file and what a person adds; nothing is filled in that neither states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exotrial.allocation.manifest import ListStratum, Manifest, Parameter
from exotrial.core.errors import ErrorCode, Place
from exotrial.study.definition import Study

NOT_RANDOMISED = ErrorCode(
    "LST-010", "The study does not randomise.", "a single-arm study needs no list; enrol and dose."
)
NO_STAGE = ErrorCode(
    "LST-011",
    "The stage is missing or not in the study file.",
    "name one of the stages of the study file; each has a list of its own.",
)
NO_LENGTH = ErrorCode(
    "LST-012",
    "It is not known how many slots a stratum needs.",
    "give the slots of each stratum in `lengths`, by the ids named.",
)
UNKNOWN_STRATUM = ErrorCode(
    "LST-013", "`lengths` names a stratum that the list does not have.", "use the ids named."
)
NO_METHOD = ErrorCode(
    "LST-014",
    "The study file does not say how the list is made.",
    "give `method`, as `exotrial randomisation methods` lists it.",
)

_METHODS = {
    "permuted blocks": "permuted blocks",
    "stratified permuted blocks": "permuted blocks",
    "simple": "simple",
    "minimisation": "minimisation",
}
"""The study file's words and the catalogue's; a study file tells stratification apart, the catalogue does not."""


def derive_manifest(
    study: Study,
    *,
    version: int,
    stage: str,
    method: str,
    parameters: Mapping[str, Parameter],
    ratio: tuple[int, ...],
    lengths: Mapping[str, int],
    generation: int,
) -> Manifest:
    """The manifest of one stage's list. Refuses with LST-010 to LST-014; the method's own refusals come later."""
    plan = study.randomisation
    if plan is None:
        raise NOT_RANDOMISED.refuse(f"{study.id} has no randomisation in its study file")
    chosen = method or _METHODS.get(plan.method, "")
    if not chosen:
        raise NO_METHOD.refuse(f"the study file says {plan.method!r}", place=Place(path="method"))
    given: dict[str, Parameter] = dict(parameters)
    if chosen == "permuted blocks" and plan.block_sizes:
        given.setdefault("block_sizes", tuple(sorted(plan.block_sizes)))
    return Manifest(
        study=study.id,
        study_version=version,
        arms=tuple(arm.id for arm in study.arms),
        ratio=ratio or plan.ratio or tuple(1 for _ in study.arms),
        strata=_strata(study, stage=stage, lengths=lengths),
        method=chosen,
        parameters=given,
        generation=generation,
    )


def _strata(study: Study, *, stage: str, lengths: Mapping[str, int]) -> tuple[ListStratum, ...]:
    stages = {one.id: one for one in study.stages}
    if (stage in stages) != bool(stages):
        known = f"the study has {', '.join(stages)}" if stages else "the study has none"
        raise NO_STAGE.refuse(f"{stage!r} is no stage: {known}", place=Place(path="stage"), value=stage)
    assert study.randomisation is not None
    named = [(stratum.id, stratum.name) for stratum in study.randomisation.strata] or [("", "")]
    ids = {stratum: "/".join(part for part in (stage, stratum) if part) or "all" for stratum, _ in named}
    strange = sorted(set(lengths) - set(ids.values()))
    if strange:
        raise UNKNOWN_STRATUM.refuse(
            f"there is no {strange[0]!r}; the ids are {', '.join(ids.values())}", value=strange[0]
        )
    whole = stages[stage].size if stage else study.design.planned_size
    each = stages[stage].stratum_size if stage else None
    if each is None and whole is not None and len(named) == 1:
        each = whole
    missing = [one for one in ids.values() if one not in lengths and each is None]
    if missing:
        raise NO_LENGTH.refuse(
            f"the study file does not say how many of the participants are in {', '.join(missing)}",
            place=Place(path="lengths"),
        )
    return tuple(
        ListStratum(
            id=ids[stratum],
            length=lengths.get(ids[stratum], each or 0),
            name=name,
            stage=stage,
            stratum=stratum,
        )
        for stratum, name in named
    )


def read_manifest(stored: Mapping[str, Any]) -> Manifest:
    """A manifest from its JSON."""
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored["parameters"].items()
    }
    plain = {**stored, "parameters": parameters}
    plain["arms"] = tuple(stored["arms"])
    plain["ratio"] = tuple(stored["ratio"])
    plain["strata"] = tuple(ListStratum(**stratum) for stratum in stored["strata"])
    return Manifest(**plain)
