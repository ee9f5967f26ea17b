"""Every value that a study file states, one by one: what an export must hold or name as lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exotrial.study.definition import Study
from exotrial.study.definition.base import Named, Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One stated value. `kind` is its path without places in lists (`outcomes.name`), `path` the whole of it, list
    entries by id or by position (`outcomes.murray.name`), `words` the value as text."""

    kind: str
    path: str
    words: str


def derive_leaves(study: Study) -> Iterator[Leaf]:
    """The values that the file states, in the order of the model; defaults that it does not state are left out.

    A list of words or numbers is one leaf, its parts joined by `; `.
    """
    yield from _walk(study, kind="", path="")


def _walk(part: Part, *, kind: str, path: str) -> Iterator[Leaf]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name not in part.model_fields_set or value is None or value == ():
            continue
        here = (f"{kind}.{name}".lstrip("."), f"{path}.{name}".lstrip("."))
        if isinstance(value, Part):
            yield from _walk(value, kind=here[0], path=here[1])
        elif isinstance(value, tuple) and isinstance(value[0], Part):
            for position, entry in enumerate(value):
                step = entry.id if isinstance(entry, Named) else str(position)
                yield from _walk(entry, kind=here[0], path=f"{here[1]}.{step}")
        else:
            words = "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield Leaf(kind=here[0], path=here[1], words=words)
