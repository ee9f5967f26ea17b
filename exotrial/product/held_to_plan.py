"""Process records and temperature logs held to what the study file plans for the product, so that release rests on it.

What a reader can say of such a file is not what it means: that needs the steps of `products.process`, or the limits of
the release tests. What then speaks against the batch becomes a warning of the reading, and a batch is not released over
a warning that no signed deviation answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from exotrial.core.errors import Place, Refusal
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayKind, InstrumentWarning, Reading
from exotrial.product.assay_text import assay_finding
from exotrial.product.custody import Logged, check_log, compute_log
from exotrial.product.process import check_process
from exotrial.product.process_record import ProcessRecord
from exotrial.study.definition.intervention import Product
from exotrial.study.definition.release import ReleaseTest

PROCESS: Final = "process"
"""What a process record shows, with the outcome `on record`."""
LOWEST: Final = "lowest temperature"
HIGHEST: Final = "highest temperature"
MEAN_KINETIC: Final = "mean kinetic temperature"

UNHELD: Final = {AssayKind.PROCESS: "PRF-012", AssayKind.TEMPERATURE: "CUF-005"}

GAP_OF_INTERVALS: Final = 3
"""In half intervals: readings further apart than one and a half intervals of the log lack one between them."""


def say_unheld(kind: AssayKind, why_not: str, *, place: Place) -> Finding:
    """The error (PRF-012, CUF-005) that such a file carries until it is held to a plan."""
    return assay_finding(
        UNHELD[kind],
        "plan",
        Severity.ERROR,
        says=f"the {kind.value} is held to no plan: {why_not}.",
        why="Nobody has asked whether the batch was made, or kept, as it should be.",
        settle="`exotrial process check` or `exotrial custody check`; for a release, the study file has to plan it.",
        place=place,
    )


def hold_to_plan(reading: Reading, product: Product | None) -> Reading:
    """The reading with what speaks against the batch as its warnings; any other kind of file as it is.

    A process record is held to the steps and hold times of the product; of its findings the errors become warnings. A
    temperature log is held to the limits of the product's release tests of `temperature log`: excursions, gaps and
    clocks that went back become warnings. Where there is no plan, the reading keeps an error that says so.
    """
    if product is None or reading.kind not in UNHELD:
        return reading
    try:
        if reading.kind is AssayKind.PROCESS:
            found = _hold_process(reading.content, product)
        else:
            found = _hold_temperature(reading.content, product, name=reading.file.name)
    except Refusal as refused:
        return _unheld(reading, refused.problem)
    if isinstance(found, str):
        return _unheld(reading, found)
    place = Place(file=reading.file.name)
    severe = reading.kind is AssayKind.TEMPERATURE
    against = [one for one in found if severe or one.severity is Severity.ERROR]
    return replace(
        reading,
        warnings=(
            *reading.warnings,
            *(InstrumentWarning(text=f"{one.rule}: {one.says}", place=place) for one in against),
        ),
        findings=(*_without_unheld(reading), *(one for one in found if one not in against)),
    )


def _hold_process(record: ProcessRecord, product: Product) -> Sequence[Finding] | str:
    if record.product != product.id:
        return f"it is of the product '{record.product}', and the batch is of '{product.id}'"
    if not product.process:
        return f"the study file tells no step of making {product.id}"
    return check_process(product, record)


def _hold_temperature(rows: Sequence[Logged], product: Product, *, name: str) -> Sequence[Finding] | str:
    tests = [one for one in product.release_tests or () if one.assay == AssayKind.TEMPERATURE.value]
    lower = [_degrees(one, lower=True) for one in tests if one.measures in (LOWEST, MEAN_KINETIC)]
    upper = [_degrees(one, lower=False) for one in tests if one.measures in (HIGHEST, MEAN_KINETIC)]
    lows, highs = [one for one in lower if one is not None], [one for one in upper if one is not None]
    if not lows and not highs:
        return f"no release test of {product.id} limits the temperature"
    log = compute_log(rows, lower=max(lows, default=None), upper=min(highs, default=None))
    return check_log(log, longest_gap=_compute_interval(rows) * GAP_OF_INTERVALS / 2, file=name)


def _degrees(test: ReleaseTest, *, lower: bool) -> float | None:
    bound = test.at_least if lower else test.at_most
    return None if bound is None else bound.to("degC").number


def _compute_interval(rows: Sequence[Logged]) -> timedelta:
    """The interval of a log: the median time between readings."""
    times = sorted(row.at for row in rows)
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return steps[len(steps) // 2]


def _without_unheld(reading: Reading) -> tuple[Finding, ...]:
    return tuple(one for one in reading.findings if one.rule != UNHELD[reading.kind])


def _unheld(reading: Reading, why_not: str) -> Reading:
    place = Place(file=reading.file.name)
    return replace(
        reading, findings=(*_without_unheld(reading), say_unheld(reading.kind, why_not, place=place))
    )
