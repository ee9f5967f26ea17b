"""From a request to a page: who asks, by the session's cookie; what was refused, in words; cookies and headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from pydantic_core import to_json

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.operations._operation import Caller, perform
from exotrial.operations.own_rights import list_own_rights
from exotrial.operations.sessions import caller_for
from exotrial.web.errors import DEFECT, TOO_LARGE, answer_refused, status_of
from exotrial.web.installation import opened
from exotrial.web.pages import _words
from exotrial.web.pages._page import (
    Download,
    Outcome,
    Page,
    Redirect,
    Shown,
    Told,
    Visit,
    find_pages,
)
from exotrial.web.pages._refs import NO_PAGE
from exotrial.web.pages._render import render
from exotrial.web.pages._twice import do_once

SESSION = "exotrial_session"
LANGUAGE = "exotrial_language"
ROLE = "exotrial_role"
SAID = "exotrial_said"
THEME = "exotrial_theme"
FIND = "exotrial_find"
SOURCE = "page"

FORGED = ErrorCode(
    "PAG-002",
    "The form cannot be taken.",
    "open the page again and send it from there; cookies must be allowed for this address.",
)

KEPT = 365 * 24 * 3600
_HIDDEN = frozenset({"OPR-004", "OPR-006", "OPR-010", "OPR-011"})
"""What tells that something exists: shown as if there were nothing, so that nobody learns it by trying addresses."""


def page_paths() -> list[URLPattern]:
    """The paths of every page."""
    return [path(one.path, _handler(one), name=one.name) for one in find_pages().values()]


def show_no_page(request: HttpRequest) -> HttpResponse:
    """What is shown where there is no page, or none for this person."""
    return show_refused(request, NO_PAGE.refuse("there is nothing at this address"))


def show_forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What is shown where a form was sent that this server did not give to this browser (CSRF)."""
    return show_refused(
        request, FORGED.refuse("the form was not one that this server had given to this browser")
    )


def show_refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal from before any page was asked, for a person or for a script of ours."""
    found = _visit(request, {})
    visit = _stranger(request, {}) if isinstance(found, Refusal) else found
    if visit.wants_json:
        return answer_refused([refusal])
    return _show(visit, None, Shown("refused.html", status=status_of(refusal.code), refusals=[refusal]))


def show_defect(request: HttpRequest) -> HttpResponse:
    """What is shown where exotrial fails: nothing is asked of the database for it."""
    html = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>exotrial</title>"
        f"<h1>{DEFECT.meaning}</h1><p>{DEFECT.remedy}</p><p><a href=/>Back to the start page</a></p></html>"
    )
    return HttpResponse(html.encode(), status=500)


def _handler(one: Page) -> Callable[..., HttpResponse]:
    def answer(request: HttpRequest, **given: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
        visit = _visit(request, given)
        if isinstance(visit, Refusal):
            if not one.public:
                return ask_to_sign_in(request, visit)
            visit = _stranger(request, given)
        try:
            if visit.study and visit.own is None and not one.public:
                raise NO_PAGE.refuse("there is nothing for this person at this address")
            outcome = _do(visit, one)
        except (Refusal, Refusals, RequestDataTooBig) as refused:
            return _tell_refused(visit, one, refused)
        return respond(visit, one, outcome)

    return answer


def _do(visit: Visit, one: Page) -> Outcome:
    """The page's answer; a form that comes twice is done once. A script of ours asks as often as it likes."""
    if not visit.posted or one.public or visit.wants_json:
        return one.function(visit)
    return do_once(visit.request, visit.request.COOKIES.get(SESSION, ""), lambda: one.function(visit))


def _visit(request: HttpRequest, given: dict[str, Any]) -> Visit | Refusal:
    """The visit of who is signed in, or why nobody is."""
    try:
        caller = caller_for(request.COOKIES.get(SESSION, ""), source=SOURCE)
    except Refusal as refused:
        return refused
    return _visit_of(request, given, caller)


def _visit_of(request: HttpRequest, given: dict[str, Any], caller: Caller) -> Visit:
    rights = perform(opened(), list_own_rights, {}, caller=caller)
    visit = _stranger(request, given)
    visit.caller, visit.rights = caller, rights
    return visit


