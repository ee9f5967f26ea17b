"""The sections of this folder are made twice alike, and their tables have shares of width that make a whole."""

from __future__ import annotations

import pytest

from exotrial.report.build import read_report_input
from exotrial.report.document import SectionBuilder
from exotrial.report.sections import consort, findings, measures, recheck, registered, sources
from tests.conftest import PROJECT
from tests.report.sections.given import STUDIES, given_of, tables_of

SECTIONS = tuple(module.SECTION for module in (recheck, registered, findings, consort, measures, sources))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_same_input_makes_the_same_section(section: SectionBuilder) -> None:
    again = read_report_input(PROJECT / "studies" / "mexcovid")
    assert section.build(again) == section.build(given_of("mexcovid"))


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_widths_of_a_table_make_a_whole(section: SectionBuilder, study: str) -> None:
    built = section.build(given_of(study))
    assert built is not None
    for table in tables_of(built[0]).values():
        assert sum(column.width or 0 for column in table.columns) == pytest.approx(1)
