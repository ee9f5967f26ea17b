"""Checks of arms that do not follow from the seed alone: a file from outside, and minimisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from exotrial.allocation import imported
from exotrial.allocation.certificate import Source, source_of
from exotrial.allocation.commitment import derive_key
from exotrial.allocation.envelopes import Envelope
from exotrial.allocation.export import Export
from exotrial.allocation.minimised import decide_from_record, read_plan
from exotrial.allocation.order import Entry, find_changed, is_genuine
from exotrial.allocation.order_checks import Deed, Problem
from exotrial.core.errors import Refusal, Refusals

IMPORTED_SAYS: Mapping[Source, str] = {
    "imported": "the file from outside is the one that was frozen; its order of arms is its maker's",
    "drawn": "no list came from outside",
    "minimised": "no list came from outside",
}
MINIMISED_SAYS: Mapping[Source, str] = {
    "minimised": "each arm follows from the draw, the levels signed and the arms before",
    "drawn": "no arm depended on a participant",
    "imported": "no arm depended on a participant",
}


def check_imported(export: Export) -> Iterator[Problem]:
    """Whether the file of an imported list is the one of the manifest, and every other list has none."""
    if source_of(export.manifest) != "imported":
        if export.imported:
            says = "the export has a file, and the manifest is not of a list from outside"
            yield Problem(deed=Deed.WRONG_LIST, where="imported list", says=says)
        return
    try:
        imported.check_file(export.imported.encode(), manifest=export.manifest)
    except Refusal as refused:
        yield Problem(deed=Deed.WRONG_LIST, where="imported list", says=refused.problem)


def check_minimised(export: Export, sealed: Sequence[Envelope]) -> Iterator[Problem]:
    """Where the arm on record is not the one that minimisation gives; `sealed` are the envelopes of the root.

    Later decisions are made again from the arms that follow, so that one changed arm is named once. Where the
    levels of an entry are not those signed, those after it cannot be made again, and this is said.
    """
    if source_of(export.manifest) != "minimised":
        return
    try:
        plan = read_plan(export.manifest)
    except (Refusal, Refusals) as refused:
        yield Problem(deed=Deed.WRONG_MANIFEST, where="parameters", says=str(refused))
        return
    key = derive_key(bytes.fromhex(export.secret), "order")
    by_slot = {(one.stratum, one.slot): one for one in sealed}
    before: list[tuple[Entry, str]] = []
    for allocation in export.allocations:
        entry, where = allocation.entry, f"allocation {allocation.entry.n}"
        envelope = by_slot.get((entry.stratum, entry.slot))
        signed = allocation.signed
        if not is_genuine(signed, key=key) and {"levels", "stratum", "slot"} & {
            *find_changed(signed, key=key)
        }:
            says = "its levels or its slot are not those signed; no arm from here on can be made again"
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says=says)
            return
        if envelope is None or not envelope.draw:
            says = "its envelope has no draw; no arm from here on can be made again"
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says=says)
            return
        try:
            decided = decide_from_record(plan, previous=before, levels=dict(entry.levels), envelope=envelope)
        except (Refusal, Refusals) as refused:
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says=str(refused))
            return
        if allocation.arm != decided.arm:
            says = f"minimisation gives {decided.arm} to {entry.participant}, who is recorded in {allocation.arm}"
            yield Problem(deed=Deed.SWAPPED, where=where, says=says)
        before.append((entry, decided.arm))
