"""Tokens: cut down to a study, a site, a role and operations, for a year at most (21 CFR 11.10(h); FDA-Q20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations._operation import find_operations, perform
from exotrial.operations.access import Role
from exotrial.operations.tokens import caller_for_token
from exotrial.store.models import Token
from exotrial.store.models.audit import Act, Change
from tests.trial import PASSWORD, SITE, Trial

YEAR = timedelta(days=365)


def make(trial: Trial, role: Role = Role.INVESTIGATOR, /, **more: Any) -> Any:
    name = trial.people[role]
    asked: dict[str, Any] = {
        "username": name,
        "password": PASSWORD,
        "name": "instrument",
        "study": trial.study,
        "role": role.value,
        "operations": ["show_study", "activate_site"],
        "expires_at": trial.now + YEAR,
    } | more
    return trial.do("make_token", role, **asked)


def ask(trial: Trial, key: str, name: str, *, study: str | None = None, role: str = "", **data: Any) -> Any:
    return perform(
        trial.opened,
        find_operations()[name],
        data,
        caller=caller_for_token(key, trial.now),
        study=trial.study if study is None else study,
        role=role,
        now=trial.now,
    )


@pytest.mark.requirement(34)
def test_a_token_asks_as_its_owner_and_the_trail_says_which(trial: Trial) -> None:
    key = make(trial).key
    assert ask(trial, key, "show_study").study == trial.study
    with pytest.raises(Refusal, match="SIT-007"):
        ask(trial, key, "activate_site", site=SITE, version=1, approved_on="2021-03-09", reference="r")
    act = Act.objects.order_by("-pk")[0]
    assert (act.who, act.source) == ("investigator", "token:instrument")
    assert not Token.objects.filter(key_digest__contains=key).exists()
    assert not Change.objects.filter(new__contains=key).exists()


@pytest.mark.requirement(34)
def test_a_token_does_no_operation_study_or_role_but_its_own(trial: Trial) -> None:
    key = make(trial, operations=["show_study"]).key
    with pytest.raises(Refusal, match="OPR-004"):
        ask(trial, key, "activate_site", site=SITE, version=1, approved_on="2021-03-09", reference="r")
    with pytest.raises(Refusal, match="OPR-006"):
        ask(trial, key, "show_study", study="another")
    with pytest.raises(Refusal, match="OPR-004"):
        ask(trial, key, "show_study", role="monitor")


def test_a_token_looks_after_no_account(trial: Trial) -> None:
    key = make(trial).key
    for name in ("list_tokens", "make_token", "change_password", "list_rights"):
        with pytest.raises(Refusal, match="OPR-004"):
            ask(trial, key, name, study="")


@pytest.mark.requirement(34)
def test_a_token_of_one_site_does_not_reach_another(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="second", name="Second")
    trial.do(
        "grant_role",
        Role.ADMINISTRATOR,
        username="investigator",
        role="investigator",
        study=trial.study,
        site="second",
        trained_on="2021-03-01",
    )
    both, one = make(trial).key, make(trial, name="one", site=SITE).key
    asked: dict[str, Any] = {"site": "second", "version": 1, "approved_on": "2021-03-09", "reference": "r"}
    assert [site.code for site in ask(trial, both, "show_study").sites] == [SITE, "second"]
    assert [site.code for site in ask(trial, one, "show_study").sites] == [SITE]
    with pytest.raises(Refusal, match="OPR-010"):
        ask(trial, one, "activate_site", **asked)
    assert ask(trial, both, "activate_site", **asked).status == "active"


def test_a_token_holds_while_its_owners_right_does(trial: Trial) -> None:
    key = make(trial).key
    trial.do(
        "revoke_role",
        Role.ADMINISTRATOR,
        username="investigator",
        role="investigator",
        study=trial.study,
        site=SITE,
        reason="left",
    )
    with pytest.raises(Refusal, match="OPR-004"):
        ask(trial, key, "show_study")
    trial.do("set_account_active", Role.ADMINISTRATOR, username="investigator", active=False, reason="left")
    with pytest.raises(Refusal, match="TOK-001"):
        ask(trial, key, "show_study")


def test_a_token_expires_on_the_second(trial: Trial) -> None:
    expires = trial.now + timedelta(hours=1)
    key = make(trial, expires_at=expires).key
    trial.now = expires - timedelta(seconds=1)
    assert ask(trial, key, "show_study")
    trial.now = expires
    with pytest.raises(Refusal, match="TOK-001"):
        ask(trial, key, "show_study")


@pytest.mark.parametrize(("after", "made"), [(YEAR, True), (YEAR + timedelta(seconds=1), False)])
def test_a_token_is_made_for_a_year_at_most(trial: Trial, after: timedelta, made: bool) -> None:
    expires = trial.now + timedelta(minutes=1) + after  # an act takes a minute
    if made:
        make(trial, expires_at=expires)
    else:
        with pytest.raises(Refusal, match="TOK-004"):
            make(trial, expires_at=expires)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"expires_at": "2021-03-10T08:00:00+00:00"}, "TOK-004"),
        ({"role": "sponsor"}, "TOK-003"),
        ({"study": "another"}, "TOK-003"),
        ({"site": "another"}, "TOK-003"),
        ({"operations": ["open_site"]}, "TOK-002"),
        ({"operations": ["list_rights"]}, "TOK-002"),
        ({"operations": ["make_token"]}, "TOK-002"),
        ({"operations": ["no_such"]}, "TOK-002"),
        ({"password": "wrong"}, "AUT-001"),
    ],
)
def test_a_token_that_would_be_more_than_its_owner_is_refused(
    trial: Trial, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        make(trial, **wrong)
    assert not Token.objects.exists()


def test_a_revoked_token_opens_nothing_and_stays_on_the_list(trial: Trial) -> None:
    made = make(trial)
    with pytest.raises(Refusal, match="TOK-006"):
        make(trial)
    with pytest.raises(Refusal, match="TOK-005"):
        trial.do("revoke_token", Role.MONITOR, token=made.token)
    trial.do("revoke_token", Role.INVESTIGATOR, token=made.token)
    with pytest.raises(Refusal, match="TOK-001"):
        ask(trial, made.key, "show_study")
    (shown,) = trial.do("list_tokens", Role.INVESTIGATOR).tokens
    assert shown.revoked_at == trial.now - timedelta(minutes=1)
    assert trial.do("list_tokens", Role.MONITOR).tokens == ()
    assert make(trial).key != made.key
