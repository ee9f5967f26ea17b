"""A monitor's visit and an investigator's signing, in a real browser, by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Query, Signature, Verification
from tests.operations.recorded import demographics, put_consented, save
from tests.trial import PASSWORD, Trial
from tests.web.live import serving
from tests.web.pages.visitor import Visitor, browsing

pytestmark = pytest.mark.browser


def test_a_monitor_settles_queries_and_verifies_by_keyboard_and_an_investigator_signs(
    trial: Trial, tmp_path: Path
) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    names = Visitor(trial, Role.MONITOR)
    with serving(trial.opened.home, tmp_path / "log") as live:
        with browsing(trial, live.url, Role.MONITOR) as screen:
            page = screen.at(names.study("/queries"))
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.get_by_text("Open the form").wait_for()
            page.keyboard.press("c")
            page.keyboard.type("Seen in the source.")
            page.keyboard.press("Control+Enter")
            page.get_by_text("The query is closed.").wait_for()
            page = screen.at(names.study(f"/verification/{names.ref('P-1')}/F.DEMOGRAPHICS"))
            for key in ("j", " ", "ArrowDown", " ", "Control+Enter"):
                page.keyboard.press(key)
            page.get_by_text("Answers verified: 2.").wait_for()
        with browsing(trial, live.url, Role.INVESTIGATOR, width=390) as screen:
            page = screen.at(names.study("/signatures"))
            page.get_by_role("link", name="Demographics").click()
            page.get_by_label("What the signature means").select_option("approval")
            page.get_by_label("Your username").fill("investigator")
            page.get_by_label("Your password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_text("Signed by Investigator: approval.").wait_for()
    assert Query.objects.get().status == "closed"
    assert Verification.objects.get().keys == ["IG.DM/DM.AGE", "IG.DM/DM.SEX"]
    assert Signature.objects.get().signer == "investigator"
