"""Who, where and under which numbers: the identity of a draft, people left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from exotrial.core.identifiers import guess_registry
from exotrial.registries.drafting.cited import Cited, slug
from exotrial.registries.people_text import WITHHELD, withhold_people
from exotrial.registries.record import Loss, RecordedOutcome, RecordedSponsor, RegistryRecord, Stated
from exotrial.registries.register_names import name_register
from exotrial.study.definition.identity import Registration

_ICD10 = re.compile(r"[A-Z]\d{2}(?:\.\d{1,2})?")


def draft_document(cited: Cited) -> dict[str, Any]:
    """The record itself, as the document that evidence names."""
    record = cited.record
    kind = "registry snapshot" if record.reader == "ictrp" else "registry record"
    if record.is_repository:
        kind = "repository record"
    register = name_register(record.registry)
    return {
        "id": "record",
        "kind": kind,
        "title": f"{register} record of {record.identifier.value}",
        "file": record.source.name,
        "sha256": record.source.sha256,
        "dated": record.as_of,
    }


def draft_registrations(cited: Cited) -> list[dict[str, Any]]:
    """The registration that the record is; of a repository's record the registrations that it names."""
    record = cited.record
    if not record.is_repository:
        return [_registration(cited)]
    return [
        {
            "registry": name_register(register),
            "identifier": cited.cite(f"registrations.{number}.identifier", one),
            "seen_in": "record",
        }
        for number, (register, one) in enumerate(_registered(record))
    ]


def list_other_numbers(record: RegistryRecord) -> list[str]:
    """The numbers that are no registration of the draft; a repository's own accession is one."""
    others = [one.value for one in record.secondary_ids]
    if not record.is_repository:
        return others
    taken = {one.value for _, one in _registered(record)}
    return [record.identifier.value, *(one for one in others if one not in taken)]


def _registered(record: RegistryRecord) -> list[tuple[str, Stated[str]]]:
    """The numbers of registers among the other numbers of a record, with the register."""
    found = [(guess_registry(one.value), one) for one in record.secondary_ids]
    return [(register, one) for register, one in found if register is not None]


def _registration(cited: Cited) -> dict[str, Any]:
    """The registration, as the record states it (TRDS)."""
    record, at = cited.record, "registrations.0"
    sponsor = next((one for one in record.sponsors if one.role == "sponsor"), None)
    phase = record.phase
    return {
        "registry": name_register(record.registry),
        "identifier": cited.cite(f"{at}.identifier", record.identifier),
        "registered": cited.day(f"{at}.registered", record.registered),
        "last_updated": cited.day(f"{at}.last_updated", record.updated),
        "update_count": cited.cite(f"{at}.update_count", record.update_count),
        "status": cited.cite(f"{at}.status", record.status),
        "timing_label": cited.choose(f"{at}.timing_label", record.timing_label, Registration, None),
        "timing_label_stated_in": "record" if record.timing_label else None,
        "first_enrolment": cited.day(f"{at}.first_enrolment", record.start),
        "recruitment_end": cited.day(f"{at}.recruitment_end", record.recruitment_end),
        "completion": cited.day(f"{at}.completion", record.completion),
        "target_size": cited.cite(f"{at}.target_size", record.target_size),
        "primary_outcomes": _names(record.outcomes_of("primary")),
        "secondary_outcomes": _names(record.outcomes_of("secondary")),
        "sponsor": cited.cite(f"{at}.sponsor", sponsor.name) if sponsor else None,
        "sites": [site.name.value for site in record.sites] or None,
        "exclusion_count": sum(one.category == "exclusion" for one in record.criteria) or None,
        "intervention_model": cited.cite(f"{at}.intervention_model", record.model),
        "phase": cited.cite(f"{at}.phase", phase, phase.prints) if phase else None,
        "seen_in": "record",
    }


def draft_organisations(cited: Cited) -> Iterator[dict[str, Any]]:
    """Sponsor and funders, each organisation once."""
    found: dict[str, dict[str, Any]] = {}
    for sponsor in cited.record.sponsors:
        if sponsor.role == "collaborator":
            cited.lose("collaborator", sponsor.name, "a study file's organisations have no such role")
            continue
        known = found.setdefault(
            sponsor.name.value,
            {
                "id": slug(sponsor.name.value, taken=_ids(found), stem="organisation"),
                "name": sponsor.name.value,
            },
        )
        known.setdefault("roles", [])
        if sponsor.role not in known["roles"]:
            known["roles"].append(sponsor.role)
        if sponsor.kind is not None:
            known["kind"] = sponsor.kind.value
        cited.cite(f"organisations.{known['id']}.name", sponsor.name)
    yield from found.values()


