"""Writer of a study in ICTRP's XML, in the order of its DTD: the current form, and that of 2011 without results.

The DTD wants every element, so that one for which the study file states nothing stands empty. People are named
nowhere: a contact is its role and its organisation. A trial that no register has numbered yet has an empty
`trial_id`, which the register fills.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from exotrial.core.errors import ErrorCode
from exotrial.core.identifiers import guess_registry
from exotrial.registries.form_losses import derive_form_losses
from exotrial.registries.ictrp_words import (
    SEXES,
    find_main_registration,
    find_universal_number,
    list_countries,
    list_other_ids,
    list_sponsors,
    name_arm,
    plain_name,
    unnumbered,
    write_arms,
    write_criteria_lines,
    write_labelled_design,
    write_outcome,
    write_slashed,
)
from exotrial.registries.record import Loss
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.registries.study_leaves import Leaf
from exotrial.study.definition import Study

NOT_IN_XML = ErrorCode(
    "ICT-008",
    "A text of the study file holds a character that XML cannot.",
    "take the control character out of the text named.",
)

Branch = tuple[str, "str | Sequence[Branch]"]
"""An element: its name, and its words or its children."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTACTS = {"public inquiries": "Public", "scientific inquiries": "Scientific"}
_CONTACT_PARTS = (
    *("firstname", "middlename", "lastname", "address", "city", "country1", "zip", "telephone", "email"),
)
_WHY = "ICTRP's form has no element for it"


def write_current(study: Study) -> Export:
    """The study in the form of 2018, with results and ethics; ICT-008 where XML cannot hold a text."""
    return _write(study, results=True)


def write_2011(study: Study) -> Export:
    """The study in the form of 2011, without results and ethics (ICT-008)."""
    return _write(study, results=False)


def _write(study: Study, *, results: bool) -> Export:
    root = etree.Element("trials")
    trial = etree.SubElement(root, "trial")
    for branch in _trial(study, results=results):
        _grow(trial, branch, study)
    etree.indent(root)
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    losses = derive_form_losses(study, lambda leaf: _is_held(study, leaf, results=results), why=_WHY)
    return Export(data=data, losses=(*losses, *_altered(study)))


def _grow(parent: etree._Element, branch: Branch, study: Study) -> None:
    name, content = branch
    element = etree.SubElement(parent, name)
    if not isinstance(content, str):
        for below in content:
            _grow(element, below, study)
        return
    if hit := _FORBIDDEN.search(content):
        problem = f"{name} would hold the character U+{ord(hit[0]):04X}"
        raise NOT_IN_XML.refuse(problem, value=content[:80])
    element.text = content


def _trial(study: Study, *, results: bool) -> Iterator[Branch]:
    yield "main", [*_main(study), *(_results(study) if results else ())]
    yield "contacts", list(_contacts(study))
    yield "countries", _list("country2", list_countries(study))
    population = study.population
    ages = [f"{age} Years" if age is not None else "" for age in (population.age_min, population.age_max)]
    yield (
        "criteria",
        [
            ("inclusion_criteria", write_criteria_lines(study, "inclusion")),
            ("agemin", ages[0]),
            ("agemax", ages[1]),
            ("gender", SEXES[population.sex]),
            ("exclusion_criteria", write_criteria_lines(study, "exclusion")),
        ],
    )
    yield "health_condition_code", _list("hc_code", [one.icd10 or "" for one in study.conditions])
    words = [(one.icd10_text or "") if one.icd10 else "" for one in study.conditions]
    yield "health_condition_keyword", _list("hc_keyword", words)
    given = study.interventions
    yield "intervention_code", _list("i_code", [one.registered_category or "" for one in given])
    yield "intervention_keyword", _list("i_keyword", [one.name for one in given])
    primary, secondary = (
        [write_outcome(study, one) for one in study.outcomes if one.level == level]
        for level in ("primary", "secondary")
    )
    yield "primary_outcome", _list("prim_outcome", primary)
    yield "secondary_outcome", _list("sec_outcome", secondary)
    yield "secondary_sponsor", _list("sponsor_name", list_sponsors(study)[1:])
    others = list(list_other_ids(study)) or [("", "")]
    yield (
        "secondary_ids",
        [("secondary_id", [("sec_id", number), ("issuing_authority", giver)]) for number, giver in others],
    )
    names = {one.id: one.name for one in study.organisations}
    funders = [names[one.organisation] for one in study.funding if one.organisation]
    yield "source_support", _list("source_name", list(dict.fromkeys(funders)))
    if results:
        yield "ethics_reviews", list(_ethics(study))


