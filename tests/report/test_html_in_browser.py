"""The HTML report in a real browser: it needs no network, breaks nothing and fits every screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from exotrial.report.build import build_report, read_report_input
from exotrial.report.render.html import render_html
from tests.conftest import PROJECT, chromium

pytestmark = pytest.mark.browser

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="module")
def report_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("browser") / "report.html"
    given = read_report_input(PROJECT / "studies" / "chictr2000030261")
    page.write_bytes(render_html(build_report(given)))
    return page


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield browser.new_page()
        browser.close()


def test_the_page_asks_the_network_for_nothing_and_complains_of_nothing(
    page: Page, report_page: Path
) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report_page.as_uri())
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.parametrize("width", [360, 820, 1400])
def test_the_page_never_scrolls_sideways(page: Page, report_page: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(report_page.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_figure_is_drawn_and_described(page: Page, report_page: Path) -> None:
    page.goto(report_page.as_uri())
    images = page.locator("figure img")
    assert images.count() >= 3
    for position in range(images.count()):
        image = images.nth(position)
        assert image.evaluate("image => image.naturalWidth") > 100
        assert len(image.get_attribute("alt") or "") > 20


def test_every_entry_of_the_contents_leads_to_its_section(page: Page, report_page: Path) -> None:
    page.goto(report_page.as_uri())
    for link in page.locator("nav a").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"section[id='{target}']").count() == 1
