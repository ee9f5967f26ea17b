"""The page of comparability: files are given sides, the verdict stands with its figures, the report is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from tests.operations.compared import begin_compared
from tests.product.batch_files import BATCH
from tests.web.pages.visitor import Visitor, words_of

NEBULISED = "before and after nebulisation"
PAGE = "/product/comparability"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, list[dict[str, Any]]]]:
    trial, files = begin_compared(tmp_path_factory.mktemp("compared"))
    yield Visitor(trial, Role.PHARMACIST), files
    disconnect()


def form(files: list[dict[str, Any]], **more: str) -> dict[str, str]:
    told = {"step": "comparability", "product": "cord_exosomes", "comparison": NEBULISED, "reference": ""}
    for one in files:
        told |= {f"group-{one['evidence']}": one["group"], f"sample-{one['evidence']}": one["sample"]}
    return told | more


def test_two_sides_are_compared_and_the_report_is_fetched(compared: Any) -> None:
    visitor, files = compared
    page = visitor.study(PAGE)
    assert f'href="{page}"' in visitor.get(visitor.study("/product")).text
    assert BATCH in words_of(visitor.get(page))
    shown = visitor.post(page, form(files))
    assert shown.status_code == 200
    assert shown.text.count("<figure") == 2
    assert "data:image/svg+xml" in shown.text
    assert "equivalent" in words_of(shown)
    assert BATCH not in str(shown.url)
    fetched = visitor.post(page, form(files, file="report.html"))
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert "Two one-sided tests" in fetched.text


def test_stability_is_shown_over_time_and_not_supported_by_one_batch(compared: Any) -> None:
    visitor, _ = compared
    told = {"step": "stability", "product": "cord_exosomes", "attribute": "particle concentration"}
    shown = visitor.post(visitor.study(PAGE), told)
    assert "there are three batches" in words_of(shown)
    assert shown.text.count("<figure") == 1
    assert visitor.post(visitor.study(PAGE), told | {"attribute": "median diameter"}).status_code == 422


def test_what_cannot_be_compared_is_refused_on_the_page(compared: Any) -> None:
    visitor, files = compared
    one_side = [one | {"group": "before"} for one in files]
    refused = visitor.post(visitor.study(PAGE), form(one_side))
    assert (refused.status_code, "CMP-006" in refused.text) == (422, True)
    assert visitor.post(visitor.study(PAGE), form(files, comparison="by eye")).status_code == 422
    assert visitor.post(visitor.study(PAGE), form(files, file="report.exe")).status_code == 422
    assert visitor.post(visitor.study(PAGE), {"step": "other"}).status_code == 200


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OUTCOME_ASSESSOR, Role.MONITOR])
def test_the_page_is_nowhere_for_the_blind(compared: Any, role: Role) -> None:
    visitor, files = compared
    blind = Visitor(visitor.trial, role)
    for answer in (blind.get(blind.study(PAGE)), blind.post(blind.study(PAGE), form(files))):
        assert BATCH not in answer.text
        assert "report.pdf" not in answer.text
