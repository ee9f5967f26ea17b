"""Donation identification numbers with their check character (ISBT 128; ISO/IEC 7064, Mod 37-2).

A number is thirteen characters: five for the facility, two for the year, six in sequence. Its check character is not
part of the number; it is keyed in with it and finds a wrong character and two exchanged ones.
"""

from __future__ import annotations

import re

from exotrial.core.errors import ErrorCode, Place

BAD_NUMBER = ErrorCode(
    "LBL-001",
    "A donation identification number is not of thirteen characters as ISBT 128 writes it.",
    "copy it from the label: five characters of the facility, two digits of the year, six digits.",
)
WRONG_CHECK = ErrorCode(
    "LBL-002",
    "The check character does not belong to the donation identification number.",
    "look at the label again: a character is wrong, or two are exchanged.",
)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_NUMBER = re.compile(r"[A-NP-Z1-9][0-9A-Z]{4}[0-9]{8}")


def compute_check_character(number: str) -> str:
    """The check character of a donation identification number, one of 0-9, A-Z and `*`.

    Refuses with LBL-001. Source: ISO/IEC 7064, pure system Mod 37-2, as ISBT 128 applies it to all thirteen characters.
    """
    if _NUMBER.fullmatch(number) is None:
        raise BAD_NUMBER.refuse(
            f"'{number}' is not a donation identification number", place=Place(path="number"), value=number
        )
    return compute_mod_37_2(number)


def compute_mod_37_2(text: str) -> str:
    """The check character of letters A-Z and digits: one of 0-9, A-Z and `*` (ISO/IEC 7064, pure system Mod 37-2)."""
    total = 0
    for character in text:
        total = (total + _ALPHABET.index(character)) * 2 % 37
    return _ALPHABET[(1 - total) % 37]


def read_donation_number(keyed: str) -> str:
    """The number from what was keyed in: its thirteen characters and the check character, blanks between allowed.

    Refuses with LBL-001 where it has not that form, with LBL-002 where the check character is another's.
    """
    text = keyed.replace(" ", "")
    if len(text) != 14:
        raise BAD_NUMBER.refuse(
            f"'{keyed}' is not a donation identification number and its check character",
            place=Place(path="number"),
            value=keyed,
        )
    number, check = text[:13], text[13]
    if compute_check_character(number) != check:
        # The right character is not told: it would be keyed in instead of reading the label again.
        raise WRONG_CHECK.refuse(
            f"'{check}' is not the check character of '{number}'", place=Place(path="number"), value=keyed
        )
    return number
