"""Arms, interventions and dose (ARM, DOS): could somebody else give the same thing? (TIDieR)"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.core.quantities import Quantity, dimension_of, format_quantity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import ONE_DOSE, told_differently
from exotrial.study.definition import Study
from exotrial.study.definition.dosing import Dose
from exotrial.study.definition.intervention import Intervention

_PLAUSIBLE_WEIGHTS_KG = (50, 100)


def _investigational(study: Study) -> list[Intervention]:
    return [intervention for intervention in study.interventions if intervention.role == "investigational"]


def _by_weight(amount: Quantity | None) -> bool:
    return amount is not None and amount.unit.endswith("/kg")


@check(
    "ARM-002",
    Severity.ERROR,
    "record",
    standards=("TIDieR 8", "SPIRIT 2025 item 15a"),
    why="A dose that lacks its unit, number, interval or method of counting cannot be repeated or compared.",
    settle="the missing parts of the dose.",
)
def dose_is_told_whole(study: Study) -> Iterator[Doubt]:
    """A dose gives amount, method of measurement, weight meant, route, number, interval and duration."""
    for intervention in _investigational(study):
        dose, schedule = intervention.dose, intervention.schedule
        times = None if schedule is None else schedule.times_per_day or schedule.administrations
        parts = {
            "the amount": dose and dose.amount,
            "how particles were counted": dose and dose.measured_by,
            "the route": intervention.route,
            "the number of administrations": times,
            "the number of days": schedule and (schedule.days or schedule.administrations),
            "the duration of one administration": schedule and schedule.duration_each,
        }
        if dose is not None and _by_weight(dose.amount):
            parts["which body weight is meant"] = (
                None if dose.weight_basis == "not stated" else dose.weight_basis
            )
        if times is not None and times > 1:
            parts["the interval"] = schedule and (schedule.interval or schedule.clock_times)
        missing = [name for name, value in parts.items() if not value]
        if missing:
            yield Doubt(
                subject=f"interventions.{intervention.id}.dose",
                says=f"{intervention.name}: not stated are {', '.join(missing)}",
                paths=(f"interventions.{intervention.id}.dose", f"interventions.{intervention.id}.schedule"),
            )


@check(
    "ARM-003",
    Severity.WARNING,
    "plausibility",
    standards=("TIDieR 8",),
    why="The same volume then holds twice the particles for twice the weight: haze or foam may unblind.",
    settle="the range of concentrations, and whether it can be seen.",
)
def dose_by_weight_in_a_fixed_volume_gives_its_concentrations(study: Study) -> Iterator[Doubt]:
    """A dose by weight in a fixed volume states the range of concentrations."""
    for intervention in _investigational(study):
        dose = intervention.dose
        if dose is None or not _by_weight(dose.amount) or intervention.volume is None or dose.concentrations:
            continue
        assert dose.amount is not None
        volume = float(intervention.volume.to("mL").value)
        low, high = (float(dose.amount.value) * weight / volume for weight in _PLAUSIBLE_WEIGHTS_KG)
        yield Doubt(
            subject=f"interventions.{intervention.id}.dose.concentrations",
            says=f"from 50 to 100 kg, {format_quantity(intervention.volume)} would hold {low:.3g} to {high:.3g} "
            f"{dose.amount.unit.removesuffix('/kg')}/mL, and no range is stated",
            paths=(f"interventions.{intervention.id}.volume", f"interventions.{intervention.id}.dose.amount"),
        )


@check(
    "ARM-005",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 15d",),
    why="If background treatment differs between participants or arms, its effect is taken for the product's.",
    settle="the background treatment of every arm, what is permitted and what is prohibited.",
)
def background_care_is_stated(study: Study) -> Iterator[Doubt]:
    """Background care is stated for all arms, with permitted and prohibited treatments."""
    background = [intervention for intervention in study.interventions if intervention.role == "background"]
    if not background:
        yield Doubt(subject="interventions", says="no background treatment is stated", paths=())
    for intervention in background:
        unsaid = [
            word
            for word, value in (
                ("permitted", intervention.permitted),
                ("prohibited", intervention.prohibited),
            )
            if value is None
        ]
        if unsaid:
            yield Doubt(
                subject=f"interventions.{intervention.id}",
                says=f"{intervention.name}: it is not said what is {' and what is '.join(unsaid)}",
            )


@check(
    "ARM-006",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 15b",),
    why="Without criteria, stopping a participant's treatment is decided on the spot, and differently each time.",
    settle="when treatment of one participant is stopped or changed.",
)
def criteria_for_stopping_in_a_participant_are_stated(study: Study) -> Iterator[Doubt]:
    """The criteria for stopping or changing the intervention in a participant are stated."""
    if not study.design.discontinuation_criteria:
        yield Doubt(
            subject="design.discontinuation_criteria",
            says="nothing says when the treatment of one participant is stopped or changed",
        )


@check(
    "ARM-007",
    Severity.INFO,
    "terminology",
    standards=("ClinicalTrials.gov intervention type",),
    why="Searches for biologicals do not find “Treatment - Other”.",
    settle="the type biological.",
)
def a_biological_is_registered_as_one(study: Study) -> Iterator[Doubt]:
    """A biological is not registered in the category “other”."""
    for intervention in study.interventions:
        category = intervention.registered_category or ""
        if intervention.kind == "biological" and "other" in category.lower():
            yield Doubt(
                subject=f"interventions.{intervention.id}.registered_category",
                says=f"{intervention.name} is registered as “{category}”",
                paths=(f"interventions.{intervention.id}.registered_category",),
            )


def _course(intervention: Intervention) -> tuple[Dose, int] | None:
    """The dose and how many times its amount is given in a course, where both are stated."""
    dose, schedule = intervention.dose, intervention.schedule
    if dose is None or schedule is None or dose.amount is None:
        return None
    if dose.per == "day" and schedule.days is not None:
        return dose, schedule.days
    if dose.per == "administration" and schedule.administrations is not None:
        return dose, schedule.administrations
    if dose.per == "administration" and schedule.days is not None and schedule.times_per_day is not None:
        return dose, schedule.days * schedule.times_per_day
    return (dose, 1) if dose.per == "course" else None


@check(
    "DOS-001",
    Severity.ERROR,
    "arithmetic",
    standards=("TIDieR 8",),
    why="Safety is claimed at the total dose; if it was half or double that, the claim is about another dose.",
    settle="the dosing log: amount, number of administrations and days.",
)
def total_dose_is_the_sum_of_its_doses(study: Study) -> Iterator[Doubt]:
    """A stated total dose equals the dose times the number of times it is given."""
    for intervention in study.interventions:
        course = _course(intervention)
        if course is None or course[0].total is None or course[0].amount is None:
            continue
        dose, times = course
        assert dose.amount is not None
        assert dose.total is not None
        if dimension_of(dose.amount.unit) != dimension_of(dose.total.unit):
            continue
        given = Quantity(value=dose.amount.value * times, unit=dose.amount.unit)
        stated = dose.total.to(given.unit).value
        if given.value != stated and given.value != 0:
            factor = float(stated / given.value)
            yield Doubt(
                subject=f"interventions.{intervention.id}.dose.total",
                says=f"{format_quantity(dose.amount)} given {times} times is {format_quantity(given)}, "
                f"and {format_quantity(dose.total)} is stated: {factor:.3g} times as much",
                paths=(
                    f"interventions.{intervention.id}.dose.amount",
                    f"interventions.{intervention.id}.dose.total",
                ),
            )


@check(
    "DOS-003",
    Severity.ERROR,
    "cross-field",
    standards=("TIDieR 8",),
    why="If the concentration varied, so did the dose, unless the volume varied against it.",
    settle="concentration, volume and so the number of particles, for each participant.",
)
def one_dose_for_all_has_one_concentration(study: Study) -> Iterator[Doubt]:
    """“The same dose” does not stand beside several doses or a range of concentrations."""
    doubted = []
    for intervention in study.interventions:
        dose = intervention.dose
        if (
            dose is not None
            and dose.same_for_all
            and len({c.to("particles/mL").value for c in dose.concentrations}) > 1
        ):
            values = [float(c.to("particles/mL").value) for c in dose.concentrations]
            doubted.append(f"interventions.{intervention.id}.dose.same_for_all")
            yield Doubt(
                subject=doubted[-1],
                says=f"the same dose for all, at concentrations that differ by a factor of "
                f"{max(values) / min(values):.3g}",
                paths=(
                    doubted[-1],
                    f"interventions.{intervention.id}.dose.concentrations",
                ),
            )
    yield from told_differently(study, ONE_DOSE, besides=doubted)


@check(
    "DOS-005",
    Severity.WARNING,
    "format",
    why="A range written from high to low may be a slip in either bound.",
    settle="the lowest and the highest value, in that order.",
)
def ranges_ascend(study: Study) -> Iterator[Doubt]:
    """A range of concentrations is written from low to high."""
    for intervention in study.interventions:
        values = (
            []
            if intervention.dose is None
            else [c.to("particles/mL").value for c in intervention.dose.concentrations]
        )
        if len(values) == 2 and values[0] > values[1]:
            yield Doubt(
                subject=f"interventions.{intervention.id}.dose.concentrations",
                says="the range of concentrations descends",
            )


@check(
    "DOS-006",
    Severity.ERROR,
    "record",
    standards=("MISEV2023", "TIDieR 8"),
    why="A cell-free product has no cells: without particles per cell nobody can repeat or compare the dose.",
    settle="particles (or protein) per administration, or the number of particles that one cell stands for.",
)
def dose_in_cells_of_a_cell_free_product_is_converted(study: Study) -> Iterator[Doubt]:
    """A dose of a cell-free product that is given in cells carries the conversion to particles."""
    for intervention in study.interventions:
        dose = intervention.dose
        if dose is not None and dose.cell_equivalent and dose.particles_per_cell is None:
            amount = "" if dose.amount is None else f" ({format_quantity(dose.amount)})"
            yield Doubt(
                subject=f"interventions.{intervention.id}.dose.amount",
                says=f"{intervention.name} holds no cells, and its dose is given in cells{amount}",
            )


@check(
    "DOS-007",
    Severity.WARNING,
    "record",
    standards=("TIDieR 8",),
    why="Predicted body weight is computed from height and sex; without heights the doses cannot be checked.",
    settle="the height of every participant.",
)
def predicted_body_weight_has_its_height(study: Study) -> Iterator[Doubt]:
    """Where dose is by predicted body weight, height is recorded."""
    for intervention in study.interventions:
        dose = intervention.dose
        if dose is not None and dose.weight_basis == "predicted" and not study.conduct.height_recorded:
            yield Doubt(
                subject=f"interventions.{intervention.id}.dose.weight_basis",
                says="dose is by predicted body weight, and no height is reported",
            )
