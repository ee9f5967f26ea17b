"""Free text without the sentences that name a person, a telephone or an e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable

WITHHELD = (
    "the sentence names a person, a telephone or an e-mail address, which go into no study file and no export"
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
CALL = re.compile(r"\+\d{1,3}[\s\d()-]{6,}\d|\b\d?-?\(?\d{3}\)?-\d{3}-\d{4}\b")
SENTENCES = re.compile(
    r"(?<=[.!?])(?<!\bDr\.)(?<!\bProf\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\b[A-Z]\.)\s+(?=[A-Z])"
)
"""Where a sentence ends: not behind a title or an initial, from which the name would be parted."""
_SHORTEST_NAME = 5
"""A shorter name would be found inside other words."""


def withhold_people(text: str, names: Iterable[str] = ()) -> tuple[str, bool]:
    """The text without the sentences that hold an e-mail address, a telephone or one of these names, line by line.

    Second, whether anything was left out.
    """
    plain = [" ".join(name.casefold().split()) for name in names if len(name) >= _SHORTEST_NAME]
    if not (MAIL.search(text) or CALL.search(text) or any(name in text.casefold() for name in plain)):
        return text, False
    lines = []
    for line in text.split("\n"):
        kept = [one for one in SENTENCES.split(line) if not _is_personal(one, plain)]
        if kept or not line:
            lines.append(" ".join(kept))
    return "\n".join(lines), True


def _is_personal(sentence: str, names: list[str]) -> bool:
    words = " ".join(sentence.casefold().split())
    return bool(MAIL.search(sentence) or CALL.search(sentence) or any(name in words for name in names))
