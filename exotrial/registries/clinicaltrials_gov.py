"""Reader of ClinicalTrials.gov's records as its API v2 gives them.

Everything in the protocol section is either in the record or told as unheld; results, documents and what the register
derives are told as a whole. Source: https://clinicaltrials.gov/data-api/about-api/study-data-structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from exotrial.core.identifiers import guess_registry
from exotrial.registries import ctgov_words as words
from exotrial.registries.ctgov_arms import read_arms, read_interventions
from exotrial.registries.ctgov_file import NO_NUMBER, StudyTree, read_studies, recognises_ctgov
from exotrial.registries.ctgov_values import (
    PERSON_FOR_SITE,
    PROTOCOL,
    REVIEWED_AFTER_START,
    UNKNOWN_WORD,
    Values,
    is_person,
)
from exotrial.registries.eligibility_text import Category, read_criteria, split_eligibility
from exotrial.registries.outcome_text import make_outcome
from exotrial.registries.record import (
    Level,
    RecordedCondition,
    RecordedContact,
    RecordedCriterion,
    RecordedOutcome,
    RecordedSharing,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import RecordFile, RegistryReader
from exotrial.registries.same_number import note_claims

READER = "clinicaltrials-gov"

_IDENTITY, _STATUS, _DESIGN = "identificationModule", "statusModule", "designModule"
_SPONSORS, _CONTACTS, _SHARING = (
    "sponsorCollaboratorsModule",
    "contactsLocationsModule",
    "ipdSharingStatementModule",
)
_LEVELS: tuple[tuple[str, Level], ...] = (
    ("primaryOutcomes", "primary"),
    ("secondaryOutcomes", "secondary"),
    ("otherOutcomes", "exploratory"),
)


def read_clinicaltrials_gov(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """Every record of a file, in file order (CTG-001 to CTG-004)."""
    return note_claims([_read_study(tree) for tree in read_studies(file)])


def _read_study(tree: StudyTree) -> RegistryRecord:
    identifier = _read_number(tree)
    number = identifier.value
    contacts = tuple(_read_contacts(tree))
    values = Values(tree, number, [one.name for one in contacts])
    for one in ("centralContacts", "overallOfficials"):
        values.drop(_CONTACTS, one)
    values.drop(_SPONSORS, "responsibleParty")
    sites = tuple(_read_sites(values))
    record = RegistryRecord(
        registry="nct",
        identifier=identifier,
        reader=READER,
        source=tree.piece.file.source,
        as_of=_read_version(tree),
        secondary_ids=tuple(_read_other_numbers(values)),
        public_title=values.text(_IDENTITY, "briefTitle"),
        scientific_title=values.text(_IDENTITY, "officialTitle"),
        acronym=values.text(_IDENTITY, "acronym"),
        summary=values.prose("descriptionModule", "briefSummary"),
        description=values.prose("descriptionModule", "detailedDescription"),
        sponsors=tuple(_read_sponsors(values)),
        contacts=contacts,
        countries=tuple({site.country.value: site.country for site in sites if site.country}.values()),
        sites=sites,
        conditions=tuple(
            RecordedCondition(name=one) for one in values.texts("conditionsModule", "conditions")
        ),
        outcomes=tuple(_read_outcomes(values)),
        sharing=_read_sharing(values),
        publications=tuple(_read_publications(values)),
        **_read_status(values),
        **_read_design(values),
        **_read_eligibility(values),
    )
    _note_review(values, record)
    values.finish()
    return replace(record, findings=tuple(values.findings), unheld=tuple(values.unheld))


def _read_number(tree: StudyTree) -> Stated[str]:
    """The register's number; of a record that is yet to be submitted the organisation's own (CTG-004 without both)."""
    number = tree.take(str, PROTOCOL, _IDENTITY, "nctId")
    path = (_IDENTITY, "nctId") if number is not None else (_IDENTITY, "orgStudyIdInfo", "id")
    if number is None:
        own = tree.take(str, PROTOCOL, *path)
        if own is None or not own.strip():
            raise NO_NUMBER.refuse(
                "neither the register's number nor the organisation's own", place=tree.at(PROTOCOL, _IDENTITY)
            )
        return Stated(value=own.strip(), prints=own, place=tree.at(PROTOCOL, *path))
    if guess_registry(number) != "nct":
        raise NO_NUMBER.refuse(
            f"{number!r} is no number of the register", place=tree.at(PROTOCOL, *path), value=number
        )
    return Stated(value=number, prints=number, place=tree.at(PROTOCOL, *path))


def _read_version(tree: StudyTree) -> date | None:
    """The day on which the register's data were so, where the file keeps it."""
    found = tree.find("derivedSection", "miscInfoModule", "versionHolder")
    with suppress(TypeError, ValueError):
        return date.fromisoformat(found)
    return None


