"""The form page in a real browser: by keyboard alone, two editors, a session that ends, no network, no scripts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Record, Session
from exotrial.web.pages._refs import make_ref
from tests.operations.recorded import demographics, put_consented, save
from tests.trial import PASSWORD, Trial, begin_trial
from tests.web.live import serving
from tests.web.pages.visitor import browsing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("form in a browser")]

Served = tuple[Trial, str]


@pytest.fixture(autouse=True)
def _beside_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright runs a loop in this thread; nothing else runs in it while a test asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One trial behind one server; each test has a participant of its own."""
    folder = tmp_path_factory.mktemp("form")
    trial = begin_trial(folder, "sqlite")
    for number in range(1, 8):
        put_consented(trial, f"P-{number}")
    with serving(trial.opened.home, Path(folder / "log")) as live:
        yield trial, live.url
    disconnect()


def path_of(trial: Trial, code: str, form: str = "F.DEMOGRAPHICS", at: str = "") -> str:
    return f"/study/{trial.study}/p/{make_ref(trial.opened.keys, trial.study, code)}/form/{form}?at={at}&n=1"


def recorded(code: str) -> Any:
    return Record.objects.filter(participant__code=code).first()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_form_is_typed_and_completed_by_keyboard_alone(served: Served) -> None:
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR) as screen:
        page = screen.at(path_of(trial, "P-1"))
        page.wait_for_selector("#keys-button:not([hidden])")
        page.focus("input[type=radio]:checked")
        for keys in ("f", "Enter", "54", "Enter", "160", "Enter", "20", "Enter"):
            page.keyboard.press(keys) if keys in ("f", "Enter") else page.keyboard.type(keys)
        page.wait_for_selector("text=Weight: 20 is below 30 kg")
        assert page.evaluate("document.activeElement.id") == "complete"
        page.keyboard.press("?")
        assert page.is_visible("#keys-dialog")
        page.keyboard.press("Escape")
        page.wait_for_selector("#keys-dialog", state="hidden")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("text=The form is complete.")
        assert (recorded("P-1").status, recorded("P-1").values) == ("complete", demographics(WEIGHT="20"))
        page.goto(url + path_of(trial, "P-1", "F.VISIT.DAY_5", "day_10"))
        page.wait_for_selector("#keys-button:not([hidden])")
        page.fill("input.typed-date", "10 mar 21")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=10 Mar 2021")
        assert page.input_value("input.typed-date") == "2021-03-10"


def test_a_number_that_is_still_being_typed_is_no_answer_yet(served: Served) -> None:
    """What another field's save would take along half-typed would ask for a reason when it is finished."""
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR) as screen:
        page = screen.at(path_of(trial, "P-7"))
        page.wait_for_selector("#keys-button:not([hidden])")
        height, age = 'input[name="v:IG.DM/DM.HEIGHT"]', 'input[name="v:IG.DM/DM.AGE"]'
        page.fill(age, "54")
        page.focus(height)
        page.keyboard.type("16")
        page.dispatch_event(age, "change")
        wait_for(lambda: recorded("P-7") is not None)
        page.wait_for_function("document.getElementById('entry-form').elements.revision.value !== '0'")
        assert recorded("P-7").values == {"IG.DM": {"DM.AGE": "54"}}
        assert page.input_value(height) == "16"
        page.keyboard.type("0")
        page.keyboard.press("Enter")
        wait_for(lambda: recorded("P-7").values == {"IG.DM": {"DM.AGE": "54", "DM.HEIGHT": "160"}})
        assert page.locator(".entry.changed, [data-key].changed").count() == 0


