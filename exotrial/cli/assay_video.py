"""`exotrial assay video`: particles tracked in raw videos, and the sizes that their diffusion gives."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.terminal import console_for, print_rows

if TYPE_CHECKING:
    from exotrial.core.findings import Finding
    from exotrial.product.tracking.measure import MeasuredSizes, TrackedVideo

Number = float | None


def show_video(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Videos of one sample: .avi, .mov, .mp4 or TIFF stack.", exists=True, dir_okay=False
        ),
    ],
    pixel_size: Annotated[
        Number, typer.Option("--pixel-size", help="Width of a pixel in the sample, µm.")
    ] = None,
    frame_time: Annotated[Number, typer.Option("--frame-time", help="From frame to frame, s.")] = None,
    exposure: Annotated[Number, typer.Option("--exposure", help="How long the shutter is open, s.")] = None,
    temperature: Annotated[Number, typer.Option("--temperature", help="Of the sample, °C.")] = None,
    viscosity: Annotated[
        Number, typer.Option("--viscosity", help="Of the medium, mPa·s; water by IAPWS R12-08 if left out.")
    ] = None,
    dark: Annotated[
        bool, typer.Option("--dark", help="Particles are darker than what is around them.")
    ] = False,
    feature: Annotated[int, typer.Option("--feature", help="Diameter of a particle's image, px, odd.")] = 11,
    search: Annotated[
        Number, typer.Option("--search", help="Furthest step that is linked, px; derived if left out.")
    ] = None,
    memory: Annotated[int, typer.Option("--memory", help="Frames that a particle may be missing.")] = 0,
    localisation_error: Annotated[
        Number,
        typer.Option(
            "--localisation-error", help="Sd of a position, µm, from stuck beads; estimated if left out."
        ),
    ] = None,
    stuck: Annotated[
        Path | None,
        typer.Option("--stuck", help="A video of beads stuck to the glass.", exists=True, dir_okay=False),
    ] = None,
    largest: Annotated[float, typer.Option("--largest", help="The largest size looked for, nm.")] = 2000.0,
    seed: Annotated[int, typer.Option("--seed", help="Of the bootstrap.")] = 1,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are findings.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Track the particles of raw videos and print their size distribution by number, with 95 % bands.

    Pixel size, frame time, exposure and temperature are never assumed. No concentration is told: a video does not
    carry the volume that it shows.
    """
    from exotrial.core.findings import gravest_first
    from exotrial.product.tracking.frames import open_frames
    from exotrial.product.tracking.measure import (
        check_tracking,
        measure_localisation_error,
        measure_sizes,
        track_video,
    )
    from exotrial.product.tracking.settings import Polarity, make_settings
    from exotrial.product.viscosity import compute_water_viscosity

    if viscosity is None and temperature is not None:
        viscosity = compute_water_viscosity(temperature)
    settings = make_settings(
        pixel_size_um=pixel_size,
        frame_time_s=frame_time,
        exposure_s=exposure,
        temperature_c=temperature,
        viscosity_mpa_s=viscosity,
        polarity=Polarity.DARK if dark else Polarity.BRIGHT,
        feature_px=feature,
        search_px=search,
        memory_frames=memory,
        localisation_error_um=localisation_error,
        largest_nm=largest,
    )
    if stuck is not None and localisation_error is None:
        settings = replace(
            settings, localisation_error_um=measure_localisation_error(open_frames(stuck), settings)
        )
    tracked = []
    for path in files:
        with _told(path.name) as told:
            tracked.append(track_video(open_frames(path), settings, progress=told))
    measured = measure_sizes(tracked, settings, seed=seed)
    findings = gravest_first(list(check_tracking(measured)))
    if as_json:
        typer.echo(json.dumps(_as_json(measured, findings), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _print(measured, findings)
    if strict and findings:
        raise typer.Exit(1)


@contextmanager
def _told(name: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    console = console_for(sys.stderr)
    if console is None:
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _print(measured: MeasuredSizes, findings: list[Finding]) -> None:
    print_rows(_video_rows(measured))
    typer.echo("")
    print_rows(
        [
            {
                "by number": name.removesuffix("_nm"),
                "unit": "nm" if name.endswith("_nm") else "" if name == "span" else "particles in view",
                "estimate": f"{found.estimate:.4g}",
                "95 % from": f"{found.low:.4g}",
                "to": f"{found.high:.4g}",
            }
            for name, found in measured.summary.items()
        ]
    )
    typer.echo("")
    print_rows([{"setting": name, "value": value} for name, value in measured.settings.stated().items()])
    for finding in findings:
        typer.echo("")
        typer.echo(f"{finding.rule} {finding.severity.value}: {finding.subject}: {finding.says}.")
        typer.echo(f"  {finding.why} {finding.settle}")


def _video_rows(measured: MeasuredSizes) -> list[dict[str, str | float | None]]:
    return [
        {
            "video": video.source.name,
            "sha256": video.source.sha256[:12],
            "frames": video.frames,
            "positions": video.features,
            "tracks": video.steps.tracks,
            "scatter of one track": f"{_scatter(video):.0%}",
            "search px": round(video.search_px, 3),
            "localisation error µm": round(video.localisation_error_um, 4),
            "size at lags 3 to 12, nm": (
                round(measured.settings.diffusion_of_1_nm / video.ensemble.diffusion_um2_s, 1)
                if video.ensemble is not None and video.ensemble.diffusion_um2_s > 0
                else None
            ),
        }
        for video in measured.videos
    ]


def _scatter(video: TrackedVideo) -> float:
    """How the size of one track of typical length scatters by chance alone, as a coefficient of variation."""
    from statistics import median

    from exotrial.product.tracking.motion import compute_track_broadening

    return compute_track_broadening(max(3, int(median(video.steps.intervals.tolist())))).cv


def _as_json(measured: MeasuredSizes, findings: list[Finding]) -> dict[str, Any]:
    return {
        "videos": _video_rows(measured),
        "summary": {
            name: {"estimate": found.estimate, "low": found.low, "high": found.high}
            for name, found in measured.summary.items()
        },
        "edges_nm": measured.distribution.edges_nm.tolist(),
        "values": measured.distribution.mean_values.tolist(),
        "low": measured.low.tolist(),
        "high": measured.high.tolist(),
        "settings": measured.settings.stated(),
        "seed": measured.seed,
        "findings": [
            {"rule": finding.rule, "video": finding.subject, "says": finding.says} for finding in findings
        ],
    }
