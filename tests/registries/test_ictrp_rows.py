"""The rows of ICTRP exports: the signs between cells, names that stand twice, and where a row of JSON stands."""

from __future__ import annotations

import csv
import io
import json

import pytest

from exotrial.core.errors import Refusal
from exotrial.registries.registry import read_records, record_file
from tests.registries.test_ictrp import as_file, dirty


@pytest.mark.parametrize("sign", [";", "\t"])
@pytest.mark.parametrize("told", [False, True])
def test_cells_parted_by_another_sign_are_read_as_those_parted_by_commas(sign: str, told: bool) -> None:
    """A spreadsheet of a country whose numbers have a comma writes semicolons, and may tell itself so in a line."""
    read = read_records(as_file(dirty()))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sign).writerows(dirty())
    data = (f"sep={sign}\r\n" if told else "") + text.getvalue()
    same = read_records(record_file(data.encode("utf-8-sig"), name="export_2021-07-05.csv"))
    assert [one.identifier.value for one in same] == [one.identifier.value for one in read]
    assert [one.target_size and one.target_size.value for one in same] == [25, 30, 72]
    lines = [one.identifier.place.line for one in same]
    assert lines == [(one.identifier.place.line or 0) + told for one in read]


def test_a_column_or_a_key_that_stands_twice_is_refused() -> None:
    rows = dirty()
    rows[0][rows[0].index("Acronym")] = "Target size"
    with pytest.raises(Refusal, match=r"ICT-009: .* line 1: the column Target size stands twice"):
        read_records(as_file(rows))
    twice = b'[{"TrialID": "NCT09900001", "Phase": "1", "Phase": "2"}]'
    with pytest.raises(
        Refusal, match=r"ICT-009: .* the key 'Phase' stands twice in one object of NCT09900001"
    ):
        read_records(record_file(twice, name="x.json"))


def test_a_row_of_json_is_told_by_its_line_and_its_snapshot() -> None:
    row = dict(zip(dirty()[0], dirty()[1], strict=True))
    snapshots = {row["TrialID"]: {"a_1Jul2021.xlsx": row, "b_5Jul2021.xlsx": row}}
    text = json.dumps(snapshots, indent=1)
    told = read_records(record_file(text.encode(), name="x.json"))
    places = [one.identifier.place for one in told]
    assert [place.path for place in places] == [
        "row 1 (a_1Jul2021.xlsx), TrialID",
        "row 2 (b_5Jul2021.xlsx), TrialID",
    ]
    for place in places:
        assert '"TrialID": "ChiCTR2099000001"' in text.splitlines()[(place.line or 0) - 1]
    named = json.dumps([row | {"Acronym": '"TrialID": "x"'}])  # in words the quotation marks have backslashes
    assert read_records(record_file(named.encode(), name="x.json"))[0].identifier.place.line == 1
