"""The order of states: what any walk through the table keeps to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.participants.disposition import ENDED, NEXT, State, check_step

NEEDS = {
    State.ENROLLED: {State.SCREENING},
    State.RANDOMISED: {State.ENROLLED},
    State.COMPLETED: {State.TREATMENT_ENDED},
}


@given(now=st.sampled_from(State), to=st.sampled_from(State))
def test_a_step_is_taken_or_refused_by_the_table(now: State, to: State) -> None:
    if to in NEXT[now]:
        check_step("S-0001", now=now, frozen=False, to=to)
    else:
        with pytest.raises(Refusal) as refused:
            check_step("S-0001", now=now, frozen=False, to=to)
        assert refused.value.code.code == "LIF-001"


@given(now=st.sampled_from(State), to=st.sampled_from(State))
def test_frozen_data_allow_no_step(now: State, to: State) -> None:
    with pytest.raises(Refusal) as refused:
        check_step("S-0001", now=now, frozen=True, to=to)
    assert refused.value.code.code == "LIF-007"


@given(st.lists(st.sampled_from(State), max_size=30))
def test_no_walk_skips_a_step_or_goes_on_after_an_end(wished: list[State]) -> None:
    walked = [State.SCREENING]
    for to in wished:
        if to in NEXT[walked[-1]]:
            walked.append(to)
    for before, after in pairwise(walked):
        assert before in NEEDS.get(after, {before})
        assert before not in ENDED or after is State.DIED
