"""Trying too often is refused: by address, by the name typed, and emergency unblinding by person."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import RequestFactory

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.home import Home
from exotrial.web import installation, rates
from exotrial.web.rates import BY_ADDRESS, BY_NAME, EMERGENCIES, Rate, source_of
from tests.trial import PASSWORD
from tests.web.conftest import Web, codes


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_try_is_free_again_when_the_time_is_over_and_not_before() -> None:
    clock = Clock()
    rate = Rate(2, 60, "tries", clock)
    rate.count("a")
    clock.now = 10
    rate.count("a")
    for now in (10.0, 59.9):
        clock.now = now
        with pytest.raises(Refusal, match="RTE-001"):
            rate.count("a")
    clock.now = 60
    rate.count("a")
    rate.count("b")


def test_a_try_that_was_right_counts_for_nothing() -> None:
    rate = Rate(1, 60, "tries", Clock())
    for _ in range(5):
        rate.count("a")
        rate.take_back("a")
    rate.take_back("never counted")


def test_memory_is_bounded_and_who_was_quiet_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEPT", 3)
    rate = Rate(1, 60, "tries", Clock())
    for key in "abcd":
        rate.count(key)
    rate.count("a")
    with pytest.raises(Refusal):
        rate.count("d")
    assert len(rate._tries) == 3


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind", "source"),
    [
        ("10.0.0.1", "", False, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", False, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", True, "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", True, "203.0.113.9"),
        ("10.0.0.1", "", True, ""),
        ("10.0.0.1", "unknown", True, ""),
        ("2001:db8:1:2:3::4", "", False, "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "", False, "::ffff:a00:1"),
    ],
)
def test_the_address_is_what_our_proxy_says_and_no_word_of_the_browser(
    remote: str, forwarded: str, behind: bool, source: str
) -> None:
    home = Home(folder=Path(), keys_folder=Path(), behind_proxy=behind)
    told = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert source_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=told), home) == source


def test_a_name_that_is_no_account_is_slowed_down_like_one_that_is(web: Web) -> None:
    for username in ("monitor", "nobody"):
        seen = [codes(web.sign_in(username, "wrong")) for _ in range(BY_NAME.most + 1)]
        assert seen == [["AUT-002"]] * BY_NAME.most + [["RTE-001"]]
        # The right password opens nothing either, so that nobody learns that it was right.
        assert web.sign_in(username).status_code == 429
    assert web.sign_in("auditor").status_code == 200


def test_many_names_from_one_address_are_slowed_down(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BY_ADDRESS, "most", 3)
    for number in range(3):
        assert web.sign_in("auditor").status_code == 200
        assert web.sign_in(f"name {number}", "wrong").status_code == 401
    assert codes(web.sign_in("name 4", "wrong")) == ["RTE-001"]
    assert codes(web.sign_in("auditor", PASSWORD)) == ["RTE-001"]


def test_a_person_who_unblinds_one_after_the_other_is_stopped(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EMERGENCIES, "most", 2)
    key, other = web.key_of(Role.CARE_PROVIDER), web.key_of(Role.INVESTIGATOR)
    told = {"participant": "P-1", "username": "care_provider", "password": "wrong", "reason": "x"}
    seen = [web.ask("unblind_emergency", told, key=key).status_code for _ in range(3)]
    assert seen[2] == 429
    assert 429 not in seen[:2]
    assert web.ask("unblind_emergency", told, key=other).status_code != 429
    assert web.ask("list_participants", {}, key=key).status_code == 200


def test_another_installation_begins_anew(web: Web) -> None:
    BY_NAME.count("nobody")
    installation.serve(web.trial.opened)
    assert not BY_NAME._tries
