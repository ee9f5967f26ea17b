"""What a study file states and a register's form has no field for, as losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exotrial.core.errors import Place
from exotrial.registries.record import Loss
from exotrial.registries.study_leaves import Leaf, derive_leaves
from exotrial.study.definition import Study

_OF_OUR_OWN = frozenset({"schema_version", "id", "version", "synthetic", "documents", "evidence"})
"""What the study file says of itself; no register asks for it."""
_SHOWN = 120


def derive_form_losses(study: Study, is_held: Callable[[Leaf], bool], *, why: str) -> Iterator[Loss]:
    """One loss for each kind of part (two steps of a path) of which `is_held` denies a value.

    It prints the first such value and says how many there are.
    """
    denied: dict[str, list[Leaf]] = {}
    for leaf in derive_leaves(study):
        if leaf.kind.split(".")[0] in _OF_OUR_OWN or leaf.kind.endswith(".id") or is_held(leaf):
            continue
        denied.setdefault(".".join(leaf.kind.split(".")[:2]), []).append(leaf)
    for item, leaves in denied.items():
        more = f" ({len(leaves)} values, the first is shown)" if len(leaves) > 1 else ""
        yield Loss(
            item=item, prints=leaves[0].words[:_SHOWN], why=f"{why}{more}", place=Place(path=leaves[0].path)
        )
