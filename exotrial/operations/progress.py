"""How a study goes: who came when, where everybody stands, what is complete, and how long questions wait.

Numbers are of the sites where one has rights. Arms are told only in an open-label study
and once the study is unblinded, by participants' counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Count, Func, Q, QuerySet

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._due import has_origin
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._remembered import remember
from exotrial.operations._visits import reached_visits
from exotrial.operations.access import Permission
from exotrial.operations.adverse_events import EventCounts, count_events
from exotrial.participants.disposition import State
from exotrial.store.models import Allocation, Dose, Participant, Query, Record, Screening, Site, Study

AGES = (7, 30)
"""Days up to which an open query is new, and up to which it is not old yet."""


class ShowProgress(Ask):
    """Nothing to say."""


class DayCount(Answer):
    """How many came on one day (UTC)."""

    day: date
    screened: int = 0
    enrolled: int = 0
    randomised: int = 0


class SiteCount(Answer):
    """A site, the version that it works by (0: none yet), and its participants.

    `overdue` are visits whose window is over and of which no form is begun, None where no visit has a date.
    """

    code: str
    name: str
    status: str
    version: int
    screened: int
    enrolled: int
    randomised: int
    drafts: int
    overdue: int | None
    open_queries: int


class FormCount(Answer):
    """The forms of one visit ("" for those of none) by state.

    `expected` are the forms of everybody whose visit has come by now, None where the visit has no date.
    """

    encounter: str
    label: str
    expected: int | None
    draft: int
    complete: int
    signed: int


class FlowGroup(Answer):
    """A column of the participant flow: one while arms are not known, else one for each arm."""

    name: str
    allocated: int
    dosed: int
    lost: int
    withdrawn: int
    died: int
    completed: int
    going_on: int


class Excluded(Answer):
    """How many failed screening for one criterion, in the words of the protocol; who failed several counts at each."""

    criterion: str
    count: int


class ShownProgress(Answer):
    """`planned` is the size of the study, None where the file does not say; `planned_start` and `planned_end` likewise.

    `query_ages` are open queries of up to 7 days, up to 30, and older.
    """

    status: str
    version: int
    planned: int | None
    planned_start: date | None
    planned_end: date | None
    days: tuple[DayCount, ...]
    assessed: int
    undecided: int
    excluded: int
    reasons: tuple[Excluded, ...]
    entered: int
    blinded: bool
    randomises: bool
    groups: tuple[FlowGroup, ...]
    sites: tuple[SiteCount, ...]
    forms: tuple[FormCount, ...]
    query_ages: tuple[int, int, int]
    events: EventCounts


@view(permission=Permission.READ_DATA)
def show_progress(act: Act, ask: ShowProgress) -> ShownProgress:
    """How the study goes at the sites where one has rights; never by arm while it is blinded."""
    all_sites = Site.objects.filter(study=act.the_study).order_by("code")
    sites = [site for site in all_sites if act.actor.holds_at(site.code)]
    days = tuple((site.pk, local_day(act.now, site)) for site in sites)
    counted = remember(act, lambda: _counted(act, sites), of=("progress", days))
    # Queries age while nothing is written.
    return counted.model_copy(update={"query_ages": _ages(act, sites)})


def _counted(act: Act, sites: Sequence[Site]) -> ShownProgress:
    """All that stands still while the trail does; the ages of queries are left at 0."""
    study = act.definition()
    people = Participant.objects.filter(site__in=sites)
    randomises = study.design.allocation == "randomised"
    states = Counter(people.values_list("status", flat=True))
    entered = people.exclude(enrolled_at=None)
    if randomises:
        entered = entered.exclude(randomised_at=None)
    # A study may be archived without ever having been unblinded; an open-label one was never blinded.
    opened = arms.is_open_label(act) or _is_unblinded(act.the_study)
    expected: Counter[str] = Counter()
    overdue: Counter[int] = Counter()
    for visit in reached_visits(act, sites):
        expected[visit.encounter] += visit.forms
        overdue[visit.site] += visit.late and not (visit.begun or visit.ended)
    dated = all(has_origin(act, version=site.version) for site in sites if site.version)
    stages = [stage.size for stage in study.stages]
    planned = sum(stages) if stages else study.design.planned_size
    return ShownProgress(
        status=act.the_study.status,
        version=act.the_study.version,
        planned=planned,
        planned_start=study.recruitment.planned_start or study.recruitment.actual_start,
        planned_end=study.recruitment.planned_end or study.recruitment.actual_end,
        days=tuple(_days(people)),
        assessed=sum(states.values()),
        undecided=states[State.SCREENING.value],
        excluded=states[State.FAILURE.value],
        reasons=tuple(_reasons(act, people)),
        entered=entered.count(),
        blinded=randomises and not opened,
        randomises=randomises,
        groups=tuple(_groups(act, entered, by_arm=randomises and opened)),
        sites=tuple(_sites(sites, overdue if dated else None)),
        forms=tuple(_forms(act, people, expected if dated else None)),
        query_ages=(0, 0, 0),
        events=count_events(people)[0],
    )


def _is_unblinded(study: Study) -> bool:
    ended = study.status in (Study.Status.UNBLINDED, Study.Status.ARCHIVED)
    return ended and study.unblinded_at is not None


class UtcDay(Func):
    """The day of a moment as text, told by the database itself: Django's own asks Python for every row on SQLite."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 10)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        day = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        return self.as_sql(compiler, connection, template=day, **context)


