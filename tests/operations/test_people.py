"""The people of an installation: who has an account, whose password is still the first, where roles can be held."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.people import has_first_password
from exotrial.store.models import Account
from tests.trial import IRCT, PASSWORD, SITE, Trial

NEW = "five quite plain words here"


def is_first(trial: Trial) -> bool:
    shown = trial.do("show_own_account", Role.MONITOR)
    listed = trial.do("list_accounts", Role.ADMINISTRATOR, username="monitor").accounts
    assert [one.password_is_first for one in listed] == [shown.password_is_first]
    assert has_first_password(Account.objects.get(username="monitor")) == shown.password_is_first
    return bool(shown.password_is_first)


def test_a_password_is_the_first_until_its_owner_changes_it_and_again_after_a_reset(trial: Trial) -> None:
    assert is_first(trial)
    trial.do("change_password", Role.MONITOR, username="monitor", password=PASSWORD, new_password=NEW)
    assert not is_first(trial)
    trial.do("reset_password", Role.ADMINISTRATOR, username="monitor", new_password=PASSWORD, reason="lost")
    assert is_first(trial)


def test_who_made_the_installation_chose_the_own_password(trial: Trial) -> None:
    assert not trial.do("show_own_account", Role.ADMINISTRATOR).password_is_first


def test_a_second_factor_is_told_as_none_begun_or_confirmed(trial: Trial) -> None:
    assert trial.do("show_own_account", Role.MONITOR).second_factor == "none"
    trial.do("begin_second_factor", Role.MONITOR, username="monitor", password=PASSWORD)
    assert trial.do("show_own_account", Role.MONITOR).second_factor == "begun"


def test_every_account_is_listed_by_a_number_of_queries_that_does_not_grow(
    trial: Trial, django_queries: list[str]
) -> None:
    django_queries.clear()
    listed = trial.do("list_accounts", Role.ADMINISTRATOR).accounts
    first = len(django_queries)
    assert len(listed) == len(Role)
    for number in range(5):
        trial.do(
            "add_account", Role.ADMINISTRATOR, username=f"person{number}", name="Person", password=PASSWORD
        )
    django_queries.clear()
    assert len(trial.do("list_accounts", Role.ADMINISTRATOR).accounts) == len(Role) + 5
    assert len(django_queries) == first


def test_places_are_every_study_with_its_sites(trial: Trial) -> None:
    (place,) = trial.do("list_places", Role.ADMINISTRATOR).studies
    assert (place.study, [site.code for site in place.sites]) == (IRCT, [SITE])


@pytest.mark.parametrize("name", ["list_accounts", "list_places"])
def test_only_an_administrator_sees_the_people(trial: Trial, name: str) -> None:
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do(name, role)
