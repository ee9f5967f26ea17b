"""What `check` finds in the three studies: each finding was read against its source before it was kept here."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exotrial.core.findings import Finding
from exotrial.study.checks.check import check_study, find_checks
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared

GOLDEN = Path(__file__).parent / "golden"
SEEDS = {"000": "mexcovid", "002": "chictr2000030261", "003": "irct20201202049568n3"}
each_study = pytest.mark.parametrize("name", sorted(SEEDS.values()))

NOT_CHECKED_IN_THE_FILE = {
    # They ask how an export of a registry is read; a study file holds the record as read.
    "REG-017": "the inverted flag of the export",
    "REG-019": "the date formats of the export",
    "SIZ-008": "the text form of the target size in the export",
    "TXT-007": "wrapped table cells, rejoined in published/*.csv",
    "TXT-008": "empty counters of a repository, left out of the file",
    "TXT-010": "comparison signs lost in the export",
    # They recompute numbers, which `exotrial recheck` does from published/claims.toml.
    "STA-003": "p values",
    "STA-004": "means and standard deviations",
    "STA-005": "means of named groups",
    "STA-007": "fold changes",
    "DAT-009": "medians and quartiles",
}

SEEN_DIFFERENTLY = {
    # The passing line is ICU-free days over 60 days; the finding is about time to clinical improvement, which
    # the summary (line 38) names without a time.
    ("TIM-004", "irct20201202049568n3"),
}


@cache
def _findings(name: str) -> tuple[Finding, ...]:
    return tuple(check_study(read_study(PROJECT / "studies" / name)[0]))


def _row(finding: Finding) -> dict[str, str]:
    lines = [quote.line for quote in finding.quotes if quote.line is not None]
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "first_line": str(lines[0]) if lines else "",
    }


@each_study
def test_a_study_has_its_golden_findings(name: str) -> None:
    # To take a change over: read each new finding against the source, then write the rows of `_row` here.
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    found = [_row(finding) for finding in _findings(name)]
    assert sorted(found, key=str) == sorted(expected, key=str)


@each_study
def test_no_two_findings_of_a_study_have_one_id(name: str) -> None:
    ids = [finding.id for finding in _findings(name)]
    assert len(ids) == len(set(ids))


@each_study
def test_no_contradiction_is_told_by_two_rules(name: str) -> None:
    general = {finding.subject for finding in _findings(name) if finding.rule == "SRC-101"}
    others = {
        f.subject for f in _findings(name) if f.rule not in ("SRC-101", "STA-010", "DOS-004", "UNI-002")
    }
    assert general & others == set()


@cache
def _rules() -> tuple[dict[str, Any], ...]:
    document = json.loads(shared("reference", "lint_rules.json").read_text(encoding="utf-8"))
    return tuple(document["rules"])


def _verdicts(rule: dict[str, Any], seed: str) -> set[str]:
    return {entry["verdict"] for entry in rule["evidence"] if entry.get("seed") == seed}


def test_every_known_rule_is_a_check_or_belongs_elsewhere_for_a_reason() -> None:
    known = {rule["id"] for rule in _rules()}
    assert known - set(find_checks()) == set(NOT_CHECKED_IN_THE_FILE)


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_what_a_known_rule_accuses_is_found(seed: str) -> None:
    found = {finding.rule for finding in _findings(SEEDS[seed])}
    accused = {rule["id"] for rule in _rules() if _verdicts(rule, seed) & {"fail", "missing"}}
    assert accused - found - set(NOT_CHECKED_IN_THE_FILE) == set()


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_what_a_known_rule_passes_is_not_accused(seed: str) -> None:
    found = {finding.rule for finding in _findings(SEEDS[seed])}
    passed = {rule["id"] for rule in _rules() if _verdicts(rule, seed) == {"pass"}}
    wrong = {(rule, SEEDS[seed]) for rule in passed & found}
    assert wrong <= SEEN_DIFFERENTLY


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_a_line_that_a_known_rule_passes_is_not_quoted_against_it(seed: str) -> None:
    passed = {
        (rule["id"], entry["line"])
        for rule in _rules()
        for entry in rule["evidence"]
        if entry.get("seed") == seed and entry["verdict"] == "pass"
    }
    quoted = {(f.rule, quote.line) for f in _findings(SEEDS[seed]) for quote in f.quotes}
    assert passed & quoted == set()
