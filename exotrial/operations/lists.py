"""Making a randomisation list that nobody can choose or foresee: freeze, commit, contribute, seal (CONSORT 17a, 18).

The order is enforced: the manifest is frozen and the secret committed to before the second party contributes, and
the list is drawn only then. A list that was begun and given up stays on record and is counted in the certificate.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StrictInt, StrictStr

from exotrial.allocation import imported
from exotrial.allocation.certificate import Certificate, make_certificate, read_certificate, write_certificate
from exotrial.allocation.commitment import Contribution, commit, derive_seed
from exotrial.allocation.envelopes import ARM_AT_ALLOCATION, make_envelopes, seal_envelope
from exotrial.allocation.imported import ImportedList
from exotrial.allocation.manifest import Manifest
from exotrial.allocation.minimised import read_plan
from exotrial.allocation.sequence.draw import check_frame, draw_list
from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import OPEN, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.manifests import derive_manifest
from exotrial.store.models import Act as ActRow
from exotrial.store.models import AllocationList
from exotrial.store.models import Envelope as EnvelopeRow

LIST_THERE = ErrorCode(
    "LST-001",
    "There is a list for that stage already.",
    "use it; or give it up with a reason, which is only possible before its first allocation.",
)
NO_LIST = ErrorCode("LST-002", "There is no such list.", "see `list_lists` for the lists and their states.")
WRONG_STEP = ErrorCode(
    "LST-003",
    "The list is not at that step.",
    "freeze, then contribute, then seal; see `list_lists` for where each list is.",
)
SAME_PERSON = ErrorCode(
    "LST-004",
    "The second party is the person who froze the list.",
    "let somebody else contribute: a site, the ethics office, or public randomness entered by another person.",
)
IN_USE = ErrorCode(
    "LST-005", "The list has allocations.", "stop it with `stop_list`; what was allocated stays as it is."
)

LONGEST = 10_000
"""Slots of one stratum at most: a list is drawn while everybody else waits."""

IMPORTED = "the imported list"
"""How refusals call the file: its own name, as all that was typed, stays out of the trail."""

LIVE = (AllocationList.Status.COMMITTED, AllocationList.Status.CONTRIBUTED, AllocationList.Status.SEALED)


class FreezeList(Ask):
    """What the list is made from; what is left out comes from the study file."""

    stage: str = Field(default="", description='The stage that the list serves; "" where the study has none.')
    method: str = Field(default="", description="A method of `exotrial randomisation methods`.")
    parameters: dict[str, StrictInt | StrictStr | tuple[StrictInt, ...]] = Field(default_factory=dict)
    ratio: tuple[StrictInt, ...] = Field(
        default=(), description="Goes with the arms in the study file's order."
    )
    lengths: dict[str, Annotated[StrictInt, Field(le=LONGEST)]] = Field(
        default_factory=dict, description="Slots by stratum id."
    )


class FrozenList(Answer):
    """`commitment` is published now; the manifest stays with those who know arms until the study is unblinded."""

    number: int
    manifest: dict[str, Any]
    manifest_digest: str
    commitment: str


@operation(permission=Permission.MAKE_LIST, when=OPEN)
def freeze_list(act: Act, ask: FreezeList) -> FrozenList:
    """Freeze what a list is made from, draw its secret and commit to it; publish the commitment before going on."""
    generation = next_generation(act, ask.stage)
    manifest = derive_manifest(
        act.definition(),
        version=act.the_study.version,
        stage=ask.stage,
        method=ask.method,
        parameters=ask.parameters,
        ratio=ask.ratio,
        lengths=ask.lengths,
        generation=generation,
    )
    if manifest.method in ARM_AT_ALLOCATION:
        read_plan(manifest)
    else:
        draw_list(manifest, seed=bytes(32))  # refuses a manifest from which no list can be drawn
    return commit_to(act, manifest, stage=ask.stage)


def next_generation(act: Act, stage: str) -> int:
    """Which list of the stage would be made now. Refuses with LST-001 where one is there."""
    of_stage = AllocationList.objects.filter(study=act.the_study, stage=stage)
    live = of_stage.filter(status__in=LIVE, stopped_because="").first()
    if live is not None:
        raise LIST_THERE.refuse(f"list {live.number} is {live.status}", value=live.number)
    return of_stage.count() + 1


def commit_to(act: Act, manifest: Manifest, *, stage: str, file: str = "") -> FrozenList:
    """Draw the secret of a frozen manifest and commit to both; `file` is that of a list from outside."""
    check_frame(manifest)
    secret = secrets.token_bytes(32)
    number = AllocationList.objects.filter(study=act.the_study).count() + 1
    commitment = commit(secret, manifest)
    act.add(
        AllocationList(
            study=act.the_study,
            number=number,
            stage=stage,
            generation=manifest.generation,
            status=AllocationList.Status.COMMITTED,
            strata=[asdict(stratum) for stratum in manifest.strata],
            manifest_sealed=arms.seal_manifest(act, manifest, number=number, file=file),
            commitment=commitment,
            committed_at=act.now,
            secret_sealed=arms.seal_text(act, secret.hex(), where=f"list {number}"),
        )
    )
    return FrozenList(
        number=number, manifest=asdict(manifest), manifest_digest=manifest.digest(), commitment=commitment
    )


def _brought(manifest: Manifest, file: str) -> ImportedList | None:
    """The list of a file from outside, where the manifest is of one."""
    if manifest.method != imported.METHOD:
        return None
    data = file.encode()
    imported.check_file(data, manifest=manifest)
    return imported.read_list(data, name=IMPORTED, arms=manifest.arms, strata=manifest.strata)


class Contribute(Ask):
    """The second party's own randomness, for the list that is waiting for it."""

    number: int
    randomness: str = Field(
        min_length=16,
        max_length=20_000,
        description="Anything that the other party could not foresee: dice, a drawn text, a public beacon's value.",
    )
    who: str = Field(
        min_length=1, max_length=200, description="Where it comes from, as the certificate prints it."
    )


