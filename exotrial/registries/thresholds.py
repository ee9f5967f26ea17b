"""Limits of measured values in eligibility criteria, aligned by what is measured and in which unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.rules import Rule

Category = Literal["inclusion", "exclusion"]
_SIGNS = (("at_least", "≥"), ("more_than", ">"), ("at_most", "≤"), ("less_than", "<"))
_ELSEWHERE = frozenset({"age"})
"""Items whose limits an account holds as items of their own."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a criterion asks of one measured value: the limits by their sign, in a unit ("" where none is told)."""

    item: str
    category: Category
    unit: str
    limits: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        return " and ".join(f"{sign} {value:g}" for sign, value in self.limits) + (
            f" {self.unit}" if self.unit else ""
        )


def derive_limits(
    criteria: Iterable[tuple[Category, Rule | None, Stated[str]]],
) -> Mapping[tuple[str, str], tuple[Limits, Stated[str]]]:
    """The limits of criteria whose rule is a range of one item, by category and item.

    An item that two criteria of one list limit is left out: which of them a limit of another source answers to is open.
    """
    found: dict[tuple[str, str], list[tuple[Limits, Stated[str]]]] = {}
    for category, rule, text in criteria:
        if rule is None or rule.item is None or rule.item in _ELSEWHERE:
            continue
        limits = tuple(
            (sign, float(value)) for name, sign in _SIGNS if (value := getattr(rule, name)) is not None
        )
        if limits:
            told = Limits(item=rule.item, category=category, unit=rule.unit or "", limits=limits)
            found.setdefault((category, rule.item), []).append((told, text))
    return {key: told[0] for key, told in found.items() if len(told) == 1}


def limits_of_record(record: RegistryRecord) -> Mapping[tuple[str, str], tuple[Limits, Stated[str]]]:
    """The limits that the proposed rules of a record's criteria set."""
    return derive_limits((one.category, one.proposed, one.text) for one in record.criteria)
