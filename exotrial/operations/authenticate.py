"""Proving who one is again, at the moment of signing or unblinding (21 CFR 11.200(a)(1))."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from pydantic import Field, SecretStr

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import Ask
from exotrial.store.models import Account, Session

NOT_PROVEN = ErrorCode(
    "AUT-001",
    "Username and password do not prove who asks.",
    "type your own username and password again.",
)


class Proven(Ask):
    """What an operation asks that needs proof of who it is: both parts first in a session, the password later."""

    username: str = Field(default="", description="Your username; needed for the first signing of a session.")
    password: SecretStr = Field(description="Your password, typed again.")


def prove_again(act: Act, ask: Proven) -> None:
    """Hold the typed credentials to the acting account. Refuses with AUT-001, and never says which part is wrong."""
    account = Account.objects.get(username=act.actor.username)
    session = Session.objects.filter(pk=act.actor.session).first() if act.actor.session else None
    named = ask.username or (account.username if session is not None and session.signed_once else "")
    right = check_password(ask.password.get_secret_value(), account.password)
    if named != account.username or not right:
        raise NOT_PROVEN.refuse(
            "the username and password typed do not fit the account", place=Place(path="password")
        )
    if session is not None and not session.signed_once:
        session.signed_once = True
        session.save(update_fields=["signed_once"])
