"""Doubts about captured data: what was read without fault and can hardly have been so (ICH E6(R3) 4.2.2).

Each rule is one small function, table in, findings out; one finding stands for all rows of its kind. No rule tells
who is in which arm.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from exotrial.core.findings import Finding, Quote, Severity, gravest_first
from exotrial.datasets.captured import Captured
from exotrial.study.definition import Study

ORDER = (
    ("consent", "first dose"),
    ("first dose", "last dose"),
    ("admission", "discharge"),
    ("onset", "recovery"),
    ("first dose", "death"),
    ("last dose", "death"),
    ("admission", "death"),
)
"""Pairs of events of which the first cannot be later than the second."""
VISITS = ("", "BASELINE", "BEFORE", "AFTER")
"""Visits that a report compares by these words; no word is a value that has a date only."""
_MOST_QUOTES = 3
_STANDARD = ("ICH E6(R3) 4.2.2",)


def check_captured(study: Study, captured: Captured) -> list[Finding]:
    """Every doubt about the captured data of a study, the gravest first."""
    rules = (
        _values_are_plausible(captured),
        _events_are_in_order(captured),
        _ages_are_of_the_population(study, captured),
        _arms_are_of_the_study(study, captured),
        _adverse_events_end_after_they_begin(captured),
        _visits_are_known(study, captured),
        _lock_fits(study, captured),
    )
    return gravest_first([finding for rule in rules for finding in rule])


def _values_are_plausible(captured: Captured) -> Iterator[Finding]:
    for code, measure in captured.measures.items():
        odd = captured.measurements.filter(
            (pl.col("PARAMCD") == code) & ~pl.col("AVALN").is_between(measure.low, measure.high)
        )
        if odd.height:
            when = pl.concat_str("AVISIT", pl.col("ADT").dt.to_string().fill_null(""), separator=" ")
            rows = odd.select("USUBJID", when, pl.concat_str("AVAL", "AVALU", separator=" ")).rows()
            yield Finding(
                rule="CPD-001",
                subject=f"measurements.{code}",
                severity=Severity.WARNING,
                kind="plausibility",
                says=f"{_count(odd.height, 'value')} of {measure.param} outside "
                f"{measure.low:g} to {measure.high:g}{' ' + measure.unit if measure.unit else ''}",
                why="A slip of the pen or of the unit moves a mean more than any treatment does.",
                settle="the value and the unit as the source document has them.",
                quotes=_quotes("measurements.csv", [(f"{who} {at}".strip(), what) for who, at, what in rows]),
                standards=_STANDARD,
            )


def _events_are_in_order(captured: Captured) -> Iterator[Finding]:
    dated = captured.events.select("USUBJID", "EVENT", "ADT")
    for earlier, later in ORDER:
        before, after = (dated.filter(pl.col("EVENT") == event) for event in (earlier, later))
        odd = before.join(after, on="USUBJID", suffix="_LATER", maintain_order="left_right").filter(
            pl.col("ADT") > pl.col("ADT_LATER")
        )
        if odd.height:
            yield Finding(
                rule="CPD-002",
                subject=f"events.{earlier}.{later}".replace(" ", "_"),
                severity=Severity.ERROR,
                kind="temporal",
                says=f"in {_count(odd.height, 'participant')} {earlier} is dated later than {later}",
                why="One of the two dates is wrong, and every duration that is counted from it.",
                settle="both dates as the source documents have them.",
                quotes=_quotes(
                    "events.csv",
                    [
                        (who, f"{earlier} {first}, {later} {second}")
                        for who, first, second in odd.select("USUBJID", "ADT", "ADT_LATER").rows()
                    ],
                ),
                standards=_STANDARD,
            )


def _ages_are_of_the_population(study: Study, captured: Captured) -> Iterator[Finding]:
    low, high = study.population.age_min, study.population.age_max
    least, most = (0 if low is None else low), (999 if high is None else high)
    odd = captured.participants.filter(~pl.col("AGE").is_between(least, most))
    if odd.height:
        limits = (
            f"from {low}" if high is None else f"up to {high}" if low is None else f"from {low} to {high}"
        )
        yield Finding(
            rule="CPD-003",
            subject="participants.AGE",
            severity=Severity.ERROR,
            kind="data",
            says=f"{_count(odd.height, 'participant')} not of the ages that the study takes, {limits} years",
            why="Either the age is wrong, or somebody was enrolled who should not have been.",
            settle="the age as the source document has it, or the deviation as it was reported.",
            quotes=_quotes(
                "participants.csv", [(who, f"{age}") for who, age in odd.select("USUBJID", "AGE").rows()]
            ),
            standards=_STANDARD,
        )


def _arms_are_of_the_study(study: Study, captured: Captured) -> Iterator[Finding]:
    known = [arm.id for arm in study.arms]
    odd = captured.participants.filter((pl.col("ARMCD") != "") & ~pl.col("ARMCD").is_in(known))
    if odd.height:
        yield Finding(
            rule="CPD-004",
            subject="participants.ARMCD",
            severity=Severity.ERROR,
            kind="data",
            says=f"{_count(odd.height, 'participant')} in an arm that the study file does not have",
            why="Whoever is in no arm of the study is left out of every comparison, or makes one of their own.",
            settle="the arm under the id that the study file gives it.",
            standards=_STANDARD,
        )


def _adverse_events_end_after_they_begin(captured: Captured) -> Iterator[Finding]:
    odd = captured.adverse_events.filter(pl.col("AENDT") < pl.col("ASTDT"))
    if odd.height:
        yield Finding(
            rule="CPD-005",
            subject="adverse_events.AENDT",
            severity=Severity.ERROR,
            kind="temporal",
            says=f"{_count(odd.height, 'adverse event')} that ended before it began",
            why="One of the two dates is wrong, and with it whether the event came after the treatment.",
            settle="both dates as the source documents have them.",
            quotes=_quotes(
                "adverse_events.csv",
                [
                    (who, f"{term}: {first} to {last}")
                    for who, term, first, last in odd.select("USUBJID", "AETERM", "ASTDT", "AENDT").rows()
                ],
            ),
            standards=_STANDARD,
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _visits_are_known(study: Study, captured: Captured) -> Iterator[Finding]:
    known = {*VISITS, *(encounter.id for encounter in study.encounters), *(e.name for e in study.encounters)}
    odd = captured.measurements.filter(~pl.col("AVISIT").is_in(sorted(known)))
    if odd.height:
        yield Finding(
            rule="CPD-006",
            subject="measurements.AVISIT",
            severity=Severity.ERROR,
            kind="data",
            says=f"{_count(odd.height, 'value')} at a visit that is neither {', '.join(VISITS[1:])} nor an encounter "
            "of the study",
            why="A value at a visit that nobody knows enters no comparison and is missed by nobody.",
            settle=f"the visit, written {', '.join(VISITS[1:])} or as the encounter's id or name.",
            quotes=_quotes("measurements.csv", odd.select("USUBJID", "AVISIT").rows()),
            standards=_STANDARD,
        )


def _lock_fits(study: Study, captured: Captured) -> Iterator[Finding]:
    lock = captured.lock
    if lock is not None and lock.study_version != study.version:
        yield Finding(
            rule="CPD-007",
            subject="lock.study_version",
            severity=Severity.WARNING,
            kind="data",
            says=f"the data were locked under version {lock.study_version} of the study, and the study file is version "
            f"{study.version}",
            why="What was planned after the lock can have been chosen in sight of the data.",
            settle="the study file of the version under which the data were locked.",
            quotes=_quotes("lock.toml", [("study_version", lock.study_version)]),
            standards=_STANDARD,
        )
    if captured.unblinded_at is not None and (captured.participants["ARMCD"] == "").all():
        yield Finding(
            rule="CPD-008",
            subject="lock.unblinded_at",
            severity=Severity.ERROR,
            kind="data",
            says="the study is said to be unblinded, and no participant has an arm",
            why="Nothing can be compared, and whoever reads the report takes the study for a blinded one.",
            settle="participants.csv as extracted after the unblinding.",
            quotes=_quotes("lock.toml", [("unblinded_at", captured.unblinded_at.isoformat())]),
            standards=_STANDARD,
        )


def _quotes(file: str, rows: list[tuple[str, str]]) -> tuple[Quote, ...]:
    return tuple(Quote(source=file, place=place, prints=prints) for place, prints in rows[:_MOST_QUOTES])
