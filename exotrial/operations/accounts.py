"""Accounts, rights and trainings: given, taken and printed by date (21 CFR 11.10(d), (g), (i); FDA-Q11)."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from pydantic import AwareDatetime, Field, SecretStr

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import REASON_MISSING, Act
from exotrial.operations._life import local_day
from exotrial.operations._operation import Answer, Ask, operation, view
from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.operations.passwords import check_new_password
from exotrial.store.models import Account, Grant, Site, Study

NAME_TAKEN = ErrorCode(
    "ACC-001", "The username was given before.", "choose another; a username is never given twice."
)
BAD_NAME = ErrorCode(
    "ACC-002",
    "The username has characters that it cannot have.",
    "use 2 to 40 small letters, digits, points, hyphens and underscores, a letter first.",
)
NO_ACCOUNT = ErrorCode("ACC-003", "There is no such account.", "see `list_rights` for the accounts.")
BAD_SCOPE = ErrorCode(
    "ACC-004",
    "The role does not go with the study or site named.",
    "an administrator has no study; every other role has one, and roles of a site name the site.",
)
NO_GRANT = ErrorCode("ACC-005", "The account does not hold that right now.", "see `list_rights`.")
TWICE = ErrorCode("ACC-006", "The account holds that right already.", "there is nothing to grant.")
TOO_MANY_HATS = ErrorCode(
    "ACC-007",
    "One person would be blind and know arms in the same study.",
    "give the role to another person; who knows arms in a study cannot be blind in it.",
)
FUTURE_TRAINING = ErrorCode(
    "ACC-008", "The day of the training is in the future.", "record it once it was held."
)
OWN_RIGHT = ErrorCode(
    "ACC-009",
    "Nobody grants a right to themself.",
    "let another administrator grant it; `list_rights` marks who is administrator beside another role.",
)
LAST_ADMINISTRATOR = ErrorCode(
    "ACC-010",
    "Nobody would be left who can grant a right.",
    "grant the role of administrator to another person first.",
)

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


class AddAccount(Ask):
    """A person's account."""

    username: str
    name: str = Field(
        min_length=1, max_length=200, description="The person's name, as it is printed at signatures."
    )
    email: str = Field(default="", max_length=200)
    password: SecretStr = Field(description="The first password, which the person changes.")


class AddedAccount(Answer):
    username: str


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def add_account(act: Act, ask: AddAccount) -> AddedAccount:
    """Add a personal account. It can do nothing until a role is granted."""
    if not _USERNAME.fullmatch(ask.username):
        raise BAD_NAME.refuse(
            f"{ask.username!r} is not a username", place=Place(path="username"), value=ask.username
        )
    if Account.objects.filter(username=ask.username).exists():
        raise NAME_TAKEN.refuse(
            f"{ask.username!r} is taken", place=Place(path="username"), value=ask.username
        )
    check_new_password(ask.password.get_secret_value(), username=ask.username)
    act.add(
        Account(
            username=ask.username,
            name=ask.name,
            email=ask.email,
            password=make_password(ask.password.get_secret_value()),
            password_changed_at=act.now,
            created_at=act.now,
        )
    )
    return AddedAccount(username=ask.username)


class GrantRole(Ask):
    """A role for an account. `trained_on` may follow by `record_training`."""

    username: str
    role: Role
    study: str = ""
    site: str = ""
    trained_on: date | None = None


class Granted(Answer):
    grant: int


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def grant_role(act: Act, ask: GrantRole) -> Granted:
    """Grant a role in a study, at one site or for the whole study."""
    account = _account(ask.username)
    if ask.username == act.actor.username:
        raise OWN_RIGHT.refuse(f"{ask.username} asks for {ask.role.value}", value=ask.role.value)
    study, site = _scope(ask.role, ask.study, ask.site)
    _check_training(act, ask.trained_on, site)
    held = Grant.objects.filter(account=account, revoked_at=None)
    if held.filter(role=ask.role.value, study=study, site=site).exists():
        raise TWICE.refuse(f"{ask.username} is {ask.role.value} there already", value=ask.role.value)
    _check_hats(account, ask.role, study)
    grant = act.add(
        Grant(
            account=account,
            study=study,
            site=site,
            role=ask.role.value,
            trained_on=ask.trained_on,
            granted_at=act.now,
            granted_by=act.actor.username,
        )
    )
    return Granted(grant=grant.pk)


class NameRight(Ask):
    """One right that an account holds."""

    username: str
    role: Role
    study: str = ""
    site: str = ""


class Revoked(Answer):
    revoked_at: datetime


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation", needs_reason=True)
def revoke_role(act: Act, ask: NameRight) -> Revoked:
    """Take a role away, from now on; that it was held stays on record."""
    grant = _grant(ask)
    if ask.role is Role.ADMINISTRATOR:
        _check_not_last(grant.account)
    act.change(grant, revoked_at=act.now)
    return Revoked(revoked_at=act.now)


class RecordTraining(NameRight):
    """The day on which the person was trained for a role."""

    trained_on: date


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def record_training(act: Act, ask: RecordTraining) -> Granted:
    """Record the training for a role, without which the role cannot be used; another day needs a reason."""
    grant = _grant(ask)
    _check_training(act, ask.trained_on, grant.site)
    if grant.trained_on not in (None, ask.trained_on) and not act.reason:
        raise REASON_MISSING.refuse(
            f"the training of {grant.trained_on} is on record", place=Place(path="reason")
        )
    act.change(grant, trained_on=ask.trained_on)
    return Granted(grant=grant.pk)


