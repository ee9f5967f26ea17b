"""Fixtures of the web: a trial on each engine, asked through the WSGI application as a server asks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler

from exotrial.operations.access import Role
from exotrial.operations.authenticate import SESSION_PREFIX, key_digest
from exotrial.store.home import disconnect
from exotrial.store.models import Account, Session
from exotrial.web import installation
from exotrial.web.wsgi import make_application
from tests.trial import ENGINES, PASSWORD, Trial, begin_trial


@dataclass
class Web:
    """A trial and a client of its API."""

    trial: Trial
    client: httpx.Client
    application: WSGIHandler

    def sign_in(self, username: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
        told = {"username": username, "password": password, "code": code}
        return self.client.post("/api/sign-in", json=told)

    def key_of(self, role: Role) -> str:
        """The key of a session of a role's person, begun without the slow hash of a sign-in."""
        key = f"{SESSION_PREFIX}{role.value}"
        now = datetime.now(UTC)
        Session.objects.get_or_create(
            key_digest=key_digest(key),
            defaults={
                "account": Account.objects.get(username=self.trial.people[role]),
                "begun_at": now,
                "seen_at": now,
            },
        )
        return key

    def ask(
        self, name: str, data: dict[str, Any], *, key: str, study: str | None = None, role: str = ""
    ) -> httpx.Response:
        """Ask an operation of the trial's study, or of the installation where `study` is ""."""
        of = self.trial.study if study is None else study
        path = f"/api/studies/{of}/{name}" if of else f"/api/installation/{name}"
        headers = {"Authorization": f"Bearer {key}"} | ({"X-Exotrial-Role": role} if role else {})
        return self.client.post(path, json=data, headers=headers)


def web_of(trial: Trial) -> Web:
    installation.serve(trial.opened)
    application = make_application()
    transport = httpx.WSGITransport(app=application, raise_app_exceptions=False)
    return Web(trial, httpx.Client(transport=transport, base_url="http://localhost"), application)


@pytest.fixture(params=ENGINES)
def web(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """The IRCT trial behind its API, on SQLite, then on PostgreSQL."""
    served = web_of(begin_trial(tmp_path, request.param))
    yield served
    served.client.close()
    disconnect()


def codes(answer: httpx.Response) -> list[str]:
    """The codes of a refusal, whose every entry has the one form."""
    assert answer.headers["content-type"].startswith("application/json"), answer.text
    errors = answer.json()["errors"]
    assert all(set(error) == {"code", "place", "value", "problem", "remedy"} for error in errors)
    return [error["code"] for error in errors]
