"""Which key of a study file is which attribute of which USDM class: one table, read by the writer and by the restorer.

What a table here does not name goes to the extension attributes of the same element, so that nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from exotrial.registries.usdm.extensions import Values, read_extensions, write_extensions
from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.terms import code_word, read_word


@dataclass(frozen=True, kw_only=True)
class Held:
    """How USDM holds one kind of part.

    `words`: key of the study file -> attribute that holds its words. `codes`: key -> attribute that holds a Code, and
    the code list. `marked_up`: attributes that USDM reads as XHTML, in which `<` has to be escaped.
    """

    kind: str
    words: Mapping[str, str]
    codes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    marked_up: tuple[str, ...] = ()


_NAMED = {"id": "name", "name": "label"}

ARM = Held(kind="StudyArm", words={**_NAMED, "description": "description"}, codes={"kind": ("type", "arm")})
EPOCH = Held(kind="StudyEpoch", words=_NAMED)
ENCOUNTER = Held(kind="Encounter", words=_NAMED)
ACTIVITY = Held(kind="Activity", words=_NAMED)
COHORT = Held(kind="StudyCohort", words=_NAMED)
OBJECTIVE = Held(
    kind="Objective",
    words={"id": "name", "text": "text"},
    codes={"level": ("level", "objective")},
    marked_up=("text",),
)
OUTCOME = Held(
    kind="Endpoint",
    words={"id": "name", "name": "text", "abbreviation": "label", "definition": "description"},
    codes={"level": ("level", "endpoint")},
    marked_up=("text",),
)
CRITERION = Held(
    kind="EligibilityCriterion", words={"id": "name"}, codes={"category": ("category", "criterion")}
)
CRITERION_ITEM = Held(
    kind="EligibilityCriterionItem", words={"id": "name", "text": "text"}, marked_up=("text",)
)
INTERVENTION = Held(
    kind="StudyIntervention",
    words={**_NAMED, "description": "description"},
    codes={"role": ("role", "intervention role"), "kind": ("type", "intervention type")},
)
PRODUCT = Held(kind="AdministrableProduct", words=_NAMED)
ANALYSIS_POPULATION = Held(kind="AnalysisPopulation", words={**_NAMED, "definition": "text"})
ORGANISATION = Held(kind="Organization", words=_NAMED)
SITE = Held(kind="StudySite", words=_NAMED)

MADE_FOR = "made_for"
"""The key that marks an element which stands for no part of the study file but was needed by USDM."""


def write_part(held: Held, values: Values, make: Maker, **others: Any) -> dict[str, Any]:
    """The element of one part of the study file. `others` are attributes that follow from other parts of it."""
    rest = dict(values)
    attributes: dict[str, Any] = {}
    for key, attribute in held.words.items():
        if key in rest:
            words = rest.pop(key)
            attributes[attribute] = escape(words, quote=False) if attribute in held.marked_up else words
    for key, (attribute, list_) in held.codes.items():
        if key in rest:
            attributes[attribute] = make.code(code_word(list_, rest.pop(key)))
    extensions = {"extensionAttributes": write_extensions(rest, make)} if rest else {}
    return make(held.kind, str(values["id"]), **extensions, **attributes, **others)


def read_part(held: Held, element: Mapping[str, Any]) -> Values:
    """The keys and values of the part of the study file that an element stands for."""
    values: Values = {}
    for key, attribute in held.words.items():
        words = element.get(attribute)
        if words:
            values[key] = unescape(words) if attribute in held.marked_up else words
    for key, (attribute, list_) in held.codes.items():
        word = read_word(list_, element[attribute]) if element.get(attribute) else None
        if word is not None:
            values[key] = word
    return read_extensions(element) | values


def is_made(element: Mapping[str, Any]) -> bool:
    """Whether an element stands for no part of the study file (`MADE_FOR`)."""
    return MADE_FOR in read_extensions(element)


def made_for(purpose: str, make: Maker) -> list[dict[str, Any]]:
    """The extension attribute of an element that stands for no part of the study file."""
    return write_extensions({MADE_FOR: purpose}, make)
