"""The clean study with every item of SPIRIT 2025 and TIDieR answered; tests take one thing away at a time."""

from __future__ import annotations

from typing import Any

from exotrial.study.definition import Study
from tests.study.clean import as_study, clean_document

_ANALYSIS = {
    "population": "itt",
    "comparison": "between arms",
    "method": "difference with its interval",
    "missing_data": "complete cases",
}
_DELIVERY = {
    "why": "Vesicles are to calm the inflamed lung",
    "materials": "The manual of inhalation",
    "procedure": "Thaw, load the device, inhale sitting",
    "given_by": "A nurse trained on the device",
    "mode": "One participant at a time, face to face",
    "tailoring": "Nothing is adapted",
    "fidelity": "Each administration is signed by two",
}

_PROTOCOL = {
    "contributors": ["Statistician, Example University", "Intensivist, Example Hospital"],
    "oversight": ["Steering committee of three, which meets each month"],
    "conflicts": "None",
    "dissemination": "Registry, a summary in plain words, and a paper",
    "background": ["In seven trials nothing was compared.", "Harms were counted in two of them."],
    "comparator_reason": "The vehicle tells the vesicles from the inhalation",
    "public_involvement": "Two former patients read the consent form",
    "provider_eligibility": "Units with a trained nurse at all hours",
    "adherence": "Residual volume is weighed",
    "recruitment": "Every admission is screened each morning",
    "sequence_access": "Neither can see it",
    "data_quality": "Gas analysers are checked each day; forms stand in the annex",
    "retention": "Telephone calls; those who stop are followed for death",
    "data_management": "Typed in twice, stored encrypted, range checks at entry",
    "additional_analyses": "None are planned",
    "monitoring": "A visit after each eighth participant",
    "amendments": "Told to the committee, the registry and the sites within a week",
    "ancillary_consent": "A second signature for stored plasma",
    "confidentiality": "Names stay at the site",
    "post_trial_care": "Insurance of the sponsor covers harm",
}


def full_document() -> dict[str, Any]:
    """The full study as parsed TOML, the caller's own copy."""
    document = clean_document()
    document["design"] |= {"framework": "superiority", "settings": "One intensive care unit"}
    document["sites"][0]["country"] = "Nowhere"
    document["contacts"].append({"role": "public inquiries", "organisation": "Example University"})
    document["objectives"].append({"id": "harms", "level": "secondary", "text": "Whether they are safe"})
    document["consent"]["obtained_by"] = "An investigator who does not treat the participant"
    document["statistical_design"]["interim_analyses"] = "One, seen by the safety board alone"
    document["activities"] += [
        {"id": "consent", "name": "Consent", "encounters": ["baseline"], "kind": "enrolment"},
        {"id": "inhale", "name": "Inhalation", "encounters": ["day_7"], "kind": "intervention"},
    ]
    document["analyses"] += [
        {"id": outcome, "variable": outcome, **_ANALYSIS}
        for outcome in ("respiratory_rate", "mortality", "adverse_events")
    ]
    vesicles, vehicle, care = document["interventions"]
    for one in (vesicles, vehicle, care):
        one["delivery"] = dict(_DELIVERY)
    vehicle["device"] = vesicles["device"]
    care |= {"route": "other", "schedule": {"days": 28}}
    document["protocol"] = dict(_PROTOCOL)
    return document


def full_study() -> Study:
    """A study of which no item is missing."""
    return as_study(full_document())


def study_without(*paths: str) -> Study:
    """The full study less what stands at dotted paths; entries of a list are named by id or position."""
    document = full_document()
    for path in paths:
        *steps, last = path.split(".")
        here: Any = document
        for step in steps:
            if here is not None:
                here = here[_position(here, step)] if isinstance(here, list) else here.get(step)
        if isinstance(here, list):
            del here[_position(here, last)]
        elif here is not None:
            here.pop(last, None)
    return as_study(document)


def _position(entries: list[Any], step: str) -> int:
    if step.isdigit():
        return int(step)
    return next(position for position, entry in enumerate(entries) if entry.get("id") == step)
