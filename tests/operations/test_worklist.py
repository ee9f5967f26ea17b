"""What waits for whom: by permission, by site, and gone when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.operations.access import Role
from exotrial.operations.worklist import FIRST, Work
from exotrial.store.home import disconnect
from tests.operations.life_steps import CHICTR, dose, enrol, pack
from tests.operations.recorded import put_consented
from tests.operations.test_participant_search import LEVEL, crowd
from tests.trial import ENGINES, Trial, begin_trial

DEMOGRAPHICS = {"IG.DM": {"DM.AGE": 45}}


def waiting(trial: Trial, role: Role = Role.COORDINATOR) -> dict[Work, Any]:
    return {one.work: one for one in trial.do("list_work", role).waiting}


@pytest.fixture(params=ENGINES)
def pilot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """The pilot whose days count from the first dose, on both engines."""
    yield begin_trial(tmp_path, request.param, study=CHICTR[0], site=CHICTR[1])
    disconnect()


def test_visits_are_due_then_overdue_until_a_form_is_begun(pilot: Trial) -> None:
    code = enrol(pilot, site=CHICTR[1])
    assert not pilot.do("list_work").visits_unknown
    assert Work.DUE not in waiting(pilot)  # the day that the protocol counts from has not come
    pack(pilot, "K1")
    pilot.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(pilot, code, "K1")
    pilot.now += timedelta(days=1)
    assert waiting(pilot)[Work.DUE].participants == (code,)
    pilot.now += timedelta(days=10)
    found = waiting(pilot)
    assert Work.DUE not in found
    late = found[Work.OVERDUE].count
    assert late >= 1
    progress = pilot.do("show_progress")
    assert [site.overdue for site in progress.sites] == [late]
    assert sum(form.expected or 0 for form in progress.forms) >= late
    assert all(form.complete == 0 for form in progress.forms)
    record = next(
        one
        for one in pilot.do("list_records", participant=code).records
        if one.status == "overdue" and one.encounter
    )
    pilot.do("save_form", participant=code, form=record.form, encounter=record.encounter, values={})
    left = waiting(pilot)
    assert left[Work.DRAFT].participants == (code,)
    assert (left[Work.OVERDUE].count if Work.OVERDUE in left else 0) == late - 1
    assert Work.OVERDUE not in waiting(pilot, Role.MONITOR)


def test_a_query_waits_for_the_site_and_then_for_the_monitor(trial: Trial) -> None:
    assert trial.do("list_work").visits_unknown  # this study file does not say from when days count
    assert not trial.do("list_work", Role.MONITOR).visits_unknown
    code = enrol(trial, level=LEVEL)
    asked = {"participant": code, "form": "F.DEMOGRAPHICS"}
    trial.do("save_form", values=DEMOGRAPHICS, **asked)
    query = trial.do("raise_query", Role.MONITOR, key="IG.DM/DM.AGE", text="In years?", **asked).query
    assert waiting(trial)[Work.ANSWER].count == 1
    assert Work.CLOSE not in waiting(trial, Role.MONITOR)
    trial.do("answer_query", query=query, text="yes")
    assert Work.ANSWER not in waiting(trial)
    assert waiting(trial, Role.MONITOR)[Work.CLOSE].participants == (code,)
    trial.do("close_query", Role.MONITOR, query=query, text="thank you")
    assert Work.CLOSE not in waiting(trial, Role.MONITOR)


def test_an_amendment_waits_for_the_site_and_a_batch_for_the_pharmacist(trial: Trial) -> None:
    assert waiting(trial, Role.INVESTIGATOR) == {}
    source = (Path(__file__).parents[2] / "studies" / trial.study / "study.toml").read_text()
    newer = source.replace('version = "1"', 'version = "2"', 1)
    trial.do("load_study_version", Role.SPONSOR, source=newer, reason="an amendment made up for a test")
    assert waiting(trial, Role.INVESTIGATOR)[Work.APPROVE].sites == ("imam_khomeini",)
    trial.do("register_batch", Role.PHARMACIST, code="B9", expires_on="2021-06-30")
    assert waiting(trial, Role.PHARMACIST)[Work.RELEASE].count == 1
    assert Work.RELEASE not in waiting(trial)


def test_the_first_few_are_named_and_all_are_counted_at_a_flat_cost(trial: Trial) -> None:
    costs = []
    for more, begin in ((10, 0), (400, 10)):
        crowd(trial, more, begin=begin)
        with CaptureQueriesContext(connection) as asked:
            waiting(trial)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 24
    for number in range(6):
        put_consented(trial, f"P-{number}")
        trial.do("save_form", participant=f"P-{number}", form="F.DEMOGRAPHICS", values=DEMOGRAPHICS)
    found = waiting(trial)[Work.DRAFT]
    assert (found.count, len(found.participants)) == (6, FIRST)


def test_nobody_waits_for_a_visit_after_the_end_of_participation(pilot: Trial) -> None:
    code = enrol(pilot, site=CHICTR[1])
    pack(pilot, "K1")
    pilot.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(pilot, code, "K1")
    pilot.do(
        "end_participation",
        participant=code,
        kind="lost to follow-up",
        ended_at=pilot.now.isoformat(),
        reason="left the hospital",
    )
    pilot.now += timedelta(days=30)
    assert waiting(pilot) == {}
    listed = pilot.do("list_records", participant=code).records
    later = {
        one.status for one in listed if one.earliest and one.earliest > pilot.now.date() - timedelta(days=30)
    }
    assert later == {"not filled"}
    line = pilot.do("show_timeline", participant=code).entries
    assert not [
        one for one in line if one.kind == "visit" and one.day > pilot.now.date() - timedelta(days=30)
    ]
