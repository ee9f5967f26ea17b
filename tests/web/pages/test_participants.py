"""The list of participants and a participant's page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from exotrial.operations.access import Role
from exotrial.operations.timeline import Entry, Kind, ShownTimeline
from exotrial.web.pages._track import LEFT, draw_track
from tests.operations.life_steps import enrol
from tests.operations.test_participant_search import LEVEL, crowd
from tests.trial import Trial
from tests.web.pages.visitor import Visitor, words_of


def test_a_list_is_searched_without_a_code_in_the_address(trial: Trial) -> None:
    crowd(trial, 60)
    visitor = Visitor(trial, Role.COORDINATOR)
    listed = visitor.get(visitor.study("/participants"))
    assert "60 participants" in words_of(listed)
    assert "Page 1 of 2" in words_of(listed)
    answer = visitor.post(visitor.study("/participants"), {"search": "C-0000", "status": "enrolled"})
    assert answer.headers["location"] == visitor.study("/participants?status=enrolled")
    found = visitor.get(answer.headers["location"])
    assert "5 participants" in words_of(found)
    assert 'value="C-0000"' in found.text
    assert "C-0000" not in str(found.url)


def test_nobody_and_nothing_found_say_what_to_do(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    assert "Nobody is screened yet." in words_of(visitor.get(visitor.study("/participants")))
    visitor.post(visitor.study("/participants"), {"search": "x"})
    assert "No participant fits." in words_of(visitor.get(visitor.study("/participants")))


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_an_odd_page_number_is_the_first_page(trial: Trial, page: str) -> None:
    crowd(trial, 3)
    visitor = Visitor(trial, Role.COORDINATOR)
    assert "3 participants" in words_of(visitor.get(visitor.study("/participants"), page=page))


def test_a_participants_page_shows_state_visits_and_steps(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    visitor = Visitor(trial, Role.COORDINATOR)
    shown = visitor.get(visitor.study(f"/p/{visitor.ref(code)}"))
    words = words_of(shown)
    assert code in words
    assert "Missing for the next step: randomisation." in words
    assert "Measurements complete" not in words
    assert "No visit has a date" in words
    assert code not in str(shown.url)
    only = words_of(visitor.get(visitor.study(f"/p/{visitor.ref(code)}"), show="dose"))
    assert "Nothing of this kind is recorded." in only


@pytest.mark.parametrize("ref", ["IMAM_KHOMEINI-0001", "x", "A" * 80, "ü"])
def test_a_reference_that_is_none_opens_nothing(trial: Trial, ref: str) -> None:
    enrol(trial, level=LEVEL)
    answer = Visitor(trial, Role.COORDINATOR).get(f"/study/{trial.study}/p/{ref}")
    assert answer.status_code == 404
    assert "PAG-001" in answer.text


def test_a_person_of_another_site_learns_nothing_of_a_participant(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    trial.do("open_site", Role.SPONSOR, code="rasool", name="Another", zone="Asia/Tehran")
    trial.people[Role.COORDINATOR] = trial.add_person("stranger", Role.COORDINATOR, "rasool")
    visitor = Visitor(trial, Role.COORDINATOR)
    there = visitor.get(visitor.study(f"/p/{visitor.ref(code)}"))
    none = visitor.get(visitor.study(f"/p/{visitor.ref('IMAM_KHOMEINI-9999')}"))
    assert (there.status_code, none.status_code) == (404, 404)
    assert words_of(there) == words_of(none)


def line(*entries: Entry, origin: date | None = date(2021, 3, 10), day_of_origin: int = 1) -> ShownTimeline:
    return ShownTimeline(
        participant="P",
        zone="UTC",
        today=date(2021, 3, 12),
        time_origin="first dose",
        origin=origin,
        day_of_origin=day_of_origin,
        visits=(),
        entries=entries,
    )


def test_days_are_drawn_from_the_origin_and_there_is_no_day_0() -> None:
    visit = Entry(
        kind=Kind.VISIT, day=date(2021, 3, 8), until=date(2021, 3, 20), what="Day 3", state="not due"
    )
    drawn = draw_track(line(visit))
    assert drawn is not None
    assert drawn.ticks[0][0] == LEFT
    assert [words for _, words in drawn.ticks][:3] == ["day -2", "day 1", "day 3"]
    assert drawn.today is not None
    assert drawn.marks[0].state == "not-due"
    numbered = draw_track(line(visit, day_of_origin=0))
    assert numbered is not None
    assert [words for _, words in numbered.ticks][:3] == ["day -2", "day 0", "day 2"]
    assert draw_track(line(visit, origin=None)) is None


def test_years_are_drawn_with_few_ticks() -> None:
    late = Entry(kind=Kind.EVENT, day=date(2021, 3, 10) + timedelta(days=9000), what="late")
    drawn = draw_track(line(late))
    assert drawn is not None
    assert len(drawn.ticks) <= 11
