"""Accounts, sign-in and passwords (21 CFR 11.100, 11.200, 11.300; FDA-Q11; EMA 2023 annex 3 and 4)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

from exotrial.core.errors import Refusal
from exotrial.operations._operation import Caller
from exotrial.operations.access import Role
from exotrial.operations.authenticate import sign_in
from exotrial.operations.lockout import CLOSED_FOR, MOST_FAILURES
from exotrial.operations.sessions import IDLE, caller_for
from exotrial.operations.tokens import caller_for_token
from exotrial.operations.totp import generator
from exotrial.qualification.bench import FORM, PASSWORD, SITE, Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.models import Account
from exotrial.store.models.audit import Act

ADMIN = Role.ADMINISTRATOR


@dataclass(frozen=True)
class Tried:
    """A sign-in that was tried: the code of its refusal ("" where it was done), and the session's key."""

    code: str
    key: str = ""


def enter(bench: Bench, username: str, password: str = PASSWORD, code: str = "") -> Tried:
    """Try to sign in, a minute later."""
    bench.now += timedelta(minutes=1)
    try:
        done = sign_in(bench.opened, username, password, code, now=bench.now, source="validate")
    except Refusal as refused:
        return Tried(refused.code.code)
    return Tried("", done.key)


def opens(bench: Bench, key: str) -> Caller | None:
    """Who a session's key opens for now, None where it opens nothing."""
    try:
        return caller_for(key, bench.now, source="validate")
    except Refusal:
        return None


@check(
    13,
    done="Added an account, granted and revoked a role, signed in, failed to sign in, and read the trail.",
    expected="An act for each, with who did it and when.",
)
def accounts_are_logged(bench: Bench) -> Outcome:
    """What is done to accounts and rights, and every sign-in, is in the trail."""
    bench.add_person("newcomer", Role.MONITOR, SITE)
    right = {"username": "newcomer", "role": "monitor", "study": bench.study, "site": SITE}
    bench.do("revoke_role", ADMIN, reason="left", **right)
    enter(bench, "newcomer")
    enter(bench, "newcomer", "not the password at all")
    acts = [
        (act.operation, act.outcome, act.who)
        for act in Act.objects.filter(chain__name="installation").order_by("-pk")[:5]
    ]
    wanted = [
        ("add_account", "done", "administrator"),
        ("grant_role", "done", "administrator"),
        ("revoke_role", "done", "administrator"),
        ("sign_in", "done", "newcomer"),
        ("sign_in", "refused", "newcomer"),
    ]
    return judge(
        *((f"{name}, {outcome}, by {who}", (name, outcome, who) in acts) for name, outcome, who in wanted)
    )


@check(
    20,
    done="Closed an account, then tried to give its username to another person.",
    expected="Refused: a username is never given twice, and an account is never deleted.",
)
def usernames_are_never_reused(bench: Bench) -> Outcome:
    """A username belongs to one person for ever."""
    bench.do("set_account_active", ADMIN, username="monitor", active=False, reason="left")
    again = bench.refusal("add_account", ADMIN, username="monitor", name="Another", password=PASSWORD)
    return judge(
        (f"the username is refused ({again or 'no'})", again == "ACC-001"),
        ("the account is still there", Account.objects.filter(username="monitor").count() == 1),
    )


@check(
    21,
    done="Gave a wrong password five times, then the right one, at once and after the time of the lock-out; let a "
    "session lie idle.",
    expected="The account is closed after five failures and opens after fifteen minutes; each attempt is kept; an "
    "idle session ends.",
)
def lock_out_after_failures(bench: Bench) -> Outcome:
    """Wrong passwords close an account for a while, and idle sessions end."""
    wrong = [enter(bench, "monitor", "not the password at all").code for _ in range(MOST_FAILURES)]
    at_once = enter(bench, "monitor")
    kept = Act.objects.filter(operation="sign_in", who="monitor", outcome="refused").count()
    bench.now += CLOSED_FOR
    later = enter(bench, "monitor")
    bench.now += IDLE - timedelta(minutes=1)
    still = opens(bench, later.key)
    bench.now += IDLE
    return judge(
        (f"{MOST_FAILURES} wrong passwords are refused", set(wrong) == {"AUT-002"}),
        ("then the right one is refused too", at_once.code == "AUT-002"),
        (f"{kept} attempts are kept, and the lock-out", kept == 6 and bool(bench.last_act("lock_out"))),
        (f"after {CLOSED_FOR.seconds // 60} minutes it opens", later.code == ""),
        (
            f"a session idle for {IDLE.seconds // 60} minutes is ended",
            still is not None and not opens(bench, later.key),
        ),
    )


