"""Interventions, their administrations, products and devices of a study file as USDM classes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from exotrial.core.quantities import Quantity
from exotrial.registries.usdm.extensions import Values
from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.parts import INTERVENTION, PRODUCT, write_part
from exotrial.registries.usdm.terms import Term, code_word
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention

UCUM = "http://unitsofmeasure.org"


def write_interventions(study: Study, entries: Iterable[Values], make: Maker) -> list[dict[str, Any]]:
    """One StudyIntervention each, with its administration where the study file says how it is given."""
    devices = device_ids(study)
    written = []
    for intervention, values in zip(study.interventions, entries, strict=True):
        given = _write_administration(intervention, devices, make)
        written.append(write_part(INTERVENTION, values, make, administrations=[given] if given else []))
    return written


def write_products(entries: Iterable[Values], make: Maker) -> list[dict[str, Any]]:
    """One AdministrableProduct each; its making, markers, release and storage are extension attributes."""
    return [
        write_part(
            PRODUCT,
            values,
            make,
            administrableDoseForm=make.alias(code_word("dose form", "not stated")),
            productDesignation=make.code(code_word("designation", "investigational")),
        )
        for values in entries
    ]


def device_ids(study: Study) -> dict[str, str]:
    """The id of each device that an intervention names, by the words that name it."""
    names = dict.fromkeys(one.device for one in study.interventions if one.device is not None)
    return {name: f"MedicalDevice_{number}" for number, name in enumerate(names, start=1)}


def write_devices(study: Study, make: Maker) -> list[dict[str, Any]]:
    """One MedicalDevice for each device that an intervention names."""
    return [
        make("MedicalDevice", name=f"device_{n}", label=name) for n, name in enumerate(device_ids(study), 1)
    ]


def is_given(intervention: Intervention) -> bool:
    """Whether the study file says how it is given: a dose, a schedule or a route."""
    return any((intervention.dose, intervention.schedule, intervention.route))


def _write_administration(
    intervention: Intervention, devices: dict[str, str], make: Maker
) -> dict[str, Any] | None:
    if not is_given(intervention):
        return None
    schedule = intervention.schedule
    optional: dict[str, Any] = {}
    amount = _amount_each_time(intervention)
    if amount is not None:
        optional["dose"] = _write_amount(amount, make)
    if intervention.route is not None:
        optional["route"] = make.alias(code_word("route", intervention.route))
    if schedule is not None and schedule.times_per_day is not None:
        optional["frequency"] = make.alias(_frequency(schedule.times_per_day))
    if intervention.product is not None:
        optional["administrableProductId"] = f"{PRODUCT.kind}_{intervention.product}"
    if intervention.device is not None:
        optional["medicalDeviceId"] = devices[intervention.device]
    return make(
        "Administration",
        name=f"administration_of_{intervention.id}",
        label=intervention.name,
        duration=_write_duration(None if schedule is None else schedule.days, make),
        **optional,
    )


def _frequency(times_per_day: int) -> Term:
    term = code_word("frequency", str(times_per_day))
    if term.decode != str(times_per_day):
        return term
    words = f"{times_per_day} times a day"
    return Term(
        list=term.list, word=words, code=words, decode=words, version=term.version, system=term.system
    )


def _write_duration(days: int | None, make: Maker) -> dict[str, Any]:
    if days is None:
        return make("Duration", text="not stated", durationWillVary=False)
    quantity = make("Quantity", value=days, unit=make.alias(code_word("age unit", "d")))
    return make("Duration", quantity=quantity, durationWillVary=False)


def _amount_each_time(intervention: Intervention) -> Quantity | None:
    """The amount of one administration: the only amount that USDM's dose means.

    None where the study file's amount is that of a day with several administrations or of a course, or is given in
    cells of origin: read as a dose, it would be another one. The extension attribute holds it with what it means.
    """
    dose, schedule = intervention.dose, intervention.schedule
    if dose is None or dose.cell_equivalent:
        return None
    once_a_day = schedule is not None and schedule.times_per_day == 1
    each_time = dose.per == "administration" or (dose.per == "day" and once_a_day)
    return dose.amount if each_time else None


def _write_amount(quantity: Quantity, make: Maker) -> dict[str, Any]:
    """An amount whose unit is coded by UCUM, in which counted things are annotations: `{particles}/kg`."""
    unit = Term(
        list="unit",
        word=quantity.unit,
        code=re.sub(r"\b(particles|cells)\b", r"{\1}", quantity.unit),
        decode=quantity.unit,
        version="2.1",
        system=UCUM,
    )
    return make("Quantity", value=quantity.number, unit=make.alias(unit))
