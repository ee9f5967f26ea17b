"""One study of ClinicalTrials.gov while it is read: its values as stated, what was doubtful, what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.age_text import read_age
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.json_tree import JsonTree
from exotrial.registries.people_text import WITHHELD, withhold_people
from exotrial.registries.record import Age, Loss, Stated

T = TypeVar("T")

PROTOCOL = "protocolSection"
_SHOWN = 160
_ESCAPED = re.compile(r"\\([<>*_~\[\]#\\-])")
_PERSON = re.compile(
    r",\s*(?:M\.?\s?D|Ph\.?\s?D|D\.?O|R\.?N|M\.?B\.?B\.?S|F\.?A\.?C\.?S)\b\.?|^\s*(?:Dr|Prof)\b\.?"
)

UNKNOWN_WORD = "CTV-001"
UNREADABLE = "CTV-002"
PERSON_FOR_SITE = "CTV-003"
NO_SUCH_ARM = "CTV-004"
REVIEWED_AFTER_START = "CTV-005"

WHY: Mapping[str, tuple[str, str]] = {
    UNKNOWN_WORD: (
        "The register's data model has a list of words for this field, and this is none of them: the item stays empty.",
        "the item on the register's own page.",
    ),
    UNREADABLE: (
        "The words are not in a form that has one meaning, so that the item stays empty.",
        "the item on the register's own page.",
    ),
    PERSON_FOR_SITE: (
        "A person's name goes into no study file and no export; the site is called by its city.",
        "the name of the practice or hospital.",
    ),
    NO_SUCH_ARM: (
        "An intervention that no arm receives, or an arm that receives nothing, may be a slip of the pen.",
        "the table of arms and interventions on the register's own page.",
    ),
    REVIEWED_AFTER_START: (
        "The record was submitted before the first enrolment and met the register's review after it: whether the trial "
        "was registered prospectively depends on which of the days counts.",
        "the policy that applies: ICTRP takes the day of submission.",
    ),
}
SEVERITIES = {NO_SUCH_ARM: Severity.WARNING, UNKNOWN_WORD: Severity.WARNING, UNREADABLE: Severity.WARNING}
_STANDARDS = {REVIEWED_AFTER_START: ("ICMJE: clinical trial registration", "TRDS 2")}


def is_person(name: str) -> bool:
    """Whether a facility's name is that of a person with a degree or title."""
    return _PERSON.search(name) is not None


