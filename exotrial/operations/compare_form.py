"""Two people changed one form: both values of all that differs, so that each can be chosen (RCD-007, RCD-008)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from exotrial.operations._act import NO_RECORD, Act
from exotrial.operations._filled import AskRecord, find_target
from exotrial.operations._operation import Answer, view
from exotrial.operations._replay import replay_record
from exotrial.operations.access import Permission
from exotrial.operations.record_views import in_words
from exotrial.operations.records import read_form
from exotrial.store.models.base import flatten
from exotrial.study.entry import item_of, unflatten
from exotrial.study.entry_checks import compare_stale


class CompareForm(AskRecord):
    """What one would have saved, and the revision that it was typed on."""

    values: dict[str, Any] = Field(description="As in `save_form`; answers that cannot be kept are left out.")
    revision: int = Field(ge=0, description="The revision that was on the screen.")


class EditedAnswer(Answer):
    """One answer that was changed since. `changed_by` is both, mine or theirs; `who` saved theirs."""

    key: str
    label: str
    changed_by: str
    mine: Any
    theirs: Any
    mine_shown: str
    theirs_shown: str
    who: str


class ComparedForm(Answer):
    """What is on record now, by whom, and every answer that was changed on either side since the revision."""

    revision: int
    who: tuple[str, ...]
    answers: tuple[EditedAnswer, ...]


@view(permission=Permission.RECORD)
def compare_form(act: Act, ask: CompareForm) -> ComparedForm:
    """Hold one's own edit of an older revision to what others saved since; nothing is written."""
    target = find_target(act, ask)
    record = target.record
    if record is None:
        raise NO_RECORD.refuse(f"nothing is recorded of {ask.form}", value=ask.form)
    mine = read_form(act, target, ask.values, complete=False)
    replayed = replay_record(record, revision=ask.revision)
    compared = compare_stale(unflatten(target.form, replayed.values), mine=mine, theirs=record.values)
    changed = dict.fromkeys(compared.mine, "mine") | dict.fromkeys(compared.theirs, "theirs")
    changed |= {one.key: "both" for one in compared.conflicts}
    own, other = flatten(mine), flatten(record.values)

    def edited(key: str) -> EditedAnswer:
        item = item_of(target.form, key)
        return EditedAnswer(
            key=key,
            label=item.label if item else "Struck out, because",
            changed_by=changed[key],
            mine=own.get(key),
            theirs=other.get(key),
            mine_shown=in_words(item, own.get(key)),
            theirs_shown=in_words(item, other.get(key)),
            who=replayed.saved_since.get(key, ""),
        )

    return ComparedForm(
        revision=record.revision,
        who=tuple(sorted(set(replayed.saved_since.values()))),
        answers=tuple(edited(key) for key in sorted(changed)),
    )
