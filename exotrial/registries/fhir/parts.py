"""Parts of a ResearchStudy: who may take part, what is given, where, by whom, and when.

FHIR R5, https://hl7.org/fhir/R5/researchstudy.html. Only what FHIR has an element for stands in one; what is said in
words there (a description, a note) is a list of `label: words`, one for each value that the study file states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from exotrial.registries.fhir.terms import Resource, write_concept, write_country
from exotrial.registries.ictrp_words import list_countries, list_sponsors
from exotrial.registries.irct_words import write_time_points
from exotrial.registries.study_leaves import Leaf, derive_leaves
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention
from exotrial.study.definition.plan import Outcome

ELIGIBILITY = "eligibility"
STATUS = "unknown"
"""Whether the study is published is for the server that holds it to say; a study file does not state it."""


_ANSWERS = {"True": "yes", "False": "no"}


def write_id(*steps: str) -> str:
    """An id of FHIR (letters, digits, hyphens) from ids of a study file, which have no hyphens."""
    return "-".join(step.replace("_", "-") for step in steps)


def write_words(leaves: Iterable[Leaf], *, below: str) -> str:
    """Values as a list in markdown, each with the path that it has below a part."""
    lines = []
    for leaf in leaves:
        label = leaf.path.removeprefix(f"{below}.").replace("_", " ").replace(".", ", ")
        lines.append(f"- {label}: {_ANSWERS.get(leaf.words, ' '.join(leaf.words.split()))}")
    return "\n".join(lines)


def write_eligibility(study: Study) -> Resource | None:
    """The Group of those who may take part, None where nothing limits it; a criterion is a trait in words."""
    population = study.population
    traits: list[Resource] = []
    limits = {"low": population.age_min, "high": population.age_max}
    ages = {
        name: {"value": age, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
        for name, age in limits.items()
        if age is not None
    }
    if ages:
        traits.append({"code": {"text": "Age"}, "valueRange": ages, "exclude": False})
    if population.sex in ("female", "male"):
        traits.append(
            {
                "code": {"text": "Sex"},
                "valueCodeableConcept": write_concept("sex", population.sex),
                "exclude": False,
            }
        )
    traits += [
        {"code": {"text": one.text}, "valueBoolean": True, "exclude": one.category == "exclusion"}
        for one in population.criteria
    ]
    if not traits:
        return None
    return {
        "resourceType": "Group",
        "id": ELIGIBILITY,
        "type": "person",
        "membership": "definitional",
        "name": "Who may take part",
        "characteristic": traits,
    }


def tell_intervention(study: Study, intervention: Intervention) -> Iterator[Leaf]:
    """The values of an intervention that its description tells: all but its name and its product."""
    told = _below(study, "interventions", intervention.id)
    return (leaf for leaf in told if leaf.kind not in ("interventions.name", "interventions.product"))


def list_referred(study: Study) -> tuple[Intervention, ...]:
    """The interventions that an arm receives or that are under investigation: a contained one must be referred to."""
    given = {name for arm in study.arms for name in arm.interventions}
    return tuple(one for one in study.interventions if one.id in given or one.role == "investigational")


def write_exposure(study: Study, intervention: Intervention) -> Resource:
    """An intervention as the EvidenceVariable to which arms and the study's focus refer."""
    words = write_words(tell_intervention(study, intervention), below=f"interventions.{intervention.id}")
    return {
        "resourceType": "EvidenceVariable",
        "id": write_id("given", intervention.id),
        "title": intervention.name,
        "status": STATUS,
        **({"description": words} if words else {}),
    }


def write_exposure_reference(intervention: Intervention) -> Resource:
    """A Reference to an intervention that the resource contains."""
    return {"reference": f"#{write_id('given', intervention.id)}", "display": intervention.name}


def tell_outcome(study: Study, outcome: Outcome) -> Iterator[Leaf]:
    """The values of an outcome that its description tells beside its time points."""
    apart = {f"outcomes.{name}" for name in ("name", "level", "encounters", "horizon", "time_frame")}
    return (leaf for leaf in _below(study, "outcomes", outcome.id) if leaf.kind not in apart)


