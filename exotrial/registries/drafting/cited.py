"""What a draft says, with where the record says it, and what it cannot hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exotrial.core.dates import PartialDate
from exotrial.registries.record import Loss, RegistryRecord, Stated
from exotrial.study.definition.base import Part

_QUOTED = 200
"""Characters of the record's words that evidence keeps."""


@dataclass
class Cited:
    """Gathers the evidence and the losses of a draft while its parts are drafted."""

    record: RegistryRecord
    evidence: list[dict[str, Any]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def cite(self, path: str, stated: Stated[Any] | None, value: Any = None) -> Any:
        """The value, with its evidence noted at a path of the study file; None where nothing is stated."""
        if stated is None:
            return None
        place, words = stated.place, " ".join(stated.prints.split())
        if len(words) > _QUOTED:
            words = words[:_QUOTED].rsplit(" ", 1)[0]
        entry = {
            "path": path,
            "source": "record",
            "line": place.line,
            "place": place.path or None,
            "prints": words,
        }
        if words:
            self.evidence.append(entry)
        return stated.value if value is None else value

    def lose(
        self, item: str, stated: Stated[Any] | None, why: str = "a study file has no place for it"
    ) -> None:
        """Note that the draft cannot hold something, where something is stated."""
        if stated is not None:
            words = " ".join(stated.prints.split())[:_QUOTED]
            self.losses.append(Loss(item=item.replace("_", " "), prints=words, why=why, place=stated.place))

    def choose(
        self, path: str, stated: Stated[Any] | None, part: type[Part], otherwise: str | None
    ) -> str | None:
        """The value where the study file has the word, else `otherwise` with a loss."""
        if stated is not None and stated.value in allowed_words(part, path.rsplit(".", 1)[-1]):
            return str(self.cite(path, stated))
        self.lose(path, stated, "the study file has no word for it")
        return otherwise

    def count(self, path: str, stated: Stated[int] | None) -> int | None:
        """A number of participants; one below 0 is a loss."""
        if stated is None or stated.value >= 0:
            return self.cite(path, stated)  # type: ignore[no-any-return]
        self.lose(path, stated, "a study file's numbers of participants are not below 0")
        return None

    def day(self, path: str, stated: Stated[PartialDate] | None) -> date | None:
        """A full date; a part of one is a loss, since a study file's dates are days."""
        if stated is None:
            return None
        if stated.value.day is None:
            self.lose(
                path, stated, "only a part of the date is given, and a study file's dates are whole days"
            )
            return None
        return self.cite(path, stated, stated.value.first)  # type: ignore[no-any-return]


def slug(words: str, *, taken: Iterable[str] = (), stem: str = "item") -> str:
    """An id of a study file made of words: lower case, digits and underscores, at most 40, not one that is taken."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    name = re.sub(r"^(?=\d)", f"{stem}_", name)[:36].strip("_") or stem
    known, number, found = set(taken), 2, name
    while found in known:
        found, number = f"{name}_{number}", number + 1
    return found


def allowed_words(part: type[Part], name: str) -> frozenset[str]:
    """The words that a part's field allows."""
    schema: dict[str, Any] = part.model_json_schema()["properties"][name]
    return frozenset(schema.get("enum") or next(one["enum"] for one in schema["anyOf"] if "enum" in one))
