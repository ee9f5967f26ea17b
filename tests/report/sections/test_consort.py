"""The CONSORT 2025 checklist: its items are those of the statement, and a study's answers are fair."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exotrial.report.consort.checklist import ItemAnswer, Status, cited_items, derive_checklist, read_items
from exotrial.report.inputs import ReportInput
from exotrial.report.sections.consort import SECTION
from exotrial.study.checks.check import find_checks
from tests.report.full_protocol import full_study
from tests.report.sections.given import STUDIES, build_section, column_of, given_of, lead_of, tables_of

# Hopewell S, et al. BMJ 2025;388:e081123, Table 1: the numbers of the 30 items with their parts.
_STATEMENT = (
    "1a 1b 2 3 4 5a 5b 6 7 8 9 10 11 12a 12b 13 14 15 16a 16b 17a 17b 18 19 20a 20b 21a 21b 21c 21d "
    "22a 22b 23a 23b 24a 24b 25 26 27 28 29 30"
)
STATEMENT = _STATEMENT.split()
# Chan A-W, et al. BMJ 2025;389:e081477, Table 1: the numbers of the 34 items with their parts.
_SPIRIT = (
    "1a 1b 2 3a 3b 3c 3d 4 5 6 7a 7b 8 9a 9b 10 11 12 13 14a 14b 15a 15b 15c 15d 16 17 18 19 20 21a 21b 22 "
    "23 24a 24b 24c 25a 25b 26 27a 27b 27c 27d 28a 28b 29 30 31 32a 32b 33 34"
)
SPIRIT = _SPIRIT.split()


def answers_of(given: ReportInput) -> dict[str, ItemAnswer]:
    return {answer.item.number: answer for answer in derive_checklist(given)}


def test_the_checklist_has_the_lines_of_the_statement() -> None:
    assert [item.number for item in read_items()] == STATEMENT


def test_counterparts_for_protocols_are_items_of_spirit() -> None:
    assert {number for item in read_items() for number in item.spirit} <= set(SPIRIT)


@pytest.mark.parametrize(("of", "known"), [("CONSORT 2025", STATEMENT), ("SPIRIT 2025", SPIRIT)])
def test_every_rule_of_the_check_cites_items_that_exist(of: str, known: list[str]) -> None:
    for rule in find_checks().values():
        citing = [standard for standard in rule.standards if standard.startswith(of)]
        assert cited_items(citing, of=of) <= set(known), rule.id
        assert bool(citing) == bool(cited_items(citing, of=of)), rule.id


def test_a_range_of_items_is_cited_whole() -> None:
    assert cited_items(["SPIRIT 2025 items 27a to 27c"], of="SPIRIT 2025") == {"27a", "27b", "27c"}
    assert cited_items(["CONSORT 2025 items 13 and 21b"], of="CONSORT 2025") == {"13", "21b"}
    assert cited_items(["SPIRIT 2025 item 16"], of="CONSORT 2025") == set()


@pytest.mark.parametrize("study", STUDIES)
def test_the_sentence_counts_what_the_table_shows(study: str) -> None:
    section, _ = build_section(SECTION, given_of(study))
    shown = column_of(tables_of(section)["consort"], "status")
    assert len(shown) == 42
    for status in Status:
        count = shown.count(status.value)
        told = f"{count} {'is' if count == 1 else 'are'} {status.value}"
        assert (told in lead_of(section)) == bool(count)


@pytest.mark.parametrize("study", STUDIES)
def test_an_answer_names_its_place_and_a_gap_names_what_is_missing(study: str) -> None:
    for answer in derive_checklist(given_of(study)):
        if answer.status in (Status.ANSWERED, Status.PARTLY):
            assert "(" in answer.told, answer.item.number
        if answer.status in (Status.PARTLY, Status.NOT_REPORTED):
            assert answer.lacks, answer.item.number
        if answer.status in (Status.NOT_HELD, Status.NOT_APPLICABLE):
            assert answer.told, answer.item.number
        assert not answer.told.startswith("True")


@pytest.mark.parametrize("study", ["chictr2000030261", "mexcovid"])
def test_items_on_randomisation_do_not_apply_to_a_single_group(study: str) -> None:
    answers = answers_of(given_of(study))
    for number in ("1a", "17a", "17b", "18", "19"):
        assert answers[number].status is Status.NOT_APPLICABLE
    section, _ = build_section(SECTION, given_of(study))
    assert "CONSORT was made for randomised trials, which this is not" in lead_of(section)


def test_items_on_randomisation_apply_to_a_randomised_trial() -> None:
    # IRCT20201202049568N3, randomisation description: SAS 9.1, blocks of 2, 4 and 8, sealed envelopes; nobody
    # is named who made the sequence, enrolled or assigned.
    given = given_of("irct20201202049568n3")
    answers = answers_of(given)
    assert answers["1a"].status is Status.ANSWERED
    assert answers["17a"].status is Status.PARTLY
    assert "SAS 9.1 (randomisation.generated_with)" in answers["17a"].told
    assert answers["17a"].lacks == "who made the sequence"
    assert "blocks of 2, 4 and 8 (randomisation.block_sizes)" in answers["17b"].told
    assert answers["18"].status is Status.ANSWERED
    assert answers["19"].status is Status.NOT_REPORTED
    assert "made for randomised trials, which" not in lead_of(build_section(SECTION, given)[0])


def test_a_finding_about_the_plan_is_seen_at_the_item_of_the_report() -> None:
    # RND-001 (a block larger than its stratum) cites SPIRIT 2025 item 21b, the counterpart of CONSORT 17b.
    given = given_of("irct20201202049568n3")
    assert "RND-001" in answers_of(given)["17b"].doubted_by
    assert answers_of(replace(given, findings=()))["17b"].doubted_by == ()


def test_a_shortfall_without_a_reason_is_not_reported() -> None:
    # ChiCTR2000030261 registered 26 participants; the paper treats seven and does not say why no more.
    answer = answers_of(given_of("chictr2000030261"))["23b"]
    assert answer.status is Status.NOT_REPORTED
    assert answer.lacks == "why 7 of 26 planned participants were enrolled"


def test_all_planned_participants_enrolled_needs_no_reason() -> None:
    given = given_of("chictr2000030261")
    for enrolled, status in ((25, Status.NOT_REPORTED), (26, Status.NOT_APPLICABLE)):
        design = given.study.design.model_copy(update={"enrolled": enrolled})
        study = given.study.model_copy(update={"design": design})
        assert answers_of(replace(given, study=study))["23b"].status is status


def test_results_are_not_held_against_a_folder_without_data() -> None:
    answers = answers_of(given_of("mexcovid"))
    for number in ("22b", "24a", "25", "26", "27"):
        assert answers[number].status is Status.NOT_HELD


def test_an_empty_record_of_adverse_events_is_an_answer() -> None:
    answer = answers_of(given_of("chictr2000030261"))["27"]
    assert answer.status is Status.ANSWERED
    assert answer.told.startswith("0 adverse events recorded")


def test_text_of_a_publication_is_never_said_to_be_missing() -> None:
    for study in STUDIES:
        answers = answers_of(given_of(study))
        for number in ("1b", "5b", "6", "8", "28", "29", "30"):
            assert answers[number].status is Status.NOT_HELD


def test_what_the_protocol_tells_in_words_is_found() -> None:
    silent = given_of("mexcovid")
    assert {answers_of(silent)[number].status for number in ("5b", "6", "8", "12b", "21d")} == {
        Status.NOT_HELD
    }
    given = replace(silent, study=full_study())
    answers = answers_of(given)
    assert {answers[number].status for number in ("5b", "6", "8", "9", "12b", "21d")} == {Status.ANSWERED}
    assert answers["8"].told == "Two former patients read the consent form (protocol.public_involvement)"
    assert "superiority (design.framework)" in answers["9"].told
