"""Recording forms: drafts, edit checks, stale edits, rows struck out, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Act, Change, Participant, Query, Record, Study
from tests.operations.life_steps import enrol
from tests.operations.recorded import demographics, event, put_consent, put_consented, save, second_site
from tests.trial import IRCT, SITE, STUDIES, Trial

VISIT: dict[str, Any] = {"form": "F.VISIT.DAY_5", "complete": False}


def crp(day: str = "2021-03-10", value: str = "40") -> dict[str, Any]:
    return {"IG.VISIT": {"SV.DATE": day}, "IG.CRP": {"crp": value}}


def problems(caught: pytest.ExceptionInfo[Refusals]) -> dict[str, str]:
    return {one.place.path: one.problem for one in caught.value.refusals}


@pytest.mark.requirement(1, 2, 3)
def test_a_form_is_saved_and_each_first_entry_is_in_the_trail(trial: Trial) -> None:
    put_consented(trial)
    saved = save(trial)
    assert (saved.revision, saved.status, saved.study_version) == (1, "complete", 1)
    told = Change.objects.filter(table="record", field="values/IG.DM/DM.AGE").get()
    assert (told.old, told.new, told.act.who, told.act.role) == (None, '"54"', "coordinator", "coordinator")


def test_a_form_is_saved_of_who_was_screened_consented_and_enrolled(trial: Trial) -> None:
    code = enrol(trial, level="none")
    assert save(trial, participant=code).revision == 1


def test_a_draft_may_have_gaps_and_a_complete_form_none(trial: Trial) -> None:
    put_consented(trial)
    with pytest.raises(Refusals) as caught:
        save(trial, demographics(AGE=None, SEX=None))
    assert set(problems(caught)) == {"IG.DM/DM.AGE", "IG.DM/DM.SEX"}
    assert save(trial, demographics(AGE=None, SEX=None), complete=False).status == "draft"
    assert not Record.objects.get().values["IG.DM"].get("DM.AGE")


@pytest.mark.requirement(15, 16)
def test_a_change_needs_a_reason_and_keeps_both_values(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="OPR-012"):
        save(trial, demographics(AGE="55"), revision=1)
    save(trial, demographics(AGE="55"), revision=1, reason="misread")
    told = Change.objects.get(field="values/IG.DM/DM.AGE", old='"54"')
    assert (told.new, told.act.reason) == ('"55"', "misread")


@pytest.mark.requirement(1, 15)
def test_leaving_an_answer_out_is_a_change_too(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="OPR-012"):
        save(trial, demographics(HEIGHT=None), revision=1)


def test_two_people_who_save_the_same_form_see_both_values(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    save(trial, demographics(AGE="55", HEIGHT="161"), revision=1, reason="source")
    with pytest.raises(Refusals) as caught:
        save(trial, demographics(AGE="56", WEIGHT="71"), Role.INVESTIGATOR, revision=1, reason="source")
    assert [one.code.code for one in caught.value.refusals] == ["RCD-007", "RCD-008"]
    told = problems(caught)
    assert told["IG.DM/DM.AGE"] == "you have '56' and coordinator saved '55'"
    assert "coordinator saved revision 2" in told["revision"]
    assert "only they changed IG.DM/DM.HEIGHT" in told["revision"]
    assert caught.value.refusals[0].value == "2"
    assert Record.objects.get().values == demographics(AGE="55", HEIGHT="161")
    act = Act.objects.order_by("-pk")[0]
    assert (act.outcome, act.code, act.who) == ("refused", "RCD-007", "investigator")


def test_edits_of_different_answers_are_not_merged_silently(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    save(trial, demographics(AGE="55"), revision=1, reason="source")
    with pytest.raises(Refusals, match="RCD-007") as caught:
        save(trial, demographics(WEIGHT="71"), Role.INVESTIGATOR, revision=1, reason="source")
    assert len(caught.value.refusals) == 1


def test_two_people_who_begin_the_same_form_see_both_values(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusals) as caught:
        save(trial, demographics(AGE="60"), Role.INVESTIGATOR)
    assert problems(caught)["IG.DM/DM.AGE"] == "you have '60' and coordinator saved '54'"


def test_a_save_that_is_sent_twice_is_answered_and_recorded_once(trial: Trial) -> None:
    put_consented(trial)
    first = save(trial)
    again = save(trial)
    assert (first.changed, again.changed, again.revision) == (True, False, 1)
    assert Record.objects.count() == 1


def test_a_revision_of_a_record_that_is_not_there_is_refused(trial: Trial) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match="RCD-009"):
        save(trial, revision=1)


def test_a_complete_form_does_not_become_a_draft(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="RCD-011"):
        save(trial, demographics(AGE="55"), revision=1, reason="why", complete=False)


def test_a_draft_without_a_change_becomes_complete(trial: Trial) -> None:
    put_consented(trial)
    save(trial, complete=False)
    saved = save(trial, revision=1)
    assert (saved.status, saved.revision, saved.changed) == ("complete", 2, True)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"form": "F.NONE"}, "RCD-001"),
        ({"form": "F.VISIT.DAY_5", "encounter": "day_7"}, "RCD-002"),
        ({"form": "F.VISIT.DAY_5"}, "RCD-002"),
        ({"encounter": "day_5"}, "RCD-002"),
        ({"study_version": 2}, "RCD-003"),
        ({"participant": "P-9"}, "OPR-011"),
    ],
)
def test_a_form_that_does_not_belong_there_is_refused(trial: Trial, more: dict[str, Any], code: str) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match=code):
        save(trial, **more)
    assert not Record.objects.exists()


def test_the_form_version_on_the_screen_may_be_named(trial: Trial) -> None:
    put_consented(trial)
    assert save(trial, study_version=1).study_version == 1


@pytest.mark.requirement(33)
def test_nothing_is_recorded_without_consent(trial: Trial) -> None:
    put_consented(trial, consent="")
    with pytest.raises(Refusal, match="RCD-004"):
        save(trial)


def test_after_withdrawal_nothing_new_is_recorded_and_what_is_there_can_be_corrected(trial: Trial) -> None:
    participant = put_consented(trial)
    save(trial)
    put_consent(trial, participant, "withdrawn")
    with pytest.raises(Refusal, match="RCD-004"):
        save(trial, {}, form="F.AE")
    assert save(trial, demographics(AGE="55"), revision=1, reason="source").revision == 2


def test_who_withdraws_from_the_treatment_alone_stays_in_the_follow_up(trial: Trial) -> None:
    code = enrol(trial, level="none")
    trial.do(
        "withdraw_consent",
        participant=code,
        scope="treatment",
        data_use="all",
        withdrawn_at=trial.now.isoformat(),
    )
    assert save(trial, participant=code).revision == 1


def test_a_visit_before_the_end_may_be_keyed_late_and_one_after_it_not(trial: Trial) -> None:
    participant = put_consented(trial)
    # 21:00 UTC on the 9th is half past midnight on the 10th in Tehran (UTC+3:30).
    Participant.objects.filter(pk=participant.pk).update(
        ended_at=trial.now.replace(day=9, hour=21, minute=0), status="completed"
    )
    trial.now = trial.now.replace(day=12)
    with pytest.raises(Refusal, match="RCD-005"):
        save(trial, crp("2021-03-11"), encounter="day_5", **VISIT)
    with pytest.raises(Refusal, match="RCD-005"):
        save(trial, {"IG.CRP": {"crp": "40"}}, encounter="day_5", **VISIT)
    assert save(trial, crp("2021-03-10"), encounter="day_5", **VISIT).revision == 1


@pytest.mark.requirement(55)
def test_a_frozen_record_and_a_locked_study_take_nothing(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    Record.objects.update(frozen=True)
    with pytest.raises(Refusal, match="RCD-006"):
        save(trial, demographics(AGE="55"), revision=1, reason="source")
    Study.objects.update(status=Study.Status.LOCKED)
    with pytest.raises(Refusal, match="OPR-005"):
        save(trial, {}, form="F.CM")


@pytest.mark.requirement(27)
@pytest.mark.parametrize(
    "role",
    [
        role
        for role in Role
        if role not in ("coordinator", "investigator", "care provider", "outcome assessor")
    ],
)
def test_nobody_else_records_a_form_the_sponsor_least(trial: Trial, role: Role) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match=r"OPR-003|OPR-004"):
        save(trial, role=role)


@pytest.mark.requirement(24)
def test_another_site_sees_no_participant(trial: Trial) -> None:
    put_consented(trial)
    second_site(trial)
    with pytest.raises(Refusal, match="OPR-011"):
        trial.do(
            "save_form",
            Role.INVESTIGATOR,
            by="other_investigator",
            participant="P-1",
            form="F.DEMOGRAPHICS",
            values=demographics(),
        )


@pytest.mark.requirement(45)
def test_an_old_record_keeps_its_version_and_a_new_one_is_by_the_sites(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    text = (STUDIES / IRCT / "study.toml").read_text()
    trial.do("load_study_version", Role.SPONSOR, source=text + "\n# amended\n", reason="an amendment")
    assert save(trial, demographics(AGE="55"), revision=1, reason="source").study_version == 1
    assert save(trial, {}, form="F.CM").study_version == 1
    trial.do(
        "activate_site",
        Role.INVESTIGATOR,
        site=SITE,
        version=2,
        approved_on="2021-03-10",
        reference="made up for tests",
    )
    assert save(trial, demographics(AGE="56"), revision=2, reason="source").study_version == 1
    assert save(trial, {}, form="F.AE").study_version == 2
    with pytest.raises(Refusal, match="RCD-003"):
        save(trial, {}, form="F.DISPOSITION", complete=False, study_version=1)


@pytest.mark.requirement(14)
def test_an_edit_check_asks_is_asked_again_and_ends_by_itself(trial: Trial) -> None:
    put_consented(trial)
    saved = save(trial, demographics(WEIGHT="20"))  # plausible from 30 kg (study/forms.py)
    assert [(q.rule, q.key) for q in saved.queries] == [("EDC-001", "IG.DM/DM.WEIGHT")]
    saved = save(trial, demographics(WEIGHT="25"), revision=1, reason="source")
    assert len(saved.queries) == 1
    assert "25" in saved.queries[0].text
    assert save(trial, demographics(WEIGHT="30"), revision=2, reason="source").queries == ()
    query = Query.objects.get()
    assert query.status == "closed"
    assert [said["status"] for said in query.messages] == ["open", "open", "closed"]
    told = Change.objects.filter(field="values/IG.DM/DM.WEIGHT").order_by("pk")
    assert [change.new for change in told] == ['"20"', '"25"', '"30"']


def test_an_answer_that_a_monitor_accepted_is_asked_about_again_only_when_it_changes(trial: Trial) -> None:
    put_consented(trial)
    query = save(trial, demographics(WEIGHT="20")).queries[0].query
    trial.do("close_query", Role.MONITOR, query=query, text="confirmed by the source")
    assert save(trial, demographics(WEIGHT="20", AGE="50"), revision=1, reason="source").queries == ()
    again = save(trial, demographics(WEIGHT="21", AGE="50"), revision=2, reason="source").queries
    assert [one.query != query for one in again] == [True]


@pytest.mark.requirement(16)
def test_a_row_is_struck_out_and_never_left_out(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("1"), event("2", "Rash")]}, form="F.AE")
    with pytest.raises(Refusals, match="RCD-010"):
        save(trial, {"IG.AE": [event("2", "Rash")]}, form="F.AE", revision=1, reason="no event")
    struck = event("1", STRUCK="entered for another participant")
    save(trial, {"IG.AE": [event("2", "Rash"), struck]}, form="F.AE", revision=1)
    shown = trial.do("show_record", participant="P-1", form="F.AE")
    assert {item.key: item.value for item in shown.items if item.struck}["IG.AE/1/AE.TERM"] == "Fever"
    assert Change.objects.get(field="values/IG.AE/1/STRUCK").new == '"entered for another participant"'


def test_a_form_is_repeated_by_its_number(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {}, form="F.UNPLANNED", complete=False)
    save(trial, {}, form="F.UNPLANNED", complete=False, repeat=2)
    assert sorted(Record.objects.values_list("repeat", flat=True)) == [1, 2]


def big(rows: int, grade: str = "1", term: str = "Fever") -> dict[str, Any]:
    """Adverse events of 6 answers a row and one end before the start in each, which asks a query."""
    return {
        "IG.AE": [event(str(n), term, **{"AE.TOXGR": grade, "AE.END": "2021-03-08"}) for n in range(rows)]
    }


@pytest.mark.parametrize("rows", [3, 36])
def test_a_save_takes_at_most_twelve_queries(trial: Trial, rows: int) -> None:
    """Issue 3, section 4; 3 rows are 21 answers and 36 are 252. BEGIN and COMMIT count; signing in does not."""
    put_consented(trial)
    caller = trial.caller("coordinator")
    trial.caller = lambda username: caller  # type: ignore[method-assign]
    save(trial, complete=False)  # what a process reads once has been read
    steps: list[dict[str, Any]] = [
        {"values": big(rows)},
        {"values": big(rows, grade="2"), "revision": 1, "reason": "source"},
        {"values": big(rows, term="mail a@b.org"), "revision": 2, "reason": "source"},
        {"values": big(rows, term="Rash"), "revision": 3, "reason": "source"},
    ]
    for step in steps:
        with CaptureQueriesContext(connection) as captured:
            saved = save(trial, form="F.AE", **step)
        assert saved.changed
        assert len(captured) <= 12, "\n".join(query["sql"][:120] for query in captured)


def test_what_a_save_costs_does_not_grow_with_what_else_is_there(trial: Trial) -> None:
    counts = []
    for number in range(3):
        code = f"P-{number}"
        put_consented(trial, code)
        with CaptureQueriesContext(connection) as captured:
            save(trial, participant=code)
        counts.append(len(captured))
    assert counts[1] == counts[2]
