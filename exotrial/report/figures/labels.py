"""Short names of participants for axes and line ends: what tells them apart, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.report.figures.text_width import shorten


def short_names(usubjids: Iterable[str]) -> dict[str, str]:
    """Each identifier without the beginning that all share, cut only behind a separator (`CHICTR-1` gives `1`)."""
    known = list(dict.fromkeys(usubjids))
    first, last = min(known, default=""), max(known, default="")
    alike = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    shared = first[:alike]
    cut = max((place + 1 for place, c in enumerate(shared) if not c.isalnum()), default=0)
    if any(len(name) <= cut for name in known):
        cut = 0
    return {name: name[cut:] for name in known}


def lane_labels(captured: Captured, usubjids: Sequence[str], *, size: float, width: float) -> dict[str, str]:
    """Short name, sex, age and severity where captured (`4 · F 61 · severe`), each different, none too wide."""
    names = short_names(captured.participants["USUBJID"])
    severity = captured.characteristics.filter(pl.col("CHAR").str.to_lowercase() == "severity")
    graded = dict(zip(severity["USUBJID"], severity["VALUE"], strict=True))
    wanted = set(usubjids)
    labels: dict[str, str] = {}
    for row in captured.participants.select("USUBJID", "SEX", "AGE").to_dicts():
        if row["USUBJID"] not in wanted:
            continue
        age = "" if row["AGE"] is None else str(row["AGE"])
        person = " ".join(part for part in (row["SEX"], age) if part)
        parts = (names[row["USUBJID"]], person, graded.get(row["USUBJID"], ""))
        labels[row["USUBJID"]] = shorten(" · ".join(part for part in parts if part), size=size, width=width)
    return _distinct(labels)


def _distinct(labels: dict[str, str]) -> dict[str, str]:
    """Labels that became alike when they were shortened get a running number."""
    seen: dict[str, int] = {}
    distinct = {}
    taken = set(labels.values())
    for name, label in labels.items():
        seen[label] = seen.get(label, 0) + 1
        own, turn = label, seen[label]
        while turn > 1 and own in taken:
            own = f"{label} ({turn})"
            turn += 1
        taken.add(own)
        distinct[name] = own
    return distinct
