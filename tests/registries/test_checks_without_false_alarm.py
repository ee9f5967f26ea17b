"""A study file that was drafted from a record does not contradict it, nor the record that was written from a study.

What is left may only be a doubt about the record itself (a late registration, dates that contradict each other).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.registry_rows import make_export
from exotrial.core.errors import Refusal
from exotrial.registries.checks.across import check_across
from exotrial.registries.draft import draft_study
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import find_writers, read_records, record_file
from exotrial.registries.scan import open_records
from tests.conftest import PROJECT, shared
from tests.study.clean import changed

ABOUT_THE_RECORD = {"XSR-303", "XSR-305", "XSR-308"}
"""Rules that a record can break by itself: its dates, its results, its timing."""


def doubts(record: RegistryRecord) -> Iterator[str]:
    """What the rules across sources say of a record beside its own draft."""
    for finding in check_across(draft_study(record).study, [record]):
        if finding.rule.startswith("XSR") and finding.rule not in ABOUT_THE_RECORD:
            yield f"{finding.id}: {finding.says}"


def records_of(path: Path) -> tuple[RegistryRecord, ...]:
    return read_records(record_file(path.read_bytes(), name=path.name))


def test_made_up_rows_do_not_contradict_their_own_drafts() -> None:
    _, found = open_records(record_file(make_export(40, seed=23)[0], name="export.csv"))
    records = [record for record in found if not isinstance(record, Refusal)]
    assert len(records) == 40
    assert [doubt for record in records for doubt in doubts(record)] == []


def test_a_made_up_printed_protocol_does_not_contradict_its_own_draft() -> None:
    path = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"
    assert [doubt for record in records_of(path) for doubt in doubts(record)] == []


@pytest.mark.parametrize("name", sorted(n for n, writer in find_writers().items() if writer.reads_back))
def test_what_is_written_of_a_clean_study_does_not_contradict_it(name: str) -> None:
    writer = find_writers()[name]
    written = record_file(writer.write(changed({})).data, name=f"written{writer.suffix}")
    found = check_across(changed({}), read_records(written, reader=writer.reads_back))
    assert [finding.id for finding in found if finding.rule.startswith("XSR")] == []


@pytest.mark.parametrize(
    "parts",
    [
        ("data", "ictrp", "ictrp_irct_60_2020-07-07.json"),
        ("seeds", "003_f574a93727bdcf72.txt"),
    ],
)
def test_real_records_do_not_contradict_their_own_drafts(parts: tuple[str, ...]) -> None:
    assert [doubt for record in records_of(shared(*parts)) for doubt in doubts(record)] == []


def test_the_snapshots_of_a_trial_do_not_contradict_the_draft_of_the_last() -> None:
    records = records_of(shared("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json"))
    for number in {record.identifier.value for record in records}:
        own = [record for record in records if record.identifier.value == number]
        study = draft_study(own[-1]).study
        found = {finding.rule for finding in check_across(study, records)}
        assert {rule for rule in found if rule.startswith("XSR")} <= ABOUT_THE_RECORD
