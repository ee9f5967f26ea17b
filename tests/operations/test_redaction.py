"""Redaction: what was typed by mistake is nowhere any more, and the trail still holds."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations import redaction
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, Operation, perform
from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.store.models import Participant, Query, Record, SecondEntry, Signature, Verification
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.models.audit import Change
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import enrol, screen
from tests.operations.recorded import event, save
from tests.trial import Trial

NAME = "Zarathustra Madeup"
KEY = "IG.AE/2/AE.TERM"
FORM = "F.AE"


class Nothing(Ask):
    """Nothing to say."""


class Done(Answer):
    pass


def act_as(trial: Trial, work: Any) -> None:
    """Do some writing inside an operation of its own, as any operation would."""

    def put(act: Act, ask: Nothing) -> Done:
        work(act)
        return Done()

    asked: Operation[Nothing, Done] = Operation(
        name="put", permission=Permission.RECORD, ask=Nothing, answer=Done, function=put, summary=""
    )
    perform(
        trial.opened,
        asked,
        {"reason": "for a test"},
        caller=trial.caller("coordinator"),
        study=trial.study,
        role="coordinator",
        now=trial.now,
    )


def put_record(trial: Trial, *, then: str = "") -> Record:
    """A record that names somebody in its second row, and everything that may quote it."""
    participant = Participant.objects.get(code=screen(trial, code="P1").participant)
    found: list[Record] = []

    def first(act: Act) -> None:
        rows = [{"row": "1", "AE.TERM": "cough"}, {"row": "2", "AE.TERM": NAME, "AE.SEV": "mild"}]
        record = act.add(
            Record(participant=participant, form=FORM, version=1, values={"IG.AE": rows}, status="complete")
        )
        found.append(record)
        act.add(
            SecondEntry(
                record=record,
                values={"IG.AE": [{"row": "2", "AE.TERM": "Zaratustra Madeup"}]},
                entered_by="care_provider",
                at=act.now,
                differences=[{"key": KEY, "first": NAME, "second": "Zaratustra Madeup"}],
            )
        )
        said = [{"who": "monitor", "text": f"Who is {NAME}?", "status": "open"}]
        query = act.add(Query(record=record, key=KEY, messages=said, raised_at=act.now))
        act.change(
            query, messages=[*said, {"who": "x", "text": f"{NAME} is a typing error"}], status="answered"
        )
        signed: dict[str, Any] = {"signer": "x", "signer_name": "X", "content_digest": "0" * 64}
        act.add(
            Signature(
                study=act.the_study, record=record, subject="r", meaning="m", signed_at=act.now, **signed
            )
        )
        act.add(
            Verification(
                record=record, keys=[KEY], revision=1, verified_by="m", at=act.now, content_digest="0"
            )
        )

    act_as(trial, first)
    if then:

        def later(act: Act) -> None:
            values = {"IG.AE": [{"row": "1", "AE.TERM": "cough"}, {"row": "2", "AE.TERM": then}]}
            act.change(found[0], values=values, revision=2)

        act_as(trial, later)
    return found[0]


def redact(trial: Trial, **more: Any) -> Any:
    told: dict[str, Any] = {"participant": "P1", "form": FORM, "key": KEY, "reason": "a name was typed"}
    return trial.do("redact_value", Role.ADMINISTRATOR, **(told | more))


def everything(trial: Trial) -> str:
    """All that the record, its trail and what hangs on it say."""
    told = [f"{c.old} {c.new} {c.salt if c.redacted else ''}" for c in Change.objects.all()]
    told += [str(r.values) for r in Record.objects.all()]
    told += [f"{s.values} {s.differences}" for s in SecondEntry.objects.all()]
    told += [str(q.messages) for q in Query.objects.all()]
    return "\n".join(told)


@pytest.mark.requirement(7)
def test_a_redacted_value_is_nowhere_and_the_trail_holds(trial: Trial) -> None:
    record = put_record(trial)
    assert "Madeup" in everything(trial)
    head = ActRow.objects.order_by("-pk")[0].digest
    answer = redact(trial)
    assert "Madeup" not in everything(trial)
    assert answer.other_rows == 2
    record.refresh_from_db()
    assert record.values["IG.AE"][1] == {"row": "2", "AE.TERM": {"missing": "redacted"}, "AE.SEV": "mild"}
    assert record.revision == 2
    assert Query.objects.get().messages[1]["text"] == "[redacted] is a typing error"
    assert verify_trail(trial.opened).problems == ()
    tombstone = ActRow.objects.order_by("-pk")[0]
    assert (tombstone.operation, tombstone.who, tombstone.reason) == (
        "redact_value",
        "admin",
        "a name was typed",
    )
    named = set(tombstone.changes.filter(table="change").values_list("row", flat=True))
    assert named == set(Change.objects.filter(redacted=True).values_list("pk", flat=True))
    assert len(named) == answer.entries
    assert ActRow.objects.filter(digest=head).exists()


@pytest.mark.requirement(7, 31)
def test_what_was_signed_or_verified_shows_that_it_changed(trial: Trial) -> None:
    put_record(trial)
    redact(trial)
    assert Signature.objects.get().broken_at is not None
    assert Verification.objects.get().broken_at is not None


def test_a_former_value_is_taken_out_and_the_present_one_stays(trial: Trial) -> None:
    record = put_record(trial, then="headache")
    answer = redact(trial, earlier=NAME)
    assert "Zarathustra" not in everything(trial)
    record.refresh_from_db()
    assert record.values["IG.AE"][1]["AE.TERM"] == "headache"
    assert record.revision == 2
    assert answer.entries >= 2
    assert verify_trail(trial.opened).problems == ()


def test_other_answers_keep_their_trail(trial: Trial) -> None:
    record = put_record(trial)
    redact(trial)
    kept = Change.objects.filter(table="record", row=record.pk, redacted=False)
    assert kept.filter(field="values/IG.AE/2/AE.SEV", new='"mild"').exists()
    assert kept.filter(field="values/IG.AE/1/AE.TERM", new='"cough"').exists()


@pytest.mark.parametrize(
    "more",
    [
        {"key": "IG.AE/3/AE.TERM"},
        {"key": "IG.AE/2/AE.NONE"},
        {"key": "IG.XX/AE.TERM"},
        {"key": "IG.AE"},
        {"earlier": "never typed"},
    ],
)
def test_what_is_not_there_is_refused_and_nothing_changes(trial: Trial, more: dict[str, Any]) -> None:
    put_record(trial)
    with pytest.raises(Refusal, match="RED-001"):
        redact(trial, **more)
    assert not Change.objects.filter(redacted=True).exists()
    assert "Madeup" in everything(trial)


@pytest.mark.requirement(7)
def test_it_is_done_once_with_a_reason_and_by_who_may(trial: Trial) -> None:
    put_record(trial)
    with pytest.raises(Refusal, match="OPR-007"):
        redact(trial, reason="")
    for role in Role:
        if Permission.REDACT not in MATRIX[role].may:
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do("redact_value", role, participant="P1", form=FORM, key=KEY, reason="x")
    redact(trial)
    with pytest.raises(Refusal, match="RED-002"):
        redact(trial)


def test_a_redacted_answer_can_be_recorded_anew_and_the_trail_holds(trial: Trial) -> None:
    record = put_record(trial)
    redact(trial)
    record.refresh_from_db()

    def anew(act: Act) -> None:
        values = {"IG.AE": [{"row": "1", "AE.TERM": "cough"}, {"row": "2", "AE.TERM": "headache"}]}
        act.change(record, values=values, revision=record.revision + 1)

    act_as(trial, anew)
    assert verify_trail(trial.opened).problems == ()


def test_words_that_are_keys_are_left_where_they_are() -> None:
    held = [{"text": "a text about text", "who": "text", "first": ["text"]}]
    assert redaction._without(held, ["text"]) == [
        {"text": "a [redacted] about [redacted]", "who": "text", "first": ["[redacted]"]}
    ]


def test_what_was_saved_and_asked_through_the_operations_is_redacted_too(trial: Trial) -> None:
    code = enrol(trial, level="none")
    rows = [event("1"), event("2", NAME)]
    told: dict[str, Any] = {"participant": code, "form": FORM, "key": KEY}
    saved = save(trial, {"IG.AE": rows}, participant=code, form=FORM)
    asked = trial.do("raise_query", Role.MONITOR, **told, text=f"Is {NAME} a person?")
    trial.do("answer_query", query=asked.query, text=f"{NAME} is one, sorry")
    trial.do("redact_value", Role.ADMINISTRATOR, **told, reason="a name was typed")
    assert "Madeup" not in everything(trial)
    shown = trial.do("show_record", participant=code, form=FORM)
    assert "redacted" in str(shown)
    assert verify_trail(trial.opened).problems == ()
    changed = [event("1"), event("2", "Headache")]
    now = saved.revision + 1
    save(trial, {"IG.AE": changed}, participant=code, form=FORM, revision=now, reason="the event itself")
    assert verify_trail(trial.opened).problems == ()
