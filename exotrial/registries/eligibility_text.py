"""Eligibility printed as one text, divided into its criteria (SPIRIT 2025 item 14a).

The signs that divide: line breaks and `<br>`, bullets, numbers that count up from 1 (`1- … 2- …`, `(1) …; (2) …`),
and in one long line without any of them a capital letter where no sentence ends. A list below a criterion stays
with it: its parts may be alternatives.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from exotrial.core.errors import Place
from exotrial.registries.record import RecordedCriterion, Stated
from exotrial.registries.rule_text import propose_rule as propose_rule

Category = Literal["inclusion", "exclusion"]

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|b|i|u|li|ul|ol|strong|em|span|div|sup|sub)\b[^>]*>", re.IGNORECASE)
_HEADING = re.compile(
    r"^[\s*#]*(?:key\s+|main\s+)?(?P<which>inclusion|exclusion)\s+criteri(?:a|on|um)\s*:?[\s*]*",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:^|(?<=[\s>.;)]))\*{0,2}\s{0,3}(?:key\s+|main\s+)?(?P<which>inclusion|exclusion)\s+criteri(?:a|on|um)\s*:\s*\**",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:(?<=\s)|^|(?<=[;,]))(?P<open>\()?(?P<number>\d{1,2})(?P<close>\s?[-.)])(?!\d)(?=\s?\S)"
)
_BULLET = re.compile(r"^(?P<indent>\s*)(?P<bullet>[*•·‣▪o–-]|\d{1,2}\s?[.)-]|\(\d{1,2}\))\s+(?=\S)")
_DASHED = re.compile(r"(?<=[^\d\s])\s+-\s+(?=[^\d\s])")
_STARTS_NOTHING = re.compile(
    r"(?:Syndrome|Disease|Disorder|Score|Index|Scale|Hospital|University|Association|Society),?"
)
"""Capitalised words that end a name rather than begin a criterion."""
_JOINS = re.compile(
    r"an?|and|any|as|at|between|by|due|during|for|from|ha[ds]|have|into?|is|o[fnr]|other|than|that|the|their|to|under|using"
    r"|via|was|were|with|without",
    re.IGNORECASE,
)
"""Words after which the same criterion goes on, whatever the letter that follows."""


class Eligibility(NamedTuple):
    """The texts below the two headings; None where the heading is not printed."""

    inclusion: str | None = None
    exclusion: str | None = None


def split_eligibility(text: str) -> Eligibility:
    """Part a text that holds both lists at `Inclusion criteria:` and `Exclusion criteria:`.

    Text without any heading belongs to neither list. A heading printed twice joins its texts.
    """
    hits = list(_SECTION.finditer(text))
    found: dict[str, list[str]] = {}
    for position, hit in enumerate(hits):
        end = hits[position + 1].start() if position + 1 < len(hits) else len(text)
        found.setdefault(hit["which"].lower(), []).append(text[hit.end() : end].strip("\n"))
    joined = {which: "\n".join(parts) for which, parts in found.items()}
    return Eligibility(joined.get("inclusion"), joined.get("exclusion"))


def read_criteria(
    text: str, category: Category, *, place: Place | None = None
) -> tuple[RecordedCriterion, ...]:
    """The criteria of one list, each with the rule that its words suggest."""
    where = place or Place()
    return tuple(
        RecordedCriterion(
            category=category,
            text=Stated(value=words, prints=words, place=where),
            proposed=propose_rule(words),
        )
        for words in split_criteria(text)
    )


def split_criteria(text: str) -> tuple[str, ...]:
    """The criteria of one list in its order, without their numbers, bullets and mark-up."""
    items = _listed(text)
    if len(items) == 1:
        items = _run(items[0])
    return tuple(clean for item in items if (clean := _clean(item)))


def is_divided_by_capitals(text: str) -> bool:
    """Whether nothing but capital letters divides a text: a reading that a person should look at."""
    items = _listed(text)
    return len(items) == 1 and len(_DASHED.split(items[0])) < 3 and len(_run(items[0])) > 1


def _listed(text: str) -> list[str]:
    """The items that breaks, bullets and numbers divide."""
    text = text.replace("\\>", ">").replace("\\<", "<").replace("\\*", "*").replace("\r\n", "\n")
    text = _TAG.sub(" ", text)
    # ICTRP wraps the text of ClinicalTrials.gov at 90 letters: there only a double break ends a line.
    if re.search(r"<br\s*/?>\s*<br\s*/?>", text, re.IGNORECASE):
        text = re.sub(r"(?:<br\s*/?>\s*){2,}", "\n", text, flags=re.IGNORECASE)
        text = _BREAK.sub(" ", text)
    lines = [_HEADING.sub("", line) for line in _BREAK.sub("\n", text).split("\n")]
    return _bulleted([line.rstrip() for line in lines if line.strip(" \t-;,.")])


def _bulleted(lines: list[str]) -> list[str]:
    """The items of the lines: each line, or, where bullets lead them, each outermost bullet with what follows it."""
    marks = [_BULLET.match(line) for line in lines]
    if not any(marks):
        return _numbered(lines)
    numbers = [mark["bullet"] for mark in marks if mark]
    if (
        all(re.search(r"\d", number) for number in numbers)
        and len({len(m["indent"]) for m in marks if m}) == 1
    ):
        return _numbered(lines)
    outermost = min(len(mark["indent"]) for mark in marks if mark)
    items: list[str] = []
    for line, mark in zip(lines, marks, strict=True):
        outer = mark is not None and len(mark["indent"]) == outermost
        indented = len(line) - len(line.lstrip()) > outermost
        if items and (not outer) and (mark is not None or indented or not _ends(items[-1])):
            items[-1] = f"{items[-1]} {line.strip()}"
        else:
            items.append(line[mark.end() :] if mark else line)
    return items


def _ends(item: str) -> bool:
    return item.rstrip().endswith((".", ";", ":"))


def _numbered(lines: list[str]) -> list[str]:
    """Divide at numbers that count up from 1 over all lines; a list that starts again at 1 stays with its item."""
    text = "\n".join(lines)
    marks = [(hit.start(), hit.end(), int(hit["number"])) for hit in _NUMBER.finditer(text)]
    top = _counting_up([number for _, _, number in marks])
    if len(top) < 2:
        return lines
    starts = [marks[position] for position in top]
    items = [line for line in text[: starts[0][0]].split("\n") if line.strip(" (")]
    for index, (_, begin, _) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        items.append(" ".join(text[begin:end].split()).rstrip("("))
    return items


def _counting_up(numbers: list[int]) -> list[int]:
    """Positions of the outermost list's numbers: 1, 2, 3 …; where an inner list could go on too, the later fits."""
    top: list[int] = []
    inner = 0
    for position, number in enumerate(numbers):
        wanted = len(top) + 1
        if number == wanted and not (
            inner and number == inner + 1 and _comes_again(numbers[position + 1 :], wanted)
        ):
            top.append(position)
            inner = 0
        elif number in {1, inner + 1}:
            inner = number
    return top


