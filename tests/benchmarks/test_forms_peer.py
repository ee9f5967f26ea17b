"""The forms benchmark beside a peer: it says why where the peer cannot be had, and ends well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_without_a_python_for_the_peer_it_says_so_and_ends_well(tmp_path: Path) -> None:
    """Issue 3, section 5: "skipped with a reason otherwise". The rest of the environment is kept out of reach."""
    python = ROOT / "nothing"  # no python3.12, no uv, no ~/.pyenv and no cache
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from benchmarks.forms_peer import clinicedc\n"
            f"clinicedc.sys.executable = {str(python)!r}\n"
            "clinicedc.shutil.which = lambda name: None\n"
            "from benchmarks.forms import main\n"
            "sys.argv = ['forms', '--peer']\nmain()",
        ],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "clinicedc: skipped, because no Python 3.12 was found on the path, in ~/.pyenv or by uv",
        "[]",
    ]
