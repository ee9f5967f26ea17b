"""Reads a study file: every error of the file at once, each with its path, its line and a way out."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.provenance import SourceFile, read_source
from exotrial.study.definition import Study
from exotrial.study.definition.base import Part, as_tuples
from exotrial.study.toml_lines import compute_lines, find_line

NO_FILE = ErrorCode(
    "STF-001",
    "There is no study file at the path given.",
    "give the path of a study.toml, or of the folder that holds one.",
)
NOT_UTF8 = ErrorCode(
    "STF-002",
    "The study file is not encoded in UTF-8.",
    "save the file as UTF-8, without changing its text.",
)
NOT_TOML = ErrorCode(
    "STF-003",
    "The study file is not TOML.",
    "mend the syntax at the place named; text goes in double quotes, lists in square brackets.",
)
UNKNOWN_KEY = ErrorCode(
    "STF-004",
    "The study file has a key that no part of a study has.",
    "correct the spelling or remove the key; `exotrial schema` lists every key.",
)
MISSING_KEY = ErrorCode(
    "STF-005",
    "The study file lacks a key without which it means nothing.",
    "add the key; `exotrial schema` says what it holds.",
)
NOT_ALLOWED = ErrorCode(
    "STF-006",
    "A value is not one of those allowed here.",
    "choose one of the allowed values; `exotrial schema` lists them.",
)
WRONG_VALUE = ErrorCode(
    "STF-007",
    "A value is of the wrong kind, form or dimension.",
    "write the value as the message shows; `exotrial schema` describes it.",
)
BROKEN_REFERENCE = ErrorCode(
    "STF-008",
    "A part refers to an id that does not exist, or an id is given twice.",
    "correct the id, or add the part that it names.",
)


def find_study_file(path: Path) -> Path:
    """The study file meant by a path: the file itself, or `study.toml` in the folder. Refuses with STF-001."""
    candidate = path / "study.toml" if path.is_dir() else path
    if not candidate.is_file():
        known = sorted(str(found.parent) for found in Path("studies").glob("*/study.toml"))
        near = difflib.get_close_matches(str(path), known, n=1, cutoff=0.3)
        raise NO_FILE.refuse(
            f"there is no study file at '{path}'",
            value=path,
            remedy=f"did you mean {near[0]}?" if near else None,
        )
    return candidate


def read_study(path: Path) -> tuple[Study, SourceFile]:
    """Read the study file at a path (a file, or a folder with `study.toml`), and the digest of what was read.

    Refuses with STF-001 to STF-003 alone, or with all of STF-004 to STF-008 that the file earns together.
    """
    file = find_study_file(path)
    data, source = read_source(file)
    return parse_study(data, name=str(file)), source


def parse_study(data: bytes, *, name: str) -> Study:
    """A study from the bytes of a study file; `name` is what refusals call the file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NOT_UTF8.refuse(
            f"byte {error.start + 1} (0x{data[error.start]:02x}) is not UTF-8",
            place=Place(file=name, line=line),
            value=f"0x{data[error.start]:02x}",
        ) from None
    text = text.removeprefix("\ufeff")
    try:
        document = tomllib.loads(text)
        values = as_tuples(document)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, name) from None
    except RecursionError:
        raise NOT_TOML.refuse(
            "lists or tables stand in one another deeper than any study needs", place=Place(file=name)
        ) from None
    try:
        return Study.model_validate(values)
    except ValidationError as error:
        raise Refusals(_explain(error, document, text, name)) from None


def _not_toml(error: tomllib.TOMLDecodeError, text: str, name: str) -> Refusal:
    message, _, where = str(error).partition(" (at ")
    numbers = [int(word) for word in where.replace(",", " ").replace(")", " ").split() if word.isdigit()]
    line = numbers[0] if numbers else text.count("\n") + 1
    column = numbers[1] if len(numbers) > 1 else None
    lines = text.splitlines()
    shown = lines[line - 1].strip()[:60] if 0 < line <= len(lines) else "the end of the file"
    return NOT_TOML.refuse(
        f"{message[:1].lower()}{message[1:]}, in {shown!r}",
        place=Place(file=name, line=line, column=column),
        value=shown,
    )


def _explain(error: ValidationError, document: Mapping[str, Any], text: str, name: str) -> list[Refusal]:
    """Every error of the file in plain words, in file order, each with its path and line."""
    lines = compute_lines(text)
    refusals: list[Refusal] = []
    kinds = _kinds_by_place(error)
    for detail in error.errors(include_url=False):
        for loc, refusal_code, problem, value, remedy in _explain_one(detail, kinds):
            place = Place(file=name, line=find_line(lines, loc), path=_named_path(loc, document))
            refusal = refusal_code.refuse(problem, place=place, value=value, remedy=remedy)
            if not any((r.code, r.place) == (WRONG_VALUE, place) == (refusal.code, place) for r in refusals):
                refusals.append(refusal)  # one value tried as several kinds is one error
    return sorted(refusals, key=lambda refusal: (refusal.place.line or 0, refusal.place.path))


