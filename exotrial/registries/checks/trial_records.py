"""The records of one trial: which of all that were read are of this study, and in what order they were so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from exotrial.core.findings import Quote
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.definition import Study

_WIDEST = 160
"""Letters of a quote: enough to find the place."""


@dataclass(frozen=True, kw_only=True)
class TrialRecords:
    """What was read of one trial.

    `versions`: by identifier as the record prints it, its records from the oldest to the newest. `strangers`: by
    file, the identifiers of a file that holds no record of this trial. `rivals`: records that claim one number on
    one day and differ; of those the first stands in `versions`.
    """

    versions: dict[str, tuple[RegistryRecord, ...]]
    strangers: dict[str, tuple[Stated[str], ...]]
    rivals: tuple[tuple[RegistryRecord, RegistryRecord], ...] = ()

    @property
    def latest(self) -> tuple[RegistryRecord, ...]:
        """The newest record of each register's number."""
        return tuple(records[-1] for records in self.versions.values())


def gather_records(study: Study, records: Sequence[RegistryRecord]) -> TrialRecords:
    """Part the records of this study from those of others.

    A record is of this study where its number, or one of its secondary numbers, is a number of the study file.
    """
    numbers = study_numbers(study)
    mine = [record for record in records if numbers & record_numbers(record)]
    files = {record.source.name for record in mine}
    strangers: dict[str, tuple[Stated[str], ...]] = {}
    for record in records:
        if record.source.name not in files:
            name = record.source.name
            strangers[name] = (*strangers.get(name, ()), record.identifier)
    versions: dict[str, list[RegistryRecord]] = {}
    rivals: list[tuple[RegistryRecord, RegistryRecord]] = []
    for record in mine:
        kept = versions.setdefault(plain(record.identifier.value), [])
        twin = next((other for other in kept if dated(other) == dated(record)), None)
        if twin is None:
            kept.append(record)
        elif not _say_the_same(twin, record):
            rivals.append((twin, record))
    return TrialRecords(
        versions={
            kept[0].identifier.value: tuple(sorted(kept, key=lambda record: dated(record) or date.min))
            for kept in versions.values()
        },
        strangers=strangers,
        rivals=tuple(rivals),
    )


def study_numbers(study: Study) -> set[str]:
    """Every number of the trial that the study file gives, in plain form."""
    return {plain(one.identifier) for one in study.registrations} | {
        plain(n) for n in study.secondary_ids or ()
    }


def record_numbers(record: RegistryRecord) -> set[str]:
    """The record's own number and its secondary numbers, in plain form."""
    return {plain(record.identifier.value), *(plain(number.value) for number in record.secondary_ids)}


def plain(words: str) -> str:
    """Words without letter case and without what is neither letter nor digit: for telling whether two are alike."""
    return " ".join("".join(c if c.isalnum() else " " for c in words.casefold()).split())


def dated(record: RegistryRecord) -> date | None:
    """The day of which the record tells: of its export or version, else of its last update; None where neither is."""
    if record.as_of is not None:
        return record.as_of
    known = record.updated or record.refreshed
    return known.value.last if known is not None else None


def name_version(record: RegistryRecord) -> str:
    """The record in words: `NCT00000000 of 2024-02-01`."""
    day = dated(record)
    return record.identifier.value + (f" of {day}" if day is not None else "")


def quote(*stated: Stated[Any] | None) -> tuple[Quote, ...]:
    """What the record prints of each value, shortened, with its place; nothing for None."""
    return tuple(
        Quote(
            source=one.place.file,
            prints=textwrap.shorten(one.prints, _WIDEST, placeholder=" …"),
            line=one.place.line,
            place=one.place.path,
        )
        for one in stated
        if one is not None
    )


def quotes_of(study: Study, paths: Iterable[str], *stated: Stated[Any] | None) -> tuple[Quote, ...]:
    """The study file's evidence for the paths, then what the record prints."""
    return (*study.quotes(*paths), *quote(*stated))


def _say_the_same(one: RegistryRecord, other: RegistryRecord) -> bool:
    """Whether two records agree in what makes a trial: titles, dates, sizes and outcomes."""
    return _gist(one) == _gist(other)


def _gist(record: RegistryRecord) -> tuple[object, ...]:
    single = (
        *(record.public_title, record.scientific_title, record.registered, record.start, record.status),
        *(record.target_size, record.phase, record.model, record.masking),
    )
    return (
        *(None if one is None else one.value for one in single),
        frozenset((outcome.level, plain(outcome.name.value)) for outcome in record.outcomes),
    )
