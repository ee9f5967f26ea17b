"""A storage time is a claim until data support it; limits of storage are quantities of the attribute they are for."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.product.storage_claim import check_storage
from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from tests.trial import STUDIES

BEFORE = '[products.storage]\ntemperature = "4 degC"\nat_most = "7 d"\n'
LIMIT = 'limits = [{ attribute = "particle concentration", lower = "6e8 particles/mL" }]\n'


def study(added: str = "") -> Study:
    source = (STUDIES / "chictr2000030261" / "study.toml").read_text(encoding="utf-8")
    assert source.count(BEFORE) == 1
    return parse_study(source.replace(BEFORE, BEFORE + added).encode(), name="study.toml")


def rules(found: Study) -> list[str]:
    return [one.rule for one in check_storage(found, found.products[0])]


def test_a_week_at_4_degrees_without_data_is_found_with_what_the_paper_prints() -> None:
    """The ChiCTR pilot, line 430 of the paper: stored up to a week at 4 degrees."""
    found = study()
    first = check_storage(found, found.products[0])[0]
    assert (first.rule, first.quotes[0].line) == ("CMF-021", 430)
    assert "up to 7 d at 4 degC" in first.says
    assert rules(found) == ["CMF-021", "CMF-022"]


def test_data_and_a_limit_leave_no_doubt() -> None:
    assert rules(study("stability_data = true\n")) == ["CMF-022"]
    assert rules(study(LIMIT)) == ["CMF-021"]
    assert rules(study("stability_data = true\n" + LIMIT)) == []
    assert rules(study("stability_data = false\n" + LIMIT)) == ["CMF-021"]


def test_a_limit_is_held_in_the_unit_that_measurements_are_held_in() -> None:
    limits = 'limits = [{ attribute = "median diameter", lower = "0.08 um", upper = "150 nm" }]\n'
    storage = study(limits).products[0].storage
    assert storage is not None
    assert storage.limits[0].numbers == pytest.approx((80.0, 150.0))


@pytest.mark.parametrize(
    "limit",
    [
        'attribute = "particle concentration"',
        'attribute = "particle concentration", lower = "100 nm"',
        'attribute = "median diameter", lower = "6e8 particles/mL"',
        'attribute = "median diameter", lower = "0 nm"',
        'attribute = "median diameter", lower = "100 nm", upper = "100 nm"',
        'attribute = "median diameter", lower = "100"',
        'attribute = "marker signal", lower = "100 nm"',
    ],
)
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    with pytest.raises((Refusal, Refusals)):
        study(f"limits = [{{ {limit} }}]\n")
    assert study('limits = [{ attribute = "median diameter", lower = "100 nm", upper = "101 nm" }]\n')
