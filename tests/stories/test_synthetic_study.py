"""A synthetic, blinded two-arm study from its folder to the files of its report, and what those may not tell."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from pypdf import PdfReader

from benchmarks.synthetic import ARM_NAMES, TWO_ARMS, write_study
from exotrial.cli.app import main
from exotrial.datasets.captured import read_captured
from exotrial.product.checklist import find_checklists
from exotrial.study.checks.check import check_study
from exotrial.study.file import read_study

pytestmark = pytest.mark.xdist_group("synthetic study")  # one worker makes the three reports

ENROLLED, SCREENED_ONLY, SEED = 72, 8, 5
NOTICE = "Synthetic: the participants of this study were made by a computer."
ARM_WORDS = tuple(word.casefold() for word in (*TWO_ARMS, *ARM_NAMES.values()))
PLANNED = {"synopsis", "consort", "findings", "findings-rules", "findings-summary", "measures"}
"""Tables made of the study file alone: they may name the arms, for they hold no result."""


@dataclass(frozen=True)
class Made:
    """A study folder and the files of its report."""

    folder: Path
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every output file as text: the PDF's words page by page, the DOCX's parts of XML."""
        return {name: _text(name, data) for name, data in self.files.items()}


def _text(name: str, data: bytes) -> str:
    if name.endswith(".pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(parts.read(part).decode() for part in parts.namelist() if part.endswith(".xml"))
    return data.decode()


def _words(text: str) -> str:
    """Text without markup and with single blanks, however a line was broken."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def _start(folder: Path, out: Path, *, hash_seed: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exotrial", "report", str(folder), "--out", str(out)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(process: subprocess.Popen[str], folder: Path, out: Path) -> Made:
    told, refused = process.communicate()
    assert process.returncode == 0, told + refused
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    return Made(folder, {path.relative_to(out).as_posix(): path.read_bytes() for path in paths})


def _exchange_arms(folder: Path) -> None:
    """Give the enrolled each other's arms, the first the last one's: as many in each arm, but other people."""
    path = folder / "data" / "participants.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    arm = head.index("ARMCD")
    enrolled = [row for row in rows if row[arm]]
    for row, code in zip(enrolled, [row[arm] for row in reversed(enrolled)], strict=True):
        row[arm] = code
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Made, Made]:
    """The report made twice in two processes that hash differently, and once with other arms."""
    room = tmp_path_factory.mktemp("synthetic")
    study, other = (
        write_study(room / name, participants=ENROLLED, screened_only=SCREENED_ONLY, seed=SEED)
        for name in ("study", "other")
    )
    _exchange_arms(other)
    runs = [(study, room / "first", "1"), (study, room / "second", "2"), (other, room / "mixed", "1")]
    started = [(_start(folder, out, hash_seed=seed), folder, out) for folder, out, seed in runs]
    first, second, mixed = (_finish(process, folder, out) for process, folder, out in started)
    return first, second, mixed


@pytest.fixture(scope="module")
def report(made: tuple[Made, Made, Made]) -> Made:
    """The report of the blinded study."""
    return made[0]


def test_the_study_reads_and_is_what_it_claims_to_be(report: Made) -> None:
    study, _ = read_study(report.folder)
    captured = read_captured(report.folder / "data")
    assert study.synthetic
    assert study.blinding is not None
    assert study.blinding.label == "double blind"
    assert captured.participants.height == ENROLLED + SCREENED_ONLY
    by_arm = dict(captured.participants.group_by("ARMCD").len().iter_rows())
    assert by_arm == {"": SCREENED_ONLY, **{arm.id: arm.size for arm in study.arms}}
    assert sum(arm.size or 0 for arm in study.arms) == ENROLLED


def test_a_study_that_says_everything_has_no_findings(report: Made) -> None:
    assert check_study(read_study(report.folder)[0]) == []


def test_the_same_seed_writes_the_same_study(report: Made, tmp_path: Path) -> None:
    again = write_study(tmp_path, participants=ENROLLED, screened_only=SCREENED_ONLY, seed=SEED)
    for path in report.folder.rglob("*.*"):
        assert again.joinpath(path.relative_to(report.folder)).read_bytes() == path.read_bytes(), path.name


def test_the_report_has_every_kind_of_file(report: Made) -> None:
    assert {"report.html", "report.pdf", "report.docx", "results.json"} <= set(report.files)
    assert {Path(name).suffix for name in report.files if "/" in name} == {".csv", ".svg"}
    assert len(json.loads(report.files["results.json"])["results"]) > 100


def test_two_processes_that_hash_differently_make_the_same_bytes(made: tuple[Made, Made, Made]) -> None:
    first, second, _ = made
    assert list(first.files) == list(second.files)
    assert [name for name in first.files if first.files[name] != second.files[name]] == []


@pytest.mark.parametrize("name", ["report.html", "report.pdf", "report.docx"])
def test_every_page_of_print_says_that_the_study_is_synthetic(report: Made, name: str) -> None:
    words = _words(report.texts[name])
    assert NOTICE in words
    assert "Synthetic study" in words  # its title


@pytest.mark.parametrize("name", ["report.html", "report.pdf", "report.docx"])
def test_every_page_of_print_says_that_arms_are_hidden(report: Made, name: str) -> None:
    assert "arms are not shown" in _words(report.texts[name])


def test_no_output_changes_when_participants_are_given_other_arms(made: tuple[Made, Made, Made]) -> None:
    """The strongest form of blindness: what does not depend on the arms cannot tell them."""
    first, _, mixed = made
    digests = [
        next(
            file["sha256"]
            for file in json.loads(one.files["results.json"])["files"]
            if file["name"] == "participants.csv"
        )
        for one in (first, mixed)
    ]
    assert digests[0] != digests[1]

    def without_digest(one: Made, digest: str) -> dict[str, str]:
        return {name: _squeeze(text).replace(digest, "digest") for name, text in one.texts.items()}

    blind, other = without_digest(first, digests[0]), without_digest(mixed, digests[1])
    assert [name for name in blind if blind[name] != other.get(name)] == []
    assert blind.keys() == other.keys()


def _squeeze(text: str) -> str:
    """Without blanks and soft breaks, so that a digest that is broken over lines is whole again."""
    return re.sub(r"\s+|<wbr\s*/?>|&#8203;|\u200b|\u00ad", "", text)


def test_an_open_study_tells_its_arms_apart(tmp_path: Path) -> None:
    """The other side: arms that may be shown are, so that the tests of blindness could have failed."""
    folder = write_study(tmp_path / "open", participants=ENROLLED, seed=SEED, blinded=False)
    assert main(["report", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert "arms are not shown" not in _words((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    for name in ARM_NAMES.values():
        assert name in (tmp_path / "out" / "tables" / "timeline-days.csv").read_text(encoding="utf-8")


def _is_planned(table: str) -> bool:
    """Whether a table is made of the study file alone; checklists ask about vesicles, as an arm is called."""
    return table in PLANNED or any(
        table.startswith(f"{name.replace('-', '_')}_") for name in find_checklists()
    )


def test_no_table_of_results_names_an_arm(report: Made) -> None:
    for name, text in report.texts.items():
        if name.startswith("tables/") and not _is_planned(Path(name).stem):
            named = [row for row in csv.reader(io.StringIO(text)) if _names_an_arm(" ".join(row))]
            assert named == [], name


def test_no_figure_names_an_arm(report: Made) -> None:
    figures = [name for name in report.files if name.startswith("figures/")]
    assert figures
    assert [name for name in figures if _names_an_arm(_words(report.texts[name]))] == []


def test_no_result_names_an_arm(report: Made) -> None:
    results = json.loads(report.files["results.json"])["results"]
    assert [one for one in results if _names_an_arm(json.dumps(one))] == []


@pytest.mark.parametrize("name", ["report.html", "report.docx", "report.pdf", "results.json"])
def test_no_participant_stands_beside_an_arm(report: Made, name: str) -> None:
    words = _words(report.texts[name])
    people = [hit.start() for hit in re.finditer(r"SYNTHETIC-\d\d-\d{5}", words)]
    assert [words[at : at + 80] for at in people if _names_an_arm(words[at - 60 : at + 80])] == []


def test_no_output_holds_the_column_of_arms(report: Made) -> None:
    assert [name for name, text in report.texts.items() if "ARMCD" in text] == []


def _names_an_arm(text: str) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", text.casefold()) for word in ARM_WORDS)
