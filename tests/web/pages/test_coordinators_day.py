"""A coordinator's day in a real Chromium: what waits is found on the start page, done where it leads, and gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Query, Record
from tests.operations.life_steps import CHICTR, dose, enrol, pack
from tests.trial import Trial, begin_trial
from tests.web.live import serving
from tests.web.pages.visitor import browsing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("steps in a browser")]

DEMOGRAPHICS = {"IG.DM": {"DM.SEX": "F", "DM.AGE": 45}}


@pytest.fixture
def pilot(tmp_path: Path) -> Iterator[tuple[Trial, str]]:
    """The pilot, one participant dosed years ago, whose age the monitor asks about."""
    trial = begin_trial(tmp_path, "sqlite", study=CHICTR[0], site=CHICTR[1])
    code = enrol(trial, site=CHICTR[1])
    pack(trial, "K1")
    trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    dose(trial, code, "K1")
    asked = {"participant": code, "form": "F.DEMOGRAPHICS"}
    trial.do("save_form", values=DEMOGRAPHICS, complete=True, **asked)
    trial.do("raise_query", Role.MONITOR, key="IG.DM/DM.AGE", text="45 or 54?", **asked)
    yield trial, code
    disconnect()


def test_what_waits_is_found_done_and_gone(pilot: tuple[Trial, str], tmp_path: Path) -> None:
    trial, code = pilot
    with (
        serving(trial.opened.home, tmp_path / "log") as live,
        browsing(trial, live.url, Role.COORDINATOR) as screen,
    ):
        page = screen.at("/")
        waits = page.locator("main")
        assert "Queries to answer" in waits.inner_text()
        page.get_by_role("link", name="Queries to answer").click()
        page.locator("summary", has_text="45 or 54?").click()
        page.get_by_label("What do you say to it?").fill("45, as in the identity card.")
        page.get_by_role("button", name="Answer", exact=True).click()
        page.locator("summary", has_text="answered").wait_for()

        page.goto(live.url)
        assert "Queries to answer" not in waits.inner_text()
        overdue = page.locator("li", has_text="Visits overdue")
        overdue.get_by_role("link", name=code).click()
        page.locator("tr", has_text="overdue").first.get_by_role("link").first.click()
        page.wait_for_selector("#keys-button:not([hidden])")
        page.fill("input.typed-date", "today")
        page.keyboard.press("Enter")
        page.get_by_text("Saved", exact=True).first.wait_for()
        page.goto(live.url)
        assert "Forms begun and not complete" in waits.inner_text()
    # Asked when the browser is closed: Playwright's loop gives Django another connection.
    assert Query.objects.get(rule="").status == Query.Status.ANSWERED
    assert Record.objects.exclude(encounter="").get().status == Record.Status.DRAFT
