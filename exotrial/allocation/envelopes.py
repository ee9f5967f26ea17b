"""Sealed envelopes: what each slot of a list holds, as a leaf of a Merkle tree (RFC 6962) and as a ciphertext.

A leaf is the canonical JSON of an envelope with its 256-bit nonce; without the nonce two arms are guessed in
two tries. Leaves stand in the order of the manifest's strata, slot by slot. With minimisation the arm is not
known before the participant is: such a leaf holds a `draw` (32 bytes) and a kit for each arm.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BeforeValidator

from exotrial.allocation.commitment import derive_bytes, derive_key
from exotrial.allocation.kits import draw_kits
from exotrial.allocation.manifest import ALGORITHM, Manifest, canonical_json
from exotrial.allocation.merkle import MerklePath, compute_path, compute_root, hash_leaf, root_of_path
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.draw import draw_list
from exotrial.allocation.written import Digest, Name, Ordinal
from exotrial.core.errors import ErrorCode, Place

ARM_AT_ALLOCATION = frozenset({"minimisation"})
"""Methods whose arm depends on the participant, so that an envelope holds a draw and a kit for each arm."""

PADDED = 2048
"""Bytes of every sealed plaintext: its length tells nothing of what is in it."""

NONCE_BYTES = 12
KEY_BYTES = 32

WRONG_ENVELOPE = ErrorCode(
    "ENV-006",
    "An envelope's contents do not go together, or are too long to be sealed.",
    "give an arm and a kit, or a draw and a kit for each arm, with short names.",
)
LIST_MISFITS = ErrorCode(
    "ENV-007",
    "A list does not fit its manifest.",
    "draw the list again from the manifest and the seed, with the same version of exotrial.",
)
WRONG_KEY = ErrorCode(
    "ENV-008",
    "The key or the nonce for sealing has the wrong length.",
    "give a key of 32 bytes and a nonce of 12 bytes, never used before with that key.",
)
TAMPERED = ErrorCode(
    "ENV-009",
    "A sealed envelope cannot be opened: it was changed, moved from another slot, or sealed with another key.",
    "allocate nothing from this list; compare the database with its last backup and tell the sponsor.",
)
NO_ENVELOPE = ErrorCode(
    "ENV-010", "The list has no envelope for that slot.", "name a stratum and a slot of the manifest."
)


def _as_pairs(value: object) -> object:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What one slot holds. `slot` counts from 1 within its stratum; `nonce` and `draw` are 32 bytes in hex.

    Either `arm` and `kit`, or `draw` and `kits` (pairs of arm and kit, sorted by arm).
    """

    stratum: Name
    slot: Ordinal
    nonce: Digest
    arm: str = ""
    kit: str = ""
    draw: Digest | Literal[""] = ""
    kits: Annotated[tuple[tuple[str, str], ...], BeforeValidator(_as_pairs)] = ()

    def __post_init__(self) -> None:
        listed, drawn = bool(self.arm and self.kit), bool(self.draw and self.kits)
        if listed == drawn or bool(self.arm or self.kit) == bool(self.draw or self.kits):
            raise WRONG_ENVELOPE.refuse(
                "an envelope holds an arm and a kit, or a draw and kits", place=Place(path=name_slot(self))
            )

    def as_json(self) -> dict[str, object]:
        """The envelope as a JSON object, without the fields that its kind has not."""
        common: dict[str, object] = {"nonce": self.nonce, "slot": self.slot, "stratum": self.stratum}
        if self.arm:
            return common | {"arm": self.arm, "kit": self.kit}
        return common | {"draw": self.draw, "kits": dict(self.kits)}

    def canonical(self) -> bytes:
        """The bytes of the leaf."""
        return canonical_json(self.as_json())

    def leaf(self) -> bytes:
        """The leaf hash: SHA-256(0x00 || canonical JSON)."""
        return hash_leaf(self.canonical())

    def kit_for(self, arm: str) -> str:
        """The kit that a participant of this arm gets from this slot, "" where the envelope has none."""
        return dict(self.kits).get(arm, "") if self.draw else (self.kit if arm == self.arm else "")


def name_slot(envelope: Envelope) -> str:
    """`phase_1/a slot 3`: how a slot is called in messages."""
    return f"{envelope.stratum} slot {envelope.slot}"


def make_envelopes(
    manifest: Manifest,
    *,
    seed: bytes,
    secret: bytes,
    arms: Mapping[str, Sequence[str]] | None = None,
    kits: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Envelope, ...]:
    """Every envelope of a list, in leaf order.

    The list is drawn from the manifest and the seed, unless `arms` brings one from outside, by stratum id;
    `kits` are its own, where it has any. Else kit numbers come from the secret, as the nonces do; the draws of
    minimisation come from the seed. Refuses with ENV-007 a list that does not fit, and as `draw_list` does.
    """
    later = manifest.method in ARM_AT_ALLOCATION
    lists: Mapping[str, Sequence[str]] = {}
    if not later:
        lists = draw_list(manifest, seed=seed) if arms is None else arms
        _check_fits(manifest, lists)
        if kits is not None:
            _check_lengths(manifest, kits)
    slots = [(stratum.id, slot) for stratum in manifest.strata for slot in range(1, stratum.length + 1)]
    each = len(manifest.arms) if later else 1
    stream = RandomStream(derive_key(secret, "kits"), label=f"{ALGORITHM}/kits")
    drawn = draw_kits(stream, len(slots) * each)
    nonces = derive_key(secret, "nonces")
    draws = derive_bytes(seed, salt=bytes(32), info=f"{ALGORITHM}/draws".encode())
    made = []
    for at, (stratum, slot) in enumerate(slots):
        own = drawn[at * each : (at + 1) * each]
        nonce = _of_slot(nonces, stratum, slot)
        if later:
            pairs = tuple(sorted(zip(manifest.arms, own, strict=True)))
            draw = _of_slot(draws, stratum, slot)
            made.append(Envelope(stratum=stratum, slot=slot, nonce=nonce, draw=draw, kits=pairs))
        else:
            arm = lists[stratum][slot - 1]
            kit = own[0] if kits is None else kits[stratum][slot - 1]
            made.append(Envelope(stratum=stratum, slot=slot, nonce=nonce, arm=arm, kit=kit))
    return tuple(made)


