"""The rows of the table: every outcome and every item as the four sides tell it, and where they differ.

Accounts are compared by `registries.compare`, pair by pair; here its findings are laid beside the words. Left out are
differences that a source cannot be blamed for: a date that was foreseen and the one that came, the size of a trial that
still enrols, an outcome of which a source does not claim to tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Finding, Severity
from exotrial.registries.checks.alike import phases_may_agree
from exotrial.registries.compare import compare_accounts
from exotrial.registries.compare_outcomes import (
    THRESHOLD,
    NamedOutcome,
    compute_likeness,
    match_outcomes,
)
from exotrial.registries.record import RecordedOutcome, Stated
from exotrial.report.registered.quoted import LEVELS
from exotrial.report.registered.sides import Side, Sides, Told

ROWS: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "Size and arms",
        (
            ("Size", ("target_size", "enrolled")),
            ("Arms", ("arms",)),
            ("Sizes of the arms", ("arm_sizes",)),
        ),
    ),
    (
        "Design",
        (
            ("Design", ("model",)),
            ("Allocation", ("allocation",)),
            ("Masking", ("masking",)),
            ("Phase", ("phase",)),
        ),
    ),
    (
        "Dates and status",
        (
            ("Registration", ("registered",)),
            ("First enrolment", ("start",)),
            ("End of recruitment", ("recruitment_end",)),
            ("Completion", ("completion",)),
            ("Status", ("status",)),
        ),
    ),
    (
        "Eligibility",
        (
            ("Lowest age", ("age_min",)),
            ("Highest age", ("age_max",)),
            ("Sex", ("sex",)),
            ("Inclusion criteria", ("inclusion_count", "inclusion")),
            ("Exclusion criteria", ("exclusion_count", "exclusion")),
        ),
    ),
)
"""Groups of rows; each row has the items of an account that it holds."""

_HEADS = {"target_size": "target", "enrolled": "enrolled"}
_COMES_LATER = {
    "SBS-015": "start",
    "SBS-016": "recruitment_end",
    "SBS-017": "completion",
    "SBS-018": "status",
}
_PHASE, _SIZE_REACHED = "SBS-004", "SBS-019"
_ADDED, _DROPPED, _MOVED = "SBS-030", "SBS-031", "SBS-034"
_FORESEEN: tuple[Side, ...] = ("registered", "planned")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A finding of the comparison, and the sides that it is between; one side twice where its own sources differ."""

    sides: tuple[Side, Side]
    finding: Finding
    kind: Literal["sources", "versions"] = "sources"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one account tells in a row, as values with words and place, each after its head; `level` for an outcome."""

    told: Told
    stated: tuple[Stated[object], ...]
    heads: tuple[str, ...] = ()
    level: str = ""
    also: tuple[Stated[object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: what it is about, what each account tells of it, and the differences."""

    group: str
    label: str
    cells: tuple[Cell, ...]
    differences: tuple[Difference, ...]

    @property
    def severity(self) -> Severity | None:
        """The gravest of the differences."""
        return min((one.finding.severity for one in self.differences), key=lambda s: s.rank, default=None)


def derive_rows(sides: Sides, *, enrolment_has_ended: bool) -> tuple[Row, ...]:
    """Every row that at least one account tells of: outcomes with the primary first, then the items."""
    differences = tuple(_differences(sides, enrolment_has_ended=enrolment_has_ended))
    return (*_outcome_rows(sides, differences), *_item_rows(sides, differences))


def _differences(sides: Sides, *, enrolment_has_ended: bool) -> Iterator[Difference]:
    for first, second in combinations(sides.told, 2):
        for finding in compare_accounts(first.account, second.account):
            if _is_blameless(finding, first, second):
                continue
            if finding.rule == _SIZE_REACHED and not enrolment_has_ended:
                continue
            yield Difference(sides=(first.side, second.side), finding=finding)
    for one in sides.told:
        if one.history is not None:
            for finding in compare_accounts(one.history, one.account):
                if finding.rule in _COMES_LATER:
                    continue  # a record is to be brought up to date; its history tells when it was
                yield Difference(sides=(one.side, one.side), finding=finding, kind="versions")


def _is_blameless(finding: Finding, first: Told, second: Told) -> bool:
    """Whether no source can be blamed for the difference."""
    if finding.rule in _COMES_LATER:
        return _came_later(_COMES_LATER[finding.rule], first, second)
    if finding.rule == _PHASE:
        return phases_may_agree(*(str(one.account.items["phase"].value) for one in (first, second)))
    mine, theirs = (_outcomes_of(one, finding) for one in (first, second))
    if finding.rule in (_ADDED, _DROPPED):
        own, lacks = (theirs, first) if finding.rule == _ADDED else (mine, second)
        return bool(own) and all(one.level not in lacks.complete for one in own)
    if finding.rule == _MOVED:
        # Registers know primary and secondary outcomes only, and hold the plan's safety among the latter.
        return not any(one.level == "primary" for one in (*mine, *theirs))
    return False


