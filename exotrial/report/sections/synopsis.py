"""Synopsis: the study in one table, from the study file (ICH M11, section 1.1)."""

from __future__ import annotations

from collections.abc import Iterable

from exotrial.core.quantities import format_quantity
from exotrial.report.document import AnalysisResult, Column, Section, SectionBuilder, Table
from exotrial.report.dose_words import tell_dose, tell_schedule
from exotrial.report.inputs import ReportInput
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention

_NOT_STATED = "not stated"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """The synopsis of any study."""
    study = given.study
    rows = tuple((label, value or _NOT_STATED) for label, value in _facts(study))
    table = Table(
        id="synopsis",
        title="Synopsis of the study",
        columns=(
            Column(key="item", head="Item", width=0.24),
            Column(key="value", head="As the study file has it", width=0.76),
        ),
        rows=rows,
        notes=("What a source does not say is “not stated”: nothing is filled in for it.",),
    )
    return Section(id="synopsis", title="Synopsis", blocks=(table,)), ()


def _facts(study: Study) -> list[tuple[str, str]]:
    design, dates = study.design, study.recruitment
    names = {organisation.id: organisation.name for organisation in study.organisations}
    return [
        ("Registration", "; ".join(_registration(study))),
        ("Sponsor", _join(o.name for o in study.organisations if "sponsor" in o.roles)),
        ("Funding", _join(names[f.organisation] for f in study.funding if f.organisation is not None)),
        ("Sites", _join(", ".join(filter(None, (s.name, s.city, s.country))) for s in study.sites)),
        (
            "Ethics",
            _join(
                ", ".join(filter(None, (e.committee, e.reference, str(e.approved or ""))))
                for e in study.ethics
            ),
        ),
        ("Condition", _join(condition.name for condition in study.conditions)),
        ("Design", _design(study)),
        (
            "Arms",
            _join(f"{arm.name}{f' (n = {arm.size})' if arm.size is not None else ''}" for arm in study.arms),
        ),
        ("Planned size", "" if design.planned_size is None else str(design.planned_size)),
        ("Enrolled", "" if design.enrolled is None else str(design.enrolled)),
        (
            "Enrolment",
            _period(dates.actual_start or dates.planned_start, dates.actual_end or dates.planned_end),
        ),
        ("Ages", _ages(study)),
        ("Intervention", _join(_intervention(i) for i in study.interventions if i.role == "investigational")),
        (
            "Comparator",
            _join(i.name for i in study.interventions if i.role in ("placebo", "comparator"))
            or design.comparator
            or "",
        ),
        ("Background", _join(i.description or i.name for i in study.interventions if i.role == "background")),
        ("Primary outcomes", _join(o.name for o in study.outcomes if o.level == "primary")),
        ("Secondary outcomes", _join(o.name for o in study.outcomes if o.level == "secondary")),
        ("Randomisation", _randomisation(study)),
        ("Blinding", _blinding(study)),
    ]


def _join(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)


def _registration(study: Study) -> list[str]:
    return [
        f"{record.identifier}" + (f", registered {record.registered}" if record.registered else "")
        for record in study.registrations
    ]


def _design(study: Study) -> str:
    design = study.design
    phase = (
        ""
        if design.phase == "not stated"
        else f"phase {design.phase}, "
        if design.phase != "pilot"
        else "pilot, "
    )
    return f"{phase}{design.intervention_model}, {design.allocation}".replace(", not applicable", "")


def _period(start: object, end: object) -> str:
    return f"{start} to {end}" if start and end else str(start or "")


def _ages(study: Study) -> str:
    low, high = study.population.age_min, study.population.age_max
    if low is None and high is None:
        return ""
    return f"{low} to {high} years" if low is not None and high is not None else f"from {low} years"


def _intervention(intervention: Intervention) -> str:
    parts = [
        intervention.name,
        tell_dose(intervention.dose),
        intervention.route or "",
        tell_schedule(intervention.schedule),
        f"in {format_quantity(intervention.volume)} of {intervention.vehicle or 'vehicle'}"
        if intervention.volume
        else "",
    ]
    return ", ".join(part for part in parts if part)


def _randomisation(study: Study) -> str:
    plan = study.randomisation
    if plan is None:
        return "none"
    blocks = f", blocks of {', '.join(map(str, plan.block_sizes))}" if plan.block_sizes else ""
    strata = f", strata {', '.join(stratum.name for stratum in plan.strata)}" if plan.strata else ""
    return f"{plan.method}{blocks}{strata}"


def _blinding(study: Study) -> str:
    if study.blinding is None:
        return ""
    masked = f": {', '.join(study.blinding.masked_roles)}" if study.blinding.masked_roles else ""
    return f"{study.blinding.label}{masked}"


SECTION = SectionBuilder(name="synopsis", order=10, build=build)
