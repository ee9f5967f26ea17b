"""The requirements: every one that is claimed is proven by a check or a test, and the report tells each."""

from __future__ import annotations

import ast
from datetime import UTC, datetime

import pytest

from exotrial.qualification.check import Check, Outcome, check, find_checks, judge
from exotrial.qualification.report import build_report, render_files, summarise, trace
from exotrial.qualification.requirements import Proof, read_requirements
from exotrial.qualification.run import Qualification, Result
from tests.conftest import PROJECT

CHECKS = find_checks()


def marked_numbers() -> dict[int, list[str]]:
    """The numbers that tests name by `@pytest.mark.requirement(...)`, with the tests' names."""
    found: dict[int, list[str]] = {}
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.requirement":
                    for given in mark.args:
                        found.setdefault(ast.literal_eval(given), []).append(f"{path.name}::{node.name}")
    return found


def qualification(*, failed: str = "", checks: list[Check] | None = None) -> Qualification:
    wanted = list(CHECKS.values()) if checks is None else checks
    return Qualification(
        results=tuple(
            Result(check=one, outcome=Outcome(one.name != failed, "seen <so> & so."), seconds=0.5)
            for one in sorted(wanted, key=lambda c: (c.kind, c.requirements, c.name))
        ),
        begun_at=datetime(2024, 1, 15, tzinfo=UTC),
        seconds=12.0,
        examined="",
        examined_engine="SQLite 3.45.1",
        scratch_engine="SQLite 3.45.1",
    )


def test_there_are_65_requirements_in_short_lines_with_sources() -> None:
    found = read_requirements()
    assert [one.number for one in found] == list(range(1, 66))
    assert all(one.source and 10 < len(one.text) < 130 for one in found)


def test_every_requirement_that_is_claimed_is_named_by_a_check_or_a_test() -> None:
    proven = {number for one in CHECKS.values() for number in one.requirements} | set(marked_numbers())
    claimed = {one.number for one in read_requirements() if one.proof is Proof.CHECK}
    assert claimed - proven == set()


def test_every_requirement_that_is_left_to_others_says_why_and_has_no_check() -> None:
    checked = {number for one in CHECKS.values() for number in one.requirements}
    left = [one for one in read_requirements() if one.proof is Proof.ELSEWHERE]
    assert all(one.note for one in left)
    assert {one.number for one in left} & checked == set()


def test_tests_and_checks_name_requirements_that_there_are() -> None:
    named = set(marked_numbers()) | {number for one in CHECKS.values() for number in one.requirements}
    assert named <= {one.number for one in read_requirements()}


@pytest.mark.parametrize("one", CHECKS.values(), ids=CHECKS)
def test_a_check_says_in_sentences_what_it_does(one: Check) -> None:
    assert one.requirements
    assert list(one.requirements) == sorted(set(one.requirements))
    for text in (one.done, one.expected):
        assert text.endswith(".")
        assert not text[0].islower()
    assert one.title
    assert not one.title.endswith(".")
    assert "`" not in one.title + one.done + one.expected


def test_an_outcome_tells_first_what_does_not_hold() -> None:
    assert judge(("a", True), ("b", True)) == Outcome(True, "a; b.")
    assert judge(("a", True), ("b", False)) == Outcome(False, "NOT so: b. So: a.")
    assert judge(("b", False)) == Outcome(False, "NOT so: b.")


def test_a_check_takes_its_name_and_title_from_its_function() -> None:
    @check(3, 4, done="Did.", expected="Expected.")
    def something_holds(bench: object) -> Outcome:
        """Something holds."""
        return Outcome(True, "")

    assert (something_holds.name, something_holds.title) == ("something_holds", "Something holds")
    assert (something_holds.requirements, something_holds.kind) == ((3, 4), "operation")


def test_the_matrix_tells_every_requirement_once_with_its_checks_and_result() -> None:
    done = qualification(failed="guards_stand")
    traced = {one.requirement.number: one for one in trace(done)}
    assert traced[4].state == "FAILED"
    assert traced[1].state == "passed"
    assert traced[54].state == "not covered here"
    (table,) = [t for t in build_report(done).tables() if t.id == "requirements-table"]
    assert [row[0] for row in table.rows] == [str(n) for n in range(1, 66)]
    assert table.rows[3][3:] == ("I1, O2", "FAILED")


def test_a_check_that_is_claimed_and_not_installed_is_told() -> None:
    (table,) = [t for t in build_report(qualification(checks=[])).tables() if t.id == "not-covered-table"]
    assert len(table.rows) == 65
    assert ("1", read_requirements()[0].text, "A check should prove it and is not installed.") in table.rows


def test_the_summary_names_what_failed() -> None:
    assert summarise(qualification()).startswith(f"All passed. {len(CHECKS)} checks")
    assert summarise(qualification(failed="guards_stand")).startswith(
        "1 FAILED: Every guard of the database stands."
    )


def test_the_report_has_room_for_signatures_and_no_host_name_unless_asked() -> None:
    page = render_files(qualification())["qualification.html"].decode()
    assert "seen &lt;so&gt; &amp; so." in page
    assert 'style="height: 16mm"' in page
    assert all(role in page for role in ("Performed by", "Reviewed by", "Approved by"))
    assert "the study file and its data" not in page
    assert "hospital-server" not in page
    assert (
        "hospital-server"
        in render_files(qualification(), host="hospital-server")["qualification.html"].decode()
    )