def _read_other_numbers(values: Values) -> Iterator[Stated[str]]:
    own_path = (_IDENTITY, "orgStudyIdInfo", "id")
    own = None if (PROTOCOL, *own_path) in values.tree.taken else values.text(*own_path)
    others = [values.text(*path, "id") for path in values.entries(_IDENTITY, "secondaryIdInfos")]
    yield from (one for one in (own, *others) if one is not None)
    yield from values.texts(_IDENTITY, "nctIdAliases")


def _read_status(values: Values) -> dict[str, Any]:
    start_type = values.word({"ACTUAL": True, "ESTIMATED": False}, _STATUS, "startDateStruct", "type")
    return {
        "registered": values.day(_STATUS, "studyFirstSubmitDate"),
        "updated": values.day(_STATUS, "lastUpdateSubmitDate"),
        "status": values.word(words.STATUSES, _STATUS, "overallStatus"),
        "start": values.day(_STATUS, "startDateStruct", "date"),
        "start_actual": start_type.value if start_type else None,
        "primary_completion": values.day(_STATUS, "primaryCompletionDateStruct", "date"),
        "completion": values.day(_STATUS, "completionDateStruct", "date"),
        "results_posted": values.day(_STATUS, "resultsFirstPostDateStruct", "date"),
    }


def _read_sponsors(values: Values) -> Iterator[RecordedSponsor]:
    paths: list[tuple[tuple[str | int, ...], Literal["sponsor", "collaborator"]]]
    paths = [((_SPONSORS, "leadSponsor"), "sponsor")]
    paths += [(path, "collaborator") for path in values.entries(_SPONSORS, "collaborators")]
    for path, role in paths:
        name, kind = values.text(*path, "name"), values.text(*path, "class")
        if name is not None:
            yield RecordedSponsor(name=name, role=role, kind=kind)
        elif kind is not None:
            values.lose((*path, "class"), kind.prints, "the organisation has no name")


def _read_design(values: Values) -> dict[str, Any]:
    info = (_DESIGN, "designInfo")
    interventions = read_interventions(values)
    observational = values.text(*info, "observationalModel")
    if observational is not None:
        observational = replace(observational, value=observational.value.lower().replace("_", " "))
    roles = [
        one
        for path in values.entries(*info, "maskingInfo", "whoMasked")
        if (one := values.word(words.ROLES, *path))
    ]
    masked = None
    if roles:
        prints = ", ".join(one.prints for one in roles)
        masked = Stated(value=tuple(one.value for one in roles), prints=prints, place=roles[0].place)
    size_type = values.word({"ACTUAL": True, "ESTIMATED": False}, _DESIGN, "enrollmentInfo", "type")
    size = values.single(int, _DESIGN, "enrollmentInfo", "count") if size_type else None
    return {
        "study_type": values.word(words.STUDY_TYPES, _DESIGN, "studyType"),
        "phase": _read_phase(values),
        "model": values.word(words.MODELS, *info, "interventionModel") or observational,
        "allocation": values.word(words.ALLOCATIONS, *info, "allocation"),
        "purpose": values.word(words.PURPOSES, *info, "primaryPurpose"),
        "masking": values.word(words.MASKINGS, *info, "maskingInfo", "masking"),
        "masked_roles": masked,
        "masking_description": values.prose(*info, "maskingInfo", "maskingDescription"),
        "arms": read_arms(values, interventions),
        "interventions": interventions,
        "target_size": size if size_type and not size_type.value else None,
        "actual_size": size if size_type and size_type.value else None,
    }


def _read_phase(values: Values) -> Stated[str] | None:
    """The phases of the list joined; `NA` names none and is told."""
    path = (_DESIGN, "phases")
    said = values.texts(*path)
    if not said:
        return None
    printed = tuple(one.value for one in said)
    prints = ", ".join(printed)
    if printed in words.PHASES:
        return Stated(value=words.PHASES[printed], prints=prints, place=said[0].place)
    if printed != ("NA",):
        values.doubt(UNKNOWN_WORD, path, f"“{prints}” is no phase of the register's list", prints=prints)
    values.lose(
        path, prints, "it says that phases do not apply" if printed == ("NA",) else "no phase of the list"
    )
    return None


def _read_eligibility(values: Values) -> dict[str, Any]:
    module = "eligibilityModule"
    return {
        "age_min": values.age(module, "minimumAge"),
        "age_max": values.age(module, "maximumAge"),
        "sex": values.word({"ALL": "all", "FEMALE": "female", "MALE": "male"}, module, "sex"),
        "healthy_volunteers": values.single(bool, module, "healthyVolunteers"),
        "criteria": tuple(_read_criteria(values, module, "eligibilityCriteria")),
    }


def _read_criteria(values: Values, *path: str) -> Iterator[RecordedCriterion]:
    found = values.prose(*path)
    if found is None:
        return
    parts = split_eligibility(found.value)
    lists: tuple[tuple[Category, str | None], ...] = (
        ("inclusion", parts.inclusion),
        ("exclusion", parts.exclusion),
    )
    for category, text in lists:
        yield from read_criteria(text or "", category, place=found.place)
    if parts.inclusion is None and parts.exclusion is None:
        values.lose(path, found.value, "no heading says what includes and what excludes")


