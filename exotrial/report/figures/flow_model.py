"""The parts of a participant flow as values: boxes, their counts, and the arms they belong to (CONSORT 2025)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class FlowKind(StrEnum):
    """Where the numbers of a flow come from."""

    CAPTURED = "captured"
    STATED = "stated"
    PLANNED = "planned"


@dataclass(frozen=True)
class Count:
    """A line of a box: words and, where it counts, a number; `n` None is one that was not reported."""

    text: str
    n: int | None = None
    counted: bool = True
    indent: int = 0

    def __str__(self) -> str:
        if not self.counted:
            return self.text
        return f"{self.text}: not reported" if self.n is None else f"{self.text} (n = {self.n:,})"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of the diagram: its heading, and the lines below."""

    head: Count
    lines: tuple[Count, ...] = ()

    def counts(self) -> Iterator[tuple[str, int | None]]:
        """Name and number of every line that counts; an indented one is named after the line that it belongs to."""
        above = ""
        for count in (self.head, *self.lines):
            if not count.indent:
                above = count.text
            if count.counted:
                yield (f"{above}: {count.text}" if count.indent else count.text), count.n


@dataclass(frozen=True, kw_only=True)
class Group:
    """A column of the diagram, from allocation to analysis."""

    id: str
    name: str
    allocation: Box
    follow_up: Box
    analysis: Box


@dataclass(frozen=True, kw_only=True)
class StageBox:
    """A stage of a planned trial, and how many of the groups, from the left, belong to it."""

    box: Box
    groups: int


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The whole flow. `stages` is empty where the trial runs in one."""

    kind: FlowKind
    assessed: Box
    excluded: Box
    entered: Box
    groups: tuple[Group, ...]
    stages: tuple[StageBox, ...] = ()

    def boxes(self) -> Iterator[tuple[str, str, Box]]:
        """Every box with its stage of the flow and its group, "" for all participants, in reading order."""
        for box in (self.assessed, self.excluded, self.entered):
            yield "Enrolment", "", box
        for stage in self.stages:
            yield "Allocation", "", stage.box
        for group in self.groups:
            yield "Allocation", group.name, group.allocation
        for group in self.groups:
            yield "Follow-up", group.name, group.follow_up
        for group in self.groups:
            yield "Analysis", group.name, group.analysis
