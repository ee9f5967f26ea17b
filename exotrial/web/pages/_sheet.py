"""A form on the screen: what was typed into it, as answers, and what each field then shows.

Fields are named by the answer's key: `v:IG.AE/1/AE.TERM` holds what was typed, `m:` the reason of a missing answer,
`c:` one of two answers that was chosen after a conflict, as JSON, and `open:` one's own while none is chosen.
`row:IG.AE` names every row that is on the screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.operations.form_shape import AskedItem, FormShape
from exotrial.operations.open_form import OpenedForm
from exotrial.study.entry import STRUCK, flatten, is_missing
from exotrial.study.items import DataType
from exotrial.study.typed import read_typed

BOTH = ErrorCode(
    "FPG-001",
    "An answer and a reason why there is none are both given.",
    "empty the answer, or take the reason back.",
)
NOT_CHOSEN = ErrorCode(
    "FPG-002",
    "Two people changed the answer, and neither was chosen.",
    "leave yours to change the answer, with a reason, or type what is recorded.",
)

FEW = 6
"""So many choices are all shown; more of them fold into a list."""


@dataclass(frozen=True)
class Sheet:
    """What was typed. `answers` are by key, None where a field was empty; `texts` and `missing` are as typed."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Refusal, ...] = ()

    def with_answers(self, more: Mapping[str, Any]) -> Sheet:
        """The sheet with some answers instead of those typed."""
        return replace(self, answers={**self.answers, **more})

    def values(self, shape: FormShape, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """The values as `save_form` takes them; a row that is empty and not on record is not sent."""
        told: dict[str, Any] = {}
        for group in shape.groups:
            if not group.repeating:
                told[group.oid] = self._answers(group.oid)
                continue
            there = [str(row["row"]) for row in recorded.get(group.oid, ())]
            typed = {row: self._answers(f"{group.oid}/{row}") for row in self.rows.get(group.oid, ())}
            told[group.oid] = [
                {"row": row} | answers for row, answers in typed.items() if answers or row in there
            ]
        return told

    def _answers(self, prefix: str) -> dict[str, Any]:
        start = f"{prefix}/"
        return {
            key.removeprefix(start): answer
            for key, answer in self.answers.items()
            if key.startswith(start) and answer is not None and "/" not in key.removeprefix(start)
        }


def read_sheet(form: QueryDict, opened: OpenedForm) -> Sheet:
    """What was posted, held to the form's questions; other fields are not looked at."""
    now = opened.now.astimezone(ZoneInfo(opened.zone))
    rows = {group.oid: tuple(form.getlist(f"row:{group.oid}")) for group in opened.shape.groups}
    answers: dict[str, Any] = {}
    problems: list[Refusal] = []
    texts, missing = {}, {}
    for key, item in _keys(opened.shape, rows):
        texts[key] = form.get(f"v:{key}", "")
        missing[key] = form.get(f"m:{key}", "")
        chosen = form.get(f"c:{key}", "")
        if chosen:
            answers[key] = answer = _chosen(chosen)
            texts[key], missing[key] = _as_typed(answer)
        elif f"open:{key}" in form:
            answers[key] = answer = _chosen(form.get(f"open:{key}", ""))
            texts[key], missing[key] = _as_typed(answer)
            name = item.label if item else key
            problems.append(NOT_CHOSEN.refuse(f"{name} has two answers", place=Place(path=key), value=key))
        elif texts[key].strip() and missing[key]:
            problems.append(
                BOTH.refuse(f"{item.label if item else key} has both", place=Place(path=key), value=key)
            )
            answers[key] = texts[key]
        else:
            answers[key] = _typed(item, texts[key], missing[key], now=now)
    return Sheet(answers=answers, rows=rows, texts=texts, missing=missing, problems=tuple(problems))


def recorded_sheet(opened: OpenedForm) -> dict[str, Any]:
    """The answers on record by key."""
    return flatten(opened.values)


def _keys(shape: FormShape, rows: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, AskedItem | None]]:
    """Every key that there is a field for, with its question; None for the mark of a struck row."""
    for group in shape.groups:
        for row in rows[group.oid] if group.repeating else ("",):
            prefix = f"{group.oid}/{row}" if row else group.oid
            yield from ((f"{prefix}/{item.oid}", item) for item in group.items)
            if row:
                yield f"{prefix}/{STRUCK}", None


def _typed(item: AskedItem | None, text: str, missing: str, *, now: datetime) -> Any:
    if missing:
        return {"missing": missing}
    if not text.strip():
        return None
    return read_typed(DataType(item.data_type) if item else DataType.TEXT, text, now=now)


