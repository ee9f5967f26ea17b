"""The whole study file, and how a path finds its part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from exotrial.core.findings import Quote
from exotrial.study.definition.base import Identifier, Named, Part, Text
from exotrial.study.definition.design import (
    Activity,
    Arm,
    Blinding,
    Cohort,
    Design,
    Encounter,
    Epoch,
    Objective,
    Randomisation,
    Recruitment,
    Stage,
)
from exotrial.study.definition.identity import (
    Condition,
    Contact,
    Document,
    Ethics,
    Funding,
    Organisation,
    Registration,
    Site,
)
from exotrial.study.definition.intervention import Intervention, Product
from exotrial.study.definition.plan import (
    Analysis,
    Conduct,
    Evidence,
    Imaging,
    Outcome,
    Safety,
    SampleKind,
    Sharing,
    StatisticalDesign,
)
from exotrial.study.definition.population import AnalysisPopulation, Consent, Population


class Study(Part):
    """One study file."""

    schema_version: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: Text
    title: Text
    public_title: Text | None = None
    acronym: Text | None = None
    secondary_ids: tuple[Text, ...] | None = None
    """None where the source leaves the field empty; an empty list declares that there are none."""
    documents: tuple[Document, ...] = ()
    registrations: tuple[Registration, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    funding: tuple[Funding, ...] = ()
    ethics: tuple[Ethics, ...] = ()
    sites: tuple[Site, ...] = ()
    contacts: tuple[Contact, ...] = ()
    conditions: tuple[Condition, ...] = ()
    objectives: tuple[Objective, ...] = ()
    design: Design
    recruitment: Recruitment = Recruitment()
    arms: tuple[Arm, ...] = Field(min_length=1)
    cohorts: tuple[Cohort, ...] = ()
    stages: tuple[Stage, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    activities: tuple[Activity, ...] = ()
    population: Population
    consent: Consent | None = None
    interventions: tuple[Intervention, ...] = ()
    products: tuple[Product, ...] = ()
    randomisation: Randomisation | None = None
    blinding: Blinding | None = None
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    safety: Safety | None = None
    analysis_populations: tuple[AnalysisPopulation, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    statistical_design: StatisticalDesign | None = None
    imaging: Imaging | None = None
    samples: tuple[SampleKind, ...] = ()
    sharing: Sharing | None = None
    conduct: Conduct = Conduct()
    evidence: tuple[Evidence, ...] = ()

    @model_validator(mode="after")
    def _references_hold(self) -> Study:
        problems = list(_broken_references(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def evidence_for(self, path: str) -> tuple[Evidence, ...]:
        """All evidence for a path or for anything below it, in file order."""
        return tuple(e for e in self.evidence if e.path == path or e.path.startswith(f"{path}."))

    def quotes(self, *paths: str) -> tuple[Quote, ...]:
        """The quotes for these paths and below, ready for a Finding."""
        return tuple(
            Quote(source=e.source, prints=e.prints, line=e.line, place=e.place or "")
            for path in paths
            for e in self.evidence_for(path)
        )


def find_part(study: Study, path: str) -> object:
    """What stands at a dotted path; list entries are named by id. Raises LookupError naming the broken step."""
    here: object = study
    walked: list[str] = []
    for step in path.split("."):
        if isinstance(here, Part) and step in type(here).model_fields:
            here = getattr(here, step)
        elif isinstance(here, tuple):
            named = {entry.id: entry for entry in here if isinstance(entry, Named)}
            if step in named:
                here = named[step]
            elif step.isdigit() and int(step) < len(here):
                here = here[int(step)]
            else:
                raise LookupError(f"{'.'.join(walked)} has no {step!r}")
        else:
            raise LookupError(f"{'.'.join(walked) or 'the study file'} has no {step!r}")
        walked.append(step)
    return here


def _broken_references(study: Study) -> Iterator[str]:
    """Every id that is repeated, and every reference to an id that does not exist."""
    for field in type(study).model_fields:
        entries = getattr(study, field)
        if isinstance(entries, tuple):
            ids = [entry.id for entry in entries if isinstance(entry, Named)]
            for repeated in sorted({entry for entry in ids if ids.count(entry) > 1}):
                yield f"{field}: the id {repeated!r} is given more than once"

    def missing(where: str, wanted: tuple[Identifier | None, ...], known: tuple[Named, ...]) -> Iterator[str]:
        for name in wanted:
            if name is not None and name not in {entry.id for entry in known}:
                yield f"{where} names {name!r}, which is not among them: {', '.join(e.id for e in known)}"

    for arm in study.arms:
        yield from missing(f"arms.{arm.id}.interventions", arm.interventions, study.interventions)
    for stage in study.stages:
        yield from missing(f"stages.{stage.id}.arms", tuple(a.arm for a in stage.arms), study.arms)
    for encounter in study.encounters:
        yield from missing(f"encounters.{encounter.id}.epoch", (encounter.epoch,), study.epochs)
    for activity in study.activities:
        yield from missing(f"activities.{activity.id}.encounters", activity.encounters, study.encounters)
    for intervention in study.interventions:
        yield from missing(
            f"interventions.{intervention.id}.product", (intervention.product,), study.products
        )
    for outcome in study.outcomes:
        yield from missing(f"outcomes.{outcome.id}.encounters", outcome.encounters, study.encounters)
        strata = study.randomisation.strata if study.randomisation else ()
        yield from missing(f"outcomes.{outcome.id}.unavailable_in", outcome.unavailable_in, strata)
    for objective in study.objectives:
        yield from missing(f"objectives.{objective.id}.outcomes", objective.outcomes, study.outcomes)
    for analysis in study.analyses:
        yield from missing(f"analyses.{analysis.id}.variable", (analysis.variable,), study.outcomes)
        yield from missing(
            f"analyses.{analysis.id}.population", (analysis.population,), study.analysis_populations
        )
    for funding in study.funding:
        yield from missing("funding.organisation", (funding.organisation,), study.organisations)
    for product in study.products:
        yield from missing(
            f"products.{product.id}.manufacturer", (product.manufacturer,), study.organisations
        )
    for evidence in study.evidence:
        yield from missing(f"evidence for {evidence.path}", (evidence.source,), study.documents)
        try:
            find_part(study, evidence.path)
        except LookupError as error:
            yield f"evidence path {evidence.path!r}: {error.args[0]}"
