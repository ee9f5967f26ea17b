"""A USDM document: JSON of the right version and shape whose ids are its own and whose references lead somewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NoReturn, cast

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.registries.json_lines import JsonPath, compute_lines, write_path
from exotrial.registries.registry import RecordFile

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from exotrial.registries.usdm.model import Wrapper

NOT_JSON = ErrorCode(
    "USD-001",
    "The file is not JSON, or ends before its JSON does.",
    "export it again and compare its size with the original: nothing is read from a part of a study.",
)
REPEATED_KEY = ErrorCode(
    "USD-002",
    "An object of the file has one key twice, so that it is open which of the two is meant.",
    "keep the one that is right and remove the other.",
)
OTHER_VERSION = ErrorCode(
    "USD-003",
    "The file is of another version of USDM than 4.0.",
    "export it as USDM v4.0; versions before it hold their parts in other places.",
)
WRONG_SHAPE = ErrorCode(
    "USD-004",
    "A value of the file is not what USDM v4.0 has at this place.",
    "correct it by CDISC's USDM_API.json, or export the study again.",
)
REPEATED_ID = ErrorCode(
    "USD-005",
    "Two parts of the study have one id, so that a reference may mean either.",
    "give each part an id of its own.",
)
DANGLING = ErrorCode(
    "USD-006",
    "A reference leads to no part of the study, or to a part of another class.",
    "correct the id, or add the part that it names.",
)

_MOST_TOLD = 50
"""How many refusals of one file are told: enough to mend it in one sitting."""

_DEEPEST = 200
"""How many steps a path may have: a rule of eligibility inside a rule takes about eight."""

_TARGETS: Mapping[str, tuple[str, ...]] = {
    "activityIds": ("Activity",),
    "administrableProductId": ("AdministrableProduct",),
    "analysisPopulationId": ("AnalysisPopulation",),
    "armId": ("StudyArm",),
    "bcCategoryIds": ("BiomedicalConceptCategory",),
    "bcSurrogateIds": ("BiomedicalConceptSurrogate",),
    "biomedicalConceptIds": ("BiomedicalConcept",),
    "contentItemId": ("NarrativeContentItem",),
    "criterionIds": ("EligibilityCriterion",),
    "criterionItemId": ("EligibilityCriterionItem",),
    "defaultConditionId": ("ScheduledActivityInstance", "ScheduledDecisionInstance"),
    "dictionaryId": ("SyntaxTemplateDictionary",),
    "documentVersionIds": ("StudyDefinitionDocumentVersion",),
    "elementIds": ("StudyElement",),
    "embeddedProductId": ("AdministrableProduct",),
    "encounterId": ("Encounter",),
    "entryId": ("ScheduledActivityInstance", "ScheduledDecisionInstance"),
    "epochId": ("StudyEpoch",),
    "forStudyCohortId": ("StudyCohort",),
    "forStudySiteId": ("StudySite",),
    "indicationIds": ("Indication",),
    "interventionIds": ("StudyIntervention",),
    "medicalDeviceId": ("MedicalDevice",),
    "organizationId": ("Organization",),
    "organizationIds": ("Organization",),
    "populationIds": ("StudyDesignPopulation", "StudyCohort"),
    "relativeFromScheduledInstanceId": ("ScheduledActivityInstance", "ScheduledDecisionInstance"),
    "relativeToScheduledInstanceId": ("ScheduledActivityInstance", "ScheduledDecisionInstance"),
    "scheduledAtId": ("Timing",),
    "scopeId": ("Organization",),
    "studyInterventionId": ("StudyIntervention",),
    "studyInterventionIds": ("StudyIntervention",),
    "timelineExitId": ("ScheduleTimelineExit",),
    "timelineId": ("ScheduleTimeline",),
    "variableOfInterestId": ("Endpoint",),
}
"""The classes that an attribute may refer to; an attribute that is not named here may refer to any."""

_SAME_CLASS = ("previousId", "nextId", "childIds")


@dataclass(frozen=True, kw_only=True)
class Element:
    """A part of the study with an id: where it stands and what it is."""

    path: JsonPath
    value: dict[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """Its class, such as `StudyArm`."""
        return str(self.value.get("instanceType", ""))


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document that was checked: its values, its parts by id, and the place of each value."""

    file: RecordFile = field(repr=False)
    text: str = field(repr=False)
    value: Wrapper = field(repr=False)
    elements: Mapping[str, Element] = field(repr=False)

    def at(self, path: JsonPath) -> Place:
        """The place of a value: file, line and JSONPath."""
        return self.file.at(self._lines.get(path), path=write_path(path))

    @cached_property
    def _lines(self) -> dict[JsonPath, int]:
        return compute_lines(self.text)


