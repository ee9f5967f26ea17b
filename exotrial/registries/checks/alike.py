"""When the words of two sources may mean one thing: names, phases, designs and outcomes.

A difference is a doubt only where the words cannot mean the same: `Phase 2` is not against `2a`, nor a name with its
town against the name alone.
"""

from __future__ import annotations

import re

from exotrial.registries.checks.trial_records import plain

_UNTOLD = frozenset({"", "not stated", "na", "n a", "not applicable", "other"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_MODELS = (
    (r"single group|single arm|one arm", "single group"),
    (r"parallel", "parallel"),
    (r"cross ?over", "crossover"),
    (r"factorial", "factorial"),
    (r"sequential", "sequential"),
)
_ADDS_NOTHING = frozenset(
    {"a", "an", "and", "as", "at", "by", "change", "changes", "for", "from", "in", "incidence", "is", "level"}
    | {
        "levels",
        "measured",
        "number",
        "occurrence",
        "of",
        "on",
        "or",
        "rate",
        "score",
        "scores",
        "the",
        "time",
    }
    | {"to", "value", "values", "with", "within"}
)
_LEAST_LETTERS = 5
_ALIKE_FROM = 0.5
"""Two outcomes are one where they share at least this part of all their words."""


def are_alike(one: str, other: str) -> bool:
    """Whether two names may be of one thing: every word of the shorter is in the other, in whatever order.

    A word that is cut short stands for the whole (`hospita` for `hospital`), from five letters.
    """
    shorter, longer = sorted((plain(one).split(), plain(other).split()), key=len)
    return bool(shorter) and all(any(_is_word(word, whole) for whole in longer) for word in shorter)


def _is_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _LEAST_LETTERS and long.startswith(short))


def read_phases(words: str) -> frozenset[str]:
    """The phases that the words name, as figures: `Phase 1/Phase 2`, `1-2` and `I-II` are 1 and 2."""
    figures = re.sub(r"\b(iv|i{1,3})(?=[ab]?\b)", lambda hit: _ROMAN[hit[1]], words.lower())
    return frozenset(re.findall(r"(?<![\d.])([0-4])(?=[ab]?\b)", re.sub(r"phase|_", " ", figures)))


def phases_may_agree(one: str, other: str) -> bool:
    """Whether two phases can be one: a pilot is of phase 0 or 1 or of none, and what is not told agrees with all."""
    told = [words for words in (one, other) if plain(words) not in _UNTOLD]
    if len(told) < 2:
        return True
    if any("pilot" in words.lower() for words in told):
        return all(read_phases(words) <= {"0", "1"} for words in told)
    first, second = read_phases(one), read_phases(other)
    return first == second if first or second else plain(one) == plain(other)


def read_model(words: str) -> str:
    """The design as a study file names it (`Single Group Assignment` is `single group`), else the words plain."""
    simple = plain(words)
    return next((model for pattern, model in _MODELS if re.search(pattern, simple)), simple)


def is_model(words: str) -> bool:
    """Whether the words name one of the designs that are known here."""
    return read_model(words) in {model for _, model in _MODELS}


def outcomes_may_be_one(one: str, other: str) -> bool:
    """Whether two outcomes may be one: alike as names, an abbreviation of both, or half their words shared."""
    if are_alike(one, other):
        return True
    if _short_forms(one) & _abbreviations(other) or _short_forms(other) & _abbreviations(one):
        return True
    first, second = _words(one), _words(other)
    if not first or not second:
        return False
    return len(first & second) / len(first | second) >= _ALIKE_FROM or first <= second or second <= first


def _short_forms(words: str) -> set[str]:
    """The abbreviations that the words give, and the first letters of them all: `Serious adverse events` is SAE."""
    initials = "".join(word[0] for word in plain(words).split()).upper()
    return _abbreviations(words) | ({initials} if len(initials) > 2 else set())


def _abbreviations(words: str) -> set[str]:
    """Abbreviations in capitals that stand in brackets: `C-reactive protein (CRP)`."""
    return set(re.findall(r"\(([A-Z][A-Za-z0-9/-]*[A-Z0-9])\)", words))


def _words(words: str) -> frozenset[str]:
    """The words that tell an outcome, without their plural."""
    return frozenset(
        re.sub(r"(?<=\w{3})s$", "", word) for word in plain(words).split() if word not in _ADDS_NOTHING
    )
