"""The product (PRD): what MISEV2023 asks of a vesicle preparation before anybody inhales or receives it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from exotrial.core.findings import Severity
from exotrial.core.quantities import format_quantity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import ISOLATION, told_differently
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Product


@check(
    "PRD-001",
    Severity.WARNING,
    "record",
    standards=("MISEV2023",),
    why="Serum carries vesicles of its own; they are counted, and given, as the product's.",
    settle="serum-free medium, or how vesicles were removed from the serum and with what result.",
)
def serum_in_culture_is_free_of_vesicles(study: Study) -> Iterator[Doubt]:
    """Serum in culture is stated to be depleted of vesicles."""
    for product in study.products:
        for position, step in enumerate(product.process):
            if step.serum and not step.serum_ev_depleted:
                yield Doubt(
                    subject=f"products.{product.id}.process.{position}",
                    says=f"{step.name}: culture with serum, not stated to be free of vesicles",
                )


@check(
    "PRD-002",
    Severity.ERROR,
    "record",
    standards=("MISEV2023", "ICH Q6B"),
    why="Without tests and limits a batch cannot fail; nobody knows what participants received.",
    settle="each release test with its method and limit: identity, number, purity, sterility, endotoxin, mycoplasma.",
)
def release_tests_and_limits_are_named(study: Study) -> Iterator[Doubt]:
    """The tests by which a batch is released are named, each with its limit."""
    for product in study.products:
        subject = f"products.{product.id}.release_tests"
        if not product.release_tests:
            yield Doubt(subject=subject, says=f"{product.name}: no release test is named")
        else:
            open_ended = [t.name for t in product.release_tests if t.limit is None and t.id is None]
            if open_ended:
                yield Doubt(subject=subject, says=f"{product.name}: no limit for {', '.join(open_ended)}")


@check(
    "PRD-003",
    Severity.WARNING,
    "record",
    standards=("MISEV2023",),
    why="Positive markers show that vesicles are there; only a negative one shows what else is.",
    settle="at least one marker of contaminants, such as calnexin, GM130 or albumin.",
)
def vesicles_are_shown_with_a_negative_marker(study: Study) -> Iterator[Doubt]:
    """Characterisation of vesicles has a negative marker."""
    for product in study.products:
        markers = [marker for marker in product.markers if marker.target == "vesicle"]
        if markers and not any(marker.role == "negative" for marker in markers):
            positive = ", ".join(marker.name for marker in markers if marker.role == "positive")
            yield Doubt(
                subject=f"products.{product.id}.markers",
                says=f"{product.name}: positive markers {positive}, and none for contaminants",
            )


_STEPS_OF_METHOD = {
    "ultrafiltration": "ultrafilter",
    "precipitation": "precipitate",
    "filtration": "filter",
}
_ULTRACENTRIFUGE_G = 50_000
"""From about here a centrifuge is called an ultracentrifuge (vesicles pellet at 100 000 g; MISEV2023)."""


def _does(product: Product, method: str) -> bool:
    if method == "ultracentrifugation":
        return any(
            step.force is not None and step.force.value >= _ULTRACENTRIFUGE_G for step in product.process
        )
    return any(step.action == _STEPS_OF_METHOD.get(method) for step in product.process)


@check(
    "PRD-004",
    Severity.WARNING,
    "cross-field",
    standards=("MISEV2023",),
    why="The method decides what is isolated with the vesicles; a reader who repeats the name gets another product.",
    settle="the method that was used, named as its steps are.",
)
def isolation_is_named_as_it_is_done(study: Study) -> Iterator[Doubt]:
    """The isolation method named is among the steps."""
    doubted = []
    for product in study.products:
        method = (product.isolation_method or "").lower()
        known = {*_STEPS_OF_METHOD, "ultracentrifugation"}
        if product.process and method in known and not _does(product, method):
            done = [name for name in sorted(known) if _does(product, name)]
            doubted.append(f"products.{product.id}.isolation_method")
            yield Doubt(
                subject=doubted[-1],
                says=f"{product.name}: named {method}; the steps are {', '.join(done) or 'of another kind'}",
                paths=(f"products.{product.id}.isolation_method", f"products.{product.id}.process"),
            )
    yield from told_differently(study, ISOLATION, besides=doubted)


@check(
    "PRD-005",
    Severity.WARNING,
    "record",
    standards=("MISEV2023",),
    why="“No significant difference” of a few samples is not sameness; the numbers show what was lost in the device.",
    settle="concentration and size before and after the device, with n and spread.",
)
def claims_about_the_device_have_numbers(study: Study) -> Iterator[Doubt]:
    """What is claimed of the product after the nebuliser has numbers."""
    for product in study.products:
        if product.device_claim is not None and not product.device_claim_has_numbers:
            yield Doubt(
                subject=f"products.{product.id}.device_claim",
                says=f"{product.name}: {product.device_claim}, without numbers",
                paths=(f"products.{product.id}.device_claim",),
            )


@check(
    "PRD-006",
    Severity.WARNING,
    "record",
    standards=("ICH Q5C",),
    why="A week in the refrigerator is a shelf life; it is set by stability data or not at all.",
    settle="number, size and potency over the time and temperature claimed.",
)
def storage_claims_have_stability_data(study: Study) -> Iterator[Doubt]:
    """A storage time is supported by stability data."""
    for product in study.products:
        storage = product.storage
        if storage is not None and storage.at_most is not None and not storage.stability_data:
            where = f" at {format_quantity(storage.temperature)}" if storage.temperature else ""
            yield Doubt(
                subject=f"products.{product.id}.storage",
                says=f"{product.name}: to be stored up to {format_quantity(storage.at_most)}{where}, "
                "without stability data",
            )


@cache
def _plausible_concentrations() -> dict[str, tuple[float, str]]:
    table = files("exotrial.study.checks").joinpath("plausible_ingredients.csv").read_text(encoding="utf-8")
    return {
        row["ingredient"]: (float(row["at_most_mg_per_L"]), row["source"])
        for row in csv.DictReader(table.splitlines())
    }


@check(
    "PRD-007",
    Severity.ERROR,
    "unit",
    standards=("UCUM",),
    why="A unit that is wrong by a thousand is copied into the next laboratory's recipe.",
    settle="the unit; high-glucose DMEM holds 4500 mg/L.",
)
def ingredients_have_plausible_concentrations(study: Study) -> Iterator[Doubt]:
    """The concentration of a known ingredient is one that a medium can have."""
    for product in study.products:
        for position, step in enumerate(product.process):
            for ingredient in step.ingredients:
                known = _plausible_concentrations().get(ingredient.name.lower())
                if known is None or ingredient.concentration is None or ingredient.concentration.unit == "%":
                    continue
                amount = float(ingredient.concentration.to("mg/L").value)
                if amount > known[0]:
                    yield Doubt(
                        subject=f"products.{product.id}.process.{position}",
                        says=f"{step.name}: {ingredient.name} at {format_quantity(ingredient.concentration)}, "
                        f"{amount / known[0]:.3g} times the highest plausible ({known[0]:g} mg/L, {known[1]})",
                    )


@check(
    "PRD-101",
    Severity.WARNING,
    "record",
    standards=("MISEV2023", "TIDieR 3"),
    why="Vesicles differ by the tissue, the cell and the way they were made; without these there is no product.",
    settle="source tissue and cell, culture, isolation and the methods of characterisation.",
)
def making_of_the_product_is_told(study: Study) -> Iterator[Doubt]:
    """An investigational product tells its source, its process and its characterisation."""
    for product in study.products:
        missing = [
            name
            for name, value in (
                ("source tissue", product.source_tissue),
                ("process", product.process),
                ("characterisation", product.characterised_by),
            )
            if not value
        ]
        if missing:
            yield Doubt(
                subject=f"products.{product.id}",
                says=f"{product.name}: not told are {', '.join(missing)}",
                paths=(),
            )
