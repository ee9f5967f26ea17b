"""Writer of a study as ChiCTR's field list: each heading with what is to be typed below it, in the form's order.

People are left to the person who registers. ChiCTR's records reach others as rows of ICTRP's exports, with the
register's own grammar (`Exocrine group:13;Control group:13;`), and are read as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from exotrial.core.quantities import Quantity
from exotrial.registries import chictr_form as form
from exotrial.registries.chictr_losses import (
    PHASES,
    find_applicant,
    find_chictr_losses,
    find_leader,
    find_own,
)
from exotrial.registries.ictrp_words import SEXES, write_criteria_lines
from exotrial.registries.irct_words import write_randomisation, write_time_points
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention

Values = Mapping[str, str]

TIMINGS = {
    "prospective": "Prospective registration",
    "retrospective": "Retrospective registration",
    "registered while recruiting": "Retrospective registration",
}
"""ChiCTR knows two: before the first participant is enrolled, and after."""
OUTCOME_TYPES = {
    "primary": "Primary indicator",
    "secondary": "Secondary indicator",
    "safety": "Adverse events",
    "exploratory": "Additional indicator",
}
_MODELS = {
    "single group": "Single arm",
    "parallel": "Parallel",
    "crossover": "Cross-over",
    "factorial": "Factorial",
}


def write_chictr(study: Study) -> Export:
    """The field list as text, and what the form does not ask for."""
    lines = [form.TITLE, ""]
    lines += _fields(form.HEAD, _head(study))
    lines += [form.PEOPLE, "(to be entered by the person who registers)", ""]
    for number, group in enumerate(list(_ethics(study)) or [{}], start=1):
        lines += _fields(form.ETHICS, group, number if len(study.ethics) > 1 else None)
    lines += _fields(form.SPONSORS, _sponsors(study))
    lines += _fields(form.STUDY, _study(study))
    lines += ["Interventions", ""]
    for number, group in enumerate(_groups(study), start=1):
        lines += _fields(form.GROUPS, group, number)
    size = study.design.planned_size
    lines += _fields((form.TOTAL,), {form.TOTAL: "" if size is None else str(size)})
    lines += ["Countries of recruitment and research settings", ""]
    for number, group in enumerate(list(_sites(study)) or [{}], start=1):
        lines += _fields(form.SITES, group, number)
    lines += ["Outcomes", ""]
    for number, group in enumerate(_outcomes(study), start=1):
        lines += _fields(form.OUTCOMES, group, number)
    lines += ["Collecting sample(s) from participants", ""]
    for number, group in enumerate(list(_samples(study)) or [{}], start=1):
        lines += _fields(form.SAMPLES, group, number)
    lines += _fields(form.END, _end(study))
    return Export(data="\n".join(lines).encode(), losses=tuple(find_chictr_losses(study)))


def _fields(headings: Sequence[str], values: Values, number: int | None = None) -> Iterator[str]:
    for heading in headings:
        yield heading if number is None else f"{number}. {heading}"
        yield values.get(heading, "") or form.NOTHING
        yield ""


def _head(study: Study) -> Values:
    own = find_own(study)
    others = [one.identifier for one in study.registrations if one is not own]
    applicant, leader = find_applicant(study), find_leader(study)
    return {
        "Registration number": own.identifier if own else "",
        "Date of Last Refreshed on": _day(own.last_updated if own else None),
        "Date of Registration": _day(own.registered if own else None),
        "Registration Status": TIMINGS[own.timing_label] if own and own.timing_label else "",
        "Public title": study.public_title or "",
        "English Acronym": study.acronym or "",
        "Scientific title": study.title,
        "Study subject ID": "; ".join(study.secondary_ids or ()),
        "The registration number of the Partner Registry or other register": "; ".join(others),
        "Applicant's institution": (applicant.organisation if applicant else None) or "",
        "Study leader's institution": (leader.organisation if leader else None) or "",
    }


def _ethics(study: Study) -> Iterator[Values]:
    for one in study.ethics:
        yield {
            "Approved by ethic committee": "Yes" if one.approved else "",
            "Approved No. of ethic committee": one.reference or "",
            "Name of the ethic committee": _joined(one.committee, one.city, one.country),
            "Date of approved by ethic committee": _day(one.approved),
        }


def _sponsors(study: Study) -> Values:
    sponsors = [one for one in study.organisations if "sponsor" in one.roles]
    named = {one.id: one.name for one in study.organisations}
    own = find_own(study)
    primary = _joined(sponsors[0].name, sponsors[0].city, sponsors[0].country) if sponsors else ""
    funders = (named[one.organisation] for one in study.funding if one.organisation)
    return {
        "Primary sponsor": primary or (own.sponsor if own and own.sponsor else ""),
        "Secondary sponsor": "\n".join(_joined(one.name, one.city, one.country) for one in sponsors[1:]),
        "Source(s) of funding": "; ".join(dict.fromkeys(funders)),
    }


def _study(study: Study) -> Values:
    design, recruitment = study.design, study.recruitment
    model = _MODELS.get(design.intervention_model, "")
    if design.intervention_model == "parallel" and design.allocation == "non-randomised":
        model = "Non randomized control"
    start = recruitment.actual_start or recruitment.planned_start
    end = recruitment.actual_end or recruitment.planned_end
    return {
        "Target disease": "; ".join(one.name for one in study.conditions),
        "Target disease code": "; ".join(one.icd10 for one in study.conditions if one.icd10),
        "Study type": "Interventional study",
        "Study phase": PHASES.get(design.phase, ""),
        "Study design": model,
        "Objectives of Study": "\n".join(one.text for one in study.objectives),
        "Description for medicine or protocol of treatment in detail": "\n".join(
            _described(one) for one in study.interventions
        ),
        "Inclusion criteria": write_criteria_lines(study, "inclusion"),
        "Exclusion criteria": write_criteria_lines(study, "exclusion"),
        "Study execute time": _span(recruitment.conducted_from, recruitment.conducted_to),
        "Recruiting time": _span(start, end),
    }


def _described(one: Intervention) -> str:
    """What is given, how much, by which way and when, each where the study file states it."""
    dose, schedule = one.dose, one.schedule
    amount = dose.amount if dose else None
    per = f" per {dose.per}" if dose and amount and dose.per != "not stated" else ""
    times = schedule.times_per_day if schedule else None
    parts = {
        "": one.description or "",
        "dose": f"{_quantity(amount)}{per}" if amount is not None else "",
        "route": one.route or "",
        "device": one.device or "",
        "vehicle": one.vehicle or "",
        "volume": _quantity(one.volume),
        "times a day": "" if times is None else str(times),
        "days": str(schedule.days) if schedule and schedule.days is not None else "",
        "duration each": _quantity(schedule.duration_each if schedule else None),
    }
    told = "; ".join(f"{label}: {words}".removeprefix(": ") for label, words in parts.items() if words)
    return f"{one.name}: {told}" if told else one.name


def _groups(study: Study) -> Iterator[Values]:
    for arm in study.arms:
        given = [one for one in study.interventions if one.id in arm.interventions]
        yield {
            "Group": arm.name,
            "Sample size": "" if arm.size is None else str(arm.size),
            "Intervention": "\n".join(filter(None, (arm.description, "; ".join(one.name for one in given)))),
            "Intervention code": "; ".join(
                one.registered_category for one in given if one.registered_category
            ),
        }


def _sites(study: Study) -> Iterator[Values]:
    for site in study.sites:
        yield {
            "Country": site.country or "",
            "City": site.city or "",
            "Institution/hospital": site.name,
        }


def _outcomes(study: Study) -> Iterator[Values]:
    for outcome in study.outcomes:
        yield {
            "Outcome": outcome.name,
            "Type": OUTCOME_TYPES[outcome.level],
            "Measure time point of outcome": write_time_points(study, outcome),
            "Measure method": outcome.method or "",
        }


def _samples(study: Study) -> Iterator[Values]:
    for sample in study.samples:
        kept = f"Kept for {_quantity(sample.kept_for)}" if sample.kept_for is not None else ""
        yield {"Sample Name": sample.name, "Fate of sample": kept, "Note": sample.assay or ""}


def _end(study: Study) -> Values:
    own, population, blinding = find_own(study), study.population, study.blinding
    limits = {"Min age": population.age_min, "Max age": population.age_max}
    masked = f" ({', '.join(blinding.masked_roles)})" if blinding and blinding.masked_roles else ""
    told = [f"{blinding.label.capitalize()}{masked}", blinding.method or ""] if blinding else []
    consent = study.consent.written if study.consent else None
    sharing, safety = study.sharing, study.safety
    shared = {None: "", True: "Yes", False: "No"}[sharing.participant_data if sharing else None]
    return {
        "Recruiting status": study.recruitment.status or (own.status if own and own.status else ""),
        "Participant age": "; ".join(
            f"{name} {age} years" for name, age in limits.items() if age is not None
        ),
        "Gender": SEXES[population.sex],
        "Randomization Procedure": write_randomisation(study.randomisation),
        "Blinding": "\n".join(filter(None, told)),
        "Sign the informed consent": {None: "", True: "Yes", False: "No"}[consent],
        "Statistical method": "\n".join(dict.fromkeys(one.method for one in study.analyses if one.method)),
        "The time of sharing IPD": (sharing.starts if sharing else None) or "",
        "The way of sharing IPD": "\n".join(
            filter(
                None, (shared, sharing.description, sharing.repository, sharing.process) if sharing else ()
            )
        ),
        "Data and Safety Monitoring Committee": (safety.monitoring_committee if safety else None) or "",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _span(start: date | None, end: date | None) -> str:
    return " ".join(f"{word} {_day(day)}" for word, day in (("From", start), ("To", end)) if day is not None)


def _quantity(quantity: Quantity | None) -> str:
    """As the study file prints it, `1e8 particles/kg`: a form that loses a superscript would make 108 of 10⁸."""
    return quantity.text if quantity is not None else ""


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


CHICTR_FIELDS = ProtocolWriter(
    name="chictr",
    title="ChiCTR: field list",
    suffix=".chictr.txt",
    citation="Chinese Clinical Trial Registry, page of a trial, https://www.chictr.org.cn (as printed in 2020)",
    write=write_chictr,
)
