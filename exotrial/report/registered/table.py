"""The table of the four sides: what each tells in words, with the place, and where they differ by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exotrial.registries.record import Stated
from exotrial.report.document import Column, Table
from exotrial.report.registered.rows import Cell, Difference, Row
from exotrial.report.registered.sides import SIDES, Side, Sides
from exotrial.report.wording import listed, sentence

NOT_TO_HAND, NOT_STATED = "not to hand", "not stated"
_LONGEST = 90
"""Letters of a cell's words: enough to know them again, few enough for a column."""


def build_table(sides: Sides, rows: Sequence[Row]) -> Table:
    """A row for each of `rows` under the head of its group; a side without a source is “not to hand” throughout."""
    body: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            stubs.append(len(body))
            body.append((group, *[None] * (len(SIDES) + 1)))
        body.append((row.label, *(_cell(sides, row, side) for side in SIDES), _told_differences(row)))
    return Table(
        id="registered-planned-done-reported",
        title="What was registered, planned, done and reported",
        columns=(
            Column(key="item", head="Item", width=0.12),
            *(Column(key=side, head=side.capitalize(), width=0.165) for side in SIDES),
            Column(key="differs", head="Where they differ", width=0.22),
        ),
        rows=tuple(body),
        stub_rows=frozenset(stubs),
        notes=tuple(_notes(sides)),
        landscape=True,
    )


def _notes(sides: Sides) -> Iterator[str]:
    for side in SIDES:
        own = sides.of(side)
        yield sentence(f"{side}: {'; '.join(one.label for one in own) if own else NOT_TO_HAND}")
    yield (
        "Planned is what the study file holds; where the place behind its words is a paper or a record, no plan of its "
        "own is to hand. “Not to hand”: no source of this side was given. “Not stated”: its source says nothing of "
        "it. A paper that is not quoted on an outcome may still report it, and is not said to have dropped it."
    )
    yield (
        "Dates and status that were foreseen are not held against what came later; the size is, once enrolment has "
        "ended. The reporting rules named are those of ICMJE, the WHO Trial Registration Data Set 1.3.1 (TRDS), "
        "CONSORT 2025 and SPIRIT 2025."
    )


def _cell(sides: Sides, row: Row, side: Side) -> str:
    own = sides.of(side)
    if not own:
        return NOT_TO_HAND
    cells = [cell for cell in row.cells if cell.told.side == side]
    if not cells:
        return NOT_STATED
    several = len({cell.told.label for cell in cells}) > 1
    return ". ".join(_words(cell, name=several) for cell in cells)


def _words(cell: Cell, *, name: bool) -> str:
    whose = f"{cell.told.label}: " if name else ""
    level = f"{cell.level}: " if cell.level else ""
    also = "".join(f"; also {_value(one)} ({_place(one)})" for one in cell.also)
    heads = cell.heads or ("",) * len(cell.stated)
    told = "; ".join(f"{head} {_value(one)}".strip() for head, one in zip(heads, cell.stated, strict=True))
    return f"{whose}{level}{told} ({_place(cell.stated[0])}){also}"


def _value(stated: Stated[object]) -> str:
    """The value, and the words where they say it otherwise; long words alone, cut."""
    value, prints = (
        _UNITS.sub(lambda hit: _UNIT_WORDS[hit[0]], str(stated.value)),
        " ".join(stated.prints.split()),
    )
    if len(value) > _LONGEST:
        return f"“{_cut(prints)}”"
    same = {" ".join(words.casefold().split()) for words in (value, str(stated.value))}
    return value if prints.casefold() in same else f"{value}, “{_cut(prints)}”"


_UNIT_WORDS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}
_UNITS = re.compile(r"(?<=\d )(?:a|mo|wk|d)$")
"""UCUM's unit at the end of an age."""


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()} …"


def _place(stated: Stated[object]) -> str:
    place = stated.place
    line = f"line {place.line}" if place.line else ""
    # The file of a record or of the study stands once in the notes; a document's id is short and stands with its line.
    file = "" if "." in place.file and (place.path or line) else place.file
    return ", ".join(part for part in (file, place.path, line) if part)


def _told_differences(row: Row) -> str:
    """Severity, what differs between which sides, and the reporting rules touched; the gravest kind first."""
    by_kind: dict[tuple[str, str], list[Difference]] = {}
    for one in row.differences:
        by_kind.setdefault((one.finding.rule, one.kind), []).append(one)
    told = []
    for (rule, kind), own in sorted(by_kind.items(), key=lambda item: item[1][0].finding.severity.rank):
        severity = min((one.finding.severity for one in own), key=lambda s: s.rank)
        standards = ", ".join(own[0].finding.standards)
        verb = _VERBS.get(rule, "differs")
        between = "versions of the record" if kind == "versions" else _between(rule, own)
        told.append(f"{severity.value.capitalize()} {rule}: {verb} ({between}). {standards}.")
    return " ".join(told)


_VERBS = {
    "SBS-030": "added",
    "SBS-031": "dropped",
    "SBS-032": "promoted",
    "SBS-033": "demoted",
    "SBS-034": "moved to another level",
    "SBS-035": "other time points",
    "SBS-036": "method in other words",
}


def _between(rule: str, differences: Sequence[Difference]) -> str:
    """The sides in words: `registered against planned and reported`, `planned and reported, not registered`."""
    against: dict[Side, list[Side]] = {}
    for one in differences:
        others = against.setdefault(one.sides[0], [])
        if one.sides[1] not in others:
            others.append(one.sides[1])
    told = []
    for first, others in against.items():
        second = listed([f"another source of {side}" if side == first else side for side in others])
        if rule == "SBS-030":
            told.append(f"{second}, not {first}")
        elif rule == "SBS-031":
            told.append(f"{first}, not {second}")
        else:
            told.append(f"{first} against {second}")
    return "; ".join(told)