class ListState(Answer):
    number: int
    status: str


@operation(permission=Permission.CONTRIBUTE, when=OPEN)
def contribute_randomness(act: Act, ask: Contribute) -> ListState:
    """Add a second party's randomness to a list whose secret is committed to, so that no one person chose it."""
    row = find_list(act, ask.number, AllocationList.Status.COMMITTED)
    froze = ActRow.objects.filter(
        chain=act.the_study.chain,
        operation__in=("freeze_list", "import_list"),
        outcome="done",
        at=row.committed_at,
    ).first()
    if froze is not None and froze.who == act.actor.username:
        raise SAME_PERSON.refuse(f"{act.actor.username} froze list {row.number}")
    act.change(
        row,
        status=AllocationList.Status.CONTRIBUTED,
        contribution=ask.randomness,
        contributed_by=ask.who,
        contributed_at=act.now,
    )
    return ListState(number=row.number, status=row.status)


class SealList(Ask):
    """The list to be drawn and sealed."""

    number: int


class SealedList(Answer):
    """What is published before the first participant."""

    number: int
    root: str
    certificate: dict[str, Any]


@operation(permission=Permission.MAKE_LIST, when=OPEN)
def seal_list(act: Act, ask: SealList) -> SealedList:
    """Draw the list, close every slot in its envelope and make the certificate to publish."""
    row = find_list(act, ask.number, AllocationList.Status.CONTRIBUTED)
    manifest = arms.manifest_of(act, row, purpose="making a list")
    secret = arms.secret_of(act, row, purpose="making a list")
    seed = derive_seed(secret, row.contribution.encode(), manifest)
    brought = _brought(manifest, arms.file_of(act, row, purpose="making a list"))
    envelopes = make_envelopes(
        manifest,
        seed=seed,
        secret=secret,
        arms=brought.sequences() if brought else None,
        kits=brought.kits() if brought else None,
    )
    key = arms.envelope_key(act)
    rows = []
    for envelope in envelopes:
        one = EnvelopeRow(
            list=row, stratum=envelope.stratum, slot=envelope.slot, leaf=envelope.leaf().hex(), sealed=""
        )
        sealed = seal_envelope(envelope, key=key, aad=arms.slot_of(act, one), nonce96=os.urandom(12))
        one.sealed = base64.b64encode(sealed).decode()
        rows.append(one)
    act.add_all(rows)
    assert row.contributed_at is not None
    certificate = make_certificate(
        manifest,
        title=act.the_study.title,
        commitment=row.commitment,
        committed_at=utc_text(row.committed_at),
        contribution=contribution_of(row),
        envelopes=envelopes,
        sealed_at=utc_text(act.now),
    )
    told: dict[str, Any] = json.loads(write_certificate(certificate))
    act.change(
        row,
        status=AllocationList.Status.SEALED,
        sealed_at=act.now,
        root=certificate.root,
        certificate=told,
    )
    return SealedList(number=row.number, root=certificate.root, certificate=told)


