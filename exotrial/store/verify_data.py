"""The data against the trail: what the trail says each field holds, and what the row holds (requirement 5).

Changes come sorted by row, so that one row's fields are all that is kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from django.apps import apps
from django.db import DatabaseError

from exotrial.store.models import Act, Audited
from exotrial.store.verification import Problems
from exotrial.store.verify_chain import Raw, stream

_CHANGES = (
    'SELECT c."row", c.field, c.old, c.new, c.redacted, c.act_id FROM store_change c '
    'WHERE c."table" = %s ORDER BY c."row", c.act_id, c.position'
)
_PAGE = 200
_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, ArithmeticError, DatabaseError)
"""What a value that nobody saved through exotrial may do to whoever reads it."""


@dataclass
class _Row:
    """One row as the trail tells it: each field's last text, and the act that wrote it."""

    values: dict[str, str | None] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


@dataclass
class Counted:
    """Rows and fields that were compared."""

    rows: int = 0
    fields: int = 0


def audited_models() -> list[type[Audited]]:
    """Every table that the trail covers, by its name there."""
    found = [model for model in apps.get_app_config("store").get_models() if issubclass(model, Audited)]
    return sorted(found, key=lambda model: str(model._meta.model_name))


def verify_data(problems: Problems, *, redacting: frozenset[int], chain: str = "") -> Counted:
    """Compare every row of every audited table with the trail.

    `redacting` are the acts that redact; with `chain` only rows that an act of it wrote are told of, and those
    that no act wrote.
    """
    counted = Counted()
    models = audited_models()
    known = {str(model._meta.model_name) for model in models} | {"change"}
    for (table,) in list(stream('SELECT DISTINCT "table" FROM store_change')):
        if table not in known:
            problems.add("trail", f"table {table}", "the trail tells of a table that there is none of")
    ours = _acts_of(chain) if chain else None
    for model in models:
        _verify_table(model, problems, redacting=redacting, ours=ours, counted=counted)
    return counted


def _acts_of(chain: str) -> frozenset[int]:
    return frozenset(Act.objects.filter(chain__name=chain).values_list("pk", flat=True))


def _verify_table(
    model: type[Audited],
    problems: Problems,
    *,
    redacting: frozenset[int],
    ours: frozenset[int] | None,
    counted: Counted,
) -> None:
    table = str(model._meta.model_name)
    told = groupby(stream(_CHANGES, (table,)), key=itemgetter(0))
    at, changes = next(told, (None, iter(())))
    for pk, row in _rows(model):
        while at is not None and at < pk:
            _tell_deleted(table, at, changes, problems, ours=ours)
            at, changes = next(told, (None, iter(())))
        where = f"{table} {pk}"
        if at != pk:
            problems.add(
                "data", where, "the row was inserted past exotrial: the trail has no first entry of it"
            )
            continue
        gaps = Problems()
        read = _replay(where, changes, gaps, redacting=redacting)
        at, changes = next(told, (None, iter(())))
        if ours is not None and ours.isdisjoint(read.acts.values()):
            continue
        for problem in gaps.kept:
            problems.add(problem.kind, problem.where, problem.says)
        counted.rows += 1
        if row is None:
            problems.add("data", where, "cannot be read: it was edited past exotrial")
            continue
        _compare(where, row, read, problems, counted=counted)
    while at is not None:
        _tell_deleted(table, at, changes, problems, ours=ours)
        at, changes = next(told, (None, iter(())))


def _rows(model: type[Audited]) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Every row's id and fields as the trail would tell them, in order; None where it cannot be read."""
    last = None
    while True:
        page = model._default_manager.order_by("pk")
        if last is not None:
            page = page.filter(pk__gt=last)
        pks = list(page.values_list("pk", flat=True)[:_PAGE])
        if not pks:
            return
        try:
            found = {row.pk: row.flat() for row in page.filter(pk__lte=pks[-1])}
        except _UNREADABLE:
            found = {pk: told for pk in pks if (told := _flat(model, pk)) is not None}
        for pk in pks:
            yield pk, found.get(pk)
        last = pks[-1]


def _flat(model: type[Audited], pk: int) -> dict[str, str] | None:
    try:
        return model._default_manager.get(pk=pk).flat()
    except _UNREADABLE:
        return None


def _replay(where: str, changes: Iterator[Raw], problems: Problems, *, redacting: frozenset[int]) -> _Row:
    read = _Row()
    values, acts, unknown = read.values, read.acts, read.unknown
    for _, name, old, new, redacted, act in changes:
        if redacted:
            unknown.add(name)
        else:
            if old != values.get(name) and name not in unknown and act not in redacting:
                problems.add("data", f"{where} {name}", _broken(name, act, acts))
            unknown.discard(name)
        values[name] = new
        acts[name] = act
    return read


def _broken(name: str, act: int, acts: dict[str, int]) -> str:
    if name not in acts:
        return f"{_act(act)} changes it, and the trail has no first entry of it"
    return (
        f"{_act(act)} found another value than {_act(acts[name])} left: "
        "the field was edited past exotrial in between, or the trail was"
    )


def _act(pk: int) -> str:
    found = Act.objects.filter(pk=pk).values_list("chain__name", "seq", "operation").first()
    return f"{found[0]} act {found[1]} {found[2]}" if found is not None else f"act id {pk}"


def _compare(where: str, row: dict[str, str], read: _Row, problems: Problems, *, counted: Counted) -> None:
    values, unknown = read.values, read.unknown
    counted.fields += len(row)
    if row == values:
        return
    for name, text in row.items():
        if name in unknown:
            continue
        if name not in values:
            problems.add(
                "data", f"{where} {name}", "was inserted past exotrial: the trail has no first entry"
            )
        elif values[name] != text:
            problems.add(
                "data",
                f"{where} {name}",
                f"was edited past exotrial, or the trail was: it is not what {_act(read.acts[name])} wrote",
            )
    for name, told in values.items():
        if told is not None and name not in row and name not in unknown:
            problems.add(
                "data",
                f"{where} {name}",
                f"was emptied past exotrial, or the trail was edited: {_act(read.acts[name])} wrote a value",
            )


def _tell_deleted(
    table: str, pk: int, changes: Iterator[Raw], problems: Problems, *, ours: frozenset[int] | None
) -> None:
    acts = [change[5] for change in changes]
    if table == "change" or (ours is not None and ours.isdisjoint(acts)):
        return
    problems.add(
        "data", f"{table} {pk}", f"the row was deleted past exotrial; {_act(acts[-1])} wrote it last"
    )