def write_outcome_measure(study: Study, outcome: Outcome) -> Resource:
    """An outcome with its level; its time points and all else that is stated of it are its description."""
    when = " ".join(write_time_points(study, outcome).split())
    words = [
        f"- time points: {when}" if when else "",
        write_words(tell_outcome(study, outcome), below=f"outcomes.{outcome.id}"),
    ]
    description = "\n".join(part for part in words if part)
    return {
        "name": outcome.name,
        "type": [write_concept("level", outcome.level)],
        **({"description": description} if description else {}),
    }


def write_locations(study: Study) -> Iterator[Resource]:
    """The sites, each a Location."""
    for site in study.sites:
        address = {
            name: words
            for name, words in (("city", site.city), ("country", site.country))
            if words is not None
        }
        yield {
            "resourceType": "Location",
            "id": write_id("site", site.id),
            "name": site.name,
            **({"address": address} if address else {}),
        }


def write_regions(study: Study) -> list[Resource]:
    """The countries in which the study takes place."""
    return [write_country(name) for name in list_countries(study)]


def write_parties(study: Study) -> list[Resource]:
    """Organisations by their roles, ethics committees, and offices that answer; people are named nowhere."""
    parties: list[Resource] = []
    for one in study.organisations:
        kinds = [{"text": words} for words in (one.kind, one.sector) if words]
        parties += [
            {
                "name": one.name,
                "role": write_concept("party", role),
                **({"classifier": kinds} if kinds else {}),
            }
            for role in one.roles
        ]
    known = {one.id: one for one in study.organisations}
    told = [("sponsor", name) for name in list_sponsors(study)]
    told += [("funder", known[one.organisation].name) for one in study.funding if one.organisation]
    told += [("ethics committee", one.committee) for one in study.ethics]
    told += [(one.role, one.organisation) for one in study.contacts if one.organisation]
    named = {(one["role"]["text"], one["name"]) for one in parties}
    for role, name in dict.fromkeys(told):
        if (role, name) not in named:
            parties.append({"name": name, "role": write_concept("party", role)})
    return parties


def write_progress(study: Study) -> Iterator[Resource]:
    """The status as told, and the dates of approval, recruitment, conduct and completion.

    `actual` is left out where the study file does not say whether a date is planned or past.
    """
    dates = study.recruitment
    if dates.status:
        yield {"state": write_concept("state", dates.status)}
    for decision in study.ethics:
        if decision.approved is not None:
            yield from _state("approved", decision.approved, None, actual=True)
    yield from _state("recruiting", dates.planned_start, dates.planned_end, actual=False)
    yield from _state("recruiting", dates.actual_start, dates.actual_end, actual=True)
    yield from _state("overall study", dates.conducted_from, dates.conducted_to, actual=True)
    yield from _state("completed", dates.completion, None, actual=None)


def _state(word: str, start: date | None, end: date | None, *, actual: bool | None) -> Iterator[Resource]:
    """One entry; two where the end is before the start, since a Period must not run backwards (per-1)."""
    if start is not None and end is not None and end < start:
        yield from _state(word, start, None, actual=actual)
        yield from _state(word, None, end, actual=actual)
        return
    period = {name: day.isoformat() for name, day in (("start", start), ("end", end)) if day is not None}
    if period:
        stated = {} if actual is None else {"actual": actual}
        yield {"state": write_concept("state", word), **stated, "period": period}


def _below(study: Study, room: str, name: str) -> Iterator[Leaf]:
    here = f"{room}.{name}."
    return (
        leaf for leaf in derive_leaves(study) if leaf.path.startswith(here) and not leaf.kind.endswith(".id")
    )


def drop_empty(parts: dict[str, Any]) -> Resource:
    """The parts that hold something: FHIR has no empty elements."""
    return {name: value for name, value in parts.items() if value not in (None, "", [], {})}
