"""The second factor: RFC 6238's vectors, one use of each code, recovery."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.authenticate import sign_in
from exotrial.operations.totp import find_step, generator
from exotrial.store.models import Account
from exotrial.store.models.audit import Change
from tests.trial import PASSWORD, Trial

# RFC 6238, appendix B, SHA-1: the secret is the ASCII text below, codes of 8 digits.
RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("time", "code"), RFC_VECTORS)
def test_codes_are_those_of_rfc_6238(time: int, code: str) -> None:
    assert generator(RFC_SECRET, digits=8).generate(time).decode() == code
    now = datetime.fromtimestamp(time, tz=UTC)
    assert find_step(RFC_SECRET, code[-6:], now=now, after=0) == time // 30


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_one_step_beside_is_taken_and_of_two_not(steps: int, taken: bool) -> None:
    now = datetime(2021, 3, 10, 8, 0, 10, tzinfo=UTC)
    code = generator(RFC_SECRET).generate(int(now.timestamp()) + 30 * steps).decode()
    assert (find_step(RFC_SECRET, code, now=now, after=0) is not None) == taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६", "-12345", "\0\0\0\0\0\0"])
def test_what_is_no_code_is_not_taken(code: str) -> None:
    assert find_step(RFC_SECRET, code, now=datetime(2021, 3, 10, tzinfo=UTC), after=0) is None


def code_at(secret: str, moment: datetime) -> str:
    return generator(base64.b32decode(secret)).generate(int(moment.timestamp())).decode()


@pytest.fixture
def factor(trial: Trial) -> tuple[Trial, str, tuple[str, ...]]:
    """The monitor with a confirmed second factor: the secret and the recovery codes."""
    begun = trial.do("begin_second_factor", Role.MONITOR, username="monitor", password=PASSWORD)
    assert f"secret={begun.secret}" in begun.uri
    assert begun.uri.startswith("otpauth://totp/exotrial:monitor?")
    code = code_at(begun.secret, trial.now + timedelta(minutes=1))
    confirmed = trial.do("confirm_second_factor", Role.MONITOR, code=code)
    return trial, begun.secret, confirmed.recovery_codes


Factor = tuple[Trial, str, tuple[str, ...]]


def enter(trial: Trial, code: str) -> None:
    sign_in(trial.opened, "monitor", PASSWORD, code, now=trial.now)


@pytest.mark.requirement(22)
def test_a_sign_in_asks_for_the_code(factor: Factor) -> None:
    trial, secret, _ = factor
    trial.now += timedelta(minutes=5)
    for code in ("", "000000"):
        with pytest.raises(Refusal, match="AUT-003"):
            enter(trial, code)
    enter(trial, code_at(secret, trial.now))


def test_a_wrong_password_is_not_told_apart_by_the_code(factor: Factor) -> None:
    trial, secret, _ = factor
    with pytest.raises(Refusal, match="AUT-002"):
        sign_in(trial.opened, "monitor", "wrong", code_at(secret, trial.now), now=trial.now)


@pytest.mark.requirement(22)
def test_a_code_is_taken_once_and_so_is_the_one_of_its_confirmation(factor: Factor) -> None:
    trial, secret, _ = factor
    with pytest.raises(Refusal, match="AUT-003"):
        enter(trial, code_at(secret, trial.now))
    trial.now += timedelta(minutes=5)
    code = code_at(secret, trial.now)
    enter(trial, code)
    with pytest.raises(Refusal, match="AUT-003"):
        enter(trial, code)
    with pytest.raises(Refusal, match="AUT-003"):  # the step before it, still within the drift
        enter(trial, code_at(secret, trial.now - timedelta(seconds=30)))


def test_five_wrong_codes_close_the_account_and_a_missing_code_does_not(factor: Factor) -> None:
    trial, secret, _ = factor
    trial.now += timedelta(minutes=5)
    for _ in range(6):
        with pytest.raises(Refusal, match="AUT-003"):
            enter(trial, "")
    for _ in range(5):
        with pytest.raises(Refusal, match="AUT-003"):
            enter(trial, "000000")
    with pytest.raises(Refusal, match="AUT-002"):
        enter(trial, code_at(secret, trial.now))


def test_a_recovery_code_opens_once(factor: Factor) -> None:
    trial, _, codes = factor
    assert len(set(codes)) == 10
    enter(trial, codes[3].upper().replace("-", " "))
    with pytest.raises(Refusal, match="AUT-003"):
        enter(trial, codes[3])
    enter(trial, codes[4])
    assert len(Account.objects.get(username="monitor").recovery_codes) == 8


@pytest.mark.requirement(22)
def test_neither_the_secret_nor_a_recovery_code_can_be_read_anywhere(factor: Factor) -> None:
    _, secret, codes = factor
    account = Account.objects.get(username="monitor")
    stored = f"{account.totp_sealed} {account.recovery_codes}"
    for told in (secret, *codes):
        assert told not in stored
        assert not Change.objects.filter(new__contains=told).exists()


def test_a_second_factor_is_not_replaced_by_who_found_an_open_session(factor: Factor) -> None:
    trial, _, _ = factor
    with pytest.raises(Refusal, match="AUT-007"):
        trial.do("begin_second_factor", Role.MONITOR, username="monitor", password=PASSWORD)
    with pytest.raises(Refusal, match="AUT-001"):
        trial.do("remove_second_factor", Role.MONITOR, username="monitor", password="x", reason="r")


def test_a_factor_that_is_not_confirmed_is_not_asked_for(trial: Trial) -> None:
    trial.do("begin_second_factor", Role.MONITOR, username="monitor", password=PASSWORD)
    with pytest.raises(Refusal, match="AUT-005"):
        trial.do("confirm_second_factor", Role.MONITOR, code="000000")
    enter(trial, "")


def test_nothing_begun_cannot_be_confirmed_or_removed(trial: Trial) -> None:
    with pytest.raises(Refusal, match="AUT-006"):
        trial.do("confirm_second_factor", Role.MONITOR, code="000000")
    with pytest.raises(Refusal, match="AUT-006"):
        trial.do("remove_second_factor", Role.MONITOR, username="monitor", password=PASSWORD, reason="r")


@pytest.mark.requirement(23)
def test_the_administrator_resets_a_lost_factor_and_the_person_removes_an_old_one(factor: Factor) -> None:
    trial, _, _ = factor
    trial.do("reset_second_factor", Role.ADMINISTRATOR, username="monitor", reason="phone lost")
    enter(trial, "")
    begun = trial.do("begin_second_factor", Role.MONITOR, username="monitor", password=PASSWORD)
    code = code_at(begun.secret, trial.now + timedelta(minutes=1))
    trial.do("confirm_second_factor", Role.MONITOR, code=code)
    trial.do(
        "remove_second_factor", Role.MONITOR, username="monitor", password=PASSWORD, reason="a new phone"
    )
    enter(trial, "")
