"""One thing told in two places, differently: pieces of evidence for one path that state different values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from exotrial.core.findings import Quote, Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.wording import misnamed_paths
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Evidence

MAIN_OUTCOMES = r"^outcomes$"
MASKED_ROLES = r"^blinding\.masked_roles$"
RANDOMISATION_METHOD = r"^randomisation\.method$"
RANDOMISATION_TEXT = r"^randomisation(\.(block_choice|generated_with|generated_by))?$"
SEVERITY_WORDS = r"severity_terms$|severity_scheme$"
TIME_ORIGIN = r"^design\.time_origin$"
ISOLATION = r"isolation_method$"
CONTROL_ARM = r"^arms\.\w+\.interventions$"
ONE_DOSE = r"dose\.same_for_all$"
VALUE_SELECTION = r"^outcomes\.\w+\.selection_consistent$"

_OWNED = (
    MAIN_OUTCOMES,
    MASKED_ROLES,
    RANDOMISATION_METHOD,
    RANDOMISATION_TEXT,
    SEVERITY_WORDS,
    TIME_ORIGIN,
    ISOLATION,
    CONTROL_ARM,
    ONE_DOSE,
    VALUE_SELECTION,
)
"""Paths whose contradictions belong to a rule of their own, which says better why they matter."""


def told_differently(study: Study, pattern: str, *, besides: Iterable[str] = ()) -> Iterator[Doubt]:
    """A doubt for each path that matches the pattern and of which the sources state different values.

    `besides` are paths that the rule has doubted already, for a sharper reason.
    """
    doubted = set(besides)
    for path, evidence in _differing(study):
        if re.search(pattern, path) and path not in doubted:
            yield _doubt(path, evidence)


@check(
    "SRC-101",
    Severity.ERROR,
    "cross-field",
    standards=("ICH E6(R3) 4.2",),
    why="One of the two is wrong, and whoever relies on the other is misled.",
    settle="the source record of the fact.",
)
def a_fact_is_told_the_same_everywhere(study: Study) -> Iterator[Doubt]:
    """A fact is told the same in every place."""
    misnamed = misnamed_paths(study)
    for path, evidence in _differing(study):
        if path not in misnamed and not any(re.search(pattern, path) for pattern in _OWNED):
            yield _doubt(path, evidence)


def _differing(study: Study) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Paths with evidence that states different values, each with all its evidence that states one."""
    stated: dict[str, list[Evidence]] = {}
    for evidence in study.evidence:
        if evidence.states is not None:
            stated.setdefault(evidence.path, []).append(evidence)
    for path, evidences in stated.items():
        if len({_value(evidence) for evidence in evidences}) > 1:
            yield path, tuple(evidences)


def _value(evidence: Evidence) -> object:
    return tuple(sorted(evidence.states)) if isinstance(evidence.states, tuple) else evidence.states


def _doubt(path: str, evidences: tuple[Evidence, ...]) -> Doubt:
    told = dict.fromkeys(
        ", ".join(e.states) if isinstance(e.states, tuple) else str(e.states) for e in evidences
    )
    quotes = tuple(
        Quote(source=e.source, prints=e.prints, line=e.line, place=e.place or "") for e in evidences
    )
    return Doubt(subject=path, says=f"told differently: {', or '.join(told)}", quotes=quotes)