def _outcomes_of(told: Told, finding: Finding) -> list[RecordedOutcome]:
    return [one.outcome for one in told.account.outcomes or () if one.outcome.name.value == finding.subject]


def _came_later(item: str, first: Told, second: Told) -> bool:
    """Whether one side foresaw and the other tells what came, so that they may differ."""
    one, two = first.account.items[item].value, second.account.items[item].value
    if first.side in _FORESEEN and second.side not in _FORESEEN:
        # A status has no day of its own: a source that is brought up to date after the end should tell it.
        came = two.last if isinstance(two, PartialDate) else second.updated
        return first.updated is None or came is None or first.updated < came
    if first.side == "registered" and second.side == "planned":
        # A record that was updated after its own date tells what came, the plan what was foreseen.
        told = one.first if isinstance(one, PartialDate) else first.updated
        return first.updated is not None and told is not None and told <= first.updated
    return False


def _outcome_rows(sides: Sides, differences: Sequence[Difference]) -> Iterator[Row]:
    rows: list[tuple[NamedOutcome, list[tuple[Told, RecordedOutcome]]]] = []
    for told in sides.told:
        if told.account.outcomes is None:
            continue
        joined: list[tuple[NamedOutcome, list[tuple[Told, RecordedOutcome]]]] = []
        held = {id(row[0]): row[1] for row in rows}
        for pair in match_outcomes([row[0] for row in rows], told.account.outcomes):
            cells = list(held[id(pair.first)]) if pair.first is not None else []
            if pair.second is not None:
                cells.append((told, pair.second.outcome))
            name = pair.first or pair.second
            assert name is not None  # a pair has at least one side
            if pair.first is not None and pair.second is not None:
                name = replace(name, aliases=tuple(dict.fromkeys((*name.aliases, *pair.second.names))))
            joined.append((name, cells))
        rows = joined
    rows.sort(key=lambda row: min(LEVELS.index(outcome.level) for _, outcome in row[1]))
    for name, cells in rows:
        names = {outcome.name.value for _, outcome in cells}
        yield Row(
            group="Outcomes, primary first",
            label=name.outcome.name.value,
            cells=(
                *(
                    Cell(told=told, level=outcome.level, stated=_outcome_words(outcome))
                    for told, outcome in cells
                ),
                *(
                    Cell(told=told, stated=(stated,))
                    for told in sides.told
                    for stated in _results(told, name)
                ),
            ),
            differences=tuple(
                one
                for one in differences
                if one.finding.rule in _OUTCOME_RULES
                and one.finding.subject in names
                and not _is_told_elsewhere(one, {told.side for told, _ in cells})
            ),
        )


def _results(told: Told, name: NamedOutcome) -> Iterator[Stated[object]]:
    """How much was captured of an outcome, and what is claimed of the rows that are named as it is."""
    yield from (told.values[measure] for measure in name.names if measure in told.values)
    for row, stated in told.claimed.items():
        if max(compute_likeness(row, one) for one in name.names) >= THRESHOLD:
            yield stated


def _is_told_elsewhere(one: Difference, telling: Collection[Side]) -> bool:
    """Whether the side that lacks an outcome in one source tells it by another: in one register is registered."""
    lacks = {_ADDED: one.sides[0], _DROPPED: one.sides[1]}.get(one.finding.rule)
    return lacks in telling


_OUTCOME_RULES = frozenset((_ADDED, _DROPPED, _MOVED, "SBS-032", "SBS-033", "SBS-035", "SBS-036"))


def _outcome_words(outcome: RecordedOutcome) -> tuple[Stated[object], ...]:
    stated = (outcome.name, outcome.time_frame)
    return tuple(
        Stated(value=one.value, prints=one.prints, place=one.place) for one in stated if one is not None
    )


def _item_rows(sides: Sides, differences: Sequence[Difference]) -> Iterator[Row]:
    for group, rows in ROWS:
        for label, items in rows:
            cells = []
            for told in sides.told:
                held = {item: told.account.items[item] for item in items if item in told.account.items}
                also = tuple(one for item in items for one in told.also.get(item, ()))
                if held:
                    heads = tuple(_HEADS.get(item, "") for item in held)
                    cells.append(Cell(told=told, stated=tuple(held.values()), heads=heads, also=also))
            if cells:
                yield Row(
                    group=group,
                    label=label,
                    cells=tuple(cells),
                    differences=tuple(
                        one
                        for one in differences
                        if one.finding.rule not in _OUTCOME_RULES and one.finding.subject in items
                    ),
                )
