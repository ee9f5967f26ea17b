"""Words around figures: counts with their noun, shortened lists, sentences that begin with a capital."""

from __future__ import annotations

from collections.abc import Sequence


def count_of(count: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `3 findings`, `2 analyses`."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or f'{noun}s'}"


def listed(names: Sequence[str], *, word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; empty for nothing."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def first_of(texts: Sequence[str], *, most: int = 2, between: str = "; ") -> str:
    """The first texts of many, and how many more there are."""
    if len(texts) <= most:
        return between.join(texts)
    return f"{between.join(texts[:most])}{between}and {len(texts) - most} more"


def sentence(text: str) -> str:
    """A text with a capital at its beginning and a stop at its end; a symbol (p, n) or an id keeps its case."""
    text = text.strip()
    if not text:
        return ""
    ended = text if text[-1] in ".!?”…" else f"{text}."
    first_word = text.split(maxsplit=1)[0]
    if (len(first_word) == 1 and first_word != "a") or "_" in first_word:
        return ended
    return ended[0].upper() + ended[1:]
