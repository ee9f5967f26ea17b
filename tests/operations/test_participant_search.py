"""Finding participants page by page, and one participant's line: on both engines, at a flat number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Participant, Site, Study
from tests.operations.life_steps import enrol, screen
from tests.trial import SITE, Trial

LEVEL = "nasal cannula"


def crowd(trial: Trial, count: int, *, site: str = SITE, begin: int = 0) -> None:
    study = Study.objects.get(slug=trial.study)
    where = Site.objects.get(study=study, code=site)
    Participant.objects.bulk_create(
        Participant(
            study=study,
            site=where,
            code=f"C-{number:05d}",
            status="in screening" if number % 2 else "enrolled",
            version=1,
            screened_at=trial.now,
            enrolled_at=None if number % 2 else trial.now,
        )
        for number in range(begin, begin + count)
    )
    # They came past the trail, and what is remembered holds as long as that stands: an act moves it on.
    trial.do(
        "report_deviation",
        Role.MONITOR,
        site=SITE,
        happened_on=trial.now.date(),
        category="other",
        importance="minor",
        text="A door stood open.",
    )


def codes(found: Any) -> list[str]:
    return [one.participant for one in found.participants]


def test_pages_follow_each_other_and_count_all(trial: Trial) -> None:
    crowd(trial, 7)
    first = trial.do("find_participants", size=3)
    assert (codes(first), first.found, first.pages) == (["C-00000", "C-00001", "C-00002"], 7, 3)
    assert codes(trial.do("find_participants", size=3, page=3)) == ["C-00006"]
    assert codes(trial.do("find_participants", size=3, page=4)) == []
    assert first.by_status["enrolled"] == 4
    assert codes(trial.do("find_participants", size=2, descending=True)) == ["C-00006", "C-00005"]


def test_search_state_and_order_go_together(trial: Trial) -> None:
    crowd(trial, 12)
    assert codes(trial.do("find_participants", search="c-0001")) == ["C-00010", "C-00011"]
    assert codes(trial.do("find_participants", search="0001", status="enrolled")) == ["C-00010"]
    assert codes(trial.do("find_participants", search="%")) == []
    assert codes(trial.do("find_participants", order="enrolled", size=1, page=12)) == ["C-00011"]
    assert trial.do("find_participants", open_queries=True).found == 0


def test_who_has_rights_at_one_site_finds_nobody_of_another(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="rasool", name="Another", zone="Asia/Tehran")
    Site.objects.filter(code="rasool").update(version=1)
    crowd(trial, 3, site="rasool")
    found = trial.do("find_participants")
    assert (found.found, found.sites, sum(found.by_status.values())) == (0, (), 0)
    assert trial.do("find_participants", Role.SPONSOR).found == 3
    with pytest.raises(Refusal, match="OPR-010"):
        trial.do("find_participants", site="rasool")
    with pytest.raises(Refusals, match="OPR-002"):
        trial.do("find_participants", page=0)


def test_a_page_costs_the_same_among_ten_and_a_thousand(trial: Trial) -> None:
    costs = []
    for more, begin in ((10, 0), (990, 10)):
        crowd(trial, more, begin=begin)
        with CaptureQueriesContext(connection) as asked:
            trial.do("find_participants", size=10)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 14


def test_a_line_holds_every_step_newest_first_and_no_arm(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    line = trial.do("show_timeline", participant=code)
    steps = [one.what for one in line.entries if one.kind == "step"]
    assert steps[0] == "Enrolled"
    assert sorted(steps) == ["Consent given", "Enrolled", "Screened"]
    assert line.origin is None
    assert line.time_origin == "not stated"
    told = line.model_dump_json()
    assert "exosomes" not in told
    assert "control" not in told


def test_who_failed_is_on_the_line_as_screened(trial: Trial) -> None:
    code = screen(trial).participant
    (entry,) = trial.do("show_timeline", participant=code).entries
    assert (entry.what, entry.detail) == ("Screened", "eligible")
