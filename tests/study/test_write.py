"""A study that is written as a study file is read as the same study."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from exotrial.study.write import write_study
from tests.registries.usdm.examples import FILES, studies, study_of


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_study_file_is_read_as_it_was_written(path: Path) -> None:
    study = study_of(path)
    assert parse_study(write_study(study).encode(), name="study.toml") == study


@given(studies())
@settings(max_examples=20)
def test_any_study_is_read_as_it_was_written(study: Study) -> None:
    assert parse_study(write_study(study).encode(), name="study.toml") == study