def _read_outcomes(values: Values) -> Iterator[RecordedOutcome]:
    for name, level in _LEVELS:
        for path in values.entries("outcomesModule", name):
            frame, method = values.text(*path, "timeFrame"), values.prose(*path, "description")
            measure = values.text(*path, "measure")
            if measure is not None:
                yield make_outcome(level, name=measure, time_frame=frame, method=method)
                continue
            for field, one in (("timeFrame", frame), ("description", method)):
                if one is not None:
                    values.lose((*path, field), one.value, "the outcome has no name")


def _read_sites(values: Values) -> Iterator[RecordedSite]:
    for path in values.entries(_CONTACTS, "locations"):
        values.drop(*path, "contacts")
        city, country = values.text(*path, "city"), values.text(*path, "country")
        printed = values.tree.find(PROTOCOL, *path, "facility")
        if isinstance(printed, str) and is_person(printed):
            values.drop(*path, "facility")
            values.doubt(
                PERSON_FOR_SITE, (*path, "facility"), "the facility's name is a person's", prints="(withheld)"
            )
            name = city
        else:
            name = values.text(*path, "facility") or city
        if name is not None:
            yield RecordedSite(name=name, city=city, country=country)
        elif country is not None:
            values.lose((*path, "country"), country.value, "neither the facility nor its city is named")


def _read_contacts(tree: StudyTree) -> Iterator[RecordedContact]:
    def words_of(*path: str | int) -> str:
        return str(tree.find(PROTOCOL, *path) or "")

    roles = (("centralContacts", "public inquiries"), ("overallOfficials", "scientific inquiries"))
    paths: list[tuple[tuple[str | int, ...], str]] = [
        ((_CONTACTS, name, position), role)
        for name, role in roles
        for position in tree.positions(PROTOCOL, _CONTACTS, name)
    ]
    for place in tree.positions(PROTOCOL, _CONTACTS, "locations"):
        at = (_CONTACTS, "locations", place, "contacts")
        paths += [((*at, position), "site") for position in tree.positions(PROTOCOL, *at)]
    for path, role in paths:
        yield RecordedContact(
            role=role,
            name=words_of(*path, "name"),
            telephone=words_of(*path, "phone"),
            email=words_of(*path, "email"),
            affiliation=words_of(*path, "affiliation"),
        )
    party = (_SPONSORS, "responsibleParty")
    if words_of(*party, "investigatorFullName"):
        yield RecordedContact(
            role="sponsor",
            name=words_of(*party, "investigatorFullName"),
            affiliation=words_of(*party, "investigatorAffiliation"),
        )


def _read_sharing(values: Values) -> RecordedSharing | None:
    plan: Stated[bool | None] | None
    plan = values.word({"YES": True, "NO": False, "UNDECIDED": None}, _SHARING, "ipdSharing")
    entries = values.entries(_SHARING, "infoTypes")
    documents = [one for path in entries if (one := values.word(words.DOCUMENTS, *path))]
    sharing = RecordedSharing(
        participant_data=plan,
        description=values.prose(_SHARING, "description"),
        documents=tuple(documents),
        period=values.prose(_SHARING, "timeFrame"),
        audience=values.prose(_SHARING, "accessCriteria"),
        obtainable_from=values.text(_SHARING, "url"),
    )
    return None if sharing == RecordedSharing() else sharing


def _read_publications(values: Values) -> Iterator[Stated[str]]:
    """The citations; a publication that is only a number of PubMed is `PMID` and the number."""
    for path in values.entries("referencesModule", "references"):
        citation, number = values.text(*path, "citation"), values.text(*path, "pmid")
        if citation is not None:
            known = f"{citation.value} PMID {number.value}" if number else citation.value
            yield replace(citation, value=known)
        elif number is not None:
            yield replace(number, value=f"PMID {number.value}")


def _note_review(values: Values, record: RegistryRecord) -> None:
    """Tell where the first enrolment lies between the submission and the register's review of it."""
    path = (_STATUS, "studyFirstSubmitQcDate")
    reviewed, start = values.day(*path), record.start
    if reviewed is None:
        return
    values.lose(path, reviewed.prints, "the record holds the day of submission")
    if start is None or record.registered is None:
        return
    if record.registered.value.last <= start.value.first and start.value.last < reviewed.value.first:
        says = (
            f"submitted on {record.registered.prints}, first enrolment {start.prints}, "
            f"through the register's review on {reviewed.prints}"
        )
        values.doubt(REVIEWED_AFTER_START, path, says, prints=reviewed.prints)


CLINICALTRIALS_GOV = RegistryReader(
    name=READER,
    title="ClinicalTrials.gov: JSON of its API v2",
    registry="nct",
    suffixes=(".json", ".jsonl", ".ndjson"),
    citation="ClinicalTrials.gov API v2, https://clinicaltrials.gov/data-api/api (2.0.5)",
    recognises=recognises_ctgov,
    read=read_clinicaltrials_gov,
)
