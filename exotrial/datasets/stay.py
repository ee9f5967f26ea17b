"""Length of stay by group, and when lesions were absorbed, as far as two scans can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import Group, derive_groups
from exotrial.study.definition import Study

STAY_CODES = ("LOSNIGHT", "LOSDAYS")
"""Measures of length of stay, the first that was captured counts."""


@dataclass(frozen=True, kw_only=True)
class Absorption:
    """When a participant's lesions were gone: after the last scan that may have shown them, by the first without.

    `after` is None where no earlier scan was captured, so that the beginning of the interval is not known.
    """

    usubjid: str
    after: date | None
    by: date
    first_scan: date | None
    first_dose: date | None

    @property
    def origins(self) -> dict[str, date]:
        """The days that the time may be counted from, by what they are."""
        known = {"first scan": self.first_scan, "first dose": self.first_dose}
        return {name: day for name, day in known.items() if day is not None}


def derive_stays(captured: Captured) -> tuple[str, dict[str, float]]:
    """The PARAMCD and the stay of each participant; an empty dict where none was captured."""
    for code in STAY_CODES:
        rows = captured.measurements.filter(pl.col("PARAMCD") == code).drop_nulls("AVALN")
        if rows.height:
            return code, dict(zip(rows["USUBJID"], rows["AVALN"], strict=True))
    return STAY_CODES[0], {}


def derive_cohorts(
    study: Study, captured: Captured, names: Mapping[str, str], *, show_arms: bool
) -> dict[str, tuple[Group, ...]]:
    """Groups of captured participants by what defines them: the study's cohorts, else arms and severity.

    `names` are the short names by which the study file may list the participants of a cohort.
    """
    by_name = {short: usubjid for usubjid, short in names.items()} | {usubjid: usubjid for usubjid in names}
    found: dict[str, list[Group]] = {}
    for cohort in study.cohorts:
        members = frozenset(by_name[name] for name in cohort.participants if name in by_name)
        if members:
            found.setdefault(cohort.defined_by or "cohort", []).append(
                Group(name=cohort.name, participants=members)
            )
    if not found:
        _, *groups = derive_groups(study, captured, show_arms=show_arms)
        if groups:
            found["group"] = groups
    return {defined_by: tuple(groups) for defined_by, groups in found.items()}


def derive_absorptions(captured: Captured) -> list[Absorption]:
    """An interval for each participant whose lesions were seen to be absorbed, in order of capture."""
    events: dict[str, dict[str, list[date]]] = {}
    for row in captured.events.drop_nulls("ADT").iter_rows(named=True):
        events.setdefault(row["USUBJID"], {}).setdefault(row["EVENT"], []).append(row["ADT"])
    found = []
    for usubjid, own in events.items():
        if "lesion absorbed" not in own:
            continue
        by = min(own["lesion absorbed"])
        scans = sorted(own.get("ct", []))
        earlier = [scan for scan in scans if scan < by]
        found.append(
            Absorption(
                usubjid=usubjid,
                after=earlier[-1] if earlier else None,
                by=by,
                first_scan=scans[0] if scans else None,
                first_dose=min(own["first dose"]) if "first dose" in own else None,
            )
        )
    return found
