"""The whole trail as a file that can be sorted, for who may read it (EMA 2023 6.2.1; FDA-Q12; requirement 9).

A person whose right is at a site gets that site's acts. Fields that hide an arm, a kit, a batch or a name are left
out, and what a role that knows arms wrote as its reason, until the reader may know arms too. Server-side, the same
trail with digests and salts is written by `exotrial audit export`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from django.db.models import QuerySet
from pydantic import Field

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import MATRIX, Permission, Role, may
from exotrial.operations.deviations import KEPT
from exotrial.operations.history import SHOWN, is_sealed
from exotrial.store.models import Act as ActRow
from exotrial.store.models import Change

TOLD = frozenset({*SHOWN, "study", "studyversion", "site", "activation", "unblinding"})
"""The tables whose changes are exported; none of them holds an arm, a kit, a batch or a name."""

COLUMNS = (
    *("seq", "at", "operation", "outcome", "code", "place", "who", "role", "site", "participant", "source"),
    *("clock_step_s", "reason", "study_version", "table", "row", "field", "old", "new", "redacted"),
)


class ExportTrail(Ask):
    """Which part of the trail; everything in reach where nothing is named. Acts come in order, `limit` at a time."""

    participant: str = Field(default="", max_length=40)
    who: str = Field(default="", max_length=60, description="One person's username.")
    since: date | None = Field(default=None, description="The first day, UTC.")
    until: date | None = Field(default=None, description="The last day, UTC.")
    format: Literal["jsonl", "csv"] = "csv"
    after: int = Field(default=0, ge=0, le=2**62, description="The number of the last act seen.")
    limit: int = Field(default=500, ge=1, le=5000, description="Acts in one answer.")


class ExportedTrail(Answer):
    """One line for each change and for each act without one. `next` is the `after` of the following part."""

    text: str
    lines: int
    acts: int
    next: int | None
    values_withheld: bool


@view(permission=Permission.READ_TRAIL, access_logged=True)
def export_trail(act: Act, ask: ExportTrail) -> ExportedTrail:
    """The trail as CSV or JSON lines: who did what, when, in which role, why, with old and new values."""
    found = acts_in_reach(act).filter(seq__gt=ask.after)
    if ask.participant:
        found = found.filter(participant=act.participant(ask.participant).code)
    if ask.who:
        found = found.filter(who=ask.who)
    if ask.since is not None:
        found = found.filter(at__date__gte=ask.since)
    if ask.until is not None:
        found = found.filter(at__date__lte=ask.until)
    rows = list(found.order_by("seq")[: ask.limit + 1])
    page = rows[: ask.limit]
    lines = list(_lines(act, page))
    return ExportedTrail(
        text=_as_text(lines, ask.format),
        lines=len(lines),
        acts=len(page),
        next=page[-1].seq if len(rows) > ask.limit else None,
        values_withheld=not may(act.actor.role, Permission.READ_DATA),
    )


def acts_in_reach(act: Act) -> QuerySet[ActRow]:
    """The acts of the study that the person may see: all, or those of the sites where the right holds."""
    found = ActRow.objects.filter(chain=act.the_study.chain)
    return found if act.actor.sites is None else found.filter(site__in=act.actor.sites)


def reason_of(act: Act, row: ActRow) -> str:
    """An act's reason as the reader may see it."""
    if not may(act.actor.role, Permission.READ_DATA):
        return ""
    try:
        written_blind = MATRIX[Role(row.role)].blind
    except ValueError:  # refused before a role was found
        written_blind = True
    return row.reason if written_blind or arms.may_see_arms(act) else ""


def _lines(act: Act, page: list[ActRow]) -> Iterator[dict[str, Any]]:
    changes: dict[int, list[Change | None]] = {}
    for found in Change.objects.filter(act__in=page, table__in=TOLD).order_by("act_id", "position"):
        changes.setdefault(found.act_id, []).append(found)
    reads = may(act.actor.role, Permission.READ_DATA)
    for row in page:
        head = (
            *(row.seq, row.at.isoformat(), row.operation, row.outcome, row.code, row.told, row.who, row.role),
            *(row.site, row.participant, row.source, row.clock_step, reason_of(act, row), row.study_version),
        )
        for change in changes.get(row.pk, [None]):  # an act without changes is a line too
            tail: tuple[Any, ...] = (None,) * 6
            if change is not None:
                values = tuple(_told(act, text) if reads else None for text in (change.old, change.new))
                tail = (change.table, change.row, change.field, *values, change.redacted)
            yield dict(zip(COLUMNS, (*head, *tail), strict=True))


def _told(act: Act, text: str | None) -> str | None:
    """A value's JSON text; what is sealed is not shown to the blind even as it is closed: it has a length."""
    return json.dumps(KEPT) if is_sealed(text) and not arms.may_see_arms(act) else text


def _as_text(lines: list[dict[str, Any]], form: str) -> str:
    if form == "jsonl":
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()
