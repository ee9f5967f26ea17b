"""Counts are remembered while the trail stands, and not a moment longer."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.operations.access import Role
from exotrial.operations.worklist import Work
from tests.operations.life_steps import enrol, screen
from tests.operations.test_participant_search import LEVEL
from tests.trial import Trial


def statements(trial: Trial, name: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        trial.do(name)
    return len(asked)


def test_a_second_look_costs_less_and_an_act_between_is_seen(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    for name in ("show_progress", "list_work"):
        first = statements(trial, name)
        assert statements(trial, name) < first
    assert trial.do("show_progress").assessed == 1
    screen(trial)
    assert trial.do("show_progress").assessed == 2
    trial.do("save_form", participant=code, form="F.DEMOGRAPHICS", values={"IG.DM": {"DM.AGE": 45}})
    (drafts,) = [one for one in trial.do("list_work").waiting if one.work is Work.DRAFT]
    assert drafts.participants == (code,)


def test_what_one_person_was_told_is_not_told_to_another(trial: Trial) -> None:
    enrol(trial, level=LEVEL)
    trial.do("open_site", Role.SPONSOR, code="rasool", name="Another", zone="Asia/Tehran")
    assert len(trial.do("show_progress", Role.SPONSOR).sites) == 2
    assert len(trial.do("show_progress").sites) == 1
    kinds = {
        role: {one.work for one in trial.do("list_work", role).waiting}
        for role in (Role.MONITOR, Role.SPONSOR)
    }
    assert Work.DRAFT not in kinds[Role.MONITOR] | kinds[Role.SPONSOR]
