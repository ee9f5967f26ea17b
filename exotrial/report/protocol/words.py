"""Interventions and their product in words, as a protocol and the TIDieR table tell them."""

from __future__ import annotations

from exotrial.core.quantities import Quantity, format_quantity
from exotrial.report.dose_words import tell_dose, tell_schedule
from exotrial.report.wording import count_of, listed
from exotrial.study.definition import Study
from exotrial.study.definition.dosing import Dose, Schedule
from exotrial.study.definition.intervention import Intervention, Product
from exotrial.study.definition.plan import Analysis, Outcome

_UNITS = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour"}
_MOST_STEPS = 8


def tell_duration(quantity: Quantity) -> str:
    """`28 days`, `1 year`, `10 min`."""
    unit = _UNITS.get(quantity.unit)
    if unit is None or quantity.value != int(quantity.value):
        return format_quantity(quantity)
    return count_of(int(quantity.value), unit)


def find_analyses(study: Study, outcome: Outcome) -> tuple[Analysis, ...]:
    """The analyses of an outcome: of itself, or of a family of variables whose words name it."""
    return tuple(
        analysis
        for analysis in study.analyses
        if analysis.variable == outcome.id or outcome.name.lower() in (analysis.variables or "").lower()
    )


def tell_amount(dose: Dose | None) -> str:
    """The dose with its total, cap, concentration and assay, as far as the study file has them."""
    if dose is None:
        return ""
    parts = [
        tell_dose(dose),
        "counted in cells of origin" if dose.cell_equivalent else "",
        f"{format_quantity(dose.total)} in all" if dose.total else "",
        f"at most {format_quantity(dose.at_most)}" if dose.at_most else "",
        f"at {' to '.join(dict.fromkeys(map(format_quantity, dose.concentrations)))}"
        if dose.concentrations
        else "",
        f"measured by {dose.measured_by}" if dose.measured_by else "",
    ]
    return ", ".join(part for part in parts if part)


def tell_times(schedule: Schedule | None) -> str:
    """The schedule with clock times, interval and number of administrations."""
    if schedule is None:
        return ""
    number = schedule.administrations
    parts = [
        tell_schedule(schedule),
        f"at {listed(schedule.clock_times)}" if schedule.clock_times else "",
        f"every {tell_duration(schedule.interval)}" if schedule.interval else "",
        f"{count_of(number, 'administration')} in all" if number is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def tell_volume(intervention: Intervention) -> str:
    """`5 mL of 0.9 % sodium chloride`."""
    volume = format_quantity(intervention.volume) if intervention.volume else ""
    return (
        f"{volume} of {intervention.vehicle}"
        if volume and intervention.vehicle
        else volume or intervention.vehicle or ""
    )


def tell_device(intervention: Intervention) -> str:
    """The device and what is stated of its output."""
    nebulised = intervention.nebulisation
    parts = [intervention.device or ""]
    if nebulised is not None:
        parts += [
            f"output {format_quantity(nebulised.output)}" if nebulised.output else "",
            f"median droplet {format_quantity(nebulised.mmad)}" if nebulised.mmad else "",
            f"residual {format_quantity(nebulised.residual)}" if nebulised.residual else "",
        ]
    return ", ".join(part for part in parts if part)


def find_product(study: Study, intervention: Intervention) -> Product | None:
    """The product of an intervention, None where it names none."""
    return next((product for product in study.products if product.id == intervention.product), None)


def tell_source(product: Product) -> str:
    """Cells, tissue and donor of a product."""
    donor = product.donor if product.donor != "not stated" else ""
    source = " of ".join(part for part in (product.source_cell, product.source_tissue) if part)
    parts = (donor, source, f"passage {product.passage}" if product.passage else "")
    return ", ".join(part for part in parts if part)


def tell_process(product: Product) -> str:
    """How a product is isolated and the steps of its making, by name."""
    steps = [step.name.rstrip(".") for step in product.process]
    parts = [product.isolation_method or "", f"steps: {', '.join(steps)}" if steps else ""]
    return "; ".join(part for part in parts if part)


def tell_process_shortly(product: Product) -> str:
    """As `tell_process`, with no more of many steps than their number."""
    if len(product.process) <= _MOST_STEPS:
        return tell_process(product)
    number = f"{len(product.process)} steps, told in the protocol under item 15a"
    return "; ".join(part for part in (product.isolation_method or "", number) if part)


def tell_storage(product: Product) -> str:
    """`−80 °C, at most 180 days`."""
    kept = product.storage
    if kept is None:
        return ""
    parts = (
        format_quantity(kept.temperature) if kept.temperature else "",
        f"at most {tell_duration(kept.at_most)}" if kept.at_most else "",
    )
    return ", ".join(part for part in parts if part)


def tell_release(product: Product) -> str | None:
    """The tests a batch must pass, None where the study file does not say."""
    if product.release_tests is None:
        return None
    tests = [f"{test.name} ({test.limit})" if test.limit else test.name for test in product.release_tests]
    return "; ".join(tests) or "none"
