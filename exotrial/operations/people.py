"""The people of an installation as the administrator sees them: every account, and where a role can be held."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.lockout import is_locked
from exotrial.operations.second_factor import own_account
from exotrial.store.models import Account, Change, Session, Site, Study


class ListAccounts(Ask):
    """One account's username, every account where it is left out."""

    username: str = ""


class ShownAccount(Answer):
    """`password_is_first`: another person gave the password, and the owner has not changed it since.

    `second_factor` is none, begun or confirmed; `locked_until` is set while failed sign-ins keep it closed.
    """

    username: str
    name: str
    email: str
    active: bool
    created_at: datetime
    password_changed_at: datetime | None
    password_is_first: bool
    second_factor: str
    recovery_codes: int
    locked_until: datetime | None
    signed_in_at: datetime | None


class Accounts(Answer):
    accounts: tuple[ShownAccount, ...]


class ShowOwnAccount(Ask):
    """Nothing to say."""


class ListPlaces(Ask):
    """Nothing to say."""


class Place(Answer):
    """A site by code and name."""

    code: str
    name: str


class StudyPlaces(Answer):
    """A study and its sites."""

    study: str
    title: str
    sites: tuple[Place, ...]


class Places(Answer):
    studies: tuple[StudyPlaces, ...]


@view(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def list_accounts(act: Act, ask: ListAccounts) -> Accounts:
    """Every account of the installation, closed ones too."""
    rows = Account.objects.order_by("username")
    if ask.username:
        rows = rows.filter(username=ask.username)
    return Accounts(accounts=_shown(act, list(rows)))


@view(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def list_places(act: Act, ask: ListPlaces) -> Places:
    """Where a role can be held: every study with its sites."""
    sites: dict[int, list[Place]] = {}
    for site in Site.objects.order_by("code"):
        sites.setdefault(site.study_id, []).append(Place(code=site.code, name=site.name))
    return Places(
        studies=tuple(
            StudyPlaces(study=study.slug, title=study.title, sites=tuple(sites.get(study.pk, ())))
            for study in Study.objects.order_by("slug")
        )
    )


@view(permission=Permission.OWN_ACCOUNT, scope="installation")
def show_own_account(act: Act, ask: ShowOwnAccount) -> ShownAccount:
    """One's own account."""
    return _shown(act, [own_account(act)])[0]


def has_first_password(account: Account) -> bool:
    """Whether the account's password is still one that another person gave."""
    return _givers([account]).get(account.pk, account.username) != account.username


def _givers(accounts: list[Account]) -> dict[int, str]:
    """Who set the password of each account last, as the trail has it."""
    given = Change.objects.filter(
        table="account", field="password_changed_at", row__in=[account.pk for account in accounts]
    )
    return dict(given.order_by("act__seq").values_list("row", "act__who"))


def _shown(act: Act, rows: list[Account]) -> tuple[ShownAccount, ...]:
    givers = _givers(rows)
    sessions = Session.objects.filter(account__in=rows).values_list("account_id")
    signed_in = dict(sessions.annotate(last=Max("begun_at")))
    return tuple(
        ShownAccount(
            username=row.username,
            name=row.name,
            email=row.email,
            active=row.active,
            created_at=row.created_at,
            password_changed_at=row.password_changed_at,
            password_is_first=givers.get(row.pk, row.username) != row.username,
            second_factor="confirmed" if row.totp_confirmed_at else "begun" if row.totp_sealed else "none",
            recovery_codes=len(row.recovery_codes),
            locked_until=row.locked_until if is_locked(row, act.now) else None,
            signed_in_at=signed_in.get(row.pk),
        )
        for row in rows
    )
