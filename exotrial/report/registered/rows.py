"""The rows of the table: every outcome and every item as the four sides tell it, and where they differ.

Accounts are compared by `registries.compare`, pair by pair; here its findings are laid beside the words. Left out are
differences that a source cannot be blamed for: a date that was foreseen and the one that came, the size of a trial that
still enrols, an outcome of which a source does not claim to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Finding, Severity
from exotrial.registries.checks.alike import phases_may_agree
from exotrial.registries.compare import compare_accounts
from exotrial.registries.compare_outcomes import NamedOutcome, match_outcomes
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

_COMES_LATER = {
    "SBS-015": "start",
    "SBS-016": "recruitment_end",
    "SBS-017": "completion",
    "SBS-018": "status",
}
_PHASE, _SIZE_REACHED = "SBS-004", "SBS-019"
_ADDED, _DROPPED = "SBS-030", "SBS-031"
_FORESEEN: tuple[Side, ...] = ("registered", "planned")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A finding of the comparison, and the sides that it is between; one side twice where its own sources differ."""

    sides: tuple[Side, Side]
    finding: Finding
    kind: Literal["sources", "versions"] = "sources"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one account tells in a row, as values with words and place; `level` for an outcome."""

    told: Told
    stated: tuple[Stated[object], ...]
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
                yield Difference(sides=(one.side, one.side), finding=finding, kind="versions")


def _is_blameless(finding: Finding, first: Told, second: Told) -> bool:
    if finding.rule in _COMES_LATER and first.side in _FORESEEN and second.side not in _FORESEEN:
        came = second.account.items[_COMES_LATER[finding.rule]].value
        # A status has no day of its own: a source that is brought up to date after the end should tell it.
        known_from = came.last if isinstance(came, PartialDate) else second.updated
        return first.updated is None or known_from is None or first.updated < known_from
    if finding.rule == _PHASE:
        return phases_may_agree(*(str(one.account.items["phase"].value) for one in (first, second)))
    if finding.rule in (_ADDED, _DROPPED):
        holder, lacks = (second, first) if finding.rule == _ADDED else (first, second)
        own = [
            one.outcome for one in holder.account.outcomes or () if one.outcome.name.value == finding.subject
        ]
        return bool(own) and all(one.level not in lacks.complete for one in own)
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
                    Cell(told=told, stated=(told.values[measure],))
                    for told in sides.told
                    for measure in name.names
                    if measure in told.values
                ),
            ),
            differences=tuple(
                one
                for one in differences
                if one.finding.rule in _OUTCOME_RULES and one.finding.subject in names
            ),
        )


_OUTCOME_RULES = frozenset((_ADDED, _DROPPED, "SBS-032", "SBS-033", "SBS-034", "SBS-035", "SBS-036"))


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
                held = [told.account.items[item] for item in items if item in told.account.items]
                also = tuple(one for item in items for one in told.also.get(item, ()))
                if held:
                    cells.append(Cell(told=told, stated=tuple(held), also=also))
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
