"""Writer of a study as the field list of IRCT's form: one heading a line, its value below, in the form's order.

It is typed into the form. Names, telephones and e-mail addresses are left empty: the person who registers enters
them. A field without a value prints `empty`, as the registry does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from exotrial.registries import irct_form as form
from exotrial.registries.irct_losses import find_losses
from exotrial.registries.irct_words import (
    ALLOCATIONS,
    LABELS,
    MODELS,
    PURPOSES,
    find_registration,
    write_ages,
    write_categories,
    write_criteria,
    write_day,
    write_design,
    write_group,
    write_masked,
    write_numbered,
    write_randomisation,
    write_time_points,
)
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Contact, Funding, Organisation, Registration

Values = Mapping[str, str]


def _write(study: Study) -> Export:
    lines = [form.TITLE, "", form.REGISTER, "", study.title, ""]
    values = _sections(study)
    for section in form.SECTIONS:
        lines += [section.heading, ""]
        groups = values[section.heading]
        if not section.fields:
            lines += [str(groups[0].get("", "")) or form.EMPTY, ""]
            continue
        for number, group in enumerate(groups, start=1):
            if section.repeats:
                lines += [str(number), ""]
            for name in section.fields:
                words = group.get(name, "")
                lines += [name, ""] if name in form.TITLES else [name, "", words or form.EMPTY, ""]
    return Export(data="\n".join(lines).encode(), losses=tuple(find_losses(study)))


IRCT_FIELDS = ProtocolWriter(
    name="irct",
    title="IRCT: field list",
    suffix=".txt",
    citation="IRCT, page of a trial, https://irct.behdasht.gov.ir (as printed in 2026)",
    write=_write,
)


def _sections(study: Study) -> dict[str, tuple[Values, ...]]:
    contacts = {contact.role: contact for contact in study.contacts}
    return {
        form.SUMMARY.heading: (_summary(study),),
        form.GENERAL.heading: (_general(study, contacts.get("registrant")),),
        form.SECONDARY_IDS.heading: ({"": "\n".join(_other_ids(study))},),
        form.ETHICS.heading: tuple(_ethics(study)),
        form.CONDITIONS.heading: tuple(_conditions(study)),
        form.PRIMARY.heading: tuple(_outcomes(study, primary=True)),
        form.SECONDARY.heading: tuple(_outcomes(study, primary=False)),
        form.GROUPS.heading: tuple(
            {"Description": write_group(study, arm), "Category": write_categories(study, arm)}
            for arm in study.arms
        ),
        form.CENTRES.heading: tuple(
            {"Name of recruitment center": site.name, "City": site.city or "", "Country": site.country or ""}
            for site in study.sites
        ),
        form.SPONSORS.heading: tuple(_sponsors(study)),
        form.INQUIRIES.heading: (_person(contacts.get("public inquiries")),),
        form.SCIENTIFIC.heading: (_person(contacts.get("scientific inquiries")),),
        form.UPDATES.heading: (_person(contacts.get("data updates")),),
        form.SHARING.heading: (_sharing(study),),
    }


def _summary(study: Study) -> Values:
    inclusion, exclusion = (
        write_numbered(write_criteria(study, which)) for which in ("inclusion", "exclusion")
    )
    lists = {"Inclusion criteria": inclusion, "Exclusion criteria": exclusion}
    return {
        "Study aim": "\n".join(objective.text for objective in study.objectives),
        "Design": write_design(study),
        "Settings and conduct": study.design.settings or "",
        "Participants/Inclusion and exclusion criteria": " ".join(
            f"{name}: {words}" for name, words in lists.items() if words
        ),
        "Intervention groups": "\n".join(_numbered(write_group(study, arm) for arm in study.arms)),
        "Main outcome variables": ";\n".join(one.name for one in study.outcomes if one.level == "primary"),
    }


def _general(study: Study, registrant: Contact | None) -> Values:
    design, recruitment, blinding = study.design, study.recruitment, study.blinding
    registration = find_registration(study)
    status = recruitment.status or (registration.status if registration else None)
    placebo = {None: "", True: "Used", False: "Not used"}[blinding.placebo if blinding else None]
    organisations = {organisation.id: organisation for organisation in study.organisations}
    funders = [organisations[one.organisation].name for one in study.funding if one.organisation]
    sizes = {"Target sample size": design.planned_size, "Actual sample size reached": design.enrolled}
    sexes = {None: "", "all": "Both", "female": "Female", "male": "Male"}
    criteria = {
        which: "\n".join(_numbered(write_criteria(study, which))) for which in ("inclusion", "exclusion")
    }
    return {
        "Reason for update": (registration.reason_for_update if registration else None) or "",
        "Acronym": study.acronym or "",
        "IRCT registration information": "\n".join(_information(registration)),
        "Registration date": write_day(registration.registered if registration else None),
        "Name of organization / entity": (registrant.organisation if registrant else None) or "",
        "Recruitment status": status or "",
        "Funding source": "; ".join(dict.fromkeys(funders)),
        "Expected recruitment start date": write_day(recruitment.planned_start),
        "Expected recruitment end date": write_day(recruitment.planned_end),
        "Actual recruitment start date": write_day(recruitment.actual_start),
        "Actual recruitment end date": write_day(recruitment.actual_end),
        "Trial completion date": write_day(recruitment.completion),
        "Scientific title": study.title,
        "Public title": study.public_title or "",
        "Purpose": PURPOSES.get(design.purpose, design.purpose.capitalize()),
        "Inclusion/Exclusion criteria": "\n".join(
            f"{which.capitalize()} criteria:\n{words}" for which, words in criteria.items() if words
        ),
        "Age": write_ages(study),
        "Gender": sexes[study.population.sex],
        "Phase": design.phase if design.phase[0].isdigit() else "",
        "Groups that have been masked": write_masked(blinding),
        "Sample size": "\n".join(f"{label}: {size}" for label, size in sizes.items() if size is not None),
        "Randomization (investigator's opinion)": ALLOCATIONS.get(design.allocation, ""),
        "Randomization description": write_randomisation(study.randomisation),
        "Blinding (investigator's opinion)": LABELS[blinding.label] if blinding else "",
        "Blinding description": (blinding.method if blinding else None) or "",
        "Placebo": placebo,
        "Assignment": MODELS.get(design.intervention_model, ""),
        "Other design features": design.other_features or "",
    }


def _numbered(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        yield f"{number}- {line}"


def _information(registration: Registration | None) -> Iterator[str]:
    if registration is None:
        return
    label = registration.timing_label
    told = {
        "IRCT registration number": registration.identifier,
        "Registration date": write_day(registration.registered),
        "Registration timing": label.replace(" ", "_") if label else "",
        "Last update": write_day(registration.last_updated),
        "Update count": "" if registration.update_count is None else str(registration.update_count),
    }
    for name, words in told.items():
        yield f"{name}: {words or form.EMPTY}"


def _other_ids(study: Study) -> Iterator[str]:
    own = find_registration(study)
    yield from (one.identifier for one in study.registrations if one is not own)
    yield from study.secondary_ids or ()


def _ethics(study: Study) -> Iterator[Values]:
    for decision in study.ethics:
        yield {
            "Name of ethics committee": decision.committee,
            "City": decision.city or "",
            "Country": decision.country or "",
            "Approval date": write_day(decision.approved),
            "Ethics committee reference number": decision.reference or "",
        }


def _conditions(study: Study) -> Iterator[Values]:
    for condition in study.conditions:
        yield {
            "Description of health condition studied": condition.name,
            "ICD-10 code": condition.icd10 or "",
            "ICD-10 code description": condition.icd10_text or "",
        }


def _outcomes(study: Study, *, primary: bool) -> Iterator[Values]:
    for outcome in study.outcomes:
        if (outcome.level == "primary") is primary:
            yield {
                "Description": outcome.name,
                "Timepoint": write_time_points(study, outcome),
                "Method of measurement": outcome.method or "",
            }


def _sponsors(study: Study) -> Iterator[Values]:
    """A group for each sponsor with its own funding, then one for each other source of funding."""
    known = {organisation.id: organisation for organisation in study.organisations}
    funding = [one for one in study.funding if one.organisation]
    for sponsor in (one for one in study.organisations if "sponsor" in one.roles):
        own = next((one for one in funding if one.organisation == sponsor.id), None)
        if own is not None:
            funding.remove(own)
        yield {
            "Name of organization / entity": sponsor.name,
            "City": sponsor.city or "",
            "Country": sponsor.country or "",
            **(_funded(own, sponsor, same=True) if own else {}),
        }
    for one in funding:
        if one.organisation:
            yield _funded(one, known[one.organisation], same=False)


def _funded(fund: Funding, funder: Organisation, *, same: bool) -> Values:
    return {
        "Is the source of funding the same sponsor organization/entity?": "Yes" if same else "No",
        "Title of funding source": funder.name,
        "Proportion provided by this source": f"{fund.share.value:g}" if fund.share else "",
        "Public or private sector": (funder.sector or "").capitalize(),
        "Domestic or foreign origin": (fund.origin or "").capitalize(),
        "Type of organization providing the funding": funder.kind or "",
    }


def _person(contact: Contact | None) -> Values:
    return {"Name of organization / entity": (contact.organisation if contact else None) or ""}


def _sharing(study: Study) -> Values:
    plan = study.sharing
    if plan is None:
        return {}
    shared = (
        *(plan.participant_data, plan.protocol, plan.analysis_plan, plan.consent_form),
        *(plan.study_report, plan.analytic_code, plan.data_dictionary),
    )
    answers = {
        True: "Yes - There is a plan to make this available",
        False: "No - There is not a plan to make this available",
    }
    told = (plan.description, plan.starts, plan.audience, plan.restricted_to, plan.repository, plan.process)
    first, others = form.SHARING.fields[: len(shared)], form.SHARING.fields[len(shared) :]
    values = {name: answers[said] for name, said in zip(first, shared, strict=True) if said is not None}
    return values | {name: words for name, words in zip(others, told, strict=False) if words}
