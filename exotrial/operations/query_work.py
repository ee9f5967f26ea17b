"""Queries as work: the oldest first, with the question's words, the answer as it stands and how long it has waited."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.queries import ShownQuery, show_query
from exotrial.operations.record_views import in_words
from exotrial.store.models import Query
from exotrial.store.models.base import flatten
from exotrial.study.entry import item_of


class ListQueryWork(Ask):
    """Queries of a status, a site, a participant or an age; all that are not closed where nothing is named."""

    status: Query.Status | None = None
    site: str = Field(default="", max_length=40)
    participant: str = Field(default="", max_length=40)
    older_than: int = Field(default=0, ge=0, le=3650, description="Days since it was raised, at least.")
    after: int = Field(default=0, ge=0, le=2**62, description="The last number seen.")
    limit: int = Field(default=50, ge=1, le=200)


class WaitingQuery(ShownQuery):
    """A query in words. `shown` is the answer as it stands now, `days` how long ago the query was raised."""

    form_label: str
    encounter_label: str
    label: str
    shown: str
    unit: str
    days: int


class QueryWork(Answer):
    """One page; `counts` are of all that the site and participant leave, by status."""

    queries: tuple[WaitingQuery, ...]
    counts: dict[str, int]
    next: int | None


@view(permission=Permission.READ_DATA)
def list_query_work(act: Act, ask: ListQueryWork) -> QueryWork:
    """The queries that wait, the oldest first, with the answer that each is about."""
    found = Query.objects.filter(record__participant__study=act.the_study)
    if act.actor.sites is not None:
        found = found.filter(record__participant__site__code__in=act.actor.sites)
    if ask.site:
        found = found.filter(record__participant__site=act.site(ask.site))
    if ask.participant:
        found = found.filter(record__participant=act.participant(ask.participant))
    counted = dict(found.order_by().values_list("status").annotate(Count("pk")))
    found = (
        found.filter(status=ask.status)
        if ask.status is not None
        else found.exclude(status=Query.Status.CLOSED)
    )
    if ask.older_than:
        found = found.filter(raised_at__lte=act.now - timedelta(days=ask.older_than))
    rows = list(
        found.filter(pk__gt=ask.after)
        .select_related("record__participant__site")
        .order_by("pk")[: ask.limit + 1]
    )
    page = rows[: ask.limit]
    return QueryWork(
        queries=tuple(_waiting(act, row) for row in page),
        counts={status.value: counted.get(status.value, 0) for status in Query.Status},
        next=page[-1].pk if len(rows) > ask.limit else None,
    )


def _waiting(act: Act, query: Query) -> WaitingQuery:
    record = query.record
    form = act.forms(record.version)[record.form]
    item = item_of(form, query.key)
    encounters = {one.id: one.name for one in act.definition(record.version).encounters}
    return WaitingQuery(
        **show_query(query, record).model_dump(),
        form_label=form.label,
        encounter_label=encounters.get(record.encounter, record.encounter),
        label=item.label if item else query.key,
        shown=in_words(item, flatten(record.values).get(query.key)),
        unit=item.unit if item else "",
        days=(act.now - query.raised_at).days,
    )
