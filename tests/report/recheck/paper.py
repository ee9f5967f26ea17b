"""A small paper for one test: one claim of one kind, and the verdict on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from exotrial.core.provenance import compute_source
from exotrial.report.recheck.claims import parse_claims
from exotrial.report.recheck.data import PublishedData, parse_table
from exotrial.report.recheck.engine import recheck_claims
from exotrial.report.recheck.verdicts import ClaimVerdict

HEAD = 'title = "Made for a test"\n[[sources]]\nid = "text"\ntitle = "Text"\n[[claims]]\n'


def write_claim(kind: str, prints: str, *, claim: str = "one", **keys: Any) -> str:
    """One claim in TOML; `values` of `from` may be given as lists."""
    lines = [f"id = {json.dumps(claim)}", f"kind = {json.dumps(kind)}", f"prints = {json.dumps(prints)}"]
    lines += ["line = 1", 'source = "text"']
    for key, value in keys.items():
        if isinstance(value, Mapping):
            prefix = "from" if key == "data" else key
            lines += [f"{prefix}.{name} = {_write(entry, key)}" for name, entry in value.items()]
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _write(entry: Any, key: str) -> str:
    if key == "data" and isinstance(entry, list):
        return "{ values = [" + ", ".join(json.dumps(str(value)) for value in entry) + "] }"
    if isinstance(entry, Mapping):
        return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in entry.items()) + " }"
    return json.dumps(entry)


def check_text(text: str, *, tables: Mapping[str, str] | None = None) -> tuple[ClaimVerdict, ...]:
    """The verdicts on a claims file given as text, with tables given as CSV."""
    cells = {
        name: parse_table(table.encode(), table=name, name=f"{name}.csv")
        for name, table in (tables or {}).items()
    }
    document = parse_claims((HEAD + text).encode(), name="claims.toml")
    files = {
        name: compute_source(table.encode(), name=f"{name}.csv") for name, table in (tables or {}).items()
    }
    return recheck_claims(document, PublishedData(tables=cells, files=files, known=tuple(cells)))


def check_one(kind: str, prints: str, **keys: Any) -> ClaimVerdict:
    """The verdict on one claim."""
    (verdict,) = check_text(write_claim(kind, prints, **keys))
    return verdict
