"""Keeping data: the trail as a file, backup and restore (EMA 2023 6.2.1, 6.8; E6(R3) 4.3.3(c), (d); FDA-Q5, Q12)."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from exotrial.core.errors import Refusal
from exotrial.qualification.bench import Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.qualification.checks.trail import begin
from exotrial.store.backup import write_backup
from exotrial.store.models.audit import Act, Change
from exotrial.store.restore import check_backup
from exotrial.store.trail_table import write_trail


@check(
    9,
    done="Wrote the whole trail of the study as CSV and read it back.",
    expected="A line for every change and every act without one, under names of columns that can be sorted by.",
)
def trail_is_exported(bench: Bench) -> Outcome:
    """The whole trail is exported as a table."""
    begin(bench)
    acts = Act.objects.filter(chain__name=bench.study)
    due = Change.objects.filter(act__in=acts).count() + acts.filter(changes=None).count()
    with tempfile.TemporaryDirectory(prefix="exotrial-validate-") as folder:
        file = Path(folder) / "trail.csv"
        lines = write_trail(file, chain=bench.study)
        with file.open(encoding="utf-8", newline="") as read:
            rows = list(csv.DictReader(read))
    columns = set(rows[0])
    wanted = {"at_utc", "who", "role", "site", "operation", "reason", "field", "old", "new"}
    return judge(
        (f"{lines} lines for {due} changes and acts", lines == due == len(rows)),
        (f"{len(columns)} named columns", wanted <= columns),
    )


@check(
    50,
    done="Wrote a backup of the scratch installation, restored it into another one and verified that; then altered "
    "one byte of the backup.",
    expected="Restored, all rows are there and the trail holds; the altered backup is refused.",
)
def backup_is_restored(bench: Bench) -> Outcome:
    """A backup can be restored, and a damaged one is refused."""
    begin(bench)
    with tempfile.TemporaryDirectory(prefix="exotrial-validate-") as folder:
        file = Path(folder) / "backup"
        made = write_backup(bench.opened, file, now=bench.now, check=True)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(bytes(data))
        try:
            check_backup(bench.opened, file)
            refused = ""
        except Refusal as refusal:
            refused = refusal.code.code
    assert made.check is not None
    return judge(
        (f"{sum(made.rows.values())} rows in {len(made.rows)} tables were kept", sum(made.rows.values()) > 0),
        (f"restored, the trail of {made.check.acts} acts holds", made.check.holds),
        (f"the altered file is refused ({refused or 'no'})", refused.startswith("BAK-")),
    )
