"""The findings of the check in the report: none lost, counts that agree, gravest first."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from exotrial.core.findings import Finding, Quote, Severity, gravest_first
from exotrial.report.render.csv_files import render_csv
from exotrial.report.sections.findings import SECTION, summarise_findings
from tests.report.sections.given import STUDIES, build_section, column_of, given_of, lead_of, tables_of


def a_finding(**changes: object) -> Finding:
    made = Finding(
        rule="DOS-001",
        subject="interventions.a.dose",
        severity=Severity.ERROR,
        kind="arithmetic",
        says="the total is not the sum",
        why="Safety is claimed at the total.",
        settle="the dosing log",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the names are those of the fields


@pytest.mark.parametrize("study", STUDIES)
def test_every_finding_is_in_the_csv_once(study: str) -> None:
    given = given_of(study)
    section, _ = build_section(SECTION, given)
    text = render_csv(tables_of(section)["findings"]).decode("utf-8")
    assert sorted(row["id"] for row in csv.DictReader(io.StringIO(text))) == sorted(
        finding.id for finding in given.findings
    )


@pytest.mark.parametrize("study", STUDIES)
def test_the_gravest_finding_stands_first(study: str) -> None:
    section, _ = build_section(SECTION, given_of(study))
    shown = column_of(tables_of(section)["findings"], "id")
    assert shown == [finding.id for finding in gravest_first(list(given_of(study).findings))]


@pytest.mark.parametrize("study", STUDIES)
def test_the_summary_table_adds_up_to_the_findings(study: str) -> None:
    given = given_of(study)
    section, _ = build_section(SECTION, given)
    *categories, total = tables_of(section)["findings-summary"].rows
    for position in range(2, 6):
        counts = [0 if row[position] == "–" else int(row[position] or "") for row in categories]
        assert sum(counts) == (0 if total[position] == "–" else int(total[position] or ""))
    assert total[5] == str(len(given.findings))
    assert f"found {len(given.findings)} things to query" in lead_of(section)


@pytest.mark.parametrize("study", STUDIES)
def test_every_rule_is_explained_once_with_its_number_of_findings(study: str) -> None:
    given = given_of(study)
    section, _ = build_section(SECTION, given)
    rules = tables_of(section)["findings-rules"]
    assert column_of(rules, "rule") == sorted({finding.rule for finding in given.findings})
    assert sum(int(count or "") for count in column_of(rules, "findings")) == len(given.findings)


def test_the_sentence_counts_each_severity() -> None:
    findings = [
        a_finding(),
        a_finding(subject="b", severity=Severity.WARNING),
        a_finding(subject="c", severity=Severity.WARNING),
    ]
    told = summarise_findings(findings)
    assert "3 things to query by 1 rule: 1 error and 2 warnings." in told
    assert "1 thing to query by 1 rule: 1 remark." in summarise_findings([a_finding(severity=Severity.INFO)])


def test_two_quotes_are_shown_and_the_rest_is_counted() -> None:
    quotes = tuple(Quote(source="paper", prints=f"figure {n}", line=n) for n in range(1, 6))
    given = replace(given_of("mexcovid"), findings=(a_finding(quotes=quotes),))
    section, _ = build_section(SECTION, given)
    [shown] = column_of(tables_of(section)["findings"], "prints")
    assert shown == "paper, line 1: “figure 1”; paper, line 2: “figure 2”; and 3 more"


def test_a_study_without_findings_says_so_and_has_no_table() -> None:
    section, _ = build_section(SECTION, replace(given_of("mexcovid"), findings=()))
    assert lead_of(section).endswith("found nothing to query.")
    assert tables_of(section) == {}


def test_a_category_nobody_knows_is_shown_by_its_name() -> None:
    given = replace(given_of("mexcovid"), findings=(a_finding(kind="astrology"),))
    section, _ = build_section(SECTION, given)
    assert tables_of(section)["findings-summary"].rows[0][:2] == ("astrology", "")
