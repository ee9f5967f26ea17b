"""Real records make drafts that every form can hold: written, valid by the form's schema, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache

import jsonschema  # type: ignore[import-untyped]  # its stubs are not installed
import pytest
from lxml import etree

from exotrial.core.errors import Refusal
from exotrial.registries.draft import draft_study
from exotrial.registries.registry import find_writers, read_records, record_file
from exotrial.study.definition import Study
from tests.conftest import shared

IN_WHOLE = (
    ("seeds", "000_622ed8fc65a9335c.txt"),
    ("seeds", "003_f574a93727bdcf72.txt"),
    ("data", "ctgov", "NCT02552212.json"),
    ("data", "ctgov", "NCT04207047.json"),
    ("data", "usdm", "CDISC_Pilot_Study.json"),
    ("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json"),
    ("data", "ictrp", "ictrp_irct_60_2020-07-07.json"),
)
OF_PRIMARY_AND_SECONDARY = frozenset({"ictrp-xml", "ictrp-xml-2011", "irct"})
"""Forms that ask for no other outcome."""

pytestmark = pytest.mark.shared


@cache
def drafts() -> tuple[Study, ...]:
    """A draft of every real record, the oldest and newest snapshot of a trial that has many."""
    found: list[Study] = []
    for path in IN_WHOLE:
        file = shared(*path)
        records = read_records(record_file(file.read_bytes(), name=file.name))
        if "snapshots" in file.name:
            records = (records[0], records[-1])
        found += [draft_study(record).study for record in records]
    return tuple(found)


@cache
def check_of(writer: str) -> Callable[[bytes], None]:
    """What holds a written form against its official schema; nothing where there is none here."""
    if writer == "ictrp-xml":
        dtd = etree.DTD(str(shared("data", "schemas", "who_ictrp_2018_reconstructed.dtd")))
        return lambda data: dtd.assertValid(etree.fromstring(data))
    if writer == "ictrp-xml-2011":
        dtd = etree.DTD(str(shared("data", "schemas", "who_ictrp_2011.dtd")))
        return lambda data: dtd.assertValid(etree.fromstring(data))
    names = {"clinicaltrials-gov": "ctg_study.schema.json", "usdm": "usdm-4-0.core.schema.json"}
    if writer not in names:
        return lambda data: None
    schema = json.loads(shared("data", "schemas", names[writer]).read_bytes())
    checker = jsonschema.validators.validator_for(schema)(schema)
    return lambda data: checker.validate(json.loads(data))


def asked_for(study: Study, writer: str) -> Iterator[str]:
    """The names of the outcomes that a form asks for."""
    levels = ("primary", "secondary") if writer in OF_PRIMARY_AND_SECONDARY else None
    return (" ".join(one.name.split()) for one in study.outcomes if levels is None or one.level in levels)


def test_there_are_all_the_records() -> None:
    assert len(drafts()) == 6 + 1 + 60


@pytest.mark.parametrize("writer", sorted(find_writers()))
def test_every_form_holds_every_real_record(writer: str) -> None:
    form, check = find_writers()[writer], check_of(writer)
    for study in drafts():
        data = form.write(study).data
        check(data)
        if not form.reads_back:
            continue
        (record,) = read_records(record_file(data, name="x"), reader=form.reads_back)
        title = record.scientific_title or record.public_title
        assert title is not None, study.id
        assert " ".join(title.value.split()) == " ".join(study.title.split()), study.id
        assert len(record.arms) == len(study.arms), study.id
        assert len(record.outcomes) == len(list(asked_for(study, writer))), study.id


def test_an_observational_study_without_groups_is_refused() -> None:
    """exotrial runs trials: a cohort has no arms, and the record names none."""
    file = shared("data", "ctgov", "NCT06171568.json")
    (record,) = read_records(record_file(file.read_bytes(), name=file.name))
    with pytest.raises(Refusal) as refused:
        draft_study(record)
    assert refused.value.code.code == "DRF-002"
    assert "observational" in refused.value.problem
