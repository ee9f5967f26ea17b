"""The only module that opens what hides an arm: sealed envelopes, arms given, the secret of a list, packed kits.

Everything here asks `_allow` first. Who may is `access.MATRIX`; beside the roles that know arms, an operation
that makes a list, gives its next envelope, unblinds or publishes may, for what it does and no longer.
"""

from __future__ import annotations

import base64
import json
from typing import Literal

from exotrial.allocation.commitment import derive_key
from exotrial.allocation.envelopes import Envelope, SealedSlot, open_envelope
from exotrial.allocation.manifest import Manifest
from exotrial.core.errors import ErrorCode
from exotrial.operations._act import Act
from exotrial.operations.access import Permission, may
from exotrial.operations.manifests import read_manifest
from exotrial.store.models import Allocation, AllocationList, Kit, StudyVersion
from exotrial.store.models import Envelope as EnvelopeRow
from exotrial.store.models import Study as StudyRow

ARMS_HIDDEN = ErrorCode(
    "SEL-001",
    "The role does not know arms before the study is unblinded.",
    "in an emergency the treating physician uses `unblind_emergency`; else wait for the planned unblinding.",
)

For = Literal[
    "making a list", "the next envelope", "an emergency", "publication", "giving a kit", "knowing arms"
]

_KIT_TEXT = 1500
"""Characters of every kit's content before it is closed: an arm's id and a batch's code of any length fit in."""

_PERMISSIONS: dict[For, Permission] = {
    "making a list": Permission.MAKE_LIST,
    "the next envelope": Permission.RANDOMISE,
    "an emergency": Permission.UNBLIND_EMERGENCY,
    "publication": Permission.UNBLIND_PLANNED,
    "giving a kit": Permission.RECORD_DOSE,
    "knowing arms": Permission.KNOW_ARMS,
}


def seal_text(act: Act, text: str, *, where: str) -> str:
    """Close a text that tells an arm, with the study's key."""
    return act.opened.keys.seal(text, purpose=_purpose(act), where=where)


def open_text(act: Act, sealed: str, *, where: str, purpose: For) -> str:
    """Open such a text. Refuses with SEL-001."""
    _allow(act, purpose)
    return act.opened.keys.unseal(sealed, purpose=_purpose(act), where=where)


def envelope_key(act: Act) -> bytes:
    """The key of the study's envelopes, which is not in the database."""
    return act.opened.keys.derive(f"envelopes:{act.the_study.slug}")


def slot_of(act: Act, row: EnvelopeRow) -> SealedSlot:
    """Where an envelope belongs; it opens nowhere else."""
    return SealedSlot(study=act.the_study.slug, list=row.list.commitment, stratum=row.stratum, slot=row.slot)


def open_leaf(act: Act, row: EnvelopeRow, *, purpose: For) -> Envelope:
    """What is in an envelope. Refuses with SEL-001, and with ENV-009 where it was tampered with."""
    _allow(act, purpose)
    sealed = base64.b64decode(row.sealed)
    return open_envelope(sealed, key=envelope_key(act), aad=slot_of(act, row), leaf=row.leaf)


def arm_of(act: Act, allocation: Allocation, *, purpose: For) -> str:
    """The arm that a participant was given. Refuses with SEL-001."""
    where = f"allocation {allocation.participant_id}"
    return open_text(act, allocation.arm_sealed, where=where, purpose=purpose)


def seal_arm(act: Act, arm: str, *, participant: int) -> str:
    """Close the arm that a participant is given."""
    return seal_text(act, arm, where=f"allocation {participant}")


def secret_of(act: Act, row: AllocationList, *, purpose: For) -> bytes:
    """The secret of a list. Refuses with SEL-001."""
    return bytes.fromhex(open_text(act, row.secret_sealed, where=f"list {row.number}", purpose=purpose))


def manifest_of(act: Act, row: AllocationList, *, purpose: For) -> Manifest:
    """What a list is made from, block sizes included. Refuses with SEL-001."""
    return read_manifest(json.loads(_manifest_text(act, row, purpose=purpose).partition("\n")[0]))


def file_of(act: Act, row: AllocationList, *, purpose: For) -> str:
    """The file of a list from outside, as it was; "" for every other list. Refuses with SEL-001."""
    return _manifest_text(act, row, purpose=purpose).partition("\n")[2]


def seal_manifest(act: Act, manifest: Manifest, *, number: int, file: str = "") -> str:
    """Close what a list is made from: the manifest, which is one line, and after it the file of an imported list."""
    text = manifest.canonical().decode()
    return seal_text(act, f"{text}\n{file}" if file else text, where=f"manifest {number}")


def order_key(act: Act, row: AllocationList) -> bytes:
    """The key that signs allocations; it derives from the secret, so that who publishes it lets all check."""
    return derive_key(secret_of(act, row, purpose="the next envelope"), "order")


def open_kit(act: Act, kit: Kit, *, purpose: For = "giving a kit") -> dict[str, str]:
    """What is in a packed kit: {"arm", "batch"}. Refuses with SEL-001."""
    text = open_text(act, kit.content_sealed, where=f"kit {kit.number}", purpose=purpose)
    return {str(key): str(value) for key, value in json.loads(text).items()}


def seal_kit(act: Act, *, number: str, arm: str, batch: str) -> str:
    """Close what is in a packed kit."""
    text = json.dumps({"arm": arm, "batch": batch})
    return seal_text(act, text.ljust(_KIT_TEXT), where=f"kit {number}")


def is_open_label(act: Act) -> bool:
    """Whether everybody may know arms all along: every version since the first list says so, or has no blinding.

    An amendment opens nothing that was blinded: not the newest version decides, but all that there was a list by.
    """
    if not _says_open(act, act.the_study.version):
        return False
    first = AllocationList.objects.filter(study=act.the_study).order_by("number").first()
    if first is None:
        return True
    since = StudyVersion.objects.filter(study=act.the_study, loaded_at__lte=first.committed_at)
    begun = since.order_by("-number").values_list("number", flat=True).first() or 1
    return all(_says_open(act, number) for number in range(begun, act.the_study.version))


def _says_open(act: Act, version: int) -> bool:
    blinding = act.definition(version).blinding
    return blinding is None or blinding.label == "open label"


def may_see_arms(act: Act) -> bool:
    """Whether the acting role may be shown arms now."""
    return (
        may(act.actor.role, Permission.KNOW_ARMS)
        or (
            act.the_study.status in (StudyRow.Status.UNBLINDED, StudyRow.Status.ARCHIVED)
            and act.the_study.unblinded_at is not None
        )
        or is_open_label(act)
    )


def _manifest_text(act: Act, row: AllocationList, *, purpose: For) -> str:
    return open_text(act, row.manifest_sealed, where=f"manifest {row.number}", purpose=purpose)


def _allow(act: Act, purpose: For) -> None:
    allowed = may_see_arms(act) if purpose == "knowing arms" else may(act.actor.role, _PERMISSIONS[purpose])
    if not allowed:
        raise ARMS_HIDDEN.refuse(f"{act.actor.role.value} does not know arms", value=act.actor.role.value)


def _purpose(act: Act) -> str:
    return f"arms:{act.the_study.slug}"
