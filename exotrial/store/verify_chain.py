"""The trail against itself: every act's and change's digest in order, the heads, and what was redacted.

An act's digest is made again from the digest that stands in the act before it, so that each break is told where
it is and not at every act that follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from exotrial.store.keys import Keys
from exotrial.store.models import Chain
from exotrial.store.trail import (
    BEGIN,
    act_digest,
    change_digest,
    head_mark,
    header_text,
    moment_text,
    value_digest,
)
from exotrial.store.verification import ChainState, Problems

REDACTION = "redact_value"
"""The operation that leaves a tombstone; its own changes name the row and field."""

_BATCH = 5000

_ACTS = (
    "SELECT id, chain_id, seq, operation, outcome, code, told, who, role, site, participant, source, at, "
    'clock_step, reason, study_version, "count", digest FROM store_act ORDER BY id'
)
_CHANGES = (
    'SELECT act_id, position, "table", "row", field, old, new, salt, old_digest, new_digest, redacted, id '
    "FROM store_change ORDER BY act_id, position"
)

Raw = tuple[Any, ...]
Named = tuple[str, int, str]
"""A table, the id of a row, a field."""


@dataclass
class _Chain:
    """One chain while it is read."""

    name: str
    acts: int
    head: str
    mark: str
    last_at: datetime | None
    asked: bool
    seq: int = 0
    digest: str = BEGIN
    changes: int = 0
    read_last_at: str = ""
    redactions: dict[Named, int] = field(default_factory=dict)
    tombstones: list[tuple[int, int, Named]] = field(default_factory=list)


@dataclass(frozen=True)
class ChainsRead:
    """What the reading of all acts gives to the checks that follow."""

    states: tuple[ChainState, ...]
    redacting_acts: frozenset[int]
    redacted: int
    digests: Mapping[tuple[str, int], str]


def stream(statement: str, parameters: tuple[str, ...] = ()) -> Iterator[Raw]:
    """The rows of a query in batches, so that memory does not grow with the trail."""
    # On PostgreSQL the plain cursor would fetch everything at once.
    made = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with made as cursor:
        cursor.execute(statement, parameters)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch


def verify_chains(
    keys: Keys, problems: Problems, *, names: frozenset[str] | None, wanted: frozenset[tuple[str, int]]
) -> ChainsRead:
    """Check every act and change, then every head. `names` are the chains asked about, None for all of them.

    `wanted` are (chain, seq) whose digests are given back, for anchors.
    """
    chains = {
        row.pk: _Chain(
            row.name, row.acts, row.head, row.mark, row.last_at, asked=names is None or row.name in names
        )
        for row in Chain.objects.order_by("pk")
    }
    unknown = _Chain("(no chain)", 0, "", "", None, asked=True)
    redacting: set[int] = set()
    digests: dict[tuple[str, int], str] = {}
    groups = groupby(stream(_CHANGES), key=itemgetter(0))
    of_act, changes = next(groups, (None, iter(())))
    for act in stream(_ACTS):
        while of_act is not None and of_act < act[0]:
            _orphans(of_act, changes, problems)
            of_act, changes = next(groups, (None, iter(())))
        mine: list[Raw] = []
        if of_act == act[0]:
            mine = list(changes)
            of_act, changes = next(groups, (None, iter(())))
        chain = chains.get(act[1], unknown)
        if act[3] == REDACTION and act[4] == "done":
            redacting.add(act[0])
        if not chain.asked:
            continue
        if chain is unknown:
            problems.add("trail", f"act id {act[0]} {act[3]}", "belongs to a chain that is not there")
            continue
        _check_act(chain, act, mine, problems)
        if (chain.name, chain.seq) in wanted:
            digests[chain.name, chain.seq] = chain.digest
    while of_act is not None:
        _orphans(of_act, changes, problems)
        of_act, changes = next(groups, (None, iter(())))
    states = []
    redacted = 0
    for chain in chains.values():
        if chain.asked:
            _check_head(chain, keys, problems)
            redacted += _check_tombstones(chain, problems)
            states.append(
                ChainState(
                    name=chain.name, acts=chain.acts, changes=chain.changes, head=chain.head, mark=chain.mark
                )
            )
    return ChainsRead(tuple(states), frozenset(redacting), redacted, digests)


def _orphans(act: int, changes: Iterator[Raw], problems: Problems) -> None:
    for change in changes:
        problems.add(
            "trail",
            f"act id {act}, change {change[1]} ({_named(change)})",
            "the act of the change is not there: it was deleted, or the change was inserted",
        )


def _named(change: Raw) -> str:
    return f"{change[2]} {change[3]} {change[4]}"


def _check_act(chain: _Chain, act: Raw, changes: list[Raw], problems: Problems) -> None:
    seq, operation, count, digest = act[2], act[3], act[16], act[17]
    where = f"{chain.name} act {seq} {operation}"
    follows = seq == chain.seq + 1
    if not follows:
        _tell_gap(chain, seq, where, problems)
    positions = [change[1] for change in changes]
    complete = positions == list(range(count)) if isinstance(count, int) else False
    if not complete:
        missing = sorted(set(range(count if isinstance(count, int) else 0)) - set(positions))
        extra = [change for change in changes if change[1] not in range(count)]
        for position in missing[:20]:
            problems.add("trail", f"{where}, change {position}", "the change was deleted")
        for change in extra[:20]:
            problems.add(
                "trail", f"{where}, change {change[1]} ({_named(change)})", "the change was inserted"
            )
        if not missing and not extra:
            problems.add("trail", where, "changes stand twice at one place")
    try:
        made = act_digest(chain.digest, _header(chain.name, act), _digests(chain, seq, changes, problems))
    except (TypeError, ValueError, AttributeError) as error:
        made = ""
        problems.add("trail", where, f"cannot be read: {error}")
    if made != digest and complete and follows:
        problems.add("trail", where, _accuse(changes))
    if operation == REDACTION and act[4] == "done":
        for change in changes:
            chain.redactions[change[2], change[3], change[4]] = seq
    chain.seq = seq if isinstance(seq, int) else chain.seq + 1
    chain.digest = digest if _is_digest(digest) else BEGIN
    chain.changes += len(changes)
    chain.read_last_at = str(act[12])


def _tell_gap(chain: _Chain, seq: object, where: str, problems: Problems) -> None:
    if isinstance(seq, int) and seq > chain.seq + 1:
        last = f" to {seq - 1}" if seq - 1 > chain.seq + 1 else ""
        problems.add(
            "trail",
            f"{chain.name} act {chain.seq + 1}{last}",
            f"not there: deleted or moved; {where.removeprefix(chain.name + ' ')} follows",
        )
    else:
        problems.add("trail", where, f"stands after act {chain.seq}: inserted, moved or twice there")


def _accuse(changes: list[Raw]) -> str:
    said = "its digest does not hold: it, one of its changes, or the act before it was edited"
    if changes:
        rows = sorted({f"{change[2]} {change[3]}" for change in changes})
        more = f" and {len(rows) - 5} rows more" if len(rows) > 5 else ""
        said += f" (changes of {', '.join(rows[:5])}{more})"
    return said


def _header(name: str, act: Raw) -> bytes:
    told = {
        "chain": name,
        "seq": act[2],
        "operation": act[3],
        "outcome": act[4],
        "code": act[5],
        "told": act[6],
        "who": act[7],
        "role": act[8],
        "site": act[9],
        "participant": act[10],
        "source": act[11],
        "at": moment_of(act[12]),
        "clock_step": repr(float(act[13])),
        "reason": act[14],
        "study_version": act[15],
        "count": act[16],
    }
    return header_text(told)


def moment_of(value: datetime | str) -> str:
    """A moment as it stands in the database, as the trail digests it; SQLite keeps text without a zone."""
    if isinstance(value, str):
        read = datetime.fromisoformat(value)
        return moment_text(read if read.tzinfo is not None else read.replace(tzinfo=UTC))
    return moment_text(value)


def _digests(chain: _Chain, seq: int, changes: list[Raw], problems: Problems) -> list[bytes]:
    made = []
    for _, position, table, row, name, old, new, salt, old_digest, new_digest, redacted, pk in changes:
        if redacted:
            if old is not None or new is not None or salt:
                where = f"{chain.name} act {seq}, change {position} ({table} {row} {name})"
                problems.add("trail", where, "is marked as redacted and holds a value: it was edited")
            chain.tombstones.append((seq, pk, (table, row, name)))
        else:
            if old_digest or new_digest:
                where = f"{chain.name} act {seq}, change {position} ({table} {row} {name})"
                problems.add("trail", where, "has a tombstone's digests and is none: it was edited")
            old_digest = value_digest(salt, old)
            new_digest = value_digest(salt, new)
        made.append(change_digest(table, row, name, old_digest, new_digest))
    return made


def _is_digest(text: object) -> bool:
    if not isinstance(text, str) or len(text) != 64:
        return False
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


def _check_head(chain: _Chain, keys: Keys, problems: Problems) -> None:
    where = f"{chain.name} head"
    if head_mark(keys, chain.name, chain.acts, chain.head) != chain.mark:
        problems.add(
            "chain",
            where,
            "its mark is not of this installation's key: the head was edited or forged by hand",
        )
    if chain.acts != chain.seq:
        problems.add(
            "chain",
            where,
            f"says {chain.acts} acts and the last one is act {chain.seq}: acts at the end were deleted or added",
        )
    elif chain.head != chain.digest:
        problems.add("chain", where, f"is not the digest of act {chain.seq}: that act was edited")
    if chain.seq and chain.read_last_at:
        try:
            same = chain.last_at is not None and moment_text(chain.last_at) == moment_of(chain.read_last_at)
        except ValueError:
            same = False
        if not same:
            problems.add("chain", where, "tells another time for the last act than the act itself")


def _check_tombstones(chain: _Chain, problems: Problems) -> int:
    for seq, pk, named in chain.tombstones:
        by = max(chain.redactions.get(named, 0), chain.redactions.get(("change", pk, "redacted"), 0))
        if by < seq:
            where = f"{chain.name} act {seq} ({named[0]} {named[1]} {named[2]})"
            problems.add("trail", where, f"a value was redacted, and no {REDACTION} act names it")
    return len(chain.tombstones)
