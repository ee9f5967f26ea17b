"""Item 15a of SPIRIT 2025: intervention and comparator, with the product behind them (MISEV2023; ICH Q6B)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exotrial.report.protocol.filled import Filled, Line, fill_table, join
from exotrial.report.protocol.words import (
    tell_amount,
    tell_device,
    tell_process,
    tell_release,
    tell_source,
    tell_storage,
    tell_times,
    tell_volume,
)
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Intervention, Product

_CONTROL = ("placebo", "comparator")


def _interventions(study: Study) -> Filled:
    if not study.interventions:
        return Filled(missing=("what is given ([[interventions]])",))
    told = [_told(study, one) for one in study.interventions]
    used = {one.product for one in study.interventions}
    told += [_product(product) for product in study.products if product.id in used]
    bare = [one.name for one in study.interventions if one.role == "investigational" and one.product is None]
    told.append(Filled(missing=tuple(f"the product of {name} (interventions product)" for name in bare)))
    if study.design.intervention_model != "single group" and not _has_control(study):
        told.append(Filled(missing=("the comparator ([[interventions]] of role placebo or comparator)",)))
    return join(*told)


def _has_control(study: Study) -> bool:
    """Whether an arm says what those receive who do not receive what is tested."""
    given = {one.id: one.role for one in study.interventions}
    return any(
        arm.kind == "no intervention"
        or any(given[name] in (*_CONTROL, "background") for name in arm.interventions)
        for arm in study.arms
        if arm.kind != "experimental"
    )


def _told(study: Study, one: Intervention) -> Filled:
    """One intervention under its name; background care is told by its description alone."""
    named = f"{one.name} ({one.role})"
    if one.role == "background":
        return fill_table(
            one.id, named, Line("What", one.description or one.name), Line("When", tell_times(one.schedule))
        )
    route = f"{one.name}: " if len(study.interventions) > 1 else ""
    path = f"interventions.{one.id}"
    tested = one.role == "investigational"
    lines = (
        Line("What", one.description),
        Line("Dose", tell_amount(one.dose), f"{route}the dose ({path}.dose)" if tested else ""),
        Line("Volume", tell_volume(one)),
        Line("Route", one.route, f"{route}the route ({path}.route)"),
        Line(
            "Device",
            tell_device(one),
            f"{route}the device ({path}.device)" if one.route == "inhalation" else "",
        ),
        Line("When", tell_times(one.schedule), f"{route}when it is given ({path}.schedule)"),
        Line("How", one.delivery.procedure),
        Line("Given by", one.delivery.given_by, f"{route}who gives it ({path}.delivery.given_by)"),
        Line("Described further in", one.delivery.materials),
    )
    return fill_table(one.id, named, *lines)


def _product(product: Product) -> Filled:
    path = f"products.{product.id}"
    markers = "; ".join(f"{marker.name} ({marker.role})" for marker in product.markers)
    return fill_table(
        product.id,
        f"Product: {product.name}",
        Line("Source", tell_source(product), f"source of the product ({path}.source_cell)"),
        Line("Made by", tell_process(product), f"how the product is made ({path}.process)"),
        Line("Markers", markers),
        Line("Characterised by", "; ".join(product.characterised_by)),
        Line("Released on", tell_release(product), f"tests before release ({path}.release_tests)"),
        Line("Stored at", tell_storage(product), f"how the product is stored ({path}.storage)"),
    )


FILLERS: Mapping[str, Callable[[Study], Filled]] = {"15a": _interventions}
