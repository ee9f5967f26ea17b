"""The recheck in the report: counts that agree with the verdicts, gravest first, nobody accused without cause."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from exotrial.core.findings import Quote
from exotrial.report.inputs import ReportInput
from exotrial.report.recheck.verdicts import Answer, ClaimVerdict, Recomputed
from exotrial.report.sections.recheck import (
    GRAVEST_FIRST,
    SECTION,
    claim_results,
    nearest_way,
    summarise_claims,
)
from tests.report.sections.given import STUDIES, build_section, column_of, given_of, lead_of, tables_of


def a_way(shown: str, value: float | None = None, *, matches: bool = False, right: bool = True) -> Recomputed:
    return Recomputed(
        method="m",
        label=f"method of {shown}",
        value=value,
        shown=shown,
        matches=matches,
        right_for_data=right,
    )


def a_verdict(
    answer: Answer, *ways: Recomputed, printed: str = "p=0.151", inference: str = ""
) -> ClaimVerdict:
    return ClaimVerdict(
        claim="crp-p",
        kind="p_value",
        answer=answer,
        printed=printed,
        why="because",
        recomputed=ways,
        inference=inference,
        settle="The data.",
        quotes=(Quote(source="paper", prints=printed, line=213, place="Results"),),
        files=(),
    )


def given_with(*verdicts: ClaimVerdict) -> ReportInput:
    return replace(given_of("mexcovid"), claims=verdicts)


@pytest.mark.parametrize("study", STUDIES)
def test_the_summary_table_counts_what_the_engine_found(study: str) -> None:
    claims = given_of(study).claims
    assert claims is not None
    section, _ = build_section(SECTION, given_of(study))
    counts = Counter(verdict.answer for verdict in claims)
    shown = tables_of(section)["recheck-summary"].rows
    assert [row[1] for row in shown] == [
        *(str(counts[answer]) for answer in GRAVEST_FIRST),
        str(len(claims)),
    ]
    told = lead_of(section)
    accused = sum(verdict.accused for verdict in claims)
    assert told.startswith(f"{len(claims)} figures and statements")
    assert f" {counts[Answer.REPRODUCED]} reproduce" in told
    assert f" {accused} do" in told
    assert f"and {counts[Answer.CANNOT_BE_CHECKED]} cannot be checked" in told


def test_every_answer_has_its_place_in_the_order() -> None:
    assert set(GRAVEST_FIRST) == set(Answer)


@pytest.mark.parametrize("study", STUDIES)
def test_every_claim_is_in_the_table_of_all_and_only_the_accused_in_that_of_the_accused(study: str) -> None:
    claims = given_of(study).claims
    assert claims is not None
    tables = tables_of(build_section(SECTION, given_of(study))[0])
    assert column_of(tables["recheck-all"], "claim") == [verdict.claim for verdict in claims]
    accused = {verdict.claim for verdict in claims if verdict.accused}
    shown = column_of(tables["recheck-not-standing"], "claim") if accused else []
    assert len(shown) == len(accused)
    assert set(shown) == accused


def test_what_is_impossible_stands_before_what_is_contradicted() -> None:
    section, _ = build_section(
        SECTION, given_with(a_verdict(Answer.CONTRADICTED), a_verdict(Answer.IMPOSSIBLE))
    )
    table = tables_of(section)["recheck-not-standing"]
    heads = [table.rows[position][0] for position in sorted(table.stub_rows)]
    assert heads == [
        "Impossible as stated (1)",
        "Contradicted by another place in the text (1)",
    ]


def test_a_claim_that_reproduces_is_accused_nowhere() -> None:
    section, _ = build_section(
        SECTION, given_with(a_verdict(Answer.REPRODUCED, a_way("0.151", matches=True)))
    )
    assert set(tables_of(section)) == {"recheck-summary", "recheck-all"}
    assert "1 reproduces to the printed digits, 0 do not stand" in lead_of(section)


def test_an_inference_is_marked_as_one_and_once() -> None:
    verdict = a_verdict(Answer.CANNOT_BE_CHECKED, inference="Inferred, not stated: n was 7")
    section, _ = build_section(SECTION, given_with(verdict))
    [why] = column_of(tables_of(section)["recheck-unchecked"], "why")
    assert why == "Because. Needed: the data. Inference: n was 7."


def test_the_printed_figure_is_quoted_with_its_place() -> None:
    section, _ = build_section(SECTION, given_with(a_verdict(Answer.NOT_REPRODUCED)))
    [shown] = column_of(tables_of(section)["recheck-not-standing"], "printed")
    assert shown == "“p=0.151” (Results, line 213)"


def test_the_nearest_method_right_for_the_data_is_named() -> None:
    ways = (a_way("0.151", 0.151, matches=True, right=False), a_way("0.219", 0.219), a_way("0.153", 0.153))
    assert nearest_way(a_verdict(Answer.WRONG_METHOD, *ways)) == "0.153 (method of 0.153)"


def test_where_some_figures_agree_those_that_do_not_are_told() -> None:
    ways = (a_way("Feb 9", matches=True), a_way("Aug 20"), a_way("Feb 8", matches=True))
    assert nearest_way(a_verdict(Answer.CONTRADICTED, *ways)) == "Aug 20 (method of Aug 20)"


def test_an_impossible_figure_is_held_against_what_could_be() -> None:
    ways = (a_way("7 to 18 d", matches=True), a_way("18 d", 18.0, matches=True, right=False))
    assert nearest_way(a_verdict(Answer.IMPOSSIBLE, *ways)) == "7 to 18 d (method of 7 to 18 d)"


def test_nothing_recomputed_is_nothing_near() -> None:
    assert nearest_way(a_verdict(Answer.NOT_REPRODUCED)) == ""


def test_one_claim_is_told_in_the_singular() -> None:
    told = summarise_claims([a_verdict(Answer.NOT_REPRODUCED)])
    assert told.startswith("1 figure or statement of the sources was recomputed")
    assert "0 reproduce to the printed digits, 1 does not stand as printed, and 0 cannot be checked" in told


@pytest.mark.parametrize("study", STUDIES)
def test_every_recomputation_is_machine_readable_under_its_own_name(study: str) -> None:
    claims = given_of(study).claims
    assert claims is not None
    _, results = build_section(SECTION, given_of(study))
    assert len(results) == len(claims) + sum(len(verdict.recomputed) for verdict in claims)
    assert len({result.id for result in results}) == len(results)
    assert all(result.sources for result in results)
    json.dumps([result.value for result in results], allow_nan=False)


def test_a_recomputation_says_whether_it_agrees_and_suits_the_data() -> None:
    verdict = a_verdict(Answer.WRONG_METHOD, a_way("0.151", 0.1512, matches=True, right=False))
    whole, way = claim_results(verdict)
    assert whole.value == "reproduced only by a method wrong for the data"
    assert (way.value, way.printed) == (0.1512, "0.151")
    assert way.parameters == {
        "claim prints": "p=0.151",
        "agrees with the print": "yes",
        "right for the data": "no",
    }


def test_a_study_without_claims_has_no_such_section() -> None:
    assert SECTION.build(replace(given_of("mexcovid"), claims=None)) is None
    assert SECTION.build(replace(given_of("mexcovid"), claims=())) is None
