"""What waits for a person in a study: by their permissions, at their sites, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Min, QuerySet

from exotrial.operations._act import Act
from exotrial.operations._due import begun_at, dues_from, has_origin
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._remembered import remember
from exotrial.operations.access import Permission, may
from exotrial.operations.adverse_events import count_events
from exotrial.participants.disposition import ENDED
from exotrial.store.models import AllocationList, Batch, Dose, Participant, Query, Record, Signature, Site

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
    there = {site.pk: site for site in sites}
    people = (
        Participant.objects.filter(site__in=sites)
        .exclude(enrolled_at=None)
        .exclude(status__in=[state.value for state in ENDED])
        .order_by("code")
        .values_list("pk", "code", "site_id", "enrolled_at", "randomised_at")
    )
    begun: dict[int, set[str]] = {}
    seen = Record.objects.filter(participant__site__in=sites).exclude(encounter="")
    for whose, visit in seen.values_list("participant_id", "encounter").distinct():
        begun.setdefault(whose, set()).add(visit)
    doses = Dose.objects.filter(participant__site__in=sites).values_list("participant_id")
    first = dict(doses.annotate(first=Min("begun_at")).order_by("participant_id"))
    late: list[str] = []
    due: list[str] = []
    windows: dict[tuple[int, date], list[tuple[str, date, date]]] = {}
    for whose, code, where, enrolled_at, randomised_at in people:
        site = there[where]
        moment = begun_at(
            act.definition(site.version).design.time_origin,
            first_dose=first.get(whose),
            randomised_at=randomised_at,
            enrolled_at=enrolled_at,
        )
        if moment is None:
            continue
        origin, today = local_day(moment, site), local_day(act.now, site)
        # Who began on one day has the same windows: they are derived once.
        if (site.version, origin) not in windows:
            windows[site.version, origin] = list(_windows(act, origin, version=site.version))
        for visit, earliest, latest in windows[site.version, origin]:
            if visit in begun.get(whose, ()) or today < earliest:
                continue
            (late if latest < today else due).append(code)
    yield _visits_of(Work.OVERDUE, late)
    yield _visits_of(Work.DUE, due)


def _visits_of(work: Work, codes: Iterable[str]) -> Waiting:
    told = list(codes)
    return Waiting(work=work, count=len(told), participants=tuple(dict.fromkeys(told))[:FIRST])


def _windows(act: Act, origin: date, *, version: int) -> Iterator[tuple[str, date, date]]:
    """The visits that have forms, with their first and last day."""
    asked = {visit for form in act.forms(version).values() for visit in form.encounters}
    for visit, due in dues_from(act, origin, version=version).items():
        if visit in asked:
            yield visit, due.earliest, due.latest
