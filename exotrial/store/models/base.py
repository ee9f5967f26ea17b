"""What every audited table has: fields told as text, so that the trail and the row can be compared.

The gateway (`exotrial.operations._operation`) writes; `flat` says what it writes into the trail.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django.db import models

# Made once: json.dumps with options of its own makes an encoder for every call.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def as_text(value: object) -> str | None:
    """One value as canonical JSON text, None for none: what the trail keeps and what is compared."""
    if value is None:
        return None
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="microseconds")
    elif isinstance(value, date):
        value = value.isoformat()
    return _CANONICAL.encode(value)


class Audited(models.Model):
    """A table of which no row is ever deleted and no field changes without an entry in the trail.

    `unaudited` are fields that the trail leaves out (password hashes, counters of failed sign-ins);
    `digested` are fields of which it keeps the SHA-256 (sealed and long ones);
    `spread` are JSON fields of which it keeps every answer by itself (law 4: per field);
    `reason_needed` makes the gateway demand a reason where a value that is there changes.
    """

    unaudited: ClassVar[frozenset[str]] = frozenset()
    digested: ClassVar[frozenset[str]] = frozenset()
    spread: ClassVar[frozenset[str]] = frozenset()
    reason_needed: ClassVar[bool] = False

    class Meta:
        abstract = True

    def flat(self) -> dict[str, str]:
        """Every audited field that holds something: its name and its canonical text."""
        told: dict[str, str] = {}
        for field in self._meta.concrete_fields:
            name = field.attname
            if name == "id" or name in self.unaudited:
                continue
            value: Any = getattr(self, name)
            if value is None:
                continue
            if name in self.spread:
                for key, answer in flatten(value).items():
                    text = as_text(answer)
                    if text is not None:
                        told[f"{name}/{key}"] = text
            elif name in self.digested:
                told[name] = f'"sha256:{hashlib.sha256(str(value).encode()).hexdigest()}"'
            else:
                told[name] = as_text(value) or ""
        return told


def flatten(values: Any) -> dict[str, Any]:
    """Form values by stable keys: `IG.AE/1/AE.TERM`, where 1 is the row's own key and not its position."""
    found: dict[str, Any] = {}
    for group, answers in values.items():
        if isinstance(answers, list):
            for row in answers:
                for item, answer in row.items():
                    if item != "row":
                        found[f"{group}/{row['row']}/{item}"] = answer
                if len(row) == 1:  # a row without an answer is still a row
                    found[f"{group}/{row['row']}"] = ""
        else:
            for item, answer in answers.items():
                found[f"{group}/{item}"] = answer
    return found
