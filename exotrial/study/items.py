"""Items, codelists, item groups and forms: what is asked of a participant, in the words of CDISC ODM 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DataType(StrEnum):
    """What kind of answer an item takes."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CODED = "coded"


@dataclass(frozen=True)
class Code:
    """One choice of a codelist: the value that is stored and the words that are shown."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Codelist:
    """A closed list of choices, in the order in which they are shown."""

    oid: str
    label: str
    codes: tuple[Code, ...]

    def __post_init__(self) -> None:
        values = [code.value for code in self.codes]
        if not values or len(set(values)) != len(values):
            raise ValueError(f"codelist {self.oid} is empty or repeats a value")

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(code.value for code in self.codes)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question. `oid` is its name everywhere; a CODED item has a codelist, and only it.

    `low` and `high` bound what is plausible: a value outside is queried, and kept. `hard_low` and `hard_high`
    bound what is possible: a value outside is refused. All in `unit` (UCUM spelling, "" for none).
    `significant_digits` is the most that the value is recorded with. A `double_entry` item is keyed by two people.
    """

    oid: str
    label: str
    data_type: DataType
    unit: str = ""
    low: float | None = None
    high: float | None = None
    hard_low: float | None = None
    hard_high: float | None = None
    required: bool = True
    codelist: Codelist | None = None
    significant_digits: int | None = None
    question: str = ""
    help: str = ""
    double_entry: bool = False

    def __post_init__(self) -> None:
        if (self.data_type is DataType.CODED) != (self.codelist is not None):
            raise ValueError(f"item {self.oid}: a coded item has a codelist, and only a coded item")
        bounds = [b for b in (self.hard_low, self.low, self.high, self.hard_high) if b is not None]
        if bounds != sorted(bounds):
            raise ValueError(f"item {self.oid}: the bounds do not rise from hard_low to hard_high")


@dataclass(frozen=True, kw_only=True)
class ItemGroup:
    """Items asked together; `repeating` where there may be several rows, such as one for each adverse event."""

    oid: str
    label: str
    items: tuple[Item, ...]
    repeating: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """Item groups filled in at one sitting; `encounters` are ids of the study file, empty for none planned."""

    oid: str
    label: str
    groups: tuple[ItemGroup, ...]
    encounters: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item of the form, in order."""
        return tuple(item for group in self.groups for item in group.items)
