"""The target size as registries print it: one number, or one for each arm (`Exocrine group:13;Control group:13;`)."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_ARM = re.compile(r"\s*(?P<name>[^;]*?\D?)\s*[:：]\s*(?P<size>\d+)\s*", re.DOTALL)
_PARTS = re.compile(r"[;；]")


class SizeText(NamedTuple):
    """`total`, and the arms' names with their sizes where the text gives them arm by arm."""

    total: int
    arms: tuple[tuple[str, int], ...] = ()


def read_size(text: str) -> SizeText | None:
    """The size that a text says; None where it is neither one number nor a number for every arm.

    A single number is the whole. Numbers by arm are added up; a part without a number makes the whole unknown.
    """
    words = text.strip()
    if _NUMBER.fullmatch(words):
        return SizeText(int(words.replace(",", "")))
    parts = [part for part in _PARTS.split(words) if part.strip()]
    arms = [_ARM.fullmatch(part) for part in parts]
    named = tuple((hit["name"].strip(), int(hit["size"])) for hit in arms if hit is not None)
    if not named or len(named) < len(parts):
        return None
    return SizeText(sum(size for _, size in named), named)
