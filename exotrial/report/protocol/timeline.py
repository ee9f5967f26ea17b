"""Item 18 of SPIRIT 2025: the schedule of enrolment, interventions and assessments, as its figure lays it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from exotrial.report.document import Column, Table
from exotrial.report.protocol.filled import Filled
from exotrial.report.wording import listed
from exotrial.study.definition import Study
from exotrial.study.definition.design import Encounter
from exotrial.study.schedule import derive_grid

MOST_ENCOUNTERS = 13
"""Encounters side by side on a page; a longer schedule goes on in a further table."""
_BLOCKS: tuple[tuple[str, str], ...] = (
    ("enrolment", "Enrolment"),
    ("intervention", "Interventions"),
    ("assessment", "Assessments"),
    ("", "Other activities"),
)
_FEW, _SHORT = 8, 10
"""A page takes so many encounters upright, or more of them whose names are so short."""
_MARK = "X"
_WORDS = {
    "enrolment": "when participants are screened, consent and are assigned (activities of kind enrolment)",
    "intervention": "when the interventions are given (activities of kind intervention)",
}


def _timeline(study: Study) -> Filled:
    if not study.encounters:
        return Filled(missing=("visits and their days ([[epochs]], [[encounters]], [[activities]])",))
    grid = derive_grid(study)
    rows = list(_rows(study))
    tables = tuple(
        _table(study, grid.encounters[start : start + MOST_ENCOUNTERS], rows, part=start // MOST_ENCOUNTERS)
        for start in range(0, len(grid.encounters), MOST_ENCOUNTERS)
    )
    kinds = {activity.kind for activity in study.activities}
    undated = [encounter.name for encounter in grid.encounters if not encounter.day_stated]
    return Filled(
        blocks=tables,
        missing=(
            *(text for kind, text in _WORDS.items() if kind not in kinds),
            *((f"the day of {listed(undated)} (encounters day)",) if undated else ()),
        ),
    )


def _rows(study: Study) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Heads of blocks (no set) and their lines with the encounters at which they are due."""
    outcomes = [row for row in derive_grid(study).rows if row.kind != "activity"]
    for kind, head in _BLOCKS:
        lines = [
            (activity.name, frozenset(activity.encounters))
            for activity in study.activities
            if (activity.kind or ("assessment" if activity.measures else "")) == kind
        ]
        if kind == "assessment":
            lines += [(row.name, row.encounters) for row in outcomes]
        if lines:
            yield head, None
            yield from lines


def _table(
    study: Study,
    encounters: Sequence[Encounter],
    rows: Sequence[tuple[str, frozenset[str] | None]],
    *,
    part: int,
) -> Table:
    epochs = {epoch.id: epoch.name for epoch in study.epochs}
    first = 0.24 if len(encounters) <= _FEW else 0.2
    columns = [Column(key="what", head="", width=first)]
    columns += [
        Column(
            key=encounter.id,
            head=encounter.name,
            align="center",
            group=epochs[encounter.epoch],
            width=(1 - first) * share,
        )
        for encounter, share in zip(encounters, _shares(encounters), strict=True)
    ]
    body: list[tuple[str | None, ...]] = [("Day", *(_tell_day(encounter) for encounter in encounters))]
    stubs = []
    for name, due in rows:
        if due is None:
            stubs.append(len(body))
            body.append((name, *[None] * len(encounters)))
        else:
            body.append((name, *(_MARK if encounter.id in due else None for encounter in encounters)))
    continued = ", continued" if part else ""
    return Table(
        id=f"schedule-{part + 1}",
        title=f"Schedule of enrolment, interventions and assessments{continued}",
        columns=tuple(columns),
        rows=tuple(body),
        stub_rows=frozenset(stubs),
        notes=(_origin(study), *_notes(encounters)),
        landscape=len(encounters) > _FEW and max(len(one.name) for one in encounters) > _SHORT,
    )


def _shares(encounters: Sequence[Encounter]) -> tuple[float, ...]:
    """Widths by the longest word that heads a column, so that no word is broken."""
    longest = [max(4, *(len(word) for word in encounter.name.split())) + 2 for encounter in encounters]
    return tuple(length / sum(longest) for length in longest)


def _tell_day(encounter: Encounter) -> str:
    """`7`, `7 (−1, +2)`, `28 ± 2`; empty where the source names the encounter and not its day."""
    if not encounter.day_stated:
        return ""
    day = f"{encounter.day}".replace("-", "−")
    before, after = encounter.window_before, encounter.window_after
    if before == after:
        return f"{day} ± {before}" if before else day
    return f"{day} (−{before}, +{after})"


def _origin(study: Study) -> str:
    origin, number = study.design.time_origin, study.design.day_of_origin
    if origin == "not stated":
        return "The study file does not state from which event days are counted."
    return f"Days are counted from the {origin}, which is day {number}."


def _notes(encounters: Sequence[Encounter]) -> Iterator[str]:
    for encounter in encounters:
        if encounter.anchor:
            yield f"{encounter.name}: {encounter.anchor}"


FILLERS: Mapping[str, Callable[[Study], Filled]] = {"18": _timeline}
