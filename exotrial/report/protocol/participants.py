"""Items 9 to 17 and 19 to 20 of SPIRIT 2025: why the trial is done, in whom, with what, and what is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.core.quantities import format_unit
from exotrial.report.document import Column, Table
from exotrial.report.protocol.filled import Filled, Line, declared, fill, join
from exotrial.report.protocol.registration_set import tell_design
from exotrial.report.protocol.words import find_analyses, tell_duration
from exotrial.report.wording import listed
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Outcome
from exotrial.study.schedule import derive_grid


def _background(study: Study) -> Filled:
    if not study.protocol.background:
        return Filled(
            missing=(
                "what is known of benefits and harms, and why the trial is needed (protocol.background)",
            )
        )
    return join(*(fill(Line("", text)) for text in study.protocol.background))


def _comparator(study: Study) -> Filled:
    design = study.design
    if design.intervention_model == "single group" and design.comparator is None:
        return Filled(not_applicable="Not applicable: there is one group, and nobody it is compared with.")
    return fill(
        Line("Compared with", design.comparator),
        Line("Reason", study.protocol.comparator_reason, "why this comparator (protocol.comparator_reason)"),
    )


def _objectives(study: Study) -> Filled:
    if not study.objectives:
        return Filled(missing=("the objectives ([[objectives]])",))
    told = fill(*(Line(objective.level.capitalize(), objective.text) for objective in study.objectives))
    harms = {outcome.id for outcome in study.outcomes if outcome.level == "safety"}
    words = (
        "safe",
        "harm",
        "adverse",
        "tolera",
        "toxic",
        "reaction",
        "side effect",
        "complication",
        "threat",
    )
    asked = any(
        harms.intersection(one.outcomes) or any(word in one.text.lower() for word in words)
        for one in study.objectives
    )
    return join(
        told,
        Filled(missing=() if asked else ("an objective on harms ([[objectives]] with a safety outcome)",)),
    )


def _involvement(study: Study) -> Filled:
    text = study.protocol.public_involvement
    return fill(
        Line(
            "",
            text,
            "what part patients or the public have, or that they have none (protocol.public_involvement)",
        )
    )


def _design(study: Study) -> Filled:
    design, plan = study.design, study.randomisation
    arms = "; ".join(
        arm.name + (f" ({arm.kind}, n = {arm.size})" if arm.size is not None else f" ({arm.kind})")
        for arm in study.arms
    )
    several = design.intervention_model != "single group"
    randomised = design.allocation == "randomised"
    ratio = ":".join(map(str, plan.ratio)) if plan is not None and plan.ratio else ""
    return fill(
        Line("Type", tell_design(study)),
        Line("Arms", arms),
        Line(
            "Stages", "; ".join(f"{stage.name}, phase {stage.phase}, {stage.size}" for stage in study.stages)
        ),
        Line("Allocation ratio", ratio, "the allocation ratio (randomisation.ratio)" if randomised else ""),
        Line(
            "Framework",
            design.framework,
            "the framework: superiority, non-inferiority, equivalence, exploratory (design.framework)"
            if several
            else "",
        ),
        Line("Other", design.other_features),
    )


def _setting(study: Study) -> Filled:
    places = "; ".join(", ".join(filter(None, (s.name, s.city, s.country))) for s in study.sites)
    countries = all(site.country for site in study.sites)
    return fill(
        Line("Setting", study.design.settings, "in what kind of place (design.settings)"),
        Line("Places", places, "where ([[sites]])"),
        Line("", None, "" if countries else "the country of every site (sites.country)"),
    )


def _eligibility(study: Study) -> Filled:
    people = study.population
    tables = tuple(
        Table(
            id=f"eligibility-{category}",
            title=f"Criteria of {category}",
            columns=(
                Column(key="number", head="No.", width=0.06),
                Column(key="criterion", head="Criterion", width=0.94),
            ),
            rows=tuple((str(number), text) for number, text in enumerate(texts, start=1)),
        )
        for category in ("inclusion", "exclusion")
        if (texts := [one.text for one in people.criteria if one.category == category])
    )
    ages = (
        fill(
            Line(
                "Age",
                f"{people.age_min if people.age_min is not None else 'no lower limit'} to "
                f"{f'{people.age_max} years' if people.age_max is not None else 'no upper limit'}",
            )
        )
        if people.age_min is not None or people.age_max is not None
        else Filled()
    )
    present = {one.category for one in people.criteria}
    return Filled(
        blocks=(*ages.blocks, *tables),
        missing=tuple(
            f"criteria of {category} ([[population.criteria]])"
            for category in ("inclusion", "exclusion")
            if category not in present
        ),
    )


def _providers(study: Study) -> Filled:
    text = study.protocol.provider_eligibility
    absent = "what is asked of sites and providers, or that nothing is (protocol.provider_eligibility)"
    return fill(Line("", text, absent))


def _discontinuation(study: Study) -> Filled:
    criteria = declared(study.design.discontinuation_criteria)
    return fill(
        Line(
            "Discontinued at",
            criteria,
            "when the intervention is stopped or changed (design.discontinuation_criteria)",
        )
    )


def _adherence(study: Study) -> Filled:
    return fill(
        Line("", study.protocol.adherence, "how adherence is furthered and watched (protocol.adherence)")
    )


def _concomitant(study: Study) -> Filled:
    lines = []
    for label, lists in (
        ("Permitted", [i.permitted for i in study.interventions if i.permitted is not None]),
        ("Prohibited", [i.prohibited for i in study.interventions if i.prohibited is not None]),
    ):
        texts = tuple(dict.fromkeys(text for one in lists for text in one))
        absent = f"which care is {label.lower()}, or none (interventions {label.lower()})"
        lines.append(Line(label, declared(texts) if lists else None, absent))
    background = [i.description or i.name for i in study.interventions if i.role == "background"]
    return fill(Line("Given beside it", "; ".join(background)), *lines)


def _outcomes(study: Study) -> Filled:
    if not study.outcomes:
        return Filled(missing=("the outcomes ([[outcomes]])",))
    table = Table(
        id="outcomes",
        title="Outcomes",
        columns=(
            Column(key="outcome", head="Outcome", width=0.27),
            Column(key="variable", head="Variable and method", width=0.3),
            Column(key="metric", head="Metric and summary", width=0.25),
            Column(key="when", head="When", width=0.18),
        ),
        rows=tuple(row for level in _LEVELS for row in _rows(study, level)),
        stub_rows=frozenset(_stubs(study)),
    )
    missing = []
    for outcome in study.outcomes:
        lacks = [
            word
            for word, told in (
                ("method", _variable(outcome)),
                ("metric with summary", _metric(study, outcome)),
                ("time point", tell_when(study, outcome)),
            )
            if not told
        ]
        if lacks and outcome.level in ("primary", "secondary"):
            missing.append(f"{listed(lacks)} of {outcome.name} (outcomes.{outcome.id})")
    return Filled(blocks=(table,), missing=tuple(missing))


_LEVELS = ("primary", "secondary", "safety", "exploratory")


def _stubs(study: Study) -> list[int]:
    positions, position = [], 0
    for level in _LEVELS:
        number = sum(outcome.level == level for outcome in study.outcomes)
        if number:
            positions.append(position)
            position += number + 1
    return positions


def _rows(study: Study, level: str) -> list[tuple[str | None, ...]]:
    of_level = [outcome for outcome in study.outcomes if outcome.level == level]
    if not of_level:
        return []
    return [
        (level.capitalize(), None, None, None),
        *(
            (
                outcome.name + (f" ({format_unit(outcome.unit)})" if outcome.unit else ""),
                _variable(outcome) or "Missing",
                _metric(study, outcome) or "Missing",
                tell_when(study, outcome) or "Missing",
            )
            for outcome in of_level
        ),
    ]


def _variable(outcome: Outcome) -> str:
    return "; ".join(text for text in (outcome.definition, outcome.method, outcome.instrument) if text)


def _metric(study: Study, outcome: Outcome) -> str:
    """What the analyses make of an outcome, and which value counts."""
    analysed = [
        f"{analysis.comparison}{f', {analysis.method}' if analysis.method else ''}"
        for analysis in find_analyses(study, outcome)
    ]
    return "; ".join(
        [*analysed, *([outcome.value_selection] if outcome.value_selection and analysed else [])]
    )


def tell_when(study: Study, outcome: Outcome) -> str:
    """The encounters of an outcome in order of time, or its time frame, or its horizon; empty where none is told."""
    if outcome.encounters:
        return ", ".join(
            encounter.name
            for encounter in derive_grid(study).encounters
            if encounter.id in outcome.encounters
        )
    if outcome.time_frame:
        return outcome.time_frame
    return f"within {tell_duration(outcome.horizon)}" if outcome.horizon is not None else ""


def _harms(study: Study) -> Filled:
    plan = study.safety
    if plan is None:
        return Filled(missing=("how harms are defined and looked for ([safety])",))
    methods = dict.fromkeys(o.method for o in study.outcomes if o.level == "safety" and o.method)
    return fill(
        Line(
            "Watched for",
            "; ".join(dict.fromkeys((*plan.terms, *plan.prespecified_events))),
            "what is watched for (safety.terms)",
        ),
        Line(
            "Looked for by",
            "; ".join(filter(None, methods)),
            "how they are looked for ([[outcomes]] of level safety, method)",
        ),
        Line("Graded by", plan.grading, "how they are graded (safety.grading)"),
        Line("Coded by", plan.coding),
        Line("Causality judged by", plan.causality, "who judges causality and how (safety.causality)"),
        Line(
            "Collected for",
            tell_duration(plan.collection_window) if plan.collection_window else None,
            "for how long they are collected (safety.collection_window)",
        ),
        Line("Reported", plan.reporting),
    )


def _size(study: Study) -> Filled:
    size, plan = study.design.planned_size, study.statistical_design
    arms = ", ".join(f"{arm.size} in {arm.name}" for arm in study.arms if arm.size is not None)
    number = f"{size} participants" + (f", {arms}" if arms else "") if size is not None else None
    return fill(
        Line("Planned", number, "the number of participants (design.planned_size)"),
        Line(
            "Basis", plan and plan.size_rationale, "how it was arrived at (statistical_design.size_rationale)"
        ),
        Line("Effect", plan and plan.effect),
        Line("Power", f"{plan.power:g}" if plan and plan.power is not None else None),
        Line("Level", f"{plan.level:g}" if plan and plan.level is not None else None),
    )


def _recruitment(study: Study) -> Filled:
    dates = study.recruitment
    period = (
        f"{dates.planned_start} to {dates.planned_end}" if dates.planned_start and dates.planned_end else ""
    )
    return fill(
        Line("How", study.protocol.recruitment, "how enough participants are found (protocol.recruitment)"),
        Line("Planned from", period),
    )


FILLERS: Mapping[str, Callable[[Study], Filled]] = {
    "9a": _background,
    "9b": _comparator,
    "10": _objectives,
    "11": _involvement,
    "12": _design,
    "13": _setting,
    "14a": _eligibility,
    "14b": _providers,
    "15b": _discontinuation,
    "15c": _adherence,
    "15d": _concomitant,
    "16": _outcomes,
    "17": _harms,
    "19": _size,
    "20": _recruitment,
}
