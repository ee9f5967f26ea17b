"""The second factor of an account: begun, confirmed, removed (EMA A4.12; 21 CFR 11.300).

Anyone may have one; once confirmed it is demanded at every sign-in of the account.
"""

from __future__ import annotations

import base64

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.operations.accounts import NO_ACCOUNT
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.totp import (
    find_step,
    generator,
    new_recovery_codes,
    new_secret,
    open_secret,
    recovery_digest,
    seal_secret,
)
from exotrial.store.models import Account

WRONG_CODE = ErrorCode(
    "AUT-005",
    "The code is not the one that the authenticator shows now.",
    "look whether the clock of the phone is right, and give the next code.",
)
NOT_BEGUN = ErrorCode(
    "AUT-006", "There is no second factor to confirm or to remove.", "begin one with `begin_second_factor`."
)
HAS_ONE = ErrorCode(
    "AUT-007",
    "The account has a second factor already.",
    "remove it first with `remove_second_factor`, or ask the administrator for `reset_second_factor`.",
)


class BegunFactor(Answer):
    """What the authenticator is told, shown this once."""

    uri: str
    secret: str


@operation(permission=Permission.OWN_ACCOUNT, scope="installation")
def begin_second_factor(act: Act, ask: Proven) -> BegunFactor:
    """Make the secret of a second factor for one's authenticator; it counts once it is confirmed."""
    prove_again(act, ask)
    account = own_account(act)
    if account.totp_confirmed_at is not None:
        raise HAS_ONE.refuse(f"{account.username} has a second factor")
    secret = new_secret()
    act.change(account, totp_sealed=seal_secret(act.opened, account, secret), totp_last_step=0)
    return BegunFactor(
        uri=generator(secret).get_provisioning_uri(account.username, "exotrial"),
        secret=base64.b32encode(secret).decode(),
    )


class ConfirmFactor(Ask):
    """The code that the authenticator shows."""

    code: str = Field(min_length=6, max_length=10)


class RecoveryCodes(Answer):
    """Codes that each replace the authenticator once, shown this once."""

    recovery_codes: tuple[str, ...]


@operation(permission=Permission.OWN_ACCOUNT, scope="installation")
def confirm_second_factor(act: Act, ask: ConfirmFactor) -> RecoveryCodes:
    """Confirm the second factor by a code; from now on every sign-in asks for one."""
    account = own_account(act)
    if account.totp_confirmed_at is not None:
        raise HAS_ONE.refuse(f"{account.username} has a second factor")
    if not account.totp_sealed:
        raise NOT_BEGUN.refuse(f"{account.username} has begun no second factor")
    step = find_step(open_secret(act.opened, account), ask.code, now=act.now, after=account.totp_last_step)
    if step is None:
        raise WRONG_CODE.refuse("the code does not fit", place=Place(path="code"))
    codes = new_recovery_codes()
    act.change(
        account,
        totp_confirmed_at=act.now,
        totp_last_step=step,
        recovery_codes=[recovery_digest(code) for code in codes],
    )
    return RecoveryCodes(recovery_codes=tuple(codes))


class Removed(Answer):
    username: str


@operation(permission=Permission.OWN_ACCOUNT, scope="installation", needs_reason=True)
def remove_second_factor(act: Act, ask: Proven) -> Removed:
    """Give up one's second factor, as before a change of phone."""
    prove_again(act, ask)
    account = own_account(act)
    if not account.totp_sealed:
        raise NOT_BEGUN.refuse(f"{account.username} has no second factor")
    return _remove(act, account)


class NameAccount(Ask):
    """An account."""

    username: str


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation", needs_reason=True)
def reset_second_factor(act: Act, ask: NameAccount) -> Removed:
    """Remove the second factor of a person who lost it, and end the person's sessions (21 CFR 11.300(c))."""
    account = Account.objects.filter(username=ask.username).first()
    if account is None:
        raise NO_ACCOUNT.refuse(f"there is no account {ask.username!r}", value=ask.username)
    account.sessions.filter(ended_at=None).update(ended_at=act.now)
    return _remove(act, account)


def _remove(act: Act, account: Account) -> Removed:
    act.change(account, totp_sealed="", totp_confirmed_at=None, totp_last_step=0, recovery_codes=[])
    return Removed(username=account.username)


def own_account(act: Act) -> Account:
    """The account that acts."""
    return Account.objects.get(username=act.actor.username)
