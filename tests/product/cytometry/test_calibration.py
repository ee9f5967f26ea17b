"""Beads to MESF and scatter to diameters: against numpy's and scipy's own lines, and against what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.cytometry.log_line import LogLine, compute_log_line
from exotrial.product.cytometry.mesf import (
    Bead,
    Sample,
    check_beads,
    compute_bead_line,
    compute_calibrated,
    read_beads,
)
from exotrial.product.cytometry.mie import Cone, Polarisation
from exotrial.product.cytometry.scatter_diameter import (
    Optics,
    SizeBead,
    check_scatter,
    compute_diameters,
    compute_scatter_diameters,
    compute_scatter_line,
    read_scatter,
)

BEADS = """channel = "FITC-A"
lot = "made up"
unit = "MESF"
fluorochromes_per_antibody = 4.0

[[beads]]
name = "1"
stated = 1000
signal = 100.0

[[beads]]
name = "2"
stated = 10100
signal = 1000.0

[[beads]]
name = "3"
stated = 99000
signal = 10000.0

[[samples]]
name = "CD9"
signal = 250.0

[[samples]]
name = "isotype"
signal = 99.0
"""

SCATTER = """[optics]
wavelength_nm = 405
medium_index = 1.343
angle_deg = 90
half_angle_deg = 30
polarisation = "perpendicular"

[[beads]]
diameter_nm = 100
index = 1.63
signal = 50.0

[[beads]]
diameter_nm = 200
index = 1.63
signal = 1200.0

[vesicles]
from_nm = 40
to_nm = 250
index_low = 1.38
index_high = 1.42

