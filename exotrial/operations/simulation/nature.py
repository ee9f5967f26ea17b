"""What nature does in a rehearsal: how people fare under treatment, and what is then written on their forms.

The effect of the treatment is made up: who is in an arm of kind `experimental` recovers in EFFECT of the time. No
number drawn here is an estimate of anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from exotrial.datasets.synthetic_answers import Context, draw_answers
from exotrial.datasets.synthetic_people import eligibility_values
from exotrial.datasets.synthetic_values import Rates, draw_number
from exotrial.operations.simulation.people import Fate, Person
from exotrial.study.definition import Study
from exotrial.study.items import DataType, Form, Item

EFFECT = 0.6
"""The half-life of an illness under treatment, as a share of the same without."""
_REASONS = {"sample lost": "not done", "device not available": "not done", "no data": "unknown"}
"""Reasons of the draws in the words that a form takes."""
_SURE = Rates(missing=0, implausible=0)

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What else is known when a form is filled in: treatment, doses, kit, and whether a grave event is due."""

    treated: bool
    doses: tuple[datetime, ...] = ()
    kit: str = "none"
    grave_event_on: date | None = None


def fill_form(
    study: Study, form: Form, person: Person, *, seed: int, encounter: str, on: date, told: Told
) -> Values:
    """The values of a form as an operation takes them; the same for the same person, form, encounter and arm."""
    stream = person.stream(seed, form.oid, encounter)
    context = _context(person, encounter=encounter, on=on, told=told)
    drawn: dict[str, Any] = dict(draw_answers(form, stream=stream, context=context))
    if form.oid == "F.ELIGIBILITY":
        drawn |= eligibility_values(study, form, person.answers)
    if form.oid == "F.AE":
        drawn["IG.AE"] = [*drawn.get("IG.AE", []), *_grave_events(person, drawn.get("IG.AE", []), told)]
    if form.oid == "F.DISPOSITION" and person.fate is Fate.LOST:
        drawn["IG.DS"] = {**drawn["IG.DS"], "DS.DECOD": "LOST"}
    items = {item.oid: item for item in form.items}
    return {
        group: [_row(row, items) for row in rows] if isinstance(rows, list) else _row(rows, items)
        for group, rows in drawn.items()
    }


def draw_again(item: Item, person: Person, *, seed: int, on: date, told: Told, key: str) -> str:
    """A plausible number for an item, as its source has it."""
    stream = person.stream(seed, "source", key, on.isoformat())
    severity = _context(person, encounter="", on=on, told=told).severity_now
    return str(_answer(draw_number(item, stream=stream, severity=severity, rates=_SURE), item))


def known_by(values: Values, day: date) -> Values:
    """The adverse events of a form that had begun by a day, and their ends as far as they had come."""
    until = day.isoformat()
    rows = [
        {item: answer for item, answer in row.items() if item != "AE.END" or answer <= until}
        for row in values.get("IG.AE", [])
        if row["AE.START"] <= until
    ]
    return {**values, "IG.AE": rows}


def without_some(values: Values, *, stream: Random) -> Values:
    """A draft: up to two answers are not there yet."""
    groups = {group: dict(rows) for group, rows in values.items() if isinstance(rows, Mapping)}
    keys = [(group, item) for group, row in groups.items() for item in row if item != "SV.DATE"]
    for group, item in stream.sample(keys, min(2, len(keys))):
        del groups[group][item]
    return {**values, **groups}


def _context(person: Person, *, encounter: str, on: date, told: Told) -> Context:
    over = person.ended_on is not None and on >= person.ended_on
    context = Context(
        age=person.age,
        sex=person.sex,
        on=on,
        origin=person.origin,
        encounter=encounter,
        severity=person.severity,
        half_life=person.half_life * (EFFECT if told.treated else 1),
        consented=person.screened_at.date(),
        doses=told.doses,
        kit=told.kit,
        stratum=person.level,
        discharged=person.discharged if person.discharged is not None and person.discharged <= on else None,
    )
    if over and person.fate is Fate.DIED:
        return replace(context, died=person.ended_on)
    if over and person.fate in (Fate.WITHDRAWN, Fate.LOST):
        return replace(context, withdrew=person.ended_on)
    return context


def _grave_events(person: Person, rows: Sequence[Mapping[str, Any]], told: Told) -> list[dict[str, Any]]:
    """The serious event for which a participant is unblinded, and the one of which one dies."""
    found: list[dict[str, Any]] = []
    number = len(rows)
    if told.grave_event_on is not None:
        begun = told.grave_event_on
        found.append(
            {
                "row": number + 1,
                "AE.TERM": "bronchospasm",
                "AE.TOXGR": "4",
                "AE.SER": "Y",
                "AE.REL": "POSSIBLE",
                "AE.ACTION": "unblinded in an emergency",
                "AE.START": begun.isoformat(),
                "AE.END": (begun + timedelta(days=2)).isoformat(),
            }
        )
    if person.fate is Fate.DIED and person.ended_on is not None:
        day = person.ended_on.isoformat()
        found.append(
            {
                "row": number + 1 + len(found),
                "AE.TERM": "respiratory failure",
                "AE.TOXGR": "5",
                "AE.SER": "Y",
                "AE.REL": "NOT",
                "AE.START": day,
                "AE.END": day,
            }
        )
    return found


def _row(row: Mapping[str, Any], items: Mapping[str, Item]) -> dict[str, Any]:
    return {oid: str(answer) if oid == "row" else _answer(answer, items[oid]) for oid, answer in row.items()}


def _answer(answer: Any, item: Item) -> Any:
    """An answer in the shape in which a form takes it."""
    if isinstance(answer, Mapping):
        return {"missing": _REASONS.get(answer["missing"], answer["missing"])}
    if isinstance(answer, bool):
        return str(answer).lower()
    if item.data_type is DataType.DATETIME:
        return f"{answer}+00:00"  # a rehearsal's sites keep UTC
    return str(answer)
