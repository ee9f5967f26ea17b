"""A record as it was at an earlier revision, replayed from the trail: what a stale edit is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from exotrial.store.models import Change, Record


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Flat values at a revision, and who saved each key after it, last."""

    values: Mapping[str, Any]
    saved_since: Mapping[str, str]


def replay_record(record: Record, *, revision: int) -> Replayed:
    """Replay a record's changes up to a revision. A value that was redacted since is left out of it."""
    changes = (
        Change.objects.filter(
            Q(field="revision") | Q(field__startswith="values/"), table="record", row=record.pk
        )
        .order_by("act__seq", "position")
        .values_list("act__seq", "field", "new", "redacted", "act__who")
    )
    told = list(changes)
    reached = {seq: int(new) for seq, name, new, _, _ in told if name == "revision" and isinstance(new, str)}
    values: dict[str, Any] = {}
    since: dict[str, str] = {}
    current = 0
    for seq, name, new, redacted, who in told:
        current = reached.get(seq, current)
        if name == "revision":
            continue
        key = name.removeprefix("values/")
        if current > revision:
            since[key] = who
        elif new is None or redacted:
            values.pop(key, None)
        else:
            values[key] = json.loads(new)
    return Replayed(values=values, saved_since=since)