[[signals]]
name = "threshold"
signal = 5.0
"""

OPTICS = Optics(
    wavelength_nm=405,
    medium_index=1.343,
    cone=Cone(angle_deg=90, half_angle_deg=30, polarisation=Polarisation.PERPENDICULAR),
)


@given(
    st.lists(
        st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)),
        min_size=3,
        max_size=8,
        unique_by=lambda p: round(p[0]),
    )
)
@settings(max_examples=40, deadline=None)
def test_the_line_is_the_regression_of_logarithms(points: list[tuple[float, float]]) -> None:
    signals, values = zip(*points, strict=True)
    if max(signals) / min(signals) < 1.01:
        return
    line = compute_log_line(signals, values)
    expected = stats.linregress(np.log10(signals), np.log10(values))
    assert line.slope == pytest.approx(expected.slope, rel=1e-6, abs=1e-9)
    assert line.intercept == pytest.approx(expected.intercept, rel=1e-6, abs=1e-6)
    half = stats.t.ppf(0.975, len(points) - 2) * expected.stderr
    assert line.slope_high is not None
    assert line.slope_high - line.slope == pytest.approx(half, rel=1e-5, abs=1e-7)
    assert line.factor == pytest.approx(stats.gmean(np.array(values) / np.array(signals)))


def test_a_power_law_is_found_again() -> None:
    beads = [Bead(name=str(k), stated=3 * k**1.1, signal=k) for k in (10.0, 100.0, 1000.0, 10000.0)]
    line = compute_bead_line(beads)
    assert line.slope == pytest.approx(1.1)
    assert line.free(50) == pytest.approx(3 * 50**1.1)
    assert max(map(abs, line.free_residuals)) < 1e-9
    assert line.linear_is_excluded


def test_samples_beyond_the_beads_are_told_and_those_at_their_ends_are_not() -> None:
    written = read_beads(assay_file(BEADS.encode(), name="beads.toml"))
    line = compute_bead_line(written.beads)
    done = [compute_calibrated(one, line, per_antibody=written.per_antibody) for one in written.samples]
    assert [one.extrapolated for one in done] == ["", "below"]
    assert [finding.id for finding in check_beads(written, line, done)] == ["FCF-001:isotype"]
    assert done[0].antibodies == pytest.approx(done[0].free / 4)
    for signal, outside in ((100.0, ""), (99.999, "below"), (10000.0, ""), (10000.1, "above")):
        assert compute_calibrated(Sample(name="s", signal=signal), line).extrapolated == outside


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("stated = 1000\n", "stated = 0\n", "MES-001: beads.toml line 8"),
        ("signal = 250.0", "signal = -1", "MES-001"),
        ("stated = 1000\n", "stated = 50000\n", "MES-002"),
        ("signal = 100.0", "signal = 1000.0", "MES-002"),
        ('unit = "MESF"', 'unit = "RFU"', "TML-003"),
        ("stated = 1000\n", 'stated = "1,000"\n', "TML-003"),
        ("stated = 1000\n", "", "TML-002"),
        ("fluorochromes_per_antibody", "fluorochrome_per_antibody", "TML-002"),
        ("fluorochromes_per_antibody = 4.0", "fluorochromes_per_antibody = 0", "MES-001"),
        ('unit = "MESF"', 'unit = "ABC"', "MES-003: beads.toml line 4"),
        ("[[samples]]", "[[samples]", "TML-001"),
    ],
)
def test_a_file_of_beads_that_cannot_be_used_is_refused(old: str, new: str, code: str) -> None:
    assert old in BEADS
    with pytest.raises(Refusal, match=code):
        compute_bead_line(
            read_beads(assay_file(BEADS.replace(old, new, 1).encode(), name="beads.toml")).beads
        )


def test_two_beads_are_too_few_for_mesf() -> None:
    with pytest.raises(Refusal, match="MES-002"):
        compute_bead_line([Bead(name="1", stated=10, signal=1), Bead(name="2", stated=100, signal=10)])


@pytest.mark.parametrize("diameter", [60.0, 120.0, 150.0])
def test_the_diameter_that_scattered_is_found_again(diameter: float) -> None:
    section = OPTICS.scatter(diameter, 1.4)
    found = compute_diameters(section, index=1.4, optics=OPTICS, from_nm=40, to_nm=250)
    assert found == pytest.approx((diameter,), abs=1e-4)


def test_where_scatter_falls_with_size_every_diameter_is_told() -> None:
    large = [OPTICS.scatter(d, 1.63) for d in np.linspace(300, 1200, 200)]
    assert min(np.diff(large)) < 0, "the case needs a resonance"
    k = int(np.argmin(np.diff(large)))
    found = compute_diameters(large[k], index=1.63, optics=OPTICS, from_nm=300, to_nm=1200)
    assert len(found) > 1
    assert min(abs(d - np.linspace(300, 1200, 200)[k]) for d in found) < 0.01


def test_a_signal_no_vesicle_can_give_has_no_diameter() -> None:
    assert compute_diameters(1e9, index=1.4, optics=OPTICS, from_nm=40, to_nm=400) == ()
    assert compute_diameters(1e-9, index=1.4, optics=OPTICS, from_nm=40, to_nm=400) == ()


def test_a_higher_index_makes_a_smaller_diameter_of_one_signal() -> None:
    written = read_scatter(assay_file(SCATTER.encode(), name="scatter.toml"))
    line = compute_scatter_line(written.beads, written.optics)
    low, high = compute_scatter_diameters(written, line)
    assert low.index < high.index
    assert low.diameters_nm[0] > high.diameters_nm[0]
    assert {finding.rule for finding in check_scatter(written, line, [low, high])} == {"FCF-010"}


def line_of_scatter(text: str) -> LogLine:
    written = read_scatter(assay_file(text.encode(), name="scatter.toml"))
    return compute_scatter_line(written.beads, written.optics)


def test_beads_that_a_linear_detector_saw_leave_no_residual() -> None:
    beads = [
        SizeBead(diameter_nm=d, index=1.63, signal=7 * OPTICS.scatter(d, 1.63)) for d in (80, 100, 150, 200)
    ]
    line = compute_scatter_line(beads, OPTICS)
    assert line.factor == pytest.approx(1 / 7)
    assert line.slope == pytest.approx(1)
    assert max(map(abs, line.linear_residuals)) < 1e-9


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("signal = 50.0", "signal = 0", "MIE-003: scatter.toml line 11"),
        ("diameter_nm = 100", "diameter_nm = 200", "MIE-003"),
        ("diameter_nm = 100", "diameter_nm = -100", "MIE-001"),
        ("half_angle_deg = 30", "half_angle_deg = 0", "MIE-002"),
        ("from_nm = 40\n", "from_nm = 250\n", "MIE-004"),
        ('polarisation = "perpendicular"', 'polarisation = "vertical"', "TML-003"),
        ("medium_index = 1.343\n", "", "TML-002"),
        ("index_low", "index_least", "TML-002"),
    ],
)
def test_a_file_of_scatter_that_cannot_be_used_is_refused(old: str, new: str, code: str) -> None:
    assert old in SCATTER
    with pytest.raises(Refusal, match=code):
        line_of_scatter(SCATTER.replace(old, new, 1))