def _chosen(text: str) -> Any:
    """An answer that was chosen of two; what is no JSON goes to the form's own check as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _as_typed(answer: Any) -> tuple[str, str]:
    """An answer as its two fields hold it: the text, and the reason where it is missing."""
    if is_missing(answer):
        return "", str(answer["missing"])
    return "" if answer is None else str(answer), ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its question, what stands in it, and everything beside it."""

    key: str
    item: AskedItem
    text: str
    missing: str
    shown: str
    recorded: bool
    changed: bool
    verified: bool
    errors: tuple[Refusal, ...]
    queries: tuple[Any, ...]
    choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def kind(self) -> str:
        """How it is drawn: choice, list, long, date, datetime, number or line."""
        codes = len(self.item.codes)
        if codes or self.item.data_type == "boolean":
            return "choice" if codes <= FEW else "list"
        if self.item.data_type in ("integer", "decimal"):
            return "number"
        if self.item.data_type in ("date", "datetime"):
            return self.item.data_type
        return "long" if "\n" in self.text or len(self.text) > 80 else "line"

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        if self.item.data_type == "boolean":
            return (("true", "Yes"), ("false", "No"))
        return tuple((code.value, code.label) for code in self.item.codes)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a group (the only one where it does not repeat)."""

    key: str
    prefix: str
    fields: tuple[Field, ...]
    struck: str
    struck_errors: tuple[Refusal, ...]
    on_record: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group with its rows; `template` is an empty row that a script copies."""

    oid: str
    label: str
    repeating: bool
    rows: tuple[Row, ...]
    template: Row | None


ROW = "NEWROW"
"""What stands for a new row's key in the row that a script copies."""


def lay_out(
    opened: OpenedForm,
    *,
    sheet: Sheet | None = None,
    keep: frozenset[str] | None = None,
    refusals: tuple[Refusal, ...] = (),
    new_rows: Mapping[str, str] | None = None,
    choices: Mapping[str, tuple[tuple[str, str, str], ...]] | None = None,
) -> tuple[Group, ...]:
    """The groups of a form with their fields. What was typed stands in the fields `keep` (all where None)."""
    on_record = recorded_sheet(opened)
    typed = sheet or Sheet()
    kept = frozenset(typed.texts) if keep is None else keep

    def text_of(key: str) -> tuple[str, str]:
        if key in typed.texts and key in kept:
            return typed.texts[key], typed.missing[key]
        return _as_typed(on_record.get(key))

    def field_of(item: AskedItem, key: str) -> Field:
        text, missing = text_of(key)
        return Field(
            key=key,
            item=item,
            text=text,
            missing=missing,
            shown=_in_words(item, on_record.get(key)),
            recorded=key in on_record,
            changed=key in typed.texts and key in kept,
            verified=key in opened.verified,
            errors=tuple(one for one in refusals if one.place.path == key),
            queries=tuple(one for one in opened.queries if one.key == key),
            choices=(choices or {}).get(key, ()),
        )

    def row_of(group: Any, row: str) -> Row:
        prefix = f"{group.oid}/{row}" if row else group.oid
        mark = f"{prefix}/{STRUCK}"
        return Row(
            key=row,
            prefix=prefix,
            fields=tuple(field_of(item, f"{prefix}/{item.oid}") for item in group.items),
            struck=text_of(mark)[0] if row else "",
            struck_errors=tuple(one for one in refusals if one.place.path == mark),
            on_record=any(key.startswith(f"{prefix}/") for key in on_record),
        )

    def group_of(group: Any) -> Group:
        keys = [str(row["row"]) for row in opened.values.get(group.oid, ())] if group.repeating else [""]
        keys += list(typed.rows.get(group.oid, ())) if group.repeating else []
        if group.repeating and (new := (new_rows or {}).get(group.oid)):
            keys.append(new)
        return Group(
            oid=group.oid,
            label=group.label,
            repeating=group.repeating,
            rows=tuple(row_of(group, key) for key in dict.fromkeys(keys)),
            template=row_of(group, ROW) if group.repeating else None,
        )

    return tuple(group_of(group) for group in opened.shape.groups)


def _in_words(item: AskedItem, answer: Any) -> str:
    if answer is None:
        return ""
    if is_missing(answer):
        return f"missing: {answer['missing']}"
    labels = dict.fromkeys(("true", "false")) | {code.value: code.label for code in item.codes}
    return labels.get(str(answer)) or str(answer)