class SetActive(Ask):
    """An account that is closed or opened again."""

    username: str
    active: bool


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation", needs_reason=True)
def set_account_active(act: Act, ask: SetActive) -> AddedAccount:
    """Close an account at once, as after a loss of its credentials, or open it again (21 CFR 11.300(c))."""
    account = _account(ask.username)
    if not ask.active:
        _check_not_last(account)
    act.change(account, active=ask.active)
    if not ask.active:
        account.sessions.filter(ended_at=None).update(ended_at=act.now)
        for token in account.tokens.filter(revoked_at=None):
            act.change(token, revoked_at=act.now)
    return AddedAccount(username=ask.username)


class ListRights(Ask):
    """`at` is the moment asked about, now where it is left out."""

    at: AwareDatetime | None = None
    study: str = ""


class Right(Answer):
    username: str
    name: str
    active: bool
    role: str
    study: str
    site: str
    trained_on: date | None
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None
    also_administrator: bool


class Rights(Answer):
    at: datetime
    rights: tuple[Right, ...]


@view(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def list_rights(act: Act, ask: ListRights) -> Rights:
    """Who held which right at a moment; a person with study roles who is administrator too is marked (EMA A3.3)."""
    at = ask.at or act.now
    grants = (
        Grant.objects.select_related("account", "study", "site")
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=at), granted_at__lte=at)
        .order_by("account__username", "study__slug", "role", "site__code", "pk")
    )
    if ask.study:
        grants = grants.filter(study__slug=ask.study)
    held = list(grants)
    administrators = set(
        Grant.objects.filter(
            Q(revoked_at=None) | Q(revoked_at__gt=at), granted_at__lte=at, role=Role.ADMINISTRATOR.value
        ).values_list("account_id", flat=True)
    )
    return Rights(
        at=at,
        rights=tuple(
            Right(
                username=grant.account.username,
                name=grant.account.name,
                active=grant.account.active,
                role=grant.role,
                study=grant.study.slug if grant.study else "",
                site=grant.site.code if grant.site else "",
                trained_on=grant.trained_on,
                granted_at=grant.granted_at,
                granted_by=grant.granted_by,
                revoked_at=grant.revoked_at,
                also_administrator=grant.role != Role.ADMINISTRATOR.value
                and grant.account_id in administrators,
            )
            for grant in held
        ),
    )


def _account(username: str) -> Account:
    account = Account.objects.filter(username=username).first()
    if account is None:
        raise NO_ACCOUNT.refuse(f"there is no account {username!r}", value=username)
    return account


def _grant(ask: NameRight) -> Grant:
    study, site = _scope(ask.role, ask.study, ask.site)
    grant = Grant.objects.filter(
        account=_account(ask.username), role=ask.role.value, study=study, site=site, revoked_at=None
    ).first()
    if grant is None:
        raise NO_GRANT.refuse(f"{ask.username} does not hold {ask.role.value} there", value=ask.role.value)
    return grant


def _scope(role: Role, study: str, site: str) -> tuple[Study | None, Site | None]:
    if role is Role.ADMINISTRATOR:
        if study or site:
            raise BAD_SCOPE.refuse("an administrator is of the installation and of no study", value=study)
        return None, None
    found = Study.objects.filter(slug=study).first()
    if found is None:
        raise BAD_SCOPE.refuse(f"{role.value} needs a study, and {study!r} is none", value=study)
    if not site:
        return found, None
    place = Site.objects.filter(study=found, code=site).first()
    if place is None:
        raise BAD_SCOPE.refuse(f"{study} has no site {site!r}", value=site)
    if not MATRIX[role].by_site:
        raise BAD_SCOPE.refuse(f"{role.value} is of the whole study and of no site", value=site)
    return found, place


def _check_hats(account: Account, role: Role, study: Study | None) -> None:
    """Refuse with ACC-007 who would be blind and know arms. An administrator is blind in every study.

    Who once could use a role that knows arms is not blind again, whether or not the role is held still.
    """
    blind = MATRIX[role].blind
    grants = Grant.objects.filter(account=account).order_by("pk")
    if study is not None:
        grants = grants.filter(Q(study=study) | Q(study=None))
    for other in grants:
        knew = not MATRIX[Role(other.role)].blind
        if (knew and blind and (other.revoked_at is None or other.trained_on is not None)) or (
            not knew and not blind and other.revoked_at is None
        ):
            where = other.study.slug if other.study is not None else "the installation"
            raise TOO_MANY_HATS.refuse(
                f"{account.username} {'is' if other.revoked_at is None else 'was'} {other.role} in {where}, "
                f"and {role.value} is {'blind' if blind else 'not blind'}",
                value=role.value,
            )


def _check_not_last(account: Account) -> None:
    """Refuse with ACC-010 to take the last administrator away who can act."""
    able = Grant.objects.filter(
        role=Role.ADMINISTRATOR.value, revoked_at=None, trained_on__isnull=False, account__active=True
    )
    if able.filter(account=account).exists() and not able.exclude(account=account).exists():
        raise LAST_ADMINISTRATOR.refuse(
            f"{account.username} is the only administrator", value=account.username
        )


def _check_training(act: Act, day: date | None, site: Site | None) -> None:
    today = act.today if site is None else local_day(act.now, site)
    if day is not None and day > today:
        raise FUTURE_TRAINING.refuse(f"the training on {day} is still to come", value=day)
