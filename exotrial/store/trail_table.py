"""The trail as a table that can be sorted and filtered: one line for each change, and for each act without one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exotrial.store.verify_chain import moment_of, stream

COLUMNS = (
    *(
        "chain",
        "seq",
        "at_utc",
        "operation",
        "outcome",
        "code",
        "place",
        "who",
        "role",
        "site",
        "participant",
    ),
    *("source", "clock_step_s", "reason", "study_version", "changes", "act_digest"),
    *("position", "table", "row", "field", "old", "new", "redacted", "salt", "old_digest", "new_digest"),
)
"""The digests and salts let anyone make the chain again (`store/trail.py` says how)."""

_QUERY = (
    "SELECT h.name, a.seq, a.at, a.operation, a.outcome, a.code, a.told, a.who, a.role, a.site, a.participant, "
    'a.source, a.clock_step, a.reason, a.study_version, a."count", a.digest, c.position, c."table", c."row", '
    "c.field, c.old, c.new, c.redacted, c.salt, c.old_digest, c.new_digest "
    "FROM store_act a JOIN store_chain h ON h.id = a.chain_id LEFT JOIN store_change c ON c.act_id = a.id "
)


def trail_lines(*, chain: str = "", participant: str = "") -> Iterator[list[Any]]:
    """The lines of one chain, or of all; of one participant, where a code is given."""
    wheres = [("h.name = %s", chain)] if chain else []
    wheres += [("a.participant = %s", participant)] if participant else []
    where = f"WHERE {' AND '.join(text for text, _ in wheres)} " if wheres else ""
    order = "ORDER BY a.id, c.position"
    for row in stream(f"{_QUERY}{where}{order}", tuple(value for _, value in wheres)):
        line = list(row)
        line[2] = moment_of(line[2])
        line[23] = None if line[23] is None else bool(line[23])
        yield line


def write_trail(file: Path, *, chain: str = "", participant: str = "") -> int:
    """Write those lines as CSV and give their number."""
    lines = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in trail_lines(chain=chain, participant=participant):
            writer.writerow(line)
            lines += 1
    return lines
