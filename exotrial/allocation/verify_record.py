"""Checks of what a record says beside the order: envelopes, arms and kits given, unblindings, corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from exotrial.allocation import minimised
from exotrial.allocation.certificate import Certificate, source_of
from exotrial.allocation.envelopes import Envelope, check_path
from exotrial.allocation.export import Export, LeafProof
from exotrial.allocation.order import Entry
from exotrial.allocation.order_checks import Deed, Problem
from exotrial.allocation.written import read_utc
from exotrial.core.errors import Refusal, Refusals


def check_envelopes(export: Export, made: Sequence[Envelope]) -> Iterator[Problem]:
    """Where the envelopes shown differ from those that follow from the seed, slot by slot."""
    wanted = {(one.stratum, one.slot): one for one in made}
    shown = {(one.stratum, one.slot): one for one in export.envelopes}
    counts = Counter((one.stratum, one.slot) for one in export.envelopes)
    for key, one in wanted.items():
        where = f"{key[0]} slot {key[1]}"
        other = shown.get(key)
        if other is None:
            yield Problem(deed=Deed.MISSING_LEAF, where=where, says="its envelope is missing")
        elif (one.arm, one.draw) != (other.arm, other.draw):
            gives = "the imported file" if source_of(export.manifest) == "imported" else "the seed"
            says = f"{gives} gives {one.arm or 'the draw ' + one.draw[:8]}, and the envelope shown holds "
            says += other.arm or f"the draw {other.draw[:8]}"
            yield Problem(deed=Deed.WRONG_LIST, where=where, says=says)
        elif one != other:
            says = "its kit or its nonce is not the one that follows from the secret"
            yield Problem(deed=Deed.WRONG_LEAF, where=where, says=says)
    for key, times in counts.items():
        where = f"{key[0]} slot {key[1]}"
        if key not in wanted:
            yield Problem(deed=Deed.WRONG_LIST, where=where, says="the list has no such slot")
        elif times > 1:
            yield Problem(deed=Deed.WRONG_LIST, where=where, says=f"it is shown {times} times")
    order = [(one.stratum, one.slot) for one in export.envelopes]
    if counts == Counter(wanted) and order != list(wanted):
        says = "they do not stand in the order of the manifest"
        yield Problem(deed=Deed.WRONG_LIST, where="envelopes", says=says)


def check_allocations(export: Export, sealed: Sequence[Envelope]) -> Iterator[Problem]:
    """Where a participant is recorded with another arm or kit than the slot's envelope holds."""
    by_slot = {(one.stratum, one.slot): one for one in sealed}
    for allocation in export.allocations:
        entry = allocation.entry
        envelope = by_slot.get((entry.stratum, entry.slot))
        if envelope is None:
            continue  # the order says so
        where = f"allocation {entry.n}"
        if envelope.arm and allocation.arm != envelope.arm:
            says = f"{entry.participant} is recorded in {allocation.arm}, and the envelope of "
            says += f"{entry.stratum} slot {entry.slot} holds {envelope.arm}"
            yield Problem(deed=Deed.SWAPPED, where=where, says=says)
        kit = envelope.kit or envelope.kit_for(allocation.arm)
        if allocation.kit != kit:
            says = f"{entry.participant} is recorded with kit {allocation.kit}, and the envelope holds "
            yield Problem(deed=Deed.SWAPPED, where=where, says=says + (kit or "none for that arm"))


def check_corrections(export: Export, issued: Certificate) -> Iterator[Problem]:
    """Corrections of stratum that name nobody, another stratum than was recorded, or one that is none."""
    entries = {one.entry.participant: one.entry for one in reversed(export.allocations)}
    strata = _strata_of(export, issued)
    now: dict[str, str] = {}
    for at, one in enumerate(export.corrections, start=1):
        where, entry = f"correction {at} ({one.participant})", entries.get(one.participant)
        if entry is None:
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says="this participant has no allocation")
        elif (before := now.get(one.participant, _stratum_of(entry))) != one.recorded:
            made = "a correction before gave" if one.participant in now else "the allocation was made in"
            says = f"{made} {before}, not {one.recorded}"
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says=says)
        elif read_utc(one.at) < read_utc(entry.at):
            says = f"{one.at} is before the allocation that it corrects"
            yield Problem(deed=Deed.BACK_DATED, where=where, says=says)
        if one.correct not in strata:
            says = f"the list has no stratum {one.correct}"
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says=says)
        now[one.participant] = one.correct


def _strata_of(export: Export, issued: Certificate) -> set[str]:
    """What a correction may name: the strata of the list; with minimisation the levels of its stratum."""
    if source_of(export.manifest) != "minimised":
        return {stratum.id for stratum in issued.strata}
    try:
        factors = minimised.read_plan(export.manifest).factors
    except (Refusal, Refusals):  # the check of the arms says so
        return set()
    levels = {one.name: one.levels or () for one in factors}
    return set(levels.get(minimised.STRATUM, ()))


def _stratum_of(entry: Entry) -> str:
    return dict(entry.levels).get(minimised.STRATUM, entry.stratum)


def check_unblindings(export: Export, issued: Certificate) -> Iterator[Problem]:
    """Unblindings whose leaf is not of the list or not of the participant, or that come before the allocation."""
    entries = {one.entry.participant: one.entry for one in reversed(export.allocations)}
    for at, one in enumerate(export.unblindings, start=1):
        where, envelope = f"unblinding {at} ({one.participant})", one.proof.envelope
        yield from check_proof(one.proof, issued, where)
        entry = entries.get(one.participant)
        if entry is None:
            yield Problem(deed=Deed.WRONG_STATEMENT, where=where, says="this participant has no allocation")
            continue
        if (entry.stratum, entry.slot) != (envelope.stratum, envelope.slot):
            says = f"{envelope.stratum} slot {envelope.slot} was shown, and the participant has "
            says += f"{entry.stratum} slot {entry.slot}"
            yield Problem(deed=Deed.SWAPPED, where=where, says=says)
        if read_utc(one.at) < read_utc(entry.at):
            yield Problem(deed=Deed.BACK_DATED, where=where, says=f"{one.at} is before the allocation")


def check_proof(proof: LeafProof, issued: Certificate, where: str) -> Iterator[Problem]:
    """Whether an envelope with its path is the leaf of its slot in the list of a certificate."""
    envelope, path = proof.envelope, proof.path
    size = issued.leaves
    position = issued.position(envelope.stratum, envelope.slot)
    if position is None:
        says = f"the list has no {envelope.stratum} slot {envelope.slot}"
        yield Problem(deed=Deed.WRONG_LEAF, where=where, says=says)
    elif (path.index, path.size) != (position, size):
        says = f"the path is of leaf {path.index + 1} of {path.size}, not of {position + 1} of {size}"
        yield Problem(deed=Deed.WRONG_LEAF, where=where, says=says)
    if not check_path(envelope, path, root=issued.root):
        says = "envelope and path do not lead to the root of the certificate"
        yield Problem(deed=Deed.WRONG_ROOT, where=where, says=says)
