"""`exotrial assay video`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from exotrial.cli.app import main
from exotrial.product.tracking.settings import TrackingSettings
from exotrial.product.tracking.simulate import simulate_video

MEASURED = ["--pixel-size", "0.166", "--frame-time", "0.04", "--exposure", "0.02", "--temperature", "25"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = TrackingSettings(
        pixel_size_um=0.166, frame_time_s=0.04, exposure_s=0.02, temperature_c=25, viscosity_mpa_s=0.89
    )
    made = simulate_video(np.full(20, 200.0), settings=settings, seed=1, frames=40, shape=(200, 200))
    path = tmp_path_factory.mktemp("film") / "film.tif"
    tifffile.imwrite(path, made.stack, photometric="minisblack")
    return path


def test_a_stack_gives_sizes_with_every_setting_stated(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assay", "video", str(film), *MEASURED, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["d50_nm"]["estimate"] == pytest.approx(200, rel=0.15)
    assert told["settings"]["viscosity_mpa_s"] == pytest.approx(0.890022, rel=1e-4)
    assert told["seed"] == 1
    assert {"TRK-004"} <= {finding["rule"] for finding in told["findings"]}


def test_tables_are_printed_and_findings_end_with_1_under_strict(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assay", "video", str(film), *MEASURED, "--stuck", str(film), "--strict"]) == 1
    told = capsys.readouterr().out
    assert "d50" in told
    assert "TRK-004 warning: film.tif: the sizes rest on" in told


def test_missing_numbers_are_refused_with_what_they_are(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assay", "video", str(film), "--temperature", "25"]) == 2
    told = capsys.readouterr().err
    for name in ("pixel_size_um", "frame_time_s", "exposure_s"):
        assert f"VID-001: {name} is not given" in told
    assert "viscosity" not in told


def test_a_seed_below_zero_is_refused(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assay", "video", str(film), *MEASURED, "--seed", "-1"]) == 2
    assert "VID-006" in capsys.readouterr().err
