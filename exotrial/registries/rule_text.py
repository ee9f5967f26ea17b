"""The executable rule that the words of one criterion suggest, for a person to accept or mend.

A rule is proposed only where it says the whole criterion: every word of it belongs to the rule or adds nothing.
"""

from __future__ import annotations

from exotrial.study.rules import Rule


def propose_rule(text: str) -> Rule | None:
    return None
