"""The whole study file, and how a path finds its part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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
    DataEntry,
    Evidence,
    Imaging,
    Outcome,
    Safety,
    SampleKind,
    Sharing,
    StatisticalDesign,
)
from exotrial.study.definition.population import AnalysisPopulation, Consent, Population
from exotrial.study.definition.protocol import Protocol


class Study(Part):
    """One study file."""

    schema_version: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: Text
    title: Text
    public_title: Text | None = None
    acronym: Text | None = None
    synthetic: bool = False
    """True where participants are made up; every page and report says so."""
    data_note: Text | None = None
    """What is to be known of the data before they are read, such as that they are a paper's; every page says it."""
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
    protocol: Protocol = Protocol()
    data_entry: DataEntry = DataEntry()
    conduct: Conduct = Conduct()
    evidence: tuple[Evidence, ...] = ()

    @model_validator(mode="after")
    def _references_hold(self) -> Study:
        problems = list(_broken_references(self))
        if problems:
            raise PydanticCustomError(
                "broken_references",
                "{count} references do not hold",
                {"count": len(problems), "problems": problems},
            )
        return self

    def evidence_for(self, path: str) -> tuple[Evidence, ...]:
        """All evidence for a path or for anything below it, in file order."""
        return tuple(e for e in self.evidence if e.path == path or e.path.startswith(f"{path}."))

    def quotes(self, *paths: str) -> tuple[Quote, ...]:
        """Quotes for a Finding: for each path its own evidence, or, where it has none, the first below it."""
        found: dict[Quote, None] = {}
        for path in paths:
            evidence = self.evidence_for(path)
            own = tuple(e for e in evidence if e.path == path)
            for e in own or evidence[:_MOST_QUOTES]:
                found[Quote(source=e.source, prints=e.prints, line=e.line, place=e.place or "")] = None
        return tuple(found)


_MOST_QUOTES = 3
"""How many quotes stand for a part that has none of its own: enough to find the place, few enough to read."""


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


Problem = tuple[tuple[str | int, ...], str]
"""Where a reference is broken, as keys and positions from 0, and how."""


def _broken_references(study: Study) -> Iterator[Problem]:
    """Every id that is given twice, and every reference to an id that does not exist."""
    for field in type(study).model_fields:
        entries = getattr(study, field)
        if isinstance(entries, tuple):
            yield from _repeated_ids((field,), entries)
    yield from _repeated_ids(("population", "criteria"), study.population.criteria)
    yield from _repeated_ids(("conduct", "facts"), study.conduct.facts)
    strata = study.randomisation.strata if study.randomisation else ()
    yield from _repeated_ids(("randomisation", "strata"), strata)
    references: tuple[tuple[str, tuple[Part, ...], str, tuple[Named, ...]], ...] = (
        ("arms", study.arms, "interventions", study.interventions),
        ("encounters", study.encounters, "epoch", study.epochs),
        ("activities", study.activities, "encounters", study.encounters),
        ("interventions", study.interventions, "product", study.products),
        ("products", study.products, "manufacturer", study.organisations),
        ("outcomes", study.outcomes, "encounters", study.encounters),
        ("outcomes", study.outcomes, "unavailable_in", strata),
        ("objectives", study.objectives, "outcomes", study.outcomes),
        ("analyses", study.analyses, "variable", study.outcomes),
        ("analyses", study.analyses, "population", study.analysis_populations),
        ("samples", study.samples, "encounters", study.encounters),
        ("funding", study.funding, "organisation", study.organisations),
        ("evidence", study.evidence, "source", study.documents),
        ("registrations", study.registrations, "seen_in", study.documents),
    )
    for field, entries, key, known in references:
        for position, entry in enumerate(entries):
            wanted = getattr(entry, key)
            yield from _unknown_ids(
                (field, position, key), wanted if isinstance(wanted, tuple) else (wanted,), known
            )
    for position, stage in enumerate(study.stages):
        yield from _unknown_ids(("stages", position, "arms"), tuple(a.arm for a in stage.arms), study.arms)
    if study.imaging is not None:
        yield from _unknown_ids(("imaging", "encounters"), study.imaging.encounters, study.encounters)
    for position, evidence in enumerate(study.evidence):
        try:
            find_part(study, evidence.path)
        except LookupError as error:
            yield ("evidence", position, "path"), f"the path {evidence.path!r} leads nowhere: {error.args[0]}"


def _repeated_ids(where: tuple[str, ...], entries: tuple[object, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        if isinstance(entry, Named):
            if entry.id in seen:
                yield (*where, position, "id"), f"the id {entry.id!r} is given to two {where[-1]}"
            seen.add(entry.id)


def _unknown_ids(
    where: tuple[str | int, ...], wanted: tuple[Identifier | None, ...], known: tuple[Named, ...]
) -> Iterator[Problem]:
    names = [entry.id for entry in known]
    for name in wanted:
        if name is not None and name not in names:
            among = f"; known are {', '.join(names)}" if names else ""
            yield where, f"{name!r} is not the id of any part it may name{among}"
