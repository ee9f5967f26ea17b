"""A study file from the USDM that was written of it: classes and extension attributes put together again.

What a person changed in the document since is taken over where the study file has it in that place, and told as a loss
where it has not: the study is written again, and every value that comes out otherwise is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from exotrial.core.errors import ErrorCode, Refusals
from exotrial.registries.json_lines import JsonPath, write_path
from exotrial.registries.record import Loss
from exotrial.registries.registry import RecordFile
from exotrial.registries.usdm.document import Document, read_document
from exotrial.registries.usdm.extensions import Values, read_extensions
from exotrial.registries.usdm.parts import (
    ACTIVITY,
    ANALYSIS_POPULATION,
    ARM,
    COHORT,
    CRITERION,
    CRITERION_ITEM,
    ENCOUNTER,
    EPOCH,
    INTERVENTION,
    OBJECTIVE,
    ORGANISATION,
    OUTCOME,
    PRODUCT,
    SITE,
    Held,
    is_made,
    read_part,
)
from exotrial.registries.usdm.terms import OWN_SYSTEM, read_word
from exotrial.registries.usdm.write import TITLES, shorten, write_wrapper
from exotrial.study.definition import Study

NOT_OURS = ErrorCode(
    "USD-007",
    "The document was not written from a study file, so that there is none to restore.",
    "make a draft of it with `exotrial import`.",
)
NOT_A_STUDY = ErrorCode(
    "USD-008",
    "What the document holds is no study file any more.",
    "undo the change at the place named, or make a draft with `exotrial import`.",
)

Json = dict[str, Any]


def read_study_from_usdm(file: RecordFile) -> tuple[Study, tuple[Loss, ...]]:
    """The study that a document was written from, and what of the document the study file cannot hold.

    Refuses with USD-001 to USD-006 as reading does, with USD-007 for a document that no study file is behind, and
    with all of USD-008 together.
    """
    document = read_document(file)
    wrapper = cast("Json", document.value)
    versions = wrapper["study"].get("versions", [])
    ours = len(versions) == 1 and "schema_version" in read_extensions(versions[0])
    if not ours or len(versions[0].get("studyDesigns", ())) != 1:
        raise NOT_OURS.refuse(
            "no extension attribute of a study file is in it", place=file.at(), value=file.name
        )
    values = _read_study(wrapper["study"])
    try:
        study = Study.model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise Refusals(
            [
                NOT_A_STUDY.refuse(
                    f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}",
                    place=file.at(),
                    value=detail["input"] if isinstance(detail["input"], str | int | float) else "",
                )
                for detail in error.errors(include_url=False)
            ]
        ) from None
    again = write_wrapper(study)
    return study, tuple(_compare(document, wrapper["study"], again["study"], ("study",)))


def _read_study(study: Json) -> Values:
    version = study["versions"][0]
    values = read_extensions(version) | {"id": study["name"], "version": version["versionIdentifier"]}
    for title in version["titles"]:
        word = read_word("title", title["type"])
        values |= {key: title["text"] for key, list_word in TITLES.items() if list_word == word}
    organisations = version.get("organizations", [])
    values |= _lists(
        {
            "registrations": _read_registrations(version),
            "organisations": [_read_organisation(one) for one in _own(organisations)],
            "sites": [_read_site(site) for one in organisations for site in one.get("managedSites", [])],
            "interventions": _read_parts(INTERVENTION, version.get("studyInterventions", [])),
            "products": _read_parts(PRODUCT, version.get("administrableProducts", [])),
        }
    )
    texts = {item["id"]: item for item in version.get("eligibilityCriterionItems", [])}
    return values | _read_design(version["studyDesigns"][0], texts, values)


def _read_design(design: Json, texts: Mapping[str, Json], values: Values) -> Values:
    own = read_extensions(design)
    own["intervention_model"] = read_word("model", design["model"])
    phase = design.get("studyPhase")
    own["phase"] = "not stated" if phase is None else read_word("phase", phase["standardCode"])
    if design.get("intentTypes"):
        own["purpose"] = read_word("purpose", design["intentTypes"][0])
    population = design["population"]
    own |= _counted("planned_size", population)
    found: Values = {"design": own, "population": _read_population(population, design, texts)}
    blinding = values.get("blinding")
    if design.get("blindingSchema") and isinstance(blinding, dict):
        label = read_word("blinding", design["blindingSchema"]["standardCode"])
        found["blinding"] = {"label": label, **blinding}
    return found | _lists(
        {
            "arms": _read_parts(ARM, design["arms"]),
            "epochs": _read_parts(EPOCH, design["epochs"]),
            "encounters": _read_parts(ENCOUNTER, design.get("encounters", [])),
            "activities": _read_parts(ACTIVITY, design.get("activities", [])),
            "conditions": [_read_indication(one) for one in design.get("indications", [])],
            "objectives": _read_parts(OBJECTIVE, design.get("objectives", [])),
            "outcomes": _read_outcomes(design),
            "analysis_populations": _read_parts(ANALYSIS_POPULATION, design.get("analysisPopulations", [])),
            "cohorts": [_read_cohort(one) for one in population.get("cohorts", [])],
        }
    )


def _lists(lists: Mapping[str, list[Values]]) -> Values:
    return {key: entries for key, entries in lists.items() if entries}


def _own(elements: list[Json]) -> list[Json]:
    return [one for one in elements if not is_made(one)]


def _read_parts(held: Held, elements: list[Json]) -> list[Values]:
    return [read_part(held, one) for one in _own(elements)]


def _read_registrations(version: Json) -> list[Values]:
    labels = {one["id"]: one.get("label") or one["name"] for one in version.get("organizations", [])}
    return [
        {"registry": labels[one["scopeId"]], "identifier": one["text"], **read_extensions(one)}
        for one in _own(version["studyIdentifiers"])
    ]


def _read_organisation(organisation: Json) -> Values:
    values = read_part(ORGANISATION, organisation)
    address = organisation.get("legalAddress") or {}
    if address.get("city"):
        values["city"] = address["city"]
    if address.get("country"):
        values["country"] = address["country"]["decode"]
    return values


def _read_site(site: Json) -> Values:
    values = read_part(SITE, site)
    country = site["country"]
    if (country["codeSystem"], country["code"]) != (OWN_SYSTEM, "not stated"):
        values["country"] = country["decode"]
    return values


def _read_indication(indication: Json) -> Values:
    values = {"name": indication.get("label") or indication["name"], **read_extensions(indication)}
    for code in indication.get("codes", [])[:1]:
        values["icd10"] = code["code"]
        if code["decode"]:
            values["icd10_text"] = code["decode"]
    return values


def _read_outcomes(design: Json) -> list[Values]:
    """The endpoints of every objective in the order of the study file; one that was added comes last."""
    found = [
        read_part(OUTCOME, endpoint)
        for objective in design.get("objectives", [])
        for endpoint in objective.get("endpoints", [])
    ]
    found.sort(key=lambda values: _position(values, last=len(found)))
    return [{key: value for key, value in values.items() if key != "position"} for values in found]


def _position(values: Values, *, last: int) -> int:
    position = values.get("position")
    return position if isinstance(position, int) else last


def _read_population(population: Json, design: Json, texts: Mapping[str, Json]) -> Values:
    values = read_extensions(population)
    values["healthy_volunteers"] = population["includesHealthySubjects"]
    sexes = [read_word("sex", code) for code in population.get("plannedSex", [])]
    if sexes:
        values["sex"] = "all" if set(sexes) == {"female", "male"} else sexes[0]
    ages = population.get("plannedAge")
    if ages and all(_in_years(ages[end]) for end in ("minValue", "maxValue")):
        values["age_min"] = _whole(ages["minValue"]["value"])
        values["age_max"] = _whole(ages["maxValue"]["value"])
    values["criteria"] = [
        read_part(CRITERION_ITEM, texts[one["criterionItemId"]]) | read_part(CRITERION, one)
        for one in _own(design["eligibilityCriteria"])
    ]
    return values


def _read_cohort(cohort: Json) -> Values:
    return read_part(COHORT, cohort) | _counted("size", cohort)


def _counted(key: str, population: Json) -> Values:
    """The number of participants planned, where it is one number and not a range."""
    number = population.get("plannedEnrollmentNumber") or {}
    return {key: _whole(number["value"])} if number.get("instanceType") == "Quantity" else {}


def _in_years(quantity: Json) -> bool:
    unit = quantity.get("unit")
    return unit is not None and read_word("age unit", unit["standardCode"]) == "a"


def _whole(number: float) -> float | int:
    """A count as a whole number where it is one; the study file refuses any other."""
    return int(number) if float(number).is_integer() else number


def _compare(document: Document, here: Any, again: Any, path: JsonPath) -> Iterator[Loss]:
    """Every value of the document that the restored study does not give when it is written again."""
    if isinstance(here, dict) and isinstance(again, dict):
        for key in dict.fromkeys((*here, *again)):
            if key != "id":  # most are running numbers, which move when an element before them goes
                yield from _compare(document, here.get(key), again.get(key), (*path, key))
    elif isinstance(here, list) and isinstance(again, list):
        yield from _compare_lists(document, here, again, path)
    elif here != again and not (here in _EMPTY and again in _EMPTY):
        yield Loss(
            item=write_path(path),
            prints=shorten(here),
            why=_why(again),
            place=document.at(path),
        )


def _why(again: object) -> str:
    if again in _EMPTY:
        return "the study file has no place for it"
    return f"the study file says otherwise: written again, it is {shorten(again)}"


def _compare_lists(document: Document, here: list[Any], again: list[Any], path: JsonPath) -> Iterator[Loss]:
    """The same for two lists, whose elements are matched by their url or name, and by position without one."""
    names, others = _names(here), _names(again)
    written = dict(zip(others, again, strict=True))
    for position, (name, one) in enumerate(zip(names, here, strict=True)):
        yield from _compare(document, one, written.pop(name, None), (*path, position))
    for one in written.values():
        yield from _compare(document, None, one, path)
    common = [name for name in names if name in others]
    if common != [name for name in others if name in common]:
        yield Loss(
            item=write_path(path),
            prints=shorten(common),
            why="the study file has them in another order",
            place=document.at(path),
        )


def _names(elements: list[Any]) -> list[object]:
    names = [one.get("url") or one.get("name") if isinstance(one, dict) else None for one in elements]
    unique = None not in names and len(set(names)) == len(names)
    return names if unique else list(range(len(elements)))


_EMPTY: tuple[object, ...] = (None, [])
"""What an attribute holds that is left out: a list of none, or nothing at all."""
