"""Copies that are read without exotrial (21 CFR 11.10(b); FDA-Q3, Q5; EMA 2023 6.5, 6.12; E6(R3) 4.2.7)."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

from exotrial.operations.access import Role
from exotrial.qualification.bench import CRP, FORM, Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.archive import check_archive, write_archive
from exotrial.store.models.audit import Act, Change


def filled(bench: Bench) -> tuple[str, str]:
    """Two participants with a saved form; that of the first is queried, corrected and signed."""
    first, second = bench.enrol(), bench.enrol()
    bench.save(first)
    bench.save(second, "34")
    bench.do("raise_query", Role.MONITOR, participant=first, key=CRP, text="is it right?", **FORM)
    saved = bench.save(first, "21", revision=1, reason="the laboratory sent a corrected value")
    bench.sign(first, saved.revision)
    return first, second


def read_table(file: Path) -> list[dict[str, str]]:
    """The lines of a table of the copy; none where there is no such file."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as read:
        return list(csv.DictReader(read))


@check(
    *(48, 58),
    done="Wrote the archive of a study, read its tables as any program can, and altered one of its files.",
    expected="Data, what they mean, queries, signatures, rights and the whole trail are there; its digests agree, "
    "and name the altered file.",
)
def archive_is_complete(bench: Bench) -> Outcome:
    """The archive of a study is complete and can be read and checked without exotrial."""
    filled(bench)
    acts = Act.objects.filter(chain__name=bench.study)
    due = Change.objects.filter(act__in=acts).count() + acts.filter(changes=None).count()
    with tempfile.TemporaryDirectory(prefix="exotrial-validate-") as folder:
        copy = Path(folder) / "archive"
        made = write_archive(bench.opened, bench.study, copy, now=bench.now)
        data = "".join(file.read_text(encoding="utf-8") for file in (copy / "data").glob("*.csv"))
        counts = {
            name: len(read_table(copy / f"{name}.csv"))
            for name in ("dictionary", "queries", "signatures", "users_and_rights", "audit_trail")
        }
        problems = check_archive(copy)
        with (copy / "queries.csv").open("a", encoding="utf-8") as file:
            file.write("one line more\n")
        altered = check_archive(copy)
    return judge(
        (f"{made.files} files; the trail held when they were written", made.check.holds),
        ("the values are there", "21" in data and "34" in data),
        *((f"{name}.csv: {count} lines", count > 0) for name, count in counts.items()),
        (f"the trail has all {due} lines", counts["audit_trail"] == due),
        ("the digests agree", not problems),
        (f"altered, it is named: {'; '.join(altered)}", len(altered) == 1 and "queries.csv" in altered[0]),
    )


@check(
    49,
    done="Wrote the copy of one participant among two, and read its manifest and tables.",
    expected="Dated, with the digest of each file and the trail of this participant; nothing of the other.",
)
def certified_copy(bench: Bench) -> Outcome:
    """A copy of one participant is dated, equal to what is recorded, and carries its trail."""
    first, second = filled(bench)
    with tempfile.TemporaryDirectory(prefix="exotrial-validate-") as folder:
        copy = Path(folder) / "copy"
        write_archive(bench.opened, bench.study, copy, now=bench.now, participant=first)
        manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
        tables = {file.name: file.read_text(encoding="utf-8") for file in copy.rglob("*.csv")}
        problems = check_archive(copy)
    dated = str(manifest["made_at"])
    return judge(
        (f"dated {dated}", dated.startswith(f"{bench.now:%Y-%m-%d}")),
        ("its digests agree", not problems),
        (
            "with the participant's trail and signature",
            first in tables["audit_trail.csv"] and "Investigator" in tables["signatures.csv"],
        ),
        ("nothing of the other participant", not any(second in text for text in tables.values())),
    )
