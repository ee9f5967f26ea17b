"""How an act is written into the trail and how its digest is made: the one place that both writer and checker use.

    value digest  = SHA-256(salt || canonical JSON text), "" where there is no value
    change digest = SHA-256(table US row US field US old digest US new digest)          US is the byte 0x1f
    act digest    = SHA-256(digest before || canonical JSON of the act's own fields || change digests, in order)
    mark          = HMAC-SHA-256(key outside the database, chain name | number of acts | last digest)

A value can be redacted and its digest kept, so that the chain still holds (ICH E6(R3) 4.2.2(b)).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from exotrial.store.keys import Keys
from exotrial.store.models import Act, Chain

BEGIN = "0" * 64
"""The digest before the first act of a chain."""

_US = "\x1f"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one row: canonical JSON text before and after, None for nothing."""

    table: str
    row: int
    field: str
    old: str | None
    new: str | None


def value_digest(salt: str, text: str | None) -> str:
    """The digest of one value, "" for none."""
    return "" if text is None else hashlib.sha256((salt + text).encode()).hexdigest()


def change_digest(table: str, row: int, field: str, old_digest: str, new_digest: str) -> bytes:
    """The digest of one change, 32 bytes."""
    return hashlib.sha256(_US.join((table, str(row), field, old_digest, new_digest)).encode()).digest()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def act_header(act: Act, chain: str) -> bytes:
    """The act's own fields as canonical JSON, as they go into its digest."""
    told = {
        "chain": chain,
        "seq": act.seq,
        "operation": act.operation,
        "outcome": act.outcome,
        "code": act.code,
        "told": act.told,
        "who": act.who,
        "role": act.role,
        "site": act.site,
        "participant": act.participant,
        "source": act.source,
        "at": moment_text(act.at),
        "clock_step": repr(float(act.clock_step)),
        "reason": act.reason,
        "study_version": act.study_version,
        "count": act.count,
    }
    return header_text(told)


def header_text(told: Mapping[str, object]) -> bytes:
    """The canonical JSON of an act's own fields, which both the writer and the checker name alike."""
    return _CANONICAL.encode(told).encode()


def moment_text(at: datetime) -> str:
    """A moment as the trail digests it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def act_digest(before: str, header: bytes, changes: Sequence[bytes]) -> str:
    """The digest of an act, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(before) + header + b"".join(changes)).hexdigest()


def head_mark(keys: Keys, name: str, acts: int, head: str) -> str:
    """The mark of a chain's head, which only who holds the key file can make."""
    return keys.mark(f"{name}|{acts}|{head}".encode(), purpose="trail")


def begin_chain(keys: Keys, name: str) -> Chain:
    """A new chain without acts, not saved."""
    return Chain(name=name, acts=0, head=BEGIN, mark=head_mark(keys, name, 0, BEGIN))


def append_act(chain: Chain, act: Act, changes: Sequence[FieldChange], *, keys: Keys, now: datetime) -> Act:
    """Write an act and its changes at the end of a chain whose row is locked by this transaction.

    The time is the server's. Where the clock stands before the last act's, `clock_step` says by how many seconds.
    """
    act.chain = chain
    act.seq = chain.acts + 1
    act.at = now
    act.clock_step = min(0.0, (now - chain.last_at).total_seconds()) if chain.last_at else 0.0
    act.count = len(changes)
    salts = os.urandom(16 * len(changes)).hex()
    rows = []
    digests = []
    for position, change in enumerate(changes):
        salt = salts[position * 32 : position * 32 + 32]
        digests.append(
            change_digest(
                change.table,
                change.row,
                change.field,
                value_digest(salt, change.old),
                value_digest(salt, change.new),
            )
        )
        rows.append((position, change.table, change.row, change.field, change.old, change.new, salt))
    act.digest = act_digest(chain.head, act_header(act, chain.name), digests)
    act.save(force_insert=True)
    _insert(act.pk, rows)
    chain.acts = act.seq
    chain.head = act.digest
    chain.mark = head_mark(keys, chain.name, act.seq, act.digest)
    chain.last_at = now
    chain.save(update_fields=["acts", "head", "mark", "last_at"])
    return act


_COLUMNS = 'act_id, position, "table", "row", field, old, new, salt, old_digest, new_digest, redacted'

_Row = tuple[int, str, int, str, str | None, str | None, str]


def _insert(act: int, rows: Sequence[_Row]) -> None:
    """One statement for all changes: a form of 250 items is 250 rows, and the ORM's own way costs ten times more."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(
                f"INSERT INTO store_change ({_COLUMNS}) "
                "SELECT %s, u.position, u.t, u.r, u.field, u.old, u.new, u.salt, '', '', false FROM unnest("
                "%s::int[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]"
                ") AS u(position, t, r, field, old, new, salt)",
                [act, *columns],
            )
        else:
            cursor.executemany(
                f"INSERT INTO store_change ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', '', 0)",
                [(act, *row) for row in rows],
            )
