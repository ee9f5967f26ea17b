"""The tutorial of a trial, run as it stands: every command of the page, in order, as a newcomer would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def commands_of(page: str) -> str:
    """The commands of a page's console blocks as a shell script."""
    text = (ROOT / "docs" / "tutorial" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL))


def test_a_newcomer_runs_a_trial_by_the_tutorial(tmp_path: Path) -> None:
    for shared in ("docs", "studies"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands_of("run-a-trial.md")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert "EDC-001" in done.stdout  # the weight of 480 kg is asked about
    assert '"misread the scale"' in done.stdout
    assert (tmp_path / "certificate.pdf").read_bytes().startswith(b"%PDF")
    assert "All holds." in done.stdout
    kept = b"".join(path.read_bytes() for path in (tmp_path / "rehearsal").glob("exotrial.sqlite3*"))
    assert b"Made Up" not in kept
