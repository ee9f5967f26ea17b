"""The document model in every format: nothing becomes markup, nothing tells when it was made, nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.core.provenance import compute_source
from exotrial.report.document import (
    AnalysisResult,
    Bullets,
    Column,
    Figure,
    Paragraph,
    Report,
    Section,
    Subheading,
    Table,
)
from exotrial.report.render.csv_files import render_csv
from exotrial.report.render.typst_source import literal
from exotrial.report.render.widths import compute_shares
from exotrial.report.write import render_report, write_files

NASTY = 'A #let x = 1 [b] $c$ *d* _e_ `f` <g> @h // i \\ "j" & k'
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">'
    '<rect width="100" height="50" fill="white"/></svg>'
)
TABLE = Table(
    id="t",
    title=NASTY,
    columns=(Column(key="a", head="A"), Column(key="b", head="B", align="right", group="Both")),
    rows=(("Head", None), (NASTY, "1.5"), ("x, y", None)),
    stub_rows=frozenset({0}),
    notes=(NASTY,),
)
REPORT = Report(
    id="study",
    title=NASTY,
    subtitle="Sub",
    dated="2020-09-04",
    facts=(("Fact", NASTY),),
    notices=("Synthetic: made up.",),
    sections=(
        Section(
            id="one",
            title=NASTY,
            blocks=(
                Paragraph(NASTY),
                Subheading("Sub"),
                Bullets((NASTY, "two")),
                TABLE,
                Figure(id="f", title="F", caption=NASTY, alt="A grey box", svg=SVG, data=TABLE),
            ),
        ),
    ),
    results=(
        AnalysisResult(
            id="r",
            analysis="a",
            population="all",
            n=(7,),
            variable="CRP",
            statistic="mean",
            method="describe",
            value=1.5,
            printed="1.5",
        ),
    ),
)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return render_report(REPORT, files=(compute_source(b"x", name="study.toml"),))


def test_every_format_and_every_table_is_there(files: dict[str, bytes]) -> None:
    assert list(files) == [
        "figures/f.svg",
        "report.docx",
        "report.html",
        "report.pdf",
        "results.json",
        "tables/t.csv",
    ]


def test_text_is_text_in_every_format(files: dict[str, bytes]) -> None:
    words = " ".join(NASTY.split())
    pdf = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["report.pdf"])).pages)
    assert "#let x = 1 [b] $c$ *d* _e_ `f` <g> @h" in " ".join(pdf.split())
    document = zipfile.ZipFile(io.BytesIO(files["report.docx"])).read("word/document.xml")
    assert words in "".join(ET.fromstring(document).itertext())
    page = files["report.html"].decode()
    assert "<g>" not in page
    assert "&lt;g&gt;" in page


def test_the_notice_stands_on_every_format(files: dict[str, bytes]) -> None:
    assert "Synthetic: made up." in files["report.html"].decode()
    assert "Synthetic: made up." in pypdf.PdfReader(io.BytesIO(files["report.pdf"])).pages[0].extract_text()
    document = zipfile.ZipFile(io.BytesIO(files["report.docx"])).read("word/document.xml")
    assert "Synthetic: made up." in "".join(ET.fromstring(document).itertext())


def test_the_same_report_is_the_same_bytes(files: dict[str, bytes]) -> None:
    assert render_report(REPORT, files=(compute_source(b"x", name="study.toml"),)) == files


def test_no_file_tells_when_it_was_made(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["report.docx"])) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    information = pypdf.PdfReader(io.BytesIO(files["report.pdf"])).metadata
    assert information is not None
    assert "/CreationDate" not in information


def test_a_table_comes_back_from_its_csv(files: dict[str, bytes]) -> None:
    rows = list(csv.reader(io.StringIO(files["tables/t.csv"].decode(), newline="")))
    assert rows == [["a", "b"], ["Head", ""], [NASTY, "1.5"], ["x, y", ""]]


def test_results_name_software_and_files(files: dict[str, bytes]) -> None:
    document = json.loads(files["results.json"])
    assert document["results"][0]["value"] == 1.5
    assert document["files"][0]["name"] == "study.toml"
    assert "scipy" in document["software"]


def test_the_figure_is_described(files: dict[str, bytes]) -> None:
    assert 'alt="A grey box"' in files["report.html"].decode()


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40))
def test_a_literal_is_one_string_whatever_it_holds(text: str) -> None:
    assert json.loads(literal(text)) == text


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_column_shares_make_one(cells: list[str]) -> None:
    columns = tuple(Column(key=str(position), head="h") for position in range(len(cells)))
    shares = compute_shares(Table(id="t", title="t", columns=columns, rows=(tuple(cells),)))
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


def test_a_row_that_does_not_fit_its_columns_is_a_defect() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells in 2 columns"):
        Table(id="t", title="t", columns=TABLE.columns, rows=(("a",),))


def test_files_that_were_there_are_left_alone_and_nothing_is_left_beside(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("keep", encoding="utf-8")
    write_files({"a/b.txt": b"new"}, folder=folder)
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "keep"
    assert (folder / "a" / "b.txt").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Refusal, match="RPT-001"):
        write_files({"a.txt": b""}, folder=tmp_path / "file" / "out")


def test_csv_keeps_empty_cells_empty() -> None:
    assert render_csv(TABLE).count(b"\r\n") == 4
