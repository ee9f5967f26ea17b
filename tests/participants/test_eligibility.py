"""Eligibility of the three trials: both sides of every limit, and what is not known is not a yes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.cli.app import main
from exotrial.core.errors import Refusal
from exotrial.core.verdict import Reason, Verdict
from exotrial.participants.eligibility import decide_eligibility, items_of
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from exotrial.study.rules import Answer
from tests.conftest import PROJECT

IRCT = read_study(PROJECT / "studies" / "irct20201202049568n3")[0]


def answers_of(study: Study, **changed: Answer) -> dict[str, Answer]:
    """Answers with which everybody asked is eligible, but for those changed."""
    eligible: dict[str, Answer] = {
        item: False
        for criterion in study.population.criteria
        if criterion.category == "exclusion"
        for item in items_of(criterion)
    }
    eligible |= {
        "age": 45,
        "pf_ratio": 150,
        "other_trial_participation": False,
        "written_informed_consent": True,
        "bilateral_infiltration_with_oedema": True,
        "sars_cov_2_rt_pcr": "positive",
    }
    return eligible | changed


def reason_of(verdict: Verdict, item: str) -> list[Reason]:
    return [reason for reason in verdict.reasons if f"{item} = " in reason.why]


def test_who_meets_every_criterion_may_be_enrolled() -> None:
    assert decide_eligibility(IRCT, answers_of(IRCT)).holds


@pytest.mark.parametrize(
    ("item", "answer", "eligible"),
    [
        ("age", 17, False),
        ("age", 18, True),
        ("age", 65, True),
        ("age", 66, False),
        ("pf_ratio", 199.9, True),
        ("pf_ratio", 200, False),  # the registration says below 200 (seed 003, line 27)
        ("sars_cov_2_rt_pcr", "negative", False),
        ("pregnant", True, False),
        ("haemodialysis", True, False),
    ],
)
def test_each_side_of_a_limit(item: str, answer: Answer, eligible: bool) -> None:
    verdict = decide_eligibility(IRCT, answers_of(IRCT, **{item: answer}))
    assert verdict.holds is eligible
    assert all(reason.holds is eligible for reason in reason_of(verdict, item))


def test_epilepsy_excludes_only_with_continuous_treatment() -> None:
    assert decide_eligibility(IRCT, answers_of(IRCT, epilepsy=True)).holds
    assert not decide_eligibility(
        IRCT, answers_of(IRCT, epilepsy=True, continuous_anticonvulsants=True)
    ).holds


# Epilepsy excludes with its treatment: where the one is no, the other decides nothing and may be missing.
@given(st.sampled_from(sorted(set(answers_of(IRCT)) - {"epilepsy", "continuous_anticonvulsants"})))
def test_an_answer_left_out_is_never_a_yes(item: str) -> None:
    answers = answers_of(IRCT)
    del answers[item]
    verdict = decide_eligibility(IRCT, answers)
    assert not verdict.holds
    assert verdict.unknown
    assert all(reason.holds is not False for reason in verdict.reasons)


def test_an_item_that_nobody_asks_is_refused_with_the_nearest() -> None:
    with pytest.raises(Refusal, match=r"ELI-001: pf_ration: .* did you mean 'pf_ratio'\?"):
        decide_eligibility(IRCT, {"pf_ration": 150})


@pytest.mark.parametrize(
    ("item", "answer"), [("age", "old"), ("age", True), ("pregnant", 1), ("pregnant", "no")]
)
def test_an_answer_of_another_kind_is_refused(item: str, answer: Answer) -> None:
    with pytest.raises(Refusal, match="ELI-002"):
        decide_eligibility(IRCT, answers_of(IRCT, **{item: answer}))


def test_the_command_tells_every_criterion_and_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    study = str(PROJECT / "studies" / "irct20201202049568n3")
    assert main(["eligible", study, "--answer", "age=70", "--answer", "pregnant=no"]) == 0
    shown = capsys.readouterr().out
    assert "not met: age = 70" in shown
    assert shown.rstrip().endswith("not known.")
    assert main(["eligible", study, "--answer", "age"]) == 2
    assert "CLI-002" in capsys.readouterr().err
