"""A comparison as a whole, from readings: concentration with its dilution, doubts, distributions and the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from exotrial.core.errors import Place, Refusal
from exotrial.core.provenance import compute_source
from exotrial.product.assay import AssayKind, InstrumentWarning, Reading
from exotrial.product.comparability import Measured, Outcome
from exotrial.product.comparability_evidence import (
    SampleEvidence,
    gather_distributions,
    measure_reading,
)
from exotrial.product.comparability_tables import Member
from exotrial.product.compare_product import (
    UNPLANNED,
    ProductComparison,
    compare_product,
    find_plans,
    find_product,
)
from exotrial.product.size_distribution import (
    Dilution,
    DilutionState,
    SizeDistribution,
    Video,
    Weighting,
)
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.study.clean import changed

EDGES = np.arange(0.0, 601.0, 2.0)
PLANS: list[dict[str, Any]] = [
    {
        "attribute": attribute,
        "comparison": "before and after nebulisation",
        "margin": [0.8, 1.25],
        "margin_reason": "made up",
        "alpha": 0.05,
        "design": "paired",
        "samples": 3,
        "expected_ratio": 1.0,
        "expected_cv": 0.05,
    }
    for attribute in ("particle concentration", "median diameter")
]


def study(plans: list[dict[str, Any]] = PLANS) -> Study:
    return changed({"products.vesicles_product.comparability": plans})


def reading(
    name: str,
    *,
    median: float = 120.0,
    total: float = 7e8,
    seed: int = 1,
    dilution: Dilution | None = None,
    version: str = "3.4",
    warning: str = "",
) -> Reading:
    """A made-up export of five videos of log-normal sizes."""
    generator = np.random.default_rng(seed)
    videos = []
    for number in range(1, 6):
        law = stats.lognorm(s=0.35, scale=median * generator.normal(1, 0.01))
        videos.append(Video(name=f"video {number}", values=total * np.diff(law.cdf(EDGES))))
    distribution = SizeDistribution(
        edges_nm=EDGES,
        videos=tuple(videos),
        weighting=Weighting.NUMBER,
        unit="particles/mL",
        dilution=dilution or Dilution(state=DilutionState.APPLIED, factor=100.0),
        instrument="made up",
        version=version,
        place=Place(file=name),
    )
    return Reading(
        reader="made-up",
        kind=AssayKind.SIZE,
        file=compute_source(name.encode(), name=name),
        instrument="made up",
        version=version,
        measured_at=None,
        distributions=(distribution,),
        warnings=(InstrumentWarning(text=warning, place=Place(file=name, line=9)),) if warning else (),
    )


def member(name: str, group: str, sample: str, *, judged: str = "") -> Member:
    return Member(
        file=name, group=group, sample=sample, place=Place(file="groups.csv", line=2), warning_judged=judged
    )


def experiment(**changes: Any) -> list[SampleEvidence]:
    """Three vials before and after; changes apply to the last file."""
    made = []
    for number in (1, 2, 3):
        for group, shift in (("before", 1.0), ("after", 0.97)):
            name = f"{group}{number}.csv"
            given: dict[str, Any] = {
                "median": 120 * shift + number,
                "total": (7e8 + 1e7 * number**2) * shift,
                "seed": number,
            }
            last = changes if (group, number) == ("after", 3) else {}
            judged = str(last.get("judged", ""))
            given |= {key: value for key, value in last.items() if key != "judged"}
            made.append(
                measure_reading(member(name, group, f"vial {number}", judged=judged), reading(name, **given))
            )
    return made


def compared(evidence: list[SampleEvidence], **options: Any) -> ProductComparison:
    definition = options.pop("definition", None) or study()
    return compare_product(
        definition,
        product=find_product(definition),
        comparison="before and after nebulisation",
        evidence=evidence,
        seed=1,
        resamples=200,
        **options,
    )


def rules(found: ProductComparison) -> list[str]:
    return [finding.rule for finding in found.findings]


def test_a_product_that_kept_what_it_was_is_comparable() -> None:
    found = compared(experiment())
    assert [each.outcome for each in found.comparisons] == [Outcome.EQUIVALENT, Outcome.EQUIVALENT]
    assert found.verdict
    assert rules(found) == []
    assert found.reference == "before"
    assert found.distances["after"].videos == (15, 15)
    assert found.distances["after"].w1_nm.value == pytest.approx(3.8, abs=1.0)  # medians 122 and 118.4 nm


def test_the_median_is_that_of_the_distribution_and_concentration_its_sum() -> None:
    found = measure_reading(member("a.csv", "before", "vial 1"), reading("a.csv"))
    by_name = {each.attribute: each for each in found.measured}
    assert by_name["median diameter"].value == pytest.approx(120.0, abs=1.0)
    assert by_name["particle concentration"].value == pytest.approx(7e8, rel=1e-3)
    assert by_name["particle concentration"].unit == "particles/mL"


def test_a_dilution_that_was_not_applied_is_applied_and_one_not_recorded_gives_no_concentration() -> None:
    applied, not_applied, unknown = (
        measure_reading(member("a.csv", "before", "vial 1"), reading("a.csv", dilution=dilution))
        for dilution in (
            Dilution(state=DilutionState.APPLIED, factor=100.0),
            Dilution(state=DilutionState.NOT_APPLIED, factor=100.0),
            Dilution(state=DilutionState.NOT_RECORDED),
        )
    )
    values = [
        {each.attribute: each.value for each in one.measured} for one in (applied, not_applied, unknown)
    ]
    assert values[1]["particle concentration"] == pytest.approx(100 * values[0]["particle concentration"])
    assert "particle concentration" not in values[2]
    assert [finding.rule for finding in unknown.findings] == ["CMF-011"]


def test_without_one_dilution_the_pair_is_left_out_and_named() -> None:
    found = compared(experiment(dilution=Dilution(state=DilutionState.NOT_RECORDED)))
    assert found.comparisons[0].unpaired == ("vial 3",)
    assert {"CMF-011", "CMF-006"} <= set(rules(found))


def test_a_warning_that_nobody_judged_holds_the_verdict_back() -> None:
    found = compared(experiment(warning="Vibration detected"))
    assert rules(found) == ["CMF-010"]
    assert not found.verdict
    assert [reason.holds for reason in found.verdict.reasons] == [True, True, None]
    judged = compared(experiment(warning="Vibration detected", judged="door slammed once, see log"))
    assert judged.verdict


def test_states_measured_by_two_versions_are_doubted() -> None:
    assert rules(compared(experiment(version="3.2"))) == ["CMF-012"]


def test_a_video_without_particles_is_told() -> None:
    one = reading("a.csv")
    distribution = one.distributions[0]
    empty = Video(name="video 6", values=np.zeros(EDGES.size - 1))
    with_empty = replace(one, distributions=(replace(distribution, videos=(*distribution.videos, empty)),))
    found = measure_reading(member("a.csv", "before", "vial 1"), with_empty)
    assert [finding.rule for finding in found.findings] == ["CMF-013"]
    assert "video 6" in found.findings[0].says


def test_files_of_one_sample_are_one_sample_with_all_their_videos() -> None:
    again = measure_reading(member("again.csv", "before", "vial 1"), reading("again.csv", seed=9))
    found = compared([*experiment(), again])
    assert found.comparisons[0].n == (3,)
    assert found.distances["after"].videos == (20, 15)


def test_files_of_one_sample_with_other_bins_are_refused() -> None:
    other = measure_reading(member("b.csv", "before", "vial 1"), reading("b.csv"))
    wide = replace(
        other.distribution,
        edges_nm=EDGES[::2],
        videos=tuple(replace(v, values=v.values[::2] + v.values[1::2]) for v in other.distribution.videos),
    )
    with pytest.raises(Refusal, match=r"CMP-011: b\.csv"):
        gather_distributions([*experiment(), replace(other, distribution=wide)], group="before")


def test_a_file_without_a_distribution_by_number_or_with_two_is_refused() -> None:
    one = reading("a.csv")
    for distributions in ((), one.distributions * 2):
        with pytest.raises(Refusal, match=r"CMP-010: a\.csv"):
            measure_reading(member("a.csv", "b", "v"), replace(one, distributions=distributions))


def test_one_group_or_an_unknown_reference_is_refused() -> None:
    with pytest.raises(Refusal, match="CMP-006"):
        compared([one for one in experiment() if one.member.group == "before"])
    with pytest.raises(Refusal, match="CMP-006"):
        compared(experiment(), reference="fresh")


def test_a_value_of_an_attribute_that_is_not_planned_is_refused() -> None:
    stray = Measured(
        attribute="zeta potential", group="after", sample="vial 1", value=-12, unit="mV",
        place=Place(file="v.csv", line=3),
    )  # fmt: skip
    with pytest.raises(Refusal, match=r"CMP-014: v\.csv line 3: 'zeta potential' is not planned"):
        compared(experiment(), measured=[stray])


def test_every_batch_is_compared_with_the_reference_and_one_that_differs_is_a_no() -> None:
    plan = {**PLANS[1], "comparison": "batch to batch", "design": "independent"}
    definition = study([plan])
    evidence = [
        measure_reading(
            member(f"{batch}{n}.csv", batch, f"{batch} vial {n}"),
            reading(f"{batch}{n}.csv", median=median + n, seed=n),
        )
        for batch, median in (("B1", 118.0), ("B2", 120.0), ("B3", 190.0))
        for n in (1, 2, 3)
    ]

    def answers(reference: str) -> list[tuple[str, str]]:
        found = compare_product(
            definition, product=find_product(definition), comparison="", evidence=evidence,
            reference=reference, seed=1, resamples=99,
        )  # fmt: skip
        assert not found.verdict
        return [(each.test, str(each.outcome)) for each in found.comparisons]

    assert answers("") == [("B2", "equivalent"), ("B3", "outside the margin")]
    assert answers("B3") == [("B1", "outside the margin"), ("B2", "outside the margin")]


def test_without_a_plan_distributions_are_shown_and_nothing_is_comparable() -> None:
    found = compared(experiment(), definition=study([]))
    assert rules(found) == ["CMF-002"]
    assert not found.verdict
    assert "after" in found.distances


def test_the_chictr_pilot_has_a_claim_and_no_evidence() -> None:
    pilot, _ = read_study(PROJECT / "studies" / "chictr2000030261")
    product = find_product(pilot)
    name, plans = find_plans(product)
    assert (name, plans) == (UNPLANNED, ())
    found = compare_product(pilot, product=product, comparison=name, evidence=[], seed=1)
    assert rules(found) == ["CMF-001", "CMF-002"]
    assert not found.verdict


def test_a_product_or_a_comparison_that_is_not_clear_is_refused() -> None:
    definition = study([*PLANS, {**PLANS[0], "comparison": "batch to batch"}])
    product = find_product(definition)
    with pytest.raises(Refusal, match="CMP-012"):
        find_product(definition, "cells")
    with pytest.raises(Refusal, match=r"CMP-013.*plans 2 comparisons"):
        find_plans(product)
    with pytest.raises(Refusal, match="CMP-013"):
        find_plans(product, "before nebulisation")
    assert len(find_plans(product, "batch to batch")[1]) == 1
