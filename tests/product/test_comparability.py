"""Equivalence of a product's attributes: who is a sample, what a yes needs, and that no difference is not one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Place, Refusal
from exotrial.core.verdict import Reason
from exotrial.product.comparability import (
    Comparison,
    Measured,
    Outcome,
    Summary,
    compare_attribute,
    compute_planned_power,
    compute_planned_size,
    decide_comparability,
)
from exotrial.product.comparability_findings import (
    check_claim,
    check_comparisons,
    check_plan,
    claims_no_significant_difference,
)
from exotrial.study.definition.comparability import Comparability
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.study.clean import changed

HERE = Place(file="values.csv", line=2)


def plan(**changes: Any) -> Comparability:
    given = {
        "attribute": "particle concentration",
        "comparison": "before and after nebulisation",
        "margin": (0.8, 1.25),
        "alpha": 0.05,
        "design": "independent",
    }
    return Comparability.model_validate({**given, **changes})


def values(
    group: str, numbers: list[float], *, attribute: str = "particle concentration", unit: str = "particles/mL"
) -> list[Measured]:
    return [
        Measured(attribute=attribute, group=group, sample=f"vial {n}", value=number, unit=unit, place=HERE)
        for n, number in enumerate(numbers, 1)
    ]


# Made up: particles/mL of six vials before and after the device.
BEFORE = [7.1e8, 6.8e8, 7.4e8, 7.0e8, 6.9e8, 7.6e8]
AFTER = [6.7e8, 6.6e8, 7.1e8, 6.4e8, 6.6e8, 7.2e8]


def compared(before: list[float] = BEFORE, after: list[float] = AFTER, **changes: Any) -> Comparison:
    return compare_attribute(
        plan(**changes),
        measured=[*values("before", before), *values("after", after)],
        reference="before",
        test="after",
    )


def test_the_ratio_is_test_over_reference_of_geometric_means() -> None:
    found = compared()
    assert found.equivalence is not None
    expected = stats.gmean(AFTER) / stats.gmean(BEFORE)
    assert found.equivalence.as_ratio().value == pytest.approx(expected)
    assert found.means == pytest.approx((stats.gmean(AFTER), stats.gmean(BEFORE)))
    interval = stats.ttest_ind(np.log(AFTER), np.log(BEFORE), equal_var=False).confidence_interval(0.9)
    ratio = found.equivalence.as_ratio()
    assert (ratio.lower, ratio.upper) == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    assert found.outcome is Outcome.EQUIVALENT


def test_pairs_take_out_what_differs_between_vials() -> None:
    # The same loss of 5 % from vials that differ a hundredfold.
    before = [1e7, 1e8, 1e9, 5e8]
    after = [0.95e7, 0.94e8, 0.96e9, 4.75e8]
    assert compared(before, after).outcome is Outcome.NOT_SHOWN
    assert compared(before, after, design="paired").outcome is Outcome.EQUIVALENT


def test_pairs_are_found_by_sample_and_not_by_order() -> None:
    shuffled = list(reversed(values("after", AFTER)))
    found = compare_attribute(
        plan(design="paired"),
        measured=[*shuffled, *values("before", BEFORE)],
        reference="before",
        test="after",
    )
    straight = compared(design="paired")
    assert found.equivalence is not None
    assert straight.equivalence is not None
    assert found.equivalence.se == pytest.approx(straight.equivalence.se)


def test_a_sample_without_a_partner_is_left_out_and_named() -> None:
    found = compared(BEFORE, AFTER[:5], design="paired")
    assert (found.unpaired, found.n) == (("vial 6",), (5,))
    assert [finding.rule for finding in check_comparisons([found])] == ["CMF-006"]


def test_repeats_of_one_sample_are_one_sample() -> None:
    repeats = [
        Measured(attribute="particle concentration", group=group, sample="vial 1", value=value,
                 unit="particles/mL", place=HERE)
        for group, numbers in (("before", BEFORE), ("after", AFTER))
        for value in numbers
    ]  # fmt: skip
    found = compare_attribute(plan(), measured=repeats, reference="before", test="after")
    assert found.outcome is Outcome.NOT_TESTED
    assert "after has 1 sample, and 2 are needed" in found.why_not
    assert [finding.rule for finding in check_comparisons([found])] == ["CMF-005"]
    assert not decide_comparability([found])


def test_one_pair_is_not_tested_and_two_are() -> None:
    assert compared(BEFORE[:1], AFTER[:1], design="paired").outcome is Outcome.NOT_TESTED
    assert compared(BEFORE[:2], AFTER[:2], design="paired").outcome is not Outcome.NOT_TESTED


def test_no_significant_difference_is_no_yes() -> None:
    found = compared([5e8, 9e8, 7e8], [6e8, 9e8, 6e8])
    assert found.equivalence is not None
    assert found.equivalence.p_difference > 0.5
    verdict = decide_comparability([found])
    assert not verdict
    assert verdict.reasons[0].holds is None
    assert "equivalence not shown" in verdict.reasons[0].why
    rules = {finding.rule for finding in check_comparisons([found])}
    assert rules == {"CMF-008", "CMF-009"}


def test_an_interval_outside_the_margin_is_a_no() -> None:
    found = compared(BEFORE, [value / 10 for value in AFTER])
    assert found.outcome is Outcome.DIFFERENT
    assert decide_comparability([found]).reasons[0].holds is False


def test_the_margin_decides_on_both_sides_of_the_bounds_of_the_interval() -> None:
    found = compared().equivalence
    assert found is not None
    lower = found.as_ratio().lower
    assert compared(margin=(lower * 0.999, 1.25)).outcome is Outcome.EQUIVALENT
    assert compared(margin=(lower * 1.001, 1.25)).outcome is Outcome.NOT_SHOWN


def test_all_attributes_must_pass_and_a_doubt_holds_the_verdict_back() -> None:
    good, bad = compared(), compared(BEFORE, [value / 10 for value in AFTER])
    assert decide_comparability([good])
    assert not decide_comparability([good, bad])
    assert not decide_comparability([good], doubts=[Reason("warnings are judged", None, "nobody has")])


def test_a_comparison_of_nothing_is_no_yes() -> None:
    assert not decide_comparability([])


def test_power_after_is_for_an_unchanged_product_at_the_spread_seen() -> None:
    near, far = compared(), compared(BEFORE, [value / 10 for value in AFTER])
    assert near.power is not None
    assert near.power == pytest.approx(far.power)  # a tenth has the same spread of logarithms
    noisy = compared([2e8, 9e8, 5e8], [3e8, 9e8, 4e8])
    assert noisy.power is not None
    assert noisy.power < 0.1
    assert noisy.samples_needed is not None
    assert noisy.samples_needed > 50


def test_power_before_rests_on_what_the_study_file_expects() -> None:
    assert compute_planned_power(plan()) is None
    full = plan(samples=6, expected_ratio=0.95, expected_cv=0.1)
    more = plan(samples=12, expected_ratio=0.95, expected_cv=0.1)
    paired = plan(samples=6, expected_ratio=0.95, expected_cv=0.1, design="paired")
    found = [compute_planned_power(each) for each in (full, more, paired)]
    assert all(each is not None and 0 < each < 1 for each in found)
    assert found[0] < found[1]  # type: ignore[operator]


def test_the_samples_needed_before_the_data_are_the_fewest_with_the_power_planned_for() -> None:
    for design in ("paired", "independent"):
        needed = compute_planned_size(plan(design=design, expected_ratio=0.95, expected_cv=0.2, power=0.8))
        assert needed is not None
        found = [
            compute_planned_power(plan(design=design, expected_ratio=0.95, expected_cv=0.2, samples=samples))
            for samples in (needed - 1, needed)
        ]
        assert found[0] is not None
        assert found[1] is not None
        assert found[0] < 0.8 <= found[1]
    assert compute_planned_size(plan()) is None
    assert compute_planned_size(plan(expected_ratio=0.7, expected_cv=0.2)) is None


def summary(group: str, mean: float, sd: float, n: int = 3) -> Summary:
    return Summary(attribute="median diameter", group=group, mean=mean, sd=sd, n=n, unit="nm", place=HERE)


def test_a_papers_means_and_sds_can_be_tested_as_independent_groups() -> None:
    found = compare_attribute(
        plan(attribute="median diameter"),
        measured=[],
        summaries=[summary("before", 110, 4), summary("after", 112, 5)],
        reference="before",
        test="after",
    )
    assert found.from_summary
    assert found.outcome is Outcome.EQUIVALENT
    assert "CMF-007" in {finding.rule for finding in check_comparisons([found])}


def test_a_summary_does_not_tell_pairs() -> None:
    found = compare_attribute(
        plan(attribute="median diameter", design="paired"),
        measured=[],
        summaries=[summary("before", 110, 4), summary("after", 112, 5)],
        reference="before",
        test="after",
    )
    assert found.outcome is Outcome.NOT_TESTED


def test_a_group_given_twice_and_units_that_differ_are_refused() -> None:
    twice = [summary("before", 110, 4), summary("before", 112, 5)]
    with pytest.raises(Refusal, match=r"CMP-005: values\.csv line 2"):
        compare_attribute(
            plan(attribute="median diameter"), measured=[], summaries=twice, reference="before", test="after"
        )
    marker = plan(attribute="marker signal", marker="CD81")
    mixed = [
        *values("before", [1, 2], attribute="marker signal: CD81", unit="MESF"),
        *values("after", [1, 2], attribute="marker signal: CD81", unit="1"),
    ]
    with pytest.raises(Refusal, match=r"CMP-004: values\.csv line 2"):
        compare_attribute(marker, measured=mixed, reference="before", test="after")


def test_a_value_of_nothing_has_no_ratio_and_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-105"):
        compared([0.0, *BEFORE[1:]])


@settings(max_examples=10)
@given(
    st.lists(st.floats(1e6, 1e10), min_size=2, max_size=8, unique=True),
    st.lists(st.floats(1e6, 1e10), min_size=2, max_size=8, unique=True),
    st.floats(0.01, 100),
)
def test_the_answer_does_not_depend_on_the_unit(
    before: list[float], after: list[float], factor: float
) -> None:
    if min(np.ptp(np.log(before)), np.ptp(np.log(after))) < 1e-3:
        return

    def answer(scale: float) -> Comparison:
        return compare_attribute(
            plan(),
            measured=[
                *values("before", [value * scale for value in before]),
                *values("after", [value * scale for value in after]),
            ],
            reference="before",
            test="after",
        )

    one, other = answer(1.0), answer(factor)
    assert one.equivalence is not None
    assert other.equivalence is not None
    assert one.equivalence.p_value == pytest.approx(other.equivalence.p_value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "no significant difference in size and markers before and after nebulisation",
        "Size was not significantly different after storage",
        "no statistically significant change",
        "the two batches did not differ",
        "sizes were alike (p > 0.05)",
        "a nonsignificant decrease",
    ],
)
def test_a_claim_of_no_significant_difference_is_known_however_it_is_put(text: str) -> None:
    assert claims_no_significant_difference(text)


@pytest.mark.parametrize(
    "text",
    [
        "ratio 0.97, 90 % interval 0.91 to 1.03, within 0.8 to 1.25",
        "a significant loss of particles",
        "number of particles before and after the device",
    ],
)
def test_other_claims_are_left_alone(text: str) -> None:
    assert not claims_no_significant_difference(text)


def test_the_claim_of_the_chictr_pilot_is_not_accepted() -> None:
    study, _ = read_study(PROJECT / "studies" / "chictr2000030261")
    (product,) = study.products
    (finding,) = check_claim(study, product)
    assert finding.id == "CMF-001:products.cord_exosomes.device_claim"
    assert [quote.line for quote in finding.quotes] == [125, 126]
    assert [each.rule for each in check_plan(product, product.comparability)] == ["CMF-002"]
    clean = changed({})
    assert check_claim(clean, clean.products[0]) == []


def test_a_plan_without_reason_or_power_is_doubted() -> None:
    product = changed({}).products[0]
    assert [each.rule for each in check_plan(product, [plan()])] == ["CMF-003", "CMF-004"]
    full = plan(margin_reason="potency is flat there", samples=6, expected_ratio=1.0, expected_cv=0.1)
    assert check_plan(product, [full]) == []
