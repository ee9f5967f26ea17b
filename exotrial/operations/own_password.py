"""Passwords after the first: changed by their owner, replaced by the administrator (21 CFR 11.300(b), (c))."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from pydantic import Field, SecretStr

from exotrial.core.errors import Place
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.operations.accounts import NO_ACCOUNT
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.passwords import WEAK_PASSWORD, check_new_password
from exotrial.operations.second_factor import own_account
from exotrial.store.models import Account


class ChangePassword(Proven):
    """The password that holds now, and the new one."""

    new_password: SecretStr = Field(description="Twelve characters or more.")


class ChangedPassword(Answer):
    username: str
    password_changed_at: datetime


@operation(permission=Permission.OWN_ACCOUNT, scope="installation")
def change_password(act: Act, ask: ChangePassword) -> ChangedPassword:
    """Change one's own password; every other session of the account ends."""
    prove_again(act, ask)
    return _set(act, own_account(act), ask.new_password.get_secret_value(), keep=act.actor.session)


class ResetPassword(Ask):
    """An account whose password is lost or known to others, and a new first password for it."""

    username: str
    new_password: SecretStr = Field(description="The next first password, which the person changes.")


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation", needs_reason=True)
def reset_password(act: Act, ask: ResetPassword) -> ChangedPassword:
    """Give an account a new password, open it where failures closed it, and end its sessions."""
    account = Account.objects.filter(username=ask.username).first()
    if account is None:
        raise NO_ACCOUNT.refuse(f"there is no account {ask.username!r}", value=ask.username)
    return _set(act, account, ask.new_password.get_secret_value(), keep=None)


def _set(act: Act, account: Account, password: str, *, keep: int | None) -> ChangedPassword:
    check_new_password(password, username=account.username)
    if check_password(password, account.password):
        raise WEAK_PASSWORD.refuse("the new password is the old one", place=Place(path="new_password"))
    act.change(
        account,
        password=make_password(password),
        password_changed_at=act.now,
        failed_attempts=0,
        locked_until=None,
    )
    others = account.sessions.filter(ended_at=None)
    if keep is not None:
        others = others.exclude(pk=keep)
    others.update(ended_at=act.now)
    return ChangedPassword(username=account.username, password_changed_at=act.now)
