"""Signing in by page: where one was, what one typed, and what a stranger is shown."""

from __future__ import annotations

import re

import pytest

from exotrial.operations.access import Role
from exotrial.web.pages._serve import SESSION, own_address
from tests.trial import PASSWORD, Trial
from tests.web.pages.visitor import Visitor, words_of


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_page(trial: Trial) -> None:
    visitor = Visitor(trial)
    asked = visitor.get("/", tab="tokens")
    assert asked.status_code == 401
    assert "Sign in" in words_of(asked)
    assert 'name="back" value="/?tab=tokens"' in asked.text
    told = {"username": "coordinator", "password": PASSWORD, "back": "/?tab=tokens"}
    answer = visitor.post("/sign-in", told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?tab=tokens")
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Strict")), cookie
    assert visitor.get("/").status_code == 200


def test_a_wrong_password_is_refused_in_words_and_the_name_is_still_there(trial: Trial) -> None:
    answer = Visitor(trial).post("/sign-in", {"username": "coordinator", "password": "wrong"})
    assert answer.status_code == 401
    assert "AUT-002" in answer.text
    assert 'value="coordinator"' in answer.text
    assert "wrong" not in re.sub(r'class="[^"]*"', "", answer.text).replace("wrong-why", "")


def test_what_was_typed_when_the_session_had_ended_is_carried_and_sent(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    token = visitor.csrf()
    visitor.client.cookies.set(SESSION, "exs_ended", domain="localhost.local")
    asked = visitor.post("/choices", {"exotrial_theme": "dark"}, csrf=token)
    assert asked.status_code == 303  # a public page asks for no session
    typed = {"weight": 'seventy "kg"', "password": "secret words", "new_password": "secret words"}
    asked = visitor.post("/", typed, csrf=token)
    assert asked.status_code == 401
    assert "secret words" not in asked.text
    assert 'name="carried:weight">seventy &#34;kg&#34;<' in asked.text
    told = {
        "username": "coordinator",
        "password": PASSWORD,
        "carried:weight": 'seventy "kg"',
        "carried_to": "/",
    }
    carried = visitor.post("/sign-in", told)
    assert carried.status_code == 200
    assert 'name="weight">seventy &#34;kg&#34;<' in carried.text
    assert "Send it now as Coordinator" in words_of(carried)


def test_signing_out_ends_the_session_for_good(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    key = visitor.client.cookies[SESSION]
    assert visitor.post("/sign-out").headers["location"] == "/sign-in"
    visitor.client.cookies.set(SESSION, key, domain="localhost.local")
    assert visitor.get("/").status_code == 401


@pytest.mark.parametrize(
    "path", ["/nothing", "/study/none", "/study/irct20201202049568n3/nothing", "/favicon.ico"]
)
def test_where_there_is_nothing_a_page_says_so(trial: Trial, path: str) -> None:
    answer = Visitor(trial, Role.COORDINATOR).get(path)
    assert answer.status_code == 404
    assert "There is no such page." in words_of(answer)
    assert "PAG-001" in answer.text


def test_a_form_from_elsewhere_is_refused(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    answer = visitor.post("/sign-out", csrf="x" * 64)
    assert answer.status_code == 403
    assert "PAG-002" in answer.text
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("told", "goes"),
    [
        ("/study/x?a=1", "/study/x?a=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nLocation: x", "/"),
        ("", "/"),
    ],
)
def test_one_is_never_sent_to_another_server(told: str, goes: str) -> None:
    assert own_address(told) == goes


def test_every_page_forbids_foreign_scripts_and_frames(trial: Trial) -> None:
    answer = Visitor(trial, Role.COORDINATOR).get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]* src=)|\son[a-z]+=|style=", answer.text)


def test_a_file_of_ours_is_kept_by_the_browser_below_one_address(trial: Trial) -> None:
    visitor = Visitor(trial)
    page = visitor.get("/sign-in").text
    (address,) = re.findall(r'src="(/static/[0-9a-f]{12}/js/base\.js)"', page)
    script = visitor.get(address)
    assert script.status_code == 200
    assert "max-age=31536000" in script.headers["cache-control"]
    assert script.headers["x-content-type-options"] == "nosniff"
    font = visitor.get(address.replace("js/base.js", "fonts/Inter-Regular.otf"))
    assert font.status_code == 200
    assert visitor.get("/static/js/base.js").status_code == 404
