"""What MISEV2023 asks to be told of a vesicle preparation, as far as it bears on a product given to people.

Welsh JA, et al. Minimal information for studies of extracellular vesicles (MISEV2023): from basic to advanced
approaches. J Extracell Vesicles 2024;13:e12404. The guideline has no numbered list: choice and numbers are ours.
"""

from __future__ import annotations

from importlib.resources import files

from exotrial.product.checklist import (
    Answer,
    Checklist,
    ProductRecord,
    met,
    not_applicable,
    not_met,
    not_on_record,
    tell,
)
from exotrial.product.vesicle_record import (
    CONTAMINATION,
    COUNTING,
    IMAGING,
    INSIDE,
    MEMBRANE,
    find_marker,
    find_method,
    has_word,
    step_text,
)


def _term(record: ProductRecord) -> Answer:
    name, path = record.product.name, record.path("name")
    if "exosome" in name.lower():
        return not_met(f"Called exosomes, and no origin in endosomes is on record: {name} ({path})")
    return met(f"{name} ({path})")


def _source(record: ProductRecord) -> Answer:
    product = record.product
    if product.source_tissue and product.source_cell:
        return met(f"{product.source_cell} of {product.source_tissue} ({record.path('source_tissue')})")
    lacking = "source_cell" if product.source_tissue else "source_tissue"
    return not_on_record("Tissue or cells are not named.", missing=record.path(lacking))


def _donor(record: ProductRecord) -> Answer:
    donor = record.product.donor
    told = "" if donor == "not stated" else donor
    return tell(told, path=record.path("donor"), absent="Not stated.")


def _passage(record: ProductRecord) -> Answer:
    absent = "No passage of the producing cells is given."
    return tell(record.product.passage, path=record.path("passage"), absent=absent)


def _medium(record: ProductRecord) -> Answer:
    media = [
        step.medium for step in record.product.process if step.action in ("culture", "prime") and step.medium
    ]
    return tell("; ".join(media), path=record.path("process"), absent="No medium of a culture is named.")


def _serum(record: ProductRecord) -> Answer:
    path = record.path("process")
    with_serum = [step for step in record.product.process if step.serum]
    if not with_serum:
        cultures = [step for step in record.product.process if step.action in ("culture", "prime")]
        if cultures and all(has_word(step_text(step), ("serum-free", "serum free")) for step in cultures):
            return not_applicable(f"Every medium of the culture is free of serum ({path}).")
        absent = (
            "No serum is named; supplements hold vesicles as well."
            if cultures
            else "The culture is not told."
        )
        return not_on_record(absent, missing=path)
    if any(step.serum_ev_depleted is False for step in with_serum):
        return not_met(f"The serum was not freed of its vesicles ({path})")
    if all(step.serum_ev_depleted for step in with_serum):
        return met(f"The serum was freed of its vesicles ({path})")
    return not_on_record(
        f"{with_serum[0].name}: with serum; whether it was freed of its vesicles is not told.",
        missing=f"{path} (serum_ev_depleted)",
    )


def _storage(record: ProductRecord) -> Answer:
    storage, path = record.product.storage, record.path("storage")
    if storage is not None and storage.temperature is not None and storage.at_most is not None:
        return met(f"{storage.temperature}, at most {storage.at_most} ({path})")
    return not_on_record("Temperature or time of storage is not given.", missing=path)


def _stability(record: ProductRecord) -> Answer:
    storage, path = record.product.storage, record.path("storage.stability_data")
    if storage is None or storage.stability_data is None:
        return not_on_record("Nothing is told of stability.", missing=path)
    return met(f"Data exist ({path})") if storage.stability_data else not_met(f"There are no data ({path})")


def _method(record: ProductRecord) -> Answer:
    path = record.path("isolation_method")
    return tell(record.product.isolation_method, path=path, absent="No method is named.")


def _parameters(record: ProductRecord) -> Answer:
    path = record.path("process")
    steps = [
        step for step in record.product.process if step.action in ("centrifuge", "filter", "ultrafilter")
    ]
    if not steps:
        return not_on_record("No spin and no filter is told.", missing=path)
    bare = [
        step.name
        for step in steps
        if (step.action == "centrifuge" and (step.force is None or step.duration is None))
        or (step.action == "filter" and step.pore is None)
    ]
    if bare:
        return not_on_record(f"Without force, duration or pore size: {'; '.join(bare)}.", missing=path)
    return met(f"Spins and filters: {len(steps)} ({path})")


def _quantity(record: ProductRecord) -> Answer:
    """Concentrations with their method; a dose that is ordered is no measurement of what was in the vial."""
    given = [one for one in record.study.interventions if one.product == record.product.id]
    doses = [(one.id, one.dose) for one in given if one.dose is not None]
    for name, dose in doses:
        if dose.concentrations and dose.measured_by:
            told = " and ".join(str(concentration) for concentration in dose.concentrations)
            return met(f"{told}, {dose.measured_by} (interventions.{name}.dose.concentrations)")
    missing = f"interventions.{doses[0][0]}.dose.concentrations" if doses else "interventions[].dose"
    return not_on_record("No measured concentration with its method is given.", missing=missing)


def _membrane(record: ProductRecord) -> Answer:
    return find_marker(record, MEMBRANE, "positive")


def _inside(record: ProductRecord) -> Answer:
    return find_marker(record, INSIDE, "positive")


def _contamination(record: ProductRecord) -> Answer:
    return find_marker(record, CONTAMINATION, "negative", "positive")


def _imaged(record: ProductRecord) -> Answer:
    found = find_method(record, IMAGING)
    return tell("; ".join(found), path=record.path("characterised_by"), absent="No imaging is named.")


def _sized(record: ProductRecord) -> Answer:
    found = find_method(record, COUNTING)
    absent = "No method of counting or sizing is named."
    return tell("; ".join(found), path=record.path("characterised_by"), absent=absent)


MISEV2023 = Checklist(
    name="misev2023",
    title="MISEV2023",
    source="Welsh JA, et al. J Extracell Vesicles 2024;13:e12404; choice and numbers of the items are ours",
    table=files("exotrial.product.checklists").joinpath("misev2023.csv"),
    finders={
        "term": _term,
        "source": _source,
        "donor": _donor,
        "passage": _passage,
        "medium": _medium,
        "serum": _serum,
        "storage": _storage,
        "stability": _stability,
        "method": _method,
        "parameters": _parameters,
        "quantity": _quantity,
        "membrane": _membrane,
        "inside": _inside,
        "contamination": _contamination,
        "imaged": _imaged,
        "sized": _sized,
    },
)
