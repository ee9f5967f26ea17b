"""Verifies an export of a randomisation, offline, from the export alone and the certificate that was published.

List, envelopes, root and order are made again from the secret; each check is a value that says what it found.
A check that could not be done says so (`held` is None), which is not the same as one that held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from exotrial.allocation import imported
from exotrial.allocation.certificate import Certificate, sealed_strata, source_of
from exotrial.allocation.commitment import Contribution, commit, derive_key, derive_seed
from exotrial.allocation.envelopes import Envelope, compute_list_root, make_envelopes
from exotrial.allocation.export import Export, LeafProof
from exotrial.allocation.manifest import ALGORITHM
from exotrial.allocation.order import Head
from exotrial.allocation.order_checks import Deed, Problem, check_order
from exotrial.allocation.verify_arms import IMPORTED_SAYS, MINIMISED_SAYS, check_imported, check_minimised
from exotrial.allocation.verify_record import (
    check_allocations,
    check_corrections,
    check_envelopes,
    check_proof,
    check_unblindings,
)
from exotrial.allocation.written import read_utc
from exotrial.core.errors import Refusal, Refusals


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was checked. `held` is None where it could not be; `says` then tells why."""

    name: str
    held: bool | None
    says: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Verification:
    """All checks, in the order in which they are to be read."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether no check failed; those that could not be done are not counted."""
        return all(check.held is not False for check in self.checks)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem of every check."""
        return tuple(problem for check in self.checks for problem in check.problems)


def verify_export(
    export: Export, *, certificate: Certificate | None = None, heads: Sequence[Head] = ()
) -> Verification:
    """Check everything that an export claims; `certificate` is the one that was published, `heads` were noted.

    Without the published certificate an export only agrees with itself: who made it held the secret and could
    have made all of it again.
    """
    issued = certificate or export.certificate
    secret = bytes.fromhex(export.secret)
    made, why_not = _make_again(export, secret)
    sealed = _sealed(export, issued, made)
    leaves = {(one.stratum, one.slot): one.leaf().hex() for one in sealed}
    order = check_order(
        [allocation.signed for allocation in export.allocations],
        key=derive_key(secret, "order"),
        start=issued.digest(),
        list_id=issued.commitment,
        leaves=leaves,
        since=issued.sealed_at,
        heads=(*export.heads, *heads),
    )
    list_check = (
        _check(
            "list",
            "the list follows from the imported file and the secret"
            if source_of(export.manifest) == "imported"
            else "the list follows from manifest, secret and contribution",
            check_envelopes(export, made),
        )
        if made is not None
        else Check(
            name="list",
            held=False,
            says="the list cannot be made again",
            problems=(Problem(deed=Deed.WRONG_MANIFEST, where="manifest", says=why_not),),
        )
    )
    return Verification(
        (
            _published(export, certificate),
            _check("manifest", "the manifest goes with the certificate", _manifest(export, issued)),
            _check("generation", "it is the first list of the study", _generation(export, issued)),
            _check(
                "commitment",
                "secret and manifest are those committed to",
                _commitment(export, issued, secret),
            ),
            _check("contribution", "the contribution is the one stated", _contribution(export, issued)),
            _check("timing", "committed, contributed, sealed, then allocated", _timing(export, issued)),
            _check("imported file", IMPORTED_SAYS[source_of(export.manifest)], check_imported(export)),
            list_check,
            _check("root", "the envelopes lead to the root", _root(export, issued, made)),
            _check("order", "the allocations are in order, as signed", order),
            _check(
                "allocations", "each was given what its envelope holds", check_allocations(export, sealed)
            ),
            _check(
                "minimisation", MINIMISED_SAYS[source_of(export.manifest)], check_minimised(export, sealed)
            ),
            _check(
                "corrections", "corrections of stratum are of this trial", check_corrections(export, issued)
            ),
            _check(
                "unblindings",
                "each showed the envelope of its participant",
                check_unblindings(export, issued),
            ),
        )
    )


def verify_leaf(proof: LeafProof, *, certificate: Certificate) -> Verification:
    """Check one opened envelope against the published certificate and nothing else."""
    where = f"{proof.envelope.stratum} slot {proof.envelope.slot}"
    problems = tuple(check_proof(proof, certificate, where))
    return Verification((_check("leaf", f"the envelope of {where} was sealed as shown", problems),))


def _check(name: str, says: str, problems: Iterator[Problem] | Sequence[Problem]) -> Check:
    found = tuple(problems)
    return Check(name=name, held=not found, says=says, problems=found)


def _make_again(export: Export, secret: bytes) -> tuple[tuple[Envelope, ...] | None, str]:
    """The envelopes as they follow from manifest, secret and contribution; else None and why not."""
    try:
        seed = derive_seed(secret, bytes.fromhex(export.contribution), export.manifest)
        if export.manifest.method != imported.METHOD:
            return make_envelopes(export.manifest, seed=seed, secret=secret), ""
        brought = imported.read_list(
            export.imported.encode(),
            name="imported list",
            arms=export.manifest.arms,
            strata=export.manifest.strata,
        )
        made = make_envelopes(
            export.manifest, seed=seed, secret=secret, arms=brought.sequences(), kits=brought.kits()
        )
        return made, ""
    except (Refusal, Refusals) as refused:
        return None, str(refused)


def _sealed(export: Export, issued: Certificate, made: tuple[Envelope, ...] | None) -> tuple[Envelope, ...]:
    """The envelopes that the root stands for, where either set leads to it; else those that follow."""
    if made is None or compute_list_root(export.envelopes) == issued.root:
        return export.envelopes
    return made


def _published(export: Export, certificate: Certificate | None) -> Check:
    name, says = "certificate", "the certificate is the one that was published"
    if certificate is None:
        return Check(name=name, held=None, says="no published certificate was given to compare with")
    differ = [
        field.name
        for field in fields(certificate)
        if getattr(certificate, field.name) != getattr(export.certificate, field.name)
    ]
    return _check(
        name,
        says,
        [
            Problem(
                deed=Deed.WRONG_CERTIFICATE, where=field, says="the export has another than was published"
            )
            for field in differ
        ],
    )


def _manifest(export: Export, issued: Certificate) -> Iterator[Problem]:
    manifest = export.manifest
    statements: Mapping[str, tuple[object, object]] = {
        "study": (issued.study, manifest.study),
        "arms": (issued.arms, manifest.arms),
        "strata": (issued.strata, sealed_strata(manifest)),
        "algorithm": (issued.algorithm, manifest.algorithm),
        "generation": (issued.generation, manifest.generation),
        "source": (issued.source, source_of(manifest)),
    }
    for where, (stated, found) in statements.items():
        if stated != found:
            says = f"the certificate states {stated}, and the manifest gives {found}"
            yield Problem(deed=Deed.WRONG_MANIFEST, where=where, says=says)
    if manifest.algorithm != ALGORITHM:
        says = f"{manifest.algorithm} is not {ALGORITHM}, which this version can make again"
        yield Problem(deed=Deed.WRONG_MANIFEST, where="algorithm", says=says)


def _generation(export: Export, issued: Certificate) -> Iterator[Problem]:
    generation = max(issued.generation, export.manifest.generation)
    if generation > 1:
        says = f"it is list {generation}: {generation - 1} before it were begun and given up"
        yield Problem(deed=Deed.GRINDING, where="generation", says=says)
    for one in export.given_up:
        says = f"committed to at {one.committed_at} and given up: {one.why or 'no reason is given'}"
        yield Problem(deed=Deed.GRINDING, where=f"list {one.generation}", says=says)
    if len(export.given_up) != generation - 1:
        says = f"{generation - 1} lists before this one are counted, and {len(export.given_up)} are told of"
        yield Problem(deed=Deed.GRINDING, where="given_up", says=says)


def _commitment(export: Export, issued: Certificate, secret: bytes) -> Iterator[Problem]:
    if commit(secret, export.manifest) != issued.commitment:
        says = "secret and manifest do not give the commitment that was published"
        yield Problem(deed=Deed.WRONG_COMMITMENT, where="commitment", says=says)


def _contribution(export: Export, issued: Certificate) -> Iterator[Problem]:
    contribution = Contribution(
        data=bytes.fromhex(export.contribution), who=issued.contributed_by, at=issued.contributed_at
    )
    if contribution.digest() != issued.contribution_digest:
        says = f"it is not what {issued.contributed_by} gave at {issued.contributed_at}"
        yield Problem(deed=Deed.WRONG_CONTRIBUTION, where="contribution", says=says)


def _timing(export: Export, issued: Certificate) -> Iterator[Problem]:
    if read_utc(issued.contributed_at) < read_utc(issued.committed_at):
        says = f"{issued.contributed_by} contributed before the secret was committed to"
        yield Problem(deed=Deed.WRONG_CONTRIBUTION, where="contributed_at", says=says)
    if read_utc(issued.sealed_at) < read_utc(issued.contributed_at):
        says = "the list was sealed before the second party contributed"
        yield Problem(deed=Deed.WRONG_CONTRIBUTION, where="sealed_at", says=says)
    first = min((one.entry for one in export.allocations), key=lambda one: read_utc(one.at), default=None)
    if first is not None and read_utc(first.at) < read_utc(issued.sealed_at):
        says = f"sealed at {issued.sealed_at}, and allocation {first.n} was made at {first.at}"
        yield Problem(deed=Deed.LATE_CERTIFICATE, where="sealed_at", says=says)


def _root(export: Export, issued: Certificate, made: tuple[Envelope, ...] | None) -> Iterator[Problem]:
    sets: Mapping[str, Callable[[], str]] = {
        "envelopes": lambda: compute_list_root(export.envelopes),
        "list made again": lambda: compute_list_root(made or ()),
    }
    for where, compute in sets.items():
        if compute() != issued.root:
            says = "its leaves do not lead to the root of the certificate"
            yield Problem(deed=Deed.WRONG_ROOT, where=where, says=says)