def compute_list_root(envelopes: Sequence[Envelope]) -> str:
    """The Merkle root over the envelopes' leaves, in hexadecimal."""
    return compute_root([envelope.leaf() for envelope in envelopes]).hex()


def path_for(envelope: Envelope, *, envelopes: Sequence[Envelope]) -> MerklePath:
    """The path of one envelope of a list; it shows nothing of the others (ENV-010)."""
    if envelope not in envelopes:
        raise NO_ENVELOPE.refuse(f"{name_slot(envelope)} is not in the list", value=name_slot(envelope))
    return compute_path([one.leaf() for one in envelopes], list(envelopes).index(envelope))


def check_path(envelope: Envelope, path: MerklePath, *, root: str) -> bool:
    """Whether an envelope and its path lead to a root (hexadecimal)."""
    reached = root_of_path(envelope.leaf(), path)
    return reached is not None and hmac.compare_digest(reached.hex(), root)


@dataclass(frozen=True, kw_only=True)
class SealedSlot:
    """Where a ciphertext belongs; it opens nowhere else. `list` is the commitment of the certificate."""

    study: str
    list: str
    stratum: str
    slot: int

    def canonical(self) -> bytes:
        """The associated data of the cipher."""
        return canonical_json(
            {"list": self.list, "slot": self.slot, "stratum": self.stratum, "study": self.study}
        )

    def __str__(self) -> str:
        return f"{self.stratum} slot {self.slot}"


def seal_envelope(envelope: Envelope, *, key: bytes, aad: SealedSlot, nonce96: bytes) -> bytes:
    """Encrypt an envelope with AES-256-GCM: nonce || ciphertext || tag, of one length for every envelope.

    The plaintext is the length of the leaf's canonical JSON (4 bytes, big-endian), that JSON, and zeros up to
    2048 bytes. `key` (32 bytes) is kept outside the database; `nonce96` (12 bytes) is never used twice with
    it. Refuses with ENV-006 an envelope of another slot or too long, and with ENV-008.
    """
    _check_key(key, nonce96)
    if (envelope.stratum, envelope.slot) != (aad.stratum, aad.slot):
        raise WRONG_ENVELOPE.refuse(f"{name_slot(envelope)} is not {aad}", place=Place(path=str(aad)))
    leaf = envelope.canonical()
    if len(leaf) + 4 > PADDED:
        raise WRONG_ENVELOPE.refuse(
            f"{len(leaf)} bytes are more than {PADDED - 4}", place=Place(path=str(aad)), value=len(leaf)
        )
    plain = (len(leaf).to_bytes(4, "big") + leaf).ljust(PADDED, b"\0")
    return nonce96 + AESGCM(key).encrypt(nonce96, plain, aad.canonical())


def open_envelope(sealed: bytes, *, key: bytes, aad: SealedSlot, leaf: str) -> Envelope:
    """Open a sealed envelope; `leaf` (hexadecimal) is the leaf hash that was noted when it was sealed.

    Refuses with ENV-009, by name of the slot, what was changed, moved from another slot or list, sealed with
    another key, or holds something else than the leaf that was noted.
    """
    place = Place(path=str(aad))
    _check_key(key, sealed[:NONCE_BYTES].ljust(NONCE_BYTES, b"\0"))
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad.canonical())
    except (InvalidTag, ValueError):  # ValueError: what is left is too short to have a tag
        raise TAMPERED.refuse(f"the envelope of {aad} does not open", place=place) from None
    content = plain[4 : 4 + int.from_bytes(plain[:4], "big")]
    if not hmac.compare_digest(hash_leaf(content).hex(), leaf):
        raise TAMPERED.refuse(f"the envelope of {aad} holds another leaf than was noted", place=place)
    return _read_leaf(content)


def _read_leaf(content: bytes) -> Envelope:
    fields = json.loads(content)
    return Envelope(**(fields | {"kits": tuple(fields.get("kits", {}).items())}))


def _of_slot(key: bytes, stratum: str, slot: int) -> str:
    return hmac.new(key, canonical_json([stratum, slot]), hashlib.sha256).hexdigest()


def _check_lengths(manifest: Manifest, rows: Mapping[str, Sequence[str]]) -> None:
    wanted = {stratum.id: stratum.length for stratum in manifest.strata}
    given = {stratum: len(row) for stratum, row in rows.items()}
    if given != wanted:
        raise LIST_MISFITS.refuse(f"the manifest has slots {wanted}, and the list has {given}")


def _check_fits(manifest: Manifest, arms: Mapping[str, Sequence[str]]) -> None:
    _check_lengths(manifest, arms)
    strange = {arm for row in arms.values() for arm in row} - set(manifest.arms)
    if strange:
        raise LIST_MISFITS.refuse(
            f"the list has arms that the manifest has not: {', '.join(sorted(strange))}"
        )


def _check_key(key: bytes, nonce96: bytes) -> None:
    if len(key) != KEY_BYTES or len(nonce96) != NONCE_BYTES:
        raise WRONG_KEY.refuse(f"the key has {len(key)} bytes and the nonce {len(nonce96)}")
