"""Values of one measure by visit and arm, for comparisons that a plan asks for once the study is unblinded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.datasets.doubts import VISITS
from exotrial.datasets.unblinding import FLAG
from exotrial.study.definition import Study


@dataclass(frozen=True, kw_only=True)
class Arm:
    """An arm that has participants: its name and who they are."""

    name: str
    participants: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class VisitValues:
    """The numbers of a measure at one visit, by USUBJID; `name` is empty for values of no visit."""

    name: str
    values: Mapping[str, float]
    ambiguous: int
    """Participants with several values at the visit: nothing says which of them counts."""


def derive_arms(study: Study, captured: Captured, *, early: bool = True) -> tuple[Arm, ...]:
    """The arms that have participants, in the study's order, the experimental ones first.

    With `early` False without those who were unblinded before the end (UNBLFL Y).
    """
    people = captured.participants
    if not early and FLAG in people.columns:
        people = people.filter(pl.col(FLAG) != "Y")
    ordered = sorted(study.arms, key=lambda arm: arm.kind != "experimental")
    found = (
        Arm(name=arm.name, participants=frozenset(people.filter(pl.col("ARMCD") == arm.id)["USUBJID"]))
        for arm in ordered
    )
    return tuple(arm for arm in found if arm.participants)


def derive_visit_values(study: Study, captured: Captured, paramcd: str) -> list[VisitValues]:
    """The values of a measure by visit, in the order of the schedule; visits that it does not know come last."""
    rows = captured.measurements.filter(
        (pl.col("PARAMCD") == paramcd) & pl.col("AVALN").is_not_null()
    ).with_columns(pl.col("AVISIT").alias("VISIT"))
    order = _order(study)
    visits = sorted(
        rows["AVISIT"].unique().to_list(), key=lambda visit: (order.get(visit, len(order)), visit)
    )
    names = {encounter.id: encounter.name for encounter in study.encounters}
    made = []
    for visit in visits:
        values = (
            rows.filter(pl.col("AVISIT") == visit)
            .group_by("USUBJID", maintain_order=True)
            .agg(pl.len().alias("N"), pl.col("AVALN").first())
        )
        single = values.filter(pl.col("N") == 1)
        made.append(
            VisitValues(
                name=names.get(visit, visit.capitalize() if visit in VISITS else visit),
                values=dict(single.select("USUBJID", "AVALN").rows()),
                ambiguous=values.height - single.height,
            )
        )
    return made


def can_compare(study: Study, captured: Captured, paramcd: str) -> bool:
    """Whether two arms at least have participants with a number of the measure."""
    arms = derive_arms(study, captured)
    having = set(
        captured.measurements.filter((pl.col("PARAMCD") == paramcd) & pl.col("AVALN").is_not_null())[
            "USUBJID"
        ]
    )
    return sum(bool(arm.participants & having) for arm in arms) > 1


def _order(study: Study) -> dict[str, int]:
    """The position of every visit word: encounters by day, and BASELINE, BEFORE and AFTER around them."""
    by_day = sorted(study.encounters, key=lambda encounter: encounter.day)
    words = ["BASELINE", "BEFORE", *(encounter.id for encounter in by_day), "AFTER"]
    named = {encounter.name: words.index(encounter.id) for encounter in by_day}
    return {**named, **{word: position for position, word in enumerate(words)}}
