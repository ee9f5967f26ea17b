"""The audit trail: complete, per field, with reasons, never altered (21 CFR 11.10(e); EMA 2023 6.2.1; FDA-Q12-14)."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import Any

from django.db import Error, transaction

from exotrial.operations.access import Role
from exotrial.qualification.bench import CRP, FORM, SITE, Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.examine import attack_trail, drop_guard, guard_off
from exotrial.store.models import Consent, Dose, Query, Record
from exotrial.store.models.audit import Act, Change
from exotrial.store.verify import verify_trail

WHY = "the laboratory sent a corrected value"


def begin(bench: Bench) -> str:
    """A participant with a saved form: C-reactive protein 12, then 21 with a reason."""
    code = bench.enrol()
    bench.save(code)
    bench.save(code, "21", revision=1, reason=WHY)
    return code


def history(bench: Bench, code: str, role: Role = Role.INVESTIGATOR) -> list[Any]:
    """What the trail tells of the value of C-reactive protein."""
    return list(bench.do("show_history", role, participant=code, key=CRP, **FORM).changes)


@check(
    *(1, 2, 3),
    done="Saved a form, changed one of its answers with a reason, and read the trail of that answer.",
    expected="Two entries for the answer, each with old and new value, person, role, site, time in UTC, reason and "
    "study version; no entry for answers that did not change.",
)
def entry_and_change_are_kept(bench: Bench) -> Outcome:
    """A first entry and a change are in the trail, field by field."""
    found = history(bench, begin(bench))
    first, then = found[0], found[-1]
    changed = {one.field for one in bench.changes_of(bench.last_act("save_form"))}
    return judge(
        ("the first entry is kept as from nothing to 12", (first.old, first.new) == (None, "12")),
        ("the change is kept as from 12 to 21", len(found) == 2 and (then.old, then.new) == ("12", "21")),
        ("with the person and the role", (then.who, then.role) == ("coordinator", "coordinator")),
        ("the site", then.site == SITE),
        ("the reason", then.reason == WHY),
        ("the time in UTC", then.at == bench.last_act("save_form").at and then.at.tzinfo == UTC),
        ("the study version", then.study_version == 1),
        ("only what changed", f"values/{CRP}" in changed and "values/IG.VISIT/SV.DATE" not in changed),
    )


@check(
    *(15, 16),
    done="Changed a saved answer without a reason, then with one.",
    expected="The first is refused and nothing changes; after the second the original is still shown.",
)
def reason_is_demanded(bench: Bench) -> Outcome:
    """A change needs a reason, and the original stays to be seen."""
    code = bench.enrol()
    bench.save(code)
    values = {"IG.VISIT": {"SV.DATE": "2024-01-15"}, "IG.CRP": {"crp": "21"}}
    refused = bench.refusal("save_form", participant=code, values=values, complete=True, revision=1, **FORM)
    before = Record.objects.get(form=FORM["form"]).values["IG.CRP"]["crp"]
    bench.save(code, "21", revision=1, reason=WHY)
    shown = history(bench, code)
    return judge(
        (f"without a reason it is refused ({refused or 'no'})", refused == "OPR-012"),
        (f"the value was still {before}", before == "12"),
        ("with a reason it is changed", shown[-1].new == "21"),
        ("the original 12 is shown beside it", shown[-1].old == "12" and shown[0].new == "12"),
    )


@check(
    4,
    done="Tried to update, delete, empty and replace entries of the trail by SQL and by bulk calls of the program's "
    "data layer, each in a transaction that is rolled back.",
    expected="The database refuses every one.",
)
def trail_refuses_changes(bench: Bench) -> Outcome:
    """Nobody alters or deletes the trail with the application's own database user."""
    begin(bench)
    facts = [(attack.statement, attack.refused) for attack in attack_trail()]
    tries = {
        "bulk update of acts": lambda: Act.objects.update(who="somebody"),
        "bulk delete of acts": lambda: Act.objects.all()._raw_delete("default"),
        "bulk update of changes": lambda: Change.objects.update(new=None),
        "bulk delete of changes": lambda: Change.objects.all().delete(),
    }
    for name, attempt in tries.items():
        facts.append((name, _is_refused(attempt)))
    passed = [fact for fact in facts if fact[1]]
    return judge(
        (f"{len(passed)} of {len(facts)} attempts were refused", len(passed) == len(facts)),
        *((f"went through: {name}", False) for name, refused in facts if not refused),
    )


def _is_refused(attempt: Any) -> bool:
    with transaction.atomic():
        try:
            with transaction.atomic():
                attempt()
        except Error:
            return True
        transaction.set_rollback(True)
    return False


