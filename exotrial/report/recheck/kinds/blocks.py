"""Group sizes against the block sizes of a randomisation: can whole blocks fill the groups exactly?"""

from __future__ import annotations

from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed

MOST = 100_000


def _check(asked: Asked) -> Judgement:
    blocks = [int(size) for size in asked.numbers("blocks")]
    total, arms = int(asked.numbers("total")[0]), asked.whole("arms") or 2
    if not 0 < total <= MOST or min(blocks) < 1 or arms < 1:
        told = f"total {total:.6g}, blocks {', '.join(f'{block:.6g}' for block in blocks)}, arms {arms}"
        raise WRONG_SETTING.refuse(
            told, place=asked.place, value=told, remedy=f"give whole numbers from 1 to {MOST}."
        )
    reachable = {0}
    for size in range(total + 1):
        if size in reachable:
            reachable |= {size + block for block in blocks if size + block <= total}
    odd = [block for block in blocks if block % arms]
    ways = (
        Recomputed(
            method="blocks",
            label=f"{total} filled by whole blocks of {', '.join(map(str, blocks))}",
            value=float(max(reachable)),
            shown=str(max(reachable)),
            matches=total in reachable,
        ),
        Recomputed(
            method="arms",
            label=f"each block divisible by {arms} arms",
            value=None,
            shown=", ".join(map(str, odd)) or "all",
            matches=not odd,
        ),
    )
    if all(way.matches for way in ways):
        why = f"whole blocks of {', '.join(map(str, blocks))} fill {total} in {arms} equal groups."
        large = [str(block) for block in blocks if block > total]
        why += (
            f" A block of {', '.join(large)} is larger than the whole and cannot be among them."
            if large
            else ""
        )
        return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=ways)
    why = f"blocks of {', '.join(map(str, blocks))} cannot fill {total} in {arms} equal groups exactly."
    return Judgement(
        answer=Answer.CONTRADICTED, why=why, recomputed=ways, settle="The size of each block that was used."
    )


BLOCKS = Kind(
    name="blocks",
    says="`from.total` filled by whole `from.blocks` in `given.arms` equal groups (2 where not given).",
    check=_check,
    needs=("total", "blocks"),
    may_give=("arms",),
)
