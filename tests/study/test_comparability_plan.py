"""The plan of a comparison in the study file: margins on both sides of one, and a marker where one is meant."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusals
from exotrial.study.file import parse_study
from tests.study.clean import CLEAN

TEXT = CLEAN.read_text(encoding="utf-8")
PLAN = """[[products.comparability]]
attribute = "median diameter"
comparison = "fresh to stored"
margin = [0.8, 1.25]
alpha = 0.05
design = "independent"

"""


def with_plan(old: str = "", new: str = "") -> bytes:
    where = TEXT.index("[randomisation]")
    return (TEXT[:where] + PLAN.replace(old, new, 1) + TEXT[where:]).encode()


def test_a_plan_is_read_as_it_stands() -> None:
    (plan,) = parse_study(with_plan(), name="study.toml").products[0].comparability
    assert (plan.name, plan.margin, plan.alpha, plan.power) == ("median diameter", (0.8, 1.25), 0.05, None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[0.8, 1.25]", "[1.0, 1.25]", "does not lie on both sides of 1"),
        ("[0.8, 1.25]", "[0.8, 1.0]", "does not lie on both sides of 1"),
        ("[0.8, 1.25]", "[0, 1.25]", "does not lie on both sides of 1"),
        ("[0.8, 1.25]", "[0.8]", "STF-00"),
        ("margin = [0.8, 1.25]\n", "", "the key 'margin' is missing"),
        ("alpha = 0.05\n", "", "the key 'alpha' is missing"),
        ("alpha = 0.05", "alpha = 0.5", "STF-007"),
        ("median diameter", "marker signal", "a marker signal names its marker"),
        ('attribute = "median', 'marker = "CD81"\nattribute = "median', "a marker signal names its marker"),
        ("fresh to stored", "old to new", "STF-006"),
        ('design = "independent"', 'design = "independent"\nsamples = 1', "STF-007"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(Refusals) as refused:
        parse_study(with_plan(old, new), name="study.toml")
    assert says in str(refused.value)
    assert "comparability" in str(refused.value)


def test_a_margin_just_on_both_sides_of_one_is_read() -> None:
    (plan,) = (
        parse_study(with_plan("[0.8, 1.25]", "[0.999, 1.001]"), name="study.toml").products[0].comparability
    )
    assert plan.margin == (0.999, 1.001)
