"""How long a study follows its participants, from its encounters and outcome horizons."""

from __future__ import annotations

from exotrial.study.definition import Study


def compute_follow_up_days(study: Study) -> int:
    """The longest follow-up in whole days: the last encounter or the longest horizon, 0 where none is given."""
    days = [encounter.day for encounter in study.encounters]
    days += [int(outcome.horizon.to("d").value) for outcome in study.outcomes if outcome.horizon is not None]
    return max(days, default=0)
