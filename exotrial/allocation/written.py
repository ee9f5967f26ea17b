"""How values of the allocation record are written: UTC times (RFC 3339), digests, texts; and JSON read strictly.

A certificate or an export is read only if writing it again gives the same value: no key is passed over, no
default fills a gap, no number is rounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Annotated, NoReturn, Protocol, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from exotrial.allocation.manifest import canonical_json
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

NOT_UTC = ErrorCode(
    "ENV-001",
    "A time of the allocation record is not a UTC time in ISO 8601.",
    "write it like 2026-03-04T09:30:00Z.",
)
NOT_JSON = ErrorCode(
    "VER-001",
    "A file of the allocation record is not JSON as exotrial writes it.",
    "take the file as it was exported, and compare its SHA-256 with that of the sender's.",
)
WRONG_SHAPE = ErrorCode(
    "VER-002",
    "A part of a file of the allocation record is missing, unknown or of the wrong kind.",
    "take the file as it was exported; docs/explanation/randomisation.md describes its parts.",
)
TOO_LARGE = ErrorCode(
    "VER-003",
    "A file of the allocation record is larger than any list that exotrial makes.",
    "check that it is the right file.",
)

MOST_BYTES = 256 * 1024 * 1024
_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", flags=re.ASCII)


def read_utc(text: str, *, place: Place | None = None) -> datetime:
    """The time that `2026-03-04T09:30:00Z` means; up to six decimals of a second. Refuses with ENV-001."""
    if _UTC.fullmatch(text) is None:
        raise NOT_UTC.refuse(f"{text!r} is not a UTC time", place=place, value=text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NOT_UTC.refuse(f"there is no {text} in the calendar", place=place, value=text) from None


def _check_utc(text: str) -> str:
    try:
        read_utc(text)
    except Refusal as refusal:
        raise ValueError(refusal.problem) from None
    return text


Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in small hexadecimal digits."""
Marks = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}(?:[0-9a-f]{16})?$")]
"""8 bytes for each of the eight fields of an entry, and for its levels where it has any."""
ListText = Annotated[str, StringConstraints(max_length=4_000_000)]
"""The text of a list brought from outside."""
HexBytes = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{2})*$")]
Utc = Annotated[str, AfterValidator(_check_utc)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=4000)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Ordinal = Annotated[int, Field(ge=1, le=10_000_000)]


class HasJson(Protocol):
    """A value that has a JSON form of its own."""

    def as_json(self) -> dict[str, object]: ...


T = TypeVar("T")


def as_plain(value: object) -> object:
    """A value as JSON objects, lists, texts and whole numbers: a dataclass is an object of its fields."""
    if hasattr(value, "as_json"):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(one) for one in value]
    return value


def write_json(value: object) -> bytes:
    """The canonical JSON of a value, with a line end."""
    return canonical_json(as_plain(value)) + b"\n"


def read_json(data: bytes, *, adapter: TypeAdapter[T], name: str) -> T:
    """The value of a file written by `write_json`, in any layout; `name` is what refusals call the file.

    Refuses with VER-001 or VER-003, or with every VER-002 together.
    """
    if len(data) > MOST_BYTES:
        raise TOO_LARGE.refuse(f"the file has {len(data)} bytes", place=Place(file=name), value=len(data))
    plain = _parse(data, name)
    try:
        value = adapter.validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise Refusals(_explain(error, name)) from None
    except Refusal as refusal:  # a value that refuses to be, such as an envelope of both kinds
        raise WRONG_SHAPE.refuse(
            refusal.problem, place=Place(file=name, path=refusal.place.path), value=refusal.value
        ) from None
    again = as_plain(value)
    if canonical_json(again) != canonical_json(plain):
        path = _difference(plain, again, ())
        raise WRONG_SHAPE.refuse("this is not what exotrial writes here", place=_place(name, path))
    return value


def _parse(data: bytes, name: str) -> object:
    def refuse(problem: str, line: int | None = None, column: int | None = None) -> NoReturn:
        place = Place(file=name, line=line, column=column)
        raise NOT_JSON.refuse(problem, place=place) from None

    def no_fraction(text: str) -> NoReturn:
        refuse(f"{text[:40]} is not a whole number")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in made if keys.count(key) > 1)
            refuse(f"the key {twice[:40]!r} is there twice in one object")
        return made

    try:
        text = data.decode("utf-8")
        value: object = json.loads(
            text, parse_float=no_fraction, parse_constant=no_fraction, object_pairs_hook=once
        )
        canonical_json(value).decode("ascii").encode()
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        refuse(f"byte {error.start + 1} is not UTF-8", line=data[: error.start].count(b"\n") + 1)
    except UnicodeEncodeError:
        refuse("a text holds half of a surrogate pair")
    except json.JSONDecodeError as error:
        refuse(error.msg[:1].lower() + error.msg[1:], line=error.lineno, column=error.colno)
    except ValueError:
        refuse("a number has too many digits")
    except RecursionError:
        refuse("it is nested too deeply")
    return value


def _explain(error: ValidationError, name: str) -> list[Refusal]:
    found = []
    for detail in error.errors(include_url=False):
        message = detail["msg"]
        problem = message[:1].lower() + message[1:]
        shown = detail["input"] if isinstance(detail["input"], str | int) else ""
        if shown != "":
            problem = f"{str(shown)[:60]!r}: {problem}"
        found.append(WRONG_SHAPE.refuse(problem, place=_place(name, detail["loc"]), value=str(shown)[:60]))
    return found


def _difference(left: object, right: object, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path of the first place where two values differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            if key not in left or key not in right:
                return (*path, key)
            if left[key] != right[key]:
                return _difference(left[key], right[key], (*path, key))
    if isinstance(left, list) and isinstance(right, list):
        for at, (one, other) in enumerate(zip(left, right, strict=False)):
            if one != other:
                return _difference(one, other, (*path, at))
    return path


def _place(name: str, path: tuple[str | int, ...]) -> Place:
    return Place(file=name, path=".".join(str(part) for part in path))
