"""What stands for a participant in a path: the code encrypted, so that no log of a proxy holds a code.

AES-SIV (RFC 5297) with a key of the study: the same code is always the same reference, and nobody can make one
without the key. It hides and proves; it gives no right.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from exotrial.core.errors import ErrorCode
from exotrial.store.keys import Keys

NO_PAGE = ErrorCode(
    "PAG-001",
    "There is no such page.",
    "go back to the start page; what you look for may have moved, or you may have no rights there.",
)


def make_ref(keys: Keys, study: str, code: str) -> str:
    """The reference of a participant's code: letters, digits, - and _."""
    closed = AESSIV(keys.derive("participants in paths")).encrypt(code.encode(), [study.encode()])
    return base64.urlsafe_b64encode(closed).decode().rstrip("=")


def read_ref(keys: Keys, study: str, ref: str) -> str:
    """The code behind a reference. Refuses with PAG-001."""
    try:
        closed = base64.urlsafe_b64decode(ref + "=" * (-len(ref) % 4))
        return AESSIV(keys.derive("participants in paths")).decrypt(closed, [study.encode()]).decode()
    except (InvalidTag, ValueError):
        raise NO_PAGE.refuse("the reference opens nothing") from None
