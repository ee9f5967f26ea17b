"""Endings and deviations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.participants.disposition import ENDED, NEXT, State
from exotrial.store.models import Deviation, Participant
from exotrial.store.models.audit import Change
from tests.operations.life_steps import enrol, screen
from tests.trial import SITE, Trial


def end(trial: Trial, code: str, kind: str, *, at: datetime | None = None) -> Any:
    return trial.do(
        "end_participation",
        participant=code,
        kind=kind,
        ended_at=(at or trial.now).isoformat(),
        reason="for a test",
    )


@pytest.mark.requirement(33)
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", ["completed", "withdrawn", "lost to follow-up", "died"])
def test_an_end_follows_only_where_the_table_has_it(trial: Trial, state: State, kind: str) -> None:
    code = enrol(trial, level="none")
    Participant.objects.update(status=state.value)
    if State(kind) in NEXT[state]:
        assert end(trial, code, kind).status == kind
    else:
        with pytest.raises(Refusal, match="LIF-001"):
            end(trial, code, kind)
        assert Participant.objects.get().status == state.value


def test_who_has_ended_gets_no_further_but_a_death_is_still_recorded() -> None:
    for state in ENDED:
        assert NEXT[state] <= {State.DIED}
    assert NEXT[State.DIED] == frozenset()
    assert NEXT[State.COMPLETED] == frozenset()


def test_an_end_is_not_in_the_future_nor_before_enrolment(trial: Trial) -> None:
    code = enrol(trial, level="none")
    enrolled = trial.now
    with pytest.raises(Refusal, match="LIF-002"):
        end(trial, code, "died", at=trial.now + timedelta(minutes=1, seconds=1))
    # A death is often known by its day alone, so that the day of enrolment counts and not the minute.
    with pytest.raises(Refusal, match="LIF-030"):
        end(trial, code, "died", at=enrolled - timedelta(days=1))
    assert end(trial, code, "died", at=enrolled - timedelta(hours=1)).status == "died"
    row = Participant.objects.get()
    assert (row.end_reason, row.ended_at) == ("for a test", enrolled - timedelta(hours=1))


def test_an_end_needs_a_reason(trial: Trial) -> None:
    code = enrol(trial, level="none")
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("end_participation", participant=code, kind="died", ended_at=trial.now.isoformat())
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("end_treatment", participant=code)


def test_frozen_data_are_not_ended(trial: Trial) -> None:
    code = enrol(trial, level="none")
    Participant.objects.update(frozen=True)
    with pytest.raises(Refusal, match="LIF-007"):
        end(trial, code, "died")


DEVIATION: dict[str, Any] = {
    "category": "visit missed or out of its window",
    "importance": "minor",
    "text": "day 14 was seen on day 17",
}


def test_a_deviation_is_listed_in_the_order_of_reporting(trial: Trial) -> None:
    code = screen(trial).participant
    day = trial.now.date().isoformat()
    trial.do("report_deviation", participant=code, happened_on=day, **DEVIATION)
    trial.do("report_deviation", Role.MONITOR, site=SITE, happened_on="2021-03-01", **DEVIATION)
    listed = trial.do("list_deviations", Role.AUDITOR).deviations
    assert [(one.number, one.participant, one.site) for one in listed] == [(1, code, SITE), (2, "", SITE)]
    assert len(trial.do("list_deviations", participant=code).deviations) == 1


def test_a_deviation_has_a_place_and_a_day_that_can_be(trial: Trial) -> None:
    code = screen(trial).participant
    today = trial.now.date()
    for more, says in (
        ({"happened_on": today}, "DEV-001"),
        ({"participant": code, "happened_on": today + timedelta(days=1)}, "LIF-002"),
        ({"participant": code, "happened_on": today - timedelta(days=1)}, "DEV-002"),
    ):
        with pytest.raises(Refusal, match=says):
            trial.do("report_deviation", **DEVIATION, **more)
    assert not Deviation.objects.exists()


@pytest.mark.requirement(10)
def test_what_an_unblinded_person_reports_stays_sealed_from_the_blind(trial: Trial) -> None:
    code = screen(trial).participant
    told = DEVIATION | {"text": "the saline kit was thawed twice", "action": "another saline kit"}
    trial.do(
        "report_deviation",
        Role.PHARMACIST,
        participant=code,
        happened_on=trial.now.date().isoformat(),
        **told,
    )
    seen = trial.do("list_deviations", Role.MONITOR).deviations[0]
    assert (seen.text, seen.action) == ("kept sealed until the study is unblinded",) * 2
    assert trial.do("list_deviations", Role.SAFETY_BOARD).deviations[0].text == told["text"]
    assert not Change.objects.filter(new__contains="saline kit").exists()