def draft_funding(cited: Cited) -> Iterator[dict[str, Any]]:
    """The shares of funders, by the ids that `draft_organisations` gives."""
    ids = {one.name.value: one for one in cited.record.sponsors if one.role == "funder"}
    taken: dict[str, dict[str, Any]] = {}
    for sponsor in _named_once(cited.record.sponsors):
        made = slug(sponsor.name.value, taken=_ids(taken), stem="organisation")
        taken[sponsor.name.value] = {"id": made}
        if sponsor.name.value in ids:
            share = ids[sponsor.name.value].share
            yield {"organisation": made, "share": f"{share.value:g} %" if share is not None else None}


def _named_once(sponsors: Sequence[RecordedSponsor]) -> Iterator[RecordedSponsor]:
    seen: set[str] = set()
    for sponsor in sponsors:
        if sponsor.role != "collaborator" and sponsor.name.value not in seen:
            seen.add(sponsor.name.value)
            yield sponsor


def draft_ethics(cited: Cited) -> Iterator[dict[str, Any]]:
    """Ethics decisions that name their committee (TRDS 21)."""
    drafted = 0
    for one in cited.record.ethics:
        if one.committee is None:
            cited.lose("ethics reference", one.reference, "no committee is named with it")
            cited.lose("ethics approval", one.approved, "no committee is named with it")
            continue
        at = f"ethics.{drafted}"
        drafted += 1
        yield {
            "committee": cited.cite(f"{at}.committee", one.committee),
            "reference": cited.cite(f"{at}.reference", one.reference),
            "approved": cited.day(f"{at}.approved", one.approved),
        }
        cited.lose("ethics status", one.status)
        cited.lose("ethics address", one.address)


def draft_sites(cited: Cited) -> Iterator[dict[str, Any]]:
    """Sites; countries that no site stands in are a loss."""
    taken: list[str] = []
    for site in cited.record.sites:
        made = slug(site.name.value, taken=taken, stem="site")
        taken.append(made)
        yield {
            "id": made,
            "name": cited.cite(f"sites.{made}.name", site.name),
            "city": site.city.value if site.city else None,
            "country": site.country.value if site.country else None,
        }
    if not cited.record.sites:
        for country in cited.record.countries:
            cited.lose(
                "country", country, "a study file names countries with their sites, and no site is named"
            )


def draft_contacts(cited: Cited) -> Iterator[dict[str, Any]]:
    """Contacts by their office alone; who they are is read and dropped, and is no loss."""
    for contact in cited.record.contacts:
        own = contact.name.casefold() == contact.affiliation.casefold()  # an office stands for the person
        _, personal = withhold_people(contact.affiliation, [] if own else [contact.name])
        if personal:
            cited.losses.append(Loss(item=f"office for {contact.role}", prints="", why=WITHHELD))
        elif contact.affiliation and contact.role in (
            "public inquiries",
            "scientific inquiries",
            "registrant",
        ):
            yield {"role": contact.role, "organisation": contact.affiliation}


def draft_conditions(cited: Cited) -> Iterator[dict[str, Any]]:
    """Conditions, with their codes of ICD-10."""
    for number, one in enumerate(cited.record.conditions):
        code = one.code if one.code and _ICD10.fullmatch(one.code.value) else None
        if code is None:
            cited.lose("condition code", one.code, "only codes of ICD-10 have a place")
        at = f"conditions.{number}"
        yield {
            "name": cited.cite(f"{at}.name", one.name),
            "icd10": cited.cite(f"{at}.icd10", code),
            "icd10_text": cited.cite(f"{at}.icd10_text", one.code_text) if code else None,
        }


def _names(outcomes: Sequence[RecordedOutcome]) -> list[str] | None:
    return [one.name.value for one in outcomes] or None


def _ids(entries: dict[str, dict[str, Any]]) -> list[str]:
    return [one["id"] for one in entries.values()]
