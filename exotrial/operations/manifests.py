"""The manifest of a list from the study file and what a person adds; nothing is filled in that neither states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exotrial.allocation import imported, minimised
from exotrial.allocation.manifest import ListStratum, Manifest, Parameter
from exotrial.allocation.minimisation import Factor
from exotrial.core.errors import ErrorCode, Place
from exotrial.study.definition import Study
from exotrial.study.definition.design import Randomisation

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

FACTORS_MISSING = ErrorCode(
    "LST-020",
    "What minimisation needs is missing, or something is given that it does not have.",
    "give in `parameters` p (such as 4/5), measure (range or variance), and weight_stratum or weight_site or both.",
)
FROM_OUTSIDE = ErrorCode(
    "LST-021", "A list from outside is not frozen by its method.", "bring its file with `import_list`."
)

_WEIGHTS = {f"weight_{factor}": factor for factor in (minimised.STRATUM, minimised.SITE)}

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
    if chosen == imported.METHOD:
        raise FROM_OUTSIDE.refuse("its arms stand in a file", place=Place(path="method"), value=chosen)
    one_list = chosen == minimised.METHOD
    if one_list:
        given = _derive_plan(plan, parameters)
    elif chosen == "permuted blocks" and plan.block_sizes:
        given.setdefault("block_sizes", tuple(sorted(plan.block_sizes)))
    return Manifest(
        study=study.id,
        study_version=version,
        arms=tuple(arm.id for arm in study.arms),
        ratio=ratio or plan.ratio or tuple(1 for _ in study.arms),
        strata=_strata(study, stage=stage, lengths=lengths, one_list=one_list),
        method=chosen,
        parameters=given,
        generation=generation,
    )


def derive_imported(
    study: Study,
    *,
    version: int,
    stage: str,
    file: bytes,
    name: str,
    made_by: str,
    ratio: tuple[int, ...],
    generation: int,
) -> Manifest:
    """The manifest of a list from outside; each stratum is as long as its rows (LST-010, LST-011; SEQ-030 to 034)."""
    plan = study.randomisation
    if plan is None:
        raise NOT_RANDOMISED.refuse(f"{study.id} has no randomisation in its study file")
    ids = tuple(list_ids(study, stage))
    lengths = imported.count_slots(file, name=name, strata=ids)
    arms = tuple(arm.id for arm in study.arms)
    strata = _strata(study, stage=stage, lengths=lengths)
    brought = imported.read_list(file, name=name, arms=arms, strata=strata)
    return Manifest(
        study=study.id,
        study_version=version,
        arms=arms,
        ratio=ratio or plan.ratio or tuple(1 for _ in arms),
        strata=strata,
        method=imported.METHOD,
        parameters={"sha256": brought.sha256, "made_by": made_by},
        generation=generation,
    )


def _derive_plan(plan: Randomisation, given: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The parameters of minimisation as the manifest has them, from those that a person gives (LST-020)."""
    known = {"p", "measure", *_WEIGHTS}
    strange = sorted(set(given) - known)
    if strange:
        raise FACTORS_MISSING.refuse(f"minimisation has no {strange[0]!r}", place=_parameter(strange[0]))
    p, measure = given.get("p"), given.get("measure")
    for name, value in (("p", p), ("measure", measure)):
        if not isinstance(value, str):
            raise FACTORS_MISSING.refuse(f"{name} is not given as a word", place=_parameter(name))
    factors = []
    for name, factor in _WEIGHTS.items():
        weight = given.get(name)
        if weight is None:
            continue
        if not isinstance(weight, int):
            raise FACTORS_MISSING.refuse(f"{name} is not a whole number", place=_parameter(name))
        levels = tuple(one.id for one in plan.strata) if factor == minimised.STRATUM else None
        factors.append(Factor(name=factor, levels=levels, weight=weight))
    if not factors:
        raise FACTORS_MISSING.refuse("no factor has a weight", place=Place(path="parameters"))
    return minimised.write_parameters(p=str(p), measure=str(measure), factors=factors)


def _parameter(name: str) -> Place:
    return Place(path=f"parameters.{name}"[:120])


def list_ids(study: Study, stage: str, *, one_list: bool = False) -> dict[str, tuple[str, str]]:
    """The ids of a stage's lists, with the stratum's id and name; with minimisation there is one for all."""
    assert study.randomisation is not None
    strata = () if one_list else study.randomisation.strata
    named = [(stratum.id, stratum.name) for stratum in strata] or [("", "")]
    return {
        "/".join(part for part in (stage, stratum) if part) or "all": (stratum, name)
        for stratum, name in named
    }


def _strata(
    study: Study, *, stage: str, lengths: Mapping[str, int], one_list: bool = False
) -> tuple[ListStratum, ...]:
    stages = {one.id: one for one in study.stages}
    if (stage in stages) != bool(stages):
        known = f"the study has {', '.join(stages)}" if stages else "the study has none"
        raise NO_STAGE.refuse(f"{stage!r} is no stage: {known}", place=Place(path="stage"), value=stage)
    ids = list_ids(study, stage, one_list=one_list)
    strange = sorted(set(lengths) - set(ids))
    if strange:
        raise UNKNOWN_STRATUM.refuse(
            f"there is no {strange[0]!r}; the ids are {', '.join(ids)}", value=strange[0]
        )
    whole = stages[stage].size if stage else study.design.planned_size
    each = stages[stage].stratum_size if stage and not one_list else None
    if each is None and whole is not None and len(ids) == 1:
        each = whole
    missing = [one for one in ids if one not in lengths and each is None]
    if missing:
        raise NO_LENGTH.refuse(
            f"the study file does not say how many of the participants are in {', '.join(missing)}",
            place=Place(path="lengths"),
        )
    return tuple(
        ListStratum(id=one, length=lengths.get(one, each or 0), name=name, stage=stage, stratum=stratum)
        for one, (stratum, name) in ids.items()
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