@check(
    5,
    done="Altered a recorded value, an entry of the trail and its last act in the database itself, its guard taken "
    "away and put back, and each time verified the trail.",
    expected="The untouched trail holds; after each the row is named.",
)
def edits_by_hand_are_named(bench: Bench) -> Outcome:
    """A change made behind the program's back is found and named."""
    begin(bench)
    clean = verify_trail(bench.opened)
    record = Record.objects.get(form=FORM["form"])
    values = json.loads(json.dumps(record.values))
    Record.objects.filter(pk=record.pk).update(values={**values, "IG.CRP": {"crp": "5"}})
    data = _named(bench)
    Record.objects.filter(pk=record.pk).update(values=values)
    change = Change.objects.get(field=f"values/{CRP}", new='"21"')
    with guard_off("guard_change_update"):
        Change.objects.filter(pk=change.pk).update(new='"22"')
    trail = _named(bench)
    with guard_off("guard_change_update"):
        Change.objects.filter(pk=change.pk).update(new='"21"')
    mended = verify_trail(bench.opened)
    last = Act.objects.filter(chain__name=bench.study).latest("seq")
    with guard_off("guard_act_delete"), guard_off("guard_change_delete"):
        Change.objects.filter(act=last).delete()
        Act.objects.filter(pk=last.pk)._raw_delete("default")
    gone = _named(bench)
    return judge(
        (f"the untouched trail holds ({clean.acts} acts, {clean.changes} changes)", clean.holds),
        (f"the altered value is named: {data[0]}", f"record {record.pk}" in data[0] and CRP in data[0]),
        (f"the altered entry is named: {trail[0]}", bool(trail[0])),
        ("put back, it holds again", mended.holds),
        (f"the deleted act is named: {gone[0]}", bench.study in gone[0]),
    )


def _named(bench: Bench) -> list[str]:
    return [str(problem) for problem in verify_trail(bench.opened).problems] or [""]


@check(
    6,
    done="Counted the acts of a run of operations, done and refused; then took one guard of the trail away by hand.",
    expected="One act for each operation, the refused ones too; the missing guard is named.",
)
def trail_has_no_switch(bench: Bench) -> Outcome:
    """The trail cannot be switched off unseen."""
    before = Act.objects.filter(chain__name=bench.study).count()
    code = bench.enrol()
    bench.save(code)
    bench.refusal("enrol", participant=code)
    kept = Act.objects.filter(chain__name=bench.study).count() - before
    drop_guard("guard_act_update")
    named = [problem.where for problem in verify_trail(bench.opened).problems]
    return judge(
        (f"5 operations, {kept} acts", kept == 5),
        ("the missing guard is named", named == ["guard_act_update"]),
    )


@check(
    7,
    done="Typed a made-up name into a form, redacted it with a reason, and verified the trail.",
    expected="The name is nowhere in the database; who redacted it and why is told; the trail still holds.",
)
def redaction_leaves_a_tombstone(bench: Bench) -> Outcome:
    """Personal data typed by mistake are taken out, and a tombstone stays."""
    code = bench.enrol()
    name = "Kasimir Zandvoort"
    row = {"row": "1", "CM.TRT": name, "CM.START": "2024-01-14"}
    bench.do("save_form", participant=code, form="F.CM", values={"IG.CM": [row]}, complete=False)
    asked = {"participant": code, "form": "F.CM", "key": "IG.CM/1/CM.TRT"}
    unreasoned = bench.refusal("redact_value", Role.ADMINISTRATOR, **asked)
    bench.do("redact_value", Role.ADMINISTRATOR, reason="a name was typed", **asked)
    act = bench.last_act("redact_value")
    left = (
        Change.objects.filter(new__contains="Zandvoort").count()
        + Record.objects.filter(values__icontains="Zandvoort").count()
    )
    return judge(
        ("a redaction without a reason is refused", unreasoned == "OPR-007"),
        (f"the name is left in {left} places", left == 0),
        ("the act tells who and why", (act.outcome, act.reason) == ("done", "a name was typed")),
        ("the emptied entry is marked", Change.objects.filter(redacted=True).exists()),
        ("the trail holds", verify_trail(bench.opened).holds),
    )


@check(
    8,
    done="Asked for the trail of one answer as investigator, monitor and auditor.",
    expected="Each sees both entries.",
)
def trail_is_shown(bench: Bench) -> Outcome:
    """The trail of one answer is shown to those who must see it."""
    code = begin(bench)
    return judge(
        *(
            (
                f"the {role.value} sees {len(history(bench, code, role))} entries",
                len(history(bench, code, role)) == 2,
            )
            for role in (Role.INVESTIGATOR, Role.MONITOR, Role.AUDITOR)
        )
    )


