"""An address for every page: a trial with something of everything, and a walk along its links as each role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from django.urls import Resolver404, resolve

from exotrial.operations.access import Role
from exotrial.operations.export_maker import make_one
from exotrial.store.exports import Asked, ask_for
from exotrial.web.pages._page import find_pages
from exotrial.web.pages._serve import LANGUAGE, SESSION
from tests.stories.twins import conduct_trial
from tests.trial import Trial, begin_trial
from tests.web.pages.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROLES = (
    *(None, Role.COORDINATOR, Role.INVESTIGATOR, Role.PHARMACIST, Role.CARE_PROVIDER, Role.MONITOR),
    *(Role.SPONSOR, Role.ADMINISTRATOR, Role.UNBLINDED_STATISTICIAN),
)
"""Who walks, in this order; a page is looked at as the first of them that comes to it. None is nobody signed in."""

WIDTHS = (1280, 820, 390)
"""A desk, a tablet at the bedside, a telephone."""

HEIGHT = 900

EACH = 2
"""Addresses of one page that a walker follows."""

_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
_FORM = re.compile(r'<form\b[^>]*?\saction="([^"]+)"')


@dataclass(frozen=True)
class Found:
    """Where a page is, and as whom it is looked at. `press` is the button that leads on to it."""

    page: str
    path: str
    role: Role | None
    press: str = ""


NOT_SHOWN = {
    *("choices", "sign_out", "report_called_off"),
    *("setup_file", "download_certificate", "download_allocation_export", "report_file"),
    *("batch_file", "analysis_certificate", "analysis_certificate_file", "kit_labels"),
}
"""Pages that show nothing of their own: they save and lead elsewhere, or give a file."""


def begin_full_trial(folder: Path) -> Trial:
    """The trial of the twins, randomised, dosed, asked about, signed and unblinded, with an export that is made."""
    trial = conduct_trial(begin_trial(folder, "sqlite")).trial
    asked = Asked(
        who=trial.people[Role.SPONSOR],
        study=trial.study,
        role="",
        what="tables",
        title="Data tables",
        at=datetime.now(UTC),
    )
    make_one(trial.opened.home, ask_for(trial.opened.home, asked).id)
    return trial


def find_every_page(trial: Trial) -> dict[str, Found]:
    """Every page that is shown, by name: where links lead from the start page, and what only a form leads to."""
    found = {one.page: one for one in _by_forms(trial)}
    for role in ROLES:
        for one in _walk(Visitor(trial, role), role, found):
            found.setdefault(one.page, one)
    recorded = found["verification_form"].path
    found["raise_query"] = Found("raise_query", recorded, Role.MONITOR, press="button[formaction$='/query']")
    return found


@contextmanager
def signed_in(browser: Browser, key: str, *, language: str = "en") -> Iterator[BrowserContext]:
    """A context of the browser in which somebody is signed in, or nobody where the key is ""."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT})
    told = {LANGUAGE: language} | ({SESSION: key} if key else {})
    cookies: Any = [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"} for name, value in told.items()
    ]
    context.add_cookies(cookies)
    yield context
    context.close()


def name_of(path: str) -> str:
    """The page at an address, or ""."""
    try:
        return str(resolve(urlsplit(path).path).url_name or "")
    except Resolver404:
        return ""


def _by_forms(trial: Trial) -> Iterator[Found]:
    """Pages that a form leads to with what was chosen in it."""
    visitor = Visitor(trial)
    codes = [one.participant for one in trial.do("list_participants", Role.COORDINATOR).participants]
    last = visitor.study(f"/p/{visitor.ref(codes[-1])}")
    yield Found("show_screened", f"{last}/screened", Role.COORDINATOR)
    yield Found(
        "unblind_in_emergency", f"{visitor.study('/p/')}{visitor.ref(codes[0])}/unblind", Role.INVESTIGATOR
    )
    right = quote(f"{trial.study}/coordinator")
    yield Found("make_own_token", f"/account/tokens/make?right={right}", Role.COORDINATOR)
    first = visitor.study(f"/p/{visitor.ref(codes[0])}/form/F.DEMOGRAPHICS")
    yield Found("form_second", f"{first}/second", Role.COORDINATOR)


def _walk(visitor: Visitor, role: Role | None, before: dict[str, Found]) -> Iterator[Found]:
    waiting, seen, followed = ["/"], {"/"}, dict.fromkeys(find_pages(), 0)
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name not in followed or followed[name] >= EACH or name in NOT_SHOWN:
            continue
        followed[name] += 1
        answer = visitor.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if answer.status_code == 200 and name not in before:
            yield Found(name, path, role)
        for link in (*_LINK.findall(answer.text), *_FORM.findall(answer.text)):
            address = urldefrag(urljoin(path, unescape(link))).url
            if not urlsplit(address).netloc and address not in seen:
                seen.add(address)
                waiting.append(address)
