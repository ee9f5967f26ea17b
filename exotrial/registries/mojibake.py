"""Text whose bytes were read in the wrong encoding (`√ü` for `ß`), mended where exactly one reading gives them back."""

from __future__ import annotations

import re

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_WRONG = ("mac_roman", "cp1252")
"""What UTF-8 is mistaken for on a Mac and on Windows."""


def repair_mojibake(text: str) -> str:
    """The text with every run of letters mended whose bytes are UTF-8; equal to the text where none is.

    A run is mended only where the repair, read wrongly again, prints the same run: nothing is guessed.
    """
    return text if text.isascii() else _FOREIGN.sub(_mend, text)


def _mend(hit: re.Match[str]) -> str:
    run = hit[0]
    for encoding in _WRONG:
        try:
            meant = run.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if len(meant) < len(run):
            return meant
    return run
