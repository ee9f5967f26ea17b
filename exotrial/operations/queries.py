"""Queries: a question about one answer, its answers, and its end (ODM 2.0 query; ICH E6(R3) 4.2.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._filled import AskRecord
from exotrial.operations._operation import Answer, Ask, operation, view
from exotrial.operations._writing import message
from exotrial.operations.access import Permission
from exotrial.store.models import Query, Record
from exotrial.study.entry import item_of
from exotrial.study.items import Form

NO_QUERY = ErrorCode(
    "QRY-001",
    "There is no such query where the person has rights.",
    "see `list_queries` for the numbers of the queries.",
)
NO_KEY = ErrorCode(
    "QRY-002",
    "The form has no such answer.",
    "name an answer as `show_record` does, such as IG.DM/DM.AGE or IG.AE/1/AE.TERM.",
)
WRONG_STATUS = ErrorCode(
    "QRY-003",
    "The query's state does not allow it.",
    "answer what is open, close what is open or answered, reopen what is closed.",
)
ASKED_ALREADY = ErrorCode(
    "QRY-004", "The person has the same question open already.", "wait for its answer, or close it."
)


class RaiseQuery(AskRecord):
    """A question about one answer of a record."""

    key: str = Field(max_length=200, description="The answer, such as IG.DM/DM.AGE.")
    text: str = Field(min_length=1, max_length=2000)


class SaidQuery(Answer):
    query: int
    status: str


@operation(permission=Permission.QUERY)
def raise_query(act: Act, ask: RaiseQuery) -> SaidQuery:
    """Ask about one answer of a form; the site answers."""
    record = act.record(act.participant(ask.participant), ask.form, ask.encounter, ask.repeat)
    check_key(act.forms(record.version)[record.form], record, ask.key)
    asked = Query.objects.filter(record=record, key=ask.key, rule="").exclude(status=Query.Status.CLOSED)
    if any(query.messages[0]["text"] == ask.text for query in asked):
        raise ASKED_ALREADY.refuse(f"the question about {ask.key} is open", place=Place(path="text"))
    said = message(act, ask.text, Query.Status.OPEN, who=act.actor.username, role=act.actor.role.value)
    query = act.add(Query(record=record, key=ask.key, messages=[said], raised_at=act.now))
    return SaidQuery(query=query.pk, status=query.status)


class AnswerQuery(Ask):
    """What is said to a query."""

    query: int = Field(ge=1, le=2**62)
    text: str = Field(min_length=1, max_length=2000)


@operation(permission=Permission.ANSWER_QUERY)
def answer_query(act: Act, ask: AnswerQuery) -> SaidQuery:
    """Answer a query; an answer is corrected in its form, with a reason."""
    return _say(act, ask, Query.Status.ANSWERED, allowed=(Query.Status.OPEN, Query.Status.ANSWERED))


@operation(permission=Permission.QUERY)
def close_query(act: Act, ask: AnswerQuery) -> SaidQuery:
    """Close a query, an edit check's too, and say why: an answer that stays extraordinary is then accepted."""
    return _say(act, ask, Query.Status.CLOSED, allowed=(Query.Status.OPEN, Query.Status.ANSWERED))


@operation(permission=Permission.QUERY)
def reopen_query(act: Act, ask: AnswerQuery) -> SaidQuery:
    """Ask again where the answer to a query does not settle it."""
    return _say(act, ask, Query.Status.OPEN, allowed=(Query.Status.ANSWERED, Query.Status.CLOSED))


class ListQueries(Ask):
    """Queries of a status, a site or a participant, all where empty; `after` is the last number seen."""

    status: Query.Status | None = None
    site: str = Field(default="", max_length=40)
    participant: str = Field(default="", max_length=40)
    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=50, ge=1, le=200)


class QueryMessage(Answer):
    at: datetime
    who: str
    role: str
    text: str
    status: str


class ShownQuery(Answer):
    """A query: the answer it is about, the rule of the edit check ("" for a person's), and all that was said."""

    query: int
    status: str
    site: str
    participant: str
    form: str
    encounter: str
    repeat: int
    key: str
    rule: str
    raised_at: datetime
    messages: tuple[QueryMessage, ...]


class ListedQueries(Answer):
    """One page; `next` is what to give as `after` for the next, None on the last."""

    queries: tuple[ShownQuery, ...]
    next: int | None


@view(permission=Permission.READ_DATA)
def list_queries(act: Act, ask: ListQueries) -> ListedQueries:
    """The queries of the study, in the order in which they were raised."""
    found = Query.objects.select_related("record__participant__site").filter(
        record__participant__study=act.the_study, pk__gt=ask.after
    )
    if ask.status is not None:
        found = found.filter(status=ask.status)
    if ask.site:
        found = found.filter(record__participant__site=act.site(ask.site))
    if ask.participant:
        found = found.filter(record__participant=act.participant(ask.participant))
    if act.actor.sites is not None:
        found = found.filter(record__participant__site__code__in=act.actor.sites)
    rows = list(found.order_by("pk")[: ask.limit + 1])
    page = rows[: ask.limit]
    return ListedQueries(
        queries=tuple(show_query(query, query.record) for query in page),
        next=page[-1].pk if len(rows) > ask.limit else None,
    )


def show_query(query: Query, record: Record) -> ShownQuery:
    """A query as it is shown; its record has its participant and site."""
    return ShownQuery(
        query=query.pk,
        status=query.status,
        site=record.participant.site.code,
        participant=record.participant.code,
        form=record.form,
        encounter=record.encounter,
        repeat=record.repeat,
        key=query.key,
        rule=query.rule,
        raised_at=query.raised_at,
        messages=tuple(QueryMessage(**said) for said in query.messages),
    )


def check_key(form: Form, record: Record, key: str) -> None:
    """Refuse with QRY-002 a key that is no answer of the record."""
    group, _, rest = key.partition("/")
    row = rest.rpartition("/")[0]
    answers: Any = record.values.get(group, {})
    rows = {one["row"] for one in answers} if isinstance(answers, list) else {""}
    if item_of(form, key) is None or row not in rows:
        raise NO_KEY.refuse(f"{form.oid} has no answer {key!r}", place=Place(path="key"), value=key)


def _say(act: Act, ask: AnswerQuery, status: Query.Status, *, allowed: tuple[str, ...]) -> SaidQuery:
    query = (
        Query.objects.select_related("record__participant__site")
        .filter(pk=ask.query, record__participant__study=act.the_study)
        .first()
    )
    if query is None or not act.actor.holds_at(query.record.participant.site.code):
        raise NO_QUERY.refuse(
            f"there is no query {ask.query} for {act.actor.role.value}",
            value=ask.query,
            place=Place(path="query"),
        )
    act.reached(query.record.participant, query.record.participant.code)
    if query.status not in allowed:
        raise WRONG_STATUS.refuse(f"the query {ask.query} is {query.status}", value=query.status)
    said = message(act, ask.text, status, who=act.actor.username, role=act.actor.role.value)
    act.change(query, messages=[*query.messages, said], status=status)
    return SaidQuery(query=query.pk, status=query.status)
