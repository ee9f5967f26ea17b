"""The outcome measures in the report: whatever is installed, and what of it the study uses."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from exotrial.outcomes.measure import Direction, Measure, find_measures
from exotrial.report.sections.measures import SECTION
from tests.report.sections.given import STUDIES, build_section, column_of, given_of, lead_of, tables_of

NEW = Measure(
    paramcd="WALK6",
    param="Six-minute walk",
    unit="m",
    low=0,
    high=1000,
    direction=Direction.HIGHER_IS_BETTER,
    citation="ATS statement. Am J Respir Crit Care Med 2002;166:111-7",
)


@pytest.mark.parametrize("study", STUDIES)
def test_every_installed_measure_is_shown_once(study: str) -> None:
    section, _ = build_section(SECTION, given_of(study))
    shown = column_of(tables_of(section)["measures"], "paramcd")
    assert sorted(str(code) for code in shown) == sorted({*find_measures(), *given_of(study).measures})


@pytest.mark.parametrize("study", STUDIES)
def test_the_sentence_counts_what_the_table_shows(study: str) -> None:
    section, _ = build_section(SECTION, given_of(study))
    used = column_of(tables_of(section)["measures"], "used")
    assert f"{len(used)} outcome measures are installed" in lead_of(section)
    assert f"this study uses {len(used) - used.count('no')} of them" in lead_of(section)


def test_a_measure_of_another_package_is_shown_with_its_definition() -> None:
    given = given_of("mexcovid")
    section, _ = build_section(SECTION, replace(given, measures={**given.measures, NEW.paramcd: NEW}))
    table = tables_of(section)["measures"]
    [row] = [row for row in table.rows if row[0] == "WALK6"]
    assert row[1:4] == ("Six-minute walk", "m", "higher is better")
    assert row[4] == "Plausible from 0 to 1000. ATS statement. Am J Respir Crit Care Med 2002;166:111-7."


def test_a_direction_given_as_its_word_is_shown() -> None:
    worded = replace(NEW, direction=cast(Direction, "higher is worse"))
    given = given_of("mexcovid")
    section, _ = build_section(SECTION, replace(given, measures={**given.measures, NEW.paramcd: worded}))
    [row] = [row for row in tables_of(section)["measures"].rows if row[0] == "WALK6"]
    assert row[3] == "higher is worse"


def test_how_a_measure_is_used_is_told() -> None:
    # ChiCTR2000030261: C-reactive protein is a primary outcome of the paper and in Table 2.
    section, _ = build_section(SECTION, given_of("chictr2000030261"))
    table = tables_of(section)["measures"]
    use = dict(zip(column_of(table, "paramcd"), column_of(table, "used"), strict=True))
    assert use["CRP"] == "primary outcome, in the data"
    assert use["IFNG"] == "in the data"
    assert use["MURRAY"] == "no"
