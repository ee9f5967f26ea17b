"""TOML that a laboratory writes: every key known, every value of its kind, every refusal with its line."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast

from exotrial.core.dates import read_date
from exotrial.core.errors import ErrorCode, Place
from exotrial.product.assay import AssayFile
from exotrial.product.assay_text import decode
from exotrial.study.toml_lines import Path, compute_lines, find_line

NOT_TOML = ErrorCode(
    "TML-001",
    "A file that should be TOML is not.",
    "mend the syntax at the line named; text goes between double quotation marks.",
)
WRONG_KEY = ErrorCode(
    "TML-002",
    "A key is missing, or is none that is known here.",
    "add the key, or correct its spelling; docs/how-to/read-assay-files.md has an example.",
)
WRONG_VALUE = ErrorCode(
    "TML-003",
    "A value is of the wrong kind, or none of those allowed.",
    "write the value as the message shows; docs/how-to/read-assay-files.md has an example.",
)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a TOML file: its values, where it stands, and reading by key."""

    file: AssayFile
    values: dict[str, Any]
    path: Path
    lines: dict[Path, int]

    def at(self, key: str = "") -> Place:
        """Where a key stands, or the table itself."""
        path = (*self.path, key) if key else self.path
        written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        return self.file.at(find_line(self.lines, path), path=written)

    def check_keys(self, known: Sequence[str]) -> None:
        """Refuse a key that is none of those known (TML-002)."""
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                raise WRONG_KEY.refuse(
                    f"there is no key '{key}' here",
                    place=self.at(key),
                    value=key,
                    remedy=f"did you mean '{near[0]}'?" if near else f"the keys are {', '.join(known)}.",
                )

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text that is not empty; without a default it has to be there (TML-002, TML-003)."""
        if key not in self.values and default is not None:
            return default
        value = cast(str, self._get(key, str, "text between quotation marks"))
        if not value.strip():
            raise WRONG_VALUE.refuse(f"'{key}' is empty", place=self.at(key), remedy="fill it in.")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, at least one (TML-002, TML-003)."""
        values = self._get(key, list, 'a list of texts, like ["Run 1", "Run 2"]')
        if not values or not all(isinstance(value, str) and value.strip() for value in values):
            raise WRONG_VALUE.refuse(
                f"'{key}' is not a list of texts",
                place=self.at(key),
                remedy='write it like ["Run 1", "Run 2"].',
            )
        return tuple(value.strip() for value in values)

    def number(self, key: str) -> float:
        """A finite number (TML-002, TML-003)."""
        value = self._get(key, (int, float), "a number, without quotation marks")
        if isinstance(value, bool) or not -1e300 < value < 1e300:
            raise WRONG_VALUE.refuse(
                f"'{key}' is {value}, which is not a number", place=self.at(key), value=value
            )
        return float(value)

    def whole(self, key: str, *, default: int | None = None) -> int:
        """A whole number from 1 up (TML-002, TML-003)."""
        if key not in self.values and default is not None:
            return default
        value = self._get(key, int, "a whole number from 1 up")
        if isinstance(value, bool) or value < 1:
            raise WRONG_VALUE.refuse(
                f"'{key}' is {value}", place=self.at(key), value=value, remedy="write 1 or more."
            )
        return int(value)

    def choice(self, key: str, among: Sequence[T], *, default: T | None = None) -> T:
        """One of the values allowed, each written as its text (TML-002, TML-003)."""
        if key not in self.values and default is not None:
            return default
        written = self.text(key)
        for each in among:
            if str(each) == written:
                return each
        allowed = ", ".join(f'"{each}"' for each in among)
        raise WRONG_VALUE.refuse(
            f"'{key}' is {written!r}", place=self.at(key), value=written, remedy=f"write one of {allowed}."
        )

    def day(self, key: str) -> date:
        """A date, as TOML's own or as text (TML-002, TML-003, DAY-001 to DAY-004)."""
        value = self._get(key, (date, str), "a date like 2026-01-14")
        if isinstance(value, datetime):
            raise WRONG_VALUE.refuse(f"'{key}' is a time", place=self.at(key), remedy="write the date alone.")
        return value if isinstance(value, date) else read_date(value, place=self.at(key))

    def moment(self, key: str) -> datetime:
        """A local date and time of TOML's own, without a zone (TML-002, TML-003)."""
        value = self._get(
            key, datetime, "a date with its time, like 2026-01-12T10:30:00, without quotation marks"
        )
        if value.tzinfo is not None:
            raise WRONG_VALUE.refuse(
                f"'{key}' has a zone",
                place=self.at(key),
                value=value,
                remedy="write the instrument's own time.",
            )
        return cast(datetime, value)

    def instant(self, key: str) -> datetime:
        """A date and time of TOML's own with its offset from UTC (TML-002, TML-003)."""
        what = "a date and time with its offset, like 2026-01-12T10:30:00+08:00, without quotation marks"
        value = self._get(key, datetime, what)
        if value.tzinfo is None:
            raise WRONG_VALUE.refuse(
                f"'{key}' has no offset from UTC", place=self.at(key), value=value, remedy=f"write {what}."
            )
        return cast(datetime, value)

    def table(self, key: str) -> Table:
        """A table below this one (TML-002, TML-003)."""
        values = self._get(key, dict, f"a table, [{key}]")
        return Table(file=self.file, values=values, path=(*self.path, key), lines=self.lines)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables of an array, [[key]], at least one (TML-002, TML-003)."""
        entries = self._get(key, list, f"an array of tables, [[{key}]]")
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise WRONG_VALUE.refuse(f"'{key}' is not written as [[{key}]]", place=self.at(key), value=key)
        return tuple(
            Table(file=self.file, values=entry, path=(*self.path, key, k), lines=self.lines)
            for k, entry in enumerate(entries)
        )

    def _get(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        if key not in self.values:
            raise WRONG_KEY.refuse(
                f"there is no '{key}' here", place=self.at(), value=key, remedy=f"add '{key}': {what}."
            )
        value = self.values[key]
        if not isinstance(value, kind):
            raise WRONG_VALUE.refuse(
                f"'{key}' is {str(value)[:60]!r}", place=self.at(key), value=value, remedy=f"write {what}."
            )
        return value


def read_toml(file: AssayFile) -> Table:
    """The whole of a TOML file as a table (ASY-101, TML-001)."""
    text = decode(file, "utf-8-sig")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, where = str(error).partition(" (at ")
        numbers = [int(word) for word in where.replace(",", " ").replace(")", " ").split() if word.isdigit()]
        line = numbers[0] if numbers else text.count("\n") + 1
        lines = text.split("\n")
        shown = lines[line - 1].strip()[:60] if line <= len(lines) else "the end of the file"
        raise NOT_TOML.refuse(
            f"{message[:1].lower()}{message[1:]}, in {shown!r}", place=file.at(line), value=shown
        ) from None
    return Table(file=file, values=values, path=(), lines=compute_lines(text))
