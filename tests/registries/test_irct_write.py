"""A study as IRCT's field list: read back, it says the same, and what it leaves out is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate, read_jalali
from exotrial.registries import irct_form as form
from exotrial.registries.irct_write import IRCT_FIELDS
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import find_writers, read_records, record_file
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT

STUDIES = ("irct20201202049568n3", "chictr2000030261", "mexcovid")


def study_of(name: str) -> Study:
    return read_study(PROJECT / "studies" / name / "study.toml")[0]


ARDS = study_of("irct20201202049568n3")


def read_back(study: Study) -> RegistryRecord:
    (record,) = read_records(record_file(IRCT_FIELDS.write(study).data, name="fields.txt"), reader="irct")
    return record


def test_every_heading_stands_in_the_order_of_the_form() -> None:
    lines = [line for line in IRCT_FIELDS.write(ARDS).data.decode().splitlines() if line]
    position = 0
    for section in form.SECTIONS:
        for heading in (section.heading, *section.fields):
            position = lines.index(heading, position) + 1


def test_days_stand_in_both_calendars() -> None:
    text = IRCT_FIELDS.write(ARDS).data.decode()
    assert "2021-03-05, 1399/12/15" in text  # as the registry prints them
    assert read_jalali("1399/12/15").isoformat() == "2021-03-05"


def test_what_is_written_reads_back_as_it_was() -> None:
    record = read_back(ARDS)
    assert record.findings == ()
    assert record.identifier.value == "IRCT20201202049568N3"
    assert record.registered is not None
    assert record.registered.value == PartialDate(year=2021, month=3, day=5)
    values = {
        "scientific_title": ARDS.title,
        "public_title": ARDS.public_title,
        "phase": "1-2",
        "model": "parallel",
        "allocation": "randomised",
        "purpose": "treatment",
        "masking": "double blind",
        "masked_roles": ("participant", "care provider", "investigator", "outcome assessor"),
        "placebo": True,
        "target_size": 72,
        "block_sizes": (2, 4, 8),
        "timing_label": "registered while recruiting",
        "update_count": 0,
        "sex": "all",
        "status": "Recruitment complete",
    }
    assert {name: getattr(record, name).value for name in values} == values
    assert [(o.level, o.name.value) for o in record.outcomes] == [
        (o.level, o.name) for level in ("primary", "secondary") for o in ARDS.outcomes if o.level == level
    ]
    assert [criterion.text.value for criterion in record.criteria] == [
        criterion.text.rstrip(".")
        for which in ("inclusion", "exclusion")
        for criterion in ARDS.population.criteria
        if criterion.category == which
    ]
    days = {encounter.id: encounter.day for encounter in ARDS.encounters}
    murray = next(outcome for outcome in ARDS.outcomes if outcome.id == "murray")
    assert record.outcomes[2].days == tuple(days[visit] for visit in murray.encounters)
    assert [arm.name.value for arm in record.arms] == [arm.name for arm in ARDS.arms]


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_written_alike_each_time_and_names_nobody(name: str) -> None:
    study = study_of(name)
    export = find_writers()["irct"].write(study)
    assert export.data == IRCT_FIELDS.write(study).data
    text = export.data.decode()
    lines = text.splitlines()
    for heading in (
        "Full name of responsible person",
        "Phone",
        "Email",
        "Fax",
        "Mobile",
        "Name",
        "Email address",
    ):
        for position, line in enumerate(lines):
            if line == heading:
                assert lines[position + 2] == "empty"


@pytest.mark.parametrize("name", STUDIES)
def test_every_stated_text_is_in_the_form_or_named_as_lost(name: str) -> None:
    study = study_of(name)
    export = IRCT_FIELDS.write(study)
    text = " ".join(export.data.decode().replace("_", " ").split()).casefold()
    lost = {loss.item for loss in export.losses}
    for leaf in derive_leaves(study):
        kind = ".".join(leaf.kind.split(".")[:2])
        own = leaf.kind.split(".")[0] in {
            "evidence",
            "documents",
            "id",
            "version",
            "schema_version",
            "synthetic",
        }
        if own or leaf.kind.endswith(".id") or kind in lost or len(leaf.words) < 25:
            continue
        for words in leaf.words.split("; "):
            assert " ".join(words.split()).rstrip(".").casefold() in text, leaf


def test_quadruple_blinding_and_an_exploratory_outcome_are_losses() -> None:
    assert ARDS.blinding is not None
    changed = ARDS.model_copy(
        update={
            "blinding": ARDS.blinding.model_copy(update={"label": "quadruple blind"}),
            "outcomes": (*ARDS.outcomes[:-1], ARDS.outcomes[-1].model_copy(update={"level": "exploratory"})),
        }
    )
    assert {"blinding.label", "outcomes.level"} <= {loss.item for loss in IRCT_FIELDS.write(changed).losses}
    assert not {"blinding.label", "outcomes.level"} & {loss.item for loss in IRCT_FIELDS.write(ARDS).losses}


OPTIONAL = (
    *("acronym", "public_title", "ethics", "sites", "contacts", "conditions", "funding", "organisations"),
    *("randomisation", "blinding", "sharing", "objectives", "secondary_ids"),
)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(OPTIONAL)), st.sets(st.sampled_from(["population", "recruitment", "design"])))
def test_a_study_with_parts_dropped_reads_back_without_them(dropped: set[str], thinned: set[str]) -> None:
    kept: dict[str, Any] = {name: type(ARDS).model_fields[name].get_default() for name in dropped}
    if "organisations" in dropped:  # funding refers to them
        kept["funding"] = ()
    if "population" in thinned:
        kept["population"] = ARDS.population.model_copy(update={"age_min": None, "sex": None})
    if "recruitment" in thinned:
        kept["recruitment"] = type(ARDS.recruitment)()
    if "design" in thinned:
        kept["design"] = ARDS.design.model_copy(update={"planned_size": None, "settings": None})
    record = read_back(ARDS.model_copy(update=kept))
    assert len(record.outcomes) == len(ARDS.outcomes)
    assert len(record.criteria) == len(ARDS.population.criteria)
    assert bool(record.ethics) == ("ethics" not in dropped)
    assert (record.masking is None) == ("blinding" in dropped)
    assert (record.randomisation is None) == ("randomisation" in dropped)
    assert (record.sharing is None) == ("sharing" in dropped)
    assert (record.target_size is None) == ("design" in thinned)
    assert (record.start is None) == ("recruitment" in thinned)
    assert (record.age_min is None) == ("population" in thinned)
    assert [finding.rule for finding in record.findings] in ([], ["RGG-001"])
