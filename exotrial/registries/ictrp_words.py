"""Parts of a study in the words of ICTRP's form: English labels, one line an outcome, arms numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from exotrial.core.identifiers import guess_registry
from exotrial.registries.ictrp_upload import NOT_DESCRIBED
from exotrial.registries.irct_words import write_randomisation, write_time_points
from exotrial.study.definition import Study
from exotrial.study.definition.design import Arm
from exotrial.study.definition.identity import Registration
from exotrial.study.definition.plan import Outcome

_ALLOCATIONS = {
    "randomised": "Randomized",
    "non-randomised": "Non-randomized",
    "not applicable": "Not applicable",
}
SEXES = {None: "", "all": "Both", "female": "Female", "male": "Male"}


def find_main_registration(study: Study) -> Registration | None:
    """The registration under which the study is handed over: the first that is no Universal Trial Number."""
    return next((one for one in study.registrations if guess_registry(one.identifier) != "utn"), None)


def write_slashed(day: date | None) -> str:
    """`dd/mm/yyyy`, as the DTD prescribes; "" for none."""
    return f"{day:%d/%m/}{day.year:04d}" if day is not None else ""


def write_labelled_design(study: Study) -> str:
    """The design as labelled sentences; what the study file does not state has no label."""
    design, blinding = study.design, study.blinding
    model = "" if design.intervention_model == "not stated" else design.intervention_model.capitalize()
    told = {
        "Allocation": _ALLOCATIONS.get(design.allocation, ""),
        "Intervention model": model,
        "Primary purpose": design.purpose.capitalize(),
    }
    if blinding is not None:
        roles = f" ({', '.join(blinding.masked_roles)})" if blinding.masked_roles else ""
        told["Masking"] = f"{blinding.label.capitalize()}{roles}"
        told["Blinding description"] = blinding.method or ""
        told["Placebo"] = "Used" if blinding.placebo else "Not used"
    told["Randomization description"] = write_randomisation(study.randomisation)
    told["Other design features"] = design.other_features or ""
    return " ".join(f"{label}: {_line(words).rstrip(' .')}." for label, words in told.items() if words)


def write_arms(study: Study) -> str:
    """`Intervention 1: name: what is given`, for each arm; an arm whose name is its number has it once.

    A colon or semicolon in a name becomes a comma, and so does a colon after `Intervention 2` within the words.
    """
    parts = []
    for number, arm in enumerate(study.arms, start=1):
        name = name_arm(arm.name, number)
        named = f"{name}: " if name else ""
        parts.append(f"Intervention {number}: {named}{unnumbered(_given(study, arm))}")
    return " ".join(parts)


def name_arm(name: str, number: int) -> str:
    """An arm's name as the form holds it; "" where the number that the form gives it says the same."""
    plain = plain_name(name)
    if plain == f"Intervention {number}":
        return ""
    return re.sub(r"\b(Intervention)\s+(\d{1,2})$", r"\1 no. \2", plain, flags=re.IGNORECASE)


def unnumbered(words: str) -> str:
    """The words with a comma for the colon after `Intervention 2`, which would begin another arm."""
    return re.sub(r"\b(Intervention\s+\d{1,2})\s*:", r"\1,", words, flags=re.IGNORECASE)


def plain_name(name: str) -> str:
    """A name without the signs that part names from what follows."""
    return re.sub(r"\s*[:;：；]\s*", ", ", _line(name)).strip(", ")


def _given(study: Study, arm: Arm) -> str:
    described = [_line(arm.description)] if arm.description else []
    given = [
        f"{one.name}, {one.description}" if one.description else one.name
        for one in study.interventions
        if one.id in arm.interventions
    ]
    words = ". ".join(part.rstrip(" .") for part in (*described, _line("; ".join(given))) if part)
    return f"{words}." if words else NOT_DESCRIBED


def write_outcome(study: Study, outcome: Outcome) -> str:
    """`Name. Timepoint: when. Method of measurement: how.`, as IRCT hands its outcomes over."""
    when, how = _line(write_time_points(study, outcome)), _line(outcome.method or "")
    parts = [_line(outcome.name).rstrip(" .")]
    if when or how:
        # Where only the method is known its label would be taken for words of the name without the one before it.
        parts.append(f"Timepoint: {when.rstrip(' .')}".rstrip())
    if how:
        parts.append(f"Method of measurement: {how.rstrip(' .')}")
    return f"{'. '.join(parts)}." if len(parts) > 1 else parts[0].replace(";", ",")


def write_criteria_lines(study: Study, category: str) -> str:
    """The criteria of one list, numbered, one a line; a single one without a number."""
    told = [_line(one.text) for one in study.population.criteria if one.category == category]
    if len(told) == 1:
        return told[0]
    return "\n".join(f"{number}. {words}" for number, words in enumerate(told, start=1))


def list_countries(study: Study) -> list[str]:
    """The countries of the sites and of the organisations that are sites, each once."""
    told = [
        *(site.country for site in study.sites),
        *(one.country for one in study.organisations if "site" in one.roles),
    ]
    return list(dict.fromkeys(country for country in told if country))


def list_other_ids(study: Study) -> Iterator[tuple[str, str]]:
    """Every other number of the trial with who gave it out, Universal Trial Numbers apart."""
    main = find_main_registration(study)
    for one in study.registrations:
        if one is not main and guess_registry(one.identifier) != "utn":
            yield one.identifier, one.registry
    for identifier in study.secondary_ids or ():
        if guess_registry(identifier) != "utn":
            yield identifier, ""


def find_universal_number(study: Study) -> str:
    """The Universal Trial Number, "" where there is none."""
    numbers = (*(one.identifier for one in study.registrations), *(study.secondary_ids or ()))
    return next((one for one in numbers if guess_registry(one) == "utn"), "")


def list_sponsors(study: Study) -> list[str]:
    """The sponsors' names, the first the primary one; the registration's where no organisation is a sponsor."""
    named = [one.name for one in study.organisations if "sponsor" in one.roles]
    main = find_main_registration(study)
    return named or ([main.sponsor] if main is not None and main.sponsor else [])


def _line(text: str) -> str:
    return " ".join(text.split())
