"""The log of adverse events, and by when a serious one is reported (ICH E2A III.B)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from exotrial.operations._reporting import derive_reporting
from exotrial.operations.access import Role
from tests.operations.recorded import event, put_consented, save
from tests.trial import Trial

DAY = date(2021, 3, 10)


@pytest.mark.parametrize(
    ("grade", "relation", "days"),
    [
        ("5", "POSSIBLE", 7),
        ("4", "DEFINITE", 7),
        ("3", "POSSIBLE", 15),
        ("1", "PROBABLE", 15),
        ("3", "", 15),
        ("", "", 7),
        ("5", "NOT", None),
    ],
)
def test_the_days_are_those_of_ich_e2a(grade: str, relation: str, days: int | None) -> None:
    """ICH E2A III.B.1: 7 calendar days if fatal or life-threatening; III.B.2: 15 otherwise; III.A.1: reactions."""
    found = derive_reporting(grade=grade, relation=relation, known_on=DAY)
    assert found.days == days
    assert found.due == (None if days is None else DAY + timedelta(days=days))
    assert "ICH E2A" in found.why


def test_no_day_is_made_up_where_the_sponsor_s_knowledge_is_not_dated() -> None:
    assert derive_reporting(grade="4", relation="", known_on=None).due is None


def serious(row: str, **more: Any) -> dict[str, Any]:
    return event(row, "Bronchospasm", **({"AE.SER": "Y", "AE.TOXGR": "4", "AE.REL": "POSSIBLE"} | more))


def test_serious_events_and_those_not_said_come_first_and_others_apart(trial: Trial) -> None:
    put_consented(trial)
    put_consented(trial, "P-2")
    save(trial, {"IG.AE": [event("1"), serious("2")]}, form="F.AE")
    not_said = event("1", "Cough", **{"AE.SER": {"missing": "unknown"}})
    save(trial, {"IG.AE": [not_said]}, form="F.AE", participant="P-2")
    first = trial.do("list_events", Role.SAFETY_BOARD, serious=True).events
    assert [(one.participant, one.term, one.serious) for one in first] == [
        ("P-1", "Bronchospasm", "Y"),
        ("P-2", "Cough", ""),
    ]
    others = trial.do("list_events", Role.INVESTIGATOR, serious=False).events
    assert [(one.participant, one.term, one.grade_shown) for one in others] == [("P-1", "Fever", "1 mild")]
    assert len(trial.do("list_events", Role.INVESTIGATOR).events) == 3
    assert {one.participant for one in trial.do("list_events", participant="P-2").events} == {"P-2"}


def test_a_draft_without_the_answer_counts_as_perhaps_serious(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [{"row": "1", "AE.TERM": "Chest pain"}]}, form="F.AE", complete=False)
    (one,) = trial.do("list_events", serious=True).events
    assert (one.serious, one.began, one.days, one.report_by, one.report_days) == ("", "", None, None, 7)


def test_the_days_count_from_when_the_event_was_first_recorded_as_serious(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("1", **{"AE.REL": "POSSIBLE"})]}, form="F.AE")
    trial.now += timedelta(days=3)
    save(trial, {"IG.AE": [serious("1")]}, form="F.AE", revision=1, reason="worse")
    known = trial.now
    trial.now += timedelta(days=8)
    save(
        trial, {"IG.AE": [serious("1", **{"AE.END": "2021-03-12"})]}, form="F.AE", revision=2, reason="ended"
    )
    (one,) = trial.do("list_events", serious=True).events
    assert one.recorded_serious_at == known
    assert one.report_by == date(2021, 3, 20)  # recorded on 13 March in Tehran, and 7 days
    assert one.report_left == -1
    assert one.ended == "2021-03-12"


def test_a_struck_serious_event_stays_in_the_log_with_its_reason(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [serious("1")]}, form="F.AE")
    struck = serious("1") | {"STRUCK": "another participant's"}
    save(trial, {"IG.AE": [struck]}, form="F.AE", revision=1, reason="wrong form")
    (one,) = trial.do("list_events", serious=True).events
    assert (one.struck, one.report_by, one.report_days) == ("another participant's", None, None)
