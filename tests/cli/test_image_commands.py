"""`exotrial image`: marks begun, pictures measured and shown, marks that were changed refused, counts compared."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from exotrial.cli.app import FINDINGS, OK, REFUSED, main
from exotrial.product.assay import assay_file, read_assay
from tests.product.images.marked import (
    CALNEXIN,
    LADDER_MARKS,
    blot_file,
    blot_marks,
    mark,
    micrograph_file,
    micrograph_marks,
)

Capture = pytest.CaptureFixture[str]


def lay_blot(folder: Path, marks: list[str] | None = None) -> list[str]:
    picture = blot_file()
    (folder / "blot.tif").write_bytes(picture.data)
    (folder / "marks.toml").write_bytes(blot_marks(picture, marks=marks).data)
    return ["image", "blot", str(folder / "blot.tif"), str(folder / "marks.toml")]


def lay_micrograph(folder: Path, *marks: str, scaled: bool = True) -> list[str]:
    picture = micrograph_file(scaled=scaled)
    (folder / "tem.tif").write_bytes(picture.data)
    (folder / "marks.toml").write_bytes(micrograph_marks(picture, *marks).data)
    return ["image", "tem", str(folder / "tem.tif"), str(folder / "marks.toml")]


def test_a_blot_is_measured_shown_beside_its_numbers_and_its_marks_are_kept(
    tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert main([*lay_blot(tmp_path), "--out", str(out)]) == OK
    printed = capsys.readouterr().out
    assert "Is CD9 present? YES" in printed
    assert "Is calnexin absent? YES" in printed
    assert "Is CD81 present? NOT SHOWN" in printed
    assert "Does the loading control suit vesicles? NO" in printed
    assert "marked by QC scientist, 2026-01-12 11:06 UTC: band at 75 kDa" in printed
    assert (out / "figures/annotated.png").read_bytes().startswith(b"\x89PNG")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "data:image/svg+xml;base64," in page
    assert not re.search(r'(src|href)="https?://', page)
    bands = list(csv.DictReader((out / "tables/bands.csv").read_text(encoding="utf-8").splitlines()))
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [f"{each['value']:.6g}" for each in results["results"] if each["statistic"] == "net volume"] == [
        band["volume"] for band in bands
    ]
    assert {file["name"] for file in results["files"]} == {"blot.tif", "marks.toml"}
    evidence = assay_file((out / "blot-with-marks.zip").read_bytes(), name="blot-with-marks.zip")
    assert read_assay(evidence).sample == "CORD-7 vial 3"

    # once measured, marks are added and not changed, and the folder is of this picture
    out_again = ["--out", str(out)]
    changed = [LADDER_MARKS[0].replace("sheet", "leaflet"), *LADDER_MARKS[1:], *CALNEXIN]
    for marks in (changed, LADDER_MARKS):
        assert main([*lay_blot(tmp_path, marks), *out_again]) == REFUSED
        assert "IMG-006: marks.toml" in capsys.readouterr().err
    assert main([*lay_micrograph(tmp_path), *out_again]) == REFUSED
    assert "IMG-011" in capsys.readouterr().err
    assert json.loads((out / "results.json").read_text(encoding="utf-8")) == results


def test_a_micrograph_is_measured_edited_and_compared_with_a_human_count(
    tmp_path: Path, capsys: Capture
) -> None:
    removed = mark(1, "remove", row=62, column=58, why="a salt crystal")
    out = tmp_path / "out"
    assert main([*lay_micrograph(tmp_path, removed), "--out", str(out), "--strict"]) == FINDINGS
    printed = capsys.readouterr().out
    assert "removed by QC scientist: a salt crystal" in printed
    assert "IMF-008: By hand 1 vesicles were removed and 0 added (QC scientist); 3 are counted." in printed
    human = tmp_path / "human.csv"
    human.write_text("row,column,diameter_nm\n60,60,80\n60,160,60\n150,90,100\n180,190,72\n")
    counts = ["image", "agree", str(human), str(out / "tables/vesicles.csv"), "--nm-per-pixel", "2"]
    assert main([*counts, "--json"]) == OK
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["recall"]["value"] == 0.75
    assert rows["precision"]["value"] == 1
    assert abs(rows["mean difference (second less first)"]["value"]) < 2
    assert main(counts) == OK
    assert "concordance (Lin)" in capsys.readouterr().out


def test_a_micrograph_without_scale_is_refused_with_the_way_out(tmp_path: Path, capsys: Capture) -> None:
    assert main(lay_micrograph(tmp_path, scaled=False)) == REFUSED
    refused = capsys.readouterr().err
    assert "IMG-003" in refused
    assert "state nm per pixel and where it is read from" in refused


def test_marks_are_begun_for_a_picture_and_never_over_others(tmp_path: Path, capsys: Capture) -> None:
    lay_blot(tmp_path)
    begun = str(tmp_path / "begun.toml")
    start = ["image", "start", str(tmp_path / "blot.tif"), "--out", begun]
    assert main([*start, "--shows", "blot", "--tone", "bright"]) == OK
    assert main([*start, "--shows", "blot", "--tone", "bright"]) == REFUSED
    assert "IMG-012" in capsys.readouterr().err
    assert main([*start, "--shows", "gel", "--tone", "bright"]) == REFUSED
    assert main([*start, "--shows", "blot", "--tone", "grey"]) == REFUSED
    assert main(["image", "blot", str(tmp_path / "blot.tif"), begun, "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert {note for each in told["results"] for note in each["notes"]} == {"found"}
