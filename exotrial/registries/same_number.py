"""Two records of one file that claim one number and say different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.record import RegistryRecord, Stated

_UNCOMPARED = frozenset({"source", "reader", "findings", "unheld", "contacts", "as_of", "refreshed"})


def note_claims(records: Sequence[RegistryRecord]) -> tuple[RegistryRecord, ...]:
    """The records, each that claims the number of an earlier one of the same day and differs from it with a finding."""
    first: dict[tuple[str, object], RegistryRecord] = {}
    noted = []
    for record in records:
        key = (record.identifier.value.casefold(), record.as_of)
        earlier = first.setdefault(key, record)
        differ = [] if earlier is record else list_differences(earlier, record)
        noted.append(
            replace(record, findings=(*record.findings, _finding(record, earlier, differ)))
            if differ
            else record
        )
    return tuple(noted)


def list_differences(one: RegistryRecord, other: RegistryRecord) -> list[str]:
    """The fields in which two records say different things, whatever file, reader and place they are of."""
    return [
        field.name
        for field in fields(RegistryRecord)
        if field.name not in _UNCOMPARED
        and _words(getattr(one, field.name)) != _words(getattr(other, field.name))
    ]


def _words(value: object) -> object:
    """What is stated, without where it stands."""
    if isinstance(value, Stated):
        return _words(value.value)
    if isinstance(value, tuple):
        return tuple(_words(one) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        return tuple(_words(getattr(value, name)) for name in value.__dataclass_fields__)
    return value


def _finding(record: RegistryRecord, earlier: RegistryRecord, differ: list[str]) -> Finding:
    number = record.identifier
    named = ", ".join(name.replace("_", " ") for name in differ[:6])
    quotes = tuple(
        Quote(source=one.place.file, prints=one.prints, line=one.place.line, place=one.place.path)
        for one in (earlier.identifier, number)
    )
    return Finding(
        rule="IMP-002",
        subject=number.value,
        severity=Severity.ERROR,
        kind="record",
        says=f"two records of the file claim {number.value} and differ in {named}",
        why="Two records of one export claim one number and say different things.",
        settle="the record on the register's own page.",
        quotes=quotes,
        standards=("TRDS 1",),
    )
