"""Text whose bytes were read in the wrong encoding (`√ü` for `ß`), mended where exactly one reading gives them back."""

from __future__ import annotations

import re
import unicodedata

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_WRONG = ("mac_roman", "cp1252")
"""What UTF-8 is mistaken for on a Mac and on Windows."""

_SIGNS = re.compile(
    r"[\xa0-\u017f\u0370-\u03ff\u2000-\u2bff\u3000-\u9fff\uac00-\ud7af\ufb00-\ufb06\uff00-\uffef]+"
)
"""Letters of Europe, Greek, punctuation and mathematics, East Asia: what the mended text may hold in any number."""
_SCRIPTS = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\xa0-\xbf]{2,}")
"""Cyrillic and Arabic, never one letter alone: `“≥` would be one of them, and it is a quotation mark and a sign."""
_NOT_MEANT = frozenset({"Mn", "Mc", "Me", "Cc", "Cn", "Co"})
"""Marks that need a letter before them, and what is no character."""


def repair_mojibake(text: str) -> str:
    """The text with every run of letters mended whose bytes are UTF-8; equal to the text where none is.

    A run is mended only where the repair, read wrongly again, prints the same run, and where the encodings do not
    give two different repairs: nothing is guessed.
    """
    return text if text.isascii() else _FOREIGN.sub(_mend, text)


def _mend(hit: re.Match[str]) -> str:
    run, meanings = hit[0], set()
    for encoding in _WRONG:
        try:
            meant = run.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if _is_plausible(meant, run):
            meanings.add(meant)
    return meanings.pop() if len(meanings) == 1 else run


def _is_plausible(meant: str, run: str) -> bool:
    if any(unicodedata.category(letter) in _NOT_MEANT for letter in meant):
        return False
    # “≈±” is what it looks like more often than the letter ű.
    return not run.startswith("≈") and bool(_SIGNS.fullmatch(meant) or _SCRIPTS.fullmatch(meant))