@operation(permission=Permission.MAKE_LIST, when=OPEN, needs_reason=True)
def give_up_list(act: Act, ask: SealList) -> ListState:
    """Give up a list that has no allocation yet; it stays on record and every later certificate counts it."""
    row = find_list(act, ask.number, *LIVE)
    if row.allocations.exists():
        raise IN_USE.refuse(f"list {row.number} has {row.allocations.count()} allocations", value=row.number)
    act.change(row, status=AllocationList.Status.GIVEN_UP)
    return ListState(number=row.number, status=row.status)


@operation(permission=Permission.LOCK, needs_reason=True)
def stop_list(act: Act, ask: SealList) -> ListState:
    """Stop giving out a list, as when an arm is stopped; further participants need a new list."""
    row = find_list(act, ask.number, AllocationList.Status.SEALED)
    if row.stopped_because:
        raise WRONG_STEP.refuse(f"list {row.number} was stopped before", value=row.number)
    act.change(row, stopped_because=act.reason)
    return ListState(number=row.number, status="stopped")


class ListLists(Ask):
    """Nothing to say."""


class ShownList(Answer):
    number: int
    stage: str
    generation: int
    status: str
    commitment: str
    root: str
    slots: int
    allocated: int
    stopped_because: str


class ShownLists(Answer):
    lists: tuple[ShownList, ...]


@view(permission=Permission.READ_STUDY)
def list_lists(act: Act, ask: ListLists) -> ShownLists:
    """The randomisation lists and how far each is; what is in them stays closed."""
    rows = AllocationList.objects.filter(study=act.the_study).order_by("number")
    return ShownLists(
        lists=tuple(
            ShownList(
                number=row.number,
                stage=row.stage,
                generation=row.generation,
                status="stopped" if row.stopped_because else row.status,
                commitment=row.commitment,
                root=row.root,
                slots=sum(stratum["length"] for stratum in row.strata),
                allocated=row.allocations.count(),
                stopped_because=row.stopped_because,
            )
            for row in rows
        )
    )


class ShownCertificate(Answer):
    certificate: dict[str, Any]


@view(permission=Permission.READ_STUDY)
def show_certificate(act: Act, ask: SealList) -> ShownCertificate:
    """The certificate of a sealed list, as it is published."""
    row = find_list(act, ask.number, AllocationList.Status.SEALED, AllocationList.Status.PUBLISHED)
    return ShownCertificate(certificate=row.certificate or {})


def certificate_of(row: AllocationList) -> Certificate:
    """The certificate of a sealed list."""
    return read_certificate(json.dumps(row.certificate).encode(), name=f"list {row.number}")


def contribution_of(row: AllocationList) -> Contribution:
    """What the second party gave."""
    assert row.contributed_at is not None
    return Contribution(
        data=row.contribution.encode(), who=row.contributed_by, at=utc_text(row.contributed_at)
    )


def utc_text(moment: datetime) -> str:
    """A moment as UTC ISO text to the microsecond, as everything that is signed states it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def find_list(act: Act, number: int, *states: AllocationList.Status) -> AllocationList:
    """A list in one of these states. Refuses with LST-002 and LST-003."""
    row = AllocationList.objects.filter(study=act.the_study, number=number).first()
    if row is None:
        raise NO_LIST.refuse(f"there is no list {number}", value=number, place=Place(path="number"))
    if row.status not in states:
        raise WRONG_STEP.refuse(f"list {number} is {row.status}", value=row.status)
    return row
