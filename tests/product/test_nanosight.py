"""NanoSight summaries: two real exports, and what hands, spreadsheets and half copies do to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import Reading, assay_file, read_assay
from exotrial.product.size_distribution import DilutionState
from exotrial.product.vendor_comparison import compare_with_vendor
from exotrial.product.viscosity import normalise_distribution
from tests.conftest import PROJECT

FOLDER = PROJECT / "tests" / "files" / "assays" / "nanosight"
NTA34 = (FOLDER / "tidyNano_beads2_NTA3.4.003_ExperimentSummary.csv").read_bytes()
NTA32 = (FOLDER / "tidyNano_beads_NTA3.2.16_ExperimentSummary.csv").read_bytes()


def read(data: bytes) -> Reading:
    return read_assay(assay_file(data, name="nta.csv"), reader="nanosight")


def change(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data, old
    return data.replace(old.encode(), new.encode(), 1)


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


def test_nta_3_4_is_read_with_its_five_videos_and_its_warnings() -> None:
    reading = read(NTA34)
    assert reading.version == "3.4.003"
    assert reading.sample == "100nmbeads"
    assert reading.measured_at == datetime(2020, 6, 16, 11, 52, 4)  # noqa: DTZ001 - the file gives no zone
    (distribution,) = reading.distributions
    assert [video.tracks for video in distribution.videos] == [1872, 1898, 1879, 1948, 1929]
    assert {(video.temperature_c, video.viscosity_mpa_s) for video in distribution.videos} == {
        (22.0, 0.952941)
    }
    assert distribution.dilution.state is DilutionState.APPLIED
    assert distribution.dilution.factor == 1e4
    assert distribution.edges_nm.tolist() == list(range(1001))
    assert [warning.text for warning in reading.warnings][:2] == [
        "Vibration detected: Moderate vibration (stdv34_00)",
        "Vibration detected: Minor vibration (stdv34_01)",
    ]
    assert len(reading.warnings) == 5
    assert {setting.name: setting.text for setting in reading.settings}["Diluent"] == "PBS"
    assert reading.content.sizes_nm[[10, 50, 90], 0].tolist() == [88.1, 98.6, 116.7]
    assert rules(reading) == ["ASF-003"]


def test_nta_3_2_has_no_dilution_no_time_and_no_sample_and_says_so() -> None:
    reading = read(NTA32)
    assert reading.version == "3.2.16"
    (distribution,) = reading.distributions
    assert len(distribution.videos) == 12
    assert distribution.dilution.state is DilutionState.NOT_RECORDED
    assert distribution.dilution.factor is None
    assert reading.measured_at is None
    assert rules(reading) == ["ASF-002", "ASF-003", "ASF-003", "ASF-006"]
    assert reading.warnings == ()


@pytest.mark.parametrize("data", [NTA34, NTA32], ids=["3.4", "3.2"])
def test_every_printed_number_is_given_by_the_bins_or_by_a_known_reason(data: bytes) -> None:
    comparisons = compare_with_vendor(read(data))
    assert all(each.explained for each in comparisons)
    assert len(comparisons) == 7 * (len(read(data).distributions[0].videos) + 2)


def test_percentiles_of_nta_3_2_are_one_bin_below_and_the_reason_is_told() -> None:
    offsets = [each for each in compare_with_vendor(read(NTA32)) if each.name in ("D10", "D50", "D90")]
    told = [each for each in offsets if each.video != "Standard Error"]
    assert all(each.difference == pytest.approx(-1, abs=0.055) for each in told)
    assert all("one bin (1.0 nm)" in each.reason for each in told)


def test_the_same_offset_in_nta_3_4_has_no_known_reason() -> None:
    reading = read(change(NTA34, "\r\nD50,98.6,", "\r\nD50,97.6,"))
    assert rules(reading) == ["ASF-003", "ASF-010"]
    assert "line 85" in reading.findings[-1].says


def test_the_viscosity_is_that_of_water_within_0_15_percent() -> None:
    for data in (NTA34, NTA32):
        distribution = read(data).distributions[0]
        ratio = normalise_distribution(distribution).edges_nm[1:] / distribution.edges_nm[1:]
        assert np.allclose(ratio, 0.9985, atol=2e-4)


def test_utf_8_and_windows_1252_say_the_same() -> None:
    written = NTA34.decode().replace("100nmbeads", "100 nm ½ µL")
    names = {read(written.encode(encoding)).sample for encoding in ("utf-8", "utf-8-sig", "cp1252")}
    assert names == {"100 nm ½ µL"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Created with NTA 3.4 Build 3.4.003", "Created with NTA 2.3 Build 0033", "NTA-001"),
        ("Created with NTA 3.4 Build 3.4.003", "Created with NTA 4.0 Build 1", "NTA-001"),
        ("[Results],", "[Result],", "NTA-002"),
        ("[Settings],", "[Conditions],", "NTA-002"),
        ("Viscosity/cP,", "Viscosity/mPas,", "NTA-003"),
        ("Camera Level,11,11,11,11,11,", "Camera Level,11,11,11,11", "NTA-003"),
        ("Camera Level,", "Temperature/C,", "NTA-003"),
        ("Filename:,stdv34_00,stdv34_01", "Filename:,stdv34_01,stdv34_01", "NTA-004"),
        ("Filename:,stdv34_00,", "Filename:,,", "NTA-004"),
        ("Filename,stdv34_00,stdv34_01", "Filename,stdv34_01,stdv34_00", "NTA-004"),
        ("\r\n99.5,", "\r\n99.6,", "NTA-005"),
        ("\r\n100,200.0", "\r\n101,200.0", "NTA-005"),
        ("1.00e+04,1.00e+04", "Not recorded,1.00e+04", "NTA-006"),
        ("1.00e+04,1.00e+04", "1.00e+03,1.00e+04", "NTA-006"),
        ("1.00e+04,1.00e+04,1.00e+04,1.00e+04,1.00e+04", "0.5,0.5,0.5,0.5,0.5", "NTA-006"),
        ("Concentration (Particles / ml),5.91e+12", "Concentration (Particles / ml),5.91e + 12", "ASY-102"),
        ("Concentration (Particles / ml),5.91e+12", "Concentration (Particles / ml),", "ASY-102"),
        ("Temperature/C,22.000", "Temperature/C,22 C", "ASY-102"),
        ("Valid Tracks,1872.0", "Valid Tracks,1872.5", "ASY-102"),
        ("\r\n98.5,", "\r\n98.5,-", "BIN-001"),
        ("Weighting,Number", "Weighting,Volume", "NTA-003"),
        ("Remarks,,", 'Remarks,"open,', "ASY-103"),
    ],
)
def test_a_file_that_was_changed_is_refused(old: str, new: str, code: str) -> None:
    with pytest.raises(Refusal, match=code) as refused:
        read(change(NTA34, old, new))
    assert refused.value.place.file == "nta.csv"
    assert refused.value.place.line is not None


def test_a_broken_number_is_refused_with_its_line_video_and_remedy() -> None:
    with pytest.raises(Refusal) as refused:
        read(change(NTA34, "(Particles / ml),5.91e+12", "(Particles / ml),7.66e + 0.8"))
    assert str(refused.value) == (
        "ASY-102: nta.csv line 46 [stdv34_00]: Concentration (Particles / ml) is '7.66e + 0.8', which is not a "
        "number; write a number like 7.66e+08: digits, a point for decimals, no blank and no comma in it."
    )


def test_a_bin_edited_by_hand_is_found() -> None:
    lines = NTA34.decode().split("\r\n")
    at = next(k for k, line in enumerate(lines) if line.startswith("99.5,"))
    cells = lines[at].split(",")
    lines[at] = ",".join([cells[0], f"{float(cells[1]) * 2:.6g}", *cells[2:]])
    reading = read("\r\n".join(lines).encode())
    found = {finding.subject for finding in reading.findings if finding.rule == "ASF-010"}
    assert {"Concentration/stdv34_00", "SD/stdv34_00"} <= found


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("Noise level,No,", "Noise level,Yes,", "Noise level: Yes (stdv34_00)"),
        ("Settings changed?,No,", "Settings changed?,Yes,", "Settings changed?: Yes (stdv34_00)"),
        ("Errors (1),,", "Errors (1),Camera lost,", "Errors (1): Camera lost (stdv34_00)"),
        ("Processed,Yes,", "Processed,No,", "Processed: No (stdv34_00)"),
        ("Brightness,OK,", "Brightness,,", "Brightness: no answer (stdv34_00)"),
        ("Brightness,OK,OK,OK,OK,OK,\r\n", "", "Brightness: no answer in [Concentration Warnings]"),
        ("[Concentration Warnings]", "[Notes]", "Completed Tracks: no answer in [Concentration Warnings]"),
    ],
)
def test_a_warning_or_an_answer_that_is_missing_is_never_silent(old: str, new: str, text: str) -> None:
    assert text in [warning.text for warning in read(change(NTA34, old, new)).warnings]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("11:52:04  16/06/2020", (16, 6)),
        ("11:52:04  06/16/2020", (16, 6)),
        ("11:52:04  06/06/2020", (6, 6)),
        ("11:52:04  06/05/2020", None),
        ("11:52:04  31/02/2020", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_that_may_be_two_days_is_not_guessed(written: str, expected: tuple[int, int] | None) -> None:
    reading = read(change(NTA34, "11:52:04  16/06/2020", written))
    if expected is None:
        assert reading.measured_at is None
        assert "ASF-002" in rules(reading)
    else:
        assert reading.measured_at is not None
        assert (reading.measured_at.day, reading.measured_at.month) == expected


def test_other_versions_sections_and_weightings_are_told() -> None:
    reading = read(change(NTA34, "Created with NTA 3.4 Build 3.4.003", "Created with NTA 3.3 Build 3.3.301"))
    assert reading.version == "3.3.301"
    assert "ASF-004" in rules(reading)
    assert "ASF-005" in rules(read(NTA34 + b"[Diffusion Coefficient Data],\r\nWeighting,Number\r\n"))


def test_a_file_cut_within_its_last_number_says_so() -> None:
    cut = NTA34[: NTA34.rindex(b"167.0") + 3]
    with pytest.raises(Refusal, match=r"NTA-00[35]"):
        read(cut[:-30])
    assert "ASF-001" in rules(read(NTA34.rstrip()))


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace(",", ";"),
        lambda text: "\n" + text,
        lambda text: text.replace("NTA Exp", "Nta exp"),
    ],
    ids=["semicolons", "a line before", "another title"],
)
def test_what_does_not_begin_like_a_summary_is_refused(edit: Callable[[str], str]) -> None:
    with pytest.raises(Refusal, match="ASY-104"):
        read(edit(NTA34.decode()).encode())


@settings(max_examples=30)
@given(st.integers(0, len(NTA34) - 1))
def test_a_file_cut_anywhere_is_refused_or_says_that_it_may_be(length: int) -> None:
    try:
        reading = read(NTA34[:length])
    except Refusal:
        return
    assert "ASF-001" in rules(reading) or NTA34[length:].strip(b",\r\n") == b""