def _comes_again(later: list[int], wanted: int) -> bool:
    """Whether a number comes again before the next one of the outermost list does."""
    for number in later:
        if number == wanted:
            return True
        if number == wanted + 1 and wanted not in later:
            return False
    return False


def _run(text: str) -> list[str]:
    """Divide one line at ` - ` (twice or more), or at capital letters where no sentence ends (three times or more)."""
    dashed = _DASHED.split(text)
    if len(dashed) >= 3:
        return dashed
    if re.search(r"[.;]\s+\S", text):
        return [text]
    words = text.split()
    starts = [0]
    for position in range(1, len(words)):
        before, word = words[position - 1], words[position]
        begins = re.fullmatch(r"[A-Z][a-z]+\W*", word) is not None and not _STARTS_NOTHING.fullmatch(word)
        ends = re.fullmatch(r".*[a-z0-9)%]", before) is not None and not before[0].isupper()
        acronym = re.fullmatch(r"\(?[A-Z0-9₀-₉/ -]{2,}\)?", before) is not None
        if begins and (ends or acronym or word == "No") and not _JOINS.fullmatch(before):
            starts.append(position)
    if len(starts) < 4:
        return [text]
    return [" ".join(words[begin:end]) for begin, end in zip(starts, [*starts[1:], len(words)], strict=True)]


def _clean(item: str) -> str:
    return re.sub(r"[\s;,?]+$", "", " ".join(item.split())).strip(" ;,")
