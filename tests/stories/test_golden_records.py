"""What `check --with` finds when the real records lie beside the three studies: each was read against its source."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from exotrial.core.findings import Finding
from exotrial.registries.checks.across import check_across
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import read_records, record_file
from exotrial.study.checks.check import check_study
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared

GOLDEN = Path(__file__).parent / "golden" / "with_records"
SNAPSHOTS = ("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json")
RECORDS = {
    "chictr2000030261": SNAPSHOTS,
    "irct20201202049568n3": ("seeds", "003_f574a93727bdcf72.txt"),
    "mexcovid": SNAPSHOTS,
}
each_study = pytest.mark.parametrize("name", sorted(RECORDS))


@cache
def _records(name: str) -> tuple[RegistryRecord, ...]:
    path = shared(*RECORDS[name])
    return read_records(record_file(path.read_bytes(), name=path.name))


@cache
def _alone(name: str) -> tuple[Finding, ...]:
    return tuple(check_study(read_study(PROJECT / "studies" / name)[0]))


@cache
def _beside(name: str) -> tuple[Finding, ...]:
    return tuple(check_across(read_study(PROJECT / "studies" / name)[0], _records(name)))


def _row(finding: Finding, alone: frozenset[str]) -> dict[str, str]:
    what = "quotes added" if finding.id in alone else "new"
    return {"id": finding.id, "severity": finding.severity.value, "what": what}


@each_study
def test_the_records_add_their_golden_findings(name: str) -> None:
    # To take a change over: read each new finding against the source, then write the rows of `_row` here.
    alone = {finding.id: finding for finding in _alone(name)}
    found = [_row(f, frozenset(alone)) for f in _beside(name) if alone.get(f.id) != f]
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(found, key=str) == sorted(csv.DictReader(file), key=str)


@each_study
def test_no_finding_of_the_study_file_is_lost_beside_its_records(name: str) -> None:
    assert {finding.id for finding in _alone(name)} <= {finding.id for finding in _beside(name)}


@each_study
def test_no_two_findings_have_one_id_and_each_new_one_quotes_the_record(name: str) -> None:
    found = _beside(name)
    assert len({finding.id for finding in found}) == len(found)
    for finding in found:
        if finding.id not in {alone.id for alone in _alone(name)}:
            assert RECORDS[name][-1] in {quote.source for quote in finding.quotes}


@each_study
def test_the_record_of_another_trial_is_named_as_such(name: str) -> None:
    other = "mexcovid" if name == "irct20201202049568n3" else "irct20201202049568n3"
    found = check_across(read_study(PROJECT / "studies" / name)[0], _records(other))
    assert {f.id for f in found} - {f.id for f in _alone(name)} == {f"XSR-001:{RECORDS[other][-1]}"}


def test_sixteen_snapshots_of_a_trial_are_one_history_without_a_change_of_outcome() -> None:
    """NCT04276987 prints its two primary outcomes in either order: that is no change."""
    assert {f.rule for f in _beside("mexcovid")} & {"XSR-401", "XSR-402", "XSR-403", "XSR-404"} == set()


def test_the_known_rules_about_exports_are_told_by_the_readers() -> None:
    """Those that a study file cannot break, and `check` without a record leaves out (lint_rules.json)."""
    told = {finding.rule for name in RECORDS for finding in _beside(name)}
    assert {"REG-017", "REG-019", "SIZ-008", "TXT-010"} <= told