Explained = tuple[tuple[str | int, ...], ErrorCode, str, object, str | None]


_KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "date_type": "a date such as 2020-03-04",
    "tuple_type": "a list",
    "model_type": "a table",
    "finite_number": "a finite number",
    "string_too_short": "some words, or left out",
    "too_short": "a list that is not empty",
}
"""What pydantic's errors of kind ask for, in the words of TOML."""


def _kinds_by_place(error: ValidationError) -> Mapping[tuple[str | int, ...], str]:
    """For each place where a value is of the wrong kind, every kind that it may have."""
    kinds: dict[tuple[str | int, ...], dict[str, None]] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] in _KINDS:
            kinds.setdefault(_without_branches(detail["loc"]), {})[_KINDS[detail["type"]]] = None
    return {loc: " or ".join(names) for loc, names in kinds.items()}


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return "a list" if isinstance(value, tuple) else "a table"


def _explain_one(detail: ErrorDetails, kinds: Mapping[tuple[str | int, ...], str]) -> list[Explained]:
    loc = _without_branches(detail["loc"])
    value = detail["input"]
    shown = _show(value)
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(loc[:-1])
            return [
                (
                    loc,
                    UNKNOWN_KEY,
                    f"no key {loc[-1]!r} is known here",
                    loc[-1],
                    _nearest(str(loc[-1]), known),
                )
            ]
        case "missing":
            return [(loc, MISSING_KEY, f"the key {loc[-1]!r} is missing", "", None)]
        case "literal_error":
            allowed = str(detail["ctx"]["expected"])
            choices = [choice.strip("' ") for choice in allowed.replace(" or ", ", ").split(", ")]
            near = _nearest(str(value), choices)
            return [
                (loc, NOT_ALLOWED, f"{shown} is not allowed here", value, near or f"choose one of {allowed}.")
            ]
        case "broken_references":
            return [
                (tuple(path), BROKEN_REFERENCE, problem, "", None)
                for path, problem in detail["ctx"]["problems"]
            ]
        case "value_error":
            problem, _, remedy = str(detail["ctx"]["error"]).partition("; ")
            return [(loc, WRONG_VALUE, problem, value, remedy or None)]
        case "too_short" if value:
            return []  # every entry that was there has an error of its own
        case kind if kind in _KINDS:
            return [(loc, WRONG_VALUE, f"{shown} should be {kinds[loc]}", shown, None)]
        case "string_pattern_mismatch":
            hyphen = "hyphens" if "-]" in detail["ctx"]["pattern"] else "underscores"
            problem = f"{shown} should be lower-case letters, digits and {hyphen}, with a letter first"
            return [(loc, WRONG_VALUE, problem, value, None)]
        case _:
            message = detail["msg"].removeprefix("Input should be ")
            return [(loc, WRONG_VALUE, f"{shown} should be {message}", value, None)]


def _without_branches(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A pydantic location without the names of union branches, which no file contains."""
    return tuple(
        step
        for step in loc
        if isinstance(step, int)
        or not (step.startswith(("function-", "tuple[")) or step in ("str", "int", "float", "bool"))
    )


def _nearest(word: str, known: list[str]) -> str | None:
    by_case = {name.lower(): name for name in known}
    turned = [name for name in known if sorted(name.lower().split("_")) == sorted(word.lower().split("_"))]
    if turned:  # min_age for age_min: alike in words, and not in letters
        return f"did you mean {turned[0]!r}?"
    near = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=0.6)
    return f"did you mean {by_case[near[0]]!r}?" if near else None


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    part: type[Part] | None = Study
    for step in loc:
        if isinstance(step, str) and part is not None:
            field = part.model_fields.get(step)
            part = _part_in(field.annotation) if field is not None else None
    if part is None:
        return []
    return [field.alias or key for key, field in part.model_fields.items()]


def _part_in(annotation: object) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for argument in get_args(annotation) if (part := _part_in(argument))), None)


def _named_path(loc: tuple[str | int, ...], document: Mapping[str, Any]) -> str:
    """A dotted path for people: array entries by their id where they have one, by position from 1 otherwise."""
    here: Any = document
    steps = []
    for step in loc:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(step, int):
            steps.append(str(here["id"]) if isinstance(here, dict) and "id" in here else f"[{step + 1}]")
        else:
            steps.append(step)
    return ".".join(steps).replace(".[", "[")
