"""The start page and the overview of a trial."""

from __future__ import annotations

import json
import re
from html import unescape

from exotrial.operations.access import Role
from tests.operations.life_steps import enrol
from tests.operations.test_participant_search import LEVEL
from tests.trial import Trial
from tests.web.pages.visitor import Visitor, words_of


def test_the_start_page_names_the_trial_and_says_when_nothing_waits(trial: Trial) -> None:
    words = words_of(Visitor(trial, Role.COORDINATOR).get("/"))
    assert "Safety and efficiency of exosomes" in words
    assert "you are coordinator (imam_khomeini)" in words
    assert "the study file does not say from when days count" in words
    assert "Nothing waits for you here." not in words
    assert "Nothing waits for you here." in words_of(Visitor(trial, Role.MONITOR).get("/"))


def test_work_leads_to_where_it_is_done(trial: Trial) -> None:
    code = enrol(trial, level=LEVEL)
    trial.do("save_form", participant=code, form="F.DEMOGRAPHICS", values={"IG.DM": {"DM.AGE": 45}})
    visitor = Visitor(trial, Role.COORDINATOR)
    home = visitor.get("/")
    assert "Forms begun and not complete: 1" in words_of(home)
    address = visitor.study(f"/p/{visitor.ref(code)}")
    assert f'href="{address}"' in home.text
    assert visitor.get(address).status_code == 200


def test_the_overview_draws_who_came_and_keeps_the_numbers_as_a_table(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    assert "The curve begins with the first person." in words_of(visitor.get(visitor.study()))
    enrol(trial, level=LEVEL)
    shown = visitor.get(visitor.study())
    assert "1 screened, 1 enrolled, 0 randomised of 72 planned." in words_of(shown)
    found = re.search(r'data-spec="([^"]+)"', shown.text)
    assert found is not None
    spec = json.loads(unescape(found[1]))
    assert {"day": "2021-03-10", "curve": "enrolled", "n": 1} in spec["data"]["values"]
    assert 'src="data:image/svg+xml;base64,' in shown.text
    assert "Arms are blinded" in words_of(shown)


def test_who_reads_no_data_sees_how_the_trial_stands(trial: Trial) -> None:
    visitor = Visitor(trial, Role.PHARMACIST)
    shown = visitor.get(visitor.study())
    assert shown.status_code == 200
    assert "does not read participants' data" in words_of(shown)
