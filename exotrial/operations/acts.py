"""The trail to read on a page, newest first: acts with what each changed, cut by whom, when, what and about whom.

It shows what `export_trail` gives as a file and nothing beyond: no arm, kit, batch or name.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Exists, OuterRef, QuerySet
from pydantic import Field

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission, may
from exotrial.operations.deviations import KEPT
from exotrial.operations.history import is_sealed
from exotrial.operations.trail_views import TOLD, acts_in_reach, reason_of
from exotrial.store.models import Act as ActRow
from exotrial.store.models import Change, Record

MOST_CHANGES = 200
"""Changes of one act that are shown; the export has them all."""


class ListActs(Ask):
    """Which acts; all in reach where nothing is named. `before` is the number of the last act seen."""

    participant: str = Field(default="", max_length=40)
    who: str = Field(default="", max_length=60, description="One person's username.")
    operation: str = Field(default="", max_length=60)
    outcome: Literal["", "done", "refused"] = ""
    site: str = Field(default="", max_length=40)
    field: str = Field(default="", max_length=200, description="One answer, such as IG.DM/DM.AGE.")
    since: date | None = Field(default=None, description="The first day, UTC.")
    until: date | None = Field(default=None, description="The last day, UTC.")
    before: int = Field(default=2**62, ge=1, le=2**62)
    limit: int = Field(default=50, ge=1, le=200)


class ActChange(Answer):
    """One field that an act wrote; of a record, the form that it is of. Values are None where they are withheld."""

    table: str
    row: int
    field: str
    form: str
    encounter: str
    repeat: int
    old: Any
    new: Any
    redacted: bool


class ShownAct(Answer):
    """One act. `clock_step` is how many seconds the server's clock had gone back before it."""

    seq: int
    at: datetime
    operation: str
    outcome: str
    code: str
    place: str
    who: str
    role: str
    site: str
    participant: str
    source: str
    reason: str
    study_version: int
    clock_step: float
    changes: tuple[ActChange, ...]
    more_changes: bool


class ListedActs(Answer):
    """One page, newest first. `values_withheld` says that the role reads no participant's data."""

    acts: tuple[ShownAct, ...]
    operations: tuple[str, ...]
    values_withheld: bool
    next: int | None


@view(permission=Permission.READ_TRAIL)
def list_acts(act: Act, ask: ListActs) -> ListedActs:
    """Who did or tried what, when, in which role and why, newest first, with old and new values."""
    found = _asked(act, ask)
    rows = list(found.filter(seq__lt=ask.before).order_by("-seq")[: ask.limit + 1])
    page = rows[: ask.limit]
    changes: dict[int, list[Change]] = {}
    told = Change.objects.filter(act__in=page, table__in=TOLD, position__lt=MOST_CHANGES + 1)
    for change in told.order_by("act_id", "position"):
        changes.setdefault(change.act_id, []).append(change)
    records = {
        record.pk: record
        for record in Record.objects.filter(
            pk__in={one.row for held in changes.values() for one in held if one.table == "record"}
        ).only("form", "encounter", "repeat")
    }
    return ListedActs(
        acts=tuple(_shown(act, row, changes.get(row.pk, []), records) for row in page),
        operations=_operations(act),
        values_withheld=not may(act.actor.role, Permission.READ_DATA),
        next=page[-1].seq if len(rows) > ask.limit else None,
    )


def _asked(act: Act, ask: ListActs) -> QuerySet[ActRow]:
    found = acts_in_reach(act)
    if ask.participant:
        found = found.filter(participant=act.participant(ask.participant).code)
    if ask.site:
        found = found.filter(site=act.site(ask.site).code)
    for name in ("who", "operation", "outcome"):
        if getattr(ask, name):
            found = found.filter(**{name: getattr(ask, name)})
    if ask.since is not None:
        found = found.filter(at__date__gte=ask.since)
    if ask.until is not None:
        found = found.filter(at__date__lte=ask.until)
    if ask.field:
        wrote = Change.objects.filter(act=OuterRef("pk"), table__in=TOLD, field=f"values/{ask.field}")
        found = found.filter(Exists(wrote))
    return found


def _operations(act: Act) -> tuple[str, ...]:
    """The names that a trail can have: of every operation, since looking for those in it would read it whole."""
    from exotrial.operations._operation import find_operations

    return tuple(
        sorted(
            name
            for name, one in find_operations().items()
            if one.scope == "study" and (not one.reads or one.access_logged)
        )
    )


def _shown(act: Act, row: ActRow, changes: list[Change], records: dict[int, Record]) -> ShownAct:
    return ShownAct(
        seq=row.seq,
        at=row.at,
        operation=row.operation,
        outcome=row.outcome,
        code=row.code,
        place=row.told,
        who=row.who,
        role=row.role,
        site=row.site,
        participant=row.participant,
        source=row.source,
        reason=reason_of(act, row),
        study_version=row.study_version,
        clock_step=row.clock_step,
        changes=tuple(_change(act, one, records) for one in changes[:MOST_CHANGES]),
        more_changes=len(changes) > MOST_CHANGES,
    )


def _change(act: Act, change: Change, records: dict[int, Record]) -> ActChange:
    record = records.get(change.row) if change.table == "record" else None
    reads = may(act.actor.role, Permission.READ_DATA)
    return ActChange(
        table=change.table,
        row=change.row,
        field=change.field.removeprefix("values/"),
        form=record.form if record else "",
        encounter=record.encounter if record else "",
        repeat=record.repeat if record else 0,
        old=_value(act, change.old) if reads else None,
        new=_value(act, change.new) if reads else None,
        redacted=change.redacted,
    )


def _value(act: Act, text: str | None) -> Any:
    """A value of the trail; what is sealed is not shown to the blind even as it is closed: it has a length."""
    if is_sealed(text) and not arms.may_see_arms(act):
        return KEPT
    return None if text is None else json.loads(text)
