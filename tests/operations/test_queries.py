"""Queries, verification of source data, and freezing."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Query, Verification
from tests.operations.recorded import demographics, event, put_consented, save, second_site
from tests.trial import SITE, Trial

FORM: dict[str, Any] = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}
AGE = "IG.DM/DM.AGE"


def ask(trial: Trial, text: str = "Is this the age at consent?", **more: Any) -> Any:
    return trial.do("raise_query", Role.MONITOR, **({**FORM, "key": AGE, "text": text} | more))


def verify(trial: Trial, **more: Any) -> Any:
    return trial.do("verify_source", Role.MONITOR, **({**FORM, "revision": 1} | more))


def shown(trial: Trial) -> Any:
    return trial.do("show_record", **FORM)


@pytest.mark.requirement(12)
def test_a_query_is_raised_answered_and_closed_and_all_of_it_is_kept(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    query = ask(trial).query
    assert shown(trial).queries[0].status == "open"
    trial.do("answer_query", Role.COORDINATOR, query=query, text="Yes, see the passport copy")
    trial.do("close_query", Role.MONITOR, query=query, text="seen")
    messages = shown(trial).queries[0].messages
    assert [(said.who, said.role, said.status) for said in messages] == [
        ("monitor", "monitor", "open"),
        ("coordinator", "coordinator", "answered"),
        ("monitor", "monitor", "closed"),
    ]


def test_a_query_is_asked_again(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    query = ask(trial).query
    with pytest.raises(Refusal, match="QRY-003"):
        trial.do("reopen_query", Role.MONITOR, query=query, text="and now?")
    trial.do("close_query", Role.MONITOR, query=query, text="seen")
    for name, role in (("close_query", Role.MONITOR), ("answer_query", Role.COORDINATOR)):
        with pytest.raises(Refusal, match="QRY-003"):
            trial.do(name, role, query=query, text="more")
    assert trial.do("reopen_query", Role.MONITOR, query=query, text="and now?").status == "open"


@pytest.mark.parametrize("key", ["IG.DM/DM.NONE", "IG.DM", "", "IG.DM/1/DM.AGE", "IG.NONE/DM.AGE"])
def test_a_query_is_about_an_answer_that_the_form_has(trial: Trial, key: str) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="QRY-002"):
        ask(trial, key=key)


def test_a_query_is_about_a_row_that_is_there_and_an_answer_that_is_missing(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("a")]}, form="F.AE")
    assert ask(trial, form="F.AE", key="IG.AE/a/AE.END").status == "open"
    with pytest.raises(Refusal, match="QRY-002"):
        ask(trial, form="F.AE", key="IG.AE/b/AE.END")
    with pytest.raises(Refusal, match="OPR-013"):
        ask(trial, form="F.CM", key="IG.CM/1/CM.TRT")


def test_the_same_question_is_not_asked_twice_at_once(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    ask(trial)
    with pytest.raises(Refusal, match="QRY-004"):
        ask(trial)
    assert ask(trial, "Another question").query


def test_a_site_raises_and_closes_no_query_and_a_monitor_answers_none(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    query = ask(trial).query
    for name, role in (
        ("close_query", Role.COORDINATOR),
        ("close_query", Role.INVESTIGATOR),
        ("answer_query", Role.MONITOR),
        ("answer_query", Role.SPONSOR),
    ):
        with pytest.raises(Refusal, match="OPR-003"):
            trial.do(name, role, query=query, text="mine")


def test_a_query_of_another_site_is_like_none(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    query = ask(trial).query
    second_site(trial)
    told = []
    for number in (query, query + 1):
        with pytest.raises(Refusal, match="QRY-001") as caught:
            trial.do("answer_query", Role.INVESTIGATOR, by="other_investigator", query=number, text="mine")
        told.append(caught.value.problem.replace(str(number), "N"))
    assert told[0] == told[1]
    assert trial.do("list_queries", Role.INVESTIGATOR, by="other_investigator").queries == ()


def test_queries_are_listed_by_status_site_and_participant_page_by_page(trial: Trial) -> None:
    for code in ("P-1", "P-2"):
        put_consented(trial, code)
        save(trial, participant=code)
        ask(trial, participant=code)
        ask(trial, "Another question", participant=code)
    numbers = list(Query.objects.order_by("pk").values_list("pk", flat=True))
    trial.do("close_query", Role.MONITOR, query=numbers[0], text="seen")

    def listed(**more: Any) -> list[int]:
        return [one.query for one in trial.do("list_queries", Role.SPONSOR, **more).queries]

    assert listed() == numbers
    assert listed(status="open") == numbers[1:]
    assert listed(participant="P-2", site=SITE) == numbers[2:]
    first = trial.do("list_queries", Role.SPONSOR, limit=3)
    assert first.next == numbers[2]
    last = trial.do("list_queries", Role.SPONSOR, limit=3, after=first.next)
    assert ([one.query for one in last.queries], last.next) == (numbers[3:], None)


@pytest.mark.requirement(12)
def test_the_whole_form_is_verified_and_a_change_undoes_it_for_what_changed(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    verify(trial)
    assert shown(trial).verified
    save(trial, demographics(AGE="55"), revision=1, reason="source")
    after = shown(trial)
    assert not after.verified
    assert {item.key for item in after.items if not item.verified} == {AGE}
    verify(trial, keys=[AGE], revision=2)
    assert shown(trial).verified
    save(trial, demographics(AGE="56"), revision=2, reason="source")
    assert sorted(row.broken_at is None for row in Verification.objects.all()) == [False, True]


def test_what_is_not_there_yet_is_not_verified(trial: Trial) -> None:
    put_consented(trial)
    save(trial, complete=False)
    with pytest.raises(Refusal, match="SDV-001"):
        verify(trial)
    save(trial, demographics(AGE="55"), revision=1, reason="source")
    with pytest.raises(Refusal, match="SDV-002"):
        verify(trial, revision=1)
    with pytest.raises(Refusal, match="QRY-002"):
        verify(trial, revision=2, keys=["IG.DM/DM.NONE"])
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do("verify_source", Role.COORDINATOR, **FORM, revision=2)


@pytest.mark.requirement(12, 15)
def test_a_frozen_record_is_changed_after_unfreezing_with_a_reason(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("freeze_records", Role.MONITOR, **FORM)
    trial.do("freeze_records", Role.MONITOR, **FORM, reason="verified")
    with pytest.raises(Refusal, match="RCD-006"):
        save(trial, demographics(AGE="55"), revision=1, reason="source")
    save(trial, {}, form="F.CM")
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("unfreeze_records", Role.MONITOR, **FORM)
    trial.do("unfreeze_records", Role.MONITOR, **FORM, reason="a value is wrong")
    assert save(trial, demographics(AGE="55"), revision=1, reason="source").revision == 2


def test_a_frozen_participant_takes_no_new_form(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    frozen = trial.do("freeze_records", Role.MONITOR, participant="P-1", reason="done")
    assert (frozen.records, frozen.whole) == (1, True)
    with pytest.raises(Refusal, match="RCD-006"):
        save(trial, {}, form="F.CM")
    with pytest.raises(Refusal, match="SDV-003"):
        trial.do("freeze_records", Role.MONITOR, participant="P-1", reason="done")
    trial.do("unfreeze_records", Role.MONITOR, participant="P-1", reason="more to come")
    assert save(trial, {}, form="F.CM").revision == 1


def test_drafts_and_open_queries_are_not_frozen(trial: Trial) -> None:
    put_consented(trial)
    save(trial, complete=False)
    with pytest.raises(Refusal, match="SDV-004"):
        trial.do("freeze_records", Role.MONITOR, **FORM, reason="done")
    save(trial, revision=1)
    query = ask(trial).query
    with pytest.raises(Refusal, match="SDV-004"):
        trial.do("freeze_records", Role.MONITOR, **FORM, reason="done")
    trial.do("close_query", Role.MONITOR, query=query, text="seen")
    assert trial.do("freeze_records", Role.MONITOR, **FORM, reason="done").records == 1
