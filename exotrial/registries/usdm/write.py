"""USDM v4.0 from a study file: JSON that is valid by CDISC's schema and whose every reference leads somewhere.

What USDM has a class for stands in its class; everything else of the study file goes to extension attributes, and the
losses say what. The same study gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exotrial import __version__
from exotrial.core.identifiers import REGISTRIES, guess_registry
from exotrial.registries.record import Loss
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.registries.usdm.extensions import Values, read_extensions, write_extensions
from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.parts import MADE_FOR, ORGANISATION, SITE, made_for, write_part
from exotrial.registries.usdm.terms import code_country, code_word
from exotrial.registries.usdm.write_amendments import write_amendments, write_document
from exotrial.registries.usdm.write_design import write_criterion_items, write_design
from exotrial.registries.usdm.write_interventions import (
    is_given,
    write_devices,
    write_interventions,
    write_products,
)
from exotrial.study.definition import Study

VERSION = "4.0.0"

TITLES = {"title": "official", "public_title": "public", "acronym": "acronym"}


def write_usdm(study: Study, *, earlier: Sequence[Study] = ()) -> Export:
    """The study as USDM v4.0 JSON, with a loss for everything that only the extension attributes hold.

    `earlier` versions of it, the oldest first, give its amendments (AMD-001 where one is of another study).
    """
    document = write_wrapper(study, earlier=earlier)
    data = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Export(data=data.encode("utf-8"), losses=(*_extended(document), *_unstated(study)))


def write_wrapper(study: Study, *, earlier: Sequence[Study] = ()) -> dict[str, Any]:
    """The document as values."""
    values: Values = study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    make = Maker()
    name = values.pop("id")
    version = _write_version(study, values, make)
    version["amendments"] = write_amendments((*earlier, study), make)
    return {
        "study": {
            "id": None,
            "name": name,
            "versions": [version],
            "documentedBy": [write_document((*earlier, study), make)] if version["amendments"] else [],
            "instanceType": "Study",
        },
        "usdmVersion": VERSION,
        "systemName": "exotrial",
        "systemVersion": __version__,
    }


def _write_version(study: Study, values: Values, make: Maker) -> dict[str, Any]:
    number = values.pop("version")
    titles = [
        make("StudyTitle", text=values.pop(key), type=make.code(code_word("title", word)))
        for key, word in TITLES.items()
        if key in values
    ]
    organisations = [_write_organisation(entry, make) for entry in values.pop("organisations", [])]
    organisations += [_write_site(entry, make) for entry in values.pop("sites", [])]
    identifiers = _write_identifiers(study, values.pop("registrations", []), organisations, make)
    products = write_products(values.pop("products", []), make)
    interventions = write_interventions(study, values.pop("interventions", []), make)
    items = write_criterion_items(values, make)
    design = write_design(study, values, make)
    return make(
        "StudyVersion",
        extensionAttributes=write_extensions(values, make),
        versionIdentifier=number,
        rationale="",
        dateValues=_write_dates(study, make),
        studyIdentifiers=identifiers,
        studyDesigns=[design],
        titles=titles,
        eligibilityCriterionItems=items,
        roles=_write_roles(study, str(design["id"]), make),
        organizations=organisations,
        studyInterventions=interventions,
        administrableProducts=products,
        medicalDevices=write_devices(study, make),
        productOrganizationRoles=_write_makers(study, make),
        bcSurrogates=_write_surrogates(study, make),
    )


def _write_organisation(entry: Values, make: Maker) -> dict[str, Any]:
    rest = dict(entry)
    city, country = rest.pop("city", None), rest.pop("country", None)
    words = next((role for role in rest["roles"] if role in ("sponsor", "laboratory", "site")), "not stated")
    others: dict[str, Any] = {}
    if city is not None or country is not None:
        others["legalAddress"] = make(
            "Address", city=city, country=None if country is None else make.code(code_country(country))
        )
    return write_part(
        ORGANISATION,
        rest,
        make,
        type=make.code(code_word("organisation", words)),
        identifierScheme="study file",
        identifier=entry["id"],
        **others,
    )


def _write_site(entry: Values, make: Maker) -> dict[str, Any]:
    rest = dict(entry)
    country = rest.pop("country", None)
    term = code_word("country", "not stated") if country is None else code_country(country)
    site = write_part(SITE, rest, make, country=make.code(term))
    return _made_organisation("sites", entry["name"], "site", [site], make)


def _made_organisation(
    purpose: str, name: str, kind: str, sites: list[dict[str, Any]], make: Maker
) -> dict[str, Any]:
    return make(
        "Organization",
        extensionAttributes=made_for(purpose, make),
        name=name,
        label=name,
        type=make.code(code_word("organisation", kind)),
        identifierScheme="study file",
        identifier=name,
        managedSites=sites,
    )


def _write_identifiers(
    study: Study, registrations: Iterable[Values], organisations: list[dict[str, Any]], make: Maker
) -> list[dict[str, Any]]:
    """The identifiers; the registers that gave them out are added to the organisations."""
    registers: dict[str, str] = {}

    def scope(name: str) -> str:
        if name not in registers:
            made = _made_organisation("registrations", name, "registry", [], make)
            organisations.append(made)
            registers[name] = made["id"]
        return registers[name]

    identifiers = []
    for entry in registrations:
        rest = {key: value for key, value in entry.items() if key not in ("registry", "identifier")}
        identifiers.append(
            make(
                "StudyIdentifier",
                extensionAttributes=write_extensions(rest, make),
                text=entry["identifier"],
                scopeId=scope(entry["registry"]),
            )
        )
    for text in study.secondary_ids or ():
        register = guess_registry(text)
        label = REGISTRIES[register].label if register else "issuer not stated"
        identifiers.append(
            make(
                "StudyIdentifier",
                extensionAttributes=made_for("secondary_ids", make),
                text=text,
                scopeId=scope(label),
            )
        )
    if not identifiers:
        made = made_for("a study file that gives no identifier but its own", make)
        scoped = scope("issuer not stated")
        identifiers.append(make("StudyIdentifier", extensionAttributes=made, text=study.id, scopeId=scoped))
    return identifiers


def _write_roles(study: Study, design: str, make: Maker) -> list[dict[str, Any]]:
    """One role for each word of the organisations' roles, and one for each masked role."""
    held: dict[str, list[str]] = {}
    for organisation in study.organisations:
        for word in organisation.roles:
            held.setdefault(word, []).append(f"{ORGANISATION.kind}_{organisation.id}")
    masked = study.blinding.masked_roles if study.blinding else ()
    roles = [
        make(
            "StudyRole",
            name=word,
            label=word,
            code=make.code(code_word("role", word)),
            appliesToIds=[design],
            organizationIds=ids,
        )
        for word, ids in held.items()
    ]
    for role in masked:
        text = (study.blinding.method if study.blinding else None) or "masked"
        masking = make("Masking", text=text, isMasked=True)
        roles.append(
            make(
                "StudyRole",
                name=f"masked {role}",
                label=role,
                code=make.code(code_word("role", role)),
                appliesToIds=[design],
                masking=masking,
            )
        )
    return roles


