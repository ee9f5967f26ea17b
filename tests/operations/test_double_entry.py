"""Double entry: another person, the items named, and each difference settled with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Record, SecondEntry
from tests.operations.recorded import demographics, put_consented, save
from tests.trial import IRCT, PASSWORD, SITE, STUDIES, Trial

FORM = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}


def begin(trial: Trial) -> None:
    """A study that asks for two entries of age and weight, a second coordinator, and a first entry."""
    text = (STUDIES / IRCT / "study.toml").read_text()
    text += '\n[data_entry]\ndouble_entry = ["DM.AGE", "DM.WEIGHT"]\n'
    trial.do("load_study_version", Role.SPONSOR, source=text, reason="double entry")
    trial.do(
        "activate_site",
        Role.INVESTIGATOR,
        site=SITE,
        version=2,
        approved_on="2021-03-10",
        reference="made up for tests",
    )
    trial.add_person("second", Role.COORDINATOR, SITE)
    put_consented(trial)
    save(trial)


def second(trial: Trial, by: str = "second", **items: Any) -> Any:
    values = {"IG.DM": {f"DM.{name}": value for name, value in items.items()}}
    return trial.do("save_second_entry", Role.COORDINATOR, by=by, **FORM, values=values)


def settle(trial: Trial, key: str, choose: str, reason: str = "source") -> Any:
    return trial.do("settle_difference", Role.INVESTIGATOR, **FORM, key=key, choose=choose, reason=reason)


def test_two_entries_that_agree_need_no_decision(trial: Trial) -> None:
    begin(trial)
    entered = second(trial, AGE="54", WEIGHT="70")
    assert entered.settled
    assert entered.differences == ()
    assert SecondEntry.objects.get().entered_by == "second"


def test_differences_are_kept_and_settled_one_by_one(trial: Trial) -> None:
    begin(trial)
    entered = second(trial, AGE="45")  # 70 kg keyed by the first alone
    assert [(one.key, one.first, one.second) for one in entered.differences] == [
        ("IG.DM/DM.AGE", "54", "45"),
        ("IG.DM/DM.WEIGHT", "70", None),
    ]
    with pytest.raises(Refusal, match="RCD-023"):
        second(trial, AGE="45")
    with pytest.raises(Refusal, match="OPR-007"):
        settle(trial, "IG.DM/DM.AGE", "second", reason="")
    assert not settle(trial, "IG.DM/DM.AGE", "second").settled
    assert Record.objects.get().values == demographics(AGE="45")
    with pytest.raises(Refusal, match="RCD-024"):
        settle(trial, "IG.DM/DM.AGE", "first")
    assert settle(trial, "IG.DM/DM.WEIGHT", "first").settled
    assert Record.objects.get().values == demographics(AGE="45")
    told = trial.do("show_differences", Role.MONITOR, **FORM)
    assert [(one.settled, one.settled_by) for one in told.differences] == [
        ("second", "investigator"),
        ("first", "investigator"),
    ]


def test_choosing_an_entry_breaks_a_signature(trial: Trial) -> None:
    begin(trial)
    proof = {"username": "investigator", "password": PASSWORD}
    trial.do("sign_form", Role.INVESTIGATOR, **FORM, revision=1, meaning="review", **proof)
    second(trial, AGE="45", WEIGHT="70")
    settle(trial, "IG.DM/DM.AGE", "second")
    assert trial.do("show_record", **FORM).needs_signature


def test_the_second_entry_is_by_another_person(trial: Trial) -> None:
    begin(trial)
    with pytest.raises(Refusal, match="RCD-021"):
        second(trial, by="coordinator", AGE="54")
    save(trial, demographics(AGE="55"), revision=1, reason="source", role=Role.INVESTIGATOR)
    with pytest.raises(Refusal, match="RCD-021"):
        second(trial, by="coordinator", AGE="55")
    assert second(trial, AGE="55", WEIGHT="70").settled


def test_only_the_items_named_are_keyed_twice(trial: Trial) -> None:
    begin(trial)
    with pytest.raises(Refusals, match="ENT-001"):
        second(trial, AGE="54", SEX="F")
    with pytest.raises(Refusals, match="ENT-003"):
        second(trial, AGE="fifty")


def test_a_form_that_does_not_ask_for_it_has_no_second_entry(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    trial.add_person("second", Role.COORDINATOR, SITE)
    with pytest.raises(Refusal, match="RCD-020"):
        second(trial, AGE="54")


def test_a_second_entry_follows_a_complete_first(trial: Trial) -> None:
    begin(trial)
    put_consented(trial, "P-2")
    save(trial, participant="P-2", complete=False)
    asked = {"participant": "P-2", "form": "F.DEMOGRAPHICS", "values": {}}
    with pytest.raises(Refusal, match="RCD-022"):
        trial.do("save_second_entry", Role.COORDINATOR, by="second", **asked)
    with pytest.raises(Refusal, match="RCD-024"):
        trial.do("show_differences", Role.MONITOR, **FORM)
