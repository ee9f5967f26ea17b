"""The text of an IRCT protocol as sections, numbered groups, and headings with the lines below them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from exotrial.core.errors import ErrorCode, Place
from exotrial.registries.irct_form import EMPTY, REGISTER, SECTIONS, SUMMARY, TITLE, Section
from exotrial.registries.record import Stated
from exotrial.registries.registry import RecordFile

T = TypeVar("T")

NOT_TEXT = ErrorCode(
    "RGR-002",
    "A protocol text is not encoded as UTF-8.",
    "save the page again as text in UTF-8; other encodings lose the signs for at least and at most.",
)
TWICE = ErrorCode(
    "RGR-004",
    "A heading of IRCT's form is printed twice where it may stand once.",
    "take out the one that does not hold, or put back the number that begins a new group.",
)

_SECTIONS = {section.heading: section for section in SECTIONS}
_JOINED = re.compile(r"[,\w-]$")
"""How a line ends whose sentence goes on in the next: the page was broken into lines."""


@dataclass(kw_only=True)
class Field:
    """A heading and the numbered lines below it, blank ones left out. `taken` once the record holds it."""

    name: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)
    taken: bool = False

    @property
    def words(self) -> str:
        """The lines without emphasis, those joined that one sentence runs through; "" for an empty field."""
        words = ""
        for _, line in self.lines:
            clean = line.replace("**", "").strip()
            goes_on = words and _JOINED.search(words) and re.match(r"[a-z(]", clean)
            words += (" " if goes_on else "\n" if words else "") + clean
        return "" if words == EMPTY else words


@dataclass(kw_only=True)
class Group:
    """One section, or one numbered group of a section that repeats."""

    section: Section
    number: int | None
    line: int
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.section.heading} {self.number}" if self.number is not None else self.section.heading


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One protocol: the lines above its first section, and its groups in file order."""

    file: RecordFile
    line: int
    head: tuple[tuple[int, str], ...]
    groups: tuple[Group, ...]

    def groups_of(self, section: Section) -> tuple[Group, ...]:
        """The groups of one section, in file order; none where the text lacks it."""
        return tuple(group for group in self.groups if group.section is section)

    def place(self, group: Group, name: str) -> Place:
        """Where a field stands: the line of its first word, or of its heading where it is empty."""
        found = group.fields[name]
        line = found.lines[0][0] if found.lines else found.line
        return self.file.at(line, path=f"{group.name} / {name}" if name else group.name)

    def take(self, group: Group | None, name: str) -> Stated[str] | None:
        """The words of a field, now held by the record; None where it is empty or not printed."""
        if group is None or name not in group.fields:
            return None
        found = group.fields[name]
        found.taken = True
        if not found.words:
            return None
        prints = "\n".join(line for _, line in found.lines)
        return Stated(value=found.words, prints=prints, place=self.place(group, name))

    def take_as(
        self, group: Group | None, name: str, read: Callable[[Stated[str]], Stated[T] | None]
    ) -> Stated[T] | None:
        """A field as `read` understands it; one that it does not understand stays untaken, and so unheld."""
        stated = self.take(group, name)
        if group is None or stated is None:
            return None
        understood = read(stated)
        group.fields[name].taken = understood is not None
        return understood


def decode(file: RecordFile) -> str:
    """The text of the file, refused where it is not UTF-8 (RGR-002)."""
    try:
        return file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        value = file.data[error.start : error.start + 8].hex(" ")
        raise NOT_TEXT.refuse(f"the bytes {value} are not UTF-8", place=file.at(line), value=value) from None


def read_protocols(file: RecordFile) -> Iterator[Protocol]:
    """Every protocol of the text, each from its title to the next one's (RGR-002, RGR-004)."""
    lines = [(number, line.strip()) for number, line in enumerate(decode(file).splitlines(), start=1)]
    printed = [(number, line) for number, line in lines if line]
    starts = [
        position
        for position, (_, line) in enumerate(printed[:-1])
        if heading_of(line) == TITLE and heading_of(printed[position + 1][1]) == REGISTER
    ]
    for start, end in zip(starts, [*starts[1:], len(printed)], strict=False):
        yield _read_protocol(file, printed[start:end])


def heading_of(line: str) -> str:
    """A line as a heading may print it: without emphasis, with a straight apostrophe."""
    return line.strip("*#: \t").replace("’", "'")


def _read_protocol(file: RecordFile, lines: list[tuple[int, str]]) -> Protocol:
    head: list[tuple[int, str]] = []
    groups: list[Group] = []
    here: Field | None = None
    for position, (number, line) in enumerate(lines):
        name = heading_of(line)
        group = groups[-1] if groups else None
        following = heading_of(lines[position + 1][1]) if position + 1 < len(lines) else ""
        if _begins_section(name, group):
            if any(known.section.heading == name for known in groups):
                raise TWICE.refuse(
                    f"the section {name!r} is printed twice", place=file.at(number), value=name
                )
            groups.append(Group(section=_SECTIONS[name], number=None, line=number))
            here = None
        elif group is None:
            head.append((number, line))
        elif _begins_group(name, following, group.section):
            if group.number is None and not group.fields:
                groups.pop()
            groups.append(Group(section=group.section, number=int(name), line=number))
            here = None
        elif name in group.section.fields and not (
            name in group.fields and here is not None and not here.lines
        ):
            if name in group.fields:
                problem = f"{name!r} is printed twice in {group.name}"
                raise TWICE.refuse(problem, place=file.at(number), value=name)
            here = group.fields[name] = Field(name=name, line=number)
        else:
            if here is None:
                here = group.fields.setdefault("", Field(name="", line=number))
            here.lines.append((number, line))
    return Protocol(file=file, line=lines[0][0], head=tuple(head), groups=tuple(groups))


def _begins_section(name: str, group: Group | None) -> bool:
    if name not in _SECTIONS:
        return False
    # The summary has a field of the name of a later section.
    own = group is not None and group.section is SUMMARY and name in SUMMARY.fields
    return not (own and group is not None and name not in group.fields)


def _begins_group(name: str, following: str, section: Section) -> bool:
    """A number of its own line begins a group where the first heading of the section follows; else it is a value."""
    return (
        section.repeats
        and name.isdigit()
        and name.isascii()
        and len(name) < 4
        and following == section.fields[0]
    )
