"""Amendments: the difference of two versions of a study in protocol words, and what it touches (ICH M11).

Whether participants must be asked again is told by a heuristic after ICH E6(R3) 2.8: new information that may
bear on the will to go on. A change of eligibility, intervention, procedures, risks, sharing, or of the consent
form itself is taken for such; an ethics committee decides. Where a source says a thing (`evidence`) and the
version label are no part of the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.study.amendment_words import NOT_STATED, field_word, name_of, part_word, value_words
from exotrial.study.definition import Study
from exotrial.study.definition.base import Named, Part
from exotrial.study.forms import Asked, derive_forms
from exotrial.study.items import Form, Item

OTHER_STUDY = ErrorCode(
    "AMD-001",
    "A study file with another id is no new version of the study.",
    "keep the id of the study in every version of its file; another trial is another study.",
)

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference. `path` is its dotted path, list entries by id where they have one; `part` the top-level key.

    `old` and `new` are words ("not stated" where the file says nothing). `forms` are the oids of forms that it
    may have changed: changed forms that are made from its part. `reconsent` is why participants likely have to
    be asked again, "" where they likely have not.
    """

    part: str
    path: str
    kind: Kind
    says: str
    old: str = NOT_STATED
    new: str = NOT_STATED
    forms: tuple[str, ...] = ()
    reconsent: str = ""


def compare_versions(
    old: Study, new: Study, *, asks: Mapping[str, Asked] | None = None
) -> tuple[Change, ...]:
    """Every difference from `old` to `new` in the order of the file, then what it does to the forms.

    `asks` is what the measures of both versions ask, as for `derive_forms`; without it the items of measures
    are not compared. Refuses with AMD-001 where the two are different studies.
    """
    if old.id != new.id:
        raise OTHER_STUDY.refuse(
            f"the study is {old.id!r}, and the new file says {new.id!r}", place=Place(path="id"), value=new.id
        )
    forms = tuple(_compare_forms(_forms(old, asks), _forms(new, asks)))
    touched = tuple(dict.fromkeys(oid for change in forms for oid in change.forms))
    walk = _Walk(old_names=_names(old), new_names=_names(new), touched=touched)
    return (*walk.compare_parts("", old, new), *forms)


def check_running(changes: tuple[Change, ...], *, list_sealed: bool, enrolled: int) -> tuple[Finding, ...]:
    """What a running trial cannot take, or must explain: ERROR for a sealed list, WARNING once `enrolled` > 0.

    One finding for each path. AMC-101: arms, randomisation or stages (they size the list) changed after a list
    was sealed; what only words them is let be. AMC-102: an outcome, the statistical design, an analysis or
    blinding changed after enrolment began.
    """
    found = []
    for path in dict.fromkeys(change.path for change in changes):
        here = [change for change in changes if change.path == path]
        says = "; ".join(change.says for change in here)
        if list_sealed and _goes_into_the_list(here[0]):
            found.append(_list_is_sealed(path, says))
        if enrolled > 0 and here[0].part in _PLANNED:
            found.append(_enrolment_began(path, says))
    return tuple(found)


def _list_is_sealed(path: str, says: str) -> Finding:
    return Finding(
        rule="AMC-101",
        subject=path,
        severity=Severity.ERROR,
        kind="amendment",
        says=f"{says}, and the randomisation list is sealed.",
        why="The list was made from the arms and the plan as they were, and committed to.",
        settle="Stop the list and seal another by the new version, or leave this part as it was.",
        standards=("CONSORT 2025 item 17", "ICH E9 2.3.2"),
    )


def _enrolment_began(path: str, says: str) -> Finding:
    return Finding(
        rule="AMC-102",
        subject=path,
        severity=Severity.WARNING,
        kind="amendment",
        says=f"{says}, after enrolment began.",
        why="A plan that changes once participants are in may have been changed by what was seen.",
        settle="State in the amendment why, when, and that nobody who decided it knew the arms.",
        standards=("CONSORT 2025 item 10", "ICH E9 5.1"),
    )


_LISTED = frozenset({"arms", "randomisation", "stages"})
_PLANNED = frozenset({"outcomes", "statistical_design", "analyses", "analysis_populations", "blinding"})
_WORDING = frozenset(
    {
        "name",
        "description",
        "description_carries_sizes",
        "generated_by",
        "generated_with",
        "enrolled_by",
        "assigned_by",
        "concealment",
        "envelope_kept_by",
        "envelope_properties",
    }
)
"""Keys of arms, randomisation and stages that tell of the list and do not go into it."""


def _goes_into_the_list(change: Change) -> bool:
    return change.part in _LISTED and change.path.rpartition(".")[2] not in _WORDING


_LEFT_OUT = frozenset({"schema_version", "version", "evidence"})

