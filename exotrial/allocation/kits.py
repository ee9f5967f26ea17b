"""Kit numbers: unique, with a check character, drawn so that they tell nothing of arm, stratum or order.

A number is five characters and a check character, written `7KQ4X-M`, from 31 digits and letters without
I, L, O and 1 or 0 to be mistaken for them. The check character makes the sum of value times position
(1 to 6) a multiple of 31. As 31 is prime, every single wrong character and every exchange of two is seen;
it is the scheme of ISBN-10 (ISO 2108:1972) with another prime.
"""

from __future__ import annotations

from typing import Protocol

from exotrial.core.errors import ErrorCode, Place

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 5
MOST_KITS = 1_000_000
"""Few enough of the 28,629,151 numbers that a draw is seldom repeated."""

WRONG_KIT = ErrorCode(
    "ENV-004",
    "A kit number is none that exotrial gives out.",
    "read it again from the label: five characters, a hyphen and the check character, such as 7KQ4X-M.",
)
TOO_MANY_KITS = ErrorCode(
    "ENV-005", "A list asks for more kit numbers than there are.", "make the lists shorter."
)


class Below(Protocol):
    """A source of whole numbers, uniform from 0 to one less than `n`."""

    def below(self, n: int, /) -> int: ...


def draw_kits(stream: Below, count: int) -> tuple[str, ...]:
    """`count` kit numbers in the order drawn, no two alike; every such sequence is equally likely (ENV-005)."""
    if count > MOST_KITS:
        raise TOO_MANY_KITS.refuse(f"{count} kit numbers are asked for, and {MOST_KITS} is the most")
    kits: dict[str, None] = {}
    while len(kits) < count:
        characters = "".join(ALPHABET[stream.below(len(ALPHABET))] for _ in range(LENGTH))
        kits[f"{characters}-{compute_check_character(characters)}"] = None
    return tuple(kits)


def compute_check_character(characters: str) -> str:
    """The check character of a kit number's five characters."""
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(characters, start=1))
    weight = LENGTH + 1
    return ALPHABET[-total * pow(weight, -1, len(ALPHABET)) % len(ALPHABET)]


def read_kit(text: str, *, place: Place | None = None) -> str:
    """A kit number as typed, in capitals and with its hyphen; refuses what was misread (ENV-004)."""
    characters = text.strip().upper().replace("-", "")
    known = len(characters) == LENGTH + 1 and all(one in ALPHABET for one in characters)
    if not known:
        raise WRONG_KIT.refuse(f"{text!r} is not a kit number", place=place, value=text)
    body, check = characters[:LENGTH], characters[LENGTH]
    if compute_check_character(body) != check:
        raise WRONG_KIT.refuse(f"the check character of {text!r} does not fit", place=place, value=text)
    return f"{body}-{check}"