@check(
    14,
    done="Saved an implausible value, corrected it with a reason, and looked at the query and the trail.",
    expected="A query is raised at once; the first value, the question and the correction are kept.",
)
def edit_check_is_kept(bench: Bench) -> Outcome:
    """An implausible answer is asked about; answer, question and correction all stay."""
    code = bench.enrol()
    saved = bench.save(code, "4999")
    bench.save(code, "49", revision=1, reason=WHY)
    found = history(bench, code)
    query = Query.objects.filter(record__participant__code=code).first()
    asked = query.messages[0]["text"] if query else ""
    return judge(
        (f"a query was raised: {asked}", bool(saved.queries) and bool(asked)),
        ("the first value is kept", found[0].new == "4999"),
        ("so is the correction", (found[-1].old, found[-1].new) == ("4999", "49")),
    )


@check(
    12,
    done="Randomised, signed, queried, verified against source, froze, exported and locked, and read the trail.",
    expected="An act for each, with person, role and time.",
)
def workflow_is_kept(bench: Bench) -> Outcome:
    """Acts of the workflow are kept."""
    bench.seal_list()
    code = bench.randomise()
    bench.save(code)
    query = bench.do(
        "raise_query", Role.MONITOR, participant=code, key=CRP, text="is it right?", **FORM
    ).query
    bench.do("answer_query", query=query, text="yes")
    bench.do("close_query", Role.MONITOR, query=query, text="thanks")
    bench.do("verify_source", Role.MONITOR, participant=code, revision=1, **FORM)
    bench.sign(code)
    bench.do("freeze_records", Role.MONITOR, participant=code, reason="all is done")
    bench.lock()
    bench.refusal("export_allocation", Role.AUDITOR, number=1)
    wanted = (
        *("randomise", "raise_query", "answer_query", "close_query", "verify_source", "sign_form"),
        *("freeze_records", "lock_study", "export_allocation"),
    )
    acts = {act.operation: act for act in Act.objects.filter(chain__name=bench.study)}
    return judge(
        *(
            (f"{name} by {acts[name].who}" if name in acts else name, name in acts and bool(acts[name].who))
            for name in wanted
        )
    )


@check(
    17,
    done="Saved a form, and looked at the time in the trail; looked whether any operation takes a time for it.",
    expected="UTC and the site's zone, the same moment; a field that gives the trail's time is refused.",
)
def times_are_the_servers(bench: Bench) -> Outcome:
    """The time is the server's; it is shown in UTC and in the site's zone."""
    code = begin(bench)
    one = history(bench, code)[-1]
    refused = bench.refusal("save_form", participant=code, values={}, at="2020-01-01T00:00:00Z", **FORM)
    return judge(
        (f"UTC {one.at:%Y-%m-%d %H:%M}", one.at.utcoffset() == timedelta(0)),
        (f"{one.zone} {one.at_site:%Y-%m-%d %H:%M}", one.zone == "Asia/Tehran" and one.at_site == one.at),
        ("a time given from outside is refused", refused == "OPR-002"),
    )


@check(
    18,
    done="Set the bench's clock back by ten minutes and tried to randomise.",
    expected="The step is kept with the act, and randomisation stops until it is looked into.",
)
def clock_step_is_noticed(bench: Bench) -> Outcome:
    """A clock that was set back is noticed."""
    bench.seal_list()
    bench.randomise()
    code = bench.enrol()
    bench.now -= timedelta(minutes=10)
    refused = bench.refusal("randomise", participant=code)
    step = bench.last_act("randomise").clock_step
    return judge(
        (f"the act tells a step of {step:.0f} s", step < -500),
        (f"randomisation is refused ({refused or 'no'})", refused == "RAN-108"),
    )


@check(
    19,
    done="Recorded a consent half an hour after it was signed.",
    expected="Two times: the signature's and the record's.",
)
def both_times_are_kept(bench: Bench) -> Outcome:
    """When it happened and when it was recorded are both kept."""
    code = bench.screen()
    signed = bench.now
    bench.now += timedelta(minutes=30)
    bench.do("record_consent", participant=code, version="1.0", language="en", signed_at=signed.isoformat())
    row = Consent.objects.get()
    names = {field.name for field in Dose._meta.get_fields()}
    return judge(
        (f"signed {row.signed_at:%H:%M} UTC", row.signed_at == signed),
        (f"recorded {row.recorded_at:%H:%M} UTC", row.recorded_at == bench.now),
        ("a dose keeps both too", {"begun_at", "recorded_at"} <= names),
    )
