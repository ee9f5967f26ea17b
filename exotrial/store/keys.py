"""The keys of an installation: one 256-bit master key in a file outside the database, and what derives from it.

A copy of the database without this file shows no arm, no name of a participant and no secret, and whoever edits
it by hand cannot make the seal of the trail again. Whoever has both can. Keys derive by HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exotrial.core.errors import ErrorCode

NO_KEY = ErrorCode(
    "KEY-001",
    "The key file of the installation is missing or cannot be read.",
    "give the folder that holds `master.key` by EXOTRIAL_KEYS, or restore the file from its safe copy; nothing "
    "else opens what it closed.",
)
NOT_OURS = ErrorCode(
    "KEY-002",
    "A sealed value does not open: it was altered, moved, or closed with another key.",
    "run `exotrial audit verify`, which names what was altered; look whether EXOTRIAL_KEYS is this "
    "installation's folder.",
)

_FILE = "master.key"
_BLOCK = 256
"""Sealed text is padded to a multiple of this, so that its length tells nothing of what is inside."""


@dataclass(frozen=True)
class Keys:
    """The master key, and one key for each purpose: sealing by AES-256-GCM, marks by HMAC-SHA-256."""

    master: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, such as `arms:<study>`."""
        info = f"exotrial:{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.master)

    def seal(self, text: str, *, purpose: str, where: str) -> str:
        """Close a text; it opens only for the same purpose and at the same place (`where`)."""
        data = text.encode()
        padded = len(data).to_bytes(4, "big") + data
        padded += bytes(-len(padded) % _BLOCK)
        nonce = os.urandom(12)
        closed = AESGCM(self.derive(purpose)).encrypt(nonce, padded, where.encode())
        return base64.b64encode(nonce + closed).decode()

    def unseal(self, sealed: str, *, purpose: str, where: str) -> str:
        """Open a sealed text. Refuses with KEY-002."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            padded = AESGCM(self.derive(purpose)).decrypt(raw[:12], raw[12:], where.encode())
        except (InvalidTag, ValueError):
            raise NOT_OURS.refuse(f"the sealed value at {where} does not open", value=where) from None
        return padded[4 : 4 + int.from_bytes(padded[:4], "big")].decode()

    def mark(self, message: bytes, *, purpose: str) -> str:
        """HMAC-SHA-256 of a message, in hexadecimal."""
        return hmac.new(self.derive(purpose), message, hashlib.sha256).hexdigest()


def make_keys(folder: Path) -> Keys:
    """Make the master key of a new installation; an existing one is never overwritten (FileExistsError)."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    master = secrets.token_bytes(32)
    descriptor = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(master.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Keys(master)


def read_keys(folder: Path) -> Keys:
    """Read the master key. Refuses with KEY-001."""
    path = folder / _FILE
    try:
        master = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise NO_KEY.refuse(f"'{path}' cannot be read as a key: {error}", value=path) from None
    if len(master) != 32:
        raise NO_KEY.refuse(f"'{path}' holds {len(master)} bytes, a key is 32", value=path)
    return Keys(master)
