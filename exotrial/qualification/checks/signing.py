"""Electronic signatures (21 CFR 11.50, 11.70, 11.200; EMA 2023 4.8, 6.3; E6(R3) 3.16.1(o))."""

from __future__ import annotations

from exotrial.operations.access import Role
from exotrial.qualification.bench import FORM, PASSWORD, SITE, Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.qualification.checks.accounts import enter, opens
from exotrial.store.models import Record, Signature

INVESTIGATOR = Role.INVESTIGATOR


def signed(bench: Bench) -> str:
    """A participant whose form is saved and signed."""
    code = bench.enrol()
    bench.save(code)
    bench.sign(code)
    return code


@check(
    28,
    done="Signed a form, and read the signature from the list and from the form.",
    expected="Printed name, time in UTC and meaning, in both.",
)
def signature_is_shown(bench: Bench) -> Outcome:
    """A signature shows printed name, time and meaning."""
    code = signed(bench)
    one = bench.do("list_signatures", Role.MONITOR, participant=code).signatures[0]
    shown = bench.do("show_record", Role.MONITOR, participant=code, **FORM).signatures
    return judge(
        (f"{one.name}, {one.signed_at:%Y-%m-%d %H:%M} UTC, {one.meaning}", one.name == "Investigator"),
        ("with its meaning", one.meaning == "approval"),
        (
            "the same beside the form",
            bool(shown) and (shown[0].name, shown[0].meaning) == (one.name, one.meaning),
        ),
    )


@check(
    29,
    done="Signed in; signed with the password alone, with both parts, again with the password alone, with a wrong "
    "one; then in a new session with the password alone.",
    expected="First signing of a session: username and password; later ones: the password; a new session: both.",
)
def two_parts_first(bench: Bench) -> Outcome:
    """The first signing of a session needs username and password, later ones the password."""
    code = bench.enrol()
    bench.save(code)
    codes = [
        _sign_study(bench, enter(bench, "investigator").key, milestone="interim analysis"),
    ]
    key = enter(bench, "investigator").key
    codes += [
        _sign_study(bench, key, milestone="interim analysis", username="investigator"),
        _sign_study(bench, key, milestone="before lock"),
        _sign_study(bench, key, milestone="report", password="not the password at all"),
        _sign_study(bench, enter(bench, "investigator").key, milestone="report"),
    ]
    return judge(
        ("password alone at first is refused", codes[0] == "AUT-001"),
        ("both are accepted", codes[1] == ""),
        ("then the password is enough", codes[2] == ""),
        ("a wrong one is refused", codes[3] == "AUT-001"),
        ("a new session asks for both again", codes[4] == "AUT-001"),
    )


def _sign_study(
    bench: Bench, key: str, *, milestone: str, username: str = "", password: str = PASSWORD
) -> str:
    caller = opens(bench, key)
    assert caller is not None
    return bench.refusal_as(
        caller,
        "sign_study",
        INVESTIGATOR,
        username=username,
        password=password,
        site=SITE,
        milestone=milestone,
        meaning="review",
    )


@check(
    30,
    done="Copied a signature to another participant's form in the database, and altered the signed values of a "
    "third; then checked all signatures.",
    expected="The whole one is whole; the copy and the altered one are invalid, and why is told.",
)
def signature_is_bound(bench: Bench) -> Outcome:
    """A signature that is copied, moved or of altered content is found invalid."""
    whole, altered = signed(bench), signed(bench)
    other = bench.enrol()
    bench.save(other)
    row = Signature.objects.get(record__participant__code=whole)
    target = Record.objects.get(participant__code=other)
    row.pk, row.record, row.subject = None, target, f"record:{target.pk}"
    row.save(force_insert=True)
    Record.objects.filter(participant__code=altered).update(values={"IG.CRP": {"crp": "5"}})
    found = {one.participant: one for one in bench.do("check_signatures", Role.MONITOR).signatures}
    return judge(
        (f"the whole one is {found[whole].state}", found[whole].state == "whole"),
        (f"the copy is {found[other].state}: {found[other].why}", found[other].state == "invalid"),
        (
            f"the altered one is {found[altered].state}: {found[altered].why}",
            found[altered].state == "invalid",
        ),
    )


@check(
    31,
    done="Changed a signed form with a reason, looked at its signature, tried to lock, and signed again.",
    expected="The signature is broken and stays to be seen; the study is not locked before the form is signed anew.",
)
def change_breaks_signature(bench: Bench) -> Outcome:
    """A change after signing asks for a new signature, and the old one stays."""
    code = signed(bench)
    saved = bench.save(code, "21", revision=1, reason="the laboratory sent a corrected value")
    broken = [one.state for one in bench.do("list_signatures", Role.MONITOR, participant=code).signatures]
    lock = bench.refusal("lock_study", Role.SPONSOR, reason="all data are in")
    bench.sign(code, saved.revision)
    both = [one.state for one in bench.do("list_signatures", Role.MONITOR, participant=code).signatures]
    return judge(
        (f"after the change it is {', '.join(broken)}", broken == ["broken"]),
        (f"the lock is refused ({lock or 'no'})", lock == "STU-001"),
        (f"signed anew: {', '.join(both)}", both == ["broken", "whole"]),
    )


@check(
    32,
    done="Signed the site's data as investigator at an interim analysis, for the safety board and before the lock.",
    expected="Each milestone takes a signature.",
)
def milestones_are_signed(bench: Bench) -> Outcome:
    """The investigator signs at milestones."""
    bench.save(bench.enrol())
    asked = {"site": SITE, "meaning": "approval", **bench.proof(INVESTIGATOR)}
    milestones = ("interim analysis", "review by the safety board", "before lock")
    return judge(
        *(
            (milestone, bench.refusal("sign_study", INVESTIGATOR, milestone=milestone, **asked) == "")
            for milestone in milestones
        )
    )
