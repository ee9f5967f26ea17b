"""The three shipped studies: a golden list of verdicts each, and what is known of single claims."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from exotrial.report.recheck.claims import read_claims
from exotrial.report.recheck.engine import check_lines, recheck
from exotrial.report.recheck.verdicts import Answer, ClaimVerdict
from tests.conftest import PROJECT, shared

STUDIES = ("chictr2000030261", "mexcovid", "irct20201202049568n3")


@cache
def verdicts_of(study: str) -> dict[str, ClaimVerdict]:
    folder = PROJECT / "studies" / study / "published"
    return {verdict.claim: verdict for verdict in recheck(folder / "claims.toml", folder)}


def chictr(claim: str) -> ClaimVerdict:
    return verdicts_of("chictr2000030261")[claim]


def methods_that_match(verdict: ClaimVerdict) -> set[str]:
    return {way.method for way in verdict.recomputed if way.matches}


def value_of(verdict: ClaimVerdict, method: str) -> float:
    value = next(way.value for way in verdict.recomputed if way.method == method)
    assert value is not None
    return value


@pytest.mark.parametrize("study", STUDIES)
def test_the_verdicts_are_those_of_the_golden_list(study: str) -> None:
    path = Path(__file__).with_name(f"golden_{study}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        golden = [(row["claim"], row["printed"], row["verdict"]) for row in csv.DictReader(file)]
    assert [(v.claim, v.printed, v.answer.value) for v in verdicts_of(study).values()] == golden


@pytest.mark.parametrize("study", STUDIES)
def test_every_claim_stands_on_the_line_that_it_names(study: str) -> None:
    document = read_claims(PROJECT / "studies" / study / "published" / "claims.toml")
    quoted = {claim.source for claim in document.file.claims}
    for source in document.file.sources:
        if source.id not in quoted:
            continue  # a record that a claim is held against, and no text with lines
        text = shared("seeds", source.file).read_text(encoding="utf-8", errors="replace")
        check_lines(document, text, source=source.id)


@pytest.mark.parametrize("study", STUDIES)
def test_every_verdict_says_why_and_quotes_the_claim_first(study: str) -> None:
    for verdict in verdicts_of(study).values():
        assert verdict.why
        assert verdict.quotes[0].prints == verdict.printed
        assert verdict.quotes[0].line
        assert verdict.settle or verdict.answer is Answer.REPRODUCED
        assert [len(file.sha256) for file in verdict.files] == [64] * len(verdict.files)


def test_what_is_inferred_says_so() -> None:
    inferred = [v for study in STUDIES for v in verdicts_of(study).values() if v.inference]
    assert {"stay-p", "ct-p", "stay-all"} <= {verdict.claim for verdict in inferred}
    assert all(verdict.inference.startswith("Inferred, not stated: ") for verdict in inferred)


# The truths below were worked out by hand or with scipy from the paper's Table 2 (lines 262 to 283 of its text).


def test_the_p_of_c_reactive_protein_is_that_of_an_unpaired_test_of_paired_data() -> None:
    for claim in ("crp-p", "crp-table-p"):
        verdict = chictr(claim)
        assert verdict.answer is Answer.WRONG_METHOD
        assert methods_that_match(verdict) == {"welch", "spss_levene_decides"}
        assert value_of(verdict, "welch") == pytest.approx(
            0.15147, abs=5e-6
        )  # scipy.stats.ttest_ind(equal_var=False)
        assert value_of(verdict, "paired_t") == pytest.approx(0.15260, abs=5e-6)  # scipy.stats.ttest_rel
        assert value_of(verdict, "signed_rank_exact") == pytest.approx(
            0.09375
        )  # 6 of 64 sign patterns of six changes


def test_the_p_of_white_cells_is_reproduced_by_nothing() -> None:
    verdict = chictr("white-cells-table-p")
    assert verdict.answer is Answer.NOT_REPRODUCED
    assert value_of(verdict, "student") == pytest.approx(0.525, abs=5e-4)
    assert value_of(verdict, "signed_rank_exact") == pytest.approx(60 / 128)  # 0.469
    assert "0.469" in verdict.why
    # 43.45 / 7 - 40.10 / 7 = 0.4786: the printed p is the difference of the means, and that is only inferred.
    assert "0.479 has the digits of the difference of the means (0.4786)" in verdict.inference


def test_a_fact_in_figures_is_one_that_the_claim_prints() -> None:
    # Otherwise a claim would be held to something that its source does not say.
    for study in STUDIES:
        for claim in read_claims(PROJECT / "studies" / study / "published" / "claims.toml").file.claims:
            fact = str(claim.given.get("fact", ""))
            if any(sign.isdigit() for sign in fact):
                assert fact in claim.prints, claim.id


@pytest.mark.parametrize("claim", ["lymphocytes-table-p", "respiratory-rate-table-p", "temperature-table-p"])
def test_three_more_p_values_are_those_of_student_on_paired_data(claim: str) -> None:
    verdict = chictr(claim)
    assert verdict.answer is Answer.WRONG_METHOD
    assert "student" in methods_that_match(verdict)
    assert not any(way.matches for way in verdict.recomputed if way.right_for_data)


def test_the_mean_before_is_off_in_the_last_digit_and_the_mean_after_is_right() -> None:
    assert chictr("crp-before").answer is Answer.NOT_REPRODUCED
    assert "23.04±31.88" in chictr("crp-before").why  # 161.3 / 7
    assert chictr("crp-after").answer is Answer.REPRODUCED


def test_the_spread_of_three_days_of_stay_is_impossible() -> None:
    verdict = chictr("stay-early")
    assert verdict.answer is Answer.IMPOSSIBLE
    assert "15.3±1.53" in verdict.why  # 14, 17, 15: SD sqrt(7 / 3) = 1.528


def test_the_days_to_absorption_are_impossible_for_three_patients() -> None:
    assert chictr("ct-early").answer is Answer.IMPOSSIBLE


@pytest.mark.parametrize(
    ("claim", "shown"), [("stay-all", "22.71"), ("stay-mild", "19.80"), ("stay-severe", "30.0")]
)
def test_the_means_of_stay_are_not_those_of_the_people_named(claim: str, shown: str) -> None:
    verdict = chictr(claim)
    assert verdict.answer is Answer.CONTRADICTED
    assert shown in verdict.why  # 159 / 7, 99 / 5, 60 / 2


def test_a_stay_of_all_patients_could_be_of_nineteen_people_as_its_p_value_also_suggests() -> None:
    # 356 / 19 = 18.737; Welch of 14, 17, 15 against 18.74±4.72 with 19 gives 0.035
    assert "n = 19," in chictr("stay-all").inference
    assert "18.74±4.72 with n2 = 19" in chictr("stay-p").inference


def test_a_fold_change_of_sixty_five_is_not_twofold_and_one_from_zero_is_none() -> None:
    assert chictr("ifn-twofold").answer is Answer.NOT_REPRODUCED
    assert value_of(chictr("ifn-twofold"), "ratio") == pytest.approx(41.23 / 0.63)
    assert chictr("il17-twofold").answer is Answer.IMPOSSIBLE
    for claim in ("th19-twofold-april-13", "nk-halved-april-13"):
        assert chictr(claim).answer is Answer.REPRODUCED


def test_the_first_dose_of_patient_7_is_told_on_two_days() -> None:
    for claim in ("start-7", "start-7-figure-4"):
        assert chictr(claim).answer is Answer.CONTRADICTED
        assert "Aug 23" in chictr(claim).why


def test_a_time_known_between_two_scans_is_an_interval() -> None:
    verdict = chictr("ct-6-time")
    assert verdict.answer is Answer.IMPOSSIBLE
    assert "from April 3: more than 7, at most 18 d" in verdict.why


def test_the_saturation_of_four_patients_is_not_printed() -> None:
    assert chictr("saturation-p").answer is Answer.CANNOT_BE_CHECKED
    assert "3, 5, 6 and 7" in chictr("saturation-p").settle


def test_one_ratio_of_the_immune_panel_is_not_that_of_its_parts() -> None:
    # 33.98 / 25.72 = 1.321
    assert chictr("cd4-cd8-3").answer is Answer.NOT_REPRODUCED
    assert "1.32" in chictr("cd4-cd8-3").why


def test_a_total_dose_of_five_days_holds_only_if_given_twice_a_day() -> None:
    verdict = verdicts_of("mexcovid")["dose-total"]
    assert verdict.answer is Answer.CONTRADICTED
    assert value_of(verdict, "product") == 1.0e9  # 2.0e8 x 5
    assert "2 times a day" in verdict.inference


def test_the_printed_counts_and_both_calendars_hold() -> None:
    irct, mexcovid = verdicts_of("irct20201202049568n3"), verdicts_of("mexcovid")
    fine = [irct[claim] for claim in ("phase-one", "phase-two", "total-summary", "calendar-5", "calendar-6")]
    fine += [mexcovid["participants-sexes"], chictr("severe-and-mild")]
    assert {verdict.answer for verdict in fine} == {Answer.REPRODUCED}
