"""The chapter of the product in the reports of the three studies."""

from __future__ import annotations

import pytest

from exotrial.report.document import Bullets, Paragraph
from exotrial.report.sections.product import SECTION
from tests.report.sections.given import STUDIES, build_section, given_of, tables_of


def test_the_steps_of_the_cord_protocol_are_printed_with_their_parameters() -> None:
    section, _ = build_section(SECTION, given_of("chictr2000030261"))
    steps = tables_of(section)["process_cord_exosomes"].rows
    assert len(steps) == len(given_of("chictr2000030261").study.products[0].process)
    fast = next(row for row in steps if row[1] == "Spin at high speed")
    assert fast[3] == "100000 × g; 1 h; 3 times"


def test_what_is_left_out_is_listed_by_field() -> None:
    section, _ = build_section(SECTION, given_of("irct20201202049568n3"))
    said = [item for block in section.blocks if isinstance(block, Bullets) for item in block.items]
    assert "products.cord_exosomes.passage: MISEV2023 4" in said


def test_a_product_without_steps_says_so_in_words() -> None:
    section, _ = build_section(SECTION, given_of("mexcovid"))
    said = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    assert "No step of making the product is told." in said
    assert not [name for name in tables_of(section) if name.startswith("process_")]


@pytest.mark.parametrize("study", STUDIES)
def test_each_list_is_a_table_or_one_sentence(study: str) -> None:
    section, _ = build_section(SECTION, given_of(study))
    names = " ".join(tables_of(section)) + " ".join(
        block.text for block in section.blocks if isinstance(block, Paragraph)
    )
    assert all(name in names for name in ("ev_metric_", "isct_2006_", "misev2023_", "MIFlowCyt-EV"))


def test_a_study_without_a_product_has_no_chapter() -> None:
    given = given_of("mexcovid")
    bare = given.study.model_copy(update={"products": ()})
    assert SECTION.build(type(given)(**{**vars(given), "study": bare})) is None
