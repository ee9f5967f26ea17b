"""The chain of allocations: what may follow, and that any single edit of an entry is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.commitment import derive_key
from exotrial.allocation.order import FIELDS, append, find_changed, is_genuine
from exotrial.allocation.order_checks import check_order
from exotrial.core.errors import Refusal
from tests.allocation.sealed_trial import SECRET, allocate, seal

CERTIFICATE, ENVELOPES = seal()
CHAIN = allocate(CERTIFICATE, ENVELOPES)
KEY = derive_key(SECRET, "order")
LEAVES = {(one.stratum, one.slot): one.leaf().hex() for one in ENVELOPES}
OTHER = {
    "n": 99,
    "list": "0" * 64,
    "stratum": "c",
    "slot": 77,
    "participant": "S-777",
    "at": "2026-02-01T09:30:01Z",
    "leaf": "1" * 64,
    "prev": "2" * 64,
}


@given(st.sampled_from(CHAIN), st.sets(st.sampled_from([name for name in FIELDS if name != "n"])))
def test_the_marks_tell_exactly_which_fields_were_changed(signed: object, names: set[str]) -> None:
    assert signed in CHAIN
    one = CHAIN[CHAIN.index(signed)]
    edited = replace(one, entry=replace(one.entry, **{name: OTHER[name] for name in names}))  # type: ignore[arg-type]
    assert set(find_changed(edited, key=KEY)) == names
    assert is_genuine(edited, key=KEY) == (not names)


@pytest.mark.requirement(36)
@pytest.mark.parametrize("name", FIELDS)
def test_any_field_changed_in_any_entry_is_a_problem(name: str) -> None:
    for at, one in enumerate(CHAIN):
        edited = replace(one, entry=replace(one.entry, **{name: OTHER[name]}))  # type: ignore[arg-type]
        assert check_order(
            [*CHAIN[:at], edited, *CHAIN[at + 1 :]],
            key=KEY,
            start=CERTIFICATE.digest(),
            list_id=CERTIFICATE.commitment,
            leaves=LEAVES,
            since=CERTIFICATE.sealed_at,
        )


@pytest.mark.requirement(36)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"slot": 5}, "ENV-011"),
        ({"slot": 7}, "ENV-011"),
        ({"participant": "S-001"}, "ENV-011"),
        ({"at": "2026-02-10T09:29:59Z"}, "ENV-011"),
        ({"at": "2026-02-10T09:30:00Z"}, ""),
        ({"at": "2026-02-30T09:30:00Z"}, "ENV-001"),
        ({"at": "2026-02-11T09:30:00"}, "ENV-001"),
    ],
)
def test_only_the_next_slot_for_a_new_participant_at_no_earlier_time_may_follow(
    change: dict[str, object], code: str
) -> None:
    given = {
        "stratum": "a",
        "slot": 6,
        "participant": "S-011",
        "at": "2026-02-11T09:30:00Z",
        "leaf": LEAVES["a", 6],
    } | change

    def act() -> None:
        append(CHAIN, key=KEY, start=CERTIFICATE.digest(), list_id=CERTIFICATE.commitment, **given)  # type: ignore[arg-type]

    if code:
        with pytest.raises(Refusal, match=code):
            act()
    else:
        act()
