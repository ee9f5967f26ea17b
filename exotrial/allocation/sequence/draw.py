"""From a manifest and a seed to its lists: the same for everybody who has both."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from exotrial.allocation.manifest import ALGORITHM, Manifest
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.method import SequenceMethod, find_sequence_methods
from exotrial.allocation.sequence.parameters import check_parameters
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

WRONG_ARMS = ErrorCode(
    "SEQ-010",
    "The arms of a manifest, or the ratio that goes with them, cannot be used.",
    "name at least two different arms, and for each a whole number of at least 1 in the ratio.",
)
WRONG_STRATUM = ErrorCode(
    "SEQ-011",
    "A stratum of a manifest cannot be used.",
    "give every stratum an id of its own, without control characters, and a length of at least 1.",
)
UNKNOWN_METHOD = ErrorCode(
    "SEQ-012",
    "The randomisation method is not installed.",
    "use one that `exotrial randomisation methods` lists.",
)
UNKNOWN_ALGORITHM = ErrorCode(
    "SEQ-020",
    "The manifest was made for another version of the algorithm between a seed and a list.",
    "use the version of exotrial that made the manifest.",
)


def label_of(stratum_id: str) -> str:
    """The label of a stratum's stream: strata have streams of their own, and so independent lists."""
    return f"{ALGORITHM}/list/{stratum_id}"


def draw_list(manifest: Manifest, *, seed: bytes) -> dict[str, tuple[str, ...]]:
    """The lists of a manifest: by stratum id, in the manifest's order, as many arms as the stratum is long.

    `seed` has 32 bytes (SEQ-001). Refuses all at once what `check_manifest` finds (Refusals).
    """
    wrong = check_manifest(manifest)
    if wrong:
        raise Refusals(wrong)
    method = find_sequence_methods()[manifest.method]
    return {
        stratum.id: method.draw(
            manifest.arms,
            manifest.ratio,
            stratum.length,
            manifest.parameters,
            RandomStream(seed, label=label_of(stratum.id)),
        )
        for stratum in manifest.strata
    }


def check_manifest(manifest: Manifest) -> tuple[Refusal, ...]:
    """Everything for which no list can be drawn from a manifest (SEQ-002, SEQ-010 to SEQ-020); nothing if it can."""
    wrong = [*_check_algorithm(manifest), *_check_arms(manifest), *_check_strata(manifest)]
    methods = find_sequence_methods()
    method = methods.get(manifest.method)
    if method is None:
        wrong.append(_unknown_method(manifest.method, methods))
    elif wrong:
        wrong.extend(check_parameters(method.parameters, manifest.parameters, method=method.name))
    else:
        wrong.extend(method.check(manifest))
    return tuple(wrong)


def check_frame(manifest: Manifest) -> None:
    """Refuse all at once what is wrong with algorithm, arms, ratio or strata, whatever the method (Refusals)."""
    wrong = [*_check_algorithm(manifest), *_check_arms(manifest), *_check_strata(manifest)]
    if wrong:
        raise Refusals(wrong)


def find_method(name: str) -> SequenceMethod:
    """The installed method of this name; refuses with SEQ-012, naming the nearest."""
    methods = find_sequence_methods()
    if name not in methods:
        raise _unknown_method(name, methods)
    return methods[name]


def _unknown_method(name: str, methods: dict[str, SequenceMethod]) -> Refusal:
    near = difflib.get_close_matches(name, methods, n=1)
    return UNKNOWN_METHOD.refuse(
        f"there is no method {name!r}",
        place=Place(path="method"),
        value=name,
        remedy=f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(methods)}.",
    )


def _check_algorithm(manifest: Manifest) -> Iterator[Refusal]:
    if manifest.algorithm != ALGORITHM:
        yield UNKNOWN_ALGORITHM.refuse(
            f"this version makes lists by {ALGORITHM!r}, and the manifest asks for {manifest.algorithm!r}",
            place=Place(path="algorithm"),
            value=manifest.algorithm,
        )


def _check_arms(manifest: Manifest) -> Iterator[Refusal]:
    arms, ratio = manifest.arms, manifest.ratio
    place = Place(path="arms")
    if len(arms) < 2:
        yield WRONG_ARMS.refuse(f"there are {len(arms)} arms", place=place, value=", ".join(arms))
    if repeated := sorted({arm for arm in arms if arms.count(arm) > 1}):
        yield WRONG_ARMS.refuse(f"{repeated[0]!r} is named twice", place=place, value=repeated[0])
    if not all(arm.strip() and arm.isprintable() for arm in arms):
        yield WRONG_ARMS.refuse("an arm has no printable name", place=place, value=arms)
    place = Place(path="ratio")
    if len(ratio) != len(arms):
        yield WRONG_ARMS.refuse(
            f"{len(arms)} arms have a ratio of {len(ratio)} numbers", place=place, value=ratio
        )
    if any(isinstance(share, bool) or not isinstance(share, int) or share < 1 for share in ratio):
        yield WRONG_ARMS.refuse(f"{ratio} is no ratio of whole numbers from 1", place=place, value=ratio)


def _check_strata(manifest: Manifest) -> Iterator[Refusal]:
    if not manifest.strata:
        yield WRONG_STRATUM.refuse("there is no list to draw", place=Place(path="strata"))
    seen: set[str] = set()
    for stratum in manifest.strata:
        place = Place(path=f"strata.{stratum.id}")
        if not stratum.id or not stratum.id.isprintable():
            yield WRONG_STRATUM.refuse(f"{stratum.id!r} is no id", place=place, value=repr(stratum.id))
        if stratum.id in seen:
            yield WRONG_STRATUM.refuse(f"{stratum.id!r} is named twice", place=place, value=stratum.id)
        seen.add(stratum.id)
        if isinstance(stratum.length, bool) or not isinstance(stratum.length, int) or stratum.length < 1:
            yield WRONG_STRATUM.refuse(
                f"a list of {stratum.length} is none", place=place, value=stratum.length
            )
