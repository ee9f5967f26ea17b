"""Every dated event of every participant in days from an origin of their own, and the spans between events."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exotrial.datasets.captured import EVENTS, Captured
from exotrial.report.figures.swimmer_marks import MARKS

ORIGINS = ("first dose", "randomised")
"""Events from which days are counted, the first that a participant has; else their earliest event."""
ORIGIN_WORDS = {"first dose": "first dose", "randomised": "randomisation", "": "earliest recorded event"}
ILLNESS = ("onset", "diagnosis", "admission")
ENDS = ("recovery", "discharge", "lost to follow-up", "withdrawal", "death")
BEFORE, DOSING, AFTER = "before", "dosing", "after"


@dataclass(frozen=True, kw_only=True)
class Days:
    """Events in days from each participant's origin.

    `events` has USUBJID, EVENT, DAY (Int64), one row for each event of one day. `origins` maps USUBJID to the
    event that day 0 is, "" for the earliest. `main` is the origin of most of the figure: the first of
    `ORIGINS` that anybody has.
    """

    events: pl.DataFrame
    origins: dict[str, str]
    main: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time of one participant, in days; `kind` is BEFORE, DOSING or AFTER."""

    usubjid: str
    kind: str
    start: int
    stop: int


def derive_days(captured: Captured) -> Days:
    """The days of all dated events of `captured.participants`; participants without any have no rows."""
    dated = captured.events.filter(pl.col("ADT").is_not_null()).select("USUBJID", "EVENT", "ADT").unique()
    dated = dated.join(captured.participants.select("USUBJID"), on="USUBJID", how="semi")
    found = dated.group_by("USUBJID").agg(
        *(pl.col("ADT").filter(pl.col("EVENT") == event).min().alias(event) for event in ORIGINS),
        pl.col("ADT").min().alias("EARLIEST"),
    )
    named = pl.coalesce(
        *(pl.when(pl.col(event).is_not_null()).then(pl.lit(event)) for event in ORIGINS), pl.lit("")
    )
    zero = found.select("USUBJID", pl.coalesce(*ORIGINS, "EARLIEST").alias("ZERO"), named.alias("ORIGIN"))
    order = {event: place for place, event in enumerate(EVENTS)}
    people = captured.participants.select("USUBJID").with_row_index("PERSON")
    events = (
        dated.join(zero, on="USUBJID")
        .join(people, on="USUBJID")
        .with_columns(
            (pl.col("ADT") - pl.col("ZERO")).dt.total_days().alias("DAY"),
            pl.col("EVENT").replace_strict(order, return_dtype=pl.Int32).alias("PLACE"),
        )
        .sort("PERSON", "DAY", "PLACE")
        .select("USUBJID", "EVENT", "DAY")
    )
    origins = dict(zip(zero["USUBJID"], zero["ORIGIN"], strict=True))
    main = next((event for event in ORIGINS if event in origins.values()), "")
    return Days(events=events, origins=origins, main=main)


def derive_spans(days: Days) -> list[Span]:
    """Illness before the first dose, dosing, and from there to the first recorded end, where both dates exist."""
    spans = []
    for (usubjid,), rows in days.events.group_by("USUBJID", maintain_order=True):
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for event, day in zip(rows["EVENT"], rows["DAY"], strict=True):
            first.setdefault(event, day)
            last[event] = day
        spans += _spans_of(str(usubjid), first, last)
    return spans


def _spans_of(usubjid: str, first: dict[str, int], last: dict[str, int]) -> list[Span]:
    dose = first.get("first dose")
    if dose is None:
        return []
    spans = []
    onset = min((first[event] for event in ILLNESS if event in first), default=dose)
    if onset < dose:
        spans.append(Span(usubjid=usubjid, kind=BEFORE, start=onset, stop=dose))
    treated = last.get("last dose", dose)
    if treated > dose:
        spans.append(Span(usubjid=usubjid, kind=DOSING, start=dose, stop=treated))
    treated = max(treated, dose)
    end = min((first[event] for event in ENDS if event in first and first[event] >= dose), default=treated)
    if end > treated:
        spans.append(Span(usubjid=usubjid, kind=AFTER, start=treated, stop=end))
    return spans


def span_words(days: Days) -> dict[str, str]:
    """What each bar is called, after the events that begin and end it in these data."""
    captured = set(days.events["EVENT"])
    ends = [MARKS[event].word for event in ENDS if event in captured]
    end = " or ".join([", ".join(ends[:-1]), ends[-1]] if len(ends) > 1 else ends)
    begins = "last dose" if "last dose" in captured else "first dose"
    illness = [MARKS[event].word for event in ILLNESS if event in captured]
    return {
        BEFORE: f"{illness[0].capitalize() if len(illness) == 1 else 'Illness'} to first dose",
        DOSING: "First to last dose",
        AFTER: f"{begins.capitalize()} to {end}",
    }
