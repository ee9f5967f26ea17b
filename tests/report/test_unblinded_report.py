"""One trial before and after its planned unblinding: nothing by arm before, and everything planned after."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.synthetic import ARM_NAMES, write_study
from exotrial.datasets.unblinding import Lock, write_lock
from exotrial.report.build import build_report, read_report_input
from exotrial.report.document import Paragraph, Report, Section, Table
from exotrial.report.render.html import render_html

LOCKED, UNBLINDED = datetime(2022, 1, 3, 9, tzinfo=UTC), datetime(2022, 1, 10, 9, tzinfo=UTC)
PEOPLE = 48
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with two participants unblinded in emergencies, unblinded as planned."""
    made = write_study(tmp_path_factory.mktemp("unblinded"), participants=PEOPLE, screened_only=4, seed=3)
    arms = {row["USUBJID"]: row["ARMCD"] for row in rows_of(made / "data" / "participants.csv")}
    early = [
        next(who for who, arm in arms.items() if arm == "vesicles"),
        next(who for who, arm in arms.items() if arm == "saline"),
    ]
    lines = ["USUBJID,AT,KIND,WHO,REASON"]
    lines += [
        f"{who},2021-06-0{n}T03:20+00:00,emergency,physician,collapse {n}" for n, who in enumerate(early, 1)
    ]
    (made / "data" / "unblinding.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lock = Lock(locked_at=LOCKED, unblinded_at=UNBLINDED, study_version="1.0", audit_head="abc")
    (made / "data" / "lock.toml").write_text(write_lock(lock), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def blinded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study as a blinded extract: no participant has an arm, and the lock has not opened the list."""
    made = tmp_path_factory.mktemp("blinded")
    (made / "data").mkdir()
    for path in (folder / "study.toml", *(folder / "data").iterdir()):
        (made / path.relative_to(folder)).write_bytes(path.read_bytes())
    people = rows_of(made / "data" / "participants.csv")
    with (made / "data" / "participants.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, people[0])
        writer.writeheader()
        writer.writerows({**row, "ARMCD": ""} for row in people)
    lock = Lock(locked_at=LOCKED, unblinded_at=None, study_version="1.0", audit_head="abc")
    (made / "data" / "lock.toml").write_text(write_lock(lock), encoding="utf-8")
    return made


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report_of(folder: Path) -> Report:
    return build_report(read_report_input(folder))


def section_of(report: Report, name: str) -> Section:
    return next(section for section in report.sections if section.id == name)


def tables_of(section: Section) -> dict[str, Table]:
    return {block.id: block for block in section.blocks if isinstance(block, Table)}


def words_of(section: Section) -> str:
    return " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))


def test_a_blinded_extract_makes_a_report_that_says_so_and_shows_no_arm(blinded: Path) -> None:
    given = read_report_input(blinded)
    assert given.arms_are_hidden
    report = build_report(given)
    assert any(notice.startswith("Blinded:") for notice in report.notices)
    names = {name.casefold() for name in (*ARM_NAMES, *ARM_NAMES.values())}
    told = [
        (section.id, cell)
        for section in report.sections
        # These are made of the study file alone; the product chapter asks about vesicles, as an arm is called.
        if section.id not in ("synopsis", "consort", "findings", "measures", "product")
        for table in tables_of(section).values()
        for cells in (*table.rows, tuple(column.head for column in table.columns))
        for column, cell in zip(table.columns, cells, strict=True)
        # What was planned is of the study file too.
        if cell and column.key != "planned" and any(name in cell.casefold() for name in names)
    ]
    assert told == []
    assert "between-arms" not in [section.id for section in report.sections]
    assert b"Blinded:" in render_html(report)


def test_a_blinded_extract_counts_everybody_who_was_randomised(blinded: Path) -> None:
    flow = tables_of(section_of(report_of(blinded), "flow"))
    cells = [cell for table in flow.values() for row in table.rows for cell in row]
    assert str(PEOPLE) in cells


def test_the_register_of_a_blinded_study_tells_no_participant_and_no_reason(blinded: Path) -> None:
    section = section_of(report_of(blinded), "unblinding")
    table = tables_of(section)["unblinding"]
    assert [column.key for column in table.columns] == ["at", "kind", "who"]
    assert table.rows[0] == ("2021-06-01 03:20+00:00", "emergency", "physician")
    assert "unblinding-by-arm" not in tables_of(section)
    assert "2 participants of 48 were unblinded before the end." in words_of(section)


def test_arms_are_shown_only_by_the_planned_unblinding(folder: Path, blinded: Path) -> None:
    assert not read_report_input(folder).arms_are_hidden
    lock = (folder / "data" / "lock.toml").read_text(encoding="utf-8")
    try:
        (folder / "data" / "lock.toml").unlink()
        assert read_report_input(folder).arms_are_hidden
    finally:
        (folder / "data" / "lock.toml").write_text(lock, encoding="utf-8")


def test_after_unblinding_the_flow_has_a_column_for_each_arm(folder: Path) -> None:
    (table,) = tables_of(section_of(report_of(folder), "flow")).values()
    heads = [column.head for column in table.columns]
    assert set(ARM_NAMES.values()) <= set(heads)


def test_after_unblinding_the_register_tells_who_and_the_arm(folder: Path) -> None:
    section = section_of(report_of(folder), "unblinding")
    register = tables_of(section)["unblinding"]
    assert [column.key for column in register.columns] == [
        "participant",
        "at",
        "kind",
        "who",
        "reason",
        "arm",
    ]
    assert {row[-1] for row in register.rows} == set(ARM_NAMES.values())
    assert [row[4] for row in register.rows] == ["collapse 1", "collapse 2"]
    by_arm = {row[0]: row[1] for row in tables_of(section)["unblinding-by-arm"].rows}
    assert {by_arm[name] for name in ARM_NAMES.values()} == {"1 (4 %)"}  # 1 of 24
    assert "unblinded as planned at 2022-01-10 09:00+00:00" in words_of(section)


def test_after_unblinding_the_planned_comparison_is_made_with_and_without_those_unblinded_early(
    folder: Path,
) -> None:
    report = report_of(folder)
    (table,) = tables_of(section_of(report, "between-arms")).values()
    heads = [table.rows[position][0] for position in sorted(table.stub_rows)]
    arms = "first Nebulised vesicles, second Nebulised saline"
    assert heads == [f"All: {arms}", f"Without those unblinded early: {arms}"]
    welch = [one for one in report.results if one.analysis.startswith("between arms/crp_between/")]
    assert {one.method for one in welch} >= {"welch", "rank_sum_exact"}
    assert [row[0] for row in table.rows[1:3]] == ["Before", "After"]
    analyses = tables_of(section_of(report, "analyses"))["analyses"]
    assert any("section Between the arms" in (row[-1] or "") for row in analyses.rows)


def test_the_notice_tells_the_planned_unblinding(folder: Path) -> None:
    assert "Unblinded as planned on 2022-01-10, after the lock of the data." in report_of(folder).notices


def test_ids_of_results_are_not_told_twice(folder: Path) -> None:
    ids = [one.id for one in report_of(folder).results if one.id.startswith(("between arms", "unblinding"))]
    assert len(ids) == len(set(ids))
