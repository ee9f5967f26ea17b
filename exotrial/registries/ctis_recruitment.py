"""When and how many a trial of CTIS recruits: of each member state, and of all countries outside the EEA together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from exotrial.core.dates import PartialDate
from exotrial.registries.ctis_values import FIRST_ELSEWHERE, CtisValues
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.record import Stated

Day = Stated[PartialDate]


class _Period(NamedTuple):
    path: JsonPath
    start: Day | None
    end: Day | None


def read_size(values: CtisValues, part: JsonPath, parts: JsonPath) -> Stated[int] | None:
    """The planned number of all countries; None where one of them gives none, and what the others give is told.

    ctrdata (f.sampleSize): `recruitmentSubjectCount` is of a member state, `rowSubjectCount` of all others together.
    """
    paths = [(*path, "recruitmentSubjectCount") for path in values.entries(*parts)]
    if _recruits_elsewhere(values, part) or values.tree.find(*part, "rowSubjectCount") is not None:
        paths.append((*part, "rowSubjectCount"))
    counts = [values.count(*path) for path in paths]
    known = [one for one in counts if one is not None]
    if known and len(known) == len(counts):
        prints = " + ".join(one.prints for one in known)
        return Stated(value=sum(one.value for one in known), prints=prints, place=known[0].place)
    for path, one in zip(paths, counts, strict=True):
        if one is not None:
            values.lose(path, one.prints, "the number of one country; another gives none")
    return None


def read_dates(values: CtisValues, part: JsonPath, parts: JsonPath) -> dict[str, Any]:
    """The fields of a record on its dates: first enrolment, end of recruitment, completion (TRDS 16 and 23)."""
    duration = (*part, "trialDetails", "trialInformation", "trialDuration")
    elsewhere = _recruits_elsewhere(values, part)
    states = list(values.entries(*parts))
    periods = [one for state in states for one in _periods(values, state)]
    estimated_path = (*duration, "estimatedRecruitmentStartDate")
    estimated = values.day(*estimated_path)
    read: dict[str, Any] = {"completion": _read_completion(values, duration, elsewhere=elsewhere)}
    if not any(_is_said(values, one.path, "recruitmentStartDate") for one in periods):
        read["start"] = estimated
        read["start_actual"] = None if estimated is None else False
    else:
        if estimated is not None:
            values.lose(estimated_path, estimated.prints, "recruitment has begun: the planned day is past")
        starts = [(one.path, one.start) for one in periods if one.start is not None]
        # An unreadable day may be the first of all.
        if all(
            one.start is not None for one in periods if _is_said(values, one.path, "recruitmentStartDate")
        ):
            path, first = min(starts, key=lambda one: one[1].value.first)
            read |= {"start": first, "start_actual": True}
            if elsewhere:
                says = f"the first enrolment in a member state was on {first.prints}; the trial recruits elsewhere too"
                values.doubt(FIRST_ELSEWHERE, (*path, "recruitmentStartDate"), says, prints=first.prints)
        _tell(values, "recruitmentStartDate", starts, kept=read.get("start"))
    ends = [(one.path, one.end) for one in periods if one.end is not None]
    has_ended = [any(one.path[: len(state)] == state for one in periods) for state in states]
    if ends and len(ends) == len(periods) and all(has_ended) and not elsewhere:
        read["recruitment_end"] = max((day for _, day in ends), key=lambda day: day.value.last)
    _tell(values, "recruitmentEndDate", ends, kept=read.get("recruitment_end"))
    return read


def _read_completion(values: CtisValues, duration: JsonPath, *, elsewhere: bool) -> Day | None:
    """The day on which the trial ended, else the planned one; one of the EEA only where it recruits nowhere else."""
    ended, ended_here = ("events", "trialGlobalEndDate"), ("endDateEU",)
    planned, planned_here = (*duration, "estimatedGlobalEndDate"), (*duration, "estimatedEndDate")
    found = [(path, values.day(*path)) for path in (ended, ended_here, planned, planned_here)]
    kept = [path for path, day in found if day and not (elsewhere and path in {ended_here, planned_here})]
    for path, day in found:
        if day is not None and path not in kept[:1]:
            values.lose(path, day.prints, "another end of the trial, or its end in the EEA alone")
    return next((day for path, day in found if path in kept[:1]), None)


def _periods(values: CtisValues, state: JsonPath) -> Iterator[_Period]:
    """The periods of recruitment of a member state."""
    for path in (
        *values.entries(*state, "mscInfo", "trialRecruitmentPeriod"),
        (*state, "mscInfo", "activeTrialRecruitmentPeriod"),
    ):
        start, end = values.day(*path, "recruitmentStartDate"), values.day(*path, "recruitmentEndDate")
        if _is_said(values, path, "recruitmentStartDate") or end is not None:
            yield _Period(path, start, end)


def _is_said(values: CtisValues, path: JsonPath, name: str) -> bool:
    return bool(values.tree.find(*path, name))


def _recruits_elsewhere(values: CtisValues, part: JsonPath) -> bool:
    return bool(values.tree.positions(*part, "rowCountriesInfo"))


def _tell(values: CtisValues, name: str, days: Sequence[tuple[JsonPath, Day]], *, kept: Day | None) -> None:
    for path, day in days:
        if kept is None or day.value != kept.value:
            values.lose((*path, name), day.prints, "the day of one member state")
