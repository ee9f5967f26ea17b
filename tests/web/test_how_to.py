"""The page on the API: every command of it is run, in its order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from exotrial.web.errors import STATUS
from tests.conftest import PROJECT, leave_out
from tests.trial import IRCT, STUDIES
from tests.web.live import free_port

PAGE = PROJECT / "docs" / "how-to" / "use-the-api.md"


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("needs bash and curl")
    blocks = re.findall(r"^```bash\n(.+?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n" + "\n".join(blocks)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("EXOTRIAL_", "DATABASE_"))
    }
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=kept
        | {
            "STUDY": str(STUDIES / IRCT),
            "ID": IRCT,
            "PORT": str(free_port()),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert "First hospital" in ended.stdout


def test_the_page_tells_every_status_that_a_refusal_has() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = set(
        re.findall(r"\b[45]\d\d\b", "\n".join(line for line in page.splitlines() if line.startswith("|")))
    )
    assert {str(status) for status in STATUS.values() if status != 500} <= told
