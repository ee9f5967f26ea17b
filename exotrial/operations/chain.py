"""The state of the study's trail: its head as an anchor, an anchor of before held to it, and a whole check on demand.

An anchor (`store/anchors.py`) is written down outside the server; a trail that was rewritten no longer fits it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, Caller, perform, view
from exotrial.operations.access import Permission
from exotrial.store.anchors import Anchor, check_anchors, parse_anchors
from exotrial.store.home import Opened
from exotrial.store.models import Act as ActRow
from exotrial.store.verification import ChainState, Problems
from exotrial.store.verify import verify_trail

OTHER_CHAIN = ErrorCode(
    "CHN-001",
    "The anchor is of another trail.",
    "give the line that names this study, as it was written down.",
)
TOO_LONG = ErrorCode(
    "CHN-002",
    "The trail is too long to be checked while somebody waits for the page.",
    "ask who runs the server for `exotrial audit verify`, which checks all of it and names every finding.",
)
WHOLE_STUDY = ErrorCode(
    "CHN-003",
    "The whole trail is checked by a role that holds in the whole study.",
    "ask the sponsor, the auditor or the administrator.",
)

MOST_ACTS = 20_000
"""Acts that are checked while a person waits: some seconds of work."""


class ShowChain(Ask):
    """An anchor that was written down before, to be held to the trail, or nothing."""

    anchor: str = Field(default="", max_length=400)


class ShownChain(Answer):
    """`anchor` is the line to be written down now. `holds` is whether the anchor of before does, None without one."""

    acts: int
    last_at: datetime | None
    anchor: str
    whole_study: bool
    holds: bool | None
    says: tuple[str, ...]


@view(permission=Permission.READ_TRAIL)
def show_chain(act: Act, ask: ShowChain) -> ShownChain:
    """How long the trail is, its head as an anchor, and whether an anchor of before still fits."""
    chain = act.the_study.chain
    now = Anchor(chain=chain.name, acts=chain.acts, head=chain.head, mark=chain.mark)
    problems = Problems()
    if ask.anchor:
        (asked, *_) = parse_anchors(ask.anchor, name="anchor")
        if asked.chain != chain.name:
            raise OTHER_CHAIN.refuse(f"it is of {asked.chain}", place=Place(path="anchor"))
        there = ActRow.objects.filter(chain=chain, seq=asked.acts).values_list("digest", flat=True).first()
        state = ChainState(name=chain.name, acts=chain.acts, changes=0, head=chain.head, mark=chain.mark)
        digests = {(chain.name, asked.acts): there} if there else {}
        check_anchors([asked], problems, keys=act.opened.keys, states=[state], digests=digests)
    return ShownChain(
        acts=chain.acts,
        last_at=chain.last_at,
        anchor=str(now),
        whole_study=act.actor.sites is None,
        holds=not problems.kept if ask.anchor else None,
        says=tuple(one.says for one in problems.kept),
    )


class CheckedTrail(Answer):
    """The whole check. `problems` counts findings by kind; `exotrial audit verify` on the server names each."""

    at: datetime
    holds: bool
    acts: int
    changes: int
    rows: int
    redacted: int
    problems: dict[str, int]


def check_trail(opened: Opened, caller: Caller, *, study: str, role: str) -> CheckedTrail:
    """Check every act, change and row of a study against each other, for who may read its whole trail.

    Outside any transaction of ours: it only reads, and nobody who saves waits for it. Refuses with CHN-002 and 003.
    """
    shown = perform(opened, show_chain, {}, caller=caller, study=study, role=role)
    if not shown.whole_study:
        raise WHOLE_STUDY.refuse("the right is of named sites")
    if shown.acts > MOST_ACTS:
        raise TOO_LONG.refuse(f"it has {shown.acts} acts, and {MOST_ACTS} are checked here at most")
    found = verify_trail(opened, study=study)
    counted = Counter(str(one.kind) for one in found.problems)
    return CheckedTrail(
        at=datetime.now(UTC),
        holds=found.holds,
        acts=found.acts,
        changes=found.changes,
        rows=found.rows,
        redacted=found.redacted,
        problems=dict(counted),
    )
