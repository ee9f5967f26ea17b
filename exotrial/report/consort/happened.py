"""Finders for the results: items 22 to 27 of CONSORT 2025, from the captured data where there are any."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.report.consort.told import NO_DATA, Part, Told, lacking, name_some, tell
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of


def _find_flow(given: ReportInput) -> Told:
    if given.captured is None:
        enrolled = given.study.design.enrolled
        told = tell(
            Part(enrolled is not None and f"{enrolled} enrolled", "design.enrolled", "numbers enrolled")
        )
        return Told(found=told.found, lacks=(*told.lacks, "numbers treated and analysed"))
    number, treated = given.captured.participants.height, _having(given.captured, "first dose")
    screened = _having(given.captured, "screened")
    return tell(
        Part(
            f"{count_of(number, 'participant')}, {treated} treated",
            "data, and the participant flow of this report",
        ),
        Part(screened and f"{screened} screened", "data/events.csv", "numbers screened"),
    )


def _find_losses(given: ReportInput) -> Told:
    if given.captured is None:
        return Told(not_held=NO_DATA)
    lost = _having(given.captured, "lost to follow-up")
    left, died = _having(given.captured, "withdrawal"), _having(given.captured, "death")
    dated = f"{count_of(left, 'withdrawal')} and {count_of(died, 'death')} dated"
    return tell(
        Part(f"{lost} lost to follow-up, {dated}" if lost else dated, "data/events.csv"),
    )


def _find_dates(given: ReportInput) -> Told:
    dates = given.study.recruitment
    start, end = dates.actual_start or dates.planned_start, dates.actual_end or dates.planned_end
    last = dates.completion or dates.conducted_to
    planned = ", as planned" if not dates.actual_start and start else ""
    return tell(
        Part(start and end and f"recruited {start} to {end}{planned}", "recruitment", "dates of recruitment"),
        Part(last and f"followed until {last}", "recruitment", "end of follow-up"),
    )


def _find_ending(given: ReportInput) -> Told:
    design = given.study.design
    if design.size_shortfall_reason:
        return tell(Part(design.size_shortfall_reason, "design.size_shortfall_reason"))
    targets = [r.target_size for r in given.study.registrations if r.target_size is not None]
    target = design.planned_size or max(targets, default=None)
    if design.enrolled is None or target is None:
        return Told(not_held="The planned and the enrolled number are not both known.")
    if design.enrolled >= target:
        return Told(not_applicable=f"All {target} planned participants were enrolled.")
    return Told(lacks=(f"why {design.enrolled} of {target} planned participants were enrolled",))


def _find_delivered(given: ReportInput) -> Told:
    if given.captured is None:
        return Told(not_held=NO_DATA)
    number = given.captured.participants.height
    parts = []
    for event in ("first dose", "last dose"):
        dated = _having(given.captured, event)
        text = f"{event} dated for {dated} of {number}"
        parts.append(Part(dated and text, "data/events.csv", f"dates of the {event}"))
    told = tell(*parts)
    return Told(found=told.found, lacks=(*told.lacks, "the amounts given"))


def _find_concomitant(given: ReportInput) -> Told:
    care = name_some(i.description or i.name for i in given.study.interventions if i.role == "background")
    told = tell(Part(care, "interventions", "other treatment"))
    return Told(found=told.found, lacks=(*told.lacks, *lacking(care, "who received which")))


def _find_baseline(given: ReportInput) -> Told:
    if given.captured is None:
        return Told(not_held=NO_DATA)
    kinds = given.captured.characteristics["CHAR"].n_unique()
    shown = f"age, sex and {count_of(kinds, 'characteristic')}"
    return tell(Part(shown, "data, and the baseline table of this report"))


def _find_estimates(given: ReportInput) -> Told:
    if given.captured is None:
        return Told(not_held=NO_DATA)
    measures = given.captured.measurements["PARAMCD"].n_unique()
    shown = measures and f"{count_of(measures, 'measure')}, with effects and intervals where they can be had"
    return tell(Part(shown, "data, and the results of this report", "values of outcomes"))


def _find_harms_seen(given: ReportInput) -> Told:
    if given.captured is None:
        return Told(not_held=NO_DATA)
    if "adverse_events.csv" not in {file.name for file in given.captured.files}:
        return Told(lacks=("a record of adverse events, be it empty",))
    number = given.captured.adverse_events.height
    return tell(
        Part(
            f"{count_of(number, 'adverse event')} recorded", "data/adverse_events.csv, and the safety section"
        )
    )


def _having(captured: Captured, event: str) -> int:
    """The number of participants with a dated event."""
    return captured.events.filter(pl.col("EVENT") == event)["USUBJID"].n_unique()


HAPPENED: Mapping[str, Callable[[ReportInput], Told]] = {
    "flow": _find_flow,
    "losses": _find_losses,
    "dates": _find_dates,
    "ending": _find_ending,
    "delivered": _find_delivered,
    "concomitant": _find_concomitant,
    "baseline": _find_baseline,
    "estimates": _find_estimates,
    "harms_seen": _find_harms_seen,
}
