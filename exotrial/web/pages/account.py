"""My account: what I may do, my password and my second factor."""

from __future__ import annotations

import segno
from markupsafe import Markup

from exotrial.web.pages._attempt import Refused, attempt, beside, in_words, needs_username, proof
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page


@page("account")
def account(visit: Visit) -> Shown:
    """Who I am here and what I may do where."""
    return Shown("account/account.html", shown=visit.ask("show_own_account"), rights=visit.rights)


@page("account/password")
def own_password(visit: Visit) -> Outcome:
    """Change my password; every other session of mine ends."""
    _, refusals = in_words(visit), Refused()
    typed = visit.form.get("new_password", "")
    differ = visit.posted and typed != visit.form.get("again", "")
    if visit.posted and not differ:
        _answer, refusals = attempt(visit, "change_password", new_password=typed, **proof(visit))
        if not refusals:
            return Redirect(to="/account", said=_("Your password is changed. Your other sessions are ended."))
    by_field, elsewhere = beside(refusals, "password", "new_password")
    return Shown(
        "account/password.html",
        status=422 if refusals or differ else 200,
        shown=visit.ask("show_own_account"),
        differ=differ,
        by_field=by_field,
        elsewhere=elsewhere,
        needs_username=needs_username(visit),
    )


@page("account/second-factor")
def second_factor(visit: Visit) -> Outcome:
    """Begin, confirm or give up my second factor. The secret and the recovery codes are shown once."""
    _, do = in_words(visit), visit.form.get("do", "") if visit.posted else ""
    begun = codes = None
    if do == "begin":
        begun, refusals = attempt(visit, "begin_second_factor", **proof(visit))
    elif do == "confirm":
        codes, refusals = attempt(visit, "confirm_second_factor", code=visit.form.get("code", "").strip())
    elif do == "remove":
        removed, refusals = attempt(
            visit, "remove_second_factor", reason=visit.form.get("reason", ""), **proof(visit)
        )
        if removed:
            return Redirect(to="/account", said=_("Your second factor is removed."))
    else:
        refusals = ()
    by_field, elsewhere = beside(refusals, "password", "code", "reason")
    return Shown(
        "account/second_factor.html",
        status=422 if refusals else 200,
        shown=visit.ask("show_own_account"),
        begun=begun,
        picture=draw_code(begun.uri) if begun else "",
        codes=codes.recovery_codes if codes else (),
        do=do,
        by_field=by_field,
        elsewhere=elsewhere,
        reason=visit.form.get("reason", ""),
        needs_username=needs_username(visit),
    )


def draw_code(told: str) -> Markup:
    """A QR code (ISO/IEC 18004) as an SVG without styles or scripts, dark on white in every theme."""
    drawn = segno.make(told, micro=False, error="m").svg_inline(
        scale=5, border=4, light="white", svgclass="qr", lineclass=None
    )
    return Markup(drawn)
