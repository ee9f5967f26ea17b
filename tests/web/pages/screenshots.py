"""Pictures of every page: `make screenshots` writes them to build/screenshots, with a page that shows them all.

    python -m tests.web.pages.screenshots FOLDER

Light, dark, on a tablet, and in Persian from right to left; of the trial that the tests of the pages use.
"""

from __future__ import annotations

import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.conftest import chromium
from tests.web.live import serving
from tests.web.pages.every_page import ROLES, begin_full_trial, find_every_page, signed_in
from tests.web.pages.visitor import key_for

KINDS: dict[str, dict[str, Any]] = {
    "light": {"width": 1280, "scheme": "light", "language": "en"},
    "dark": {"width": 1280, "scheme": "dark", "language": "en"},
    "tablet": {"width": 820, "scheme": "light", "language": "en"},
    "right-to-left": {"width": 1280, "scheme": "light", "language": "fa"},
}


def main(out: Path) -> None:
    """Write the pictures and the page that shows them."""
    out.mkdir(parents=True, exist_ok=True)
    made: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="exotrial-screenshots-") as folder:
        trial = begin_full_trial(Path(folder))
        found = find_every_page(trial)
        keys = {role: key_for(trial, role) if role else "" for role in ROLES}
        with serving(trial.opened.home, Path(folder) / "log") as live, sync_playwright() as browsers:
            browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for kind, how in KINDS.items():
                for role in dict.fromkeys(one.role for one in found.values()):
                    with signed_in(browser, keys[role], language=how["language"]) as context:
                        page = context.new_page()
                        page.emulate_media(color_scheme=how["scheme"])
                        page.set_viewport_size({"width": how["width"], "height": 900})
                        for one in (one for one in found.values() if one.role == role):
                            page.goto(live.url + one.path)
                            if one.press:
                                with page.expect_navigation():
                                    page.locator(one.press).first.click()
                            name = f"{one.page}-{kind}.png"
                            page.screenshot(path=str(out / name), full_page=True)
                            made.setdefault(one.page, []).append(name)
            browser.close()
    shown = "\n".join(
        f"<h2>{escape(page)}</h2>"
        + "".join(f'<a href="{name}"><img src="{name}" width="420" alt="{name}"></a> ' for name in names)
        for page, names in sorted(made.items())
    )
    (out / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>exotrial, every page</title>{shown}", encoding="utf-8"
    )
    sys.stdout.write(f"{sum(map(len, made.values()))} pictures of {len(made)} pages: {out / 'index.html'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
