"""A file of ClinicalTrials.gov's API v2: the studies in it, each value with its JSON path and line.

One study, a page of several (`{"studies": [...]}`), a list, one version of a study's history, or a study a line.
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

NOT_JSON = ErrorCode(
    "CTG-001",
    "The file is not JSON, or ends before its JSON does.",
    "download it again and compare its size: nothing is read from a part of a record.",
)
REPEATED_KEY = ErrorCode(
    "CTG-002",
    "An object of the file has one key twice, so that it is open which of the two is meant.",
    "keep the one that is right and remove the other, or download the record again.",
)
WRONG_SHAPE = ErrorCode(
    "CTG-003",
    "A value of the file is not what ClinicalTrials.gov's API v2 has at this place.",
    "download the record again from https://clinicaltrials.gov/api/v2/studies; other APIs have other fields.",
)
NO_NUMBER = ErrorCode(
    "CTG-004",
    "A study of the file has no number of ClinicalTrials.gov, nor one of its organisation.",
    "download it with its identification module: without a number nobody knows whose record it is.",
)

_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    bool: "true or false",
}


@dataclass(frozen=True, kw_only=True)
class JsonText:
    """A piece of JSON that was read, and the line of the file on which it begins (from 0)."""

    file: RecordFile = field(repr=False)
    text: str = field(repr=False)
    value: Any = field(repr=False)
    before: int = 0
    """Lines of the file before this piece, where each study has a line of its own."""

    def at(self, path: JsonPath) -> Place:
        """The place of a value: file, line and JSONPath."""
        line = self._lines.get(path)
        return self.file.at(None if line is None else line + self.before, path=write_path(path))

    @cached_property
    def _lines(self) -> dict[JsonPath, int]:
        return compute_lines(self.text)


@dataclass(kw_only=True)
class StudyTree:
    """One study in the file: takes values out of its protocol section and remembers which were taken."""

    piece: JsonText
    root: JsonPath
    taken: set[JsonPath] = field(default_factory=set)

    def at(self, *path: str | int) -> Place:
        """The place of a value of the study."""
        return self.piece.at((*self.root, *path))

    def find(self, *path: str | int) -> Any:
        """The value, None where there is none (CTG-003 where what is on the way to it is no object)."""
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
        """A single value, now taken; None where there is none (CTG-003 where it is of another kind)."""
        value = self.find(*path)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._refuse(kind, value, (*self.root, *path))
        self.taken.add(path)
        return value

    def positions(self, *path: str | int) -> range:
        """The positions of a list's entries; none where there is no list (CTG-003 where it is something else)."""
        value = self.find(*path)
        if value is None:
            return range(0)
        if not isinstance(value, list):
            self._refuse(list, value, (*self.root, *path))
        return range(len(value))

    def leaves(self, *path: str | int) -> Iterator[tuple[JsonPath, Any]]:
        """Every single value below a path, with its path within the study."""
        yield from _walk(self.find(*path), path)

    def _refuse(self, kind: type, value: object, path: JsonPath) -> NoReturn:
        found = _KINDS.get(type(value), "something else")
        raise WRONG_SHAPE.refuse(
            f"{_KINDS[kind]} stands here in the API, and here is {found}",
            place=self.piece.at(path),
            value=str(value)[:80],
        )


def recognises_ctgov(file: RecordFile) -> bool:
    """Whether the bytes look like studies of the API v2, whole or cut short; never raises."""
    return b'"protocolSection"' in file.data and file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_studies(file: RecordFile) -> list[StudyTree]:
    """Every study of a file, in file order (CTG-001 to CTG-003)."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise NOT_JSON.refuse(
            f"byte 0x{file.data[error.start]:02x} is no UTF-8", place=file.at(line), value=""
        ) from None
    try:
        pieces = [JsonText(file=file, text=text, value=_parse(file, text))]
    except Refusal as refused:
        pieces = list(_by_line(file, text))
        if not pieces:
            raise refused from None
    return [StudyTree(piece=piece, root=root) for piece in pieces for root in _roots(piece)]


def _parse(file: RecordFile, text: str, *, before: int = 0) -> Any:
    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise REPEATED_KEY.refuse(
                    f"the key {key!r} stands twice in one object", place=file.at(), value=key
                )
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        says = "the text ends in the middle" if cut else f"no JSON: {error.msg}"
        raise NOT_JSON.refuse(
            says, place=Place(file=file.name, line=error.lineno + before, column=error.colno)
        ) from None
    except RecursionError:
        raise NOT_JSON.refuse(
            "its objects lie in one another without end", place=file.at(1 + before)
        ) from None


def _by_line(file: RecordFile, text: str) -> Iterator[JsonText]:
    """A study a line; nothing where the first two filled lines are not whole objects each."""
    lines = [(number, line) for number, line in enumerate(text.split("\n")) if line.strip()]
    if len(lines) < 2 or not all(line.strip().startswith("{") for _, line in lines[:2]):
        return
    if not lines[0][1].strip().endswith("}"):
        return
    for number, line in lines:
        yield JsonText(file=file, text=line, value=_parse(file, line, before=number), before=number)


def _roots(piece: JsonText) -> Iterator[JsonPath]:
    """Where the studies of a piece are."""
    value = piece.value
    if isinstance(value, list):
        yield from ((position,) for position in range(len(value)))
    elif isinstance(value, dict) and "studies" in value:
        if not isinstance(value["studies"], list):
            raise WRONG_SHAPE.refuse("`studies` is no list", place=piece.at(("studies",)))
        yield from (("studies", position) for position in range(len(value["studies"])))
    elif isinstance(value, dict) and "study" in value:
        yield ("study",)
    else:
        yield ()


def _walk(value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(one, (*path, key))
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from _walk(one, (*path, position))
    elif value is not None:
        yield path, value