def recognises_usdm(file: RecordFile) -> bool:
    """Whether the bytes look like a USDM document, whole or not, of any version; never raises.

    The version stands at the end of most files: one that was cut short is known by what its elements have.
    """
    marked = b'"usdmVersion"' in file.data or all(mark in file.data for mark in _MARKS)
    return marked and file.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


_MARKS = (b'"instanceType"', b'"extensionAttributes"')


def read_document(file: RecordFile) -> Document:
    """Read and check a document (USD-001 to USD-003 alone; USD-004 together; USD-005 and USD-006 together)."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_JSON.refuse(
            f"byte {error.start + 1} (0x{file.data[error.start]:02x}) is not UTF-8",
            place=file.at(file.data[: error.start].count(b"\n") + 1),
            value=f"0x{file.data[error.start]:02x}",
        ) from None
    value = _parse(text, file)
    lines = compute_lines(text)
    if max(map(len, lines)) > _DEEPEST:
        raise NOT_JSON.refuse("lists stand in one another deeper than any study needs", place=file.at())
    _check_version(value, file, lines)
    _check_shape(value, file, lines)
    elements, refusals = _find_elements(value, file, lines)
    refusals += _find_dangling(value, elements, file, lines)
    if refusals:
        raise Refusals(refusals[:_MOST_TOLD])
    return Document(file=file, text=text, value=cast("Wrapper", value), elements=elements)


def walk(value: object, path: JsonPath = ()) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    """Every object of a document with its path, in file order."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from walk(inner, (*path, position))


def _parse(text: str, file: RecordFile) -> object:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise REPEATED_KEY.refuse(
                    f"the key {key!r} stands twice in one object", place=file.at(), value=key
                )
            found[key] = value
        return found

    def no_number(word: str) -> NoReturn:
        raise NOT_JSON.refuse(f"{word} is no number of JSON", place=file.at(), value=word)

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        problem = "the file ends in the middle" if ended else error.msg[:1].lower() + error.msg[1:]
        shown = text[error.pos : error.pos + 30].strip() or "the end of the file"
        place = Place(file=file.name, line=error.lineno, column=error.colno)
        raise NOT_JSON.refuse(f"{problem}, at {shown!r}", place=place, value=shown) from None
    except (ValueError, RecursionError):
        raise NOT_JSON.refuse(
            "a number is longer, or lists stand in one another deeper, than any study needs", place=file.at()
        ) from None


def _check_version(value: object, file: RecordFile, lines: Mapping[JsonPath, int]) -> None:
    version = value.get("usdmVersion") if isinstance(value, dict) else None
    if not isinstance(version, str):
        raise OTHER_VERSION.refuse("the file does not say of which version of USDM it is", place=file.at(1))
    if version.split(".")[:2] not in (["4"], ["4", "0"]):
        place = file.at(lines.get(("usdmVersion",)), path="$.usdmVersion")
        raise OTHER_VERSION.refuse(f"the file is of USDM {version}", place=place, value=version)


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import (
        TypeAdapter,  # here, because building the validator of 80 classes takes a third of a second
    )

    from exotrial.registries.usdm.model import Wrapper

    return TypeAdapter(Wrapper)


