"""The role that a request is made as: held, permitted, trained for, at which sites (21 CFR 11.10(d), (g), (i))."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from exotrial.core.errors import ErrorCode
from exotrial.operations._act import Actor
from exotrial.operations.access import Permission, Role, may, roles_with
from exotrial.store.models import Account, Grant, Study, Token

NOT_ALLOWED = ErrorCode(
    "OPR-003", "The role does not have the permission.", "ask a person with one of the roles named."
)
NO_RIGHTS = ErrorCode(
    "OPR-004",
    "The account has no such role in the study at this time.",
    "ask the administrator for the right, or name a role that you hold.",
)
NOT_TRAINED = ErrorCode(
    "OPR-008",
    "The role was granted and the training for it is not recorded.",
    "record the training with `record_training`; until then the role cannot be used.",
)


def find_actor(
    account: Account,
    token: Token | None,
    permission: Permission,
    *,
    to: str,
    study: Study | None,
    role: str,
    at: datetime,
    source: str,
    session: int | None,
) -> Actor:
    """The role that the request is made as. Refuses with OPR-003, OPR-004 and OPR-008."""
    grants = Grant.objects.select_related("site").filter(
        Q(revoked_at=None) | Q(revoked_at__gt=at), account=account, granted_at__lte=at
    )
    own = permission is Permission.OWN_ACCOUNT and study is None
    if study is not None:
        grants = grants.filter(Q(study=study) | Q(study=None))
    elif not own:  # one's own account is looked after in any role, wherever it is held
        grants = grants.filter(study=None)
    held = list(grants)
    if token is not None:
        held = [g for g in held if g.role == token.role] if _token_allows(token, to, study) else []
    named = [grant for grant in held if not role or grant.role == role]
    if not named:
        what = f"the role {role!r}" if role else "a role"
        where = f" in {study.slug}" if study is not None else " in this installation"
        raise NO_RIGHTS.refuse(f"{account.username} does not hold {what}{where}", value=role)
    able = [grant for grant in named if may(Role(grant.role), permission)]
    if not able:
        who = ", ".join(r.value for r in roles_with(permission))
        raise NOT_ALLOWED.refuse(f"{named[0].role} may not {to}", value=named[0].role, remedy=f"ask: {who}.")
    trained = [grant for grant in able if own or is_trained(grant, at)]
    if not trained:
        raise NOT_TRAINED.refuse(f"no training as {able[0].role} is recorded for {account.username}")
    chosen = Role(trained[0].role)
    mine = [grant for grant in trained if grant.role == chosen]
    sites = (
        None
        if any(grant.site is None for grant in mine)
        else frozenset(grant.site.code for grant in mine if grant.site is not None)
    )
    if token is not None and token.site is not None:
        sites = frozenset({token.site.code}) if sites is None or token.site.code in sites else frozenset()
    return Actor(
        username=account.username,
        name=account.name,
        role=chosen,
        sites=sites,
        source=source,
        session=session,
    )


def is_trained(grant: Grant, at: datetime) -> bool:
    """Whether the day of the training has come, as the days are counted at the site."""
    zone = ZoneInfo(grant.site.zone) if grant.site is not None else UTC
    return grant.trained_on is not None and grant.trained_on <= at.astimezone(zone).date()


def _token_allows(token: Token, to: str, study: Study | None) -> bool:
    return study is not None and token.study_id == study.pk and to in token.operations