@check(
    22,
    done="Looked at how a password is stored, tried weak ones, and signed in with a second factor.",
    expected="An Argon2 hash and never the password; weak ones are refused; with a second factor no sign-in without "
    "its code, and each code once.",
)
def passwords_and_second_factor(bench: Bench) -> Outcome:
    """Passwords are strong and stored as hashes; a second factor can be asked of an account."""
    stored = Account.objects.get(username="monitor").password
    weak = [
        bench.refusal("add_account", ADMIN, username=f"p{n}", name="P", password=password)
        for n, password in enumerate(("short", "password1234", "p2-p2-p2-p2-p2"))
    ]
    monitor = Role.MONITOR
    begun = bench.do("begin_second_factor", monitor, **bench.proof(monitor))
    maker = generator(base64.b32decode(begun.secret))
    bench.do("confirm_second_factor", monitor, code=maker.generate(_next(bench)).decode())
    without = enter(bench, "monitor")
    code = maker.generate(_next(bench)).decode()
    with_code, again = enter(bench, "monitor", code=code), enter(bench, "monitor", code=code)
    return judge(
        ("the hash is Argon2", stored.startswith("argon2$argon2id$") and PASSWORD not in stored),
        ("weak passwords are refused", set(weak) == {"PWD-001"}),
        ("without the code no sign-in", without.code == "AUT-003"),
        ("with it there is one", with_code.code == ""),
        ("the same code does not count again", again.code == "AUT-003"),
    )


def _next(bench: Bench) -> float:
    """The time of the bench's next act, which comes a minute later."""
    return (bench.now + timedelta(minutes=1)).timestamp()


@check(
    23,
    done="Closed an account that was signed in and had a token; gave it a new password and opened it again.",
    expected="Session and token end at once; the new password opens, the old one does not; a reason is demanded.",
)
def lost_credentials_are_closed(bench: Bench) -> Outcome:
    """Lost credentials are taken out of use at once and replaced under control."""
    session, token = enter(bench, "coordinator"), make_token(bench, "status")
    opened = opens(bench, session.key) is not None and _token_opens(bench, token)
    unreasoned = bench.refusal("set_account_active", ADMIN, username="coordinator", active=False)
    bench.do("set_account_active", ADMIN, username="coordinator", active=False, reason="a key was lost")
    closed = opens(bench, session.key) is None and not _token_opens(bench, token)
    new = "other stones beside the water"
    bench.do("reset_password", ADMIN, username="coordinator", new_password=new, reason="a key was lost")
    bench.do("set_account_active", ADMIN, username="coordinator", active=True, reason="replaced")
    return judge(
        ("both opened before", opened),
        ("closing needs a reason", unreasoned == "OPR-007"),
        ("session and token are closed at once", closed),
        ("the old password opens nothing", enter(bench, "coordinator").code == "AUT-002"),
        ("the new one does", enter(bench, "coordinator", new).code == ""),
    )


def make_token(bench: Bench, *operations: str) -> str:
    """The coordinator's token for the site and some operations; gives its key."""
    made = bench.do(
        "make_token",
        Role.COORDINATOR,
        name="reader",
        study=bench.study,
        role="coordinator",
        site=SITE,
        operations=operations,
        expires_at=(bench.now + timedelta(days=30)).isoformat(),
        **bench.proof(Role.COORDINATOR),
    )
    return str(made.key)


def _token_opens(bench: Bench, key: str) -> bool:
    try:
        caller_for_token(key, bench.now)
    except Refusal:
        return False
    return True


@check(
    34,
    done="Made a token for one operation at one site, used it for that and for others, and after its end.",
    expected="It does what it names and nothing else; it tells where data came from; it ends.",
)
def tokens_are_scoped(bench: Bench) -> Outcome:
    """A program's key reaches no further than it was made for."""
    code = bench.enrol()
    key = make_token(bench, "save_form")
    caller = caller_for_token(key, bench.now)
    values = {"IG.VISIT": {"SV.DATE": "2024-01-15"}, "IG.CRP": {"crp": "12"}}
    asked = {"participant": code, "values": values, "complete": True, **FORM}
    done = bench.refusal_as(caller, "save_form", Role.COORDINATOR, **asked)
    source = bench.last_act("save_form").source
    other = bench.refusal_as(caller, "show_participant", Role.COORDINATOR, participant=code)
    role = bench.refusal_as(caller, "save_form", Role.INVESTIGATOR, **asked)
    bench.now += timedelta(days=31)
    return judge(
        ("what it names is done", done == ""),
        (f"the trail tells the source: {source}", source == "token:reader"),
        (f"another operation is refused ({other or 'no'})", other == "OPR-004"),
        (f"another role is refused ({role or 'no'})", role == "OPR-004"),
        ("after its end it opens nothing", not _token_opens(bench, key)),
    )
