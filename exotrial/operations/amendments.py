"""Amendments: what a new study version changes, in the protocol's words (ICH M11; ICH E6(R3) B.2).

A difference is one part of the study file by its id, or one value in it. Where each sentence was found (`evidence`)
is no part of the protocol and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.store.models import AllocationList, StudyVersion
from exotrial.study.definition import Study

LIST_SEALED = ErrorCode(
    "STU-010",
    "The amendment changes what a sealed randomisation list is made from.",
    "stop the list first and make another by the new version, or leave arms, ratio, method and strata as they are.",
)

Difference = dict[str, Any]
"""`part` in words, `path` in the study file, `was` and `is` as values (null for nothing), and `says` in a sentence."""

_NO_PROTOCOL = frozenset({"schema_version", "version", "evidence"})

_WORDS = {
    "arms": "arm",
    "stages": "stage",
    "epochs": "epoch",
    "encounters": "visit",
    "activities": "activity",
    "population.criteria": "eligibility criterion",
    "objectives": "objective",
    "outcomes": "outcome",
    "interventions": "intervention",
    "products": "product",
    "randomisation.strata": "stratum",
    "analyses": "analysis",
    "analysis_populations": "analysis population",
    "organisations": "organisation",
    "sites": "site",
    "cohorts": "cohort",
    "samples": "sample",
    "documents": "document",
    "conduct.facts": "fact of conduct",
}


def compare_versions(old: Study, new: Study) -> list[Difference]:
    """Every difference of two versions of a study file, in the order of the file."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    return [
        difference
        for name in after
        if name not in _NO_PROTOCOL
        for difference in _compare(name, before.get(name), after[name])
    ]


def check_list_stands(act: Act, old: Study, new: Study) -> None:
    """Refuse with STU-010 an amendment under which a sealed list would no longer be the study's."""
    sealed = AllocationList.objects.filter(
        study=act.the_study, status=AllocationList.Status.SEALED, stopped_because=""
    )
    if not sealed.exists():
        return
    changed = [word for word in _RANDOMISED if _RANDOMISED[word](old) != _RANDOMISED[word](new)]
    if changed:
        raise LIST_SEALED.refuse(f"the amendment changes {', '.join(changed)}", value=new.version)


_RANDOMISED: dict[str, Callable[[Study], object]] = {
    "the arms": lambda study: [arm.id for arm in study.arms],
    "the ratio": lambda study: study.randomisation and study.randomisation.ratio,
    "the method of randomisation": lambda study: (
        study.randomisation and (study.randomisation.method, study.randomisation.block_sizes)
    ),
    "the strata": lambda study: (
        study.randomisation and [(stratum.id, stratum.levels) for stratum in study.randomisation.strata]
    ),
}


class ShowAmendments(Ask):
    """Nothing to say."""


class ShownDifference(Answer):
    path: str
    says: str


class ShownAmendment(Answer):
    """`differences` are those from the version before."""

    version: int
    label: str
    digest: str
    loaded_at: datetime
    differences: tuple[ShownDifference, ...]


class ShownAmendments(Answer):
    versions: tuple[ShownAmendment, ...]


@view(permission=Permission.READ_STUDY)
def show_amendments(act: Act, ask: ShowAmendments) -> ShownAmendments:
    """The study's versions in order, each with what it changed."""
    rows = StudyVersion.objects.filter(study=act.the_study).order_by("number")
    return ShownAmendments(
        versions=tuple(
            ShownAmendment(
                version=row.number,
                label=row.label,
                digest=row.digest,
                loaded_at=row.loaded_at,
                differences=shown(row.differences),
            )
            for row in rows
        )
    )


def shown(differences: list[Difference]) -> tuple[ShownDifference, ...]:
    """Differences as an answer."""
    return tuple(ShownDifference(path=one["path"], says=one["says"]) for one in differences)


def _compare(path: str, was: Any, now: Any) -> Iterator[Difference]:
    if was == now:
        return
    if _is_named(was) and _is_named(now):
        yield from _compare_named(path, was or [], now or [])
    elif isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*was, *now)):
            yield from _compare(f"{path}.{key}", was.get(key), now.get(key))
    else:
        yield _difference(path, was, now, f"{_say(path)} {_change(was, now)}")


def _compare_named(path: str, was: list[Any], now: list[Any]) -> Iterator[Difference]:
    before = {part["id"]: part for part in was}
    after = {part["id"]: part for part in now}
    word = _WORDS.get(path, _say(path))
    for key in dict.fromkeys((*before, *after)):
        if key not in after:
            yield _difference(f"{path}.{key}", before[key], None, f"{word} {key!r} is taken out")
        elif key not in before:
            yield _difference(f"{path}.{key}", None, after[key], f"{word} {key!r} is new{_name(after[key])}")
        else:
            for name in after[key]:
                for one in _compare(f"{path}.{key}.{name}", before[key].get(name), after[key][name]):
                    inner = one["path"].removeprefix(f"{path}.{key}.")
                    says = f"{word} {key!r}: {_say(inner)} {_change(one['was'], one['is'])}"
                    yield one | {"says": says}
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield _difference(path, kept, list(after), f"the order of each {word} is changed")


def _is_named(value: Any) -> bool:
    return value == [] or (
        isinstance(value, list) and all(isinstance(part, dict) and "id" in part for part in value)
    )


def _difference(path: str, was: Any, now: Any, says: str) -> Difference:
    return {"path": path, "was": was, "is": now, "says": says}


def _say(path: str) -> str:
    return path.replace("_", " ").replace(".", ", ")


def _name(part: Mapping[str, Any]) -> str:
    told = part.get("name") or part.get("text") or ""
    return f": {told}" if told else ""


def _change(was: Any, now: Any) -> str:
    if was in (None, [], ""):
        return f"is now {_value(now)}"
    if now in (None, [], ""):
        return f"is no longer {_value(was)}"
    return f"was {_value(was)} and is {_value(now)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value) or "nothing"
    if isinstance(value, Mapping):
        return "; ".join(
            f"{_say(str(key))} {_value(part)}" for key, part in value.items() if part is not None
        )
    return repr(value) if isinstance(value, str) else str(value)
