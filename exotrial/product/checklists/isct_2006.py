"""The minimal criteria for mesenchymal stromal cells of the ISCT: Dominici et al., Cytotherapy 2006;8:315-7.

A study file names markers and says no share of cells. Where the counts of a cell bank are there, they answer.
"""

from __future__ import annotations

from importlib.resources import files

from exotrial.product.cell_identity import LINEAGES, NEGATIVE, POSITIVE, decide_cell_identity
from exotrial.product.checklist import (
    Answer,
    Checklist,
    Finder,
    ProductRecord,
    met,
    not_met,
    not_on_record,
    tell,
)


def _counted(record: ProductRecord, criterion: str) -> Answer | None:
    """What the counts of the cell bank say to a criterion, None where they say nothing."""
    if record.cells is None:
        return None
    for reason in decide_cell_identity(record.cells).reasons:
        if reason.criterion.startswith(criterion) and reason.holds is not None:
            return met(reason.why) if reason.holds else not_met(reason.why)
    return None


def _adherence(record: ProductRecord) -> Answer:
    return _counted(record, "adherent") or not_on_record(
        "The study file has no place for it; the record of the cell bank may tell it."
    )


def _marker(group: tuple[str, ...], *, role: str) -> Finder:
    def find(record: ProductRecord) -> Answer:
        counted = _counted(record, " or ".join(group))
        if counted is not None:
            return counted
        path = record.path("markers")
        named = [one for one in record.product.markers if one.target == "cell" and one.name in group]
        if not named:
            return not_on_record(f"{' or '.join(group)} is not named.", missing=path)
        against = [one.name for one in named if one.role != role]
        if against:
            return not_met(f"{', '.join(against)} is named as not {role} ({path})")
        told = (
            f"{named[0].name} is called {role} ({named[0].method}, {path}); the share of cells is not given."
        )
        return not_on_record(told)

    return find


def _lineage(name: str) -> Finder:
    def find(record: ProductRecord) -> Answer:
        counted = _counted(record, name)
        if counted is not None:
            return counted
        told = name if name in record.product.differentiation else ""
        absent = f"No {name} differentiation is named."
        return tell(told, path=record.path("differentiation"), absent=absent)

    return find


def _key(group: tuple[str, ...]) -> str:
    return group[0].lower().replace("-", "_")


ISCT_2006 = Checklist(
    name="isct-2006",
    title="ISCT 2006, criteria for mesenchymal stromal cells",
    source="Dominici M, et al. Cytotherapy 2006;8:315-7",
    table=files("exotrial.product.checklists").joinpath("isct_2006.csv"),
    finders={
        "adherence": _adherence,
        **{_key((name,)): _marker((name,), role="positive") for name in POSITIVE},
        **{_key(group): _marker(group, role="negative") for group in NEGATIVE},
        **{name: _lineage(name) for name in LINEAGES},
    },
)
