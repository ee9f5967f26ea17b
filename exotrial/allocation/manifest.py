"""The manifest: everything a randomisation list is made from, frozen before a secret is drawn.

A list is a function of the manifest and a seed and of nothing else, so that who has both can make it again.
The canonical form is JSON with sorted keys, no blanks and ASCII only (RFC 8785 for the values used here:
strings, whole numbers, lists and objects, no fractions); its bytes are what is hashed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

ALGORITHM = "exotrial-allocation-1"
"""The version of everything between a seed and a list; a change of any of it takes a new name."""

Parameter = int | str | tuple[int, ...]
"""What a method is told: whole numbers and words only, so that the canonical form is exact.

A probability is a string of a fraction, such as "2/3".
"""


@dataclass(frozen=True, kw_only=True)
class ListStratum:
    """One list of the manifest: a stratum of one stage, with the number of its slots.

    `id` is `<stage>/<stratum>`, or only one of the two, or `all`; `stage` and `stratum` are ids of the study
    file, "" where the study has none. `name` is for people.
    """

    id: str
    length: int
    name: str = ""
    stage: str = ""
    stratum: str = ""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a list is made from. `ratio` goes with `arms`; `parameters` are those of the method.

    `generation` counts the manifests that were frozen for this study: more than 1 says that a list was begun
    before and given up, which a reader of the certificate must know.
    """

    study: str
    study_version: int
    arms: tuple[str, ...]
    ratio: tuple[int, ...]
    strata: tuple[ListStratum, ...]
    method: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    generation: int = 1
    algorithm: str = ALGORITHM

    def canonical(self) -> bytes:
        """The bytes that are hashed and published."""
        return canonical_json(asdict(self))

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys, no blanks, ASCII only: one value has one form."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()
