"""What waits for a person in a study: by their permissions, at their sites, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from exotrial.operations._act import Act
from exotrial.operations._due import has_origin
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._remembered import remember
from exotrial.operations._visits import reached_visits
from exotrial.operations.access import Permission, may
from exotrial.operations.adverse_events import count_events
from exotrial.store.models import AllocationList, Batch, Participant, Query, Record, Signature, Site

FIRST = 5
"""How many participants of a kind are named; the count says the rest."""


class Work(StrEnum):
    """What can wait. The order is that of urgency."""

    OVERDUE = "visits overdue"
    DUE = "visits due"
    SERIOUS = "serious events without an end"
    BROKEN = "signatures broken by a change"
    ANSWER = "queries to answer"
    CLOSE = "queries to close"
    DRAFT = "forms begun and not complete"
    SIGN = "forms complete and not signed"
    APPROVE = "study version to approve at the site"
    RELEASE = "batches to release or reject"
    CONTRIBUTE = "randomisation lists that wait for randomness"
    SEAL = "randomisation lists to seal"


class Waiting(Answer):
    """One kind of work: how much of it, and where the first of it is (participants' codes, or sites' codes)."""

    work: Work
    count: int
    participants: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class ListWork(Ask):
    """Nothing to say."""


class Worklist(Answer):
    """The most urgent first; an empty `waiting` says that nothing waits.

    `visits_unknown`: one who records forms cannot be told which visits are due, as the study file does not say from
    when days count.
    """

    waiting: tuple[Waiting, ...]
    visits_unknown: bool


@view(permission=Permission.READ_STUDY)
def list_work(act: Act, ask: ListWork) -> Worklist:
    """What waits for the role at the sites where one has rights."""
    sites = [
        site
        for site in Site.objects.filter(study=act.the_study).order_by("code")
        if act.actor.holds_at(site.code)
    ]
    days = tuple((site.pk, local_day(act.now, site)) for site in sites)
    whose = ("work", act.actor.username, act.actor.role, days)
    found = [one for one in remember(act, lambda: tuple(_all(act, sites)), of=whose) if one.count]
    order = list(Work)
    versions = {site.version for site in sites if site.version}
    return Worklist(
        waiting=tuple(sorted(found, key=lambda one: order.index(one.work))),
        visits_unknown=may(act.actor.role, Permission.RECORD)
        and any(not has_origin(act, version=version) for version in versions),
    )


def _all(act: Act, sites: Sequence[Site]) -> Iterator[Waiting]:
    role = act.actor.role

    def has(permission: Permission) -> bool:
        return may(role, permission)

    people = Participant.objects.filter(site__in=sites)
    if has(Permission.RECORD):
        yield from _visits(act, sites)
        drafts = Record.objects.filter(participant__in=people, status=Record.Status.DRAFT)
        yield _of_participants(Work.DRAFT, drafts, "participant__code")
    if has(Permission.READ_DATA) and (has(Permission.RECORD) or has(Permission.SIGN)):
        counted, codes = count_events(people)
        yield Waiting(work=Work.SERIOUS, count=counted.serious_open, participants=codes[:FIRST])
    asked = Query.objects.filter(record__participant__in=people)
    if has(Permission.ANSWER_QUERY):
        yield _of_participants(
            Work.ANSWER, asked.filter(status=Query.Status.OPEN), "record__participant__code"
        )
    if has(Permission.QUERY):
        yield _of_participants(
            Work.CLOSE, asked.filter(status=Query.Status.ANSWERED), "record__participant__code"
        )
    if has(Permission.SIGN) and has(Permission.READ_DATA):
        mine = Signature.objects.filter(study=act.the_study, signer=act.actor.username)
        again = mine.filter(broken_at=None, subject__in=mine.exclude(broken_at=None).values("subject"))
        broken = mine.filter(record__participant__in=people).exclude(broken_at=None)
        yield _of_participants(
            Work.BROKEN, broken.exclude(subject__in=again.values("subject")), "record__participant__code"
        )
    if has(Permission.SIGN) and has(Permission.RECORD):
        complete = Record.objects.filter(participant__in=people, status=Record.Status.COMPLETE)
        yield _of_participants(Work.SIGN, complete, "participant__code")
    if has(Permission.APPROVE_AT_SITE):
        behind = [site.code for site in sites if site.version < act.the_study.version]
        yield Waiting(work=Work.APPROVE, count=len(behind), sites=tuple(behind))
    if has(Permission.HANDLE_PRODUCT):
        held = Batch.objects.filter(study=act.the_study, status=Batch.Status.QUARANTINE).count()
        yield Waiting(work=Work.RELEASE, count=held)
    lists = AllocationList.objects.filter(study=act.the_study)
    if has(Permission.CONTRIBUTE):
        waiting = lists.filter(status=AllocationList.Status.COMMITTED).count()
        yield Waiting(work=Work.CONTRIBUTE, count=waiting)
    if has(Permission.MAKE_LIST):
        waiting = lists.filter(status=AllocationList.Status.CONTRIBUTED).count()
        yield Waiting(work=Work.SEAL, count=waiting)


def _of_participants(work: Work, rows: QuerySet[Any], code: str) -> Waiting:
    """Work that hangs on rows of participants: two queries, however many rows there are."""
    first = rows.order_by(code).values_list(code, flat=True).distinct()[:FIRST]
    return Waiting(work=work, count=rows.count(), participants=tuple(first))


def _visits(act: Act, sites: Sequence[Site]) -> Iterator[Waiting]:
    """The visits of those who take part that are due or overdue and of which no form is begun."""
    late: list[str] = []
    due: list[str] = []
    for one in reached_visits(act, sites):
        if not (one.begun or one.ended):
            (late if one.late else due).append(one.participant)
    yield _visits_of(Work.OVERDUE, late)
    yield _visits_of(Work.DUE, due)


def _visits_of(work: Work, codes: Iterable[str]) -> Waiting:
    told = list(codes)
    return Waiting(work=work, count=len(told), participants=tuple(dict.fromkeys(told))[:FIRST])
