"""Asking for something that may be refused: the refusals come back beside what was typed, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from exotrial.core.errors import Refusal, Refusals
from exotrial.web.pages import _words
from exotrial.web.pages._page import Visit

Refused = tuple[Refusal, ...]


def attempt(visit: Visit, name: str, /, **data: Any) -> tuple[Any, Refused]:
    """The answer of an operation and no refusal, or None and why it was refused."""
    try:
        return visit.ask(name, **data), ()
    except Refusal as refused:
        return None, (refused,)
    except Refusals as several:
        return None, several.refusals


def beside(
    refusals: Collection[Refusal], *fields: str
) -> tuple[dict[str, list[Refusal]], tuple[Refusal, ...]]:
    """Refusals by the field of the form that each is about, and those that are about none of its fields."""
    by_field: dict[str, list[Refusal]] = {field: [] for field in fields}
    elsewhere: list[Refusal] = []
    for refusal in refusals:
        by_field.get(str(refusal.place.path).partition(".")[0], elsewhere).append(refusal)
    return by_field, tuple(elsewhere)


def proof(visit: Visit) -> dict[str, str]:
    """The username and password as typed again, for what asks for proof of who one is."""
    return {"username": visit.form.get("username", ""), "password": visit.form.get("password", "")}


def needs_username(visit: Visit) -> bool:
    """Whether the username is asked for too: it is until it was once typed in the session."""
    session = visit.caller.session if visit.caller is not None else None
    return session is None or not session.signed_once


def in_words(visit: Visit) -> Callable[[str], str]:
    """What turns a sentence of ours into the visitor's language."""
    return _words.translations(visit.language).gettext
