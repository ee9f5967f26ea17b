"""Minimisation in a manifest: how its plan is written there, and an arm decided from the record (Pocock, Simon 1975).

The parameters of such a manifest are words: `p` ("4/5"), `measure` ("range" or "variance") and `factors`, the
canonical JSON of a list of {"levels", "name", "weight"}. `levels` is null for the sites: a site that opens later
is a new level, which needs nothing decided beforehand. Arms and ratio are the manifest's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from exotrial.allocation.envelopes import Envelope
from exotrial.allocation.manifest import Manifest, Parameter, canonical_json
from exotrial.allocation.minimisation import (
    Allocated,
    Decision,
    Factor,
    MinimisationPlan,
    check_plan,
    decide_arm,
)
from exotrial.allocation.order import Entry
from exotrial.core.errors import ErrorCode, Place, Refusals

METHOD = "minimisation"
STRATUM = "stratum"
SITE = "site"
"""The factors that a list may have: the study file's strata, and the sites."""

NO_PLAN = ErrorCode(
    "ENV-020",
    "The manifest of a list by minimisation does not hold its plan.",
    "give p, measure and factors as docs/explanation/randomisation.md writes them, and nothing else.",
)


def write_parameters(*, p: str, measure: str, factors: Sequence[Factor]) -> dict[str, Parameter]:
    """The parameters of a manifest for a plan."""
    told = [{"levels": one.levels, "name": one.name, "weight": one.weight} for one in factors]
    return {"p": p, "measure": measure, "factors": canonical_json(told).decode()}


def read_plan(manifest: Manifest) -> MinimisationPlan:
    """The plan of a manifest. Refuses with ENV-020, and (Refusals) with SEQ-002 and SEQ-021 all that is wrong."""
    parameters = manifest.parameters
    p, measure = parameters.get("p"), parameters.get("measure")
    if set(parameters) != {"p", "measure", "factors"} or not isinstance(p, str):
        raise NO_PLAN.refuse("its parameters are not p, measure and factors", place=Place(path="parameters"))
    plan = MinimisationPlan(
        arms=manifest.arms,
        ratio=manifest.ratio,
        factors=_read_factors(parameters["factors"]),
        measure=cast(Literal["range", "variance"], measure),
        p=p,
    )
    wrong = check_plan(plan)
    if wrong:
        raise Refusals(wrong)
    return plan


def has_strata(manifest: Manifest) -> bool:
    """Whether the stratum is among the factors of a manifest by minimisation."""
    return any(one.name == STRATUM for one in read_plan(manifest).factors)


def decide_from_record(
    plan: MinimisationPlan,
    *,
    previous: Sequence[tuple[Entry, str]],
    levels: Mapping[str, str],
    envelope: Envelope,
) -> Decision:
    """The arm of who comes next, from the entries and arms before and the draw of the next envelope (Refusals)."""
    return decide_arm(
        [Allocated(levels=dict(entry.levels), arm=arm) for entry, arm in previous],
        levels=levels,
        plan=plan,
        draw=bytes.fromhex(envelope.draw),
    )


def describe_plan(manifest: Manifest) -> str:
    """One sentence for a report, without its full stop."""
    plan = read_plan(manifest)
    factors = " and ".join(f"{one.name} (weight {one.weight})" for one in plan.factors)
    return (
        f"Arms were decided by minimisation with a random element (Pocock and Simon 1975) over {factors}: the arm "
        f"of least imbalance, measured by the {plan.measure}, was given with probability {plan.p}"
    )


def _read_factors(text: object) -> tuple[Factor, ...]:
    place = Place(path="parameters.factors")
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, list) or not all(_is_factor(one) for one in told):
        raise NO_PLAN.refuse("its factors cannot be read", place=place)
    if text != canonical_json(told).decode():
        raise NO_PLAN.refuse("its factors are not written in their one form", place=place)
    return tuple(
        Factor(
            name=one["name"],
            levels=None if one["levels"] is None else tuple(one["levels"]),
            weight=one["weight"],
        )
        for one in told
    )


def _is_factor(one: object) -> bool:
    if not isinstance(one, dict) or set(one) != {"levels", "name", "weight"}:
        return False
    levels = one["levels"]
    listed = isinstance(levels, list) and all(isinstance(level, str) for level in levels)
    return isinstance(one["name"], str) and isinstance(one["weight"], int) and (levels is None or listed)
