"""How a study goes: counts of those in reach, one column while arms are blinded, at a flat cost."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.operations.access import Role
from exotrial.operations.worklist import Work
from exotrial.store.models import Site, Study
from tests.operations.life_steps import enrol, screen
from tests.operations.test_participant_search import LEVEL, crowd
from tests.trial import Trial


def test_everybody_is_counted_once_and_where_they_stand(trial: Trial) -> None:
    enrol(trial, level=LEVEL)
    screen(trial)
    screen(trial, answers={"age": 10})
    trial.now += timedelta(days=1)
    enrol(trial, level=LEVEL)
    flow = trial.do("show_progress")
    assert (flow.assessed, flow.excluded, flow.undecided, flow.entered) == (4, 1, 1, 0)
    assert [(one.criterion, one.count) for one in flow.reasons] == [
        ("Age from 18 to 65 years, men and women.", 1)
    ]
    assert [(one.screened, one.enrolled) for one in flow.days] == [(3, 1), (1, 1)]
    assert (flow.planned, flow.blinded) == (72, True)
    (group,) = flow.groups
    assert (group.name, group.allocated) == ("", 0)
    (site,) = flow.sites
    assert (site.screened, site.enrolled, site.randomised) == (4, 2, 0)


def test_queries_are_counted_by_age_at_each_boundary(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    asked = {"participant": code, "form": "F.DEMOGRAPHICS"}
    trial.do("save_form", values={"IG.DM": {"DM.AGE": 45}}, **asked)
    trial.do("raise_query", Role.MONITOR, key="IG.DM/DM.AGE", text="In years?", **asked)
    raised = trial.now
    ages = []
    for days in (0, 7, 30):
        # Each view is asked a minute later: to the day, and then past it.
        trial.now = raised + timedelta(days=days, minutes=-1)
        ages.append(trial.do("show_progress").query_ages)
        ages.append(trial.do("show_progress").query_ages)
    assert ages[2:4] == [(1, 0, 0), (0, 1, 0)]
    assert ages[4:6] == [(0, 1, 0), (0, 0, 1)]
    (visit,) = trial.do("show_progress").forms
    assert (visit.encounter, visit.draft, visit.complete) == ("", 1, 0)


def test_who_has_rights_at_one_site_counts_nobody_of_another(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="rasool", name="Another", zone="Asia/Tehran")
    Site.objects.filter(code="rasool").update(version=1)
    crowd(trial, 3, site="rasool")
    assert trial.do("show_progress").assessed == 0
    assert [site.code for site in trial.do("show_progress").sites] == ["imam_khomeini"]
    assert trial.do("show_progress", Role.SPONSOR).assessed == 3


def test_it_costs_the_same_among_ten_and_four_hundred(trial: Trial) -> None:
    costs = []
    for more, begin in ((10, 0), (400, 10)):
        crowd(trial, more, begin=begin)
        with CaptureQueriesContext(connection) as asked:
            trial.do("show_progress")
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 30


def test_a_study_archived_without_unblinding_still_tells_one_column(trial: Trial) -> None:
    enrol(trial, level=LEVEL)
    archived = Study.Status.ARCHIVED
    Study.objects.update(status=archived)
    flow = trial.do("show_progress")
    assert (flow.blinded, [group.name for group in flow.groups]) == (True, [""])
    # Only a study that is open takes the act that moves its trail on.
    Study.objects.update(status=Study.Status.RUNNING)
    crowd(trial, 0)
    Study.objects.update(status=archived, unblinded_at=trial.now)
    flow = trial.do("show_progress")
    assert flow.blinded is False
    assert len(flow.groups) > 1
    assert all(group.name for group in flow.groups)


def test_events_are_counted_but_for_those_struck_out(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    told = {"AE.TERM": "fever", "AE.START": "2021-03-10", "AE.TOXGR": "2", "AE.REL": "NOT"}
    rows = [
        {"row": "1", **told, "AE.SER": "Y"},
        {"row": "2", **told, "AE.SER": "Y", "AE.END": "2021-03-10"},
        {"row": "3", **told, "AE.SER": "N"},
        {"row": "4", **told, "AE.SER": "Y", "STRUCK": "entered twice"},
    ]
    trial.do("save_form", participant=code, form="F.AE", values={"IG.AE": rows})
    counted = trial.do("show_progress").events
    assert (counted.events, counted.serious, counted.serious_open) == (3, 2, 1)
    waiting = {one.work: one for one in trial.do("list_work").waiting}
    assert waiting[Work.SERIOUS].participants == (code,)
