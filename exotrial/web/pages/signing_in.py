"""Signing in and out. After signing in one is where one was, and what was typed meanwhile is still there to be sent."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.operations.authenticate import CODE_NEEDED
from exotrial.operations.authenticate import sign_in as begin_session
from exotrial.operations.people import has_first_password
from exotrial.operations.sessions import sign_out as end_session
from exotrial.web.pages._attempt import in_words
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._serve import SESSION, SOURCE, own_address
from exotrial.web.rates import signing_in

CARRIED = "carried:"
"""The prefix of hidden fields that hold what was posted when the session had ended."""

FIRST_PASSWORD = "Your password was given to you and is known to another person: change it under My account."


@page("sign-in", public=True)
def sign_in(visit: Visit) -> Outcome:
    """Username, password and, where the account has one, the second factor's code."""
    back = own_address(visit.form.get("back", "") or visit.query.get("back", ""), otherwise="")
    carried_to = own_address(visit.form.get("carried_to", ""), otherwise="")
    carried = [
        (name.removeprefix(CARRIED), value)
        for name, values in visit.form.lists()
        if name.startswith(CARRIED)
        for value in values
    ]
    refusals: list[Refusal] = []
    username = visit.form.get("username", "")
    if visit.posted:
        try:
            with signing_in(visit.request, username, visit.opened.home):
                made = begin_session(
                    visit.opened,
                    username,
                    visit.form.get("password", ""),
                    visit.form.get("code", ""),
                    source=SOURCE,
                )
        except Refusal as refused:
            if visit.wants_json:  # a page that keeps what was typed asks for the password over itself
                raise
            refusals = [refused]
        else:
            if carried_to:
                return Shown(
                    "carried.html",
                    carried=carried,
                    carried_to=carried_to,
                    name=made.session.account.name,
                    cookies={SESSION: made.key},
                )
            said = in_words(visit)(FIRST_PASSWORD) if has_first_password(made.session.account) else ""
            return Redirect(to=back or "/", said=said, cookies={SESSION: made.key})
    return Shown(
        "sign_in.html",
        status=401 if refusals else 200,
        refusals=refusals,
        expired=False,
        username=username,
        code_needed=any(one.code is CODE_NEEDED for one in refusals),
        back=back,
        carried=carried,
        carried_to=carried_to,
    )


@page("sign-out", public=True)
def sign_out(visit: Visit) -> Outcome:
    """End the session; what was saved is saved."""
    key = visit.request.COOKIES.get(SESSION, "")
    if visit.posted and key and visit.caller is not None:
        end_session(visit.opened, key, source=SOURCE)
        return Redirect(to="/sign-in", cookies={SESSION: ""})
    return Redirect(to="/")
