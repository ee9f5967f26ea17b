"""Disposition: the states of a participant and the order in which they follow (ICH E6(R3) 2.8, 2.9; CDISC DS).

The order is one table; a step that the table does not have is refused.
"""

from __future__ import annotations

from enum import StrEnum

from exotrial.core.errors import ErrorCode

WRONG_STEP = ErrorCode(
    "LIF-001",
    "The participant's state does not allow this step.",
    "see `show_participant` for the state; the order is screen, consent, enrol, randomise, dose, end.",
)
FROZEN = ErrorCode(
    "LIF-007", "The participant's data are frozen.", "ask the monitor to unfreeze them, with a reason."
)


class State(StrEnum):
    """Where a participant stands."""

    SCREENING = "in screening"
    FAILURE = "screen failure"
    ENROLLED = "enrolled"
    RANDOMISED = "randomised"
    TREATED = "on treatment"
    TREATMENT_ENDED = "treatment ended"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LOST = "lost to follow-up"
    DIED = "died"


_S = State
_LEAVES = frozenset({_S.WITHDRAWN, _S.LOST, _S.DIED})

NEXT: dict[State, frozenset[State]] = {
    _S.SCREENING: _LEAVES | {_S.SCREENING, _S.FAILURE, _S.ENROLLED},
    _S.FAILURE: frozenset({_S.SCREENING, _S.FAILURE}),
    _S.ENROLLED: _LEAVES | {_S.RANDOMISED, _S.TREATED, _S.TREATMENT_ENDED},
    _S.RANDOMISED: _LEAVES | {_S.TREATED, _S.TREATMENT_ENDED},
    _S.TREATED: _LEAVES | {_S.TREATED, _S.TREATMENT_ENDED},
    _S.TREATMENT_ENDED: _LEAVES | {_S.COMPLETED},
    _S.COMPLETED: frozenset(),
    _S.WITHDRAWN: frozenset({_S.DIED}),
    _S.LOST: frozenset({_S.DIED}),
    _S.DIED: frozenset(),
}
"""The states that may follow each. A death is still recorded of who was lost or withdrew; else an end is an end."""

ENDED = frozenset({_S.COMPLETED, _S.WITHDRAWN, _S.LOST, _S.DIED})


def check_step(code: str, *, now: State, frozen: bool, to: State) -> None:
    """Refuse with LIF-007 any step of a participant whose data are frozen, with LIF-001 one out of order."""
    check_not_frozen(code, frozen=frozen)
    if to not in NEXT[now]:
        raise WRONG_STEP.refuse(f"{code} is {now.value} and cannot become {to.value}", value=now.value)


def check_not_frozen(code: str, *, frozen: bool) -> None:
    """Refuse with LIF-007 where the participant's data are frozen."""
    if frozen:
        raise FROZEN.refuse(f"the data of {code} are frozen", value=code)
