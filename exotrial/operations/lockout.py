"""Lock-out: five failed proofs of who one is close an account for fifteen minutes (21 CFR 11.300(d); FDA-Q11).

A failed sign-in and a failed proof at a signature count alike. The count is kept although the operation that asked
for the proof rolls back, and the lock-out is an act of the installation's chain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from exotrial.core.errors import ErrorCode
from exotrial.store.home import Opened, writing_turn
from exotrial.store.models import Account, Chain
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.trail import append_act

NOT_PROVEN = ErrorCode(
    "AUT-001",
    "Username and password do not prove who asks.",
    "type your own username and password again; after 5 failures the account is closed for 15 minutes.",
)

MOST_FAILURES = 5
CLOSED_FOR = timedelta(minutes=15)


def is_locked(account: Account, now: datetime) -> bool:
    """Whether the account is closed after failures; at the very end of the 15 minutes it is open again."""
    return account.locked_until is not None and now < account.locked_until


def count_failure(opened: Opened, chain: Chain, account: Account, *, now: datetime, source: str) -> None:
    """Count a failure of an account whose chain (the installation's) this transaction has locked.

    Failures while the account is closed neither count nor lengthen the time.
    """
    if is_locked(account, now):
        return
    failures = account.failed_attempts + 1
    closes = failures >= MOST_FAILURES
    account.failed_attempts = 0 if closes else failures
    account.locked_until = now + CLOSED_FOR if closes else None
    account.save(update_fields=["failed_attempts", "locked_until"])
    if closes:
        row = ActRow(operation="lock_out", outcome="done", who=account.username, source=source)
        append_act(chain, row, (), keys=opened.keys, now=now)


def keep_failed_proof(
    opened: Opened, account: Account, chain: str, *, now: datetime | None, source: str
) -> None:
    """Count a failed proof inside an operation that was refused, in a transaction of its own."""
    with writing_turn(opened.home), transaction.atomic():
        locked = Chain.objects.select_for_update().get(name=chain)
        fresh = Account.objects.select_for_update().get(pk=account.pk)
        count_failure(opened, locked, fresh, now=now or datetime.now(UTC), source=source)
