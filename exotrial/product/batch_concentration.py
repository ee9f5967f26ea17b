"""The particle concentration of a released batch, from the evidence that it was released by, with its uncertainty.

The value is what the release tests were held to. Its relative standard uncertainty is that of counting and between
videos (`concentration`), and, where several vials were measured, the standard deviation between them beside it in
quadrature: a vial that is drawn from was not measured itself (JCGM 100:2008, 5.1.2).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from exotrial.core.errors import Refusal
from exotrial.product.concentration import compute_concentration
from exotrial.product.evidence import CONCENTRATION, Evidence
from exotrial.product.release import Specification
from exotrial.product.release_reasons import results_of


@dataclass(frozen=True, kw_only=True)
class BatchConcentration:
    """Particles/mL; `relative_uncertainty` is None where a file tells none. `files` are names with digests."""

    value: float
    relative_uncertainty: float | None
    files: tuple[str, ...]


def compute_batch_concentration(
    specification: Specification, evidence: Sequence[Evidence], *, batch: str
) -> BatchConcentration | None:
    """The mean over the files that a test of particle concentration rests on; None where no file shows one."""
    shown: dict[str, tuple[Evidence, float]] = {}
    for test in specification.tests:
        if test.id is None or test.measures is None or test.measures.casefold() != CONCENTRATION.casefold():
            continue
        for one, result in results_of(test, evidence, batch=batch):
            if result.value is not None and not result.below and result.value.number > 0:
                shown[one.file.sha256] = (one, float(result.value.to("particles/mL").value))
    if not shown:
        return None
    values = [value for _, value in shown.values()]
    mean = statistics.fmean(values)
    within = [_relative(one) for one, _ in shown.values()]
    known = [one for one in within if one is not None]
    between = statistics.stdev(values) / mean if len(values) > 1 else 0.0
    return BatchConcentration(
        value=mean,
        relative_uncertainty=math.hypot(max(known), between) if len(known) == len(within) else None,
        files=tuple(f"{one.file.name} (SHA-256 {one.file.sha256[:12]})" for one, _ in shown.values()),
    )


def _relative(one: Evidence) -> float | None:
    """The relative standard uncertainty that a file's own counts and videos tell, None for an entered result."""
    if one.reading is None or not one.reading.distributions:
        return None
    try:
        found = compute_concentration(one.reading.distributions[0])
    except Refusal:  # the file tells no counts: nothing is made up for them
        return None
    return found.se / found.value
