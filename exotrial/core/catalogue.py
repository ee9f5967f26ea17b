"""The catalogue: finds every object of one kind by walking a package, so that adding is adding one file.

Nothing registers itself and nothing is listed anywhere (DESIGN.md, law 8). A stranger's package joins by an
entry point in the group `exotrial.<kind>` that names a module or an object.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, TypeVar

from exotrial.core.errors import ErrorCode

T = TypeVar("T")

DUPLICATE = ErrorCode(
    "CAT-001",
    "Two installed modules define an object of the same name.",
    "rename one of the two, or uninstall the package that repeats the name.",
)


def walk_modules(package: str) -> Iterator[ModuleType]:
    """Import and yield the package and every module below it, in name order."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(pkgutil.walk_packages(root.__path__, f"{package}."), key=lambda info: info.name):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def find_objects(
    package: str, kind: type[T], *, name: Callable[[T], str], entry_point_group: str | None = None
) -> dict[str, T]:
    """All module-level objects of a kind below a package and behind an entry-point group, by name, sorted.

    `name` gives an object's name. An object imported by several modules counts once. What was found is kept while
    the search paths stand: an operation is looked up for every act. Refuses with CAT-001 when two different objects
    have one name.
    """
    where = (*importlib.import_module(package).__path__, "", *sys.path)
    key = (package, kind, entry_point_group, where)
    if key not in _found:
        _found[key] = _find(package, kind, name=name, entry_point_group=entry_point_group)
    return dict(_found[key])


_found: dict[tuple[str, type, str | None, tuple[str, ...]], dict[str, Any]] = {}


def _find(
    package: str, kind: type[T], *, name: Callable[[T], str], entry_point_group: str | None
) -> dict[str, T]:
    found: dict[str, tuple[T, str]] = {}

    def add(candidate: T, where: str) -> None:
        key = name(candidate)
        if key in found and found[key][0] is not candidate:
            raise DUPLICATE.refuse(f"{key!r} is defined in {found[key][1]} and again in {where}", value=key)
        found.setdefault(key, (candidate, where))

    for module in walk_modules(package):
        for value in vars(module).values():
            if isinstance(value, kind):
                add(value, module.__name__)
    if entry_point_group is not None:
        for point in entry_points(group=entry_point_group):
            loaded = point.load()
            candidates = vars(loaded).values() if isinstance(loaded, ModuleType) else [loaded]
            for candidate in candidates:
                if isinstance(candidate, kind):
                    add(candidate, point.value)
    return {key: found[key][0] for key in sorted(found)}
