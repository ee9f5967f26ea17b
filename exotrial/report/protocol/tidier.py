"""The TIDieR table: twelve items for each intervention, filled from the study file or marked missing.

Hoffmann TC, et al. Better reporting of interventions: template for intervention description and replication (TIDieR)
checklist and guide. BMJ 2014;348:g1687. Numbers and order are those of the checklist; the words are ours. Items 10
and 12 tell what happened, and its guide leaves them open in a protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exotrial.report.document import Column, Table
from exotrial.report.protocol.words import (
    find_product,
    tell_amount,
    tell_device,
    tell_process_shortly,
    tell_release,
    tell_source,
    tell_storage,
    tell_times,
    tell_volume,
)
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention

CITATION = "Hoffmann TC, et al. TIDieR. BMJ 2014;348:g1687"
MOST_COLUMNS = 3
"""Interventions side by side; further ones stand in a further table."""
_AFTERWARDS = "To be told when the trial is reported."


@dataclass(frozen=True, kw_only=True)
class TidierItem:
    """One of the twelve: its number and name, what it asks, and what the study file says of an intervention."""

    number: int
    name: str
    asks: str
    tell: Callable[[Study, Intervention], str | None]


def _why(_: Study, one: Intervention) -> str | None:
    return one.delivery.why


def _materials(study: Study, one: Intervention) -> str:
    product = find_product(study, one)
    parts = [tell_device(one), one.vehicle or "", one.delivery.materials or ""]
    if product is not None:
        tests, kept = tell_release(product), tell_storage(product)
        parts = [
            product.name,
            tell_source(product),
            tell_process_shortly(product),
            f"released on {tests}" if tests else "",
            f"stored at {kept}" if kept else "",
            *parts,
        ]
    return "; ".join(part for part in parts if part)


def _procedure(_: Study, one: Intervention) -> str:
    return "; ".join(text.rstrip(".") for text in (one.description, one.delivery.procedure) if text)


def _given_by(_: Study, one: Intervention) -> str | None:
    return one.delivery.given_by


def _mode(_: Study, one: Intervention) -> str:
    return "; ".join(text for text in (one.route, one.delivery.mode) if text)


def _place(study: Study, one: Intervention) -> str | None:
    sites = ", ".join(site.name for site in study.sites)
    return one.delivery.place or study.design.settings or sites


def _amount(_: Study, one: Intervention) -> str:
    return "; ".join(
        text for text in (tell_amount(one.dose), tell_volume(one), tell_times(one.schedule)) if text
    )


def _tailoring(_: Study, one: Intervention) -> str:
    amount = one.dose.amount if one.dose is not None else None
    weighed = amount is not None and "/kg" in amount.unit
    return "; ".join(
        text for text in ("the dose goes by body weight" if weighed else "", one.delivery.tailoring) if text
    )


def _fidelity(study: Study, one: Intervention) -> str | None:
    return one.delivery.fidelity or study.protocol.adherence


def _afterwards(_: Study, __: Intervention) -> str:
    return _AFTERWARDS


ITEMS: tuple[TidierItem, ...] = (
    TidierItem(number=1, name="Brief name", asks="a name", tell=lambda _, one: one.name),
    TidierItem(number=2, name="Why", asks="rationale (delivery.why)", tell=_why),
    TidierItem(
        number=3, name="What: materials", asks="product, device, material (product, device)", tell=_materials
    ),
    TidierItem(
        number=4,
        name="What: procedures",
        asks="procedures (description, delivery.procedure)",
        tell=_procedure,
    ),
    TidierItem(number=5, name="Who provides", asks="who gives it (delivery.given_by)", tell=_given_by),
    TidierItem(number=6, name="How", asks="route and mode (route, delivery.mode)", tell=_mode),
    TidierItem(number=7, name="Where", asks="place (delivery.place, design.settings)", tell=_place),
    TidierItem(number=8, name="When and how much", asks="dose and schedule (dose, schedule)", tell=_amount),
    TidierItem(
        number=9,
        name="Tailoring",
        asks="what is adapted, or that nothing is (delivery.tailoring)",
        tell=_tailoring,
    ),
    TidierItem(number=10, name="Modifications", asks="", tell=_afterwards),
    TidierItem(
        number=11,
        name="How well: planned",
        asks="how delivery is watched (delivery.fidelity, protocol.adherence)",
        tell=_fidelity,
    ),
    TidierItem(number=12, name="How well: actual", asks="", tell=_afterwards),
)


def build_tidier_tables(study: Study) -> tuple[Table, ...]:
    """The table, one column an intervention; several tables where there are many. Empty without interventions."""
    given = study.interventions
    return tuple(
        _table(study, given[start : start + MOST_COLUMNS], part=start // MOST_COLUMNS + 1)
        for start in range(0, len(given), MOST_COLUMNS)
    )


def find_gaps(study: Study) -> tuple[tuple[Intervention, TidierItem], ...]:
    """Every item that the study file does not answer, by intervention."""
    return tuple((one, item) for one in study.interventions for item in ITEMS if not item.tell(study, one))


def _table(study: Study, given: tuple[Intervention, ...], *, part: int) -> Table:
    rows = tuple(
        (f"{item.number}", item.name, *(item.tell(study, one) or f"Missing: {item.asks}" for one in given))
        for item in ITEMS
    )
    share = 0.78 / len(given)
    return Table(
        id=f"tidier-{part}",
        title="Interventions by the twelve items of TIDieR" + (", continued" if part > 1 else ""),
        columns=(
            Column(key="number", head="Item", width=0.06),
            Column(key="name", head="", width=0.16),
            *(Column(key=one.id, head=one.name, width=share) for one in given),
        ),
        rows=rows,
        notes=(f"{CITATION}. The words are ours.",),
    )
