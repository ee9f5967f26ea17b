"""One synthetic value of an item: plausible, and at given rates implausible or missing, so that checks fire.

How ill and how well look for an item stands in synthetic_profiles.csv, made up and rounded for rehearsals; no number
there is an estimate of anything. An item without a profile is drawn around the middle of its plausible range.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from exotrial.study.items import DataType, Item

PROFILES = Path(__file__).with_name("synthetic_profiles.csv")
REASONS = ("not done", "sample lost", "device not available", "no data")

Value = str | int | float | bool | dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often something is drawn: shares of values, and adverse events a participant has on average."""

    missing: float = 0.02
    implausible: float = 0.01
    adverse_events: float = 0.6

    def __post_init__(self) -> None:
        if not (0 <= self.missing <= 1 and 0 <= self.implausible <= 1 and 0 <= self.adverse_events < 20):
            raise ValueError("a share is from 0 to 1, and adverse events are from 0 to 20 a participant")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The value of somebody well and of somebody as ill as can be, and its spread (of the logarithm for `log`)."""

    well: float
    ill: float
    spread: float
    decimals: int
    log: bool


@cache
def read_profiles() -> Mapping[str, Profile]:
    """The profiles by item oid."""
    with PROFILES.open(encoding="utf-8", newline="") as file:
        return {
            row["item"]: Profile(
                well=float(row["well"]),
                ill=float(row["ill"]),
                spread=float(row["spread"]),
                decimals=int(row["decimals"]),
                log=row["scale"] == "log",
            )
            for row in csv.DictReader(file)
        }


def draw_number(item: Item, *, stream: Random, severity: float, rates: Rates) -> Value:
    """A number of an item in its unit for a severity from 0 (well) to 1, always within its hard bounds."""
    if stream.random() < rates.missing:
        return {"missing": stream.choice(REASONS)}
    if stream.random() < rates.implausible:
        outside = _outside(item, stream)
        if outside is not None:
            return _rounded(item, outside, decimals=2)
    profile = read_profiles().get(item.oid)
    if profile is None:
        low, high = _range(item)
        middle, spread = (low + high) / 2, (high - low) / 12
        return _rounded(item, _within(stream.gauss(middle, spread), item), decimals=2)
    if profile.log:
        centre = math.log(profile.well) + severity * (math.log(profile.ill) - math.log(profile.well))
        drawn = math.exp(stream.gauss(centre, profile.spread))
    else:
        drawn = stream.gauss(profile.well + severity * (profile.ill - profile.well), profile.spread)
    return _rounded(item, _within(drawn, item), decimals=profile.decimals)


def _range(item: Item) -> tuple[float, float]:
    low = item.low if item.low is not None else item.hard_low if item.hard_low is not None else 0.0
    high = item.high if item.high is not None else item.hard_high if item.hard_high is not None else low + 10
    return low, max(low, high)


def _within(drawn: float, item: Item) -> float:
    """The number moved into what is plausible, and possible, for the item."""
    floors = [bound for bound in (item.low, item.hard_low) if bound is not None]
    roofs = [bound for bound in (item.high, item.hard_high) if bound is not None]
    return min(max(drawn, *floors, -math.inf), *roofs, math.inf)


def _outside(item: Item, stream: Random) -> float | None:
    """A number that is possible and not plausible, None where there is none."""
    choices = []
    if item.high is not None:
        roof = item.high + max(1.0, abs(item.high) / 4) if item.hard_high is None else item.hard_high
        if roof > item.high:
            choices.append((item.high + roof) / 2)
    if item.low is not None:
        floor = item.low - max(1.0, abs(item.low) / 4) if item.hard_low is None else item.hard_low
        if floor < item.low:
            choices.append((item.low + floor) / 2)
    return stream.choice(choices) if choices else None


def _rounded(item: Item, number: float, *, decimals: int) -> int | float:
    """The number as a form has it; rounding never carries it over a bound."""
    if item.data_type is DataType.INTEGER:
        return round(number)
    rounded = round(number, decimals)
    lows = [bound for bound in (item.low, item.hard_low) if bound is not None and number >= bound]
    highs = [bound for bound in (item.high, item.hard_high) if bound is not None and number <= bound]
    if any(rounded < bound for bound in lows) or any(rounded > bound for bound in highs):
        return number
    return int(rounded) if decimals == 0 else rounded
