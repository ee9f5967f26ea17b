"""What is installed, against what the package says it needs (GAMP installation qualification; E6(R3) 4.3.4)."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from exotrial.qualification.bench import Bench, installed_operations
from exotrial.qualification.check import Outcome, check, judge


@check(
    46,
    kind="installation",
    done="Read the version from the installed package, and looked up every operation that it brings.",
    expected="A version; every operation and view can be loaded.",
)
def installed_version(bench: Bench) -> Outcome:
    """The installed version is told."""
    told = version("exotrial")
    count = len(installed_operations())
    return judge((f"exotrial {told}", bool(told)), (f"{count} operations and views", count > 0))


@check(
    46,
    kind="installation",
    done="Held the running Python to the range that the package names.",
    expected="A supported Python, of 64 bits.",
)
def python_supported(bench: Bench) -> Outcome:
    """Python is one that the package supports."""
    told = platform.python_version()
    range_ = metadata("exotrial")["Requires-Python"]
    return judge(
        (
            f"Python {told} ({platform.python_implementation()}), needed {range_}",
            told in SpecifierSet(range_),
        ),
        (f"{sys.maxsize.bit_length() + 1} bits", sys.maxsize > 2**32),
    )


def read_dependencies() -> tuple[tuple[str, str, str, bool], ...]:
    """Each package that exotrial needs: name, versions needed, version found ("" for none), whether it fits."""
    found = []
    for text in sorted(requires("exotrial") or [], key=str.lower):
        needed = Requirement(text)
        if needed.marker is not None and not needed.marker.evaluate():
            continue
        try:
            told = version(needed.name)
        except PackageNotFoundError:
            told = ""
        fits = bool(told) and needed.specifier.contains(told, prereleases=True)
        found.append((needed.name, str(needed.specifier), told, fits))
    return tuple(found)


@check(
    46,
    kind="installation",
    done="Held the version of each installed package to the range that exotrial names.",
    expected="All are there and fit; the list is at the end of this report.",
)
def dependencies_fit(bench: Bench) -> Outcome:
    """Every package that exotrial builds on is there in a version that fits."""
    found = read_dependencies()
    bad = [
        f"{name} {told or 'is missing'} (needed {needed or 'any'})"
        for name, needed, told, fits in found
        if not fits
    ]
    return judge(
        (f"{len(found) - len(bad)} of {len(found)} packages fit", not bad), *((one, False) for one in bad)
    )
