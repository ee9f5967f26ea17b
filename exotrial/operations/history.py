"""The trail of one participant's data, answer by answer, for who may read it (EMA 2023 6.2.1; 21 CFR 11.10(e))."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from pydantic import Field

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission, Role, is_blind, may
from exotrial.operations.deviations import KEPT, SEALED
from exotrial.store.models import Change, Participant

SHOWN = (
    *("participant", "screening", "consent", "deviation"),
    *("record", "secondentry", "query", "verification", "signature"),
)
"""The tables that are shown: none of them holds an arm, a kit, a batch or a name."""


class ShowHistory(Ask):
    """A participant's trail; of one form, one record or one answer where they are named."""

    participant: str = Field(max_length=40)
    form: str = Field(default="", max_length=80)
    encounter: str = Field(default="", max_length=60)
    repeat: int = Field(default=1, ge=1, le=9999)
    key: str = Field(default="", max_length=200, description="One answer, such as IG.DM/DM.AGE.")
    after: int = Field(default=0, ge=0, le=2**62, description="The last number seen.")
    limit: int = Field(default=200, ge=1, le=1000)


class ShownChange(Answer):
    """One field that somebody wrote: what it was, what it became, who, in which role, where, when and why.

    `at` is UTC, `at_site` the same moment in the site's zone. A redacted value is None and `redacted`; `withheld`
    says that the role reads no participant's data.
    """

    change: int
    at: datetime
    at_site: datetime
    zone: str
    who: str
    role: str
    site: str
    operation: str
    reason: str
    study_version: int
    table: str
    row: int
    field: str
    old: Any
    new: Any
    redacted: bool
    withheld: bool


class ShownHistory(Answer):
    changes: tuple[ShownChange, ...]
    next: int | None


@view(permission=Permission.READ_TRAIL)
def show_history(act: Act, ask: ShowHistory) -> ShownHistory:
    """Who recorded and changed what of a participant, when and why, the first entries too."""
    participant = act.participant(ask.participant)
    found = Change.objects.select_related("act").filter(
        act__chain=act.the_study.chain, act__participant=participant.code, pk__gt=ask.after
    )
    found = _of_a_record(act, ask, participant, found) if ask.form else found.filter(table__in=SHOWN)
    rows = list(found.order_by("pk")[: ask.limit + 1])
    page = rows[: ask.limit]
    reads = may(act.actor.role, Permission.READ_DATA)
    blind = not arms.may_see_arms(act)
    return ShownHistory(
        changes=tuple(_shown(change, participant.site.zone, reads=reads, blind=blind) for change in page),
        next=page[-1].pk if len(rows) > ask.limit else None,
    )


def _of_a_record(act: Act, ask: ShowHistory, participant: Participant, found: Any) -> Any:
    record = act.record(participant, ask.form, ask.encounter, ask.repeat)
    mine = Q(table="record", row=record.pk)
    if ask.key:
        return found.filter(mine, field=f"values/{ask.key}")
    for table, rows in (
        ("query", record.queries),
        ("verification", record.verifications),
        ("signature", record.signatures),
        ("secondentry", record.second_entries),
    ):
        mine |= Q(table=table, row__in=list(rows.values_list("pk", flat=True)))
    return found.filter(mine)


def _shown(change: Change, zone: str, *, reads: bool, blind: bool) -> ShownChange:
    act = change.act
    # Who knows arms may tell one in a reason, and the length of a sealed text tells something too.
    kept = blind and bool(act.reason) and not is_blind(Role(act.role))
    return ShownChange(
        change=change.pk,
        at=act.at,
        at_site=act.at.astimezone(ZoneInfo(zone)),
        zone=zone,
        who=act.who,
        role=act.role,
        site=act.site,
        operation=act.operation,
        reason=(KEPT if kept else act.reason) if reads else "",
        study_version=act.study_version,
        table=change.table,
        row=change.row,
        field=change.field.removeprefix("values/"),
        old=_value(change.old, blind=blind) if reads else None,
        new=_value(change.new, blind=blind) if reads else None,
        redacted=change.redacted,
        withheld=not reads,
    )


def is_sealed(text: str | None) -> bool:
    """Whether a value of the trail is a sealed text, of which even the length may tell something."""
    return text is not None and text.startswith(f'"{SEALED}')


def _value(text: str | None, *, blind: bool) -> Any:
    """A value of the trail; what is sealed is not shown to the blind even as it is closed."""
    value = json.loads(text) if text is not None else None
    return KEPT if blind and is_sealed(text) else value
