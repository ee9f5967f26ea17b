"""Eligibility divided into criteria, and the rules proposed for them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.registries.eligibility_text import read_criteria, split_criteria, split_eligibility
from exotrial.registries.rule_text import find_lost_signs, propose_rule
from exotrial.study.rules import Rule
from tests.conftest import shared

THREE = ("Age from 18 to 65 years", "PCR positive", "Informed consent")


@pytest.mark.parametrize(
    "text",
    [
        "1- Age from 18 to 65 years 2- PCR positive 3- Informed consent",
        "(1) Age from 18 to 65 years; (2) PCR positive; (3) Informed consent;",
        "Inclusion criteria: Age from 18 to 65 years<br>PCR positive<br>Informed consent",
        "* Age from 18 to 65 years\n* PCR positive\n* Informed consent",
        "<br> 1. Age from 18 to<br> 65 years;<br><br> 2. PCR positive<br><br> 3. Informed consent",
        "Age from 18 to 65 years - PCR positive - Informed consent",
        "1.Age from 18 to 65 years; 2.PCR positive;3.Informed consent",
    ],
)
def test_every_sign_divides(text: str) -> None:
    assert split_criteria(text) == THREE


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 Patients Admitted to Kowsar Hospital Respiratory Ward",
        "PaO2 less than 60; PH less than 7.35; and no improvement",
        "A dose of 2.5 - 3.0 mg",
        "One sentence. Another Sentence begins. And No third one",
    ],
)
def test_one_criterion_stays_whole(text: str) -> None:
    assert split_criteria(text) == (text,)


def test_capital_letters_divide_a_line_without_any_other_sign() -> None:
    text = (
        "Acute distress Syndrome of a severe type (PaO₂/FiO₂ <200mmHg) Age range between 18 to 65 years Men and Women "
        "No participation in another trial Confirmed by PCR in a Hospital"
    )
    assert split_criteria(text) == (
        "Acute distress Syndrome of a severe type (PaO₂/FiO₂ <200mmHg)",
        "Age range between 18 to 65 years",
        "Men and Women",
        "No participation in another trial",
        "Confirmed by PCR in a Hospital",
    )


@pytest.mark.parametrize(
    "text",
    [
        "1. Severe, any of: 1. RR = 30 2. SpO2 = 93 % 2. Informed consent 3. PCR positive",
        "* Severe, any of:\n  * RR = 30\n  * SpO2 = 93 %\n* Informed consent\n* PCR positive",
        "1. Severe, any of:\n   1. RR = 30\n   2. SpO2 = 93 %\n2. Informed consent\n3. PCR positive",
    ],
)
def test_an_inner_list_stays_with_its_criterion(text: str) -> None:
    first, *rest = split_criteria(text)
    assert "RR = 30" in first
    assert "SpO2 = 93 %" in first
    assert rest == ["Informed consent", "PCR positive"]


def test_the_two_lists_are_parted_at_their_headings() -> None:
    text = "Inclusion Criteria:\n\n* Adults\n\nExclusion Criteria:\n\n* Pregnancy"
    assert [split_criteria(part or "") for part in split_eligibility(text)] == [("Adults",), ("Pregnancy",)]
    assert split_eligibility("Adults only") == (None, None)
    assert split_eligibility("Exclusion criteria: Pregnancy") == (None, "Pregnancy")


def item(name: str, **condition: object) -> Rule:
    return Rule.model_validate({"item": name} | condition)


ADULT = item("age", at_least=18, at_most=65, unit="a")
PROPOSED = [
    ("Age between 18 to 65 years from both Sexes", ADULT),
    ("Male or female, aged at 18 years (including) to 65 years old", ADULT),
    ("Age ≥ 18 and ≤ 65 years", ADULT),
    ("18 Years to 65 Years", ADULT),
    ("18 years or older", item("age", at_least=18, unit="a")),
    ("Age >18 years", item("age", more_than=18, unit="a")),
    ("patients under 18 years", item("age", less_than=18, unit="a")),
    ("Age < 18 or > 65", Rule(any_of=(item("age", less_than=18, unit="a"), item("age", more_than=65, unit="a")))),
    ("ARDS, moderate to severe (PaO₂/ FiO₂ <200mmHg)", item("pf_ratio", less_than=200, unit="mmHg")),
    ("PaO2/FiO2 ≤ 300 mmHg", item("pf_ratio", at_most=300, unit="mmHg")),
    ("PaO2/FiO2 < 40 kPa", item("pf_ratio", less_than=40, unit="kPa")),
    ("SpO2 93% or less", None),
    ("SpO2 less than or equal to 93%", item("spo2", at_most=93, unit="%")),
    ("Oxygen saturation < 90%", item("oxygen_saturation", less_than=90, unit="%")),
    ("Respiratory rate> 30 times / minute", item("respiratory_rate", more_than=30, unit="/min")),
    ("Pregnancy", item("pregnant", equals=True)),
    ("Negative pregnancy test in women", item("pregnant", equals=False)),
    ("Pregnant and lactating women", Rule(any_of=(item("pregnant", equals=True), item("lactating", equals=True)))),
    ("Written informed consent", item("written_informed_consent", equals=True)),
    ("Informed consent for inclusion in the study", item("informed_consent", equals=True)),
    ("Lack of informed consent", item("informed_consent", equals=False)),
    ("Definitive infection with COVID-19 confirmed by PCR", item("sars_cov_2_rt_pcr", equals="positive")),
    ("No participation in another clinical trial during this study", item("other_trial_participation", equals=False)),
    (
        "Participation in another clinical trial within the last 3 months",
        item("other_trial_participation", equals=True, within="the last 3 months"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), PROPOSED)
def test_the_rule_says_what_the_words_say(text: str, rule: Rule | None) -> None:
    assert propose_rule(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "Over 18 years old",  # may admit a person of 18 or not
        "Women aged 18 to 45 years",  # the rule would lose the sex
        "Age 65-18 years",
        "At least 2 years",
        "1 to 5 years",
        "Disease for at least 2 years",
        "less than 18 years or more than 65 years of age",
        "Nursing students",
        "Withdrawal of consent",
        "Age not between 18 and 65 years",
        "PaO2/FiO2 > 200 and ≤ 300",
        "Age at onset at least 18 years",
        "aged 6 to 18 months",
        "SpO2 = 93 %",  # a sign may be lost
        "RR = 30 times/min",
        "SpO2 < 0.93",
        "SpO2 < 93 % on room air",
        "PaO2/FiO2 100-200 mmHg",
        "Respiratory rate > 30, SpO2 < 93 %",  # and, or?
        "Respiratory rate > 30 or shock",
        "Pregnant patients with a positive test for hepatitis",
        "COVID-19 confirmed by PCR or CT scan",
        "Suspected COVID-19 with negative PCR",
        "PCR positive",  # for what?
        "Participation in another trial of interferon",
        "Ability to understand and sign the consent form",
        "",
    ],
)
def test_no_rule_is_proposed_where_it_would_not_say_the_whole(text: str) -> None:
    assert propose_rule(text) is None


@given(st.integers(0, 120), st.integers(0, 120))
def test_a_proposed_range_of_ages_admits_both_ends_and_nobody_outside(low: int, high: int) -> None:
    rule = propose_rule(f"Age {low} to {high} years")
    if low >= high:
        assert rule is None
        return
    assert rule is not None
    assert [rule.holds({"age": age}) for age in (low - 1, low, high, high + 1)] == [False, True, True, False]


@given(st.text(max_size=100))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    for criterion in read_criteria(text, "inclusion"):
        assert criterion.text.value.strip() == criterion.text.value
    find_lost_signs(text)
    split_eligibility(text)


@given(
    st.lists(
        st.text(alphabet="abcdef ", min_size=3, max_size=20).map(str.strip).filter(bool),
        min_size=2,
        max_size=12,
    )
)
def test_any_numbered_list_is_read_back(items: list[str]) -> None:
    clean = tuple(" ".join(words.split()) for words in items)
    assert split_criteria(" ".join(f"{n}- {words}" for n, words in enumerate(clean, 1))) == clean
    assert split_criteria("<br>".join(clean)) == clean


def test_a_bare_sign_before_a_threshold_is_found() -> None:
    assert find_lost_signs("Pulse oxygen saturation (SpO2) at rest = 93%") == (
        "oxygen saturation (SpO2) at rest = 93%",
    )
    assert find_lost_signs("fever (=37.2 °C) or RR=24") == ("fever (=37.2 °", "37.2 °C) or RR=24")
    assert find_lost_signs("SpO2 <= 93 %, RR >= 30, PaO2 ≥ 60, a=b") == ()


@pytest.mark.shared
def test_the_lost_signs_of_a_real_export_are_found() -> None:
    rows = json.loads(
        shared("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json").read_text(encoding="utf-8")
    )
    text = next(iter(rows["NCT04276987"].values()))["Inclusion Criteria"]
    assert [quote.split()[-1] for quote in find_lost_signs(text)] == ["30", "93%", "300"]
    inclusion, exclusion = split_eligibility(text)
    assert (len(split_criteria(inclusion or "")), len(split_criteria(exclusion or ""))) == (5, 17)
