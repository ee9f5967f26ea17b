"""Finders for the title, open science and the introduction: items 1 to 7 of CONSORT 2025."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from exotrial.report.consort.told import Part, Told, name_some, shorten, tell
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import first_of

_HARM = re.compile(r"saf|harm|advers|toler|event|reaction|risk", re.IGNORECASE)


def _find_title(given: ReportInput) -> Told:
    for path in ("title", "public_title"):
        text = getattr(given.study, path) or ""
        if re.search(r"random", text, re.IGNORECASE):
            return tell(Part(text, path))
    return Told(lacks=("the word randomised in the title",))


def _find_registration(given: ReportInput) -> Told:
    texts, undated = [], []
    for record in given.study.registrations:
        same = record.identifier.lower().startswith(record.registry.lower())
        name = record.identifier if same else f"{record.registry} {record.identifier}"
        texts.append(f"{name}, registered {record.registered}" if record.registered else name)
        if record.registered is None:
            undated.append(f"the date of registration of {record.identifier}")
    told = tell(Part(name_some(texts), "registrations", "registry, number and date"))
    return Told(found=told.found, lacks=(*told.lacks, *undated))


def _find_protocol(given: ReportInput) -> Told:
    documents = [document.title for document in given.study.documents if document.kind == "protocol"]
    sharing, design = given.study.sharing, given.study.statistical_design
    shared = sharing is not None and sharing.protocol
    protocol = name_some(documents) or ("to be shared" if shared else "")
    plan = (sharing is not None and sharing.analysis_plan) or (design is not None and design.plan_available)
    return tell(
        Part(protocol and f"protocol: {protocol}", "documents, sharing.protocol", "where the protocol is"),
        Part(
            plan and "analysis plan: to be had",
            "sharing.analysis_plan",
            "where the statistical analysis plan is",
        ),
    )


def _find_sharing(given: ReportInput) -> Told:
    plan = given.study.sharing
    if plan is None:
        return Told(lacks=("a data sharing statement",))
    if plan.participant_data is False:
        return tell(Part("data of participants are not shared", "sharing.participant_data"))
    where = " ".join(filter(None, (plan.repository, plan.repository_identifier)))
    return tell(
        Part(
            plan.participant_data and "data of participants are shared",
            "sharing.participant_data",
            "a word on the data of participants",
        ),
        Part(where or plan.process or plan.description, "sharing", "where and how"),
        Part(plan.data_dictionary and "with their dictionary", "sharing.data_dictionary", "the dictionary"),
        Part(plan.analytic_code and "with the code", "sharing.analytic_code", "the statistical code"),
    )


def _find_funding(given: ReportInput) -> Told:
    names = {organisation.id: organisation.name for organisation in given.study.organisations}
    payers = name_some(names[f.organisation] for f in given.study.funding if f.organisation is not None)
    roles = name_some(
        o.role_statement for o in given.study.organisations if {"sponsor", "funder"} & set(o.roles)
    )
    return tell(
        Part(payers, "funding", "source of funding"), Part(roles, "organisations", "role of the funder")
    )


def _find_objectives(given: ReportInput) -> Told:
    texts = [objective.text for objective in given.study.objectives]
    told = tell(Part(first_of([shorten(text, 80) for text in texts]), "objectives", "an objective"))
    on_harms = any(_HARM.search(text) for text in texts)
    return Told(found=told.found, lacks=told.lacks if on_harms else (*told.lacks, "an objective on harms"))


OPENING: Mapping[str, Callable[[ReportInput], Told]] = {
    "title": _find_title,
    "registration": _find_registration,
    "protocol": _find_protocol,
    "sharing": _find_sharing,
    "funding": _find_funding,
    "objectives": _find_objectives,
}
