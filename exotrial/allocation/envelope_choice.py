"""What becomes of a list in blocks where participants take any envelope they like instead of the next.

The envelopes then come in an order of their own, and the blocks count for nothing: if every envelope left is as
likely to be taken, the order is that of the random allocation rule (Lachin 1988), however the list was made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from exotrial.allocation.predictability import compute_largest_imbalances
from exotrial.allocation.sequence.random_allocation import compute_law
from exotrial.core.errors import ErrorCode

NOT_A_CHOICE = ErrorCode(
    "SEQ-043",
    "The envelopes that participants are to choose from cannot be compared with a list.",
    "give two arms of the same number of envelopes, and no more participants than there are envelopes.",
)


@dataclass(frozen=True, kw_only=True)
class FreeChoice:
    """Two equal arms, envelopes chosen freely, against a list opened in order whose imbalance is bounded.

    `after_taken` is the imbalance when `taken` participants have chosen, with its chance; `largest` that of the
    largest imbalance on the way through all envelopes; `beyond_bound` the chance that it passes `bound`.
    """

    envelopes: int
    taken: int
    bound: int
    after_taken: tuple[tuple[int, float], ...]
    largest: tuple[tuple[int, float], ...]
    beyond_bound: float
    expected_largest: float


def compute_free_choice(envelopes: int, *, taken: int, bound: int) -> FreeChoice:
    """The imbalance where `envelopes`, half of each arm, are chosen freely; exact (SEQ-043).

    `bound` is the largest imbalance that the list has when it is opened in order: half of its largest block.
    """
    if envelopes < 2 or envelopes % 2 or not 0 <= taken <= envelopes or bound < 0:
        raise NOT_A_CHOICE.refuse(f"{taken} of {envelopes} envelopes, bound {bound}", value=envelopes)
    half = envelopes // 2
    after: dict[int, Fraction] = {}
    for first in range(max(0, taken - half), min(half, taken) + 1):
        ways = Fraction(math.comb(half, first) * math.comb(half, taken - first), math.comb(envelopes, taken))
        apart = abs(2 * first - taken)
        after[apart] = after.get(apart, Fraction(0)) + ways
    law = compute_law((1, 1), envelopes, {})
    found = compute_largest_imbalances(law, ratio=(1, 1), length=envelopes)
    if found is None:
        raise NOT_A_CHOICE.refuse(f"{envelopes} envelopes are too many to go through", value=envelopes)
    largest = {int(value): chance for value, chance in found.items()}
    return FreeChoice(
        envelopes=envelopes,
        taken=taken,
        bound=bound,
        after_taken=tuple((apart, float(chance)) for apart, chance in sorted(after.items())),
        largest=tuple(largest.items()),
        beyond_bound=sum(chance for value, chance in largest.items() if value > bound),
        expected_largest=sum(value * chance for value, chance in largest.items()),
    )
