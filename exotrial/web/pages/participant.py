"""One participant: where they stand, what is due next, every visit with its forms, and one line of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from exotrial.operations.access import Permission
from exotrial.operations.timeline import Kind
from exotrial.web.pages._page import Shown, Visit, page
from exotrial.web.pages._track import draw_track

STEPS: tuple[tuple[str, str, Permission], ...] = (
    ("screen", "Screen again", Permission.SCREEN),
    ("consent", "Consent", Permission.SCREEN),
    ("enrol", "Enrol", Permission.SCREEN),
    ("randomise", "Randomise", Permission.RANDOMISE),
    ("dose", "Kit and dose", Permission.RECORD_DOSE),
    ("deviation", "Report a deviation", Permission.DEVIATION),
    ("end", "End treatment or participation", Permission.END_PARTICIPATION),
    ("identity", "Who this is", Permission.READ_IDENTITY),
    ("sign", "Sign the casebook", Permission.SIGN),
)
"""What may be done here: the last part of the path, the words, and who is offered the link."""

NEXT_STEP = {
    "in screening": ("screen", "consent", "enrol"),
    "screen failure": ("screen",),
    "enrolled": ("randomise", "dose"),
    "randomised": ("dose",),
    "on treatment": ("dose",),
    "treatment ended": ("end",),
}
"""The steps that come next in each state; the gateway decides whether they may be taken."""


@dataclass(frozen=True)
class VisitRow:
    """One visit of the grid: its name ("" for the forms of no visit), its window, and its forms with their names."""

    name: str
    earliest: date | None
    planned: date | None
    latest: date | None
    forms: tuple[tuple[str, Any], ...]


@page("study/<study>/p/<str:participant>", permission=Permission.READ_DATA)
def participant(visit: Visit) -> Shown:
    """Everything about a participant, for who may read the data."""
    code = visit.participant()
    shown = visit.ask("show_participant", participant=code)
    casebook = visit.ask("show_casebook", participant=code)
    line = visit.ask("show_timeline", participant=code)
    wanted = visit.query.get("show", "")
    kind = Kind(wanted) if wanted in list(Kind) else None
    offered = [(path, words) for path, words, permission in STEPS if visit.may(permission)]
    following = NEXT_STEP.get(shown.listed.status, ())
    return Shown(
        "participant.html",
        code=code,
        here=f"/study/{visit.study}/p/{visit.given['participant']}",
        shown=shown,
        casebook=casebook,
        line=line,
        entries=[one for one in line.entries if kind is None or one.kind == kind],
        kind=kind,
        kinds=[one for one in Kind if any(entry.kind == one for entry in line.entries)],
        rows=_rows(casebook.records, line.visits),
        following=[one for one in offered if one[0] in following],
        other=[one for one in offered if one[0] not in following],
        track=draw_track(line),
    )


def _rows(records: Any, order: tuple[str, ...]) -> list[VisitRow]:
    """The forms by visit in the order of the protocol; those of no visit come last."""
    by_visit: dict[str, list[Any]] = {}
    for record in records:
        by_visit.setdefault(record.encounter, []).append(record)
    known = [visit for visit in order if visit in by_visit]
    return [
        VisitRow(
            name=found[0].encounter_label,
            earliest=found[0].earliest,
            planned=found[0].planned,
            latest=found[0].latest,
            forms=tuple((_name(one), one) for one in found),
        )
        for found in (
            by_visit[visit] for visit in dict.fromkeys([*known, *sorted(by_visit, key=_of_no_visit)])
        )
    ]


def _of_no_visit(encounter: str) -> bool:
    """Whether forms are of no visit: they come last."""
    return not encounter


def _name(record: Any) -> str:
    """A form's label without the list of the visits that it is for, which the row says already."""
    name, colon, visits = record.label.partition(": ")
    return str(name if colon and record.encounter_label in visits.split(", ") else record.label)
