"""The restricted annex of a study's randomisation as recorded: what each list gives away, before any list exists.

A list is a stratum of a stage. Where the file does not say how many participants a stratum of the stage has, the
stage is taken as one list, and it is said so. Where several block sizes are recorded that are not fixed, the
figures are given for sizes drawn at random and for each size alone, which is what holds where the size is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exotrial.allocation.envelope_choice import FreeChoice, compute_free_choice
from exotrial.allocation.manifest import ListStratum, Manifest, Parameter
from exotrial.allocation.predictability import Predictability, compute_predictability
from exotrial.allocation.selection_bias import TypeOneError, compute_type_one_error
from exotrial.allocation.sequence.draw import check_manifest, find_method
from exotrial.allocation.sequence.permuted_blocks import can_fill
from exotrial.core.errors import ErrorCode, Place
from exotrial.study.definition.design import Randomisation, Stage
from exotrial.study.definition.study import Study

NOT_RANDOMISED = ErrorCode(
    "SEQ-050",
    "The study file records no randomisation, so that there is no list to assess.",
    "add a [randomisation] table to the study file if participants are allocated at random.",
)
NOT_ASSESSED = ErrorCode(
    "SEQ-051",
    "The recorded method of randomisation has no list that could be assessed.",
    "record permuted blocks or simple randomisation, or assess the method from its own plan.",
)
NOT_RECORDED = ErrorCode(
    "SEQ-052",
    "The study file does not record what a list is made from.",
    "record the ratio (or sizes by arm), the block sizes and the size of the study or its stages.",
)


@dataclass(frozen=True, kw_only=True)
class ListAssessment:
    """One list under one reading of the record.

    `reading` names the blocks; `note` says what was taken where the record is silent; `cannot` are the reasons for
    which the list cannot be made, and then there are no figures. `type_one_error` is None for more than two arms.
    """

    list: str
    length: int
    reading: str
    note: str = ""
    cannot: tuple[str, ...] = ()
    predictability: Predictability | None = None
    type_one_error: TypeOneError | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """A study's lists; and, where participants choose envelopes, what that does to each list."""

    lists: tuple[ListAssessment, ...]
    free_choice: tuple[tuple[str, FreeChoice], ...] = ()


