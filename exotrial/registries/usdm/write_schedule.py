"""The schedule of a study file as a USDM timeline: an instance for each encounter, timed from the time origin."""

from __future__ import annotations

import itertools
from typing import Any

from exotrial.registries.usdm.extensions import Values
from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.parts import ACTIVITY, ENCOUNTER, EPOCH, made_for, write_part
from exotrial.registries.usdm.terms import code_word
from exotrial.study.definition import Study
from exotrial.study.definition.design import Encounter

_EPOCH_TYPES = {"screening": "screening", "treatment": "treatment", "follow_up": "follow-up"}
"""The ids of epochs that say of which kind they are; any other epoch is of a kind of its own."""

_ORIGIN = "time-origin"


def epoch_type(epoch: str) -> str:
    """The word of the code list for the type of an epoch."""
    return _EPOCH_TYPES.get(epoch, epoch)


def write_epochs(entries: list[Values], make: Maker) -> list[dict[str, Any]]:
    """The epochs in file order, chained in the order that they have in time."""
    chain = _chained(
        [f"{EPOCH.kind}_{entry['id']}" for entry in sorted(entries, key=lambda one: one["order"])]
    )
    return [
        write_part(
            EPOCH,
            entry,
            make,
            type=make.code(code_word("epoch", epoch_type(entry["id"]))),
            **chain[f"{EPOCH.kind}_{entry['id']}"],
        )
        for entry in entries
    ]


def write_encounters(study: Study, entries: list[Values], make: Maker) -> list[dict[str, Any]]:
    """The encounters in file order, chained in the order that they have in time."""
    chain = _chained([f"{ENCOUNTER.kind}_{one.id}" for one in in_order(study)])
    return [
        write_part(
            ENCOUNTER,
            values,
            make,
            type=make.code(code_word("encounter", "visit")),
            scheduledAtId=f"Timing_{encounter.id}" if elapsed_days(study, encounter) is not None else None,
            **chain[f"{ENCOUNTER.kind}_{encounter.id}"],
        )
        for encounter, values in zip(study.encounters, entries, strict=True)
    ]


def write_activities(study: Study, entries: list[Values], make: Maker) -> list[dict[str, Any]]:
    """The activities, with their procedure and a surrogate for each measure that they record."""
    chain = _chained([f"{ACTIVITY.kind}_{one.id}" for one in study.activities])
    return [
        write_part(
            ACTIVITY,
            values,
            make,
            definedProcedures=_write_procedure(activity.procedure, make),
            bcSurrogateIds=[f"BiomedicalConceptSurrogate_{name}" for name in activity.measures],
            **chain[f"{ACTIVITY.kind}_{activity.id}"],
        )
        for activity, values in zip(study.activities, entries, strict=True)
    ]


def _write_procedure(words: str | None, make: Maker) -> list[dict[str, Any]]:
    if words is None:
        return []
    code = make.code(code_word("procedure", words))
    return [make("Procedure", name=words, procedureType="not stated", code=code)]


def in_order(study: Study) -> tuple[Encounter, ...]:
    """The encounters in order of time; of one day, in the order of their epochs."""
    orders = {epoch.id: epoch.order for epoch in study.epochs}
    return tuple(sorted(study.encounters, key=lambda one: (one.day, orders[one.epoch])))


def elapsed_days(study: Study, encounter: Encounter) -> int | None:
    """Days from the study's time origin, None where the encounter's day is not stated or counts from another event.

    Where the origin is day 1, the day before it is day -1; a day 0 does not exist there and gives None.
    """
    if not encounter.day_stated or encounter.anchor is not None:
        return None
    if study.design.day_of_origin == 0:
        return encounter.day
    if encounter.day == 0:
        return None
    return encounter.day - 1 if encounter.day > 0 else encounter.day


def find_origin(study: Study) -> Encounter | None:
    """The encounter that is held on the day of the time origin and on no other, where one is.

    One with a window around that day is timed from the origin instead: USDM's reference has no window (DDF00025).
    """
    on_the_day = (one for one in in_order(study) if elapsed_days(study, one) == 0)
    return next((one for one in on_the_day if not _window(one)), None)


