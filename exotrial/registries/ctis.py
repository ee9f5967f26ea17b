"""Reader of trials as CTIS, the EU's Clinical Trials Information System, hands them out: the JSON of its public portal.

What CTIS means otherwise than the record's fields is told and not filled in: groups of ages are no age limits, the
status of an application is none of the trial, and no date is called that of registration. Source: the paths that
ctrdata (CRAN, Herold, doi:10.1017/rsm.2025.10061) reads; EMA publishes no description of the JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from exotrial.core.identifiers import guess_registry
from exotrial.registries import ctis_words as words
from exotrial.registries.ctgov_values import PERSON_FOR_SITE, is_person
from exotrial.registries.ctis_design import (
    read_arms,
    read_interventions,
    read_masking_description,
    read_placebo,
)
from exotrial.registries.ctis_file import APPLICATION, NO_NUMBER, read_trials, recognises_ctis
from exotrial.registries.ctis_recruitment import read_dates, read_size
from exotrial.registries.ctis_values import NO_SEX, CtisValues, list_people, read_contacts
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.json_tree import JsonTree
from exotrial.registries.outcome_text import make_outcome
from exotrial.registries.phase_text import read_phase
from exotrial.registries.record import (
    Level,
    RecordedCondition,
    RecordedCriterion,
    RecordedOutcome,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import RecordFile, RegistryReader
from exotrial.registries.rule_text import propose_rule
from exotrial.registries.same_number import note_claims

READER = "ctis"

_PART_I = (APPLICATION, "authorizedPartI")
_PARTS_II = (APPLICATION, "authorizedPartsII")
_DETAILS = (*_PART_I, "trialDetails")
_INFORMATION = (*_DETAILS, "trialInformation")
_TITLES = (*_DETAILS, "clinicalTrialIdentifiers")
_LEVELS: tuple[tuple[str, Level], ...] = (
    ("primaryEndPoints", "primary"),
    ("secondaryEndPoints", "secondary"),
)
_CRITERIA: tuple[tuple[str, Literal["inclusion", "exclusion"]], ...] = (
    ("principalInclusionCriteria", "inclusion"),
    ("principalExclusionCriteria", "exclusion"),
)


def read_ctis(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """Every record of a file, in file order (EUC-001 to EUC-005)."""
    return note_claims([_read_trial(tree) for tree in read_trials(file)])


def _read_trial(tree: JsonTree) -> RegistryRecord:
    identifier = _read_number(tree)
    contacts = tuple(read_contacts(tree))
    values = CtisValues(tree, identifier.value, list_people(contacts))
    record = RegistryRecord(
        registry="ctis",
        identifier=identifier,
        reader=READER,
        source=tree.piece.file.source,
        secondary_ids=tuple(_read_other_numbers(values)),
        status=values.coded(words.STATUSES, "ctPublicStatusCode"),
        public_title=values.text(*_TITLES, "publicTitle"),
        scientific_title=values.text(*_TITLES, "fullTitle"),
        summary=values.text(*_INFORMATION, "trialObjective", "mainObjective"),
        sponsors=tuple(_read_sponsors(values)),
        contacts=contacts,
        countries=_read_countries(values),
        sites=tuple(_read_sites(values)),
        conditions=tuple(_read_conditions(values)),
        phase=_read_phase(values),
        purpose=_read_purpose(values),
        masking_description=read_masking_description(values, _DETAILS),
        placebo=read_placebo(values, _PART_I),
        arms=read_arms(values, _DETAILS),
        interventions=read_interventions(values, _PART_I),
        sex=_read_sex(values),
        healthy_volunteers=_read_healthy(values),
        criteria=tuple(_read_criteria(values)),
        outcomes=tuple(_read_outcomes(values)),
        target_size=read_size(values, _PART_I, _PARTS_II),
        **read_dates(values, _PART_I, _PARTS_II),
    )
    _tell_what_is_meant_otherwise(values)
    values.finish()
    return replace(record, findings=tuple(values.findings), unheld=tuple(values.unheld))


def _read_number(tree: JsonTree) -> Stated[str]:
    number = tree.take(str, "ctNumber")
    if number is None:
        raise NO_NUMBER.refuse("there is no `ctNumber`", place=tree.at())
    if guess_registry(number) != "ctis":
        raise NO_NUMBER.refuse(f"{number!r} is no EU CT number", place=tree.at("ctNumber"), value=number)
    return Stated(value=number.strip(), prints=number, place=tree.at("ctNumber"))


def _read_other_numbers(values: CtisValues) -> Iterator[Stated[str]]:
    others = (*_TITLES, "secondaryIdentifyingNumbers")
    paths: list[JsonPath] = [
        (*others, name, "number") for name in ("nctNumber", "isrctnNumber", "whoUniversalTrialNumber")
    ]
    paths += [(*path, "number") for path in values.entries(*others, "additionalRegistries")]
    paths.append((APPLICATION, "eudraCt", "eudraCtCode"))
    yield from (found for path in paths if (found := values.text(*path)) is not None)


def _read_sponsors(values: CtisValues) -> Iterator[RecordedSponsor]:
    paths = list(values.entries(*_PART_I, "sponsors"))
    for path in paths:
        # The organisation stands at the sponsor itself or at its contacts.
        places = [
            path,
            *values.entries(*path, "publicContacts"),
            *values.entries(*path, "scientificContacts"),
        ]
        named = [one for one in places if values.tree.find(*one, "organisation", "name")]
        if not named:
            continue
        primary = values.single(bool, *path, "primary")
        name = values.text(*named[0], "organisation", "name")
        is_first = primary is not None and primary.value
        if name is not None:
            role: Literal["sponsor", "collaborator"] = (
                "sponsor" if is_first or len(paths) == 1 else "collaborator"
            )
            kind = values.text(*named[0], "organisation", "type")
            yield RecordedSponsor(name=name, role=role, kind=kind)
    for path in values.entries(*_INFORMATION, "sourceOfMonetarySupport"):
        funder = values.text(*path, "organisationName")
        if funder is not None:
            yield RecordedSponsor(name=funder, role="funder")


def _read_countries(values: CtisValues) -> tuple[Stated[str], ...]:
    """Member states and the countries outside the EEA, each once."""
    paths = [
        (*path, "mscInfo", name) for path in values.entries(*_PARTS_II) for name in ("countryName", "mscName")
    ]
    paths += [(*path, "mscName") for path in values.entries(APPLICATION, "memberStatesConcerned")]
    paths += [(*path, "name") for path in values.entries(*_PART_I, "rowCountriesInfo")]
    return _once(values, paths)


def _once(values: CtisValues, paths: Sequence[JsonPath]) -> tuple[Stated[str], ...]:
    """The words at these paths, each once, in their order."""
    found: dict[str, Stated[str]] = {}
    for path in paths:
        one = values.text(*path)
        if one is not None:
            found.setdefault(one.value.casefold(), one)
    return tuple(found.values())


def _read_sites(values: CtisValues) -> Iterator[RecordedSite]:
    for part in values.entries(*_PARTS_II):
        for path in values.entries(*part, "trialSites"):
            at = (*path, "organisationAddressInfo")
            city, country = values.text(*at, "address", "city"), values.text(*at, "address", "countryName")
            printed = values.tree.find(*at, "organisation", "name")
            if isinstance(printed, str) and is_person(printed):
                values.drop(*at, "organisation", "name")
                says = "the facility's name is a person's"
                values.doubt(PERSON_FOR_SITE, (*at, "organisation", "name"), says, prints="(withheld)")
                name = city
            else:
                name = values.text(*at, "organisation", "name") or city
            if name is not None:
                yield RecordedSite(name=name, city=city, country=country)
            elif country is not None:
                values.lose(
                    (*at, "address", "countryName"),
                    country.value,
                    "neither the facility nor its city is named",
                )


def _read_conditions(values: CtisValues) -> Iterator[RecordedCondition]:
    """The conditions, each once; a term of MedDRA belongs to one only where there is one of each."""
    at = (*_INFORMATION, "medicalCondition")
    paths = [*values.entries(*at, "partIMedicalConditions"), *values.entries(*_PART_I, "medicalConditions")]
    once = _once(values, [(*path, "medicalCondition") for path in paths])
    terms = list(values.entries(*at, "meddraConditionTerms"))
    if len(once) == 1 and len(terms) == 1:
        code, term = values.code(*terms[0], "classificationCode"), values.text(*terms[0], "termName")
        yield RecordedCondition(name=once[0], code=code, code_text=term)
        return
    yield from (RecordedCondition(name=one) for one in once)


def _read_phase(values: CtisValues) -> Stated[str] | None:
    printed = values.coded(words.PHASES, *_INFORMATION, "trialCategory", "trialPhase")
    phase = read_phase(printed.value) if printed is not None else None
    return replace(printed, value=phase.phase) if printed is not None and phase is not None else None


def _read_purpose(values: CtisValues) -> Stated[str] | None:
    """The purpose among the scopes of a trial, where it is one; the other scopes are told."""
    at = [(*path, "code") for path in values.entries(*_INFORMATION, "trialObjective", "trialScopes")]
    scopes = [(path, one) for path in at if (one := values.coded(words.SCOPES, *path)) is not None]
    purposes = [one for _, one in scopes if one.value in words.PURPOSES]
    for path, one in scopes:
        if one.value not in words.PURPOSES or len(purposes) > 1:
            values.lose(path, one.value, "a scope of the trial that is no purpose, or one of several")
    return replace(purposes[0], value=words.PURPOSES[purposes[0].value]) if len(purposes) == 1 else None


def _read_sex(values: CtisValues) -> Stated[Literal["all", "female", "male"]] | None:
    at = (*_INFORMATION, "populationOfTrialSubjects")
    women, men = values.single(bool, *at, "isFemaleSubjects"), values.single(bool, *at, "isMaleSubjects")
    if women is None or men is None:
        for name, one in (("isFemaleSubjects", women), ("isMaleSubjects", men)):
            if one is not None:
                values.lose((*at, name), one.prints, "only one of the sexes is spoken of")
        return None
    prints = f"female {women.prints}, male {men.prints}"
    if not women.value and not men.value:
        values.doubt(NO_SEX, (*at, "isFemaleSubjects"), "neither women nor men take part", prints=prints)
        return None
    both = women.value and men.value
    return Stated(
        value="all" if both else "female" if women.value else "male", prints=prints, place=women.place
    )


def _read_healthy(values: CtisValues) -> Stated[bool] | None:
    at = (*_INFORMATION, "populationOfTrialSubjects", "clinicalTrialGroups")
    paths = list(values.entries(*at))
    found = [values.word(words.GROUPS, *path, "name") for path in paths]
    known = [one for one in found if one is not None]
    if not known:
        return None
    healthy = next((one for one in known if one.value), None)
    if healthy is not None:
        return healthy
    # That patients take part excludes healthy volunteers only where no group is left unread.
    if len(known) == len(paths):
        return known[0]
    values.lose(at, known[0].prints, "another group of participants could not be read")
    return None


def _read_criteria(values: CtisValues) -> Iterator[RecordedCriterion]:
    """The criteria as the record divides them."""
    for name, category in _CRITERIA:
        for path in values.entries(*_INFORMATION, "eligibilityCriteria", name):
            values.code(*path, "number")
            text = values.text(*path, name)
            if text is not None:
                yield RecordedCriterion(category=category, text=text, proposed=propose_rule(text.value))


def _read_outcomes(values: CtisValues) -> Iterator[RecordedOutcome]:
    """The endpoints; CTIS has no field for when they are measured, and nothing is read from their words."""
    for name, level in _LEVELS:
        for path in values.entries(*_INFORMATION, "endPoint", name):
            values.code(*path, "number")
            is_primary, text = values.single(bool, *path, "isPrimary"), values.text(*path, "endPoint")
            if is_primary is not None and is_primary.value != (level == "primary"):
                values.lose(
                    (*path, "isPrimary"), is_primary.prints, f"the endpoint stands among the {level} ones"
                )
            if text is not None:
                yield make_outcome(level, name=text)


def _tell_what_is_meant_otherwise(values: CtisValues) -> None:
    population = (*_INFORMATION, "populationOfTrialSubjects")
    paths: list[tuple[JsonPath, str]] = [
        (("ctStatus",), "the status of the application, not of the trial"),
        (("decisionDate",), "the day of the authorities' decision; CTIS names no day of registration"),
        (("publishDate",), "the day of publication; CTIS names no day of registration"),
        ((*_TITLES, "shortTitle"), "the sponsor's protocol code or an acronym: CTIS does not say which"),
    ]
    periods = values.entries(*_DETAILS, "protocolInformation", "studyDesign", "periodDetails")
    paths += [
        ((*path, step), "a code whose list CTIS does not publish")
        for path in periods
        for step in ("blindingMethodCode", "allocationMethod")
    ]
    paths += [
        ((*path, step), "a group of ages, which is no age limit")
        for name in ("ageRanges", "ageRangeSecondaryIds")
        for path in values.entries(*population, name)
        for step in ("ageRangeCategoryCode", "ageRangeCategory", "ctAgeRangeCode", "ctAgeRange")
    ]
    for path, why in paths:
        found: Any = values.tree.find(*path)
        if found is not None and not isinstance(found, dict | list):
            values.drop(*path)
            values.lose(path, str(found), why)


CTIS = RegistryReader(
    name=READER,
    title="CTIS: JSON of its public portal",
    registry="ctis",
    suffixes=(".json", ".jsonl", ".ndjson"),
    citation="https://euclinicaltrials.eu/ctis-public-api/retrieve (form since 17 June 2024), as ctrdata reads it",
    recognises=recognises_ctis,
    read=read_ctis,
)
