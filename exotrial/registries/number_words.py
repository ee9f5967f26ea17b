"""Numbers that registers write as words: `one`, `twenty-eight`, `third`, `28th`."""

from __future__ import annotations

import re

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth"} | {
    "nine": "ninth",
    "twelve": "twelfth",
}


def _ordinal(word: str) -> str:
    return _IRREGULAR.get(word) or (f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")


def _words() -> tuple[dict[str, int], dict[str, int]]:
    cardinals = {word: value for value, word in enumerate((*_ONES, *_TEENS), start=1)}
    ordinals = {_ordinal(word): value for word, value in cardinals.items()}
    for ten, word in enumerate(_TENS, start=2):
        cardinals[word] = ten * 10
        ordinals[_ordinal(word)] = ten * 10
        for one, last in enumerate(_ONES, start=1):
            cardinals[f"{word}-{last}"] = ten * 10 + one
            ordinals[f"{word}-{_ordinal(last)}"] = ten * 10 + one
    return cardinals, ordinals


CARDINALS, ORDINALS = _words()
"""The words from one to ninety-nine, and from first to ninety-ninth, with a hyphen inside."""


def _pattern(words: dict[str, int]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    alternatives = "|".join(re.escape(word).replace(r"\-", r"[-\s]") for word in longest_first)
    return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)


_CARDINAL, _ORDINAL = _pattern(CARDINALS), _pattern(ORDINALS)


def _figure(word: str, words: dict[str, int]) -> str:
    return str(words["-".join(word.lower().replace("-", " ").split())])


def write_figures(text: str) -> str:
    """The text with its number words as figures: `the third day` -> `the 3rd day`, `six weeks` -> `6 weeks`.

    Every ordinal ends in `rd`, whatever the figure: it only has to be told from a cardinal.
    """
    text = _ORDINAL.sub(lambda hit: f"{_figure(hit[0], ORDINALS)}rd", text)
    return _CARDINAL.sub(lambda hit: _figure(hit[0], CARDINALS), text)


def read_count(text: str) -> int | None:
    """One whole number, in figures or in words; None for anything else."""
    word = text.strip()
    if word.isascii() and word.isdigit() and len(word) <= 9:
        return int(word)
    return CARDINALS.get(word.lower())