def write_timelines(study: Study, make: Maker) -> list[dict[str, Any]]:
    """The main timeline; empty where the study plans no encounters."""
    if not study.encounters:
        return []
    instances = [_write_instance(study, one, make) for one in in_order(study)]
    origin = find_origin(study)
    if origin is None:
        instances.insert(_place_of_origin(study), _write_origin(study, make))
    for instance, following in itertools.pairwise(instances):
        instance["defaultConditionId"] = following["id"]
    end = make("ScheduleTimelineExit")
    instances[-1]["timelineExitId"] = end["id"]
    anchor = f"ScheduledActivityInstance_{_ORIGIN if origin is None else origin.id}"
    timings = [_write_timing(study, one, anchor, make) for one in in_order(study)]
    if origin is None:
        timings.append(_write_reference(study, _ORIGIN, anchor, make))
    return [
        make(
            "ScheduleTimeline",
            name="main",
            label="Main timeline",
            mainTimeline=True,
            entryCondition=f"Days count from: {study.design.time_origin}",
            entryId=instances[0]["id"],
            exits=[end],
            timings=[timing for timing in timings if timing is not None],
            instances=instances,
        )
    ]


def _place_of_origin(study: Study) -> int:
    """Before which instance the time origin falls: before the first that is on its day or on a later one."""
    elapsed = [elapsed_days(study, one) for one in in_order(study)]
    later = (place for place, days in enumerate(elapsed) if days is not None and days >= 0)
    return next(later, len(elapsed))


def _write_instance(study: Study, encounter: Encounter, make: Maker) -> dict[str, Any]:
    done = [f"{ACTIVITY.kind}_{one.id}" for one in study.activities if encounter.id in one.encounters]
    return make(
        "ScheduledActivityInstance",
        encounter.id,
        name=encounter.id,
        label=encounter.name,
        epochId=f"{EPOCH.kind}_{encounter.epoch}",
        activityIds=done,
        encounterId=f"{ENCOUNTER.kind}_{encounter.id}",
    )


def _write_origin(study: Study, make: Maker) -> dict[str, Any]:
    return make(
        "ScheduledActivityInstance",
        _ORIGIN,
        extensionAttributes=made_for("the time origin, from which encounters are timed", make),
        name=_ORIGIN,
        label=study.design.time_origin,
        activityIds=[],
    )


def _write_timing(study: Study, encounter: Encounter, anchor: str, make: Maker) -> dict[str, Any] | None:
    days = elapsed_days(study, encounter)
    if days is None:
        return None
    instance = f"ScheduledActivityInstance_{encounter.id}"
    if instance == anchor:
        return _write_reference(study, encounter.id, anchor, make)
    return make(
        "Timing",
        encounter.id,
        name=f"timing_of_{encounter.id}",
        label=encounter.name,
        type=make.code(code_word("timing", "before" if days < 0 else "after")),
        value=f"P{abs(days)}D",
        valueLabel=f"day {encounter.day}",
        relativeToFrom=make.code(code_word("relative", "start to start")),
        relativeFromScheduledInstanceId=instance,
        relativeToScheduledInstanceId=anchor,
        **_window(encounter),
    )


def _window(encounter: Encounter) -> dict[str, str]:
    if not (encounter.window_stated or encounter.window_before or encounter.window_after):
        return {}
    return {
        "windowLower": f"P{encounter.window_before}D",
        "windowUpper": f"P{encounter.window_after}D",
        "windowLabel": f"-{encounter.window_before}..{encounter.window_after} days",
    }


def _write_reference(study: Study, name: str, anchor: str, make: Maker) -> dict[str, Any]:
    return make(
        "Timing",
        name,
        name=f"timing_of_{name}",
        label=study.design.time_origin,
        type=make.code(code_word("timing", "fixed")),
        value="P0D",
        valueLabel=f"day {study.design.day_of_origin}",
        relativeToFrom=make.code(code_word("relative", "start to start")),
        relativeFromScheduledInstanceId=anchor,
        relativeToScheduledInstanceId=anchor,
    )


def _chained(ids: list[str]) -> dict[str, dict[str, str]]:
    """For each id in order, the ids before and after it as `previousId` and `nextId`."""
    links: dict[str, dict[str, str]] = {one: {} for one in ids}
    for before, after in itertools.pairwise(ids):
        links[before]["nextId"] = after
        links[after]["previousId"] = before
    return links
