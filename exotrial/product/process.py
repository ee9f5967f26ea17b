"""The record of a batch's making held to the process of the study file: steps, values, limits, order, hold times.

The study file is the template (EU GMP Part IV 6: processing instructions); a record says what was done, by whom, when,
with the values that were read. What the template asks for and the record lacks is a finding, and nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Severity
from exotrial.core.quantities import Quantity, convert, format_quantity
from exotrial.product.process_record import ProcessRecord, RecordedStep
from exotrial.study.definition.intervention import Product
from exotrial.study.definition.process import DIMENSIONS, ProcessStep

NO_PROCESS = ErrorCode(
    "PRC-003",
    "The study file has no such product, or tells no step of making it.",
    "describe the steps under [[products.process]].",
)


def find_process(products: Sequence[Product], product: str) -> Product:
    """The product of a record with its steps. Refuses with PRC-003."""
    for one in products:
        if one.id == product and one.process:
            return one
    raise NO_PROCESS.refuse(f"there is no process of {product!r}", value=product)


def list_parameters(step: ProcessStep) -> list[str]:
    """What a step plans, in words: values with their units, limits, medium, material, ingredients."""
    named: tuple[tuple[str, Quantity | None], ...] = (
        ("", step.force),
        ("", step.duration),
        ("", step.temperature),
        ("pore ", step.pore),
        ("length ", step.length),
        ("", step.volume),
        ("CO₂ ", step.carbon_dioxide),
    )
    told = [f"{name}{format_quantity(value)}" for name, value in named if value is not None]
    if step.density:
        told.append(" to ".join(format_quantity(value) for value in step.density))
    if step.repeats is not None:
        told.append(f"{step.repeats} times")
    told += [text for text in (step.medium, step.material) if text]
    for limit in step.limits:
        told += [
            f"{_word(limit.parameter)} {side} {format_quantity(value)}"
            for side, value in (("at least", limit.at_least), ("at most", limit.at_most))
            if value is not None
        ]
    for one in step.ingredients:
        amount = "" if one.concentration is None else f" {format_quantity(one.concentration)}"
        told.append(f"{one.name}{amount}")
    return told


def check_process(product: Product, record: ProcessRecord) -> tuple[Finding, ...]:
    """Every doubt about a record: PRF-001 to PRF-011, in the order of the process, then what is no step of it."""
    found: list[Finding] = []
    by_name: dict[str, list[RecordedStep]] = {}
    for step in record.steps:
        by_name.setdefault(step.name, []).append(step)
    planned = {step.name for step in product.process}
    for template in product.process:
        done = by_name.get(template.name, [])
        if not done:
            if not template.optional:
                found.append(_missing(template))
            continue
        if len(done) > 1:
            found.append(_twice(template, done))
        for one in done:
            found += _check_step(template, one)
    found += [_unplanned(step) for step in record.steps if step.name not in planned]
    found += _check_order(product, by_name)
    found += _check_hold_times(product, by_name)
    return tuple(found)


def _check_step(template: ProcessStep, done: RecordedStep) -> list[Finding]:
    found = []
    if not done.by:
        found.append(
            _finding(
                "PRF-004",
                template.name,
                done,
                says=f"Nobody is named who did “{template.name}”.",
                why="A step without an operator cannot be asked about.",
                settle="Name who did it.",
                severity=Severity.WARNING,
            )
        )
    for name in DIMENSIONS:
        found += _check_value(template, done, name)
    found += _check_clock(template, done)
    if template.repeats is not None and done.repeats != template.repeats:
        found.append(
            _differs(template, done, "repeats", f"{template.repeats} times", f"{done.repeats} times")
        )
    return found


def _check_clock(template: ProcessStep, done: RecordedStep) -> list[Finding]:
    """A duration that is told has room between the times, each time it was repeated; a minute is left for reading."""
    told = done.values.get("duration")
    if told is None or not done.end_told or template.action == "medium change":
        return []  # the duration of a change of medium is the time since the last one
    room = _duration(done.ended - done.begun + timedelta(minutes=1))
    if _as(told, "h") * done.repeats <= room.value:
        return []
    return [
        _finding(
            "PRF-011",
            f"{template.name}/duration",
            done,
            says=f"“{template.name}” is said to take {format_quantity(told)}"
            f"{f' {done.repeats} times' if done.repeats > 1 else ''}; by its times it took "
            f"{_duration(done.ended - done.begun).text}.",
            why="One of the two is wrong, and hold times rest on the times.",
            settle="Look the times up in the paper record or the instrument's own log.",
        )
    ]


def _check_value(template: ProcessStep, done: RecordedStep, name: str) -> list[Finding]:
    """One parameter: recorded where it is planned, within its limits, or as planned where there are none."""
    limits = next((one for one in template.limits if one.parameter == name), None)
    planned: tuple[Quantity, ...] = (
        template.density
        if name == "density"
        else tuple(one for one in (getattr(template, name),) if one is not None)
    )
    actual = done.values.get(name)
    if actual is None and name == "duration" and done.ended > done.begun:
        actual = _duration(done.ended - done.begun)
        if limits is None:  # a clock's minutes are no claim that the plan was met to the minute
            return []
    if actual is None:
        return [_unrecorded(template, done, name)] if planned or limits else []
    lower, upper = (limits.at_least, limits.at_most) if limits else (None, None)
    if limits is None and len(planned) == 2:
        lower, upper = sorted(planned, key=lambda one: _as(one, planned[0].unit))
    if lower is not None and _as(actual, lower.unit) < lower.value:
        return [_outside(template, done, name, actual, f"at least {format_quantity(lower)}")]
    if upper is not None and _as(actual, upper.unit) > upper.value:
        return [_outside(template, done, name, actual, f"at most {format_quantity(upper)}")]
    if lower is None and upper is None and planned and _as(actual, planned[0].unit) != planned[0].value:
        return [_differs(template, done, name, format_quantity(planned[0]), format_quantity(actual))]
    return []


def _check_order(product: Product, by_name: Mapping[str, Sequence[RecordedStep]]) -> list[Finding]:
    """Steps that begin before the step before them in the process began."""
    found: list[Finding] = []
    last: RecordedStep | None = None
    for template in product.process:
        for done in by_name.get(template.name, ()):
            if last is not None and done.begun < last.begun:
                found.append(
                    _finding(
                        "PRF-007",
                        done.name,
                        done,
                        says=f"“{done.name}” began before “{last.name}”, which comes before it.",
                        why="A step out of its order makes another product.",
                        settle="Correct the times, or report a deviation.",
                    )
                )
            last = done
    return found


def _check_hold_times(product: Product, by_name: Mapping[str, Sequence[RecordedStep]]) -> list[Finding]:
    found: list[Finding] = []
    for hold in product.hold_times:
        before, until = by_name.get(hold.after), by_name.get(hold.until)
        told = before and until and all(one.end_told for one in (*before, *until))
        if not before or not until or not told or until[-1].ended < before[0].ended:
            found.append(
                _finding(
                    "PRF-009",
                    f"{hold.after}/{hold.until}",
                    None,
                    says=f"How long passed from “{hold.after}” to “{hold.until}” cannot be told.",
                    why=f"At most {format_quantity(hold.at_most)} may pass.",
                    settle="Record both steps with the time at which each ended, the first before the second.",
                )
            )
            continue
        passed = _duration(until[-1].ended - before[0].ended)
        if _as(passed, hold.at_most.unit) > hold.at_most.value:
            found.append(
                _finding(
                    "PRF-008",
                    f"{hold.after}/{hold.until}",
                    until[-1],
                    says=f"From “{hold.after}” to “{hold.until}” {passed.text} passed; "
                    f"at most {format_quantity(hold.at_most)} may.",
                    why="What is held too long may no longer be what was tested.",
                    settle="Report a deviation with its effect on the product, or reject the batch.",
                )
            )
    return found


def _missing(template: ProcessStep) -> Finding:
    return _finding(
        "PRF-001",
        template.name,
        None,
        says=f"“{template.name}” is not on record.",
        why="Every step of the process is done, or its omission is a deviation.",
        settle="Record it, or mark it as `optional` in the study file if a batch can be made without it.",
    )


def _unplanned(done: RecordedStep) -> Finding:
    return _finding(
        "PRF-002",
        done.name,
        done,
        says=f"“{done.name}” is no step of the process.",
        why="What is not in the process was not weighed for its effect on the product.",
        settle="Use the name of the study file, add the step there, or report a deviation.",
        severity=Severity.WARNING,
    )


def _twice(template: ProcessStep, done: Sequence[RecordedStep]) -> Finding:
    return _finding(
        "PRF-003",
        template.name,
        done[1],
        says=f"“{template.name}” is on record {len(done)} times.",
        why="A step that was done again is a deviation unless the process repeats it.",
        settle="Give its `repeats` in one entry, or say in `deviation` why it was done again.",
        severity=Severity.WARNING,
    )


def _unrecorded(template: ProcessStep, done: RecordedStep, name: str) -> Finding:
    return _finding(
        "PRF-005",
        f"{template.name}/{name}",
        done,
        says=f"The {_word(name)} of “{template.name}” is not on record.",
        why="The process plans it; without the value nobody knows that it was kept.",
        settle="Record the value as it was read; do not copy the planned one.",
    )


def _outside(template: ProcessStep, done: RecordedStep, name: str, actual: Quantity, limit: str) -> Finding:
    return _finding(
        "PRF-006",
        f"{template.name}/{name}",
        done,
        says=f"The {_word(name)} of “{template.name}” was {format_quantity(actual)}; it is to be {limit}.",
        why=_explained(done) or "Nothing says why, or what it does to the product.",
        settle="Say in `deviation` why, and what it does to the product; or reject the batch.",
    )


def _differs(template: ProcessStep, done: RecordedStep, name: str, planned: str, actual: str) -> Finding:
    return _finding(
        "PRF-010",
        f"{template.name}/{name}",
        done,
        says=f"The {_word(name)} of “{template.name}” was {actual}; planned was {planned}, without limits.",
        why=_explained(done) or "Whether the difference matters cannot be told without limits.",
        settle="Give limits in the study file, or say in `deviation` why the difference does not matter.",
        severity=Severity.INFO if done.deviation else Severity.WARNING,
    )


def _explained(done: RecordedStep) -> str:
    return f"The record says: {done.deviation}" if done.deviation else ""


def _word(name: str) -> str:
    return {"pore": "pore size", "carbon_dioxide": "carbon dioxide"}.get(name, name)


def _duration(passed: timedelta) -> Quantity:
    hours = Decimal(int(passed.total_seconds())) / 3600
    shown = f"{hours:.2f}".rstrip("0").rstrip(".")
    return Quantity(value=hours, unit="h", text=f"{shown} h")


def _as(quantity: Quantity, unit: str) -> Decimal:
    return convert(quantity, unit).value


def _finding(
    rule: str,
    subject: str,
    done: RecordedStep | None,
    *,
    says: str,
    why: str,
    settle: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    where = f" ({done.place})" if done is not None else ""
    return Finding(
        rule=rule,
        subject=subject,
        severity=severity,
        kind="process",
        says=f"{says}{where}",
        why=why,
        settle=settle,
        standards=("EU GMP Part IV 6",),
    )
