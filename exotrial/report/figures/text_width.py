"""How wide a text is in print, and where its lines break: Inter's advance widths, rounded up to be safe.

Another sans serif may stand in for Inter where a reader's machine lacks it, so that a twentieth is added.
"""

from __future__ import annotations

_SAFETY = 1.05
_PER_CENT_OF_EM = {
    25: "'",
    30: " ,.:;Iijl·",
    40: "()/[\\]frt{}!|",
    50: '-1^_`"°²³',
    55: "*?s–",
    60: "7FJLacekvxyz",
    65: "#$25689EPSbdghnopquβé",
    70: "&+034<=>BKRTXZ~−±≥≤×≈µ",
    75: "ACDHUVY",
    80: "GNOQ",
    85: "%w",
    90: "m",
    95: "M½",
    100: "@—",
    105: "W",
}
"""Wider of the regular and the semi-bold cut, to the next twentieth of an em."""
_WIDTHS = {
    character: share / 100 for share, characters in _PER_CENT_OF_EM.items() for character in characters
}
_OTHER = 1.0
"""Any other character is taken to be as wide as it is high, as in Chinese or Japanese."""


def compute_width(text: str, size: float) -> float:
    """An upper estimate of a text's width in the unit of `size`, the font size."""
    return size * _SAFETY * sum(_WIDTHS.get(character, _OTHER) for character in text)


def wrap(text: str, *, size: float, width: float) -> tuple[str, ...]:
    """The text as lines no wider than `width`, broken at plain spaces; a word that is too long is cut."""
    lines: list[str] = []
    line = ""
    for word in filter(None, text.split(" ")):
        for piece in _pieces(word, size, width):
            joined = f"{line} {piece}" if line else piece
            if compute_width(joined, size) <= width:
                line = joined
            else:
                lines.append(line)
                line = piece
    return tuple([*lines, line] if line else lines)


def shorten(text: str, *, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits before an ellipsis."""
    if compute_width(text, size) <= width:
        return text
    while text and compute_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _pieces(word: str, size: float, width: float) -> list[str]:
    """A word cut where it would not fit a line by itself; at least one character stays on each."""
    pieces, piece = [], ""
    for character in word:
        if piece and compute_width(piece + character, size) > width:
            pieces.append(piece)
            piece = character
        else:
            piece += character
    return [*pieces, piece]
