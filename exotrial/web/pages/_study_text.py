"""The text of a study file as it is sent by a page: uploaded or typed, kept word for word, shown with its errors.

A browser sends the lines of a text area with CRLF, whatever they were. So the text goes along a second time in
base64, and counts as it was as long as nobody changed a word: a version's digest is then the file's own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from exotrial.core.errors import Refusal
from exotrial.operations.study_files import ShownProblem
from exotrial.web.pages._page import Visit
from exotrial.web.pages._uploads import read_text_file

AROUND = 2
"""Lines shown before and after an error."""


@dataclass(frozen=True)
class Line:
    """A line of a listing with what is wrong in it; number 0 is where lines are left out."""

    number: int
    text: str
    problems: tuple[ShownProblem, ...] = ()


def read_text(visit: Visit) -> tuple[str, tuple[Refusal, ...]]:
    """The text that was uploaded, else the one in the text area; and why an upload is none (UPL-001 to UPL-003)."""
    typed = visit.form.get("source", "").replace("\r\n", "\n")
    kept = _unpack(visit.form.get("kept", ""))
    text = kept if kept.replace("\r\n", "\n") == typed else typed
    if "file" not in visit.request.FILES:
        return text, ()
    try:
        return read_text_file(visit.request, "file"), ()
    except Refusal as refused:
        return text, (refused,)


def pack(text: str) -> str:
    """The text so that no browser changes its line ends."""
    return base64.b64encode(text.encode(errors="surrogatepass")).decode()


def _unpack(packed: str) -> str:
    try:
        return base64.b64decode(packed, validate=True).decode(errors="surrogatepass")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def list_lines(text: str, problems: Sequence[ShownProblem]) -> list[Line]:
    """The lines of a text that have errors, a few around each, with the errors under their lines."""
    lines = text.split("\n")
    wrong: dict[int, list[ShownProblem]] = {}
    for problem in problems:
        if problem.line is not None:
            wrong.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    near = {n for at in wrong for n in range(at - AROUND, at + AROUND + 1) if 0 < n <= len(lines)}
    listed: list[Line] = []
    for number in sorted(near):
        if listed and listed[-1].number != number - 1:
            listed.append(Line(0, ""))
        listed.append(Line(number, lines[number - 1].rstrip("\r"), tuple(wrong.get(number, ()))))
    return listed
