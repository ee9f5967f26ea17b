"""Arms and interventions of ClinicalTrials.gov, joined by the names that either gives of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exotrial.registries import ctgov_words as words
from exotrial.registries.ctgov_values import NO_SUCH_ARM, PROTOCOL, Values
from exotrial.registries.record import RecordedArm, RecordedIntervention, Stated

_MODULE = "armsInterventionsModule"


def read_interventions(values: Values) -> tuple[RecordedIntervention, ...]:
    """What is given, in the record's order."""
    found = []
    for path in values.entries(_MODULE, "interventions"):
        name, kind = values.text(*path, "name"), values.word(words.INTERVENTIONS, *path, "type")
        description = values.prose(*path, "description")
        if name is not None:
            found.append(RecordedIntervention(name=name, kind=kind, description=description))
        else:
            _lose_unnamed(
                values, path, {"type": kind, "description": description}, "the intervention has no name"
            )
    return tuple(found)


def read_arms(values: Values, interventions: tuple[RecordedIntervention, ...]) -> tuple[RecordedArm, ...]:
    """The arms, each with what it receives; a name that the other side does not have is a finding."""
    by_intervention = _arms_by_intervention(values)
    known = {_printed(one): one.name.value for one in interventions}
    found = []
    for path in values.entries(_MODULE, "armGroups"):
        label, kind = values.text(*path, "label"), values.word(words.ARMS, *path, "type")
        description, given = values.prose(*path, "description"), values.texts(*path, "interventionNames")
        if label is None:
            parts = {"type": kind, "description": description, "interventionNames": next(iter(given), None)}
            _lose_unnamed(values, path, parts, "the arm has no label")
            continue
        names = [known[one.value] for one in given if one.value in known]
        for one in given:
            if one.value not in known:
                said = (
                    f"the arm {label.value!r} receives {one.value!r}, which is no intervention of the record"
                )
                values.doubt(NO_SUCH_ARM, (*path, "interventionNames"), said, prints=one.prints)
                values.lose((*path, "interventionNames"), one.value, "no intervention of the record")
        names += [
            name for name, labels in by_intervention.items() if label.value in labels and name not in names
        ]
        found.append(RecordedArm(name=label, kind=kind, description=description, interventions=tuple(names)))
    labels = {arm.name.value for arm in found}
    for name, joined in by_intervention.items():
        for label_of in joined:
            if label_of not in labels:
                said = f"{name!r} is for the arm {label_of!r}, which is none of the record"
                values.doubt(NO_SUCH_ARM, (_MODULE, "interventions"), said, prints=label_of)
                values.lose((_MODULE, "interventions", "armGroupLabels"), label_of, "no arm of the record")
    return tuple(found)


def _lose_unnamed(
    values: Values, path: Sequence[str | int], parts: Mapping[str, Stated[str] | None], why: str
) -> None:
    for name, stated in parts.items():
        if stated is not None:
            values.lose((*path, name), stated.prints, why)


def _arms_by_intervention(values: Values) -> dict[str, list[str]]:
    """For each intervention the labels of the arms that it names."""
    found: dict[str, list[str]] = {}
    for path in values.entries(_MODULE, "interventions"):
        labels = [one.value for one in values.texts(*path, "armGroupLabels")]
        name = values.tree.find(PROTOCOL, *path, "name")
        if isinstance(name, str):
            found.setdefault(name.strip(), []).extend(labels)
    return found


def _printed(intervention: RecordedIntervention) -> str:
    """How an arm names an intervention: `Biological: Placebo`."""
    if intervention.kind is None:
        return intervention.name.value
    return f"{intervention.kind.prints.replace('_', ' ').capitalize()}: {intervention.name.value}"
