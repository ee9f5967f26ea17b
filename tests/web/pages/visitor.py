"""Somebody at a browser: signed in as a role, opening and sending pages, through the WSGI application or for real."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from exotrial.operations.access import Role
from exotrial.operations.authenticate import SESSION_PREFIX, key_digest
from exotrial.store.models import Account, Session
from exotrial.web import installation
from exotrial.web.pages._refs import make_ref
from exotrial.web.pages._serve import SESSION
from exotrial.web.wsgi import make_application
from tests.conftest import chromium
from tests.trial import Trial

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESS = "https://localhost"


def key_for(trial: Trial, role: Role) -> str:
    """The key of a session of a role's person, begun without the slow hash of a sign-in."""
    key = f"{SESSION_PREFIX}page {role.value}".replace(" ", "_")
    now = datetime.now(UTC)
    Session.objects.get_or_create(
        key_digest=key_digest(key),
        defaults={
            "account": Account.objects.get(username=trial.people[role]),
            "begun_at": now,
            "seen_at": now,
        },
    )
    return key


class Visitor:
    """A browser without scripts: cookies, and forms that are sent with what the page put into them."""

    def __init__(self, trial: Trial, role: Role | None = None) -> None:
        installation.serve(trial.opened)
        self.trial = trial
        transport = httpx.WSGITransport(app=make_application(), raise_app_exceptions=False)
        self.client = httpx.Client(transport=transport, base_url=ADDRESS)
        if role is not None:
            self.client.cookies.set(SESSION, key_for(trial, role), domain="localhost.local")

    def ref(self, code: str) -> str:
        """What stands for a participant's code in a path."""
        return make_ref(self.trial.opened.keys, self.trial.study, code)

    def study(self, path: str = "") -> str:
        """The address of a page of the study."""
        return f"/study/{self.trial.study}{path}"

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query or None)

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        script: bool = False,
        csrf: str | None = None,
    ) -> httpx.Response:
        """Send a form, as a page's form does or (`script`) as a script of ours does; redirects are not followed."""
        token = self.csrf() if csrf is None else csrf
        headers = {"Origin": ADDRESS} | (
            {"X-Requested-With": "exotrial", "X-CSRFToken": token} if script else {}
        )
        told = dict(fields or {}) | ({} if script else {"csrfmiddlewaretoken": token})
        return self.client.post(path, data=told, headers=headers)

    def csrf(self) -> str:
        """The token that the pages of this browser carry."""
        found = re.search(r'name="exotrial-csrf" content="([^"]+)"', self.client.get("/sign-in").text)
        assert found is not None
        return found[1]


def words_of(answer: httpx.Response) -> str:
    """What a person reads on a page, without tags, blanks made one."""
    text = re.sub(r"(?s)<(script|style|svg|select)\b.*?</\1>", " ", answer.text)
    return " ".join(html.unescape(re.sub(r"(?s)<[^>]*>", " ", text)).split())


@dataclass
class Screen:
    """A real Chromium, signed in; `at` opens a page of ours."""

    page: Page
    url: str

    def at(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


@contextmanager
def browsing(
    trial: Trial, url: str, role: Role | None, *, scripts: bool = True, width: int = 1280, height: int = 800
) -> Iterator[Screen]:
    """A browser of somebody, at a running server (`tests.web.live.serving`); any error of a script fails the test."""
    from playwright.sync_api import sync_playwright

    # Before the browsers' event loop runs: Django asks no database beside one.
    key = "" if role is None else key_for(trial, role)
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": height}
        )
        if key:
            # Secure cookies are for http on this machine too, in Chromium; `url` alone would refuse them.
            cookie = {"name": SESSION, "value": key, "domain": "127.0.0.1", "path": "/"}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield Screen(page, url)
        browser.close()
    assert not errors, errors
