"""Every method draws each list with exactly the probability of its paper, written here a second time.

The probabilities are written from the papers' definitions as functions of a whole list, without the states of the
package; the draws are gone through exhaustively (every answer that the stream can give), then tried on real seeds.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial, prod
from typing import Any

import pytest
from scipy import stats

from exotrial.allocation.onlooker import Onlooker
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.method import SequenceMethod, find_sequence_methods
from tests.allocation.exact import distribution_of

Ratio = tuple[int, ...]
Parameters = dict[str, Any]
Probability = Callable[[str, Ratio, Parameters], Fraction]

METHODS = find_sequence_methods()
HALF = Fraction(1, 2)


def numbers_before(word: str, ratio: Ratio) -> list[tuple[str, list[int]]]:
    """Each allocation with the numbers of A, B, C before it."""
    return [(arm, [word[:at].count(name) for name in "ABC"[: len(ratio)]]) for at, arm in enumerate(word)]


def simple(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    return prod((Fraction(ratio["ABC".index(arm)], sum(ratio)) for arm in word), start=Fraction(1))


def random_allocation(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    places = [len(word) * share // sum(ratio) for share in ratio]
    if [word.count(arm) for arm in "ABC"[: len(ratio)]] != places:
        return Fraction(0)
    return Fraction(prod(factorial(count) for count in places), factorial(len(word)))


def truncated_binomial(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    # Blackwell & Hodges: a fair coin until n/2 of one arm; the tail is then one arm only.
    half = len(word) // 2
    if word.count("A") != half:
        return Fraction(0)
    tail = len(word) - len(word.rstrip(word[-1]))
    return HALF ** (len(word) - tail)


def biased_coin(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    p = Fraction(told["p"])
    chance = Fraction(1)
    for arm, (first, second) in numbers_before(word, ratio):
        behind = "A" if first < second else "B"
        chance *= HALF if first == second else p if arm == behind else 1 - p
    return chance


def wei_urn(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    # Wei 1978: (alpha + beta (n - n_a)) / (k alpha + beta n (k - 1)); the first of an empty urn is fair.
    k, alpha, beta = len(ratio), told["alpha"], told["beta"]
    chance = Fraction(1)
    for arm, counts in numbers_before(word, ratio):
        n = sum(counts)
        whole = k * alpha + beta * n * (k - 1)
        chance *= Fraction(alpha + beta * (n - counts["ABC".index(arm)]), whole) if whole else Fraction(1, k)
    return chance


def big_stick(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    chance = Fraction(1)
    for arm, (first, second) in numbers_before(word, ratio):
        if abs(first - second) < told["mti"]:
            chance *= HALF
        elif (arm == "A") == (first > second):
            return Fraction(0)
    return chance


def maximal_procedure(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    def admissible(letters: tuple[str, ...]) -> bool:
        walk = list(itertools.accumulate(1 if letter == "A" else -1 for letter in letters))
        return walk[-1] == 0 and max(map(abs, walk)) <= told["mti"]

    all_of_them = sum(map(admissible, itertools.product("AB", repeat=len(word))))
    return Fraction(admissible(tuple(word)), all_of_them)


def block_urn(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    # Zhao & Weng 2011, equation 1, with k = min floor(n_a / w_a).
    chance = Fraction(1)
    for arm, counts in numbers_before(word, ratio):
        k = min(count // share for count, share in zip(counts, ratio, strict=True))
        sets = told["sets"] + k
        at = "ABC".index(arm)
        if ratio[at] * sets == counts[at]:
            return Fraction(0)
        chance *= Fraction(ratio[at] * sets - counts[at], sum(ratio) * sets - sum(counts))
    return chance


def permuted_blocks(word: str, ratio: Ratio, told: Parameters) -> Fraction:
    def fills(left: int) -> bool:
        return left == 0 or any(size <= left and fills(left - size) for size in told["block_sizes"])

    def rest(at: int) -> Fraction:
        if at >= len(word):
            return Fraction(1)
        left = len(word) - at
        sizes = [
            size
            for size in told["block_sizes"]
            if told["completion"] == "truncate" or (size <= left and fills(left - size))
        ]
        return sum(
            (block(word[at : at + size], size) * rest(at + size) for size in sizes), Fraction(0)
        ) / len(sizes)

    def block(part: str, size: int) -> Fraction:
        """The share of the arrangements of a whole block that begin with this part."""
        places = [size * share // sum(ratio) for share in ratio]
        left = [count - part.count(arm) for count, arm in zip(places, "ABC", strict=False)]
        if min(left) < 0:
            return Fraction(0)
        ways = Fraction(factorial(sum(left)), prod(map(factorial, left)))
        return ways / Fraction(factorial(size), prod(map(factorial, places)))

    return rest(0)


FIT = {"completion": "fit"}
CASES: list[tuple[str, Probability, Ratio, int, Parameters]] = [
    ("simple", simple, (1, 1), 5, {}),
    ("simple", simple, (2, 1, 1), 4, {}),
    ("random allocation rule", random_allocation, (1, 1), 6, {}),
    ("random allocation rule", random_allocation, (2, 1, 1), 8, {}),
    ("truncated binomial", truncated_binomial, (1, 1), 8, {}),
    ("biased coin", biased_coin, (1, 1), 6, {"p": "2/3"}),
    ("biased coin", biased_coin, (1, 1), 4, {"p": "6/8"}),
    ("wei urn", wei_urn, (1, 1), 5, {"alpha": 0, "beta": 1}),
    ("wei urn", wei_urn, (1, 1, 1), 4, {"alpha": 1, "beta": 2}),
    ("big stick", big_stick, (1, 1), 8, {"mti": 2}),
    ("big stick", big_stick, (1, 1), 7, {"mti": 1}),
    ("maximal procedure", maximal_procedure, (1, 1), 8, {"mti": 2}),
    ("maximal procedure", maximal_procedure, (1, 1), 6, {"mti": 9}),
    ("block urn", block_urn, (1, 1), 6, {"sets": 2}),
    ("block urn", block_urn, (2, 1, 1), 5, {"sets": 2}),
    ("block urn", block_urn, (2, 1), 6, {"sets": 1}),
    ("permuted blocks", permuted_blocks, (1, 1), 8, {"block_sizes": (4,), **FIT}),
    ("permuted blocks", permuted_blocks, (2, 1, 1), 8, {"block_sizes": (4,), **FIT}),
    ("permuted blocks", permuted_blocks, (1, 1), 6, {"block_sizes": (2, 4), **FIT}),
    ("permuted blocks", permuted_blocks, (1, 1), 8, {"block_sizes": (2, 4, 8), **FIT}),
    ("permuted blocks", permuted_blocks, (1, 1), 10, {"block_sizes": (4, 6), **FIT}),
    ("permuted blocks", permuted_blocks, (1, 1), 5, {"block_sizes": (2, 4), "completion": "truncate"}),
]
IDS = [f"{name} {told} {ratio} {length}" for name, _, ratio, length, told in CASES]


def by_paper(probability: Probability, ratio: Ratio, length: int, told: Parameters) -> dict[str, Fraction]:
    words = map("".join, itertools.product("ABC"[: len(ratio)], repeat=length))
    return {word: chance for word in words if (chance := probability(word, ratio, told))}


def draw(method: SequenceMethod, ratio: Ratio, length: int, told: Parameters, stream: RandomStream) -> str:
    return "".join(method.draw("ABC"[: len(ratio)], ratio, length, told, stream))


def test_every_method_of_the_catalogue_is_held_to_its_paper_here() -> None:
    assert {name for name, *_ in CASES} == set(METHODS)


@pytest.mark.parametrize(("name", "probability", "ratio", "length", "told"), CASES, ids=IDS)
def test_the_probabilities_written_here_add_to_one(
    name: str, probability: Probability, ratio: Ratio, length: int, told: Parameters
) -> None:
    assert sum(by_paper(probability, ratio, length, told).values()) == 1


@pytest.mark.parametrize(("name", "probability", "ratio", "length", "told"), CASES, ids=IDS)
def test_the_law_gives_every_list_the_probability_of_the_paper(
    name: str, probability: Probability, ratio: Ratio, length: int, told: Parameters
) -> None:
    onlooker = Onlooker(METHODS[name].law(ratio, length, told))
    for word, expected in by_paper(probability, ratio, length, told).items():
        belief, chance = onlooker.start, Fraction(1)
        for arm in word:
            outlook = onlooker.outlook(belief)
            assert sum(outlook.chances.values()) == 1
            at = "ABC".index(arm)
            chance *= outlook.chances[at]
            belief = outlook.after[at]
        assert chance == expected, word


@pytest.mark.parametrize(
    ("name", "probability", "ratio", "length", "told"),
    # Where every order of a long block is a draw of its own, there are too many draws to go through.
    [case for case in CASES if case[3] <= 6 or case[0] in ("big stick", "truncated binomial")],
)
def test_over_all_answers_of_the_stream_every_list_has_exactly_its_probability(
    name: str, probability: Probability, ratio: Ratio, length: int, told: Parameters
) -> None:
    method = METHODS[name]
    drawn = distribution_of(lambda stream: tuple(draw(method, ratio, length, told, stream)))
    assert drawn == by_paper(probability, ratio, length, told)


LISTS = 3_000
FALSE_ALARMS = 1e-5
"""The chance that one of these tests fails for a right method and new seeds; the seeds are fixed."""


@pytest.mark.parametrize(("name", "probability", "ratio", "length", "told"), CASES, ids=IDS)
def test_lists_drawn_from_real_seeds_fall_as_they_should(
    name: str, probability: Probability, ratio: Ratio, length: int, told: Parameters
) -> None:
    method, expected = METHODS[name], by_paper(probability, ratio, length, told)
    seeds = (hashlib.sha256(f"chi-square {number}".encode()).digest() for number in range(LISTS))
    seen = Counter(draw(method, ratio, length, told, RandomStream(seed, label=name)) for seed in seeds)
    assert set(seen) <= set(expected), "a list that the method does not allow"
    observed, wanted, rare_seen, rare_wanted = [], [], 0, 0.0
    for word, chance in expected.items():
        if float(chance) * LISTS >= 5:
            observed.append(seen[word])
            wanted.append(float(chance) * LISTS)
        else:  # lists expected fewer than 5 times count as one (Cochran 1954)
            rare_seen += seen[word]
            rare_wanted += float(chance) * LISTS
    if rare_wanted:
        observed.append(rare_seen)
        wanted.append(rare_wanted)
    assert stats.chisquare(observed, wanted).pvalue > FALSE_ALARMS


def test_the_maximal_procedure_counts_its_lists() -> None:
    # Berger, Ivanova & Knoll 2003: with MTI at least n / 2 it is the random allocation rule, C(n, n/2) lists.
    free = distribution_of(
        lambda stream: METHODS["maximal procedure"].draw("AB", (1, 1), 6, {"mti": 3}, stream)
    )
    assert len(free) == comb(6, 3)
    assert set(free.values()) == {Fraction(1, 20)}
    # With MTI 1 it is permuted blocks of 2.
    bound = distribution_of(
        lambda stream: METHODS["maximal procedure"].draw("AB", (1, 1), 6, {"mti": 1}, stream)
    )
    assert set(bound) == {a + b + c for a, b, c in itertools.product(("AB", "BA"), repeat=3)}
    assert set(bound.values()) == {Fraction(1, 8)}
