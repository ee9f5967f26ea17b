"""Groups of participants that a table may show in columns, as far as blinding allows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.study.definition import Study

_AT_LEAST = 2
"""A group of one is a person, not a group: its column would show that person."""


_ENTRY_EVENTS = ("randomised", "first dose", "last dose")
"""Events that only an enrolled participant has."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A named set of participants, by USUBJID."""

    name: str
    participants: frozenset[str]

    @property
    def size(self) -> int:
        return len(self.participants)


def derive_groups(study: Study, captured: Captured, *, show_arms: bool) -> tuple[Group, ...]:
    """Everybody who entered, then the arms where there are several and may be shown, then severity where captured.

    Severity forms groups only where it is known for every participant and every group has two or more.
    """
    people = captured.participants.filter(~pl.col("USUBJID").is_in(not_entered(captured).to_list()))
    everybody = Group(name="All participants", participants=frozenset(people["USUBJID"]))
    groups = [everybody]
    if show_arms:
        arms = {arm.id: arm.name for arm in study.arms}
        groups += _several(
            {
                arms.get(code, code): frozenset(people.filter(pl.col("ARMCD") == code)["USUBJID"])
                for code in people["ARMCD"].unique(maintain_order=True)
                if code
            }
        )
    severity = captured.characteristics.filter(
        (pl.col("CHAR") == "severity") & pl.col("USUBJID").is_in(list(everybody.participants))
    )
    if severity["USUBJID"].n_unique() == everybody.size:
        groups += _several(
            {
                value.capitalize(): frozenset(severity.filter(pl.col("VALUE") == value)["USUBJID"])
                for value in severity["VALUE"].unique(maintain_order=True)
            }
        )
    return tuple(groups)


def not_entered(captured: Captured) -> pl.Series:
    """Participants who were screened only: no arm, and no event that only the enrolled have, where others do."""
    entered = captured.events.filter(pl.col("EVENT").is_in(_ENTRY_EVENTS))["USUBJID"].unique()
    screened = captured.events.filter(pl.col("EVENT") == "screened")["USUBJID"].unique()
    if entered.is_empty() and (captured.participants["ARMCD"] == "").all():
        return captured.participants["USUBJID"].clear()
    return captured.participants.filter(
        (pl.col("ARMCD") == "")
        & pl.col("USUBJID").is_in(screened.to_list())
        & ~pl.col("USUBJID").is_in(entered.to_list())
    )["USUBJID"]


def _several(found: dict[str, frozenset[str]]) -> list[Group]:
    if len(found) < 2 or any(len(participants) < _AT_LEAST for participants in found.values()):
        return []
    return [Group(name=name, participants=participants) for name, participants in found.items()]
