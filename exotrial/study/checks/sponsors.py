"""Sponsors, funding, sites and conditions (SPN, CND)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import SEVERITY_WORDS, told_differently
from exotrial.study.definition import Study


@check(
    "SPN-001",
    Severity.WARNING,
    "cross-field",
    standards=("TRDS 4", "SPIRIT 2025 item 7a"),
    why="A reader who looks in one field finds no funder, in the other a funder of everything.",
    settle="the funder in both fields.",
)
def funding_source_is_filled_where_a_funder_is_named(study: Study) -> Iterator[Doubt]:
    """The funding source is not empty while the sponsor section names a funder."""
    funders = [f for f in study.funding if f.organisation is not None]
    for position, funding in enumerate(study.funding):
        if funding.organisation is None and funders:
            yield Doubt(
                subject=f"funding.{position}.organisation",
                says="the funding source is left empty, and another field names the funder",
                paths=("funding",),
            )


@check(
    "SPN-002",
    Severity.WARNING,
    "cross-field",
    standards=("TRDS 4",),
    why="Industry money is found by the type of the funder; “Other” hides it.",
    settle="the type of organisation (company) in place of “Other”.",
)
def a_private_funder_has_a_type(study: Study) -> Iterator[Doubt]:
    """A private funder is not typed “Other”."""
    for organisation in study.organisations:
        if organisation.sector == "private" and (organisation.kind or "").lower() == "other":
            yield Doubt(
                subject=f"organisations.{organisation.id}.kind",
                says=f"{organisation.name} is private and typed “{organisation.kind}”",
                paths=(f"organisations.{organisation.id}",),
            )


@check(
    "SPN-005",
    Severity.WARNING,
    "record",
    standards=("TRDS 7",),
    why="A person can leave; the organisation answers for the record.",
    settle="the organisation of the contact.",
)
def contacts_name_their_organisation(study: Study) -> Iterator[Doubt]:
    """Every contact gives an organisation."""
    for position, contact in enumerate(study.contacts):
        if contact.organisation is None:
            yield Doubt(
                subject=f"contacts.{position}.organisation",
                says=f"the contact for {contact.role} gives no organisation",
                paths=(f"contacts.{position}",),
            )


@check(
    "SPN-006",
    Severity.INFO,
    "plausibility",
    standards=("TRDS 21",),
    why="A committee or site of a children's hospital may not be the one that answers for an adult trial.",
    settle="a word on why this committee or site is the right one, or its correction.",
)
def committee_and_site_fit_the_population(study: Study) -> Iterator[Doubt]:
    """An adult trial's committee and sites are not those of a children's hospital."""
    adult = study.population.age_min is not None and study.population.age_min >= 18
    for position, ethics in enumerate(study.ethics):
        if adult and ethics.address_population == "paediatric":
            yield Doubt(
                subject=f"ethics.{position}.address_population",
                says=f"participants are adults from {study.population.age_min} years, and the committee's address "
                "is a children's hospital",
                paths=(f"ethics.{position}.address_population", "population.age_min"),
            )
    for site in study.sites:
        if adult and site.population == "paediatric":
            yield Doubt(subject=f"sites.{site.id}", says=f"adults are to be enrolled at {site.name}")


@check(
    "SPN-007",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 item 3c", "CONSORT 2025 item 5a"),
    why="Who could stop publication or change the analysis must be known before the results are.",
    settle="one sentence on the sponsor's and funder's part in design, conduct, analysis and reporting.",
)
def role_of_the_sponsor_is_stated(study: Study) -> Iterator[Doubt]:
    """The sponsor's and funder's role in design, analysis and publication is stated."""
    for organisation in study.organisations:
        if {"sponsor", "funder"} & set(organisation.roles) and organisation.role_statement is None:
            yield Doubt(
                subject=f"organisations.{organisation.id}.role_statement",
                says=f"the role of {organisation.name} in design, analysis and publication is not stated",
            )


@check(
    "SPN-101",
    Severity.WARNING,
    "record",
    standards=("TRDS 5", "TRDS 4", "CONSORT 2025 item 5a"),
    why="Responsibility and interest cannot be judged without knowing who sponsored and paid.",
    settle="the sponsor and the source of funding.",
)
def sponsor_and_funding_are_named(study: Study) -> Iterator[Doubt]:
    """A sponsor and a source of funding are named."""
    if not any("sponsor" in organisation.roles for organisation in study.organisations):
        yield Doubt(subject="organisations", says="no sponsor is named")
    if not study.funding:
        yield Doubt(subject="funding", says="no source of funding is named")


@check(
    "SPN-008",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 5", "TRDS 11"),
    why="A record and a paper that name different hospitals may be about different trials or oversight.",
    settle="the sites and sponsor of the record, updated to those that took part.",
)
def sites_and_sponsor_agree_with_the_record(study: Study) -> Iterator[Doubt]:
    """The sites that took part and the sponsor are those of the registry record."""
    taking_part = {site.name for site in study.sites}
    for position, record in enumerate(study.registrations):
        subject = f"registrations.{position}"
        if record.sites is not None and (strangers := taking_part - set(record.sites)):
            registered = ", ".join(record.sites) or "no site"
            yield Doubt(
                subject=f"{subject}.sites",
                says=f"{', '.join(sorted(strangers))} took part; the record names {registered}",
                paths=(f"{subject}.sites", "sites"),
            )
        sponsors = {o.name for o in study.organisations if "sponsor" in o.roles}
        if record.sponsor is not None and record.sponsor not in sponsors | taking_part:
            yield Doubt(
                subject=f"{subject}.sponsor",
                says=f"the record's sponsor, {record.sponsor}, is neither a site nor a sponsor of the study "
                f"({', '.join(sorted(sponsors | taking_part)) or 'none named'})",
                paths=(f"{subject}.sponsor", "sites"),
            )


@cache
def _icd10() -> dict[str, tuple[str, tuple[str, ...]]]:
    table = files("exotrial.study.checks").joinpath("icd10.csv").read_text(encoding="utf-8")
    return {
        row["code"]: (row["title"], tuple(row["words"].split("|")))
        for row in csv.DictReader(table.splitlines())
    }


@check(
    "CND-001",
    Severity.ERROR,
    "terminology",
    standards=("TRDS 12", "ICD-10"),
    why="Registries search by code; a code of another disease hides the trial from those who look for it.",
    settle="the code of the condition named, or both conditions with their codes.",
)
def icd10_code_means_what_is_written_beside_it(study: Study) -> Iterator[Doubt]:
    """An ICD-10 code and the description beside it are of the same condition."""
    for position, condition in enumerate(study.conditions):
        if condition.icd10 not in _icd10() or condition.icd10_text is None:
            continue
        title, words = _icd10()[condition.icd10]
        if not any(word in condition.icd10_text.lower() for word in words):
            others = [
                f"{code} is {name}"
                for code, (name, theirs) in _icd10().items()
                if any(word in condition.icd10_text.lower() for word in theirs)
            ]
            yield Doubt(
                subject=f"conditions.{position}.icd10",
                says=f"{condition.icd10} is “{title}”, and “{condition.icd10_text}” is written beside it"
                + (f" ({'; '.join(others)})" if others else ""),
                paths=(f"conditions.{position}.icd10", f"conditions.{position}.icd10_text"),
            )


@check(
    "CND-002",
    Severity.WARNING,
    "terminology",
    standards=("CONSORT 2025 item 25", "WHO clinical progression scale"),
    why="“Mild” of one scheme is “common” or “moderate” of another; groups formed by them cannot be compared.",
    settle="the name of the severity scheme, and its words throughout.",
)
def severity_words_follow_one_named_scheme(study: Study) -> Iterator[Doubt]:
    """Severity words follow one named scheme."""
    doubted = []
    for position, condition in enumerate(study.conditions):
        subject = f"conditions.{position}.severity_terms"
        if condition.severity_terms and condition.severity_scheme is None:
            doubted.append(subject)
            yield Doubt(
                subject=subject,
                says=f"severity is told in words ({', '.join(condition.severity_terms)}) of no named scheme",
            )
    yield from told_differently(study, SEVERITY_WORDS, besides=doubted)
