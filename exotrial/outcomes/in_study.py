"""The outcome measures that a study file names, found by the catalogue or refused at their line."""

from __future__ import annotations

from pathlib import Path

from exotrial.core.errors import Place, Refusal, Refusals
from exotrial.outcomes.measure import Measure, find_measure
from exotrial.study.definition import Study
from exotrial.study.forms import Asked, measure_names
from exotrial.study.toml_lines import compute_lines, find_line


def find_measures_of(study: Study, *, file: Path | None = None, text: str = "") -> dict[str, Measure]:
    """The measure behind every name that the study uses, in file order.

    `file` is the study file, or `text` what it says, for the line of a refusal.
    Refuses with MSR-001 for each unknown name, together.
    """
    found: dict[str, Measure] = {}
    refusals = []
    for name in measure_names(study):
        try:
            found[name] = find_measure(name)
        except Refusal as refusal:
            place = _place(study, name, file, text)
            refusals.append(
                refusal.code.refuse(refusal.problem, place=place, value=name, remedy=refusal.remedy)
            )
    if refusals:
        raise Refusals(refusals)
    return found


def ask(measure: Measure) -> Asked:
    """What a measure asks, in the shape in which forms are derived."""
    return Asked(label=measure.param, items=measure.items, row_items=measure.row_items)


def _place(study: Study, name: str, file: Path | None, text: str) -> Place:
    for position, outcome in enumerate(study.outcomes):
        if outcome.measure == name:
            where, path = ("outcomes", position, "measure"), f"outcomes.{outcome.id}.measure"
            break
    else:
        position, activity = next(
            (position, activity)
            for position, activity in enumerate(study.activities)
            if name in activity.measures
        )
        where, path = ("activities", position, "measures"), f"activities.{activity.id}.measures"
    if file is None and not text:
        return Place(path=path)
    told = text if file is None else file.read_text(encoding="utf-8-sig")
    return Place(file=str(file or ""), line=find_line(compute_lines(told), where), path=path)
