"""The three study files hold what their sources print: every quoted line, every published value, no person."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path

import pytest

from exotrial.datasets.captured import read_captured
from exotrial.outcomes.measure import find_measure
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared

STUDIES = {
    "chictr2000030261": "002_85656869310e5fc9.txt",
    "irct20201202049568n3": "003_f574a93727bdcf72.txt",
    "mexcovid": "000_622ed8fc65a9335c.txt",
}
REGISTERED = {"chictr2000030261": "ChiCTR2000030261", "mexcovid": "NCT04276987"}
each_study = pytest.mark.parametrize("name", sorted(STUDIES))


def _folder(name: str) -> Path:
    return PROJECT / "studies" / name


@cache
def _study(name: str) -> Study:
    return read_study(_folder(name))[0]


def _normal(text: str) -> str:
    return " ".join(text.split())


@cache
def _lines(name: str) -> list[str]:
    """The lines of a seed, normalised; line feeds alone divide them, form feeds do not."""
    text = shared("seeds", STUDIES[name]).read_bytes().decode("utf-8", errors="replace")
    return [_normal(line) for line in text.split("\n")]


def _rows(name: str, *path: str) -> list[dict[str, str]]:
    with _folder(name).joinpath(*path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@each_study
def test_every_study_file_reads(name: str) -> None:
    assert _study(name).id == name


@each_study
def test_every_quoted_line_prints_its_words(name: str) -> None:
    documents = {document.id: document.file for document in _study(name).documents}
    wrong = [
        (entry.path, entry.line, entry.prints)
        for entry in _study(name).evidence
        if entry.line is not None
        and (
            documents[entry.source] != STUDIES[name]
            or _normal(entry.prints) not in _lines(name)[entry.line - 1]
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_every_quoted_registry_field_prints_its_words(name: str) -> None:
    path = shared("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json")
    exports = json.loads(path.read_text(encoding="utf-8"))[REGISTERED[name]].values()
    quoted = [entry for entry in _study(name).evidence if entry.source == "ictrp"]
    wrong = [
        (entry.path, entry.place, entry.prints)
        for entry in quoted
        if not any(entry.prints in str(export[entry.place]) for export in exports)
    ]
    assert quoted
    assert wrong == []


@each_study
def test_every_evidence_says_where_it_stands(name: str) -> None:
    assert [e.path for e in _study(name).evidence if (e.line is None) == (e.place is None)] == []


@each_study
def test_every_measure_named_is_in_the_catalogue(name: str) -> None:
    study = _study(name)
    named = {outcome.measure for outcome in study.outcomes if outcome.measure}
    named |= {measure for activity in study.activities for measure in activity.measures}
    assert {find_measure(measure).paramcd for measure in named} == named


@pytest.mark.parametrize(
    ("name", "table"),
    [
        *(("chictr2000030261", t) for t in ("table1", "table2", "table3", "values", "summaries")),
        ("mexcovid", "summaries"),
    ],
)
def test_every_published_value_is_on_its_line(name: str, table: str) -> None:
    rows = _rows(name, "published", f"{table}.csv")
    assert rows
    missing = [row for row in rows if row["printed"] not in _lines(name)[int(row["line"]) - 1]]
    assert missing == []


def test_table_1_has_seven_cells_in_every_row() -> None:
    rows = _rows("chictr2000030261", "published", "table1.csv")
    by_row: dict[str, list[str]] = {}
    for row in rows:
        by_row.setdefault(row["row"], []).append(row["participant"])
    # The paper's table 1 has 15 rows (lines 151 to 179) and a column for each of seven patients.
    assert len(by_row) == 15
    assert set(map(tuple, by_row.values())) == {tuple("1234567")}


def test_table_2_has_fourteen_cells_in_every_row_in_the_order_printed() -> None:
    rows = _rows("chictr2000030261", "published", "table2.csv")
    for label in dict.fromkeys(row["row"] for row in rows):
        cells = [row for row in rows if row["row"] == label and row["participant"]]
        assert [(cell["participant"], cell["column"]) for cell in cells] == [
            (participant, column) for participant in "1234567" for column in ("Before", "After")
        ]
        tail = [row["printed"] for row in rows if row["row"] == label and not row["participant"]]
        line = _lines("chictr2000030261")[int(cells[0]["line"]) - 1]
        assert line.endswith(" ".join([*(cell["printed"] for cell in cells), *tail]))


def test_table_3_keeps_no_data_apart_from_no_symptom() -> None:
    immune = _rows("chictr2000030261", "published", "table3.csv")
    assert len(immune) == 39  # 13 factors on 3 dates (lines 395, 402 and 409)
    assert [row["means"] for row in immune if row["printed"] == "No"] == ["no data"] * 5  # line 402
    breath = _rows("chictr2000030261", "published", "table2.csv")
    assert {row["means"] for row in breath if row["printed"] == "No"} == {"no symptom"}  # line 294


def test_the_data_read_and_agree_with_the_published_tables() -> None:
    captured = read_captured(_folder("chictr2000030261") / "data")
    known = {"text": "values", "table1": "table1", "table2": "table2", "table3": "table3"}
    words = {"1": {"1", "Yes"}, "0": {"0", "No"}, "": {"No"}}
    published = {
        source: {
            (row["participant"], row["line"], row["printed"])
            for row in _rows("chictr2000030261", "published", f"{table}.csv")
        }
        for source, table in known.items()
    }
    for row in captured.measurements.iter_rows(named=True):
        source, _, line = row["SRC"].split()
        participant = row["USUBJID"].rpartition("-")[2]
        printed = words.get(row["AVAL"], {row["AVAL"]})
        assert {(participant, line, word) for word in printed} & published[source], row
        assert (row["AVAL"] == "") == (row["REASND"] == "no data"), row


def test_the_captured_participants_are_the_seven_of_table_1() -> None:
    captured = read_captured(_folder("chictr2000030261") / "data")
    assert captured.participants["AGE"].to_list() == [62, 53, 23, 61, 43, 19, 57]  # line 153
    assert captured.participants["SEX"].to_list() == ["F", "M", "F", "F", "M", "M", "M"]  # line 151
    assert captured.adverse_events.is_empty()  # lines 194 and 195: none reported


def test_captured_dates_are_those_of_table_1() -> None:
    captured = read_captured(_folder("chictr2000030261") / "data")
    by_event = {
        event: [
            row["ADT"].isoformat() for row in captured.events.iter_rows(named=True) if row["EVENT"] == event
        ]
        for event in ("first dose", "recovery")
    }
    # Lines 175 and 177; the text puts patient 7's first dose at August 20 (line 212).
    assert by_event["first dose"] == ["2020-02-27"] * 4 + ["2020-04-01", "2020-04-04", "2020-08-23"]
    assert by_event["recovery"] == [
        "2020-03-02",
        "2020-03-02",
        "2020-03-11",
        "2020-03-09",
        "2020-04-11",
        "2020-04-13",
        "2020-09-04",
    ]


def _people(text: str) -> set[str]:
    """Mail addresses, telephone numbers and names of people in a registry's or repository's text."""
    found = set(re.findall(r"[\w.]+@[\w.]+", text)) | set(re.findall(r"\+\d{2} \d{2} \d{4} \d{4}", text))
    found |= set(re.findall(r"Full name of responsible person\s*\n\s*(\S.*)", text))
    authors = re.search(r"^Zhu Ying-Gang.*$", text, flags=re.MULTILINE)
    if authors:
        found |= {" ".join(name.split()[:2]) for name in re.split(r"\s{3,}", authors[0].strip())}
    return found


def test_no_person_of_the_sources_is_in_any_study_folder() -> None:
    people = {
        person
        for file in STUDIES.values()
        for person in _people(shared("seeds", file).read_bytes().decode("utf-8", errors="replace"))
    }
    assert len(people) > 15  # 15 authors, 3 people responsible, and their addresses and telephones
    surnames = {person.split()[-1] for person in people if " " in person and not person.startswith("+")}
    for path in sorted((PROJECT / "studies").rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "@" not in text, path
            assert re.search(r"\+\d{2}[ \d-]{8,}", text) is None, path
            named = [word for word in people | surnames if re.search(rf"\b{re.escape(word)}\b", text)]
            assert named == [], path