def test_two_editors_see_both_values_and_choose(served: Served) -> None:
    trial, url = served
    save(trial, participant="P-2", complete=False)
    with browsing(trial, url, Role.COORDINATOR) as screen:
        page = screen.at(path_of(trial, "P-2"))
        page.wait_for_selector("#keys-button:not([hidden])")
        theirs = demographics(AGE="55")
        save(
            trial, theirs, Role.INVESTIGATOR, participant="P-2", complete=False, revision=1, reason="misread"
        )
        page.fill("input[name='v:IG.DM/DM.AGE']", "53")
        page.keyboard.press("Enter")
        page.click("#save-sign button")
        page.wait_for_selector("text=investigator saved this form while you had it open")
        page.check("input[name='c:IG.DM/DM.AGE'] >> nth=0")
        page.fill("#reason", "the source says 53")
        page.click("#save")
        page.wait_for_selector(".said")
        assert recorded("P-2").values["IG.DM"]["DM.AGE"] == "53"


def test_a_session_that_ends_while_one_types_loses_nothing(served: Served) -> None:
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR) as screen:
        page = screen.at(path_of(trial, "P-3"))
        page.wait_for_selector("#keys-button:not([hidden])")
        Session.objects.all().update(key_digest="0")
        page.fill("input[name='v:IG.DM/DM.AGE']", "54")
        page.keyboard.press("Enter")
        page.fill("#again-password", "wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#sign-in-dialog [role=alert]:not(:empty)")
        page.fill("#again-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".save-sign.good")
        assert recorded("P-3").values == {"IG.DM": {"DM.AGE": "54"}}


def test_a_network_that_goes_and_comes_back_loses_nothing(served: Served) -> None:
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR) as screen:
        page = screen.at(path_of(trial, "P-4"))
        page.wait_for_selector("#keys-button:not([hidden])")
        page.context.set_offline(True)
        page.fill("input[name='v:IG.DM/DM.AGE']", "54")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Not saved: no network")
        page.click("#complete")  # nothing to go to: the page stays, with what was typed
        assert page.input_value("input[name='v:IG.DM/DM.AGE']") == "54"
        page.context.set_offline(False)
        page.wait_for_selector(".save-sign.good")
        assert recorded("P-4").values == {"IG.DM": {"DM.AGE": "54"}}


def test_without_scripts_the_form_saves_and_asks_for_the_reason(served: Served) -> None:
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR, scripts=False) as screen:
        page = screen.at(path_of(trial, "P-5"))
        page.check("input[value='F']")
        page.fill("input[name='v:IG.DM/DM.AGE']", "54")
        page.keyboard.press("Enter")
        wait_for(lambda: recorded("P-5") is not None)
        page.fill("input[name='v:IG.DM/DM.AGE']", "55")
        page.click("#save")
        assert page.is_visible("text=OPR-012")
        page.fill("#reason", "misread")
        page.click("#save")
        assert page.is_visible(".said")
        assert recorded("P-5").values == {"IG.DM": {"DM.SEX": "F", "DM.AGE": "55"}}


def test_rows_a_changed_answer_and_the_history_with_scripts(served: Served) -> None:
    trial, url = served
    with browsing(trial, url, Role.COORDINATOR, width=390) as screen:
        page = screen.at(path_of(trial, "P-6", "F.AE"))
        page.wait_for_selector("#keys-button:not([hidden])")
        page.fill("input[name$='AE.TERM']", "Fever")
        page.keyboard.press("Enter")
        page.wait_for_selector(".save-sign.good")
        page.click("[data-add]")
        page.keyboard.type("Cough")
        page.keyboard.press("Enter")
        wait_for(lambda: len(recorded("P-6").values["IG.AE"]) == 2)
        page.wait_for_selector(".save-sign.good")
        page.fill("input[name$='AE.TERM'] >> nth=0", "High fever")
        page.keyboard.press("Tab")
        page.wait_for_selector("#reason-field:visible")
        page.fill("#reason", "said later")
        page.keyboard.press("Tab")
        page.wait_for_selector(".save-sign.good")
        assert recorded("P-6").values["IG.AE"][0]["AE.TERM"] == "High fever"
        page.reload()
        page.click("[data-history] >> nth=0")
        page.wait_for_selector("#history-dialog >> text=said later")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