_RECONSENT: Mapping[str, str] = {
    "population": "eligibility changes",
    "arms": "the intervention changes",
    "interventions": "the intervention changes",
    "products": "the intervention changes",
    "encounters": "the procedures change",
    "activities": "the procedures change",
    "samples": "the procedures change",
    "imaging": "the procedures change",
    "safety": "what is told of risks changes",
    "sharing": "how data are shared changes",
    "consent": "the consent form changes",
}

_MADE_FROM: Mapping[str, tuple[str, ...]] = {
    "population": ("F.ELIGIBILITY", "F.DEMOGRAPHICS"),
    "consent": ("F.CONSENT",),
    "randomisation": ("F.STRATIFICATION",),
    "encounters": ("F.VISIT.", "F.UNPLANNED"),
    "activities": ("F.VISIT.", "F.UNPLANNED"),
    "outcomes": ("F.VISIT.", "F.UNPLANNED"),
    "interventions": ("F.EXPOSURE",),
    "safety": ("F.AE",),
    "data_entry": ("F.",),
}
"""The beginnings of the oids of forms that `derive_forms` makes from a part."""


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """Both versions side by side. The names turn the ids of each into words; `touched` are oids of changed forms."""

    old_names: Mapping[str, str]
    new_names: Mapping[str, str]
    touched: tuple[str, ...]

    def compare_parts(self, path: str, old: Part, new: Part, *, told: str = "") -> Iterator[Change]:
        for key in type(new).model_fields:
            if path or key not in _LEFT_OUT:
                yield from self._compare(
                    f"{path}.{key}" if path else key, getattr(old, key), getattr(new, key), told
                )

    def _compare(self, path: str, old: object, new: object, told: str) -> Iterator[Change]:
        if old == new:
            return
        if isinstance(old, Part) and isinstance(new, Part):
            yield from self.compare_parts(path, old, new, told=told or part_word(path))
        elif _all(Named, old, new):
            yield from self._compare_named(path, old, new, told)
        elif _all(Part, old, new):
            yield from self._compare_unnamed(path, old, new, told)
        elif isinstance(old, tuple) and isinstance(new, tuple):
            yield from self._compare_lists(path, old, new, told)
        else:
            kind: Kind = "added" if old is None else "removed" if new is None else "changed"
            yield self._change(path, kind, self._about(path, told), old, new)

    def _compare_named(self, path: str, old: object, new: object, told: str) -> Iterator[Change]:
        before, after = _by_id(old), _by_id(new)
        word = f"{told}: {field_word(path.rpartition('.')[2])}" if _is_nested(path) else part_word(path)
        for key in dict.fromkeys((*before, *after)):
            here, one, other = f"{path}.{key}", before.get(key), after.get(key)
            if one is not None and other is not None:
                yield from self.compare_parts(here, one, other, told=f"{word} {name_of(other)}")
            elif other is not None:
                yield self._change(here, "added", f"{word} {name_of(other)}", None, other)
            elif one is not None:
                yield self._change(here, "removed", f"{word} {name_of(one)}", one, None)
        yield from self._reordered(path, f"{word}s", tuple(before), tuple(after))

    def _compare_unnamed(self, path: str, old: object, new: object, told: str) -> Iterator[Change]:
        """Parts without an id are told apart by their place in the list."""
        assert isinstance(old, tuple)
        assert isinstance(new, tuple)
        about = f"{told}: {field_word(path.rpartition('.')[2])}" if told else part_word(path)
        for place in range(max(len(old), len(new))):
            here, word = f"{path}.{place}", f"{about} {place + 1}"
            one = old[place] if place < len(old) else None
            other = new[place] if place < len(new) else None
            if one is not None and other is not None:
                yield from self._compare(here, one, other, word)
            else:
                yield self._change(here, "added" if one is None else "removed", word, one, other)

    def _compare_lists(
        self, path: str, old: tuple[object, ...], new: tuple[object, ...], told: str
    ) -> Iterator[Change]:
        about = self._about(path, told)
        if len(set(old)) < len(old) or len(set(new)) < len(new):
            yield self._change(path, "changed", about, old, new)
            return
        for entry in (entry for entry in old if entry not in new):
            yield self._change(
                path,
                "removed",
                f"{about} {value_words(entry, names=self.old_names)}",
                entry,
                None,
                whole=True,
            )
        for entry in (entry for entry in new if entry not in old):
            yield self._change(
                path, "added", f"{about} {value_words(entry, names=self.new_names)}", None, entry, whole=True
            )
        if not old or not new:
            return
        yield from self._reordered(path, about, old, new)

    def _reordered(
        self, path: str, about: str, old: tuple[object, ...], new: tuple[object, ...]
    ) -> Iterator[Change]:
        if [entry for entry in old if entry in new] != [entry for entry in new if entry in old]:
            yield self._change(path, "changed", f"{about}, their order", old, new)

    def _about(self, path: str, told: str) -> str:
        key = path.rpartition(".")[2]
        return f"{told}: {field_word(key)}" if told else field_word(key).capitalize()

    def _change(
        self, path: str, kind: Kind, about: str, old: object, new: object, *, whole: bool = False
    ) -> Change:
        """`whole` where `about` names the very thing that came or went: its value is not told again."""
        part = path.partition(".")[0]
        was, now = value_words(old, names=self.old_names), value_words(new, names=self.new_names)
        whole = whole or isinstance(old, Part) or isinstance(new, Part)
        if whole and kind != "changed":
            says = f"{about} {kind}"
        else:
            says = f"{about}{' ' if ': ' in about else ': '}{was} → {now}"  # one colon is enough
        return Change(
            part=part,
            path=path,
            kind=kind,
            says=says,
            old=was,
            new=now,
            forms=tuple(oid for oid in self.touched if oid.startswith(_MADE_FROM.get(part, ()))),
            reconsent=_RECONSENT.get(part, ""),
        )


