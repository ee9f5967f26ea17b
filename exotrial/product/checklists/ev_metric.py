"""EV-METRIC: nine parameters that let a vesicle experiment be understood and repeated.

EV-TRACK Consortium (Van Deun J, et al.). EV-TRACK: transparent reporting and centralizing knowledge in extracellular
vesicle research. Nat Methods 2017;14:228-32. The score is the share met of those that apply.
"""

from __future__ import annotations

import re
from importlib.resources import files

from exotrial.product.checklist import (
    Answer,
    Checklist,
    ProductRecord,
    met,
    not_applicable,
    not_met,
    not_on_record,
)
from exotrial.product.vesicle_record import (
    CONTAMINATION,
    COUNTING,
    IMAGING,
    find_method,
    has_word,
    is_one_of,
    isolation_told,
    spin_words,
    step_text,
    ultracentrifugations,
    vesicle_markers,
)

_GRADIENT = ("density gradient", "iodixanol", "optiprep", "sucrose gradient", "density cushion")
_CATALOGUE_NUMBER = re.compile(r"(?=\S*\d)(?=\S*[a-z])\S{5,}|clone", re.IGNORECASE)
_DILUTION = re.compile(r"\b1\s*:\s*\d+")


def _seen_and_counted(record: ProductRecord) -> Answer:
    seen, counted = find_method(record, IMAGING), find_method(record, COUNTING)
    path = record.path("characterised_by")
    if seen and counted:
        return met(f"{seen[0]}; {counted[0]} ({path})")
    lacking = "imaging" if counted else "counting or sizing" if seen else "imaging, and none for counting"
    return not_on_record(f"No method for {lacking} is named.", missing=path)


def _micrographs(record: ProductRecord) -> Answer:
    named = find_method(record, ("electron micro",))
    if named:
        return not_on_record(f"{named[0]} is named; which pictures are shown has no place in the study file.")
    return not_on_record("No electron microscopy is named.", missing=record.path("characterised_by"))


def _density(record: ProductRecord) -> Answer:
    named = find_method(record, ("density",))
    if named:
        return met(f"{named[0]} ({record.path('characterised_by')})")
    return not_on_record("No density is given.", missing=record.path("characterised_by"))


def _ultracentrifugation(record: ProductRecord) -> Answer:
    spins = ultracentrifugations(record)
    path = record.path("process")
    if not spins:
        named = has_word(record.product.isolation_method or "", ("ultracentrifug",))
        if isolation_told(record) and not named:
            return not_applicable("No step spins at 100 000 g or more.")
        return not_on_record("The steps of isolation are not told.", missing=path)
    told = "; ".join(f"{step.name}: {spin_words(step)}" for step in spins)
    lacks = [
        word
        for word, there in (
            ("duration", all(step.duration is not None for step in spins)),
            ("rotor", all(has_word(step_text(step), ("rotor", "k-factor")) for step in spins)),
        )
        if not there
    ]
    if lacks:
        return not_on_record(f"{told}; no {' and no '.join(lacks)} is given.", missing=path)
    return met(f"{told} ({path})")


def _gradient(record: ProductRecord) -> Answer:
    path = record.path("process")
    steps = [step for step in record.product.process if has_word(step_text(step), _GRADIENT)]
    if not steps:
        if isolation_told(record):
            return not_applicable("No step is a density gradient.")
        return not_on_record("The steps of isolation are not told.", missing=path)
    whole = all(step.force is not None and step.duration is not None for step in steps)
    told = "; ".join(f"{step.name}: {spin_words(step)}" for step in steps)
    return met(f"{told} ({path})") if whole else not_on_record("Force or duration is lacking.", missing=path)


def _antibodies(record: ProductRecord) -> Answer:
    path = record.path("markers")
    markers = vesicle_markers(record, "positive", "negative", "loading control")
    if not markers:
        return not_on_record("No protein of the vesicles is named.", missing=path)
    bare = [one.name for one in markers if not _is_whole(one.reagent or "")]
    if bare:
        return not_on_record(f"Without catalogue number or dilution: {', '.join(bare)}.", missing=path)
    return met(f"{', '.join(one.name for one in markers)} ({path})")


def _is_whole(reagent: str) -> bool:
    rest = _DILUTION.sub(" ", reagent)
    return rest != reagent and _CATALOGUE_NUMBER.search(rest) is not None


def _lysate(record: ProductRecord) -> Answer:
    if not vesicle_markers(record, "positive", "negative", "loading control"):
        return not_on_record("No protein of the vesicles is named.", missing=record.path("markers"))
    steps = [
        step.name for step in record.product.process if has_word(step_text(step), ("lysis", "lysate", "lyse"))
    ]
    if steps:
        return met(f"{'; '.join(steps)} ({record.path('process')})")
    return not_on_record("No step tells of a lysate.", missing=record.path("process"))


def _enriched(record: ProductRecord) -> Answer:
    path = record.path("markers")
    names = [one.name for one in vesicle_markers(record, "positive")]
    if len(names) >= 3:
        return met(f"{', '.join(names)} ({path})")
    if names:
        return not_met(f"Fewer than three: {', '.join(names)} ({path})")
    return not_on_record("No protein of the vesicles is named.", missing=path)


def _not_enriched(record: ProductRecord) -> Answer:
    path = record.path("markers")
    named = [one.name for one in vesicle_markers(record, "negative")]
    named += [
        one.name
        for one in vesicle_markers(record, "positive", "loading control")
        if is_one_of(one.name, CONTAMINATION)
    ]
    if named:
        return met(f"{', '.join(named)} ({path})")
    return not_on_record("No such protein is named; a loading control is none.", missing=path)


EV_METRIC = Checklist(
    name="ev-metric",
    title="EV-METRIC (EV-TRACK)",
    source="Van Deun J, et al. Nat Methods 2017;14:228-32",
    table=files("exotrial.product.checklists").joinpath("ev_metric.csv"),
    finders={
        "seen_and_counted": _seen_and_counted,
        "micrographs": _micrographs,
        "density": _density,
        "ultracentrifugation": _ultracentrifugation,
        "gradient": _gradient,
        "antibodies": _antibodies,
        "lysate": _lysate,
        "enriched": _enriched,
        "not_enriched": _not_enriched,
    },
)
