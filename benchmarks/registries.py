"""How fast and how rightly thousands of registry rows are read: ours, a plain reader, and pandas, in one run.

    python -m benchmarks.registries [rows] [--peer]

A made-up export in ICTRP's grammar (benchmarks/registry_rows.py) is read by each. Ours reads the whole record
(criteria, outcomes, design, findings) and looks it over; the others read what a script commonly does: two dates and
the size. Told are the seconds of processor time, the ratio, and how many values are right, left open, and wrong.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.peer import Skipped, find_environment
from benchmarks.registry_rows import Truth, make_export
from exotrial.core.errors import Refusal
from exotrial.registries.registry import record_file
from exotrial.registries.scan import open_records, scan_record

Values = dict[str, tuple[str | None, str | None, int | None]]
"""By number: registration and first enrolment as ISO dates, and target size; None where it is left open."""

PANDAS = "2.2.3"
REPEATS = 3

_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%B %d, %Y", "%B %Y", "%m/%d/%Y", "%d/%m/%Y")

PEER = """
import json, sys, time
import pandas as pd
best = None
for _ in range(int(sys.argv[2])):
    begun = time.process_time()
    frame = pd.read_csv(sys.argv[1], on_bad_lines="skip", dtype=str).dropna(subset=["Date registration"])
    for column in ("Date registration", "Date enrollement"):
        frame[column] = pd.to_datetime(frame[column], format="mixed", errors="coerce")
    frame["Target size"] = pd.to_numeric(frame["Target size"], errors="coerce")
    taken = time.process_time() - begun
    best = taken if best is None else min(best, taken)
def day(value): return None if pd.isna(value) else value.date().isoformat()
values = {
    row["TrialID"]: (
        day(row["Date registration"]), day(row["Date enrollement"]),
        None if pd.isna(row["Target size"]) else int(row["Target size"]),
    )
    for _, row in frame.iterrows()
}
print(json.dumps({"seconds": best, "values": values}))
"""


def read_ours(data: bytes) -> Values:
    """Every record read whole and looked over."""
    _, records = open_records(record_file(data, name="export.csv"))
    scanned = [scan_record(record) for record in records if not isinstance(record, Refusal)]
    return {one.identifier: (one.registered, one.start, one.target_size) for one in scanned}


def read_plainly(data: bytes) -> Values:
    """What a short script does: the first date format that fits, month first, and a size that is a whole number."""
    found: Values = {}
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")):
        if row["Date registration"]:
            size = row["Target size"] or ""
            found[row["TrialID"]] = (
                _first_fit(row["Date registration"]),
                _first_fit(row["Date enrollement"] or ""),
                int(size) if size.isdigit() else None,
            )
    return found


def _first_fit(text: str) -> str | None:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    return None


def time_best(read: Callable[[bytes], Values], data: bytes) -> tuple[float, Values]:
    """The least processor time of some runs, and what was read."""
    best, found = float("inf"), {}
    for _ in range(REPEATS):
        begun = time.process_time()
        found = read(data)
        best = min(best, time.process_time() - begun)
    return best, found


def read_by_pandas(data: bytes) -> tuple[float, Values]:
    """The same by pandas in an environment of its own. Raises Skipped."""
    python = find_environment("pandas", PANDAS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export.csv"
        file.write_bytes(data)
        command = [str(python), "-c", PEER, str(file), str(REPEATS)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise Skipped(f"it ended with {(done.stderr.strip().splitlines() or ['no word of why'])[-1]}")
    told = json.loads(done.stdout)
    return told["seconds"], {number: tuple(values) for number, values in told["values"].items()}


def judge(found: Values, truths: Sequence[Truth]) -> tuple[int, int, int]:
    """How many values are right, left open and wrong. A month without a day is right where it is the true month."""
    counts = [0, 0, 0]
    for truth in truths:
        registered, start, size = found.get(truth.identifier, (None, None, None))
        for told, true in ((registered, truth.registered), (start, truth.start)):
            counts[1 if told is None else 0 if _fits(told, true) else 2] += 1
        if truth.size is None:
            counts[0 if size is None else 2] += 1
        else:
            counts[1 if size is None else 0 if size == truth.size else 2] += 1
    return counts[0], counts[1], counts[2]


def _fits(told: str, true: date) -> bool:
    return true.isoformat().startswith(told)


def main(rows: int = 7000, *, peer: bool = False) -> None:
    """Make the export, read it by each, and print the table."""
    data, truths = make_export(rows, seed=7)
    print(f"{rows:,} rows, {len(data) / 2**20:.1f} MiB; {3 * len(truths):,} values in rows that are whole\n")
    print(f"{'reader':<28}{'seconds':>9}{'ours / its':>12}{'right':>9}{'open':>8}{'wrong':>8}")
    ours, found = time_best(read_ours, data)
    _line("ours, the whole record", ours, ours, judge(found, truths))
    plain, found = time_best(read_plainly, data)
    _line("csv and strptime", plain, ours, judge(found, truths))
    if peer:
        try:
            seconds, found = read_by_pandas(data)
        except Skipped as why:
            print(f"pandas: skipped, because {why}")
        else:
            _line(f"pandas {PANDAS}", seconds, ours, judge(found, truths))
    print(f"\nours: {len(truths) / ours:,.0f} records a second on one core")


def _line(name: str, seconds: float, ours: float, counts: tuple[int, int, int]) -> None:
    right, left_open, wrong = counts
    print(f"{name:<28}{seconds:>9.2f}{ours / seconds:>12.1f}{right:>9,}{left_open:>8,}{wrong:>8,}")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--peer"]
    main(*(int(argument) for argument in given[:1]), peer="--peer" in sys.argv)
