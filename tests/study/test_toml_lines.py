"""The lines of a TOML text agree with what tomllib reads from it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from exotrial.study.toml_lines import compute_lines, find_line
from tests.conftest import PROJECT
from tests.study.clean import CLEAN

FILES = [CLEAN, *sorted(PROJECT.glob("studies/*/study.toml"))]


def _paths(value: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {at} if at else set()
    for step, entry in below:
        found |= _paths(entry, (*at, step))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_every_path_that_tomllib_reads_has_a_line_and_no_other_has(file: Any) -> None:
    text = file.read_text(encoding="utf-8")
    lines = compute_lines(text)
    read = _paths(tomllib.loads(text))
    assert set(lines) <= read
    # A table that only its sub-tables open has no line of its own; everything else has one.
    assert all(find_line(lines, path) is not None for path in read)
    leaves = {path for path in read if not any(other[: len(path)] == path for other in read - {path})}
    assert leaves <= set(lines)


def test_a_key_is_found_on_its_line_in_every_form_of_toml() -> None:
    text = "\n".join(
        [
            'a = 1',                             # 1
            'b.c = "x"',                         # 2
            '["quoted table"]',                  # 3
            'd = [',                             # 4
            '  1, # a comment',                  # 5
            '  { e = 2, f = [3] },',             # 6
            ']',                                 # 7
            '[[g]]',                             # 8
            'h = """',                           # 9
            'i = 5',                             # 10, words in a text
            '"""',                               # 11
            '[g.j]',                             # 12
            'k = 1',                             # 13
            '[[g]]',                             # 14
            'h = 2',                             # 15
            '[[g.l]]',                           # 16
            'm = 1',                             # 17
        ]
    )  # fmt: skip
    lines = compute_lines(text)
    assert lines[("a",)] == 1
    assert lines[("b", "c")] == 2
    assert lines[("quoted table", "d", 0)] == 5
    assert lines[("quoted table", "d", 1, "e")] == 6
    assert lines[("quoted table", "d", 1, "f", 0)] == 6
    assert lines[("g", 0, "h")] == 9
    assert ("g", 0, "i") not in lines
    assert lines[("g", 0, "j", "k")] == 13
    assert lines[("g", 1)] == 14
    assert lines[("g", 1, "l", 0, "m")] == 17


def test_a_path_without_a_line_has_that_of_what_is_around_it() -> None:
    lines = compute_lines("a = 1\n[t]\nb = 2\n")
    assert find_line(lines, ("t", "missing")) == 2
    assert find_line(lines, ("nowhere",)) is None
