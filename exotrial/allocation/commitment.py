"""The secret of a list: committed to first, then mixed with what a second party brings (HKDF, RFC 5869).

The order is the point. Whoever draws the secret publishes `commit(secret, manifest)` before the second party
speaks, so that neither of the two can choose the seed. `commitment_vectors.toml` beside this module holds
test vectors for everything here; the algorithm's name is part of every derivation.

    commitment  SHA-256(secret || manifest)                                       32 bytes, as hexadecimal
    seed        HKDF-SHA-256(secret, salt = SHA-256(contribution),
                             info = "exotrial-allocation-1/seed/" || SHA-256(manifest))           32 bytes
    key         HKDF-SHA-256(secret, salt = 32 zero bytes, info = "exotrial-allocation-1/key/" || purpose)

`manifest` is its canonical form. The secret has one length, so no two pairs share a concatenation; the
contribution is digested first, since HMAC reads a salt and the same salt with zeros after it as one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exotrial.allocation.manifest import ALGORITHM, Manifest
from exotrial.core.errors import ErrorCode

SECRET_BYTES = 32

WRONG_SECRET = ErrorCode(
    "ENV-002",
    "The secret of a list is not 256 bits.",
    "give 32 bytes from the operating system (`secrets.token_bytes(32)`).",
)
NO_CONTRIBUTION = ErrorCode(
    "ENV-003",
    "The second party's contribution is empty.",
    "let the site, the ethics office or a public source of randomness give some bytes of its own.",
)

Purpose = Literal["order", "nonces", "kits"]
"""What a key is for: the record of allocations, the nonces of the envelopes, the kit numbers."""


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a second party added after the commitment was published: bytes, by whom, and when (UTC ISO)."""

    data: bytes
    who: str
    at: str

    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal: what the certificate states."""
        return hashlib.sha256(self.data).hexdigest()


def commit(secret: bytes, manifest: Manifest) -> str:
    """SHA-256(secret || canonical manifest) in hexadecimal, published before anyone contributes (ENV-002)."""
    return hashlib.sha256(_checked(secret) + manifest.canonical()).hexdigest()


def derive_seed(secret: bytes, contribution: bytes, manifest: Manifest) -> bytes:
    """The 32 bytes from which the list is drawn; neither party could choose them (ENV-002, ENV-003)."""
    if not contribution:
        raise NO_CONTRIBUTION.refuse("the contribution has no bytes", value=0)
    info = f"{ALGORITHM}/seed/".encode() + hashlib.sha256(manifest.canonical()).digest()
    return derive_bytes(_checked(secret), salt=hashlib.sha256(contribution).digest(), info=info)


def derive_key(secret: bytes, purpose: Purpose) -> bytes:
    """A 32-byte key for one purpose; no key tells of another or of the secret (ENV-002)."""
    return derive_bytes(_checked(secret), salt=bytes(32), info=f"{ALGORITHM}/key/{purpose}".encode())


def derive_bytes(material: bytes, *, salt: bytes, info: bytes, length: int = 32) -> bytes:
    """HKDF-SHA-256, extract and expand (RFC 5869, 2.2 and 2.3)."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)


def _checked(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise WRONG_SECRET.refuse(f"the secret has {len(secret)} bytes, not {SECRET_BYTES}")
    return secret