def _write_dates(study: Study, make: Maker) -> list[dict[str, Any]]:
    """The approvals of ethics committees: the dates of the study file that USDM has a kind of governance date for."""
    return [
        make(
            "GovernanceDate",
            name=f"ethics_approval_{number}",
            label=entry.committee,
            type=make.code(code_word("governance", "approval")),
            dateValue=entry.approved.isoformat(),
            geographicScopes=[_write_scope(entry.country, make)],
        )
        for number, entry in enumerate(study.ethics, start=1)
        if entry.approved is not None
    ]


def _write_scope(country: str | None, make: Maker) -> dict[str, Any]:
    if country is None:
        return make("GeographicScope", type=make.code(code_word("scope", "not stated")))
    return make(
        "GeographicScope",
        type=make.code(code_word("scope", "country")),
        code=make.alias(code_country(country)),
    )


def _write_makers(study: Study, make: Maker) -> list[dict[str, Any]]:
    return [
        make(
            "ProductOrganizationRole",
            name=f"manufacturer_of_{product.id}",
            code=make.code(code_word("product role", "manufacturer")),
            appliesToIds=[f"AdministrableProduct_{product.id}"],
            organizationId=f"{ORGANISATION.kind}_{product.manufacturer}",
        )
        for product in study.products
        if product.manufacturer is not None
    ]


