"""What the security page promises of the server as a whole (docs/explanation/security.md)."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from exotrial.operations.access import Role
from exotrial.web.pages._serve import SESSION
from tests.conftest import PROJECT
from tests.operations.life_steps import screen
from tests.trial import PASSWORD, Trial, begin_trial
from tests.web.live import serving
from tests.web.pages.visitor import Visitor, key_for, words_of

PROMISES = PROJECT / "docs" / "explanation" / "security.md"


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(tmp_path: Path) -> None:
    visitor = Visitor(begin_trial(tmp_path, "sqlite"))
    token = visitor.csrf()
    told = {"username": "coordinator", "password": PASSWORD}
    chosen = {"exotrial_theme": "dark", "exotrial_language": "fa"}
    answers = [
        visitor.get("/sign-in"),
        visitor.post("/choices", chosen, csrf=token),
        visitor.post("/sign-in", told),
    ]
    cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert {one.partition("=")[0].strip() for one in cookies} >= {"exotrial_csrf", "exotrial_theme", SESSION}
    for one in cookies:
        assert all(word in one for word in ("Secure", "HttpOnly", "SameSite=Strict")), one
    (session,) = [one for one in cookies if one.strip().startswith(SESSION)]
    assert "Max-Age" not in session  # it ends with the browser


HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/api/health", "/api/nothing"])
def test_every_answer_has_the_headers_that_shut_others_out(tmp_path: Path, path: str) -> None:
    answer = Visitor(begin_trial(tmp_path, "sqlite")).get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_page_is_kept_by_no_cache(tmp_path: Path) -> None:
    visitor = Visitor(begin_trial(tmp_path, "sqlite"), Role.COORDINATOR)
    for path in ("/", visitor.study("/participants"), "/sign-in"):
        assert "no-store" in visitor.get(path).headers["cache-control"], path


def test_no_log_names_a_participant(tmp_path: Path) -> None:
    """Addresses hold what stands for the code; the server itself logs no request at all."""
    trial = begin_trial(tmp_path, "sqlite")
    code = screen(trial).participant
    path = Visitor(trial).study(f"/p/{Visitor(trial).ref(code)}")
    assert code not in path
    cookie = {"Cookie": f"{SESSION}={key_for(trial, Role.COORDINATOR)}"}
    with serving(trial.opened.home, tmp_path / "log") as live:
        shown = httpx.get(live.url + path, headers=cookie)
        assert shown.status_code == 200
        assert code in shown.text
        assert httpx.get(live.url + path + "/nothing", headers=cookie).status_code == 404
    log = (tmp_path / "log").read_text()
    assert code not in log
    assert "exs_" not in log


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return begin_trial(tmp_path, "sqlite")


def test_a_page_of_another_site_does_not_tell_that_it_exists(trial: Trial) -> None:
    """An address typed by hand: nothing differs between who is not there and who is at a site of others."""
    code = screen(trial).participant
    trial.do("open_site", Role.SPONSOR, code="elsewhere", name="Elsewhere", zone="Asia/Tehran")
    stranger = trial.add_person("stranger", Role.COORDINATOR, "elsewhere")
    trial.people[Role.COORDINATOR] = stranger
    visitor = Visitor(trial, Role.COORDINATOR)
    there = visitor.get(visitor.study(f"/p/{visitor.ref(code)}"))
    nowhere = visitor.get(visitor.study(f"/p/{visitor.ref('IMAM_KHOMEINI-9999')}"))
    assert there.status_code == nowhere.status_code == 404
    assert words_of(there) == words_of(nowhere)
    assert code not in words_of(visitor.get(visitor.study("/participants")))


@pytest.mark.parametrize("name", ["مینا راد", "张伟 🫁", "<b>Ann</b> & 'Bo'", "\u202edesrever"])
def test_names_of_every_script_are_kept_and_shown_as_they_are(trial: Trial, name: str) -> None:
    from exotrial.store.models import Account

    Account.objects.filter(username="coordinator").update(name=name)
    page = Visitor(trial, Role.COORDINATOR).get("/")
    assert page.status_code == 200
    assert " ".join(name.split()) in words_of(page)
    assert "<b>Ann" not in page.text


def test_the_page_of_promises_names_tests_that_there_are() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PROMISES.read_text(encoding="utf-8"))
    assert len(named) >= 12
    for file, test in named:
        source = (PROJECT / file).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in source, (file, test)
