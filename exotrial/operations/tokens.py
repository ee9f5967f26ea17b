"""API tokens: a program's key, which is its owner's right cut down to a study, a site and a set of operations.

A token never signs in, never looks after accounts and never outlives a year (21 CFR 11.10(h); FDA-Q20). It holds
while its owner's right does: the gateway asks for both at every request.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

from django.db.models import Q, QuerySet
from pydantic import AwareDatetime, Field, StringConstraints

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, Caller, find_operations, operation, view
from exotrial.operations.access import Permission, Role, may
from exotrial.operations.authenticate import Proven, key_digest, prove_again
from exotrial.operations.second_factor import own_account
from exotrial.store.models import Account, Grant, Site, Study, Token

NO_TOKEN_CALLER = ErrorCode(
    "TOK-001",
    "There is no such token, or it was revoked or has expired.",
    "make another with `make_token`; a token holds for a year at most.",
)
BAD_OPERATION = ErrorCode(
    "TOK-002",
    "A token cannot do the operation.",
    "name operations and views of a study that the role may do; see `exotrial operations`.",
)
NOT_HELD = ErrorCode(
    "TOK-003",
    "The owner does not hold the role in the study or at the site.",
    "name a study, site and role that you hold; see `exotrial sign-in` and your administrator.",
)
BAD_EXPIRY = ErrorCode(
    "TOK-004",
    "The token would expire in the past or after more than a year.",
    "choose a moment within a year.",
)
NO_TOKEN = ErrorCode("TOK-005", "You have no such token that holds.", "see `list_tokens`.")
NAME_USED = ErrorCode("TOK-006", "You have a token of that name that holds.", "choose another name.")

TOKEN_PREFIX = "ext_"
LONGEST = timedelta(days=365)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,39}$")]


class MakeToken(Proven):
    """What the token may do. Without a site it holds wherever the role does."""

    name: Name
    study: str
    role: Role
    site: str = ""
    operations: tuple[str, ...] = Field(min_length=1, max_length=200)
    expires_at: AwareDatetime


class MadeToken(Answer):
    """The key, shown this once."""

    token: int
    key: str


@operation(permission=Permission.OWN_ACCOUNT, scope="installation")
def make_token(act: Act, ask: MakeToken) -> MadeToken:
    """Make a token for a program that asks in one's own name; its key is shown once."""
    prove_again(act, ask)
    account = own_account(act)
    study, site = _scope(act, account, ask)
    installed = find_operations()
    for name in ask.operations:
        asked = installed.get(name)
        if asked is None or asked.scope != "study" or not may(ask.role, asked.permission):
            raise BAD_OPERATION.refuse(
                f"{name!r} is no operation that {ask.role.value} may do in a study",
                value=name,
                place=Place(path="operations"),
            )
    if not act.now < ask.expires_at <= act.now + LONGEST:
        raise BAD_EXPIRY.refuse(
            f"{ask.expires_at.isoformat()} is not within a year from now",
            value=ask.expires_at.isoformat(),
            place=Place(path="expires_at"),
        )
    if _holding(account, act.now).filter(name=ask.name).exists():
        raise NAME_USED.refuse(f"there is a token {ask.name!r}", value=ask.name, place=Place(path="name"))
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = act.add(
        Token(
            name=ask.name,
            key_digest=key_digest(key),
            account=account,
            study=study,
            site=site,
            role=ask.role.value,
            operations=sorted(set(ask.operations)),
            made_at=act.now,
            expires_at=ask.expires_at,
        )
    )
    return MadeToken(token=token.pk, key=key)


def _scope(act: Act, account: Account, ask: MakeToken) -> tuple[Study, Site | None]:
    held = Grant.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gt=act.now),
        account=account,
        study__slug=ask.study,
        role=ask.role.value,
        granted_at__lte=act.now,
    ).select_related("study", "site")
    grants = list(held)
    study = grants[0].study if grants else None
    site = Site.objects.filter(study=study, code=ask.site).first() if study and ask.site else None
    reaches = any(grant.site is None or grant.site == site for grant in grants)
    if study is None or (ask.site and (site is None or not reaches)):
        where = f"at {ask.site} of {ask.study}" if ask.site else f"in {ask.study}"
        raise NOT_HELD.refuse(f"{account.username} is not {ask.role.value} {where}", value=ask.role.value)
    return study, site


class NameToken(Ask):
    """A token by its number, as `list_tokens` gives it."""

    token: int = Field(ge=1, lt=2**63)


class RevokedToken(Answer):
    token: int
    revoked_at: datetime


@operation(permission=Permission.OWN_ACCOUNT, scope="installation")
def revoke_token(act: Act, ask: NameToken) -> RevokedToken:
    """Revoke one's own token at once; closing an account revokes all of its tokens."""
    token = _holding(own_account(act), act.now).filter(pk=ask.token).first()
    if token is None:
        raise NO_TOKEN.refuse(f"there is no token {ask.token} of yours", value=ask.token)
    act.change(token, revoked_at=act.now)
    return RevokedToken(token=token.pk, revoked_at=act.now)


class ListTokens(Ask):
    """Nothing to say."""


class ShownToken(Answer):
    token: int
    name: str
    study: str
    site: str
    role: str
    operations: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class Tokens(Answer):
    tokens: tuple[ShownToken, ...]


@view(permission=Permission.OWN_ACCOUNT, scope="installation")
def list_tokens(act: Act, ask: ListTokens) -> Tokens:
    """One's own tokens, those that hold no longer too; never their keys."""
    rows = Token.objects.select_related("study", "site").filter(account__username=act.actor.username)
    return Tokens(
        tokens=tuple(
            ShownToken(
                token=row.pk,
                name=row.name,
                study=row.study.slug,
                site=row.site.code if row.site else "",
                role=row.role,
                operations=tuple(row.operations),
                made_at=row.made_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
            )
            for row in rows.order_by("pk")
        )
    )


def caller_for_token(key: str, now: datetime | None = None) -> Caller:
    """Who holds a token's key, by one query. Refuses with TOK-001, the same for every cause."""
    at = now or datetime.now(UTC)
    token = (
        Token.objects.select_related("account", "site")
        .filter(key_digest=key_digest(key), revoked_at=None, expires_at__gt=at, account__active=True)
        .first()
    )
    if token is None:
        raise NO_TOKEN_CALLER.refuse("the token opens nothing")
    return Caller(account=token.account, token=token, source=f"token:{token.name}")


def _holding(account: Account, now: datetime) -> QuerySet[Token]:
    return Token.objects.filter(account=account, revoked_at=None, expires_at__gt=now)
