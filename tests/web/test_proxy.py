"""Behind a proxy that has the certificate: what it says of the browser's scheme is believed where that is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from exotrial.store.home import disconnect, home_of, open_home
from exotrial.web import installation
from exotrial.web.wsgi import make_application
from tests.trial import PASSWORD, Trial, begin_trial
from tests.web.pages.visitor import Visitor

TLS = {"Origin": "https://localhost", "Referer": "https://localhost/sign-in"}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    yield begin_trial(tmp_path, "sqlite")
    disconnect()


def signed_in_through_the_proxy(trial: Trial, *, forwarded: str) -> httpx.Response:
    """The sign-in form sent by a browser on https, as it comes to the server over http."""
    visitor = Visitor(trial)
    token, cookie = visitor.csrf(), visitor.client.cookies["exotrial_csrf"]
    transport = httpx.WSGITransport(app=make_application(), raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url="http://localhost") as proxy:
        told = {"username": "coordinator", "password": PASSWORD, "csrfmiddlewaretoken": token}
        headers = TLS | {"Cookie": f"exotrial_csrf={cookie}", "X-Forwarded-Proto": forwarded}
        return proxy.post("/sign-in", data=told, headers=headers)


def reopen(trial: Trial, *, behind_proxy: bool) -> Trial:
    opened = open_home(replace(trial.opened.home, behind_proxy=behind_proxy))
    installation.serve(opened)
    return replace(trial, opened=opened)


def test_a_form_sent_through_the_proxy_is_taken_where_the_option_is_given(trial: Trial) -> None:
    answer = signed_in_through_the_proxy(reopen(trial, behind_proxy=True), forwarded="https")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "strict-transport-security" in answer.headers


def test_without_the_option_the_header_is_not_looked_at(trial: Trial) -> None:
    answer = signed_in_through_the_proxy(trial, forwarded="https")
    assert answer.status_code == 403
    assert "PAG-002" in answer.text
    assert "strict-transport-security" not in answer.headers


def test_a_proxy_that_says_http_is_believed_too(trial: Trial) -> None:
    answer = signed_in_through_the_proxy(reopen(trial, behind_proxy=True), forwarded="http")
    assert answer.status_code == 403


def test_the_option_comes_by_the_environment_and_is_off_by_itself() -> None:
    assert not home_of({}).behind_proxy
    assert not home_of({"EXOTRIAL_BEHIND_PROXY": "0"}).behind_proxy
    assert home_of({"EXOTRIAL_BEHIND_PROXY": "1"}).behind_proxy
