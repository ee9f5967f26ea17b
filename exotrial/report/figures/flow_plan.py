"""The participant flow of a trial that has no data yet: the sizes that the study file plans (SPIRIT 2025, item 19)."""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.report.figures.flow_model import Box, Count, Flow, FlowKind, Group, StageBox
from exotrial.study.definition import Study
from exotrial.study.definition.design import Arm, Stage

_MOST_COLUMNS = 4
_MOST_OUTCOMES = 5
_MOST_STRATA = 4


def compute_planned_flow(study: Study, *, show_arms: bool = True) -> Flow:
    """The planned flow: a column for each arm, of each stage where the stages fit side by side."""
    if not show_arms:
        groups: tuple[Group, ...] = (_group(study, None, None),)
        return _flow(study, groups, ())
    stages = [stage for stage in study.stages if stage.arms]
    columns = sum(len(stage.arms) for stage in stages)
    if len(stages) > 1 and len(stages) == len(study.stages) and columns <= _MOST_COLUMNS:
        arms = {arm.id: arm for arm in study.arms}
        return _flow(
            study,
            tuple(_group(study, arms[part.arm], stage) for stage in stages for part in stage.arms),
            tuple(StageBox(box=_stage_box(study, stage), groups=len(stage.arms)) for stage in stages),
        )
    return _flow(study, tuple(_group(study, arm, None) for arm in study.arms), ())


def _flow(study: Study, groups: tuple[Group, ...], stages: tuple[StageBox, ...]) -> Flow:
    inclusion = sum(criterion.category == "inclusion" for criterion in study.population.criteria)
    exclusion = sum(criterion.category == "exclusion" for criterion in study.population.criteria)
    randomised = study.design.allocation == "randomised"
    return Flow(
        kind=FlowKind.PLANNED,
        assessed=Box(head=Count("To be assessed for eligibility", counted=False), lines=(_unstated(),)),
        excluded=Box(
            head=Count("To be excluded, with reasons", counted=False),
            lines=(
                Count(f"{inclusion} inclusion and {exclusion} exclusion criteria", counted=False),
                _unstated(),
            ),
        ),
        entered=Box(
            head=Count("To be randomised" if randomised else "To be enrolled", study.design.planned_size)
            if study.design.planned_size is not None
            else Count("To be randomised" if randomised else "To be enrolled", counted=False),
            lines=_randomisation(study) + (() if study.design.planned_size is not None else (_unstated(),)),
        ),
        groups=groups,
        stages=stages,
    )


def _unstated() -> Count:
    return Count("number not stated", counted=False)


def _randomisation(study: Study) -> tuple[Count, ...]:
    plan = study.randomisation
    if plan is None:
        return ()
    sizes = ", ".join(map(str, plan.block_sizes))
    blocks = "" if not sizes else f" of {sizes}" if plan.method.endswith("blocks") else f", blocks of {sizes}"
    strata = [Count(f"{plan.method.capitalize()}{blocks}", counted=False)]
    if plan.factor and plan.strata:
        strata.append(Count(f"Stratified by {plan.factor}", counted=False))
    return tuple(strata)


def _stage_box(study: Study, stage: Stage) -> Box:
    strata = study.randomisation.strata if study.randomisation else ()
    lines: tuple[Count, ...] = ()
    if stage.stratum_size is not None:
        lines = tuple(
            Count(f"Stratum {stratum.name}", stage.stratum_size, indent=1)
            for stratum in strata[:_MOST_STRATA]
        )
    elif strata:
        lines = (Count("Numbers by stratum not stated", counted=False),)
    return Box(head=Count(stage.name, stage.size), lines=lines)


def _group(study: Study, arm: Arm | None, stage: Stage | None) -> Group:
    name = "All groups together" if arm is None else arm.name
    return Group(
        id="" if arm is None else arm.id if stage is None else f"{stage.id}/{arm.id}",
        name=name if stage is None else f"{stage.name}, {name}",
        allocation=_allocation(study, arm, stage, name),
        follow_up=_follow_up(study),
        analysis=_analysis(study),
    )


def _allocation(study: Study, arm: Arm | None, stage: Stage | None, name: str) -> Box:
    if arm is None:
        size = study.design.planned_size
    elif stage is not None:
        size = next(part.size for part in stage.arms if part.arm == arm.id)
    else:
        size = arm.size if arm.size is not None else _over_stages(study.stages, arm)
    interventions = {intervention.id: intervention.name for intervention in study.interventions}
    given = () if arm is None else tuple(interventions[name] for name in arm.interventions)
    lines = [Count(text, counted=False) for text in given]
    if arm is not None and stage is None:
        lines += [
            Count(each.name, part.size, indent=1)
            for each in study.stages
            for part in each.arms
            if part.arm == arm.id and len(study.stages) > 1
        ]
    if size is None:
        return Box(head=Count(name, counted=False), lines=(_unstated(), *lines))
    return Box(head=Count(name, size), lines=tuple(lines))


def _over_stages(stages: Sequence[Stage], arm: Arm) -> int | None:
    sizes = [part.size for stage in stages for part in stage.arms if part.arm == arm.id]
    return sum(sizes) if sizes else None


def _follow_up(study: Study) -> Box:
    visits = [encounter for encounter in study.encounters if encounter.day_stated]
    last = max(visits, key=lambda encounter: encounter.day, default=None)
    visit = "Last visit not stated" if last is None else f"Last planned visit: {last.name}"
    return Box(
        head=Count("Planned follow-up", counted=False),
        lines=(Count(visit, counted=False), Count("Withdrawals and deaths to be counted", counted=False)),
    )


def _analysis(study: Study) -> Box:
    primary = [outcome.name for outcome in study.outcomes if outcome.level == "primary"]
    shown = [Count(name, counted=False, indent=1) for name in primary[:_MOST_OUTCOMES]]
    if len(primary) > _MOST_OUTCOMES:
        shown.append(Count(f"and {len(primary) - _MOST_OUTCOMES} more", counted=False, indent=1))
    populations = ", ".join(population.name for population in study.analysis_populations)
    return Box(
        head=Count("To be analysed", counted=False),
        lines=(
            Count(f"Population: {populations or 'not stated'}", counted=False),
            Count("Primary outcome" + ("s:" if len(primary) != 1 else ":"), counted=False),
            *shown,
        ),
    )