def _check_shape(value: object, file: RecordFile, lines: Mapping[JsonPath, int]) -> None:
    from pydantic import ValidationError

    try:
        _adapter().validate_python(value)
    except ValidationError as error:
        refusals = []
        for detail in error.errors(include_url=False)[:_MOST_TOLD]:
            path = _without_branches(detail["loc"], value)
            shown = detail["input"] if isinstance(detail["input"], str | int | float | bool) else ""
            problem = _PROBLEMS.get(detail["type"], "it should be {message}").format(
                key=path[-1] if path else "",
                message=detail["msg"].removeprefix("Input should be ").rstrip("."),
            )
            place = file.at(_line(lines, path), path=write_path(path))
            refusals.append(WRONG_SHAPE.refuse(problem, place=place, value=shown))
        raise Refusals(refusals) from None


_PROBLEMS = {
    "missing": "the attribute {key!r} is missing",
    "extra_forbidden": "USDM v4.0 has no attribute {key!r} here",
    "string_too_short": "it should hold some words",
    "union_tag_invalid": "its instanceType is none that may stand here",
    "union_tag_not_found": "it has no instanceType",
}


def _without_branches(loc: tuple[str | int, ...], value: object) -> JsonPath:
    """A pydantic location without the names of union branches: every step but a missing last one leads on."""
    path: list[str | int] = []
    here: Any = value
    for position, step in enumerate(loc):
        if isinstance(step, str) and not isinstance(here, dict):
            continue
        if isinstance(step, str) and step not in here and position < len(loc) - 1:
            continue
        path.append(step)
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
    return tuple(path)


def _line(lines: Mapping[JsonPath, int], path: JsonPath) -> int | None:
    """The line of a value, or of the nearest thing around it that is there."""
    around = (lines.get(path[:length]) for length in range(len(path), -1, -1))
    return next((line for line in around if line is not None), None)


def _find_elements(
    value: object, file: RecordFile, lines: Mapping[JsonPath, int]
) -> tuple[dict[str, Element], list[Refusal]]:
    elements: dict[str, Element] = {}
    refusals: list[Refusal] = []
    for path, found in walk(value):
        name = found.get("id")
        if name is None:
            continue
        if name in elements:
            first = lines.get((*elements[name].path, "id"))
            place = file.at(lines.get((*path, "id")), path=write_path((*path, "id")))
            problem = f"the id {name!r} was given before, on line {first}"
            refusals.append(REPEATED_ID.refuse(problem, place=place, value=name))
        else:
            elements[name] = Element(path=path, value=found)
    return elements, refusals


def _find_dangling(
    value: object, elements: Mapping[str, Element], file: RecordFile, lines: Mapping[JsonPath, int]
) -> list[Refusal]:
    refusals = []
    for path, name, kinds in _references(value):
        target = elements.get(name)
        if target is not None and (not kinds or target.kind in kinds):
            continue
        wanted = " or ".join(kinds) or "part"
        problem = (
            f"there is no {wanted} with the id {name!r}"
            if target is None
            else f"{name!r} is the id of a part of the class {target.kind}, not {wanted}"
        )
        place = file.at(lines.get(path), path=write_path(path))
        refusals.append(DANGLING.refuse(problem, place=place, value=name))
    return refusals


def _references(value: object) -> Iterator[tuple[JsonPath, str, tuple[str, ...]]]:
    """Every reference of a document: where it stands, the id, and the classes it may lead to (any where empty)."""
    for path, owner in walk(value):
        for key, held in owner.items():
            if not key.endswith(("Id", "Ids")) or held is None:
                continue
            kinds = (str(owner["instanceType"]),) if key in _SAME_CLASS else _TARGETS.get(key, ())
            if isinstance(held, list):
                yield from (((*path, key, position), name, kinds) for position, name in enumerate(held))
            else:
                yield (*path, key), held, kinds
