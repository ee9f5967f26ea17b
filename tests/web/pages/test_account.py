"""One's own account: the first password, the second factor from its QR code to the sign-in, tokens for programs."""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from exotrial.operations.access import Role
from exotrial.operations.totp import generator
from exotrial.store.models import Account, Token
from tests.trial import PASSWORD, Trial
from tests.web.live import serving
from tests.web.pages.visitor import Visitor, browsing, words_of

NEW = "five quite plain words here"


def test_who_has_a_first_password_is_told_to_change_it_until_it_is_changed(trial: Trial) -> None:
    visitor = Visitor(trial)
    told = {"username": "monitor", "password": PASSWORD}
    assert visitor.post("/sign-in", told).status_code == 303
    assert "Your password was given to you" in words_of(visitor.get("/"))
    assert "Your password was given to you" not in words_of(visitor.get("/"))
    assert "Change it now" in words_of(visitor.get("/account"))
    changed = visitor.post("/account/password", told | {"new_password": NEW, "again": NEW})
    assert (changed.status_code, changed.headers["location"]) == (303, "/account")
    assert "Change it now" not in words_of(visitor.get("/account"))
    visitor.post("/sign-out")
    assert visitor.post("/sign-in", told | {"password": NEW}).status_code == 303
    assert "Your password was given to you" not in words_of(visitor.get("/"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"again": NEW + "."}, "The two new passwords differ."),
        ({"password": "wrong"}, "do not fit the account"),
        ({"new_password": "short", "again": "short"}, "5 characters and needs 12"),
        ({"new_password": PASSWORD, "again": PASSWORD}, "new password is the old one"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why_and_stays(
    trial: Trial, change: dict[str, str], says: str
) -> None:
    visitor = Visitor(trial, Role.MONITOR)
    told = {"username": "monitor", "password": PASSWORD, "new_password": NEW, "again": NEW} | change
    before = Account.objects.get(username="monitor").password
    answer = visitor.post("/account/password", told)
    assert answer.status_code == 422
    assert says in words_of(answer)
    assert Account.objects.get(username="monitor").password == before
    assert PASSWORD not in answer.text


def test_the_username_is_asked_for_until_it_was_typed_once_in_the_session(trial: Trial) -> None:
    visitor = Visitor(trial, Role.MONITOR)
    assert 'name="username"' in visitor.get("/account/password").text
    answer = visitor.post("/account/second-factor", {"do": "begin", "password": PASSWORD})
    assert answer.status_code == 422
    proven = {"do": "begin", "username": "monitor", "password": PASSWORD}
    assert visitor.post("/account/second-factor", proven).status_code == 200
    assert 'name="username"' not in visitor.get("/account/password").text


def code_at(secret: str, *, ahead: int = 0) -> str:
    return generator(base64.b32decode(secret)).generate(int(time.time()) + ahead).decode()


def secret_in(answer: httpx.Response) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', answer.text)
    assert found is not None
    return found[1].replace(" ", "")


def test_a_wrong_code_confirms_nothing_and_the_right_one_may_follow(trial: Trial) -> None:
    visitor = Visitor(trial, Role.MONITOR)
    proven = {"do": "begin", "username": "monitor", "password": PASSWORD}
    begun = visitor.post("/account/second-factor", proven)
    secret = secret_in(begun)
    wrong = visitor.post("/account/second-factor", {"do": "confirm", "code": "000000"})
    assert wrong.status_code == 422
    assert "The code does not fit" in words_of(wrong)
    assert secret not in wrong.text
    right = visitor.post("/account/second-factor", {"do": "confirm", "code": code_at(secret)})
    assert len(re.findall(r"<li><code>", right.text)) == 10
    assert "<li><code>" not in visitor.get("/account/second-factor").text
    gone = {"do": "remove", "password": PASSWORD, "reason": "another phone"}
    assert visitor.post("/account/second-factor", gone).headers["location"] == "/account"
    assert Account.objects.get(username="monitor").totp_confirmed_at is None


@pytest.mark.browser
def test_a_second_factor_is_set_up_in_a_browser_and_asked_for_at_the_next_sign_in(
    trial: Trial, tmp_path: Path
) -> None:
    with (
        serving(trial.opened.home, tmp_path / "log") as live,
        browsing(trial, live.url, Role.INVESTIGATOR) as screen,
    ):
        page = screen.at("/account")
        page.get_by_role("link", name="Set up").click()
        page.get_by_label("Your username").fill("investigator")
        page.get_by_label("Your present password").fill(PASSWORD)
        page.get_by_role("button", name="Set up a second factor").click()
        drawn = page.locator("svg.qr").bounding_box()
        assert drawn is not None
        assert drawn["width"] > 150
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.get_by_label("Six-digit code").fill(code_at(secret))
        page.get_by_role("button", name="Confirm").click()
        recovery = page.locator("ol.codes code").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        assert page.get_by_text("10 recovery codes left").is_visible()
        page.locator(".bar-menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        for code, arrives in (("", False), (code_at(secret, ahead=30), True)):
            page.get_by_label("Username").fill("investigator")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_label("Code of the authenticator").fill(code)
            # The code is asked for by the server; the browser would hold an empty one back on the second try.
            page.get_by_role("button", name="Sign in").click()
            assert page.get_by_role("heading", name="Your trials").is_visible() == arrives
        page.locator(".bar-menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_label("Username").fill("investigator")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Code of the authenticator").fill(recovery)
        page.get_by_role("button", name="Sign in").click()
        page.goto(live.url + "/account")
        assert page.get_by_text("9 recovery codes left").is_visible()


def test_a_token_is_made_shown_once_used_and_taken_back(trial: Trial) -> None:
    visitor = Visitor(trial, Role.MONITOR)
    right = f"{trial.study}/monitor"
    offered = visitor.get("/account/tokens/make", right=right)
    assert 'value="status"' in offered.text
    assert 'value="randomise"' not in offered.text  # a monitor may not
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    told = {"right": right, "name": "nightly", "operations": ["status"], "until": until, "site": ""}
    proven = {"username": "monitor", "password": PASSWORD}
    answer = visitor.post("/account/tokens/make", told | {"username": "monitor", "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="nightly"' in answer.text
    assert re.search(r'value="status" checked', answer.text)
    made = visitor.post("/account/tokens/make", told | proven)
    found = re.search(r'class="secret">(ext_[^<]+)<', made.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[1]}"}
    path = f"/api/studies/{trial.study}/status"
    assert visitor.client.post(path, headers=headers).status_code == 200
    listed = visitor.get("/account/tokens")
    assert "nightly" in words_of(listed)
    assert found[1] not in listed.text
    visitor.post("/account/tokens", {"token": str(Token.objects.get().pk)})
    assert visitor.client.post(path, headers=headers).status_code == 401


def test_a_token_is_offered_in_no_role_that_is_not_held(trial: Trial) -> None:
    visitor = Visitor(trial, Role.MONITOR)
    assert visitor.get("/account/tokens/make", right=f"{trial.study}/sponsor").status_code == 404
    assert visitor.get("/account/tokens/make").status_code == 404


def test_my_account_says_what_i_may_do_and_where(trial: Trial) -> None:
    words = words_of(Visitor(trial, Role.PHARMACIST).get("/account"))
    assert "pharmacist at imam_khomeini may know arms" in words
    assert "register and release batches, pack kits" in words
