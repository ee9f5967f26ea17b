"""Sign-in, lock-out and sessions: both sides of every boundary (21 CFR 11.300(d); FDA-Q11; EMA A4.14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password

from exotrial.core.errors import Refusal
from exotrial.operations import authenticate
from exotrial.operations._act import Act as OperationAct
from exotrial.operations._operation import Caller, Operation, perform
from exotrial.operations.access import Permission, Role
from exotrial.operations.authenticate import Proven, SignedIn, prove_again, sign_in
from exotrial.operations.second_factor import Removed
from exotrial.operations.sessions import caller_for, sign_out
from exotrial.store.models import Account, Session
from exotrial.store.models.audit import Act, Change
from tests.trial import PASSWORD, Trial

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def try_it(trial: Trial, password: str = PASSWORD, username: str = "monitor", code: str = "") -> SignedIn:
    return sign_in(trial.opened, username, password, code, now=trial.now, source="test")


def fail(trial: Trial, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Refusal, match="AUT-002"):
            try_it(trial, "not the password")


@pytest.mark.requirement(22)
def test_a_sign_in_gives_a_key_that_is_stored_nowhere(trial: Trial) -> None:
    made = try_it(trial)
    assert caller_for(made.key, trial.now).account.username == "monitor"
    assert not Session.objects.filter(key_digest__contains=made.key).exists()
    assert not Change.objects.filter(new__contains=made.key).exists()
    act = Act.objects.order_by("-pk")[0]
    assert (act.operation, act.outcome, act.who, act.chain.name) == (
        "sign_in",
        "done",
        "monitor",
        "installation",
    )


@pytest.mark.requirement(21)
@pytest.mark.parametrize(("failures", "opens"), [(4, True), (5, False), (6, False)])
def test_the_fifth_failure_closes_the_account(trial: Trial, failures: int, opens: bool) -> None:
    fail(trial, failures)
    if opens:
        try_it(trial)
    else:
        with pytest.raises(Refusal, match="AUT-002"):
            try_it(trial)
    assert Act.objects.filter(operation="lock_out", who="monitor").count() == (0 if opens else 1)


@pytest.mark.requirement(21)
def test_the_account_is_closed_for_fifteen_minutes_exactly(trial: Trial) -> None:
    fail(trial, 5)
    trial.now += 15 * MINUTE - SECOND
    with pytest.raises(Refusal, match="AUT-002"):
        try_it(trial)
    trial.now += SECOND
    assert try_it(trial).session.account.username == "monitor"


def test_failures_while_the_account_is_closed_do_not_lengthen_it(trial: Trial) -> None:
    fail(trial, 5)
    trial.now += 14 * MINUTE
    fail(trial, 5)
    trial.now += MINUTE
    try_it(trial)


def test_after_the_time_it_takes_five_failures_again(trial: Trial) -> None:
    fail(trial, 5)
    trial.now += 15 * MINUTE
    fail(trial, 4)
    try_it(trial)


def test_a_sign_in_begins_the_count_again(trial: Trial) -> None:
    fail(trial, 4)
    try_it(trial)
    fail(trial, 4)
    try_it(trial)


def test_a_refusal_does_not_say_whether_the_account_exists(trial: Trial) -> None:
    told = []
    for username in ("monitor", "nobody_here", "", "x\0y"):
        with pytest.raises(Refusal) as refused:
            try_it(trial, "not the password", username)
        told.append(str(refused.value))
    assert len(set(told)) == 1


def test_an_unknown_name_costs_a_hash_too(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = check_password

    def count(password: str, encoded: str) -> bool:
        hashed.append(encoded.split("$")[1])
        return bool(real(password, encoded))

    monkeypatch.setattr(authenticate, "check_password", count)
    for username in ("monitor", "nobody_here"):
        with pytest.raises(Refusal):
            try_it(trial, "not the password", username)
    assert hashed == ["argon2id", "argon2id"]


@pytest.mark.requirement(13)
def test_an_unknown_username_is_kept_as_a_mark_since_it_may_be_a_password(trial: Trial) -> None:
    for typed in (PASSWORD, PASSWORD, "another"):
        with pytest.raises(Refusal):
            try_it(trial, "x", typed)
    first, second, third = Act.objects.filter(operation="sign_in").order_by("pk")
    assert (first.who, first.outcome, first.code) == ("", "refused", "AUT-002")
    assert first.told == second.told != third.told
    assert PASSWORD not in first.told


@pytest.mark.requirement(23)
def test_a_closed_account_cannot_sign_in_and_its_sessions_end(trial: Trial) -> None:
    made = try_it(trial)
    trial.do("set_account_active", Role.ADMINISTRATOR, username="monitor", active=False, reason="left")
    with pytest.raises(Refusal, match="AUT-004"):
        caller_for(made.key, trial.now)
    with pytest.raises(Refusal, match="AUT-002"):
        try_it(trial)


@pytest.mark.requirement(21)
def test_a_session_ends_after_thirty_idle_minutes(trial: Trial) -> None:
    made = try_it(trial)
    assert caller_for(made.key, trial.now + 30 * MINUTE - SECOND)
    again = trial.now + 30 * MINUTE - SECOND
    assert caller_for(made.key, again + 30 * MINUTE - SECOND)
    with pytest.raises(Refusal, match="AUT-004"):
        caller_for(made.key, again + 60 * MINUTE)


def test_a_session_ends_after_twelve_hours_of_work(trial: Trial) -> None:
    made = try_it(trial)
    for minutes in range(20, 12 * 60, 20):
        assert caller_for(made.key, trial.now + minutes * MINUTE)
    assert caller_for(made.key, trial.now + timedelta(hours=12) - SECOND)
    with pytest.raises(Refusal, match="AUT-004"):
        caller_for(made.key, trial.now + timedelta(hours=12))


def test_the_last_request_is_noted_once_a_minute(trial: Trial) -> None:
    made = try_it(trial)
    caller_for(made.key, trial.now + MINUTE - SECOND)
    assert Session.objects.get(pk=made.session.pk).seen_at == trial.now
    caller_for(made.key, trial.now + MINUTE)
    assert Session.objects.get(pk=made.session.pk).seen_at == trial.now + MINUTE


def test_a_caller_costs_one_query(trial: Trial, django_queries: list[str]) -> None:
    made = try_it(trial)
    django_queries.clear()
    caller_for(made.key, trial.now)
    assert len(django_queries) == 1


@pytest.mark.requirement(13)
def test_a_sign_out_ends_the_session_and_is_kept(trial: Trial) -> None:
    made = try_it(trial)
    sign_out(trial.opened, made.key, now=trial.now)
    with pytest.raises(Refusal, match="AUT-004"):
        caller_for(made.key, trial.now)
    with pytest.raises(Refusal, match="AUT-004"):
        sign_out(trial.opened, made.key, now=trial.now)
    assert Act.objects.filter(operation="sign_out", who="monitor").count() == 1


def _prove(act: OperationAct, ask: Proven) -> Removed:
    prove_again(act, ask)
    return Removed(username=act.actor.username)


PROVE = Operation(
    name="prove",
    permission=Permission.READ_STUDY,
    ask=Proven,
    answer=Removed,
    function=_prove,
    summary="Prove who one is.",
)


def prove(trial: Trial, password: str, session: Session | None = None, username: str = "monitor") -> Removed:
    caller = Caller(account=Account.objects.get(username="monitor"), session=session)
    data = {"password": password, "username": username}
    return perform(trial.opened, PROVE, data, caller=caller, study=trial.study, now=trial.now)


@pytest.mark.parametrize(("failures", "opens"), [(4, True), (5, False)])
def test_failed_proofs_close_the_account_although_the_operation_rolls_back(
    trial: Trial, failures: int, opens: bool
) -> None:
    for _ in range(failures):
        with pytest.raises(Refusal, match="AUT-001"):
            prove(trial, "not the password")
    if opens:
        prove(trial, PASSWORD)
        assert Account.objects.get(username="monitor").failed_attempts == 0
        return
    for attempt in (lambda: prove(trial, PASSWORD), lambda: try_it(trial)):
        with pytest.raises(Refusal, match=r"AUT-00[12]"):
            attempt()
    trial.now += 15 * MINUTE
    assert prove(trial, PASSWORD).username == "monitor"


def test_failed_proofs_and_failed_sign_ins_add_up(trial: Trial) -> None:
    fail(trial, 3)
    for _ in range(2):
        with pytest.raises(Refusal, match="AUT-001"):
            prove(trial, "not the password")
    with pytest.raises(Refusal, match="AUT-002"):
        try_it(trial)


@pytest.mark.requirement(29)
def test_the_first_proof_of_a_session_needs_both_parts_and_the_next_the_password(trial: Trial) -> None:
    session = try_it(trial).session
    with pytest.raises(Refusal, match="AUT-001"):
        prove(trial, PASSWORD, session, username="")
    prove(trial, PASSWORD, session)
    prove(trial, PASSWORD, session, username="")


def test_a_change_of_password_ends_every_other_session(trial: Trial) -> None:
    mine, other = try_it(trial), try_it(trial)
    new = "a different set of words"
    from exotrial.operations.own_password import change_password

    caller = caller_for(mine.key, trial.now)
    data = {"username": "monitor", "password": PASSWORD, "new_password": new}
    perform(trial.opened, change_password, data, caller=caller, now=trial.now)
    assert caller_for(mine.key, trial.now)
    with pytest.raises(Refusal, match="AUT-004"):
        caller_for(other.key, trial.now)
    with pytest.raises(Refusal, match="AUT-002"):
        try_it(trial)
    assert try_it(trial, new)
    assert not Change.objects.filter(new__contains=new).exists()


@pytest.mark.requirement(22)
@pytest.mark.parametrize("new", ["short", PASSWORD, "monitor monitor monitor", "aaaaaaaaaaaaaaa"])
def test_a_weak_password_or_the_old_one_is_refused(trial: Trial, new: str) -> None:
    with pytest.raises(Refusal, match="PWD-001"):
        trial.do("change_password", Role.MONITOR, username="monitor", password=PASSWORD, new_password=new)


@pytest.mark.requirement(23)
def test_the_administrator_gives_a_new_password_which_opens_the_account(trial: Trial) -> None:
    fail(trial, 5)
    new = "a different set of words"
    trial.do("reset_password", Role.ADMINISTRATOR, username="monitor", new_password=new, reason="lost")
    assert try_it(trial, new)
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("reset_password", Role.ADMINISTRATOR, username="monitor", new_password=PASSWORD)
