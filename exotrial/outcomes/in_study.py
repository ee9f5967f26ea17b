"""The outcome measures that a study file names, found by the catalogue or refused at their line."""

from __future__ import annotations

from pathlib import Path

from exotrial.core.errors import Place, Refusal, Refusals
from exotrial.outcomes.measure import Measure, find_measure
from exotrial.study.definition import Study
from exotrial.study.forms import Asked, measure_names
from exotrial.study.toml_lines import compute_lines, find_line


def find_measures_of(study: Study, *, file: Path | None = None) -> dict[str, Measure]:
    """The measure behind every name that the study uses, in file order.

    `file` is the study file, for the line of a refusal. Refuses with MSR-001 for each unknown name, together.
    """
    found: dict[str, Measure] = {}
    refusals = []
    for name in measure_names(study):
        try:
            found[name] = find_measure(name)
        except Refusal as refusal:
            place = _place(study, name, file)
            refusals.append(
                refusal.code.refuse(refusal.problem, place=place, value=name, remedy=refusal.remedy)
            )
    if refusals:
        raise Refusals(refusals)
    return found


def ask(measure: Measure) -> Asked:
    """What a measure asks, in the shape in which forms are derived."""
    return Asked(label=measure.param, items=measure.items, row_items=measure.row_items)


def _place(study: Study, name: str, file: Path | None) -> Place:
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
    if file is None:
        return Place(path=path)
    line = find_line(compute_lines(file.read_text(encoding="utf-8-sig")), where)
    return Place(file=str(file), line=line, path=path)
