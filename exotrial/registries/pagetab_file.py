"""A BioStudies submission in its PageTab form, JSON or tab-separated: sections with attributes, links and files.

Source: EBI BioStudies, page-tab-specification, PageTabSpecification.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from exotrial.core.errors import ErrorCode, Place
from exotrial.registries.json_lines import JsonPath, compute_lines, write_path
from exotrial.registries.registry import RecordFile

NOT_JSON = ErrorCode(
    "BST-003",
    "The file is not JSON, or ends before its JSON does.",
    "download it again: nothing is read from a part of a submission.",
)
WRONG_SHAPE = ErrorCode(
    "BST-004",
    "A part of the file is not what PageTab has at this place.",
    "correct it by BioStudies' PageTab specification, or download the submission again.",
)
NO_SECTION = ErrorCode(
    "BST-005",
    "A submission has no section.",
    "export it whole: a submission has at least its root section.",
)


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A name with its value and their place; `is_reference` where the value names another section."""

    name: str
    value: str
    place: Place
    is_reference: bool = False


@dataclass(kw_only=True)
class Block:
    """A section, a link or a file: its type, its accession, URL or path, and its attributes."""

    kind: str
    name: str
    place: Place
    attributes: list[Attribute] = field(default_factory=list)
    parts: list[Block] = field(default_factory=list)

    def find(self, name: str) -> Attribute | None:
        """The first attribute of a name with a value."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Attribute]:
        """Every attribute of a name with a value."""
        return (
            one for one in self.attributes if one.name.casefold() == name.casefold() and one.value.strip()
        )

    def walk(self) -> Iterator[Block]:
        """The block and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


LINK, FILE, SUBMISSION = "Link", "File", "Submission"


def recognises_pagetab(file: RecordFile) -> bool:
    """Whether the bytes look like a submission, whole or cut; never raises."""
    head = file.data.lstrip(b"\xef\xbb\xbf \r\n")
    if head.startswith(b"Submission") and head[10:11] in (b"\t", b"\r", b"\n", b""):
        return True
    return head.startswith(b"{") and b'"section"' in head and b'"attributes"' in head and b'"accno"' in head


