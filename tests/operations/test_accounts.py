"""Accounts and rights."""

from __future__ import annotations

import subprocess
import sys

import pytest
from argon2 import Type, extract_parameters

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Account
from exotrial.store.models.audit import Act, Change
from tests.trial import PASSWORD, Trial


@pytest.mark.requirement(26)
def test_a_right_can_be_printed_for_a_past_moment(trial: Trial) -> None:
    before = trial.now
    trial.do(
        "revoke_role",
        Role.ADMINISTRATOR,
        username="monitor",
        role="monitor",
        study=trial.study,
        site="imam_khomeini",
        reason="left the company",
    )
    now = trial.do("list_rights", Role.ADMINISTRATOR)
    then = trial.do("list_rights", Role.ADMINISTRATOR, at=before)
    assert "monitor" not in {right.username for right in now.rights}
    assert "monitor" in {right.username for right in then.rights}


@pytest.mark.requirement(22)
def test_a_password_is_not_in_the_trail(trial: Trial) -> None:
    assert Account.objects.get(username="monitor").password.startswith("argon2$argon2id")
    assert not Change.objects.filter(table="account", field="password").exists()
    assert not Change.objects.filter(new__contains=PASSWORD).exists()


@pytest.mark.requirement(22)
def test_a_hash_outside_these_tests_costs_what_owasp_asks() -> None:
    """OWASP's password storage cheat sheet asks of Argon2id at least 19 MiB and two passes, with one thread."""
    program = "import exotrial.store\nfrom django.contrib.auth.hashers import make_password\nprint(make_password('a'))"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    cost = extract_parameters(made.strip().removeprefix("argon2"))
    assert cost.type is Type.ID
    assert cost.memory_cost >= 19 * 1024
    assert cost.time_cost >= 2


@pytest.mark.requirement(13, 24)
def test_a_refused_attempt_is_kept_and_changes_nothing(trial: Trial) -> None:
    accounts = Account.objects.count()
    with pytest.raises(Refusal, match="ACC-001"):
        trial.do("add_account", Role.ADMINISTRATOR, username="monitor", name="M", password=PASSWORD)
    act = Act.objects.order_by("-pk")[0]
    assert (act.outcome, act.code, act.operation, act.who) == ("refused", "ACC-001", "add_account", "admin")
    assert Account.objects.count() == accounts


@pytest.mark.requirement(10)
def test_nobody_is_blind_and_knows_arms_in_one_study(trial: Trial) -> None:
    with pytest.raises(Refusal, match="ACC-007"):
        trial.do(
            "grant_role",
            Role.ADMINISTRATOR,
            username="monitor",
            role="unblinded statistician",
            study=trial.study,
        )