def _all(kind: type[Part], *values: object) -> bool:
    """Whether all are lists of such parts, and at least one is not empty."""
    return all(isinstance(v, tuple) and all(isinstance(e, kind) for e in v) for v in values) and any(values)


def _by_id(parts: object) -> dict[str, Named]:
    assert isinstance(parts, tuple)
    return {part.id: part for part in parts}


def _is_nested(path: str) -> bool:
    """Whether a list of named parts has no word of its own, and is told under the part that holds it."""
    return "." in path and path not in ("population.criteria", "randomisation.strata", "conduct.facts")


def _names(study: Study) -> dict[str, str]:
    """Names by id, of what other parts refer to; an id that two kinds of part use stays an id."""
    found: dict[str, set[str]] = {}
    for key in ("encounters", "epochs", "interventions", "products", "arms", "outcomes", "organisations"):
        for entry in getattr(study, key):
            found.setdefault(entry.id, set()).add(name_of(entry))
    return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}


def _forms(study: Study, asks: Mapping[str, Asked] | None) -> tuple[Form, ...]:
    """The forms. Items keyed twice are a part of their own, and not all items are known without `asks`."""
    keyed_once = study.data_entry.model_copy(update={"double_entry": ()})
    return derive_forms(study.model_copy(update={"data_entry": keyed_once}), asks or {})


def _compare_forms(old: tuple[Form, ...], new: tuple[Form, ...]) -> Iterator[Change]:
    before, after = {form.oid: form for form in old}, {form.oid: form for form in new}
    for oid in dict.fromkeys((*before, *after)):
        one, other = before.get(oid), after.get(oid)
        if one is None or other is None:
            label = one.label if one is not None else other.label if other is not None else oid
            yield _form_change(oid, "", f"Form {label}", label if one else None, label if other else None)
            continue
        for at in (visit for visit in one.encounters if visit not in other.encounters):
            yield _form_change(oid, f".encounters.{at}", f"Form {other.label}: encounter {at}", at, None)
        for at in (visit for visit in other.encounters if visit not in one.encounters):
            yield _form_change(oid, f".encounters.{at}", f"Form {other.label}: encounter {at}", None, at)
        yield from _compare_items(one, other)


def _compare_items(old: Form, new: Form) -> Iterator[Change]:
    before, after = _items(old), _items(new)
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        about = f"Form {new.label}: item {key.rpartition('/')[2]}"
        if one == other:
            continue
        if one is None or other is None:
            was, now = (None if item is None else item.label for item in (one, other))
            yield _form_change(new.oid, f".{key}", about, was, now)
            continue
        for name in one.__dataclass_fields__:
            was, now = getattr(one, name), getattr(other, name)
            if was != now:
                yield _form_change(new.oid, f".{key}.{name}", f"{about}, {name.replace('_', ' ')}", was, now)


def _items(form: Form) -> dict[str, Item]:
    return {f"{group.oid}/{item.oid}": item for group in form.groups for item in group.items}


def _form_change(oid: str, path: str, about: str, old: object, new: object) -> Change:
    was, now = _item_words(old), _item_words(new)
    kind: Kind = "added" if old is None else "removed" if new is None else "changed"
    is_field = ", " in about.rpartition(": ")[2]
    return Change(
        part="forms",
        path=f"forms.{oid}{path}",
        kind="changed" if is_field else kind,
        says=f"{about} {was} → {now}" if is_field else f"{about} {kind}",
        old=was,
        new=now,
        forms=(oid,),
    )


def _item_words(value: object) -> str:
    codes = getattr(value, "codes", None)
    if codes is not None:
        return ", ".join(code.label for code in codes)
    return f"{value:g}" if isinstance(value, float) else value_words(value, names={}) or "none"
