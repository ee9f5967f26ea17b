"""Reads USDM v4.0 JSON as registry records: one for each version of the study, each value with its JSON path.

The design is read as CDISC's map to ClinicalTrials.gov reads it (DDF-RA, ct-gov mapping v4.0).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, cast

from exotrial.core.dates import read_partial_date
from exotrial.core.errors import Place
from exotrial.core.identifiers import guess_registry
from exotrial.registries.record import (
    Loss,
    MaskedRole,
    RecordedContact,
    RecordedEthics,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import RecordFile, RegistryReader
from exotrial.registries.usdm.document import Document, read_document, recognises_usdm, walk
from exotrial.registries.usdm.extensions import is_ours, read_extensions
from exotrial.registries.usdm.parts import MADE_FOR, is_made
from exotrial.registries.usdm.read_design import read_design
from exotrial.registries.usdm.read_own import read_own_conduct, read_own_registration
from exotrial.registries.usdm.reading import Json, Reading
from exotrial.registries.usdm.terms import OWN_SYSTEM, read_word

_MASKED: tuple[MaskedRole, ...] = (
    *("participant", "care provider", "investigator"),
    *("outcome assessor", "data analyst"),
)
_SPONSORS = {
    "sponsor": "sponsor",
    "co-sponsor": "sponsor",
    "funder": "funder",
    "collaborator": "collaborator",
}

_ETHICS = "ethics_approval_"
"""How the name of a governance date begins that is a committee's decision."""

_HELD = frozenset(
    (
        *("Study", "StudyVersion", "StudyIdentifier", "StudyTitle", "Organization", "StudyRole", "StudySite"),
        *("InterventionalStudyDesign", "ObservationalStudyDesign", "StudyArm", "StudyCell", "StudyElement"),
        *("StudyIntervention", "StudyDesignPopulation", "EligibilityCriterion", "EligibilityCriterionItem"),
        *("Objective", "Endpoint", "Indication", "Masking", "GovernanceDate"),
        *("SyntaxTemplateDictionary", "ParameterMap", "AssignedPerson", "PersonName"),
        *("Code", "AliasCode", "Quantity", "Range", "Address", "GeographicScope", "ExtensionAttribute"),
    )
)
"""Classes that the record holds, and those that are only parts of others; every other class is told as unheld."""


