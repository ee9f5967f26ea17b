"""The 24 items of the WHO Trial Registration Data Set 1.3.1 as the table that item 1b of SPIRIT 2025 asks for."""

from __future__ import annotations

from collections.abc import Iterable

from exotrial.report.document import Column, Table
from exotrial.report.protocol.filled import Filled
from exotrial.report.wording import listed
from exotrial.study.definition import Study

_NONE = "None."
_LATER = "Not before the trial has ended."
_MISSING = "Missing."


def fill_registration_set(study: Study) -> Filled:
    """The table, and the names of the items that the study file leaves open."""
    values = dict(_values(study))
    rows = tuple((str(number), name, values[name] or _MISSING) for number, name in enumerate(values, start=1))
    table = Table(
        id="registration-data-set",
        title="WHO Trial Registration Data Set, version 1.3.1",
        columns=(
            Column(key="number", head="No.", width=0.06),
            Column(key="item", head="Item", width=0.28),
            Column(key="value", head="As the study file has it", width=0.66),
        ),
        rows=rows,
    )
    absent = [name[0].lower() + name[1:] for name, value in values.items() if not value]
    missing = (f"in the registration data set, {listed(absent)}",) if absent else ()
    return Filled(blocks=(table,), missing=missing)


def _values(study: Study) -> list[tuple[str, str | None]]:
    design, dates = study.design, study.recruitment
    records = [", ".join((record.registry, record.identifier)) for record in study.registrations]
    registered = [str(record.registered) for record in study.registrations if record.registered]
    names = {organisation.id: organisation.name for organisation in study.organisations}
    sponsors = [o.name for o in study.organisations if "sponsor" in o.roles]
    others = study.secondary_ids
    return [
        ("Primary registry and trial number", _join(records)),
        ("Date of registration", _join(registered)),
        ("Secondary identifying numbers", None if others is None else _join(others) or _NONE),
        (
            "Sources of support",
            _join(names[f.organisation] for f in study.funding if f.organisation is not None),
        ),
        ("Primary sponsor", sponsors[0] if sponsors else _registered(study, "sponsor")),
        ("Secondary sponsors", _join(sponsors[1:]) or "None named."),
        ("Contact for public queries", _contact(study, "public inquiries")),
        ("Contact for scientific queries", _contact(study, "scientific inquiries")),
        ("Public title", study.public_title),
        ("Scientific title", study.title),
        (
            "Countries of recruitment",
            _join(dict.fromkeys(site.country for site in study.sites if site.country)),
        ),
        ("Health conditions", _join(condition.name for condition in study.conditions)),
        ("Interventions", _join(f"{i.name} ({i.role})" for i in study.interventions)),
        ("Key inclusion and exclusion criteria", _criteria(study)),
        ("Study type", tell_design(study)),
        (
            "Date of first enrolment",
            str(dates.actual_start or dates.planned_start or _registered(study, "first_enrolment")),
        ),
        (
            "Sample size",
            _registered(study, "target_size") if design.planned_size is None else str(design.planned_size),
        ),
        (
            "Recruitment status",
            dates.status or _join(dict.fromkeys(r.status for r in study.registrations if r.status)),
        ),
        ("Primary outcomes", _outcomes(study, "primary")),
        ("Key secondary outcomes", _outcomes(study, "secondary")),
        (
            "Ethics review",
            _join(", ".join(filter(None, (e.committee, str(e.approved or "")))) for e in study.ethics),
        ),
        ("Completion date", str(dates.completion or _registered(study, "completion"))),
        ("Summary results", _LATER),
        ("Statement on sharing of participants' data", _sharing(study)),
    ]


def _registered(study: Study, field: str) -> str:
    """What the records say where the plan is silent, named as theirs."""
    told = dict.fromkeys(getattr(record, field) for record in study.registrations if getattr(record, field))
    return f"{_join(map(str, told))}, as registered" if told else ""


def tell_design(study: Study) -> str:
    """`interventional; treatment; phase 2a; parallel; randomised; double blind`."""
    design = study.design
    phase = {"not stated": "", "pilot": "pilot"}.get(design.phase, f"phase {design.phase}")
    allocation = "" if design.allocation == "not applicable" else design.allocation
    masking = study.blinding.label if study.blinding is not None else ""
    return _join(("interventional", design.purpose, phase, design.intervention_model, allocation, masking))


def _contact(study: Study, role: str) -> str:
    return _join(
        contact.organisation for contact in study.contacts if contact.role == role and contact.organisation
    )


def _criteria(study: Study) -> str:
    people = study.population
    counts = {
        category: sum(criterion.category == category for criterion in people.criteria)
        for category in ("inclusion", "exclusion")
    }
    if not people.criteria:
        return ""
    told = listed([f"{count} for {category}" for category, count in counts.items() if count])
    ages = (
        f"from {people.age_min} to {people.age_max} years; "
        if people.age_min is not None and people.age_max is not None
        else f"from {people.age_min} years; "
        if people.age_min is not None
        else f"up to {people.age_max} years; "
        if people.age_max is not None
        else ""
    )
    sex = f"{people.sex if people.sex != 'all' else 'all sexes'}; " if people.sex else ""
    return f"{ages}{sex}{told}, told under item 14a"


def _outcomes(study: Study, level: str) -> str:
    return _join(outcome.name for outcome in study.outcomes if outcome.level == level)


def _sharing(study: Study) -> str:
    answer = study.sharing.participant_data if study.sharing is not None else None
    return "" if answer is None else "Yes, as told under item 6." if answer else "No."


def _join(parts: Iterable[str | None]) -> str:
    return "; ".join(part for part in parts if part)
