"""Controls of flow cytometry: each rule on both sides of its limit, and the ratio of rates a second way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.assays.fcs import read_fcs
from exotrial.product.cytometry.controls import (
    ControlSet,
    CountedRun,
    Role,
    check_controls,
    compute_rate_ratio,
    count_run,
    read_controls,
)
from tests.product.cytometry.fcs_files import write_fcs

HEAD = """channel = "FL1-A"
positive_from = 100.0
amount_unit = "uL"
background_at_most = 0.1
left_after_detergent_at_most = 0.2
linear_within = 0.2
"""


def toml_of(*runs: tuple[str, float]) -> str:
    return HEAD + "".join(
        f'\n[[runs]]\nrole = "{role}"\nfile = "{k}.fcs"\namount = 10\ndilution = {dilution:g}\n'
        for k, (role, dilution) in enumerate(runs)
    )


def counted_of(
    controls: ControlSet, *counts: int, medians: dict[str, float] | None = None
) -> list[CountedRun]:
    return [
        CountedRun(
            run=run,
            events=count + 50,
            positive=count,
            median=(medians or {}).get(run.file, 500.0) if count else None,
            sha256=run.file,
            instrument="C6",
        )
        for run, count in zip(controls.runs, counts, strict=True)
    ]


def rules(text: str, *counts: int, medians: dict[str, float] | None = None) -> set[str]:
    controls = read_controls(assay_file(text.encode(), name="controls.toml"))
    return {
        finding.id for finding in check_controls(controls, counted_of(controls, *counts, medians=medians))
    }


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0.1, 10), st.floats(0.1, 10))
@settings(max_examples=60, deadline=None)
def test_the_interval_of_a_ratio_of_rates_inverts_the_conditional_test(
    count: int, against: int, amount: float, other: float
) -> None:
    """At each end the binomial probability of as many or fewer, or as many or more, is 2.5 %."""
    ratio, low, high = compute_rate_ratio(count, amount, against, other)
    assert low <= ratio <= high
    n = count + against
    share = high * amount / (high * amount + other)
    assert stats.binom.cdf(count, n, share) == pytest.approx(0.025, rel=1e-6)
    if count:
        share = low * amount / (low * amount + other)
        assert stats.binom.sf(count - 1, n, share) == pytest.approx(0.025, rel=1e-6)


def test_every_control_that_is_missing_is_told_by_its_item() -> None:
    found = rules(toml_of(("sample", 10)), 1000)
    assert found == {f"FCF-020:{role}" for role in Role if role is not Role.SAMPLE} | {"FCF-023:dilutions"}


def test_background_is_within_its_limit_only_where_the_bound_is() -> None:
    text = toml_of(("sample", 10), ("buffer", 1))
    # 10,000 events: 950 are 9.5 % and at most 10.0 % with confidence, 960 are 9.6 % and may be 10.1 %.
    assert "FCF-021:1.fcs" not in rules(text, 10_000, 940)
    assert "FCF-021:1.fcs" in rules(text, 10_000, 960)
    # No event in buffer shows nothing beside 20 of the sample: 3.0 / 20 is above 10 %.
    assert "FCF-021:1.fcs" in rules(text, 20, 0)
    assert "FCF-021:1.fcs" not in rules(text, 40, 0)


def test_what_detergent_leaves_is_judged_at_the_dilution_of_the_sample() -> None:
    assert "FCF-022:1.fcs" in rules(toml_of(("sample", 10), ("detergent", 10)), 1000, 220)
    assert "FCF-022:1.fcs" not in rules(toml_of(("sample", 10), ("detergent", 10)), 1000, 150)
    other = rules(toml_of(("sample", 10), ("detergent", 20)), 1000, 500)
    assert "FCF-027:1.fcs" in other
    assert "FCF-022:1.fcs" not in other


def test_a_series_that_falls_with_dilution_is_no_swarm() -> None:
    series = toml_of(("sample", 10), ("sample", 20), ("sample", 40))
    found = rules(series, 40_000, 20_000, 10_000)
    assert not {rule for rule in found if rule.startswith(("FCF-023", "FCF-024", "FCF-025"))}


def test_a_swarm_keeps_its_rate_and_loses_its_brightness() -> None:
    series = toml_of(("sample", 10), ("sample", 20), ("sample", 40))
    found = rules(series, 40_000, 38_000, 30_000, medians={"1.fcs": 390.0, "2.fcs": 420.0})
    assert {"FCF-024:1.fcs", "FCF-024:2.fcs", "FCF-025:1.fcs"} <= found
    assert "FCF-025:2.fcs" not in found  # 420 of 500 is 0.84, within 1 / 1.2


def test_a_run_of_another_cytometer_and_one_file_twice() -> None:
    controls = read_controls(
        assay_file(toml_of(("sample", 10), ("buffer", 1)).encode(), name="controls.toml")
    )
    sample, buffer = counted_of(controls, 1000, 5)
    other = replace(buffer, instrument="Canto")
    assert "FCF-026:1.fcs" in {one.id for one in check_controls(controls, [sample, other])}
    same = replace(buffer, sha256=sample.sha256)
    with pytest.raises(Refusal, match=r"FCT-002: controls.toml line 16"):
        check_controls(controls, [sample, same])


def test_events_are_counted_from_the_threshold_up() -> None:
    controls = read_controls(assay_file(toml_of(("sample", 10)).encode(), name="controls.toml"))
    values = np.array([[1.0, 99.9], [2.0, 100.0], [3.0, 300.0], [4.0, -5.0]])
    reading = read_fcs(assay_file(write_fcs(values, ("FSC-A", "FL1-A")), name="0.fcs"))
    (run,) = controls.runs
    counted = count_run(run, reading, controls)
    assert (counted.events, counted.positive, counted.median) == (4, 2, 200.0)
    assert counted.rate == 0.2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('role = "sample"', 'role = "buffer"', "FCT-001"),
        ("amount = 10\n", "amount = 0\n", "FCT-003: controls.toml line 11"),
        ("dilution = 10", "dilution = 0.5", "FCT-003"),
        ("background_at_most = 0.1", "background_at_most = 10", "FCT-003"),
        ("linear_within = 0.2\n", "", "TML-002"),
        ('"uL"', '"mL"', "TML-003"),
        ('role = "sample"', 'role = "smaple"', "TML-003"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused(old: str, new: str, code: str) -> None:
    text = toml_of(("sample", 10))
    assert old in text
    with pytest.raises(Refusal, match=code):
        read_controls(assay_file(text.replace(old, new, 1).encode(), name="controls.toml"))


def test_a_sample_without_a_positive_event_is_refused() -> None:
    with pytest.raises(Refusal, match="FCT-001"):
        rules(toml_of(("sample", 10), ("buffer", 1)), 0, 5)
