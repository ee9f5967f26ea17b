"""Donation identification numbers: ISBT 128's check character finds what is keyed in wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.labels import compute_check_character, read_donation_number

NUMBERS = st.from_regex(r"[A-NP-Z1-9][0-9A-Z]{4}[0-9]{8}", fullmatch=True)


def test_the_check_character_is_that_of_the_reference() -> None:
    # ev_cases.json, ISBT-01, computed with python-stdnum.
    assert compute_check_character("G123498654321") == "H"


@given(NUMBERS)
def test_number_and_check_character_satisfy_the_standards_congruence(number: str) -> None:
    # ISO/IEC 7064: the sum of value times 2 to the power of the place from the right, from 0, is 1 modulo 37.
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
    whole = number + compute_check_character(number)
    assert sum(alphabet.index(c) * 2**place for place, c in enumerate(reversed(whole))) % 37 == 1


@given(NUMBERS, st.integers(5, 12), st.sampled_from("0123456789"))
def test_a_wrong_digit_is_found(number: str, place: int, digit: str) -> None:
    keyed = number[:place] + digit + number[place + 1 :] + compute_check_character(number)
    if number[place] == digit:
        assert read_donation_number(keyed) == number
    else:
        with pytest.raises(Refusal, match="LBL-002"):
            read_donation_number(keyed)


@given(NUMBERS, st.integers(7, 11))
def test_two_exchanged_digits_are_found(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    keyed = swapped + compute_check_character(number)
    if swapped == number:
        assert read_donation_number(keyed) == number
    else:
        with pytest.raises(Refusal, match="LBL-002"):
            read_donation_number(keyed)


def test_blanks_as_on_the_label_are_allowed() -> None:
    assert read_donation_number("G1234 98 654321 H") == "G123498654321"


@given(st.text(max_size=20))
def test_any_other_text_is_refused_and_never_crashes(keyed: str) -> None:
    with pytest.raises(Refusal, match=r"LBL-00[12]"):
        read_donation_number(keyed)


@pytest.mark.parametrize("number", ["", "G12349865432", "G1234986543210", "O123498654321", "g123498654321"])
def test_a_number_of_another_form_is_refused(number: str) -> None:
    with pytest.raises(Refusal, match="LBL-001"):
        compute_check_character(number)
