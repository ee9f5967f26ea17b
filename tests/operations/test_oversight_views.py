"""The work of monitors and investigators as views: queries, verification, signing; acts and the chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.chain import check_trail
from exotrial.store.models import Act, Participant
from tests.operations.recorded import demographics, put_consented, save, second_site
from tests.trial import PASSWORD, SITE, Trial

FORM = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}
AGE, WEIGHT = "IG.DM/DM.AGE", "IG.DM/DM.WEIGHT"


def proof(username: str = "investigator") -> dict[str, str]:
    return {"username": username, "password": PASSWORD}


def queries_of(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        ask()
    return len(seen)


def test_a_query_waits_with_its_words_and_the_answer_as_it_is_now(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    trial.now += timedelta(days=9)
    trial.do("raise_query", Role.MONITOR, **FORM, key=AGE, text="Is it so?")
    work = trial.do("list_query_work", Role.MONITOR)
    assert [(one.label, one.shown, one.days) for one in work.queries] == [
        ("Weight", "20", 9),
        ("Age at consent", "54", 0),
    ]
    assert work.counts == {"open": 2, "answered": 0, "closed": 0}
    older = trial.do("list_query_work", Role.MONITOR, older_than=9)
    assert [one.key for one in older.queries] == [WEIGHT]
    assert trial.do("list_query_work", Role.MONITOR, older_than=10).queries == ()


def test_a_closed_query_is_no_work_and_pages_follow_each_other(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    for key in (AGE, "IG.DM/DM.SEX"):
        trial.do("raise_query", Role.MONITOR, **FORM, key=key, text="Is it so?")
    first = trial.do("list_query_work", Role.MONITOR, limit=2)
    rest = trial.do("list_query_work", Role.MONITOR, limit=2, after=first.next)
    assert [len(first.queries), len(rest.queries), rest.next] == [2, 1, None]
    trial.do("close_query", Role.MONITOR, query=first.queries[0].query, text="seen")
    assert len(trial.do("list_query_work", Role.MONITOR).queries) == 2
    assert len(trial.do("list_query_work", Role.MONITOR, status="closed").queries) == 1


def test_what_is_verified_left_and_changed_since_is_told(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    (one,) = trial.do("list_verification", Role.MONITOR).participants
    assert [(form.answers, form.verified, form.whole) for form in one.forms] == [(4, 0, False)]
    trial.do("verify_source", Role.MONITOR, **FORM, revision=1)
    work = trial.do("list_verification", Role.MONITOR)
    assert (work.done, work.begun, work.participants[0].forms[0].whole) == (1, 1, True)
    assert trial.do("list_verification", Role.MONITOR, left=True).participants == ()
    save(trial, demographics(AGE="55"), revision=1, reason="misread")
    (form,) = trial.do("list_verification", Role.MONITOR, participant="P-1").participants[0].forms
    assert (form.verified, form.changed, form.whole) == (3, 1, False)
    standing = trial.do("show_verification", Role.MONITOR, **FORM)
    assert standing.changed == (AGE,)
    assert [(row.by, row.revision, row.broken_at) for row in standing.verifications] == [("monitor", 1, None)]
    trial.do("verify_source", Role.MONITOR, **FORM, revision=2, keys=[AGE])
    assert trial.do("show_verification", Role.MONITOR, **FORM).changed == ()


def test_an_empty_form_is_verified_as_empty(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {}, form="F.AE")
    asked = {"participant": "P-1", "form": "F.AE"}
    (one,) = trial.do("list_verification", Role.MONITOR).participants
    assert (one.forms[0].answers, one.forms[0].whole) == (0, False)
    trial.do("verify_source", Role.MONITOR, **asked, revision=1)
    (one,) = trial.do("list_verification", Role.MONITOR).participants
    assert one.forms[0].whole


def test_complete_forms_wait_for_a_signature_and_broken_ones_again(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    work = trial.do("list_to_sign", Role.INVESTIGATOR)
    assert [(one.form, one.broken) for one in work.forms] == [("F.DEMOGRAPHICS", False)]
    assert [one.participant for one in work.casebooks] == ["P-1"]
    trial.do("sign_form", Role.INVESTIGATOR, **FORM, revision=1, meaning="review", **proof())
    trial.do("sign_participant", Role.INVESTIGATOR, participant="P-1", meaning="approval", **proof())
    work = trial.do("list_to_sign", Role.INVESTIGATOR)
    assert (work.forms, work.casebooks) == ((), ())
    save(trial, demographics(AGE="55"), revision=1, reason="misread")
    work = trial.do("list_to_sign", Role.INVESTIGATOR, broken=True)
    assert [(one.form, one.revision, one.broken) for one in work.forms] == [("F.DEMOGRAPHICS", 2, True)]
    assert (work.forms_in_all, work.broken_in_all) == (1, 1)
    assert [one.participant for one in work.casebooks] == ["P-1"]


def test_a_casebook_with_a_draft_or_an_open_query_is_not_ready(trial: Trial) -> None:
    put_consented(trial)
    put_consented(trial, "P-2")
    save(trial, complete=False)
    save(trial, demographics(WEIGHT="20"), participant="P-2")
    work = trial.do("list_to_sign", Role.INVESTIGATOR)
    assert work.casebooks == ()
    assert [(one.participant, one.open_queries) for one in work.forms] == [("P-2", True)]


@pytest.mark.parametrize(
    "name", ["list_query_work", "list_verification", "list_to_sign", "list_events", "list_acts"]
)
def test_another_site_is_not_seen(trial: Trial, name: str) -> None:
    site = second_site(trial)
    put_consented(trial, "Q-1", site=site)
    trial.do(
        "save_form",
        Role.INVESTIGATOR,
        by="other_investigator",
        participant="Q-1",
        form="F.DEMOGRAPHICS",
        values=demographics(WEIGHT="20"),
        complete=True,
    )
    mine = trial.do(name, Role.INVESTIGATOR)
    assert "Q-1" not in str(mine.model_dump())
    if name != "list_acts":
        theirs = trial.do(name, Role.INVESTIGATOR, by="other_investigator")
        assert ("Q-1" in str(theirs.model_dump())) == (name != "list_events")
    with pytest.raises(Refusal, match="OPR-010"):
        trial.do(name, Role.INVESTIGATOR, site=site)


@pytest.mark.parametrize(
    "name", ["list_query_work", "list_verification", "list_to_sign", "list_events", "list_acts"]
)
def test_a_list_costs_the_same_of_one_and_of_six(trial: Trial, name: str) -> None:
    def fill(code: str) -> None:
        put_consented(trial, code)
        save(trial, demographics(WEIGHT="20"), participant=code)
        trial.do("verify_source", Role.MONITOR, **(FORM | {"participant": code}), revision=1)
        save(trial, demographics(WEIGHT="21"), participant=code, revision=1, reason="misread")
        save(trial, {"IG.AE": []}, form="F.AE", participant=code)

    role = Role.INVESTIGATOR if name == "list_to_sign" else Role.MONITOR
    fill("P-1")
    trial.do(name, role)
    one = queries_of(lambda: trial.do(name, role))
    for number in range(2, 7):
        fill(f"P-{number}")
    assert queries_of(lambda: trial.do(name, role)) == one
    assert Participant.objects.count() == 6


def test_acts_are_told_newest_first_with_what_they_changed(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    save(trial, demographics(AGE="55"), revision=1, reason="misread")
    listed = trial.do("list_acts", Role.AUDITOR, participant="P-1")
    assert [one.operation for one in listed.acts] == ["save_form", "save_form"]
    assert listed.acts[0].reason == "misread"
    changed = {one.field: (one.old, one.new) for one in listed.acts[0].changes}
    assert changed[AGE] == ("54", "55")
    assert {one.form for one in listed.acts[0].changes if one.table == "record"} == {"F.DEMOGRAPHICS"}
    of_field = trial.do("list_acts", Role.AUDITOR, field=WEIGHT)
    assert [one.seq for one in of_field.acts] == [listed.acts[1].seq]
    assert "save_form" in listed.operations
    assert "list_participants" not in listed.operations


def test_refused_attempts_and_pages_and_days(trial: Trial) -> None:
    put_consented(trial)
    with pytest.raises(Refusal):
        trial.do("lock_study", Role.SPONSOR)
    (refused,) = trial.do("list_acts", Role.AUDITOR, outcome="refused", operation="lock_study").acts
    assert (refused.who, refused.code) == ("sponsor", "OPR-007")
    first = trial.do("list_acts", Role.AUDITOR, limit=2)
    rest = trial.do("list_acts", Role.AUDITOR, limit=200, before=first.next)
    assert len(first.acts) + len(rest.acts) == Act.objects.filter(chain__name=trial.study).count()
    tomorrow = (trial.now + timedelta(days=1)).date()
    assert trial.do("list_acts", Role.AUDITOR, since=tomorrow).acts == ()
    assert trial.do("list_acts", Role.AUDITOR, until=trial.now.date(), who="sponsor").acts


def test_an_administrator_sees_no_value_of_the_trail(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    listed = trial.do("list_acts", Role.ADMINISTRATOR)
    assert listed.values_withheld
    told = [change for one in listed.acts for change in one.changes]
    assert told
    assert all((change.old, change.new) == (None, None) for change in told)
    assert all(one.reason == "" for one in listed.acts)


def test_an_anchor_of_before_holds_until_the_trail_is_rewritten(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    kept = trial.do("show_chain", Role.AUDITOR).anchor
    save(trial, demographics(AGE="55"), revision=1, reason="misread")
    shown = trial.do("show_chain", Role.AUDITOR, anchor=kept)
    assert (shown.holds, shown.says) == (True, ())
    assert shown.acts == Act.objects.filter(chain__name=trial.study).count()
    altered = kept.split(" ")
    altered[2] = str(int(altered[2]) + 1)
    assert trial.do("show_chain", Role.AUDITOR, anchor=" ".join(altered)).holds is False
    with pytest.raises(Refusal, match="AUD-001"):
        trial.do("show_chain", Role.AUDITOR, anchor="something")
    altered[1] = "another"
    with pytest.raises(Refusal, match="CHN-001"):
        trial.do("show_chain", Role.AUDITOR, anchor=" ".join(altered))


def test_the_whole_chain_is_checked_for_who_may_and_tells_kinds_alone(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_consented(trial)
    opened, auditor = trial.opened, trial.caller("auditor")
    found = check_trail(opened, auditor, study=trial.study, role="auditor")
    assert set(found.problems) == {"data"}  # the participant that the test put there by hand
    assert not found.holds
    with pytest.raises(Refusal, match="CHN-003"):
        check_trail(opened, trial.caller("monitor"), study=trial.study, role="monitor")
    monkeypatch.setattr("exotrial.operations.chain.MOST_ACTS", 1)
    with pytest.raises(Refusal, match="CHN-002"):
        check_trail(opened, auditor, study=trial.study, role="auditor")
    assert SITE in str(trial.do("list_acts", Role.AUDITOR).model_dump())