class Values:
    """Takes the values of a study, each with its place; findings and losses gather here."""

    root: JsonPath = (PROTOCOL,)
    """Where the paths of a record begin."""
    why: Mapping[str, tuple[str, str]] = WHY
    """For each rule why it matters and where to look."""
    severities: Mapping[str, Severity] = SEVERITIES

    def __init__(self, tree: JsonTree, number: str, names: Sequence[str]) -> None:
        self.tree = tree
        self.number = number
        self.findings: list[Finding] = []
        self.unheld: list[Loss] = []
        self._names = names

    def prose(self, *path: str | int) -> Stated[str] | None:
        """The words of a field of markdown (the register's type `markup`), without the backslashes of its signs."""
        found = self.text(*path)
        return None if found is None else replace(found, value=_ESCAPED.sub(r"\1", found.value))

    def text(self, *path: str | int) -> Stated[str] | None:
        """Words without the sentences that name people; None where none are left."""
        found = self.tree.take(str, *self.root, *path)
        if found is None or not found.strip():
            return None
        kept, withheld = withhold_people(found.strip(), self._names)
        if withheld:
            self.lose(path, "", WITHHELD)
        if not kept.strip():
            return None
        return Stated(value=kept, prints=kept, place=self.tree.at(*self.root, *path))

    def word(self, words: Mapping[str, T], *path: str | int) -> Stated[T] | None:
        """The word for one of the register's; another word is a finding, and the item stays empty."""
        found = self.tree.take(str, *self.root, *path)
        if found is None:
            return None
        if found not in words:
            self.doubt(UNKNOWN_WORD, path, f"“{found}” is no word of the register's list", prints=found)
            self.lose(path, found, "no word of the register's list")
            return None
        return Stated(value=words[found], prints=found, place=self.tree.at(*self.root, *path))

    def day(self, *path: str | int) -> Stated[PartialDate] | None:
        """A date, whole or without its day; what is none is a finding."""
        found = self.tree.take(str, *self.root, *path)
        if found is None:
            return None
        place = self.tree.at(*self.root, *path)
        try:
            return Stated(value=read_partial_date(found, place=place), prints=found, place=place)
        except Refusal as refusal:
            self.doubt(UNREADABLE, path, refusal.problem, prints=found)
            self.lose(path, found, "not a date")
            return None

    def age(self, *path: str | int) -> Stated[Age] | None:
        """An age limit; None where there is none, a finding where the words are no age."""
        found = self.tree.take(str, *self.root, *path)
        if found is None:
            return None
        place = self.tree.at(*self.root, *path)
        try:
            age = read_age(found, place=place)
        except Refusal as refusal:
            self.doubt(UNREADABLE, path, refusal.problem, prints=found)
            self.lose(path, found, "not an age")
            return None
        if age is None:
            self.lose(path, found, "it says that there is no limit")
            return None
        return Stated(value=age, prints=found, place=place)

    def single(self, kind: type[T], *path: str | int) -> Stated[T] | None:
        """A number or a yes or no."""
        found = self.tree.take(kind, *self.root, *path)
        if found is None:
            return None
        prints = str(found).lower() if kind is bool else str(found)
        return Stated(value=found, prints=prints, place=self.tree.at(*self.root, *path))

    def texts(self, *path: str | int) -> tuple[Stated[str], ...]:
        """A list of words."""
        found = (self.text(*path, position) for position in self.tree.positions(*self.root, *path))
        return tuple(one for one in found if one is not None)

    def entries(self, *path: str | int) -> Iterator[tuple[str | int, ...]]:
        """The paths of a list's entries."""
        for position in self.tree.positions(*self.root, *path):
            yield (*path, position)

    def drop(self, *path: str | int) -> None:
        """Take what stands below a path and keep nothing of it: a person's name, a telephone, an address."""
        self.tree.taken.update(found for found, _ in self.tree.leaves(*self.root, *path))

    def lose(self, path: Sequence[str | int], prints: str, why: str) -> None:
        """Note what the record cannot hold."""
        item = ".".join(str(step) for step in path if not isinstance(step, int))
        self.unheld.append(
            Loss(item=item, prints=prints[:_SHOWN], why=why, place=self.tree.at(*self.root, *path))
        )

    def doubt(self, rule: str, path: Sequence[str | int], says: str, *, prints: str) -> None:
        """Note a finding about a value."""
        place = self.tree.at(*self.root, *path)
        why, settle = self.why[rule]
        subject = ".".join(str(step) for step in path)
        self.findings.append(
            Finding(
                rule=rule,
                subject=f"{self.number}.{subject}",
                severity=self.severities.get(rule, Severity.INFO),
                kind="format",
                says=says,
                why=why,
                settle=settle,
                quotes=(Quote(source=place.file, prints=prints[:_SHOWN], line=place.line, place=place.path),),
                standards=_STANDARDS.get(rule, ()),
            )
        )

    def finish(self) -> None:
        """Tell what was not taken: each field of the protocol section once, every other section as a whole."""
        self.tell_fields()
        for section in self.tree.find() or {}:
            if section != PROTOCOL:
                self.tell_section(section, why="beside the protocol")

    def tell_fields(self) -> None:
        """Tell each field below the root of which a value was not taken, once."""
        groups: dict[tuple[str, ...], list[tuple[JsonPath, Any]]] = {}
        depth = len(self.root)
        for path, value in self.tree.leaves(*self.root):
            if path not in self.tree.taken:
                fields = tuple(step for step in path[depth:] if isinstance(step, str))
                groups.setdefault(fields, []).append((path[depth:], value))
        for found in groups.values():
            path, value = found[0]
            words = str(value).lower() if isinstance(value, bool) else str(value)
            words, withheld = withhold_people(words, self._names)
            more = f" ({len(found)} values, the first is shown)" if len(found) > 1 else ""
            self.lose(path, words, WITHHELD if withheld else f"the record has no field for it{more}")

    def tell_section(self, section: str, *, why: str) -> None:
        """Tell a section as a whole."""
        value = self.tree.find(section)
        count = sum(1 for _ in self.tree.leaves(section))
        words = "" if isinstance(value, dict | list) else str(value).lower()
        if count:
            says = f"{count} values {why}" if count > 1 else f"a value {why}"
            self.unheld.append(Loss(item=section, prints=words, why=says, place=self.tree.at(section)))