def _stranger(request: HttpRequest, given: dict[str, Any]) -> Visit:
    wished, accepted = request.COOKIES.get(LANGUAGE, ""), request.headers.get("Accept-Language", "")
    return Visit(
        request=request,
        opened=opened(),
        given={name: str(value) for name, value in given.items()},
        caller=None,
        rights=None,
        language=_words.choose_language(wished, accepted),
        theme=request.COOKIES.get(THEME, "system"),
        wished_role=request.COOKIES.get(ROLE, ""),
    )


def respond(visit: Visit, one: Page | None, outcome: Outcome) -> HttpResponse:
    """An outcome as a response."""
    if isinstance(outcome, Redirect):
        response: HttpResponse = HttpResponseRedirect(outcome.to)
        response.status_code = 303
        if outcome.said:
            _put(response, SAID, quote(outcome.said))
        for name, value in outcome.cookies.items():
            _put(response, name, value)
        return response
    if isinstance(outcome, Download):
        return HttpResponse(
            outcome.content,
            content_type=outcome.content_type,
            headers={"Content-Disposition": content_disposition_header(True, outcome.name)},
        )
    if isinstance(outcome, Told):
        return HttpResponse(to_json(outcome.answer), content_type="application/json", status=outcome.status)
    return _show(visit, one, outcome)


def _show(visit: Visit, one: Page | None, shown: Shown) -> HttpResponse:
    said = unquote(visit.request.COOKIES.get(SAID, ""))
    html = render(visit, shown.template, shown.told, said=said, page=one)
    response = HttpResponse(html.encode(), status=shown.status, headers={"Cache-Control": "no-store"})
    for name, value in (({SAID: ""} if said else {}) | dict(shown.cookies)).items():
        _put(response, name, value)
    return response


def _tell_refused(visit: Visit, one: Page, refused: Refusal | Refusals | RequestDataTooBig) -> HttpResponse:
    if isinstance(refused, RequestDataTooBig):
        refused = TOO_LARGE.refuse("what was sent is larger than 8 MiB")
    several: Sequence[Refusal] = [refused] if isinstance(refused, Refusal) else refused.refusals
    if visit.wants_json:
        return answer_refused(several)
    if several[0].code.code in _HIDDEN:
        several = [NO_PAGE.refuse("there is nothing for this person at this address")]
    return _show(visit, one, Shown("refused.html", status=status_of(several[0].code), refusals=several))


def ask_to_sign_in(request: HttpRequest, refused: Refusal) -> HttpResponse:
    """Show the sign-in page in the place of a page that needs a session; what was posted is carried along.

    A script of ours is told the refusal, and keeps what was typed until the person has signed in again.
    """
    visit = _stranger(request, {})
    if visit.wants_json:
        return answer_refused([refused])
    posted = request.POST.lists() if request.method == "POST" else ()
    carried = [(name, value) for name, values in posted if _may_be_carried(name) for value in values]
    expired = SESSION in request.COOKIES
    shown = Shown(
        "sign_in.html",
        status=401,
        refusals=[],
        expired=expired,
        username="",
        code_needed=False,
        back=request.get_full_path() if request.method == "GET" else "",
        carried=carried,
        carried_to=request.get_full_path() if carried else "",
    )
    return _show(visit, None, shown)


def _may_be_carried(name: str) -> bool:
    """A password is never written back into a page: who meant to sign types it again."""
    return name != "csrfmiddlewaretoken" and "password" not in name


def _put(response: HttpResponse, name: str, value: str) -> None:
    """A cookie that no script reads and no other site sends; an empty one is taken away."""
    if value:
        kept = {SESSION: None, FIND: None, SAID: 60}.get(name, KEPT)
        response.set_cookie(name, value, max_age=kept, secure=True, httponly=True, samesite="Strict")
    else:
        response.delete_cookie(name, samesite="Strict")


def own_address(told: str, *, otherwise: str = "/") -> str:
    """An address of this server to go to, or the other where what was told leads elsewhere."""
    parts = urlsplit(told)
    safe = (
        told.startswith("/") and not told.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
    return told if safe and told.isprintable() else otherwise
