"""Sessions: a sign-in holds 12 hours at most and ends after 30 idle minutes (EMA A4.14; FDA-Q11).

Of a key only the SHA-256 is stored: who reads the database can ask as nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from exotrial.core.errors import ErrorCode
from exotrial.operations._operation import INSTALLATION, Caller
from exotrial.operations.authenticate import key_digest
from exotrial.store.home import Opened, writing_turn
from exotrial.store.models import Chain, Session
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.trail import append_act

NO_SESSION = ErrorCode(
    "AUT-004",
    "There is no such session, or it was ended or timed out.",
    "sign in again; a session ends after 30 idle minutes and after 12 hours.",
)

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""The time of the last request is written once a minute at most: a request that reads writes nothing else."""


def caller_for(key: str, now: datetime | None = None, *, source: str = "") -> Caller:
    """Who holds a session's key, by one query. Refuses with AUT-004, the same for every cause."""
    at = now or datetime.now(UTC)
    session = (
        Session.objects.select_related("account")
        .filter(
            key_digest=key_digest(key),
            ended_at=None,
            begun_at__gt=at - LONGEST,
            seen_at__gt=at - IDLE,
            account__active=True,
        )
        .first()
    )
    if session is None:
        raise NO_SESSION.refuse("the session key opens nothing")
    if at - session.seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=session.pk, seen_at__lt=at).update(seen_at=at)
    return Caller(account=session.account, session=session, source=source)


def sign_out(opened: Opened, key: str, *, now: datetime | None = None, source: str = "") -> None:
    """End a session. Refuses with AUT-004."""
    with writing_turn(opened.home), transaction.atomic():
        chain = Chain.objects.select_for_update().get(name=INSTALLATION)
        at = now or datetime.now(UTC)
        caller = caller_for(key, at)
        Session.objects.filter(key_digest=key_digest(key)).update(ended_at=at)
        row = ActRow(operation="sign_out", outcome="done", who=caller.account.username, source=source)
        append_act(chain, row, (), keys=opened.keys, now=at)
