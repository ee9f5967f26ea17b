"""Whether a consent holds: each side of each boundary."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusal
from exotrial.participants.consent import Kind, check_consent


@pytest.mark.parametrize("newest", [Kind.GIVEN, Kind.AGAIN])
@pytest.mark.parametrize("consented", [2, 3])
def test_a_consent_to_the_version_in_force_or_a_newer_holds(newest: Kind, consented: int) -> None:
    check_consent("S-0001", newest=newest, consented=consented, in_force=2, site="s")


@pytest.mark.parametrize(
    ("newest", "words"), [(None, "has not consented"), (Kind.WITHDRAWN, "has withdrawn consent")]
)
def test_none_and_a_withdrawn_one_do_not(newest: Kind | None, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        check_consent("S-0001", newest=newest, consented=2, in_force=2, site="s")
    assert refused.value.code.code == "LIF-005"


def test_one_to_an_older_version_is_asked_for_again() -> None:
    with pytest.raises(Refusal, match="before s approved version 3") as refused:
        check_consent("S-0001", newest=Kind.GIVEN, consented=2, in_force=3, site="s")
    assert refused.value.code.code == "LIF-006"