def read_pagetab(file: RecordFile) -> Block:
    """The submission, its root section the first of its parts (BST-003 to BST-005)."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise NOT_JSON.refuse("a byte is no UTF-8", place=file.at(line)) from None
    found = _read_json(file, text) if text.lstrip().startswith("{") else _read_table(file, text)
    if not found.parts:
        raise NO_SECTION.refuse("the submission has no section", place=found.place)
    return found


def _read_json(file: RecordFile, text: str) -> Block:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(file=file.name, line=error.lineno, column=error.colno)
        raise NOT_JSON.refuse(f"no JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise NOT_JSON.refuse("its objects lie in one another without end", place=file.at()) from None
    return _Json(file, compute_lines(text)).submission(value)


@dataclass
class _Json:
    file: RecordFile
    lines: Mapping[JsonPath, int]

    def submission(self, value: Any) -> Block:
        found = self.block(value, (), SUBMISSION, name="accno")
        if value.get("section") is not None:
            found.parts.append(self.section(value["section"], ("section",)))
        return found

    def section(self, value: Any, path: JsonPath) -> Block:
        found = self.block(value, path, self.word(value, "type", path) or "Section", name="accno")
        for key, kind, name in (("links", LINK, "url"), ("files", FILE, "path")):
            for at, one in self.entries(value.get(key), (*path, key)):
                found.parts.append(self.block(one, at, kind, name=name))
        for at, one in self.entries(value.get("subsections"), (*path, "subsections")):
            found.parts.append(self.section(one, at))
        return found

    def entries(self, value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, Any]]:
        """The entries of a list, those of tables in it too."""
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse("a list belongs here", path, value)
        for position, one in enumerate(value):
            if isinstance(one, list):
                yield from self.entries(one, (*path, position))
            else:
                yield (*path, position), one

    def block(self, value: Any, path: JsonPath, kind: str, *, name: str) -> Block:
        if not isinstance(value, dict):
            self.refuse("an object belongs here", path, value)
        found = Block(kind=kind, name=self.word(value, name, path), place=self.at(path))
        for at, one in self.entries(value.get("attributes"), (*path, "attributes")):
            if not isinstance(one, dict):
                self.refuse("an object with name and value belongs here", at, one)
            found.attributes.append(
                Attribute(
                    name=self.word(one, "name", at),
                    value=self.word(one, "value", at),
                    place=self.at((*at, "value")),
                    is_reference=str(one.get("reference", one.get("isReference", ""))).lower() == "true",
                )
            )
        return found

    def word(self, value: dict[str, Any], key: str, path: JsonPath) -> str:
        found = value.get(key)
        if found is None:
            return ""
        if isinstance(found, dict | list):
            self.refuse(f"{key!r} is no text", (*path, key), found)
        return str(found)

    def at(self, path: JsonPath) -> Place:
        return self.file.at(self.lines.get(path), path=write_path(path))

    def refuse(self, problem: str, path: JsonPath, value: object) -> Any:
        raise WRONG_SHAPE.refuse(problem, place=self.at(path), value=str(value)[:80])


_TABLE = re.compile(r"(?P<kind>[^\[\]]+)\[(?P<parent>[^\[\]]*)\]")


def _read_table(file: RecordFile, text: str) -> Block:
    """Blocks are parted by empty lines; a block with a table has a header line and a line an entry."""
    blocks: list[list[tuple[int, list[str]]]] = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            blocks.append([])
        else:
            blocks[-1].append((number, line.split("\t")))
    filled = [block for block in blocks if block]
    if not filled or filled[0][0][1][0].strip() != SUBMISSION:
        raise WRONG_SHAPE.refuse("the first line is no `Submission`", place=file.at(1))
    found = _table_block(file, filled[0])
    sections: dict[str, Block] = {}
    last: Block = found
    for lines in filled[1:]:
        number, cells = lines[0]
        kind = cells[0].strip()
        if kind in (LINK, FILE):
            last.parts.append(_table_block(file, lines))
        elif kind in ("Links", "Files"):
            last.parts.extend(_rows(file, lines, kind[:-1]))
        elif table := _TABLE.fullmatch(kind):
            parent = sections.get(table["parent"].strip()) or _root(file, found, number)
            parent.parts.extend(_rows(file, lines, table["kind"].strip()))
        else:
            last = _table_block(file, lines)
            named = cells[2].strip() if len(cells) > 2 else ""
            if named and named not in sections:
                problem = f"the section belongs to {named!r}, and no section has this accession"
                raise WRONG_SHAPE.refuse(problem, place=file.at(number), value=named)
            above = sections[named] if named else found.parts[0] if found.parts else found
            above.parts.append(last)
            if last.name:
                sections[last.name] = last
    return found


def _root(file: RecordFile, submission: Block, number: int) -> Block:
    if not submission.parts:
        raise NO_SECTION.refuse("a table stands before the first section", place=file.at(number))
    return submission.parts[0]


def _table_block(file: RecordFile, lines: list[tuple[int, list[str]]]) -> Block:
    number, cells = lines[0]
    name = cells[1].strip() if len(cells) > 1 else ""
    found = Block(kind=cells[0].strip(), name=name, place=file.at(number))
    for at, one in lines[1:]:
        label, value = one[0].strip(), one[1].strip() if len(one) > 1 else ""
        if label.startswith(("(", "[")):  # a detail of the attribute above it
            continue
        reference = label.startswith("<") and label.endswith(">")
        found.attributes.append(
            Attribute(name=label.strip("<>"), value=value, place=file.at(at), is_reference=reference)
        )
    return found


def _rows(file: RecordFile, lines: list[tuple[int, list[str]]], kind: str) -> Iterator[Block]:
    names = [cell.strip() for cell in lines[0][1][1:]]
    for number, cells in lines[1:]:
        values = [cell.strip() for cell in cells[1:]]
        if len(values) > len(names):
            problem = f"the line has {len(values)} values for {len(names)} columns"
            raise WRONG_SHAPE.refuse(problem, place=file.at(number), value=values[-1])
        yield Block(
            kind=kind,
            name=cells[0].strip(),
            place=file.at(number),
            attributes=[
                Attribute(name=name, value=value, place=file.at(number))
                for name, value in zip(names, values, strict=False)
            ],
        )
