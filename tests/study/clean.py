"""The clean study, and small changes of it: every change starts from the file, so that tests share nothing."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from exotrial.study.definition import Study
from tests.conftest import PROJECT

CLEAN = PROJECT / "tests" / "files" / "clean_study.toml"
ABSENT = object()
"""The value of a change that takes a key away."""


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(CLEAN.read_text(encoding="utf-8"))


def clean_document() -> dict[str, Any]:
    """The clean study as parsed TOML, the caller's own copy."""
    return copy.deepcopy(_document())


def changed(changes: Mapping[str, object]) -> Study:
    """The clean study with values at dotted paths set, added (`path.+`) or taken away (ABSENT)."""
    document = clean_document()
    for path, value in changes.items():
        _change(document, path.split("."), value)
    return as_study(document)


def as_study(document: Mapping[str, Any]) -> Study:
    return Study.model_validate(_frozen(document))


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _frozen(entry) for key, entry in value.items()}
    return value


def _change(here: Any, steps: list[str], value: object) -> None:
    for step in steps[:-1]:
        here = _into(here, step)
    last = steps[-1]
    if last == "+":
        here.append(value)
    elif isinstance(here, list):
        position = _position(here, last)
        if value is ABSENT:
            del here[position]
        else:
            here[position] = value
    elif value is ABSENT:
        del here[last]
    else:
        here[last] = value


def _into(here: Any, step: str) -> Any:
    if isinstance(here, list):
        return here[_position(here, step)]
    return here.setdefault(step, {})


def _position(entries: list[Any], step: str) -> int:
    if step.isdigit():
        return int(step)
    return next(position for position, entry in enumerate(entries) if entry.get("id") == step)
