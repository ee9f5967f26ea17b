"""The dose rule and the schedule of an intervention in a few words, each left empty where the study file is silent."""

from __future__ import annotations

from exotrial.core.quantities import format_quantity
from exotrial.study.definition.dosing import Dose, Schedule


def tell_dose(dose: Dose | None) -> str:
    """`2.0 × 10⁸ particles per day`."""
    if dose is None or dose.amount is None:
        return ""
    per = "" if dose.per == "not stated" else f" per {dose.per}"
    basis = (
        f" of {dose.weight_basis} body weight"
        if dose.weight_basis in ("actual", "predicted", "ideal")
        else ""
    )
    return f"{format_quantity(dose.amount)}{basis}{per}"


def tell_schedule(schedule: Schedule | None) -> str:
    """`twice a day, for 10 min each, on 5 days`."""
    if schedule is None:
        return ""
    times = {1: "once a day", 2: "twice a day", 3: "three times a day"}
    parts = [
        times.get(schedule.times_per_day or 0, ""),
        f"for {format_quantity(schedule.duration_each)} each" if schedule.duration_each else "",
        f"on {schedule.days} days" if schedule.days else "",
    ]
    return ", ".join(part for part in parts if part)
