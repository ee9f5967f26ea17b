"""The log of adverse events over all participants, as recorded; never by arm (ICH E2A; ICH E6(R3) 2.7.2, 3.13).

Rows that were struck out stay in the log with the reason: a serious event does not go away without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._reporting import Reporting, derive_reporting
from exotrial.operations.access import Permission
from exotrial.operations.record_views import in_words
from exotrial.store.models import Change, Participant, Record
from exotrial.study.entry import STRUCK, is_missing
from exotrial.study.items import Form, Item

FORM, GROUP, LOOKED_FOR = "F.AE", "IG.AE", "IG.AEPRE"
_NO_REPORT = Reporting(days=None, due=None, why="")


class ListEvents(Ask):
    """Events of a site or a participant. `serious` true: those recorded as serious or not said to be otherwise."""

    serious: bool | None = None
    site: str = Field(default="", max_length=40)
    participant: str = Field(default="", max_length=40)
    after: int = Field(default=0, ge=0, le=2**62, description="The last form of events seen.")
    limit: int = Field(default=100, ge=1, le=500, description="Forms of events in one answer.")


class ShownEvent(Answer):
    """One event, in words and by code. `serious` is Y, N, or "" where the form does not say.

    `prespecified`: the study file looks for it, and it was ticked. `struck` is why the row was struck out.
    `recorded_serious_at` is when it first was recorded as serious; `report_by` counts from that day at the site and
    holds for an unexpected event; `report_left` is how many days are left until then, below 0 once it has passed.
    `days` is since it began, None where the day is not known.
    """

    participant: str
    site: str
    encounter: str
    repeat: int
    row: str
    status: str
    term: str
    grade: str
    grade_shown: str
    serious: str
    serious_shown: str
    relation: str
    relation_shown: str
    began: str
    ended: str
    action: str
    days: int | None
    prespecified: bool
    struck: str
    recorded_serious_at: datetime | None
    report_days: int | None
    report_by: date | None
    report_left: int | None
    report_why: str


class ListedEvents(Answer):
    """One page. `reporting` is what the study file itself says of reporting and monitoring, in its words."""

    events: tuple[ShownEvent, ...]
    reporting: str
    monitoring: str
    stopping: tuple[str, ...]
    next: int | None


@view(permission=Permission.READ_DATA)
def list_events(act: Act, ask: ListEvents) -> ListedEvents:
    """Adverse events as recorded: term, grade, seriousness, relation, dates, and by when who is told."""
    found = Record.objects.filter(participant__study=act.the_study, form=FORM)
    if act.actor.sites is not None:
        found = found.filter(participant__site__code__in=act.actor.sites)
    if ask.site:
        found = found.filter(participant__site=act.site(ask.site))
    if ask.participant:
        found = found.filter(participant=act.participant(ask.participant))
    if ask.serious:
        found = _perhaps_serious(found)
    rows = list(
        found.filter(pk__gt=ask.after).select_related("participant__site").order_by("pk")[: ask.limit + 1]
    )
    page = rows[: ask.limit]
    known = _first_serious(page)
    events = [event for record in page for event in _events(act, record, known)]
    safety = act.definition().safety
    return ListedEvents(
        events=tuple(
            one
            for one in events
            if ask.serious is None or ask.serious == (one.serious != "N" and not one.prespecified)
        ),
        reporting=(safety.reporting or "") if safety else "",
        monitoring=(safety.monitoring_committee or safety.no_committee_reason or "") if safety else "",
        stopping=(safety.stopping_rules or ()) if safety else (),
        next=page[-1].pk if len(rows) > ask.limit else None,
    )


class EventCounts(Answer):
    """Events that are not struck out: all, the serious ones, and those of them whose end is not recorded."""

    events: int
    serious: int
    serious_open: int


def count_events(people: QuerySet[Participant]) -> tuple[EventCounts, tuple[str, ...]]:
    """How many events are recorded of participants, and the codes of those with a serious one that goes on."""
    events = serious = 0
    going_on: list[str] = []
    rows = Record.objects.filter(form=FORM, participant__in=people).order_by("participant__code", "repeat")
    for code, values in rows.values_list("participant__code", "values"):
        for row in values.get(GROUP, ()):
            if STRUCK in row:
                continue
            events += 1
            if row.get("AE.SER") == "Y":
                serious += 1
                going_on += [code] if _day(row.get("AE.END")) is None else []
    counted = EventCounts(events=events, serious=serious, serious_open=len(going_on))
    return counted, tuple(dict.fromkeys(going_on))


def _perhaps_serious(found: QuerySet[Record]) -> QuerySet[Record]:
    """The forms in which an event can be serious; drafts may lack the answer, and are looked at too."""
    told = found.annotate(told=Cast("values", TextField()))
    return told.filter(
        Q(told__contains='"AE.SER": "Y"') | Q(told__contains='"AE.SER": {') | Q(status=Record.Status.DRAFT)
    )


def _first_serious(page: list[Record]) -> dict[tuple[int, str], datetime]:
    """When each row of events was first recorded as serious, by the trail."""
    found: dict[tuple[int, str], datetime] = {}
    told = Change.objects.filter(
        table="record",
        row__in=[record.pk for record in page],
        field__startswith=f"values/{GROUP}/",
        field__endswith="/AE.SER",
        new='"Y"',
    )
    for row, name, at in told.order_by("act_id", "position").values_list("row", "field", "act__at"):
        found.setdefault((row, name.split("/")[-2]), at)
    return found


def _events(act: Act, record: Record, known: dict[tuple[int, str], datetime]) -> Iterator[ShownEvent]:
    form = act.forms(record.version)[record.form]
    items = {item.oid: item for item in form.items}
    today = local_day(act.now, record.participant.site)
    for row in record.values.get(GROUP, ()):
        serious = _code(row.get("AE.SER"))
        at = known.get((record.pk, row["row"]))
        report = _NO_REPORT
        if serious != "N" and not row.get(STRUCK):
            report = derive_reporting(
                grade=_code(row.get("AE.TOXGR")),
                relation=_code(row.get("AE.REL")),
                known_on=local_day(at, record.participant.site) if at else None,
            )
        yield _event(record, row, items, today=today, serious_at=at, report=report)
    yield from _ticked(record, form)


def _event(
    record: Record,
    row: dict[str, Any],
    items: dict[str, Item],
    *,
    today: date,
    serious_at: datetime | None,
    report: Reporting,
) -> ShownEvent:
    def said(oid: str) -> str:
        return in_words(items.get(oid), row.get(oid))

    began = _day(row.get("AE.START"))
    return ShownEvent(
        **_where(record, row["row"]),
        term=said("AE.TERM"),
        grade=_code(row.get("AE.TOXGR")),
        grade_shown=said("AE.TOXGR"),
        serious=_code(row.get("AE.SER")),
        serious_shown=said("AE.SER"),
        relation=_code(row.get("AE.REL")),
        relation_shown=said("AE.REL"),
        began=said("AE.START"),
        ended=said("AE.END"),
        action=said("AE.ACTION"),
        days=(today - began).days if began else None,
        prespecified=False,
        struck=in_words(None, row.get(STRUCK)),
        recorded_serious_at=serious_at,
        report_days=report.days,
        report_by=report.due,
        report_left=(report.due - today).days if report.due else None,
        report_why=report.why,
    )


def _ticked(record: Record, form: Form) -> Iterator[ShownEvent]:
    """The events that the study file looks for and that a person ticked."""
    labels = {
        item.oid: item.label for group in form.groups if group.oid == LOOKED_FOR for item in group.items
    }
    empty = dict.fromkeys(
        ("grade", "grade_shown", "serious", "serious_shown", "relation", "relation_shown", "began", "ended"),
        "",
    )
    for row in record.values.get(LOOKED_FOR, ()):
        for oid in (oid for oid in labels if row.get(oid) == "Y"):
            yield ShownEvent(
                **_where(record, row["row"]),
                **empty,
                term=labels[oid],
                action="",
                days=None,
                prespecified=True,
                struck=in_words(None, row.get(STRUCK)),
                recorded_serious_at=None,
                report_days=None,
                report_by=None,
                report_left=None,
                report_why="",
            )


def _where(record: Record, row: str) -> dict[str, Any]:
    return {
        "participant": record.participant.code,
        "site": record.participant.site.code,
        "encounter": record.encounter,
        "repeat": record.repeat,
        "row": row,
        "status": record.status,
    }


def _code(value: Any) -> str:
    """A recorded code, "" where there is none or only a reason why."""
    return "" if value is None or is_missing(value) else str(value)


def _day(value: Any) -> date | None:
    """A whole date, None for a missing or a partial one."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
