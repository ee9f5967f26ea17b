"""The words in which a difference of two study versions is told: parts, fields, names and values (ICH M11)."""

from __future__ import annotations

from collections.abc import Mapping

from exotrial.core.quantities import Quantity
from exotrial.study.definition.base import Named, Part

NOT_STATED = "not stated"

PARTS: Mapping[str, str] = {
    "acronym": "Acronym",
    "activities": "Activity",
    "analyses": "Analysis",
    "analysis_populations": "Analysis population",
    "arms": "Arm",
    "blinding": "Blinding",
    "cohorts": "Cohort",
    "conditions": "Condition",
    "conduct": "Conduct",
    "conduct.facts": "Fact of conduct",
    "consent": "Consent",
    "contacts": "Contact",
    "data_entry": "Data entry",
    "design": "Design",
    "documents": "Document",
    "encounters": "Encounter",
    "epochs": "Epoch",
    "ethics": "Ethics decision",
    "funding": "Funding",
    "imaging": "Imaging",
    "interventions": "Intervention",
    "objectives": "Objective",
    "organisations": "Organisation",
    "outcomes": "Outcome",
    "population": "Population",
    "population.criteria": "Criterion",
    "products": "Product",
    "protocol": "Protocol text",
    "randomisation": "Randomisation",
    "randomisation.strata": "Stratum",
    "recruitment": "Recruitment",
    "registrations": "Registration",
    "safety": "Safety",
    "samples": "Sample",
    "sharing": "Sharing",
    "sites": "Site",
    "stages": "Stage",
    "statistical_design": "Statistical design",
}
"""The word for a table or a list of the study file; a key without an entry is told as it is spelt."""

FIELDS: Mapping[str, str] = {
    "age_max": "upper age limit",
    "age_min": "lower age limit",
    "asks": "question on the form",
    "at_least": "lower limit",
    "at_most": "upper limit",
    "block_sizes": "block size",
    "double_entry": "item keyed twice",
    "encounters": "encounter",
    "from_whom": "consent asked from",
    "interventions": "intervention",
    "languages": "language",
    "less_than": "upper limit (excluded)",
    "masked_roles": "masked role",
    "measures": "measure",
    "more_than": "lower limit (excluded)",
    "prespecified_events": "prespecified event",
    "process": "process step",
    "versions": "version",
    "window_after": "window after, in days",
    "window_before": "window before, in days",
}
"""The word for a field, in the singular where it holds a list; others are told as they are spelt."""


def part_word(path: str) -> str:
    """The word for a list or table at a path of the study file."""
    return PARTS.get(path, _spelt(path.rpartition(".")[2]).capitalize())


def field_word(field: str) -> str:
    """The word for a field."""
    return FIELDS.get(field, _spelt(field))


def name_of(part: Named) -> str:
    """How a part with an id is called: its name where it has one, else its id."""
    name = getattr(part, "name", None)
    return name if isinstance(name, str) else part.id.replace("_", " ")


def value_words(value: object, *, names: Mapping[str, str]) -> str:
    """A value as a reader sees it: not stated, yes or no, names instead of ids, a part by what it states."""
    if value is None:
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Quantity):
        return value.text or str(value)
    if isinstance(value, tuple):
        return ", ".join(value_words(entry, names=names) for entry in value) or "none"
    if isinstance(value, Part):
        return "; ".join(
            f"{field_word(field)} {value_words(held, names=names)}"
            for field in type(value).model_fields
            if field != "id" and (held := getattr(value, field)) not in (None, ())
        )
    return names.get(value, value) if isinstance(value, str) else str(value)


def _spelt(key: str) -> str:
    return key.rstrip("_").replace("_", " ")
