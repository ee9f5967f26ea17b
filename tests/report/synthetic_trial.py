"""Made-up trials for the figures: any number of participants and arms, with dates that follow from their number."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from exotrial.datasets.captured import COLUMNS, Captured
from exotrial.outcomes.measure import find_measure
from exotrial.study.definition import Study

START = date(2021, 3, 5)


def a_study(*arms: str, allocation: str = "randomised", **more: object) -> Study:
    """The smallest study with these arms by name; their ids are arm_1, arm_2 and so on."""
    model = "parallel" if len(arms) > 1 else "single group"
    document: dict[str, object] = {
        "schema_version": 1,
        "id": "made-up",
        "version": "1",
        "title": "A made-up trial",
        "design": {
            "phase": "2",
            "intervention_model": model,
            "allocation": allocation,
            "time_origin": "first dose",
        },
        "arms": tuple(
            {
                "id": f"arm_{number}",
                "name": name,
                "kind": "experimental" if number == 1 else "placebo comparator",
            }
            for number, name in enumerate(arms, 1)
        ),
        "population": {},
        "outcomes": ({"id": "crp", "level": "primary", "name": "C-reactive protein", "measure": "CRP"},),
    }
    return Study.model_validate(document | more)


def captured_from(
    participants: list[tuple[str, str]],
    events: list[tuple[str, str, date]] = [],  # noqa: B006 - never changed
    characteristics: list[tuple[str, str, str]] = [],  # noqa: B006 - never changed
    crp: list[tuple[str, str, float]] = [],  # noqa: B006 - never changed
) -> Captured:
    """Captured tables from tuples: (USUBJID, ARMCD), (USUBJID, EVENT, ADT), (USUBJID, CHAR, VALUE), CRP by visit."""
    names = [name for name, _ in participants]
    return Captured(
        participants=pl.DataFrame(
            {
                "USUBJID": names,
                "SITEID": ["1"] * len(names),
                "ARMCD": [arm for _, arm in participants],
                "SEX": ["F" if number % 2 else "M" for number in range(len(names))],
                "AGE": pl.Series([20 + number % 60 for number in range(len(names))], dtype=pl.Int64),
            },
            schema_overrides={
                "USUBJID": pl.String,
                "SITEID": pl.String,
                "ARMCD": pl.String,
                "SEX": pl.String,
            },
        ),
        characteristics=pl.DataFrame(
            [(*row, "") for row in characteristics],
            schema=dict.fromkeys(COLUMNS["characteristics"], pl.String),
            orient="row",
        ),
        measurements=pl.DataFrame(
            [(who, "CRP", None, visit, str(value), "mg/L", "", "", value) for who, visit, value in crp],
            schema={
                **{column: pl.Date if column == "ADT" else pl.String for column in COLUMNS["measurements"]},
                "AVALN": pl.Float64,
            },
            orient="row",
        ),
        events=pl.DataFrame(
            [(who, event, when, "") for who, event, when in events],
            schema={"USUBJID": pl.String, "EVENT": pl.String, "ADT": pl.Date, "SRC": pl.String},
            orient="row",
        ),
        adverse_events=pl.DataFrame(schema=dict.fromkeys(COLUMNS["adverse_events"], pl.String)),
        measures={"CRP": find_measure("CRP")} if crp else {},
        files=(),
    )


def a_trial(n: int, *, arms: int = 2, excluded: int = 0) -> Captured:
    """`n` participants in arms turn by turn, every 9th withdraws, every 13th dies, every 18th has no first dose.

    `excluded` more were screened only, two in three of them with a reason.
    """
    participants, events, characteristics, crp = [], [], [], []
    for number in range(1, n + 1):
        who = f"RCT-{number % 3 + 1:02d}-{number:05d}"
        begin = START + timedelta(days=number % 50)
        participants.append((who, f"arm_{number % arms + 1}"))
        events += [
            (who, "screened", begin - timedelta(days=2 + number % 3)),
            (who, "diagnosis", begin - timedelta(days=3 + number % 11)),
            (who, "randomised", begin - timedelta(days=1)),
        ]
        if number % 18:
            events += [(who, "first dose", begin), (who, "last dose", begin + timedelta(days=4))]
        if number % 9 == 0:
            events.append((who, "withdrawal", begin + timedelta(days=6)))
            characteristics.append(
                (who, "withdrawal reason", "Withdrew consent" if number % 27 else "Moved away")
            )
        elif number % 13 == 0:
            events.append((who, "death", begin + timedelta(days=9 + number % 7)))
        else:
            events += [
                (who, "recovery", begin + timedelta(days=8 + number % 9)),
                (who, "discharge", begin + timedelta(days=8 + number % 9 + number % 4)),
            ]
            crp += [(who, "BEFORE", 10.0 + number % 37), (who, "AFTER", 2.0 + number % 19)]
        characteristics.append((who, "severity", "severe" if number % 4 == 0 else "moderate"))
    for number in range(1, excluded + 1):
        who = f"RCT-01-9{number:04d}"
        participants.append((who, ""))
        events.append((who, "screened", START))
        if number % 3:
            characteristics.append((who, "exclusion reason", "Not meeting inclusion criteria"))
    return captured_from(participants, events, characteristics, crp)