def assess_randomisation(study: Study, *, seed: int | None, eta: float, alpha: float = 0.05) -> Assessment:
    """The figures of every list that the study file records.

    `seed` serves figures that must be simulated; `eta` is the selection bias in standard deviations. Refuses with
    SEQ-050 a study that is not randomised, with SEQ-051 and SEQ-052 one whose record has no list to assess.
    """
    plan = study.randomisation
    if plan is None:
        raise NOT_RANDOMISED.refuse(
            f"{study.id} records no randomisation (allocation: {study.design.allocation})",
            place=Place(path="randomisation"),
            value=study.design.allocation,
        )
    readings = tuple(_readings(plan))
    found: list[ListAssessment] = []
    chosen: list[tuple[str, FreeChoice]] = []
    for stratum, note, arms, ratio in _lists(study, plan):
        for method, sizes in readings:
            found.append(
                _assess(study, stratum, note, arms, ratio, method, sizes, seed=seed, eta=eta, alpha=alpha)
            )
        equal = len(ratio) == 2 and len(set(ratio)) == 1 and stratum.length % 2 == 0
        fitting = [size for size in plan.block_sizes if size <= stratum.length]
        if plan.assignment_order == "chosen by participant" and equal and fitting:
            bound = max(fitting) // 2
            choice = compute_free_choice(stratum.length, taken=stratum.length // 2, bound=bound)
            chosen.append((stratum.id, choice))
    return Assessment(lists=tuple(found), free_choice=tuple(chosen))


def _readings(plan: Randomisation) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A method with its block sizes: as recorded, and for several sizes each alone."""
    if plan.method == "simple":
        yield "simple", ()
    elif plan.method in ("permuted blocks", "stratified permuted blocks"):
        if not plan.block_sizes:
            raise NOT_RECORDED.refuse(
                "the block sizes are not recorded", place=Place(path="randomisation.block_sizes")
            )
        sizes = tuple(sorted(set(plan.block_sizes)))
        yield "permuted blocks", sizes
        if len(sizes) > 1:
            for size in sizes:
                yield "permuted blocks", (size,)
    else:
        raise NOT_ASSESSED.refuse(
            f"the recorded method is {plan.method!r}",
            place=Place(path="randomisation.method"),
            value=plan.method,
        )


_List = tuple[ListStratum, str, tuple[str, ...], tuple[int, ...]]


def _lists(study: Study, plan: Randomisation) -> Iterator[_List]:
    if not study.stages:
        arms = tuple(arm.id for arm in study.arms)
        ratio = _ratio(plan, arms, [arm.size for arm in study.arms], place="randomisation.ratio")
        size = study.design.planned_size
        if not size:
            raise NOT_RECORDED.refuse("the planned size is missing", place=Place(path="design.planned_size"))
        note = "the sizes of the strata are not recorded: taken as one list" if plan.strata else ""
        yield ListStratum(id="all", length=size), note, arms, ratio
    for stage in study.stages:
        arms = tuple(one.arm for one in stage.arms) or tuple(arm.id for arm in study.arms)
        ratio = _ratio(plan, arms, [one.size for one in stage.arms], place=f"stages.{stage.id}.arms")
        for stratum, note in _strata(stage, plan):
            if not stratum.length:
                raise NOT_RECORDED.refuse(
                    f"{stage.name} has no size", place=Place(path=f"stages.{stage.id}.size")
                )
            yield stratum, note, arms, ratio


def _strata(stage: Stage, plan: Randomisation) -> Iterator[tuple[ListStratum, str]]:
    if plan.strata and stage.stratum_size is not None:
        for stratum in plan.strata:
            yield (
                ListStratum(
                    id=f"{stage.id}/{stratum.id}",
                    length=stage.stratum_size,
                    name=f"{stage.name}, {stratum.name}",
                    stage=stage.id,
                    stratum=stratum.id,
                ),
                "",
            )
    else:
        note = "the sizes of its strata are not recorded: taken as one list" if plan.strata else ""
        yield ListStratum(id=stage.id, length=stage.size, name=stage.name, stage=stage.id), note


def _ratio(
    plan: Randomisation, arms: Sequence[str], sizes: Sequence[int | None], *, place: str
) -> tuple[int, ...]:
    if plan.ratio:
        return plan.ratio
    known = [size for size in sizes if size]
    if not known or len(known) < len(arms):
        raise NOT_RECORDED.refuse("neither a ratio nor sizes by arm are recorded", place=Place(path=place))
    return tuple(size // math.gcd(*known) for size in known)


def _assess(
    study: Study,
    stratum: ListStratum,
    note: str,
    arms: tuple[str, ...],
    ratio: tuple[int, ...],
    name: str,
    sizes: tuple[int, ...],
    *,
    seed: int | None,
    eta: float,
    alpha: float,
) -> ListAssessment:
    parameters: dict[str, Parameter] = {}
    reading = "no restriction"
    if sizes:
        fits = can_fill(stratum.length, sizes)
        parameters = {"block_sizes": sizes, "completion": "fit" if fits else "truncate"}
        reading = f"blocks of {', '.join(map(str, sizes))}"
        reading += " drawn at random" if len(sizes) > 1 else ""
        reading += "" if fits else ", last block cut"
    manifest = Manifest(
        study=study.id,
        study_version=1,
        arms=arms,
        ratio=ratio,
        strata=(stratum,),
        method=name,
        parameters=parameters,
    )
    wrong = check_manifest(manifest)
    if wrong:
        return ListAssessment(
            list=stratum.id,
            length=stratum.length,
            reading=reading,
            note=note,
            cannot=tuple(f"{refusal.code.code}: {refusal.problem}" for refusal in wrong),
        )
    law = find_method(name).law(ratio, stratum.length, parameters)
    predictability = compute_predictability(law, ratio=ratio, length=stratum.length, seed=seed)
    bias = None
    if len(ratio) == 2 and stratum.length >= 3:
        bias = compute_type_one_error(
            law, ratio=ratio, length=stratum.length, eta=eta, alpha=alpha, seed=seed
        )
    return ListAssessment(
        list=stratum.id,
        length=stratum.length,
        reading=reading,
        note=note,
        predictability=predictability,
        type_one_error=bias,
    )
