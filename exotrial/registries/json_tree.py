"""A file of JSON records: the records in it, and each value of one with its JSON path and line.

A reader says with which of its own codes a file is refused. One value, or a value a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.registries.json_lines import JsonPath, compute_lines, write_path
from exotrial.registries.registry import RecordFile

_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    bool: "true or false",
}


@dataclass(frozen=True, kw_only=True)
class JsonCodes:
    """The codes with which a reader refuses what is no JSON, a key that stands twice, a value of the wrong kind."""

    not_json: ErrorCode
    repeated_key: ErrorCode
    wrong_shape: ErrorCode


@dataclass(frozen=True, kw_only=True)
class JsonText:
    """A piece of JSON that was read, and the line of the file on which it begins (from 0)."""

    file: RecordFile = field(repr=False)
    text: str = field(repr=False)
    value: Any = field(repr=False)
    before: int = 0
    """Lines of the file before this piece, where each record has a line of its own."""

    def at(self, path: JsonPath) -> Place:
        """The place of a value: file, line and JSONPath."""
        line = self._lines.get(path)
        return self.file.at(None if line is None else line + self.before, path=write_path(path))

    @cached_property
    def _lines(self) -> dict[JsonPath, int]:
        return compute_lines(self.text)


@dataclass(kw_only=True)
class JsonTree:
    """One record of the file: takes values out of it and remembers which were taken."""

    piece: JsonText
    root: JsonPath
    codes: JsonCodes
    taken: set[JsonPath] = field(default_factory=set)

    def at(self, *path: str | int) -> Place:
        """The place of a value of the record."""
        return self.piece.at((*self.root, *path))

    def find(self, *path: str | int) -> Any:
        """The value, None where there is none (`wrong_shape` where what is on the way to it is no object)."""
        value: Any = self.piece.value
        for depth, step in enumerate((*self.root, *path)):
            if isinstance(step, int):
                value = value[step]
                continue
            if not isinstance(value, dict):
                self._refuse(dict, value, (*self.root, *path)[:depth])
            value = value.get(step)
            if value is None:
                return None
        return value

    def take(self, kind: type, *path: str | int) -> Any:
        """A single value, now taken; None where there is none (`wrong_shape` where it is of another kind)."""
        value = self.find(*path)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._refuse(kind, value, (*self.root, *path))
        self.taken.add(path)
        return value

    def positions(self, *path: str | int) -> range:
        """The positions of a list's entries; none where there is no list (`wrong_shape` where it is something else)."""
        value = self.find(*path)
        if value is None:
            return range(0)
        if not isinstance(value, list):
            self._refuse(list, value, (*self.root, *path))
        return range(len(value))

    def leaves(self, *path: str | int) -> Iterator[tuple[JsonPath, Any]]:
        """Every single value below a path, with its path within the record."""
        yield from _walk(self.find(*path), path)

    def _refuse(self, kind: type, value: object, path: JsonPath) -> NoReturn:
        found = _KINDS.get(type(value), "something else")
        raise self.codes.wrong_shape.refuse(
            f"{_KINDS[kind]} stands here in the API, and here is {found}",
            place=self.piece.at(path),
            value=str(value)[:80],
        )


def read_pieces(file: RecordFile, codes: JsonCodes) -> list[JsonText]:
    """The value that a file is, or that of each of its lines (`not_json`, `repeated_key`)."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise codes.not_json.refuse(
            f"byte 0x{file.data[error.start]:02x} is no UTF-8", place=file.at(line), value=""
        ) from None
    try:
        return [JsonText(file=file, text=text, value=_parse(file, text, codes))]
    except Refusal as refused:
        pieces = list(_by_line(file, text, codes))
        if not pieces:
            raise refused from None
        return pieces


def _parse(file: RecordFile, text: str, codes: JsonCodes, *, before: int = 0) -> Any:
    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise codes.repeated_key.refuse(
                    f"the key {key!r} stands twice in one object", place=file.at(), value=key
                )
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        says = "the text ends in the middle" if cut else f"no JSON: {error.msg}"
        raise codes.not_json.refuse(
            says, place=Place(file=file.name, line=error.lineno + before, column=error.colno)
        ) from None
    except RecursionError:
        raise codes.not_json.refuse(
            "its objects lie in one another without end", place=file.at(1 + before)
        ) from None


def _by_line(file: RecordFile, text: str, codes: JsonCodes) -> Iterator[JsonText]:
    """A value a line; nothing where the first two filled lines are not whole objects each."""
    lines = [(number, line) for number, line in enumerate(text.split("\n")) if line.strip()]
    if len(lines) < 2 or not all(line.strip().startswith("{") for _, line in lines[:2]):
        return
    if not lines[0][1].strip().endswith("}"):
        return
    for number, line in lines:
        yield JsonText(file=file, text=line, value=_parse(file, line, codes, before=number), before=number)


def _walk(value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(one, (*path, key))
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from _walk(one, (*path, position))
    elif value is not None:
        yield path, value
