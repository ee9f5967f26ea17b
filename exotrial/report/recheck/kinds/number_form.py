"""A printed number or range that should read as one: is every part a number, and is the order low to high?"""

from __future__ import annotations

import re

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import is_number, read_figure
from exotrial.report.recheck.verdicts import Answer, Judgement

_SCIENTIFIC = re.compile(r"\d+(\.\d+)?\s?([eE]|[×x]\s?10\^?)\s?[+-]?\d+")


def _check(asked: Asked) -> Judgement:
    parts = asked.texts("parts")
    bad = [text for text in parts if not (is_number(text) or _SCIENTIFIC.fullmatch(text.strip()))]
    settle = "The figures as they came from the instrument."
    if bad:
        told = ", ".join(repr(text) for text in bad)
        return Judgement(answer=Answer.IMPOSSIBLE, why=f"not a number: {told}.", settle=settle)
    values = [read_figure(text).value for text in parts]
    if values != sorted(values):
        why = f"the range runs from high to low: {', '.join(parts)}."
        return Judgement(answer=Answer.CONTRADICTED, why=why, settle=settle)
    return Judgement(answer=Answer.REPRODUCED, why=f"{', '.join(parts)}: numbers, in order.")


NUMBER_FORM = Kind(
    name="number_form",
    says="A number or range whose parts, low to high, are `from.parts`.",
    check=_check,
    needs=("parts",),
)