def _main(study: Study) -> Iterator[Branch]:
    registration, recruitment, design = find_main_registration(study), study.recruitment, study.design
    start = recruitment.actual_start or recruitment.planned_start
    kind = "Actual" if recruitment.actual_start else "Anticipated" if start else ""
    if start is None and registration is not None:
        start = registration.first_enrolment
    size = design.planned_size
    if size is None and registration is not None:
        size = registration.target_size
    status = recruitment.status or (registration.status if registration else None)
    yield "trial_id", registration.identifier if registration else ""
    if number := find_universal_number(study):
        yield "utrn", number
    yield "reg_name", registration.registry if registration else ""
    yield "date_registration", write_slashed(registration.registered if registration else None)
    yield "primary_sponsor", next(iter(list_sponsors(study)), "")
    yield "public_title", study.public_title or ""
    if study.acronym:
        yield "acronym", study.acronym
    yield "scientific_title", study.title
    yield "date_enrolment", write_slashed(start)
    yield "type_enrolment", kind
    yield "target_size", "" if size is None else str(size)
    yield "recruitment_status", status or ""
    yield "study_type", "Interventional"
    yield "study_design", write_labelled_design(study)
    yield "phase", f"Phase {design.phase}" if design.phase[0].isdigit() else ""
    yield "hc_freetext", "; ".join(one.name.replace(";", ",") for one in study.conditions)
    yield "i_freetext", write_arms(study)


def _results(study: Study) -> Iterator[Branch]:
    enrolled, plan = study.design.enrolled, study.sharing
    shared = {None: "", True: "Yes", False: "No"}[plan.participant_data if plan else None]
    told = {
        "results_actual_enrolment": "" if enrolled is None else str(enrolled),
        "results_date_completed": write_slashed(study.recruitment.completion),
        "results_date_first_publication": write_slashed(study.conduct.published),
        "results_IPD_plan": shared,
        "results_IPD_description": (plan.description if plan else None) or "",
    }
    for name in (
        *("actual_enrolment", "date_completed", "url_link", "summary", "date_posted"),
        *("date_first_publication", "baseline_char", "participant_flow", "adverse_events"),
        *("outcome_measures", "url_protocol", "IPD_plan", "IPD_description"),
    ):
        yield f"results_{name}", told.get(f"results_{name}", "")


def _contacts(study: Study) -> Iterator[Branch]:
    """Role and organisation of those who answer; an empty contact where there is none."""
    found = [(_CONTACTS[one.role], one.organisation or "") for one in study.contacts if one.role in _CONTACTS]
    for kind, organisation in found or [("", "")]:
        empty: list[Branch] = [(name, "") for name in _CONTACT_PARTS]
        yield "contact", [("type", kind), *empty, ("affiliation", organisation)]


def _ethics(study: Study) -> Iterator[Branch]:
    told: Iterable[tuple[str, str, str, str]] = [
        (
            "Approved" if one.approved else "",
            write_slashed(one.approved),
            one.committee,
            ", ".join(part for part in (one.city, one.country) if part),
        )
        for one in study.ethics
    ] or [("", "", "", "")]
    for status, day, committee, address in told:
        yield (
            "ethics_review",
            [
                ("status", status),
                ("approval_date", day),
                ("contact_name", committee),
                ("contact_address", address),
                ("contact_phone", ""),
                ("contact_email", ""),
            ],
        )


def _list(name: str, entries: Sequence[str]) -> list[Branch]:
    """One element for each entry; the DTD wants one, though it be empty."""
    return [(name, entry) for entry in entries or [""]]


_HELD = frozenset(
    {
        *("title", "public_title", "acronym", "secondary_ids", "conditions.name", "conditions.icd10"),
        *("design.planned_size", "design.purpose", "design.other_features", "sites.country"),
        *("blinding.label", "blinding.masked_roles", "blinding.method", "blinding.placebo"),
        *("population.age_min", "population.age_max", "population.sex"),
        *("population.criteria.category", "population.criteria.text"),
        *("arms.name", "arms.description", "arms.interventions", "interventions.name"),
        *(
            "interventions.registered_category",
            "outcomes.name",
            "outcomes.level",
            "outcomes.method",
            "recruitment.status",
        ),
        *("randomisation.method", "randomisation.ratio", "randomisation.block_sizes"),
        *("randomisation.block_choice", "randomisation.factor", "randomisation.strata.name"),
        *("randomisation.strata.definition", "randomisation.generated_by", "randomisation.generated_with"),
        *("randomisation.enrolled_by", "randomisation.assigned_by", "randomisation.concealment"),
        *("randomisation.envelope_kept_by", "randomisation.envelope_properties"),
        *("randomisation.assignment_order", "funding.organisation", "recruitment.actual_start"),
        *("design.intervention_model", "design.allocation"),
    }
)
_RESULTS = frozenset(
    {
        *("design.enrolled", "recruitment.completion", "conduct.published", "sharing.participant_data"),
        *("sharing.description", "ethics.committee", "ethics.approved", "ethics.city", "ethics.country"),
    }
)


