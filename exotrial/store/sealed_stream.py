"""A long stream closed by AES-256-GCM in pieces (the STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizár 2015).

    "exotrial-backup 1\\n"  16 bytes that choose the key  pieces of 1 MiB + 16 bytes, the last one marked as last

A piece that was altered, left out, moved or cut off does not open.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exotrial.core.errors import ErrorCode
from exotrial.store.keys import Keys

NOT_A_BACKUP = ErrorCode(
    "BAK-001",
    "The file is not a backup of exotrial.",
    "give a file that `exotrial backup` wrote.",
)
DAMAGED = ErrorCode(
    "BAK-002",
    "The backup does not open: it was altered or cut off, or made with another installation's key.",
    "give the folder of the key that it was made with by EXOTRIAL_KEYS, or use another backup.",
)

MAGIC = b"exotrial-backup 1\n"
PIECE = 1 << 20
_TAG = 16


class SealedWriter(io.RawIOBase):
    """A file-like object that closes what is written into it; `close` writes the last piece."""

    def __init__(self, into: BinaryIO, keys: Keys) -> None:
        super().__init__()
        chooser = os.urandom(16)
        self._into = into
        self._cipher = AESGCM(keys.derive(f"backup:{chooser.hex()}"))
        self._held = bytearray()
        self._number = 0
        into.write(MAGIC + chooser)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: object, /) -> int:
        """Take some bytes."""
        view = memoryview(data)  # type: ignore[arg-type] # any buffer
        self._held += view
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return view.nbytes

    def close(self) -> None:
        """Write what is left as the last piece."""
        if not self.closed:
            self._put(bytes(self._held), last=True)
        super().close()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._into.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, MAGIC))
        self._number += 1


def open_stream(source: BinaryIO, keys: Keys) -> Iterator[bytes]:
    """The pieces of a closed stream, opened. Refuses with BAK-001 and BAK-002."""
    head = source.read(len(MAGIC) + 16)
    if not head.startswith(MAGIC) or len(head) != len(MAGIC) + 16:
        raise NOT_A_BACKUP.refuse("the file does not begin as a backup does")
    cipher = AESGCM(keys.derive(f"backup:{head[len(MAGIC) :].hex()}"))
    number = 0
    piece = source.read(PIECE + _TAG)
    while True:
        following = source.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, MAGIC)
        except (InvalidTag, ValueError):
            raise DAMAGED.refuse(f"piece {number + 1} of the file does not open") from None
        if not following:
            return
        piece = following
        number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
