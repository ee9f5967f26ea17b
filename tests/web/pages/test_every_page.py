"""Every page in a real browser: usable by everybody (axe, WCAG 2.2 AA), at every width, and without an error.

A page that no link leads to fails here, so that a new one cannot be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.web.pages._page import find_pages
from tests.conftest import PROJECT, chromium
from tests.web.live import serving
from tests.web.pages.every_page import (
    NOT_SHOWN,
    ROLES,
    WIDTHS,
    Found,
    begin_full_trial,
    find_every_page,
    signed_in,
)
from tests.web.pages.visitor import key_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every page")]

AXE = (PROJECT / "tests" / "files" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = ("serious", "critical")

_CHECK = """async (only) => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.map((one) => [one.impact, one.id, one.nodes.slice(0, 3).map((n) => n.html.slice(0, 200))]);
}"""
_TOO_WIDE = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


@dataclass
class Look:
    """What was seen of the pages: what is wrong, each with the page's name before it."""

    wrong: list[str] = field(default_factory=list)

    def note(self, page: str, kind: str, problem: object) -> None:
        self.wrong.append(f"{page}: {kind}: {problem}")

    def of(self, *kinds: str) -> list[str]:
        return [one for one in self.wrong if one.split(": ")[1] in kinds]


@dataclass
class Seen:
    found: dict[str, Found]
    look: Look


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """All pages, each looked at once in every way."""
    from playwright.sync_api import sync_playwright

    folder = tmp_path_factory.mktemp("every page")
    trial = begin_full_trial(folder)
    found, look = find_every_page(trial), Look()
    # The browser's loop forbids the database to this thread.
    keys = {role: key_for(trial, role) if role else "" for role in ROLES}
    with serving(trial.opened.home, folder / "log") as live, sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for role in dict.fromkeys(one.role for one in found.values()):
            with signed_in(browser, keys[role]) as context:
                for one in found.values():
                    if one.role == role:
                        look_at(context.new_page(), live.url, one, look)
        with signed_in(browser, keys[Role.COORDINATOR], language="fa") as context:
            for name in ("home", "participants", "participant", "form", "overview"):
                look_from_the_right(context.new_page(), live.url + found[name].path, name, look)
        browser.close()
    yield Seen(found, look)
    disconnect()


def look_at(page: Page, url: str, one: Found, look: Look) -> None:
    """A page in light and dark, at every width, and what its console says."""
    page.on("pageerror", lambda error: look.note(one.page, "script", error))
    page.on(
        "console", lambda told: look.note(one.page, "console", told.text) if told.type == "error" else None
    )
    page.goto(url + one.path)
    if one.press:
        with page.expect_navigation():
            page.locator(one.press).first.click()
    page.evaluate(AXE)
    for kind, only in (("light", RULES), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=kind)  # type: ignore[arg-type]
        for impact, rule, nodes in page.evaluate(_CHECK, only):
            look.note(one.page, kind if impact in GRAVE else "small", f"{rule} {nodes}")
    check_widths(page, one.page, look)
    page.close()


def check_widths(page: Page, name: str, look: Look) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(_TOO_WIDE)
        if over > 0:
            look.note(name, "width", f"{over} px over at {width}")


def look_from_the_right(page: Page, address: str, name: str, look: Look) -> None:
    """A page in Persian: read from the right, and no wider for it."""
    page.goto(address)
    if page.evaluate("() => getComputedStyle(document.body).direction") != "rtl":
        look.note(name, "direction", "not from the right")
    check_widths(page, f"{name} in fa", look)
    page.close()


def test_every_page_is_reached(seen: Seen) -> None:
    assert set(seen.found) | NOT_SHOWN == set(find_pages())
    assert not set(seen.found) & NOT_SHOWN


def test_no_page_shuts_anybody_out(seen: Seen) -> None:
    assert seen.look.of("light", "dark") == []


def test_no_page_is_wider_than_its_window(seen: Seen) -> None:
    assert seen.look.of("width", "direction") == []


def test_no_page_breaks_its_policy_or_its_scripts(seen: Seen) -> None:
    """What the policy forbids (CSP) is told on the console, like every error of a script."""
    assert seen.look.of("script", "console") == []


def test_the_look_can_tell(tmp_path: Path) -> None:
    """The mirror: a page with everything wrong is found out."""
    from playwright.sync_api import sync_playwright

    bad = tmp_path / "bad.html"
    bad.write_text(
        '<!doctype html><html><title>x</title><body><img src="data:,"><p style="color:#eee;width:3000px">pale</p>'
        "<script>throw new Error('broken')</script></body></html>"
    )
    look = Look()
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        look_at(browser.new_page(), "file://", Found("bad", str(bad), None), look)
        browser.close()
    assert all(look.of(kind) for kind in ("light", "dark", "width", "script"))
