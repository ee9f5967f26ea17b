"""Studies and documents for the tests of USDM: the clean study, the three trials, and random changes of them."""

from __future__ import annotations

import copy
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from exotrial.registries.registry import RecordFile, record_file
from exotrial.registries.usdm.write import write_usdm
from exotrial.study.definition import Study
from exotrial.study.definition.base import as_tuples
from tests.conftest import PROJECT
from tests.study.clean import CLEAN

FILES = (CLEAN, *sorted((PROJECT / "studies").glob("*/study.toml")))
WORDS = st.text(alphabet=st.sampled_from("aß<>&;\"'\\ /\n#{}[]—0é漢"), min_size=1, max_size=12)


@cache
def parsed(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def study_of(path: Path) -> Study:
    return Study.model_validate(as_tuples(parsed(path)))


@cache
def clean_bytes() -> bytes:
    """The clean study as USDM."""
    return write_usdm(study_of(CLEAN)).data


def as_file(document: Any) -> RecordFile:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return record_file(data, name="study.json")


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value below a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, one in inner for place in ((*path, key), *places(one, (*path, key)))]


def _change(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with one value taken away or changed to another of its kind."""
    changed = copy.deepcopy(document)
    *path, last = draw(st.sampled_from(places(changed)))
    here: Any = changed
    for step in path:
        here = here[step]
    value = here[last]
    if isinstance(value, list) and draw(st.booleans()):
        here[last] = draw(st.permutations(value))
    elif isinstance(value, str) and draw(st.booleans()):
        here[last] = draw(WORDS)
    elif isinstance(value, int | float) and not isinstance(value, bool) and draw(st.booleans()):
        here[last] = draw(st.integers(0, 90)) if isinstance(value, int) else draw(st.floats(0, 1e9))
    elif isinstance(value, bool):
        here[last] = not value
    else:
        del here[last]
    return changed


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """A study that stands a few random changes away from the clean study or from a trial's."""
    document = parsed(draw(st.sampled_from((CLEAN, CLEAN, CLEAN, CLEAN, *FILES))))
    study = Study.model_validate(as_tuples(document))
    for _ in range(draw(st.integers(1, 6))):
        changed = _change(draw, document)
        try:
            study = Study.model_validate(as_tuples(changed))
        except ValidationError:
            continue  # the change broke the study: leave it out and try another
        document = changed
    return study


class Edited(dict[str, Any]):
    """A document that was edited by hand; shown by its edits, because all of it is long."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document)
        self.edits: list[str] = []

    def __repr__(self) -> str:
        return f"Edited({'; '.join(self.edits)})"


@st.composite
def edited_documents(draw: st.DrawFn) -> Edited:
    """The clean study's USDM with a few values changed by hand, of the same kind or of another."""
    document = Edited(json.loads(clean_bytes()))
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(document)))
        here: Any = document
        for step in path:
            here = here[step]
        kind = draw(st.sampled_from(("take away", "empty", "words", "number", "none", "other")))
        if kind == "take away":
            del here[last]
        else:
            values = {"empty": [], "words": draw(WORDS), "number": draw(st.integers(-5, 5)), "none": None}
            here[last] = values[kind] if kind in values else draw(st.sampled_from(("", True, {}, 0.5)))
        document.edits.append(f"{[*path, last]}: {kind}")
    return document
