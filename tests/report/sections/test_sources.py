"""Sources and software in the report: every file with its whole digest, every package, the conventions."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from exotrial.report.document import Bullets
from exotrial.report.sections.sources import SECTION
from exotrial.report.write import SOFTWARE
from exotrial.statistics.describe import QuantileRule
from tests.report.sections.given import STUDIES, build_section, column_of, given_of, lead_of, tables_of


@pytest.mark.parametrize("study", STUDIES)
def test_every_file_read_is_listed_with_its_whole_digest(study: str) -> None:
    given = given_of(study)
    section, _ = build_section(SECTION, given)
    files = tables_of(section)["source-files"]
    assert column_of(files, "name") == [file.name for file in given.files]
    assert column_of(files, "sha256") == [file.sha256 for file in given.files]
    assert all(len(digest or "") == 64 for digest in column_of(files, "sha256"))
    counted = "1 file" if len(given.files) == 1 else f"{len(given.files)} files"
    assert f"made from {counted} " in lead_of(section)


def test_the_versions_are_those_installed() -> None:
    section, _ = build_section(SECTION, given_of("mexcovid"))
    assert tables_of(section)["software"].rows == tuple((name, version(name)) for name in SOFTWARE)


def test_the_quartile_rule_is_named_as_the_statistics_name_it() -> None:
    section, _ = build_section(SECTION, given_of("mexcovid"))
    text = " ".join(item for block in section.blocks if isinstance(block, Bullets) for item in block.items)
    for rule in QuantileRule:
        assert f"{int(rule)}" in text
        assert rule.name in text
    assert f"type {int(QuantileRule.SAS)} " in text