def _days(people: QuerySet[Participant]) -> Iterator[DayCount]:
    found: dict[date, Counter[str]] = {}
    for name, column in (
        ("screened", "screened_at"),
        ("enrolled", "enrolled_at"),
        ("randomised", "randomised_at"),
    ):
        rows = people.exclude(**{column: None}).annotate(day=UtcDay(column))
        for day, count in rows.values_list("day").annotate(n=Count("pk")).order_by("day"):
            found.setdefault(date.fromisoformat(day), Counter())[name] = count
    for day in sorted(found):
        yield DayCount(day=day, **found[day])


def _reasons(act: Act, people: QuerySet[Participant]) -> Iterator[Excluded]:
    """What those failed on whose last verdict was a failure."""
    words = {one.id: one.text for one in act.definition().population.criteria}
    failed = people.filter(status=State.FAILURE.value)
    last: dict[int, list[dict[str, object]]] = {}
    rows = Screening.objects.filter(participant__in=failed).order_by("pk")
    for whose, verdict in rows.values_list("participant_id", "verdict"):
        last[whose] = verdict["reasons"]
    counted = Counter(
        str(reason["criterion"])
        for reasons in last.values()
        for reason in reasons
        if reason["holds"] is False
    )
    for criterion, count in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        yield Excluded(criterion=words.get(criterion, criterion), count=count)


def _groups(act: Act, entered: QuerySet[Participant], *, by_arm: bool) -> Iterator[FlowGroup]:
    rows = list(entered.values_list("pk", "status"))
    dosed = set(Dose.objects.filter(participant__in=entered).values_list("participant_id", flat=True))
    if not by_arm:
        yield _group("", rows, dosed)
        return
    names = {arm.id: arm.name for arm in act.definition().arms}
    given = Allocation.objects.filter(participant__in=entered).select_related("list", "envelope")
    arm_of = {row.participant_id: arms.arm_of(act, row, purpose="knowing arms") for row in given}
    for arm, name in names.items():
        yield _group(name, [row for row in rows if arm_of.get(row[0]) == arm], dosed)


def _group(name: str, rows: Sequence[tuple[int, str]], dosed: set[int]) -> FlowGroup:
    states = Counter(status for _, status in rows)
    ended = {State.LOST, State.WITHDRAWN, State.DIED, State.COMPLETED}
    return FlowGroup(
        name=name,
        allocated=len(rows),
        dosed=sum(pk in dosed for pk, _ in rows),
        lost=states[State.LOST.value],
        withdrawn=states[State.WITHDRAWN.value],
        died=states[State.DIED.value],
        completed=states[State.COMPLETED.value],
        going_on=sum(count for state, count in states.items() if State(state) not in ended),
    )


def _sites(sites: Sequence[Site], overdue: Counter[int] | None) -> Iterator[SiteCount]:
    counted = {
        row["site"]: row
        for row in Participant.objects.filter(site__in=sites)
        .values("site")
        .annotate(
            screened=Count("pk"),
            enrolled=Count("enrolled_at"),
            randomised=Count("randomised_at"),
        )
        .order_by("site")
    }
    drafts = dict(
        Record.objects.filter(participant__site__in=sites, status=Record.Status.DRAFT)
        .values_list("participant__site")
        .annotate(n=Count("pk"))
        .order_by("participant__site")
    )
    queries = dict(
        Query.objects.filter(record__participant__site__in=sites)
        .exclude(status=Query.Status.CLOSED)
        .values_list("record__participant__site")
        .annotate(n=Count("pk"))
        .order_by("record__participant__site")
    )
    for site in sites:
        row = counted.get(site.pk)
        yield SiteCount(
            code=site.code,
            name=site.name,
            status=site.status,
            version=site.version,
            screened=row["screened"] if row else 0,
            enrolled=row["enrolled"] if row else 0,
            randomised=row["randomised"] if row else 0,
            drafts=drafts.get(site.pk, 0),
            overdue=None if overdue is None else overdue[site.pk],
            open_queries=queries.get(site.pk, 0),
        )


def _forms(act: Act, people: QuerySet[Participant], expected: Counter[str] | None) -> Iterator[FormCount]:
    rows = (
        Record.objects.filter(participant__in=people)
        .values("encounter")
        .annotate(
            draft=Count("pk", filter=Q(status=Record.Status.DRAFT)),
            complete=Count("pk", filter=Q(status=Record.Status.COMPLETE)),
            signed=Count("pk", filter=Q(status=Record.Status.SIGNED)),
        )
        .order_by("encounter")
    )
    counted = {row["encounter"]: row for row in rows}
    known = sorted(act.definition().encounters, key=lambda one: one.day)
    for encounter, label in [*((one.id, one.name) for one in known), ("", "")]:
        row = counted.get(encounter)
        awaited = expected[encounter] if expected is not None and encounter else None
        if row is not None or awaited:
            yield FormCount(
                encounter=encounter,
                label=label,
                expected=awaited,
                draft=row["draft"] if row else 0,
                complete=row["complete"] if row else 0,
                signed=row["signed"] if row else 0,
            )


def _ages(act: Act, sites: Sequence[Site]) -> tuple[int, int, int]:
    left = Query.objects.filter(record__participant__site__in=sites).exclude(status=Query.Status.CLOSED)
    new, middle = (act.now - timedelta(days=days) for days in AGES)
    counted = left.aggregate(
        new=Count("pk", filter=Q(raised_at__gte=new)),
        middle=Count("pk", filter=Q(raised_at__lt=new, raised_at__gte=middle)),
        old=Count("pk", filter=Q(raised_at__lt=middle)),
    )
    return counted["new"], counted["middle"], counted["old"]
