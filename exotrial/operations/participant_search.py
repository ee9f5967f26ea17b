"""Finding participants: one page of a list by code, site, state or order, with what is open about each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Min, QuerySet
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._due import due_dates
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.participants.disposition import ENDED, State
from exotrial.store.models import Dose, Participant, Query, Record


class Order(StrEnum):
    """What a list is in the order of."""

    CODE = "code"
    SCREENED = "screened"
    ENROLLED = "enrolled"
    STATUS = "status"


_COLUMNS = {
    Order.CODE: "code",
    Order.SCREENED: "screened_at",
    Order.ENROLLED: "enrolled_at",
    Order.STATUS: "status",
}


class FindParticipants(Ask):
    """`search` is a part of the code. Pages count from 1; one beyond the last is empty."""

    search: str = Field(default="", max_length=40)
    site: str = Field(default="", max_length=40)
    status: State | None = None
    open_queries: bool = Field(default=False, description="Only those with a query that is not closed.")
    order: Order = Order.CODE
    descending: bool = False
    page: int = Field(default=1, ge=1, le=1_000_000)
    size: int = Field(default=50, ge=1, le=200)


class FoundParticipant(Answer):
    """`overdue` counts visits that are past and of which no form is begun; `next_visit` is the first not begun."""

    participant: str
    site: str
    zone: str
    status: str
    stage: str
    stratum: str
    frozen: bool
    screened_at: datetime
    enrolled_at: datetime | None
    open_queries: int
    drafts: int
    overdue: int
    next_visit: str
    next_earliest: date | None
    next_latest: date | None


class FoundParticipants(Answer):
    """One page. `found` counts all that fit, `by_status` all that there are by state, before search and filter."""

    participants: tuple[FoundParticipant, ...]
    found: int
    page: int
    pages: int
    by_status: dict[str, int]
    sites: tuple[str, ...]


@view(permission=Permission.READ_DATA)
def find_participants(act: Act, ask: FindParticipants) -> FoundParticipants:
    """Participants of the sites where one has rights, page by page, with what is open and due for each."""
    reach = Participant.objects.filter(study=act.the_study)
    if act.actor.sites is not None:
        reach = reach.filter(site__code__in=act.actor.sites)
    counted = reach.values("status", "site__code").annotate(n=Count("pk")).order_by("site__code", "status")
    by_status = dict.fromkeys([state.value for state in State], 0)
    for row in counted:
        by_status[row["status"]] += row["n"]
    wanted = _wanted(act, reach, ask)
    found = wanted.count()
    column = F(_COLUMNS[ask.order])
    by = column.desc(nulls_last=True) if ask.descending else column.asc(nulls_last=True)
    begin = (ask.page - 1) * ask.size
    page = list(wanted.select_related("site").order_by(by, "code")[begin : begin + ask.size])
    return FoundParticipants(
        participants=_told(act, page),
        found=found,
        page=ask.page,
        pages=max(1, -(-found // ask.size)),
        by_status=by_status,
        sites=tuple(dict.fromkeys(row["site__code"] for row in counted)),
    )


def _wanted(act: Act, reach: QuerySet[Participant], ask: FindParticipants) -> QuerySet[Participant]:
    if ask.search:
        reach = reach.filter(code__icontains=ask.search)
    if ask.site:
        reach = reach.filter(site=act.site(ask.site))
    if ask.status is not None:
        reach = reach.filter(status=ask.status.value)
    if ask.open_queries:
        asked = Query.objects.exclude(status=Query.Status.CLOSED).values("record__participant")
        reach = reach.filter(pk__in=asked)
    return reach


def _told(act: Act, page: Sequence[Participant]) -> tuple[FoundParticipant, ...]:
    keys = [row.pk for row in page]
    queries = (
        Query.objects.filter(record__participant__in=keys)
        .exclude(status=Query.Status.CLOSED)
        .values("record__participant")
        .annotate(n=Count("pk"))
        .order_by("record__participant")
    )
    asked = {row["record__participant"]: row["n"] for row in queries}
    records: dict[int, list[dict[str, Any]]] = {}
    told: list[Any] = list(
        Record.objects.filter(participant__in=keys)
        .order_by("pk")
        .values("participant", "encounter", "status")
    )
    for row in told:
        records.setdefault(row["participant"], []).append(row)
    doses = (
        Dose.objects.filter(participant__in=keys)
        .values("participant")
        .annotate(first=Min("begun_at"))
        .order_by("participant")
    )
    first = {row["participant"]: row["first"] for row in doses}
    return tuple(
        _one(act, row, asked.get(row.pk, 0), records.get(row.pk, ()), first.get(row.pk)) for row in page
    )


def _one(
    act: Act,
    row: Participant,
    queries: int,
    records: Sequence[Mapping[str, Any]],
    first_dose: datetime | None,
) -> FoundParticipant:
    ended = State(row.status) in ENDED
    begun = {record["encounter"] for record in records}
    asked_for = {at for form in act.forms(row.site.version).values() for at in form.encounters}
    dues = due_dates(act, row, version=row.site.version, first_dose=first_dose)
    left = sorted(
        (due for at, due in dues.items() if at in asked_for and at not in begun and not ended),
        key=lambda due: due.planned,
    )
    today = local_day(act.now, row.site)
    following = left[0] if left else None
    return FoundParticipant(
        participant=row.code,
        site=row.site.code,
        zone=row.site.zone,
        status=row.status,
        stage=row.stage,
        stratum=row.stratum,
        frozen=row.frozen,
        screened_at=row.screened_at,
        enrolled_at=row.enrolled_at,
        open_queries=queries,
        drafts=sum(record["status"] == Record.Status.DRAFT for record in records),
        overdue=sum(due.latest < today for due in left),
        next_visit=following.encounter.name if following else "",
        next_earliest=following.earliest if following else None,
        next_latest=following.latest if following else None,
    )
