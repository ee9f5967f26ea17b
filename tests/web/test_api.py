"""The API: one form of refusal for everything that can be wrong with a request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from exotrial.operations._operation import find_operations
from exotrial.operations.access import Role
from exotrial.store.models import Site
from exotrial.store.models.audit import Act
from tests.trial import PASSWORD, SITE
from tests.web.conftest import Web, codes

A_SITE = {"code": "second", "name": "A second hospital", "zone": "Asia/Tehran"}


def test_an_operation_is_done_and_answers_json(web: Web) -> None:
    answer = web.ask("open_site", A_SITE, key=web.key_of(Role.SPONSOR))
    assert (answer.status_code, answer.json()) == (200, {"code": "second", "status": "opened"})
    act = Act.objects.get(operation="open_site", site="second")
    assert (act.who, act.source, act.outcome) == ("sponsor", "web", "done")


def test_a_view_is_asked_the_same_way_and_writes_nothing(web: Web) -> None:
    key = web.key_of(Role.MONITOR)
    before = Act.objects.count()
    answer = web.ask("show_study", {}, key=key)
    assert answer.json()["study"] == web.trial.study
    assert Act.objects.count() == before


def test_health_needs_no_key(web: Web) -> None:
    assert web.client.get("/api/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "API-002"),
        (b"\xff\xfe", "application/json", 400, "API-002"),
        (b"[]", "application/json", 400, "API-002"),
        (b"null", "application/json", 400, "API-002"),
        (b'{"code": NaN}', "application/json", 400, "API-002"),
        (b'{"code": "\\ud800"}', "application/json", 400, "API-002"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json", 400, "API-002", id="deep"),
        (b"{}", "text/plain", 400, "API-002"),
        (b"code=second", "application/x-www-form-urlencoded", 400, "API-002"),
        (b"", "application/json", 400, "OPR-002"),
        (b'{"code": "second"}', "application/json", 400, "OPR-002"),
        (b'{"code": "second", "name": "x", "colour": "red"}', "application/json", 400, "OPR-002"),
        (b'{"code": "second", "name": "a\\u0000b"}', "application/json", 400, "OPR-002"),
        (b'{"code": "second", "name": ' + b"9" * 400 + b"}", "application/json", 400, "OPR-002"),
        (b'{"code": "second", "name": "x", "zone": "../../etc/passwd"}', "application/json", 422, "SIT-004"),
        pytest.param(b" " * (8 * 1024 * 1024 + 1), "application/json", 413, "API-003", id="large"),
    ],
)
def test_malformed_input_is_refused_and_changes_nothing(
    web: Web, body: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {web.key_of(Role.SPONSOR)}", "Content-Type": content_type}
    answer = web.client.post(f"/api/studies/{web.trial.study}/open_site", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert codes(answer)[0] == code
    assert Site.objects.count() == 1


def test_every_fault_of_the_input_is_told_at_once(web: Web) -> None:
    answer = web.ask("open_site", {"code": "NO", "colour": 1}, key=web.key_of(Role.SPONSOR))
    assert {error["place"] for error in answer.json()["errors"]} == {"code", "name", "colour"}


@pytest.mark.requirement(13)
def test_a_refused_attempt_over_http_is_kept(web: Web) -> None:
    web.ask("open_site", {"code": "NO"}, key=web.key_of(Role.SPONSOR))
    act = Act.objects.order_by("-pk")[0]
    assert (act.operation, act.outcome, act.code, act.source) == ("open_site", "refused", "OPR-002", "web")


def test_an_unknown_path_study_method_and_host_have_the_same_form(web: Web) -> None:
    key = web.key_of(Role.SPONSOR)
    asked = [
        (web.client.get("/api/nothing"), 404, "API-004"),
        (web.client.get("/api/"), 404, "API-004"),
        (web.client.post("/api/studies/x/no_such_operation"), 404, "API-004"),
        (web.client.post("/api/docs"), 404, "API-004"),
        (web.client.get(f"/api/studies/{web.trial.study}/open_site"), 405, "API-005"),
        (web.client.delete("/api/sign-in"), 405, "API-005"),
        (web.ask("open_site", A_SITE, key=key, study="another"), 404, "OPR-006"),
        (web.ask("open_site", A_SITE, key=key, study="%00"), 404, "OPR-006"),
        (web.client.get("/api/health", headers={"Host": "evil.example"}), 400, "API-006"),
    ]
    told = [(answer.status_code, *codes(answer)) for answer, *_ in asked]
    assert told == [(status, code) for _, status, code in asked]


@pytest.mark.requirement(24)
def test_without_a_right_key_nothing_is_told(web: Web) -> None:
    path = f"/api/studies/{web.trial.study}/show_study"
    for header, code in [
        ("", "API-001"),
        ("Basic YTpi", "API-001"),
        ("Bearer", "API-001"),
        ("Bearer x", "AUT-004"),
        ("Bearer exs_" + "a" * 43, "AUT-004"),
        ("Bearer ext_" + "a" * 43, "TOK-001"),
    ]:
        answer = web.client.post(path, headers={"Authorization": header})
        assert (answer.status_code, codes(answer)) == (401, [code]), header
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.requirement(24)
def test_a_role_that_is_not_held_and_one_that_may_not_are_forbidden(web: Web) -> None:
    key = web.key_of(Role.MONITOR)
    for role, code in [("sponsor", "OPR-004"), ("monitor", "OPR-003"), ("king", "OPR-004")]:
        answer = web.ask("open_site", A_SITE, key=key, role=role)
        assert (answer.status_code, codes(answer)) == (403, [code])


def test_what_is_there_already_is_a_conflict(web: Web) -> None:
    answer = web.ask("open_site", {**A_SITE, "code": "imam_khomeini"}, key=web.key_of(Role.SPONSOR))
    assert (answer.status_code, codes(answer)) == (409, ["SIT-003"])


def test_no_answer_is_kept_framed_or_run_as_a_page(web: Web) -> None:
    for answer in (web.client.get("/api/health"), web.client.get("/api/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_a_defect_shows_no_trace(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the arm is exosome")

    monkeypatch.setattr("exotrial.web.api.perform", break_down)
    answer = web.ask("show_study", {}, key=web.key_of(Role.MONITOR))
    assert (answer.status_code, codes(answer)) == (500, ["API-007"])
    assert "exosome" not in answer.text
    assert "Traceback" not in answer.text


def test_the_description_has_every_operation_and_its_shapes(web: Web) -> None:
    document = web.client.get("/api/openapi.json").json()
    named = {
        described["operationId"]: described
        for methods in document["paths"].values()
        for described in methods.values()
    }
    assert set(find_operations()) | {"sign_in", "sign_out", "health"} == set(named)
    text = json.dumps(document)
    missing = [
        name
        for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
        if name not in document["components"]["schemas"]
    ]
    assert missing == []
    parameters = named["open_site"]["parameters"]
    assert sorted((p["in"], p["name"]) for p in parameters) == [
        ("header", "X-Exotrial-Role"),
        ("path", "study"),
    ]


def test_a_sign_in_that_is_no_sign_in_is_refused(web: Web) -> None:
    answers: list[httpx.Response] = [
        web.client.post("/api/sign-in", json={}),
        web.client.post("/api/sign-in", json={"username": "x", "password": 7}),
        web.client.post("/api/sign-in", json={"username": "x" * 201, "password": "y"}),
        web.client.post("/api/sign-in", json={"username": "x", "password": "y" * 1001}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert "yyy" not in answers[-1].text


def test_a_role_as_long_as_a_header_may_be_is_no_role(web: Web) -> None:
    key = web.key_of(Role.MONITOR)
    answer = web.ask("show_study", {}, key=key, role="sponsor" * 500)
    assert (answer.status_code, codes(answer)) == (403, ["OPR-004"])


def test_a_number_too_large_for_its_column_is_bad_input_and_the_attempt_is_kept(web: Web) -> None:
    told = {"site": "imam_khomeini", "version": 2**40, "approved_on": "2021-03-09", "reference": "r"}
    answer = web.ask("activate_site", told, key=web.key_of(Role.INVESTIGATOR))
    assert answer.status_code in (400, 404)
    assert codes(answer)[0] in ("OPR-002", "SIT-006")
    assert Act.objects.order_by("-pk")[0].outcome == "refused"


@pytest.mark.requirement(13, 21)
def test_a_person_signs_in_out_and_is_locked_out_over_http(web: Web) -> None:
    signed_in = web.sign_in("monitor")
    assert set(signed_in.json()) == {"key", "username", "name"}
    key = signed_in.json()["key"]
    assert web.ask("show_study", {}, key=key).status_code == 200
    headers = {"Authorization": f"Bearer {key}"}
    assert web.client.post("/api/sign-out", headers=headers).json() == {}
    assert codes(web.ask("show_study", {}, key=key)) == ["AUT-004"]
    for _ in range(5):
        assert web.sign_in("monitor", "not the password").status_code == 401
    assert codes(web.sign_in("monitor")) == ["AUT-002"]


def test_a_failed_proof_is_forbidden_and_the_session_stays(web: Web) -> None:
    key = web.key_of(Role.MONITOR)
    told = {"username": "monitor", "password": "not the password"}
    answer = web.ask("begin_second_factor", told, key=key, study="")
    assert (answer.status_code, codes(answer)) == (403, ["AUT-001"])
    assert web.ask("show_study", {}, key=key).status_code == 200


@pytest.mark.requirement(34)
def test_a_token_asks_over_http_and_nothing_beyond_it(web: Web) -> None:
    now = datetime.now(UTC)
    told = {
        "username": "monitor",
        "password": PASSWORD,
        "name": "dashboard",
        "study": web.trial.study,
        "role": "monitor",
        "site": SITE,
        "operations": ["show_study"],
        "expires_at": (now + timedelta(days=1)).isoformat(),
    }
    made = web.ask("make_token", told, key=web.key_of(Role.MONITOR), study="")
    key = made.json()["key"]
    assert web.ask("show_study", {}, key=key).status_code == 200
    for name, study in [("open_site", None), ("list_tokens", ""), ("make_token", "")]:
        answer = web.ask(name, {}, key=key, study=study)
        assert (answer.status_code, codes(answer)) == (403, ["OPR-004"])
    assert codes(web.ask("show_study", {}, key=key, study="another")) == ["OPR-006"]
    # A token is no session: it cannot be signed out, and it opens none.
    assert codes(web.client.post("/api/sign-out", headers={"Authorization": f"Bearer {key}"})) == ["AUT-004"]
    assert PASSWORD not in made.text