def _is_held(study: Study, leaf: Leaf, *, results: bool) -> bool:
    """Whether a value stands in the form; some do for one study and not for another."""
    entry, name = leaf.path.split("."), leaf.kind.rpartition(".")[2]
    room = leaf.kind.split(".")[0]
    if room == "outcomes" and not _is_written(study, entry[1]):
        return False
    if leaf.kind in _HELD or (results and leaf.kind in _RESULTS):
        return True
    if room == "registrations":
        return _holds_registration(study, int(entry[1]), name)
    if room == "organisations":
        sponsors = {one.id for one in study.organisations if "sponsor" in one.roles}
        funders = {one.organisation for one in study.funding}
        sites = {one.id for one in study.organisations if "site" in one.roles}
        return (name == "name" and entry[1] in sponsors | funders) or (
            name == "country" and entry[1] in sites
        )
    if room == "contacts":
        return name in ("role", "organisation") and study.contacts[int(entry[1])].role in _CONTACTS
    if leaf.kind in ("outcomes.time_frame", "outcomes.encounters", "outcomes.horizon"):
        outcome = next(one for one in study.outcomes if one.id == entry[1])
        printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
        return name == printed
    if leaf.kind == "recruitment.planned_start":
        return study.recruitment.actual_start is None
    if leaf.kind == "interventions.description":
        return any(entry[1] in arm.interventions for arm in study.arms)
    if leaf.kind == "conditions.icd10_text":
        return study.conditions[int(entry[1])].icd10 is not None
    return leaf.kind == "design.phase" and leaf.words[0].isdigit()


def _is_written(study: Study, outcome: str) -> bool:
    """The form asks for primary and secondary outcomes only (TRDS 19 and 20)."""
    return any(one.id == outcome and one.level in ("primary", "secondary") for one in study.outcomes)


def _holds_registration(study: Study, position: int, name: str) -> bool:
    one = study.registrations[position]
    if one is not find_main_registration(study):
        utn = guess_registry(one.identifier) == "utn"
        return name == "identifier" or (name == "registry" and not utn)
    recruitment = study.recruitment
    start = recruitment.actual_start or recruitment.planned_start
    printed = {
        "sponsor": next(iter(list_sponsors(study)), None),
        "target_size": one.target_size if study.design.planned_size is None else study.design.planned_size,
        "first_enrolment": start or one.first_enrolment,
        "status": recruitment.status or one.status,
    }
    return name in ("identifier", "registry", "registered") or (
        name in printed and getattr(one, name) == printed[name]
    )


def _altered(study: Study) -> Iterator[Loss]:
    """Names whose signs would part them in two, so that other signs are written."""
    for number, arm in enumerate(study.arms, start=1):
        if plain_name(arm.name) != arm.name:
            yield Loss(item="arms.name", prints=arm.name, why="a colon or semicolon is written as a comma")
        elif name_arm(arm.name, number) not in ("", arm.name):
            yield Loss(
                item="arms.name", prints=arm.name, why="the form would take the number for another arm's"
            )
        if arm.description and unnumbered(arm.description) != arm.description:
            why = "the colon after “Intervention” and a number is written as a comma: it would begin another arm"
            yield Loss(item="arms.description", prints=arm.description[:120], why=why)
    for condition in study.conditions:
        if ";" in condition.name:
            yield Loss(item="conditions.name", prints=condition.name, why="a semicolon is written as a comma")
    for outcome in study.outcomes:
        if ";" in outcome.name and write_outcome(study, outcome) == outcome.name.replace(";", ","):
            yield Loss(item="outcomes.name", prints=outcome.name, why="a semicolon is written as a comma")


ICTRP_CURRENT = ProtocolWriter(
    name="ictrp-xml",
    title="WHO ICTRP: XML of its DTD, with results and ethics (2018)",
    suffix=".ictrp.xml",
    citation="WHO ICTRP XML DTD, version 1.0, with the elements of 2018; TRDS 1.3.1",
    write=write_current,
    reads_back="ictrp-xml",
)
ICTRP_2011 = ProtocolWriter(
    name="ictrp-xml-2011",
    title="WHO ICTRP: XML of its DTD of 2011",
    suffix=".ictrp-2011.xml",
    citation="WHO ICTRP XML DTD, version 1.0 (2009); TRDS 1.2.1",
    write=write_2011,
    reads_back="ictrp-xml",
)
