"""The exact distribution of whatever is drawn from a stream: every answer of every draw is tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

from exotrial.allocation.prf import RandomStream


class _Ask(Exception):
    def __init__(self, n: int) -> None:
        self.n = n


class _Scripted(RandomStream):
    """Answers `below` from a script, and asks when the script has ended."""

    def __init__(self, script: tuple[int, ...]) -> None:
        super().__init__(bytes(32), label="script")
        self._script = iter(script)

    def below(self, n: int) -> int:
        if n == 1:
            return 0
        answer = next(self._script, None)
        if answer is None:
            raise _Ask(n)
        return answer


def distribution_of(draw: Callable[[RandomStream], tuple[str, ...]]) -> dict[str, Fraction]:
    """Every list that can be drawn, as a word, with its exact probability."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    open_scripts: list[tuple[tuple[int, ...], Fraction]] = [((), Fraction(1))]
    while open_scripts:
        script, chance = open_scripts.pop()
        try:
            found["".join(draw(_Scripted(script)))] += chance
        except _Ask as ask:
            open_scripts += [((*script, answer), chance / ask.n) for answer in range(ask.n)]
    return dict(found)
