"""Items 1 to 8 of SPIRIT 2025: administrative information and open science."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.core.quantities import format_quantity
from exotrial.report.protocol.filled import Filled, Line, fill, join
from exotrial.report.protocol.registration_set import fill_registration_set
from exotrial.report.wording import listed
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Organisation

PLACES_OF_RECORDS: Mapping[str, str] = {
    "ClinicalTrials.gov": "https://clinicaltrials.gov/study/{identifier}",
    "ISRCTN": "https://www.isrctn.com/{identifier}",
}
"""Where a registry shows a record, for those whose address follows from the number alone."""


def _title(study: Study) -> Filled:
    randomised = study.design.allocation == "randomised"
    named = "randomi" in study.title.lower()
    return join(
        fill(
            Line("", f"Protocol of: {study.title}"),
            Line("Public title", study.public_title),
            Line("Acronym", study.acronym),
        ),
        Filled(
            missing=("a title that says that participants are randomised (title)",)
            if randomised and not named
            else ()
        ),
    )


def _version(study: Study) -> Filled:
    dates = [d.dated for d in study.documents if d.kind == "protocol" and d.dated is not None]
    return fill(
        Line("Version", study.version),
        Line(
            "Date",
            max(dates).isoformat() if dates else None,
            "the date of this version ([[documents]] of kind protocol, dated)",
        ),
    )


def _contributors(study: Study) -> Filled:
    told = fill(
        *(Line("", text) for text in study.protocol.contributors),
    )
    if not study.protocol.contributors:
        return Filled(missing=("who contributed, by role and affiliation (protocol.contributors)",))
    note = fill(
        Line("", "A study file names no people; their names are added to the copy that is submitted.")
    )
    return join(told, note)


def _sponsor(study: Study) -> Filled:
    sponsors = [_place(o) for o in study.organisations if "sponsor" in o.roles]
    contacts = [
        f"{contact.role}, {contact.organisation}"
        for contact in study.contacts
        if contact.organisation and contact.role in ("public inquiries", "scientific inquiries")
    ]
    return fill(
        Line("Sponsor", "; ".join(sponsors), "the sponsor ([[organisations]] with the role sponsor)"),
        Line(
            "To be reached by",
            "; ".join(contacts),
            "the office that answers for the sponsor ([[contacts]] with an organisation)",
        ),
    )


def _sponsor_role(study: Study) -> Filled:
    payers = {funding.organisation for funding in study.funding}
    concerned = [
        o for o in study.organisations if {"sponsor", "funder"}.intersection(o.roles) or o.id in payers
    ]
    if not concerned:
        return Filled(missing=("the part of sponsor and funders ([[organisations]] role_statement)",))
    return fill(
        *(
            Line(o.name, o.role_statement, f"the part of {o.name} ({_path(o)}.role_statement)")
            for o in concerned
        )
    )


def _oversight(study: Study) -> Filled:
    if not study.protocol.oversight:
        return Filled(missing=("who coordinates, steers and oversees the trial (protocol.oversight)",))
    return fill(*(Line("", text) for text in study.protocol.oversight))


def _registration(study: Study) -> Filled:
    if not study.registrations:
        return Filled(missing=("the registry and number, or the registry meant ([[registrations]])",))
    lines = []
    for position, record in enumerate(study.registrations):
        place = PLACES_OF_RECORDS.get(record.registry, "").format(identifier=record.identifier)
        dated = f"registered {record.registered}" if record.registered else ""
        text = ", ".join(part for part in (record.registry, record.identifier, place, dated) if part)
        lines.append(Line("", text))
        if not dated:
            lines.append(
                Line(
                    "",
                    None,
                    f"the date of registration of {record.identifier} (registrations.{position}.registered)",
                )
            )
    return fill(*lines)


def _plan_access(study: Study) -> Filled:
    plan = study.sharing
    shared = plan is not None and (plan.protocol or plan.analysis_plan)
    where = plan and shared and (plan.repository or plan.process)
    return fill(
        Line(
            "Protocol", _shared(plan.protocol if plan else None), "whether it can be read (sharing.protocol)"
        ),
        Line(
            "Statistical analysis plan",
            _shared(plan.analysis_plan if plan else None),
            "whether the analysis plan can be read (sharing.analysis_plan)",
        ),
        Line("Where", where, "where they can be read (sharing.repository)" if shared else ""),
    )


def _shared(answer: bool | None) -> str | None:
    return None if answer is None else "will be shared" if answer else "will not be shared"


def _data_sharing(study: Study) -> Filled:
    plan = study.sharing
    if plan is None or plan.participant_data is None:
        return Filled(
            missing=("whether de-identified data of participants are shared (sharing.participant_data)",)
        )
    where = listed([text for text in (plan.repository, plan.repository_identifier) if text])
    period = " to ".join(text for text in (plan.starts, plan.ends) if text)
    asked = plan.participant_data
    return fill(
        Line("Data of participants", _shared(plan.participant_data)),
        Line("What", plan.description),
        Line(
            "Data dictionary", _shared(plan.data_dictionary), "the data dictionary (sharing.data_dictionary)"
        ),
        Line("Statistical code", _shared(plan.analytic_code), "the statistical code (sharing.analytic_code)"),
        Line("Where", where, "where the data can be had (sharing.repository)" if asked else ""),
        Line("How", plan.process, "how they can be had (sharing.process)" if asked else ""),
        Line("By whom", plan.audience, "who can have them (sharing.audience)" if asked else ""),
        Line("Decided by", plan.gatekeeper),
        Line("When", period),
        Line("De-identification", plan.deidentification_method),
    )


def _funding(study: Study) -> Filled:
    names = {organisation.id: organisation.name for organisation in study.organisations}
    paying = [
        names[funding.organisation] + (f", {format_quantity(funding.share)}" if funding.share else "")
        for funding in study.funding
        if funding.organisation is not None
    ]
    makers = {product.manufacturer for product in study.products if product.manufacturer is not None}
    supplying = [o.name for o in study.organisations if o.id in makers]
    return fill(
        Line("Money", "; ".join(paying), "who pays ([[funding]] with an organisation)"),
        Line(
            "Product made by",
            "; ".join(supplying),
            "who makes or supplies the product (products manufacturer)" if study.products else "",
        ),
    )


def _conflicts(study: Study) -> Filled:
    return fill(
        Line(
            "", study.protocol.conflicts, "conflicts of interest, or that there are none (protocol.conflicts)"
        )
    )


def _dissemination(study: Study) -> Filled:
    return fill(Line("", study.protocol.dissemination, "how results are made known (protocol.dissemination)"))


def _place(organisation: Organisation) -> str:
    return ", ".join(part for part in (organisation.name, organisation.city, organisation.country) if part)


def _path(organisation: Organisation) -> str:
    return f"organisations.{organisation.id}"


FILLERS: Mapping[str, Callable[[Study], Filled]] = {
    "1a": _title,
    "1b": fill_registration_set,
    "2": _version,
    "3a": _contributors,
    "3b": _sponsor,
    "3c": _sponsor_role,
    "3d": _oversight,
    "4": _registration,
    "5": _plan_access,
    "6": _data_sharing,
    "7a": _funding,
    "7b": _conflicts,
    "8": _dissemination,
}
