"""A result against its limit: in, out, or not to be told (ICH Q6B 2.2: numerical limits, ranges, other criteria)."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.core.quantities import Quantity, format_quantity
from exotrial.product.endotoxin import compute_endotoxin_limit
from exotrial.product.evidence import Shown
from exotrial.study.definition.release import ReleaseTest


def find_bounds(test: ReleaseTest) -> tuple[Quantity | None, Quantity | None]:
    """The least and the greatest value allowed, both of which are still in; None for an open side (REL-001)."""
    if test.endotoxin is None:
        return test.at_least, test.at_most
    limit = compute_endotoxin_limit(
        test.endotoxin.threshold_iu_per_kg_h,
        body_weight=test.endotoxin.body_weight,
        volume_per_hour=test.endotoxin.volume_per_hour,
    )
    return None, limit


def say_limit(test: ReleaseTest) -> str:
    """The limit in words: `at least 80 nm, at most 150 nm`, or the outcome required."""
    if test.requires is not None:
        return test.requires
    low, high = find_bounds(test)
    bounds = (("at least", low), ("at most", high))
    return ", ".join(f"{word} {format_quantity(bound)}" for word, bound in bounds if bound is not None)


def say_result(shown: Shown) -> str:
    """A result in words."""
    if shown.value is None:
        return shown.outcome
    return f"{'< ' if shown.below else ''}{format_quantity(shown.value)}"


def judge_result(test: ReleaseTest, shown: Shown) -> tuple[bool | None, str]:
    """Whether a result is within the test's limit, None where that cannot be told, and why in words.

    A result below a number of the method's (`< 0.1 IU/mL`) is in where even that number is; a limit from below it can
    only miss or leave open. An outcome is compared word for word, small and capital letters alike.
    """
    said = f"{say_result(shown)}; the limit is {say_limit(test)}"
    if test.requires is not None:
        if shown.value is not None or not shown.outcome:
            return None, f"{said}: a number where words are asked for"
        return shown.outcome.casefold() == test.requires.casefold(), said
    if shown.value is None:
        return None, f"{said}: words where a number is asked for"
    low, high = find_bounds(test)
    answers: list[bool | None] = []
    for bound, upper in ((low, False), (high, True)):
        if bound is None:
            continue
        try:
            value = shown.value.to(bound.unit).value
        except Refusal as refused:
            return None, f"{said}: {refused.problem}"
        if shown.below:
            answers.append(
                (True if value <= bound.value else None) if upper else _misses(value <= bound.value)
            )
        else:
            answers.append(value <= bound.value if upper else value >= bound.value)
    if False in answers:
        return False, said
    return (
        (None, f"{said}: it lies below a number that is not within it") if None in answers else (True, said)
    )


def _misses(surely: bool) -> bool | None:
    """A result below a number that is itself at or under the lower limit misses it; else nobody knows."""
    return False if surely else None
