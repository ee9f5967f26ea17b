"""People and rights by page: an account from its first day to its closing, and the rights on a past day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.store.models import Account, Grant
from tests.trial import IRCT, PASSWORD, SITE, Trial
from tests.web.pages.visitor import Visitor, words_of

PERSON = {
    "username": "newcomer",
    "name": "زهرا Rahimi",
    "email": "",
    "password": "five quite plain words here",
}


def did(visitor: Visitor, do: str, **told: Any) -> bool:
    return visitor.post("/people/person/newcomer", {"do": do} | told).status_code == 303


def test_a_person_is_added_given_a_role_trained_and_closed(trial: Trial) -> None:
    visitor = Visitor(trial, Role.ADMINISTRATOR)
    added = visitor.post("/people", PERSON)
    assert added.headers["location"] == "/people/person/newcomer"
    words = words_of(visitor.get("/people/person/newcomer"))
    assert "زهرا Rahimi" in words
    assert "No right is held." in words
    at = {"role": "coordinator", "where": f"{IRCT}/{SITE}"}
    assert did(visitor, "grant_role", **at)
    assert "not recorded: cannot be used yet" in words_of(visitor.get("/people/person/newcomer"))
    assert did(visitor, "record_training", **at, trained_on="2021-03-01")
    assert did(visitor, "revoke_role", **at, reason="left")
    assert Grant.objects.get(account__username="newcomer").revoked_at is not None
    assert did(visitor, "reset_password", new_password="six rather plain words here now", reason="lost")
    assert did(visitor, "set_account_active", active="no", reason="left")
    assert not Account.objects.get(username="newcomer").active
    assert did(visitor, "set_account_active", active="yes", reason="came back")
    assert Account.objects.get(username="newcomer").active


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "coordinator"}, "is taken"),
        ({"username": "New Comer"}, "is not a username"),
        ({"password": "short"}, "needs 12"),
        ({"name": ""}, "at least 1 character"),
    ],
)
def test_what_is_wrong_with_a_new_account_stands_beside_its_field(
    trial: Trial, change: dict[str, str], code: str
) -> None:
    told = PERSON | change
    answer = Visitor(trial, Role.ADMINISTRATOR).post("/people", told)
    assert answer.status_code == 422
    assert code in words_of(answer)
    assert f'value="{told["username"]}"' in answer.text
    assert told["password"] not in answer.text.replace("shorter", "")


def test_a_right_that_is_refused_says_why_with_what_was_chosen(trial: Trial) -> None:
    visitor = Visitor(trial, Role.ADMINISTRATOR)
    told = {"do": "grant_role", "role": "outcome assessor", "where": f"{IRCT}/{SITE}"}
    answer = visitor.post("/people/person/pharmacist", told)  # knows arms, and would be blind
    assert answer.status_code == 422
    assert "ACC-007" in answer.text
    assert '<option value="outcome assessor" selected>' in answer.text
    assert visitor.post("/people/person/pharmacist", {"do": "unblind_study"}).status_code == 404
    assert visitor.get("/people/person/nobody").status_code == 404


def test_the_rights_of_a_past_day_are_those_that_were_held(trial: Trial) -> None:
    visitor = Visitor(trial, Role.ADMINISTRATOR)
    right = {"role": "monitor", "where": f"{IRCT}/{SITE}"}
    visitor.post("/people/person/monitor", {"do": "revoke_role", "reason": "left"} | right)
    now, past = (words_of(visitor.get("/people/rights", **on)) for on in ({}, {"on": "2021-03-10"}))
    assert "Monitor monitor" not in now
    assert "Monitor monitor" in past
    assert "later, on" in past
    before = words_of(visitor.get("/people/rights", on="2020-01-01"))
    assert "Nobody held a right then." in before
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert visitor.get("/people/rights", on=tomorrow, study=IRCT).status_code == 200
    assert "OPR-002" in visitor.get("/people/rights", on="yesterday").text


def test_the_matrix_in_words_is_the_matrix(trial: Trial) -> None:
    text = Visitor(trial, Role.ADMINISTRATOR).get("/people/roles").text
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    assert table.count(">may<") == sum(len(standing.may) for standing in MATRIX.values())
    assert table.count('scope="row"') == len(Permission) + 2


@pytest.mark.parametrize("path", ["/people", "/people/person/monitor", "/people/rights", "/people/roles"])
def test_who_is_no_administrator_finds_nothing_there(trial: Trial, path: str) -> None:
    for role in (Role.SPONSOR, Role.INVESTIGATOR):
        visitor = Visitor(trial, role)
        assert visitor.get(path).status_code == 404
        assert visitor.post(
            path, {"do": "set_account_active", "active": "no", "reason": "x"}
        ).status_code in (404, 405)
    assert Account.objects.get(username="monitor").active


def test_nobody_takes_the_last_administrator_away(trial: Trial) -> None:
    told = {"do": "set_account_active", "active": "no", "reason": "left"}
    answer = Visitor(trial, Role.ADMINISTRATOR).post("/people/person/admin", told)
    assert "ACC-010" in answer.text
    assert PASSWORD not in answer.text
