"""In a real Chromium: a randomisation whole, a pharmacist's day, an emergency at night; one trial, in this order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Allocation, Participant, Unblinding
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import definition, eligible_answers
from tests.trial import PASSWORD, Trial, begin_trial
from tests.web.live import serving
from tests.web.pages.visitor import browsing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("steps in a browser")]

ARM = re.compile(r"Intervention group|Control group|\bexosomes\b|\bcontrol\b")


@dataclass
class Served:
    trial: Trial
    url: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The trial with a sealed list, behind a running server."""
    folder = tmp_path_factory.mktemp("served")
    trial = begin_trial(folder, "sqlite")
    seal(trial)
    with serving(trial.opened.home, folder / "log") as live:
        yield Served(trial, live.url)
    disconnect()


def test_a_participant_is_screened_enrolled_and_randomised(served: Served) -> None:
    trial = served.trial
    answers = eligible_answers(definition(trial))
    with browsing(trial, served.url, Role.COORDINATOR) as screen:
        page = screen.at(f"/study/{trial.study}/screen")
        page.get_by_label("Year, or year and month, of birth").fill(str(datetime.now(UTC).year - 45))
        page.get_by_label("Name").fill("مینا راد")
        for item, value in answers.items():
            name = f"answer:{item}"
            if isinstance(value, bool):
                page.check(f'input[name="{name}"][value="{"yes" if value else "no"}"]')
            elif isinstance(value, str):
                page.select_option(f'select[name="{name}"]', value)
            else:
                page.fill(f'input[name="{name}"]', str(value))
        page.fill('input[name="answer:age"]', "66")
        page.press('input[name="answer:age"]', "Tab")
        page.get_by_text("not met: age = 66").wait_for()
        page.get_by_text("By these answers: not eligible yet.").wait_for()
        page.fill('input[name="answer:age"]', "45")
        page.press('input[name="answer:age"]', "Tab")
        page.get_by_text("By these answers: eligible.").wait_for()
        page.get_by_role("button", name="Keep the answers and the verdict").click()
        page.get_by_role("heading", name="Eligible").wait_for()
        page.get_by_role("link", name="Record the consent").click()
        form = page.locator("form", has=page.locator('input[value="record"]'))
        for name in ("version", "language"):
            field = form.locator(f'[name="{name}"]')
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(index=1)
            else:
                field.fill("1.0")
        form.locator('[name="signed_at"]').fill("2021-03-10T12:00")
        form.get_by_role("button", name="Record consent").click()
        page.get_by_text("The consent is recorded.").wait_for()
        base = page.url
        page.goto(f"{base}/enrol")
        page.locator("select[name=stratum_level]").select_option("none")
        page.get_by_role("button", name="Enrol").click()
        page.get_by_role("button", name="Randomise now").click()
        page.get_by_role("heading", name="Receipt of randomisation").wait_for()
        receipt = page.inner_text("dl.receipt")
        page.go_back()
        page.reload()
        page.get_by_role("link", name="Show the receipt").wait_for()  # not the button: it is done
    assert Allocation.objects.get().kit in receipt
    assert not ARM.search(receipt.partition("Participant")[2])


def test_a_pharmacist_releases_packs_and_hands_over(served: Served) -> None:
    trial, kit, code = served.trial, Allocation.objects.get().kit, Participant.objects.get().code
    with browsing(trial, served.url, Role.PHARMACIST) as screen:
        page = screen.at(f"/study/{trial.study}/product")
        form = page.locator("form", has=page.locator('input[value="register"]'))
        form.get_by_label("Code on the label").fill("EV-7")
        form.get_by_label("Last day on which it may be given").fill("2031-06-30")
        form.get_by_role("button", name="Register").click()
        page.get_by_text("The batch is registered").wait_for()
        page.get_by_role("link", name="Packing list").click()
        arm = page.locator("tr", has_text=kit).locator("td").nth(1).inner_text()
        page.go_back()
        page.locator("summary", has_text="Pack a kit").click()
        form = page.locator("form", has=page.locator('input[value="pack"]'))
        form.get_by_label("Kit number").fill(kit)
        form.get_by_label("Arm").select_option(label=arm)
        form.get_by_label("Batch").select_option("EV-7")
        form.get_by_role("button", name="Pack it").click()
        page.get_by_text("The kit is packed.").wait_for()
        page.get_by_label("Participant's code").fill(code)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Assign the kit").click()
        page.get_by_text("KIT-013").wait_for()  # still in quarantine
        page.goto(f"{served.url}/study/{trial.study}/product")
        page.locator("summary", has_text="Release a batch").click()
        form = page.locator("form", has=page.locator('input[value="release"]'))
        form.get_by_label("Batch").select_option("EV-7")
        form.get_by_label("Why, by whom").fill("certificate 7")
        form.get_by_role("button", name="Release a batch").click()
        page.get_by_text("The batch is released.").wait_for()
        page.get_by_label("Participant's code").fill(code)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Assign the kit").click()
        page.get_by_text("The kit is assigned.").wait_for()


def test_the_arm_is_known_at_night_in_two_clicks_and_shown_once(served: Served) -> None:
    trial, code = served.trial, Participant.objects.get().code
    with browsing(trial, served.url, Role.CARE_PROVIDER, width=390) as screen:
        page = screen.at(f"/study/{trial.study}/randomisation")
        page.get_by_role("link", name="Emergency unblinding").click()
        page.get_by_role("heading", name="Emergency unblinding").wait_for()
        page.keyboard.type(code.lower())  # the field has the focus
        page.keyboard.press("Enter")
        page.get_by_label("Why care depends on the arm").fill("seizure")
        page.get_by_label("Your username").fill(trial.people[Role.CARE_PROVIDER])
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Show the arm").click()
        page.get_by_role("heading", name=f"{code} received").wait_for()
        assert ARM.search(page.inner_text(".arm-shown .arm"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.reload()
        page.get_by_text("STP-002").wait_for()
        assert not ARM.search(page.inner_text("main"))
    assert Unblinding.objects.count() == 1
