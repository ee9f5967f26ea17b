"""Proving who one is: at sign-in, and again at the moment of signing or unblinding (21 CFR 11.200(a)(1), 11.300).

Wrong username, wrong password and a closed account are one refusal and take the same time, so that nobody learns
which accounts there are. Every sign-in, refused or done, is an act of the installation's chain. An unknown username
is kept as a keyed mark only: people type passwords into that field.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from pydantic import Field, SecretStr

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.operations._act import Act
from exotrial.operations._operation import INSTALLATION, Ask
from exotrial.operations._storable import find_unstorable
from exotrial.operations.lockout import NOT_PROVEN, count_failure, is_locked
from exotrial.operations.totp import accept_code
from exotrial.store.home import Opened, writing_turn
from exotrial.store.models import Account, Chain, Session
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.trail import append_act

NO_SIGN_IN = ErrorCode(
    "AUT-002",
    "The username and password do not fit, or the account is closed.",
    "type both again; after 5 failures wait 15 minutes, or ask the administrator for a new password.",
)
CODE_NEEDED = ErrorCode(
    "AUT-003",
    "The account has a second factor, and its code is missing or does not fit.",
    "give the six digits that the authenticator shows now, each once, or an unused recovery code.",
)

SESSION_PREFIX = "exs_"


class Proven(Ask):
    """What an operation asks that needs proof of who it is: both parts first in a session, the password later."""

    username: str = Field(default="", description="Your username; needed for the first signing of a session.")
    password: SecretStr = Field(description="Your password, typed again.")


def prove_again(act: Act, ask: Proven) -> None:
    """Hold the typed credentials to the acting account. Refuses with AUT-001, and never says which part is wrong.

    A closed account is refused too; the gateway counts each refusal (`lockout.keep_failed_proof`).
    """
    account = Account.objects.get(username=act.actor.username)
    session = Session.objects.filter(pk=act.actor.session).first() if act.actor.session else None
    named = ask.username or (account.username if session is not None and session.signed_once else "")
    right = check_password(ask.password.get_secret_value(), account.password)
    if named != account.username or not right or is_locked(account, act.now):
        raise NOT_PROVEN.refuse(
            "the username and password typed do not fit the account", place=Place(path="password")
        )
    if account.failed_attempts:
        account.failed_attempts = 0
        account.save(update_fields=["failed_attempts"])
    if session is not None and not session.signed_once:
        session.signed_once = True
        session.save(update_fields=["signed_once"])


@dataclass(frozen=True)
class SignedIn:
    """A new session and its key, which is told here once and stored nowhere."""

    key: str
    session: Session


def sign_in(
    opened: Opened,
    username: str,
    password: str,
    code: str = "",
    *,
    now: datetime | None = None,
    source: str = "",
) -> SignedIn:
    """Begin a session. `code` is the second factor's, or a recovery code, where the account has one.

    Refuses with AUT-002 and, once the password is right, AUT-003. Five failures close the account for 15 minutes;
    a right password without a code is no failure.
    """
    found = None if find_unstorable(username) else Account.objects.filter(username=username).first()
    # Hashing is slow on purpose and is done before anything is locked; an unknown name takes as long.
    right = check_password(password, found.password if found and found.password else _nobody())
    with writing_turn(opened.home), transaction.atomic():
        chain = Chain.objects.select_for_update().get(name=INSTALLATION)
        at = now or datetime.now(UTC)  # once it is our turn, so that the trail's times are in its order
        account = Account.objects.select_for_update().get(pk=found.pk) if found else None
        outcome = _begin(opened, chain, account, right=right, code=code, at=at, source=source)
        refused = outcome if isinstance(outcome, Refusal) else None
        row = ActRow(
            operation="sign_in",
            outcome="refused" if refused else "done",
            code=refused.code.code if refused else "",
            who=account.username if account else "",
            told="" if account else f"mark:{name_mark(opened, username)}",
            source=source,
        )
        append_act(chain, row, (), keys=opened.keys, now=at)
        if refused and account is not None and not (refused.code is CODE_NEEDED and not code):
            count_failure(opened, chain, account, now=at, source=source)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def _begin(
    opened: Opened,
    chain: Chain,
    account: Account | None,
    *,
    right: bool,
    code: str,
    at: datetime,
    source: str,
) -> SignedIn | Refusal:
    """The session, or why there is none, in the transaction that keeps either."""
    if account is None or not right or not account.active or is_locked(account, at):
        return NO_SIGN_IN.refuse("the username and password do not open a session")
    second = account.totp_confirmed_at is not None
    if second and not accept_code(opened, account, code, now=at):
        return CODE_NEEDED.refuse("the code does not fit" if code else "the code is missing")
    if account.failed_attempts or account.locked_until:
        account.failed_attempts = 0
        account.locked_until = None
        account.save(update_fields=["failed_attempts", "locked_until"])
    key = SESSION_PREFIX + secrets.token_urlsafe(32)
    session = Session.objects.create(
        key_digest=key_digest(key), account=account, begun_at=at, seen_at=at, second_factor=second
    )
    return SignedIn(key, session)


def key_digest(key: str) -> str:
    """SHA-256 of a session's or token's key; 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def name_mark(opened: Opened, typed: str) -> str:
    """What the trail keeps of an unknown username: the same for the same text, and read by nobody."""
    return opened.keys.mark(typed.encode(errors="surrogatepass"), purpose="unknown usernames")[:32]


@lru_cache(maxsize=1)
def _nobody() -> str:
    return make_password(secrets.token_urlsafe(32))
