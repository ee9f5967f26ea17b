"""Anchors: one line for each chain, kept on paper or in a letter, that shows a later return to an older state.

    exotrial-anchor <chain> <acts> <digest of the last act> <mark>

Whoever holds both the database and the key can forge a whole trail, or put an old copy in place; nobody can
change what an ethics office has in its files (21 CFR 11.10(a); ICH E6(R3) 4.2.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exotrial.core.errors import ErrorCode, Place
from exotrial.store.keys import Keys
from exotrial.store.models import Chain
from exotrial.store.trail import BEGIN, head_mark
from exotrial.store.verification import ChainState, Problems

BAD_ANCHOR = ErrorCode(
    "AUD-001",
    "A line of the file is not an anchor.",
    "give the lines as `exotrial audit anchor` printed them: exotrial-anchor, chain, acts, digest, mark.",
)

_LINE = re.compile(r"exotrial-anchor (\S+) (\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The head of one chain as it was at some time."""

    chain: str
    acts: int
    head: str
    mark: str

    def __str__(self) -> str:
        return f"exotrial-anchor {self.chain} {self.acts} {self.head} {self.mark}"


def make_anchors() -> tuple[Anchor, ...]:
    """The anchor of every chain now, in order of name."""
    return tuple(
        Anchor(chain=row.name, acts=row.acts, head=row.head, mark=row.mark)
        for row in Chain.objects.order_by("name")
    )


def parse_anchors(text: str, *, name: str) -> tuple[Anchor, ...]:
    """Read anchors; empty lines and lines that begin with # are passed over. Refuses with AUD-001."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        told = " ".join(line.split())
        if not told or told.startswith("#"):
            continue
        match = _LINE.fullmatch(told)
        if match is None:
            raise BAD_ANCHOR.refuse(
                f"{told[:60]!r} is not an anchor", place=Place(file=name, line=number), value=told
            )
        found.append(Anchor(chain=match[1], acts=int(match[2]), head=match[3], mark=match[4]))
    if not found:
        raise BAD_ANCHOR.refuse("there is no anchor in the file", place=Place(file=name))
    return tuple(found)


def check_anchors(
    anchors: Sequence[Anchor],
    problems: Problems,
    *,
    keys: Keys,
    states: Sequence[ChainState],
    digests: Mapping[tuple[str, int], str],
) -> None:
    """Hold the chains as they are now to the anchors of before."""
    now = {state.name: state for state in states}
    for anchor in anchors:
        where = f"{anchor.chain} at {anchor.acts} acts"
        if head_mark(keys, anchor.chain, anchor.acts, anchor.head) != anchor.mark:
            problems.add("anchor", where, "the anchor was not made by this installation, or was altered")
            continue
        state = now.get(anchor.chain)
        if state is None:
            problems.add("anchor", where, "the chain is not there any more")
        elif state.acts < anchor.acts:
            problems.add(
                "anchor",
                where,
                f"the chain has {state.acts} acts: it was put back to an older state, and "
                f"{anchor.acts - state.acts} acts are lost",
            )
        else:
            digest = BEGIN if anchor.acts == 0 else digests.get((anchor.chain, anchor.acts), "")
            if digest != anchor.head:
                problems.add(
                    "anchor", where, f"act {anchor.acts} is another one now: the trail was rewritten"
                )
