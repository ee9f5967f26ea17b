"""Time and memory of a whole report, by the number of participants: both should grow in proportion, or slower.

    python -m benchmarks.report_scale [--participants 100 1000 3000 10000]

Each size runs in a process of its own, from reading the folder to the last byte written.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.synthetic import write_study

SIZES = (100, 1_000, 3_000, 10_000)
STEPS = ("start", "read", "build", "render", "write")
SEED = 20_210_104
STEEP = 1.15
"""Above this exponent, time or memory counts as growing faster than the participants."""


def measure_report(folder: Path, out: Path) -> dict[str, float]:
    """Make the report of a folder in this process: seconds by step, peak memory and size of output in MiB."""
    began = time.perf_counter()
    from exotrial.report.build import build_report, read_report_input
    from exotrial.report.write import render_report, write_files

    marks = [began, time.perf_counter()]
    given = read_report_input(folder)
    marks.append(time.perf_counter())
    report = build_report(given)
    marks.append(time.perf_counter())
    files = render_report(report, files=given.files)
    marks.append(time.perf_counter())
    write_files(files, folder=out)
    marks.append(time.perf_counter())
    told = {step: b - a for step, (a, b) in zip(STEPS, itertools.pairwise(marks), strict=True)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
    return told | {"peak": peak, "written": sum(map(len, files.values())) / 2**20}


def run_size(participants: int) -> dict[str, float]:
    """Write a synthetic study of this size and measure its report in a child process."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_study(Path(scratch) / "study", participants=participants, seed=SEED)
        command = [sys.executable, "-m", "benchmarks.report_scale", "--child", str(folder), scratch + "/out"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told: dict[str, float] = json.loads(done.stdout)
        return told


def print_table(sizes: Sequence[int]) -> None:
    """Run every size and print the table, its ratios, and whether growth is linear."""
    print(
        f"{'participants':>12} {'wall s':>8}"
        + "".join(f"{step:>8}" for step in STEPS)
        + f"{'peak MiB':>10}{'output MiB':>12}{'ms each':>9}{'KiB each':>10}"
    )
    measured: list[tuple[int, float, float]] = []
    for size in sizes:
        told = run_size(size)
        wall = sum(told[step] for step in STEPS)
        print(
            f"{size:>12,} {wall:>8.2f}"
            + "".join(f"{told[step]:>8.2f}" for step in STEPS)
            + f"{told['peak']:>10.0f}{told['written']:>12.1f}"
            + f"{1000 * wall / size:>9.2f}{1024 * told['peak'] / size:>10.1f}",
            flush=True,
        )
        measured.append((size, wall, told["peak"]))
    for earlier, later in itertools.pairwise(measured):
        more = later[0] / earlier[0]
        slower, larger = later[1] / earlier[1], later[2] / earlier[2]
        verdict = "linear or better" if max(slower, larger) <= more**STEEP else "STEEPER than linear"
        print(
            f"{earlier[0]:,} to {later[0]:,}: participants x{more:.1f}, "
            f"time x{slower:.1f}, memory x{larger:.1f}: {verdict}"
        )


def main() -> None:
    """Print the table; with --child, the measurements of one folder as JSON."""
    parser = argparse.ArgumentParser(description="Time and memory of the report by number of participants.")
    parser.add_argument("--participants", type=int, nargs="+", default=SIZES)
    parser.add_argument("--child", type=Path, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(measure_report(*asked.child)))
    else:
        print_table(asked.participants)


if __name__ == "__main__":
    main()
