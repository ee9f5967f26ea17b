"""What the study file says that steps of conduct ask for: consent forms, strata, stages, arms by name, lists."""

from __future__ import annotations

from pydantic import Field

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.manifests import list_ids


class ShowConductPlan(Ask):
    """A site, by whose version the plan is told; the study's newest where empty."""

    site: str = Field(default="", max_length=40)


class PlannedStratum(Answer):
    id: str
    name: str
    levels: tuple[str, ...]


class NamedPart(Answer):
    id: str
    name: str


class PlannedStage(Answer):
    """A stage, "" where the study has none; `lists` are the ids of the strata of its randomisation list."""

    id: str
    name: str
    lists: tuple[str, ...]


class ConductPlan(Answer):
    """`open_label` is whether everybody may know arms all along; `method` is that of the randomisation."""

    version: int
    consent_versions: tuple[str, ...]
    consent_languages: tuple[str, ...]
    randomised: bool
    open_label: bool
    method: str
    factor: str
    levels: tuple[str, ...]
    strata: tuple[PlannedStratum, ...]
    arms: tuple[NamedPart, ...]
    stages: tuple[PlannedStage, ...]
    unblinding_trigger: str


@view(permission=Permission.READ_STUDY)
def show_conduct_plan(act: Act, ask: ShowConductPlan) -> ConductPlan:
    """What steps of conduct ask for, as the study file of a site's version says it."""
    version = act.site(ask.site).version if ask.site else act.the_study.version
    study = act.definition(version or act.the_study.version)
    plan, consent, blinding = study.randomisation, study.consent, study.blinding
    stages = {one.id: one.name for one in study.stages} or {"": ""}
    trigger = blinding.unblinding.trigger if blinding and blinding.unblinding else None
    return ConductPlan(
        version=version,
        consent_versions=consent.versions if consent else (),
        consent_languages=consent.languages if consent else (),
        randomised=study.design.allocation == "randomised",
        open_label=arms.is_open_label(act),
        method=plan.method if plan else "",
        factor=(plan.factor or "") if plan else "",
        levels=(plan.factor_levels or tuple(one for stratum in plan.strata for one in stratum.levels))
        if plan
        else (),
        strata=tuple(
            PlannedStratum(id=one.id, name=one.name, levels=one.levels)
            for one in (plan.strata if plan else ())
        ),
        arms=tuple(NamedPart(id=one.id, name=one.name) for one in study.arms),
        stages=tuple(
            PlannedStage(id=stage, name=name, lists=tuple(list_ids(study, stage)) if plan else ())
            for stage, name in stages.items()
        ),
        unblinding_trigger=trigger or "",
    )
