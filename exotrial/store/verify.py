"""`verify_trail`: every out-of-band change of data or trail is found and named (21 CFR 11.10(a), (e); EMA 6.2.1).

Four checks: the trail against itself, the data against the trail, the triggers against their text, and the heads
against anchors that were written down before. All of it reads one state of the database and writes nothing; other
people go on working meanwhile.

What it cannot see: fields that the trail leaves out on purpose (each table's `unaudited`, and sign-ins), and a
whole trail forged by someone who holds both the database and the key file. Anchors kept elsewhere show that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from exotrial.core.errors import ErrorCode
from exotrial.store.anchors import Anchor, check_anchors
from exotrial.store.home import Opened
from exotrial.store.models import Chain
from exotrial.store.verification import Problems, Verification
from exotrial.store.verify_chain import verify_chains
from exotrial.store.verify_data import verify_data
from exotrial.store.verify_guards import verify_guards

NO_CHAIN = ErrorCode(
    "AUD-002",
    "The installation has no study of that id.",
    "leave the study out to check everything; `exotrial audit anchor` lists the chains.",
)

INSTALLATION = "installation"


def verify_trail(opened: Opened, *, study: str = "", anchors: Sequence[Anchor] = ()) -> Verification:
    """Check the whole installation, or one study and the accounts. Refuses with AUD-002.

    Memory does not grow with the length of the trail, only with the widest row.
    """
    problems = Problems()
    with one_state():
        if study and not Chain.objects.filter(name=study).exists():
            raise NO_CHAIN.refuse(f"there is no chain {study!r}", value=study)
        guards = verify_guards(problems)
        wanted = frozenset((anchor.chain, anchor.acts) for anchor in anchors)
        names = frozenset({INSTALLATION, study}) if study else None
        read = verify_chains(opened.keys, problems, names=names, wanted=wanted)
        asked = [anchor for anchor in anchors if names is None or anchor.chain in names]
        check_anchors(asked, problems, keys=opened.keys, states=read.states, digests=read.digests)
        counted = verify_data(problems, redacting=read.redacting_acts, chain=study)
    return Verification(
        problems=tuple(problems.kept),
        chains=read.states,
        rows=counted.rows,
        fields=counted.fields,
        redacted=read.redacted,
        guards=guards,
        left_out=problems.left_out,
    )


@contextmanager
def one_state() -> Iterator[None]:
    """Read one state of the database, without keeping anyone from writing."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # Django's own transactions take SQLite's write lock when they begin; this one only reads.
        if connection.vendor == "postgresql":
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
