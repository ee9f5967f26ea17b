"""ZetaView exports: the layout of real files, what they print, and what a hand does to them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import Reading, assay_file, read_assay
from exotrial.product.size_distribution import DilutionState
from exotrial.product.vendor_comparison import compare_with_vendor
from tests.conftest import PROJECT
from tests.product.zetaview_files import write_zetaview

FROM_25_NM = "1 0 1 1 0 0 1 2 11 13 10 11 16 10 11 19 20 9 8 7 7 6 2 5 2 2 1 1 1 2 2 0 1 1 0 0 0 1"
F1 = {27.5 + 5 * k: int(count) for k, count in enumerate(FROM_25_NM.split()) if count != "0"}
"""Particles counted a bin in a real export, 20250227_0000_EV_IP_P2_F1-1000_size_488.txt of ZetaView 8.06.01 SP1
(sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI); it prints 185 traces and the two medians."""
MEDIAN = "98.684211"
VOLUME_MEDIAN = "119.881160"


def read(data: bytes, *, reader: str = "") -> Reading:
    return read_assay(assay_file(data, name="size.txt"), reader=reader)


def test_the_medians_that_the_instrument_prints_are_half_a_bin_below_ours() -> None:
    reading = read(write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN))
    compared = {each.name: each for each in compare_with_vendor(reading)}
    assert list(compared) == ["D50", "Median by concentration", "Median by volume"]
    assert compared["D50"].ours == pytest.approx(101.184211, abs=1e-3)
    for each in compared.values():
        assert each.difference == pytest.approx(-2.5, abs=2e-3)
        assert each.explained
        assert "half a bin" in each.reason


def test_the_file_says_who_when_and_with_which_water() -> None:
    reading = read(write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN))
    video = reading.distributions[0].videos[0]
    assert (reading.operator, reading.sample, reading.version) == ("bob", "batch7", "8.06.01 SP1")
    assert reading.serial == "00-0000"
    assert reading.measured_at == datetime(2026, 1, 12, 12, 38, 54)  # noqa: DTZ001 - the file gives no zone
    assert (video.tracks, video.temperature_c, video.viscosity_mpa_s) == (185, 24.9, 0.901893)
    assert [finding.rule for finding in reading.findings] == ["ASF-011"]
    assert "+1.1%" in reading.findings[0].says


def test_the_table_is_of_the_diluted_sample() -> None:
    distribution = read(write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN)).distributions[0]
    assert distribution.dilution.state is DilutionState.NOT_APPLIED
    assert distribution.dilution.factor == 1000
    # The table of positions of the same real measurement prints 3.0E+7 /mL, and 3.0E+10 before dilution.
    assert distribution.mean_values.sum() == pytest.approx(3.0e7, rel=0.05 / 3)


def test_linear_and_logarithmic_bins_and_counts_are_three_distributions() -> None:
    linear, counted, logarithmic = read(
        write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN)
    ).distributions
    assert linear.edges_nm[:3].tolist() == [0, 5, 10]
    assert linear.edges_nm[-1] == 6000
    assert counted.unit == "particles"
    assert counted.mean_values.sum() == 185
    ratios = logarithmic.edges_nm[1:] / logarithmic.edges_nm[:-1]
    assert ratios == pytest.approx(np.full(200, 10 ** (1 / 64)), rel=1e-5)


def test_a_measurement_without_traces_has_no_size_and_says_so() -> None:
    reading = read(write_zetaview({}, median="NaN", volume_median="NaN"))
    assert [finding.rule for finding in reading.findings if finding.severity == "error"] == ["ASF-020"]
    assert all("Median" not in printed.name and printed.name != "D50" for printed in reading.printed)
    assert compare_with_vendor(reading) == ()
    with pytest.raises(Refusal, match="ASY-102"):
        read(write_zetaview(F1, median="NaN", volume_median=VOLUME_MEDIAN))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Dilution::\t1000.000000", "Dilution::\t1.000000", "ASF-024"),
        (
            "Concentration Correction Factor:\t1.000000",
            "Concentration Correction Factor:\t1.200000",
            "ASF-025",
        ),
        ("Number of Traces:\t185", "Number of Traces:\t190", "ASF-021"),
        ("Cell Checked:\t2026-01-12 08:20:16", "Cell Checked:\t1904-01-01 05:30:00", "ASF-023"),
        (f"Median Number (D50):\t{MEDIAN}", "Median Number (D50):\t98.584211", "ASF-010"),
    ],
)
def test_what_the_header_contradicts_is_found(old: str, new: str, rule: str) -> None:
    reading = read(
        write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN).replace(old.encode(), new.encode())
    )
    assert rule in {finding.rule for finding in reading.findings}


def test_a_check_that_the_instrument_did_not_pass_is_a_warning() -> None:
    changes = {"Particle Drift Check Result:\tGood": "Particle Drift Check Result:\ttoo high"}
    reading = read(write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN, changes=changes))
    assert [warning.text for warning in reading.warnings] == ["Particle Drift Check Result: too high"]
    assert reading.warnings[0].place.line == 23


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("(version 8.06.01 SP1)\tA", "(version 9.0)\tA", "ZTV-001"),
        ("Viscosity:\t0.901893\n", "", "ZTV-002"),
        ("pH:\t7.000000", "Operator:\talice", "ZTV-002"),
        ("Number\tConcentration / cm-3", "Concentration / cm-3\tNumber", "ZTV-003"),
        ("-1.000E+0\t-1.000E+0", "0.000E+0\t0.000E+0", "ZTV-00"),
        ("7.500E+0\t0", "7.600E+0\t0", "ZTV-004"),
        ("\n1.025E+2\t", "\n1.055E+2\t", "ZTV-004"),
        ("Size Distribution\nPositions", "Zeta Potential\nPositions", "ZTV-005"),
        ("1.647E+5", "1.647E + 5", "ASY-102"),
        ("1.647E+5", "1,647E+5", "ASY-102"),
        ("1.025E+2\t1.900E+1", "1.025E+2\t1.950E+1", "ASY-102"),
        ("Dilution::\t1000.000000", "Dilution::\t0.500000", "ASY-102"),
        ("Date:\t2026-01-12", "Date:\t12/01/2026", "ASY-102"),
    ],
)
def test_a_file_that_was_changed_is_refused_with_its_line(old: str, new: str, code: str) -> None:
    data = write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN)
    assert old.encode() in data
    with pytest.raises(Refusal, match=code) as refused:
        read(data.replace(old.encode(), new.encode(), 1), reader="zetaview")
    assert refused.value.place.file == "size.txt"
    assert refused.value.place.line is not None or "header has no" in str(refused.value)


@settings(max_examples=15)
@given(st.sampled_from(sorted(F1)), st.integers(1, 40))
def test_a_count_edited_by_hand_is_found(centre: float, more: int) -> None:
    mantissa, power = f"{centre:.3E}".split("E")
    row = f"\n{mantissa}E{int(power):+d}\t"
    text = write_zetaview(F1, median=MEDIAN, volume_median=VOLUME_MEDIAN).decode("latin-1")
    start = text.index(row) + len(row)
    end = text.index("\t", start)
    edited = text[:start] + f"{F1[centre] + more}.0E+0" + text[end:]
    rules = {finding.rule for finding in read(edited.encode("latin-1")).findings}
    assert {"ASF-021", "ASF-022"} <= rules


def test_the_positions_say_which_were_left_out_and_why() -> None:
    path = next((PROJECT / "tests" / "files" / "assays" / "zetaview_positions").glob("*.txt"))
    reading = read_assay(assay_file(path.read_bytes(), name=path.name))
    assert [warning.text for warning in reading.warnings] == [
        "position 0.10 removed: MAX_DRIFT",
        "position 0.90 removed: MIN_TRACES",
    ]
    assert [position.used for position in reading.content] == [False, True, True, True, False]
    assert [finding.rule for finding in reading.findings] == ["ASF-003"]
    changed = path.read_bytes().replace(b"X\t0.70\t", b"\t0.70\t").replace(b"\t4.3\t\n", b"\t4.3\tby hand\n")
    edited = read_assay(assay_file(changed, name=path.name))
    assert "ASF-026" in {finding.rule for finding in edited.findings}


def test_a_position_removed_without_a_reason_is_refused() -> None:
    path = next((PROJECT / "tests" / "files" / "assays" / "zetaview_positions").glob("*.txt"))
    with pytest.raises(Refusal, match=r"ZTV-006.*line 5"):
        read_assay(assay_file(path.read_bytes().replace(b"X\t0.70\t", b"\t0.70\t"), name=path.name))