def _write_surrogates(study: Study, make: Maker) -> list[dict[str, Any]]:
    """A surrogate of a biomedical concept for each outcome measure that an activity records."""
    measures = dict.fromkeys(measure for activity in study.activities for measure in activity.measures)
    return [make("BiomedicalConceptSurrogate", name, name=name) for name in measures]


def _extended(document: Mapping[str, Any]) -> list[Loss]:
    """One loss for each key of each class that only an extension attribute holds."""
    counts: dict[str, list[str]] = {}
    version = document["study"]["versions"][0]
    for kind, element in _elements(version):
        for key, value in read_extensions(element).items():
            if key != MADE_FOR and value != {} and f"{kind}.{key}" not in _ALSO_HELD:
                counts.setdefault(f"{kind}.{key}", []).append(shorten(value))
    return [
        Loss(
            item=item,
            prints=prints[0] if len(prints) == 1 else f"{len(prints)} values, such as {prints[0]}",
            why="only in extensionAttributes, which other tools need not read: USDM v4.0 has no other place",
        )
        for item, prints in counts.items()
    ]


_ALSO_HELD = (
    *(
        "StudyVersion.schema_version",
        "StudyVersion.secondary_ids",
        "StudyEpoch.order",
        "StudyArm.interventions",
    ),
    *("Encounter.epoch", "Encounter.day", "Encounter.window_before", "Encounter.window_after"),
    *(
        "Activity.encounters",
        "Activity.measures",
        "Activity.procedure",
        "Objective.outcomes",
        "Endpoint.position",
    ),
    *("StudyIntervention.product", "StudyIntervention.route", "StudyIntervention.device"),
    *("InterventionalStudyDesign.time_origin", "AdministrableProduct.manufacturer", "Organization.roles"),
)
"""Keys that USDM's own classes tell too, as references, timings and roles: who reads only these loses nothing."""


def _elements(value: object) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        if value.get("extensionAttributes") and value["instanceType"] != "ExtensionAttribute":
            yield str(value["instanceType"]), value
        for key, inner in value.items():
            if key != "extensionAttributes":
                yield from _elements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _elements(inner)


def shorten(value: object) -> str:
    """A value as a loss prints it: its words, or its JSON, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


_MOST_SHOWN = 80


def _unstated(study: Study) -> list[Loss]:
    """What USDM asks for and a study file does not hold, with what was written in its place."""
    asked = [("StudyVersion.rationale", "''"), ("InterventionalStudyDesign.rationale", "''")]
    if study.conditions:
        asked.append(("Indication.isRareDisease", "false"))
    if study.products:
        asked.append(("AdministrableProduct.administrableDoseForm", "not stated"))
    if any(
        is_given(one) and (one.schedule is None or one.schedule.days is None) for one in study.interventions
    ):
        asked.append(("Administration.duration", "not stated"))
    return [
        Loss(item=item, prints=prints, why="USDM v4.0 asks for it and the study file does not hold it")
        for item, prints in asked
    ]


WRITER = ProtocolWriter(
    name="usdm",
    title="USDM v4.0 JSON (CDISC Digital Data Flow)",
    suffix=".json",
    citation="CDISC USDM v4.0, https://github.com/cdisc-org/DDF-RA",
    write=write_usdm,
    reads_back="usdm",
)
