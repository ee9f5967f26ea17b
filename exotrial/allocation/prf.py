"""The specified random stream that every list is made from: HMAC-SHA-256 in counter mode (RFC 2104, FIPS 180-4).

Anyone can write this again from these lines, in any language, and must get the same lists.

    block i   = HMAC-SHA-256(key = seed, message = label in UTF-8 || 0x00 || i as 8 bytes, big-endian), i = 0, 1, ...
    stream    = block 0 || block 1 || ...; every draw takes the next bytes, none is skipped or used twice
    below(n)  : k = the fewest bytes that hold n - 1 (none for n = 1); take k bytes as a big-endian number v;
                while v >= 256^k - (256^k mod n), take k more; the result is v mod n
    shuffle   : Fisher-Yates from the end: for i = last, ..., 1: j = below(i + 1), swap places i and j
    chance(p) : p = a/b in lowest terms; yes where below(b) < a

Test vectors are in prf_vectors.json beside this module. It is not a cipher: the seed is secret, the stream is not
used for anything but lists.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

from exotrial.allocation.probability import read_probability
from exotrial.core.errors import ErrorCode

T = TypeVar("T")

SEED_BYTES = 32

NOT_A_STREAM = ErrorCode(
    "SEQ-001",
    "The seed, the label or a number asked of a random stream is unusable.",
    "give a seed of 32 bytes, a label without the character NUL, and whole numbers of at least 1 to draw below.",
)


def compute_block(seed: bytes, *, label: str, counter: int) -> bytes:
    """Block `counter` (from 0) of the stream: 32 bytes."""
    message = label.encode() + b"\x00" + counter.to_bytes(8, "big")
    return hmac.new(seed, message, hashlib.sha256).digest()


class RandomStream:
    """The stream of one seed and one label; streams of two labels are independent.

    `taken` counts the bytes used so far. Refuses with SEQ-001 a seed that is not 32 bytes or a label with NUL.
    """

    def __init__(self, seed: bytes, *, label: str) -> None:
        if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
            # The seed itself is never shown.
            raise NOT_A_STREAM.refuse(f"a seed has {SEED_BYTES} bytes, and this is none", value=label)
        if "\x00" in label:
            raise NOT_A_STREAM.refuse("the label holds the character NUL, which ends it", value=repr(label))
        self._seed = seed
        self._label = label
        self._counter = 0
        self._rest = b""
        self.taken = 0

    def take(self, n: int) -> bytes:
        """The next `n` bytes of the stream."""
        if n < 0:
            raise NOT_A_STREAM.refuse(f"{n} bytes cannot be taken", value=n)
        while len(self._rest) < n:
            self._rest += compute_block(self._seed, label=self._label, counter=self._counter)
            self._counter += 1
        taken, self._rest = self._rest[:n], self._rest[n:]
        self.taken += n
        return taken

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each with the same probability (rejection sampling)."""
        if n < 1:
            raise NOT_A_STREAM.refuse(f"there is no whole number from 0 and below {n}", value=n)
        width = ((n - 1).bit_length() + 7) // 8
        size = 256**width
        limit = size - size % n
        while True:
            drawn = int.from_bytes(self.take(width), "big")
            if drawn < limit:
                return drawn % n

    def shuffle(self, sequence: Sequence[T]) -> tuple[T, ...]:
        """The entries in random order, each order with the same probability (Fisher-Yates from the end)."""
        shuffled = list(sequence)
        for last in range(len(shuffled) - 1, 0, -1):
            chosen = self.below(last + 1)
            shuffled[last], shuffled[chosen] = shuffled[chosen], shuffled[last]
        return tuple(shuffled)

    def chance(self, probability: str) -> bool:
        """Yes with exactly this probability, written as a fraction such as "2/3"; refuses others with SEQ-002."""
        share = read_probability(probability)
        return self.below(share.denominator) < share.numerator
