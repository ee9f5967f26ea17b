"""A table of one's own with its mapping: what is said is read, and what is not said is refused."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.assay import Reading, assay_file, read_assay
from exotrial.product.size_distribution import DilutionState
from tests.conftest import PROJECT

FOLDER = PROJECT / "tests" / "files" / "assays" / "size_table"
TABLE = (FOLDER / "sizes.csv").read_text(encoding="utf-8")
MAPPING = (FOLDER / "mapping.toml").read_text(encoding="utf-8")


def read(table: str = TABLE, mapping: str = MAPPING) -> Reading:
    described = assay_file(mapping.encode(), name="mapping.toml")
    return read_assay(assay_file(table.encode(), name="sizes.csv", mapping=described))


def test_the_example_of_the_guide_reads_the_example_table() -> None:
    guide = (PROJECT / "docs" / "how-to" / "read-assay-files.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```toml\n(instrument.+?)^```", guide, flags=re.MULTILINE | re.DOTALL)
    assert shown == MAPPING
    reading = read()
    distribution = reading.distributions[0]
    assert distribution.edges_nm.tolist() == list(range(50, 301, 10))
    assert [video.tracks for video in distribution.videos] == [510, 496]
    assert distribution.dilution.state is DilutionState.NOT_APPLIED
    assert distribution.dilution.factor == 100
    assert reading.measured_at == datetime(2026, 1, 12, 10, 30)  # noqa: DTZ001 - the instrument's own time
    assert reading.findings == ()


def test_edges_are_those_that_the_mapping_says() -> None:
    lower = read(mapping=MAPPING.replace('"centre" ', '"lower edge"\nlast_edge = 305'))
    assert lower.distributions[0].edges_nm.tolist() == list(range(55, 306, 10))
    upper = read(mapping=MAPPING.replace('"centre" ', '"upper edge"\nfirst_edge = 45'))
    assert upper.distributions[0].edges_nm.tolist() == list(range(45, 296, 10))
    micrometres = read(mapping=MAPPING.replace('unit = "nm"', 'unit = "um"'))
    assert micrometres.distributions[0].edges_nm == pytest.approx(1000 * np.arange(50, 301, 10))


def test_logarithmic_centres_have_edges_at_their_geometric_middle() -> None:
    centres = 50 * 1.2 ** np.arange(8)
    rows = "\n".join(f"{centre:.4g},{k},{k}" for k, centre in enumerate(centres))
    table = f"x\nDiameter (nm),Run 1,Run 2\n{rows}\n"
    edges = (
        read(table, MAPPING.replace('"even steps"', '"even ratio"').replace("bins = 25", "bins = 8"))
        .distributions[0]
        .edges_nm
    )
    assert edges == pytest.approx(50 * 1.2 ** (np.arange(9) - 0.5), rel=1e-3)
    with pytest.raises(Refusal, match=r"CSV-004: sizes.csv line 4"):
        read(table, MAPPING.replace("bins = 25", "bins = 8"))


def test_a_dilution_that_is_not_recorded_is_a_finding() -> None:
    mapping = MAPPING.replace('"not applied" ', '"not recorded"').replace("factor = 100\n", "")
    reading = read(mapping=mapping)
    assert reading.distributions[0].dilution.factor is None
    assert [finding.rule for finding in reading.findings] == ["ASF-006"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("factor = 100\n", "", "TML-002"),
        ("factor = 100", "factor = 0.01", "TML-003"),
        ("factor = 100", 'factor = "100"', "TML-003"),
        ('state = "not applied"', 'state = "none"', "TML-003"),
        ('state = "not applied"', 'state = "not recorded"', "TML-002"),
        ('weighting = "number"', 'weihgting = "number"', "TML-002"),
        ('unit = "particles/mL"', 'unit = "particles/L"', "TML-003"),
        ('"Run 2"', '"Run 3"', "CSV-002"),
        ("header_line = 2", "header_line = 1", "CSV-002"),
        ("header_line = 2", "header_line = 99", "CSV-002"),
        ("header_line = 2", "header_line = 27", "CSV-003"),
        ('delimiter = ","', 'delimiter = ";"', "CSV-00"),
        ('"even steps"', '"even ratio"', "CSV-004"),
        ('says = "centre"', 'says = "lower edge"', "TML-002"),
        ("tracks = [510, 496]", "tracks = [510]", "TML-003"),
        ("tracks = [510, 496]", "tracks = [510, 4.5]", "TML-003"),
        ("2026-01-12T10:30:00", "2026-01-12", "TML-003"),
        ('sample = "batch7"', "", "TML-002"),
        ("bins = 25", "bins = 26", "CSV-003"),
        ("[dilution]", "[dilutions]", "TML-002"),
    ],
)
def test_what_the_mapping_does_not_say_is_not_guessed(old: str, new: str, code: str) -> None:
    assert old in MAPPING
    with pytest.raises(Refusal, match=code):
        read(mapping=MAPPING.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n55,", "\n5S,", r"ASY-102: sizes.csv line 3"),
        ("\n65,", "\n65.5,", r"CSV-004: sizes.csv line 4"),
        ("Run 1,Run 2", "Run 2,Run 2", r"CSV-002: sizes.csv line 2"),
        ("\n295,", "\n295;", r"CSV-003: sizes.csv line 27"),
    ],
)
def test_a_table_that_was_changed_is_refused_with_its_line(old: str, new: str, code: str) -> None:
    assert old in TABLE
    with pytest.raises(Refusal, match=code):
        read(TABLE.replace(old, new, 1))


def test_a_number_broken_by_blanks_is_refused_with_its_line() -> None:
    lines = TABLE.splitlines()
    lines[4] = "75,7.66e + 0.8,0"
    with pytest.raises(Refusal, match=r"ASY-102: sizes.csv line 5: Run 1 is '7.66e \+ 0.8'.*7.66e\+08"):
        read("\n".join(lines) + "\n")


def test_a_mapping_is_given_only_to_a_reader_that_needs_one() -> None:
    described = assay_file(MAPPING.encode(), name="mapping.toml")
    with pytest.raises(Refusal, match="ASY-004"):
        read_assay(assay_file(b"", name="a.csv", mapping=described), reader="nanosight")
    with pytest.raises(Refusal, match="ASY-004"):
        read_assay(assay_file(TABLE.encode(), name="a.csv"), reader="size_table")