def read_usdm(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """A record for each version of the study in the file (USD-001 to USD-006)."""
    document = read_document(file)
    study = cast("dict[str, Any]", document.value["study"])
    return tuple(_read_version(study, version, document) for version in study.get("versions", []))


def _read_version(study: Json, version: Json, document: Document) -> RegistryRecord:
    reading = Reading(document)
    identifier, registry, others, registration = _read_identifiers(study, version, reading)
    titles = _read_titles(version, reading)
    sponsors = _read_sponsors(version, reading)
    designs = version.get("studyDesigns", [])
    design: dict[str, Any] = {}
    if designs:
        design = read_design(version, designs[0], reading) | read_own_conduct(version, designs[0], reading)
    for further in designs[1:]:
        reading.leave("studyDesigns", str(further["name"]), "a record holds one design: the first", further)
    record = RegistryRecord(
        registry=registry,
        identifier=identifier,
        reader=READER.name,
        source=document.file.source,
        as_of=_read_version_date(version),
        secondary_ids=others,
        public_title=titles.get("public") or titles.get("brief"),
        scientific_title=titles.get("scientific") or titles.get("official"),
        acronym=titles.get("acronym"),
        sponsors=sponsors,
        contacts=_read_contacts(version),
        countries=_read_countries(version, reading),
        sites=_read_sites(version, reading),
        ethics=_read_ethics(version, reading),
        **registration,
        **_read_masking(version, reading),
        **design,
    )
    _leave_classes(study, version, reading)
    return replace(record, findings=tuple(reading.findings.values()), unheld=tuple(reading.unheld))


def _read_identifiers(
    study: Json, version: Json, reading: Reading
) -> tuple[Stated[str], str, tuple[Stated[str], ...], dict[str, Any]]:
    """The identifier that a register gave out, or else the first, or else the study's name; its register; the others.

    Last what the study file says of the record of that register, where exotrial wrote it.
    """
    organisations = {one["id"]: one for one in version.get("organizations", [])}
    found = []
    for one in version["studyIdentifiers"]:
        stated = reading.words(one, "text")
        if stated is None or (is_made(one) and stated.value == study["name"]):
            continue
        scope = organisations[one["scopeId"]]
        is_register = read_word("organisation", scope["type"]) == "registry"
        found.append((not is_register, guess_registry(stated.value) is None, stated, scope, one))
    if not found:
        place = reading.document.at(("study", "name"))
        return Stated(value=study["name"], prints=study["name"], place=place), "USDM", (), {}
    first = min(found, key=lambda one: one[:2])
    identifier, scope = first[2], first[3]
    others = tuple(stated for _, _, stated, _, _ in found if stated is not identifier)
    registry = guess_registry(identifier.value) or scope.get("label") or scope["name"]
    return identifier, registry, others, read_own_registration(first[4], reading)


def _read_titles(version: Json, reading: Reading) -> dict[str, Stated[str]]:
    titles: dict[str, Stated[str]] = {}
    for title in version["titles"]:
        word = read_word("title", title["type"])
        stated = reading.words(title, "text")
        if stated is None:
            continue
        if word is None or word in titles:
            reading.leave("titles", stated.value, "a record holds one title of each kind", title)
        else:
            titles[word] = stated
    for taken, left in (("public", "brief"), ("scientific", "official")):
        if taken in titles and left in titles:
            reading.unheld.append(
                Loss(
                    item=f"titles ({left})",
                    prints=titles[left].value,
                    why=f"the record holds the {taken} title",
                    place=titles[left].place,
                )
            )
    return titles


def _read_sponsors(version: Json, reading: Reading) -> tuple[RecordedSponsor, ...]:
    organisations = {one["id"]: one for one in version.get("organizations", [])}
    sponsors = []
    for role in version.get("roles", []):
        word = read_word("role", role["code"])
        for name in role.get("organizationIds", []):
            if word not in _SPONSORS:
                reading.leave(f"roles ({word or role['code']['decode']})", name, "no sponsor or funder", role)
                continue
            label = reading.words(organisations[name], "label", "name")
            assert label is not None  # a name has at least one letter
            kind = reading.term(organisations[name]["type"], "organisation")
            sponsors.append(RecordedSponsor(name=label, role=cast("Any", _SPONSORS[word]), kind=kind))
    return tuple(sponsors)


def _read_contacts(version: Json) -> tuple[RecordedContact, ...]:
    contacts = []
    for role in version.get("roles", []):
        for person in role.get("assignedPersons", []):
            named = person["personName"]
            parts = [*named.get("givenNames", []), named.get("familyName") or ""]
            name = named.get("text") or " ".join(part for part in parts if part)
            contacts.append(RecordedContact(role=role["code"]["decode"], name=name))
    return tuple(contacts)


def _sites(version: Json) -> list[tuple[Json, Json]]:
    """Each site with the organisation that manages it."""
    organisations = version.get("organizations", [])
    return [(site, one) for one in organisations for site in one.get("managedSites", [])]


def _read_sites(version: Json, reading: Reading) -> tuple[RecordedSite, ...]:
    sites = []
    for site, manager in _sites(version):
        name = reading.words(site, "label", "name")
        assert name is not None  # a name has at least one letter
        address = manager.get("legalAddress")
        city = None if not address or is_made(manager) else reading.words(address, "city")
        city = city or _read_own_city(site, reading)
        sites.append(RecordedSite(name=name, city=city, country=_read_country(site["country"], reading)))
    return tuple(sites)


def _read_own_city(site: Json, reading: Reading) -> Stated[str] | None:
    city = read_extensions(site).get("city")
    return None if city is None else reading.state(str(city), site, "extensionAttributes")


def _read_country(code: Json, reading: Reading) -> Stated[str] | None:
    if (code["codeSystem"], code["code"]) == (OWN_SYSTEM, "not stated"):
        return None
    return reading.state(str(code["decode"]), code, "decode")


def _read_countries(version: Json, reading: Reading) -> tuple[Stated[str], ...]:
    stated = (_read_country(site["country"], reading) for site, _ in _sites(version))
    return tuple({one.value: one for one in stated if one is not None}.values())


def _read_version_date(version: Json) -> date | None:
    """The latest date of the version itself, such as its approval by the sponsor; a partial date is none."""
    days = []
    for one in version.get("dateValues", []):
        if not str(one["name"]).startswith(_ETHICS):
            with suppress(ValueError):  # it is told as it stands among the losses
                days.append(date.fromisoformat(str(one["dateValue"])[:10]))
    return max(days, default=None)


def _read_ethics(version: Json, reading: Reading) -> tuple[RecordedEthics, ...]:
    """The approvals among the governance dates that name a committee; every other date is left out and told."""
    found = []
    for one in version.get("dateValues", []):
        if str(one["name"]).startswith(_ETHICS):
            place = reading.document.at((*reading.path(one), "dateValue"))
            day = read_partial_date(one["dateValue"][:10], place=place)
            approved = reading.state(day, one, "dateValue")
            found.append(RecordedEthics(committee=reading.words(one, "label"), approved=approved))
        else:
            prints = f"{one['type']['decode']} {one['dateValue']}"
            reading.leave("dateValues", prints, "a record has no place for a date of the protocol", one)
    return tuple(found)


def _read_masking(version: Json, reading: Reading) -> dict[str, Any]:
    roles: list[MaskedRole] = []
    words: list[Stated[str]] = []
    prints: list[str] = []
    place = Place()
    for role in version.get("roles", []):
        masking = role.get("masking")
        if not masking or not masking["isMasked"]:
            continue
        word = read_word("role", role["code"])
        known = next((one for one in _MASKED if one == word), None)
        if known is None:
            reading.leave(
                "roles (masking)", role["code"]["decode"], "a role that a record does not know", role
            )
            continue
        roles.append(known)
        prints.append(role["code"]["decode"])
        place = place if roles[1:] else reading.document.at((*reading.path(role), "code"))
        text = reading.words(masking, "text")
        if text is not None and text.value.lower() != "masked" and text.value not in [w.value for w in words]:
            words.append(text)
    if not roles:
        return {}
    description = None
    if words:
        joined = "; ".join(one.value for one in words)
        description = Stated(value=joined, prints=joined, place=words[0].place)
    stated = Stated(value=tuple(roles), prints=", ".join(prints), place=place)
    return {"masked_roles": stated, "masking_description": description}


def _leave_classes(study: Json, version: Json, reading: Reading) -> None:
    """One loss for each class that a record has no place for, with how many there are of it."""
    counts: Counter[str] = Counter()
    first: dict[str, Json] = {}
    for element in _unheld([version, study.get("documentedBy", [])]):
        kind = str(element["instanceType"])
        counts[kind] += 1
        first.setdefault(kind, element)
    extensions = sum(
        not is_ours(one) or MADE_FOR not in one["url"]
        for _, element in walk(version)
        for one in element.get("extensionAttributes", [])
        if element.get("instanceType") != "ExtensionAttribute"
    )
    for kind, count in counts.items():
        reading.leave(
            kind,
            f"{count} in the file",
            "a record has no place for this class; the first is here",
            first[kind],
        )
    if extensions:
        reading.leave(
            "ExtensionAttribute",
            f"{extensions} in the file",
            "`read_study_from_usdm` restores those of exotrial",
        )


def _unheld(value: object) -> Iterator[Json]:
    """The elements that a record has no place for, without what is a part of them."""
    if isinstance(value, dict):
        if value.get("id") and value["instanceType"] not in _HELD:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _unheld(inner)


READER = RegistryReader(
    name="usdm",
    title="USDM v4.0 JSON (CDISC Digital Data Flow)",
    registry="",
    suffixes=(".json",),
    citation="CDISC USDM v4.0, https://github.com/cdisc-org/DDF-RA",
    recognises=recognises_usdm,
    read=read_usdm,
)
