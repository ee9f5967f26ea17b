"""Every page that the catalogue finds: its address, its words, its place in the menu, and what it may not import."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import exotrial.web.pages
from exotrial.web.pages._page import Page, find_pages

FOLDER = Path(exotrial.web.pages.__file__).parent
PAGES = find_pages()


@pytest.mark.parametrize("one", PAGES.values(), ids=PAGES)
def test_a_page_says_what_it_is(one: Page) -> None:
    assert (one.function.__doc__ or "").strip()
    assert not one.path.startswith("/")
    assert not one.path.endswith("/")
    assert set(re.findall(r"<(?:\w+:)?(\w+)>", one.path)) <= {
        *("study", "participant", "form", "number", "job", "file", "site", "username", "batch", "material")
    }
    if one.menu is not None:
        assert one.path.startswith("study/<study>")
        assert one.permission is not None or one.menu.order == 10


def test_addresses_and_places_in_the_menu_are_each_taken_once() -> None:
    paths = [re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", one.path) for one in PAGES.values()]
    assert len(set(paths)) == len(paths)
    orders = [one.menu.order for one in PAGES.values() if one.menu is not None]
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_a_page_asks_operations_and_never_the_store(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in named:
            assert not name.startswith(("exotrial.store.models", "django.db")), name
            assert name != "exotrial.operations.arms"
