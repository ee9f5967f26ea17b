"""Who may do what: roles, sites, training, rights by date (21 CFR 11.10(d), (g), (i); E6(R3) 3.16.1, 4.3.8)."""

from __future__ import annotations

from datetime import timedelta

from exotrial.operations.access import MATRIX, Permission, Role, may
from exotrial.qualification.bench import FORM, SITE, Bench, installed_operations
from exotrial.qualification.check import Outcome, check, judge

ADMIN = Role.ADMINISTRATOR
DENIED = frozenset({"OPR-003", "OPR-004"})

WRITING = frozenset(
    {Permission.SCREEN, Permission.RANDOMISE, Permission.RECORD, Permission.RECORD_DOSE}
    | {Permission.SECOND_ENTRY, Permission.ANSWER_QUERY, Permission.END_PARTICIPATION}
)
"""What writes a participant's data."""


@check(
    24,
    done="Asked every installed operation and view as every role, with nothing filled in.",
    expected="Each role is denied everything that the matrix of roles does not give it, and nothing else.",
)
def matrix_is_kept(bench: Bench) -> Outcome:
    """Every role is denied what the matrix denies."""
    wrong, denied, tried = [], 0, 0
    for name, asked in installed_operations().items():
        for role in Role:
            if asked.permission is Permission.OWN_ACCOUNT:
                continue  # one's own account is looked after in any role
            tried += 1
            code = bench.refusal(name, role)
            allowed = may(role, asked.permission) and (asked.scope == "study" or role is ADMIN)
            denied += code in DENIED
            if (code not in DENIED) != allowed:
                wrong.append(f"{name} as {role.value} ({code or 'done'})")
    return judge(
        (f"{tried} pairs of operation and role; {denied} were denied", not wrong),
        *((one, False) for one in wrong[:10]),
    )


@check(
    24,
    done="Opened a second site with a coordinator of its own, who asked for a participant of the first and for one "
    "that does not exist.",
    expected="Both are refused in the same words; the list shows neither.",
)
def sites_are_apart(bench: Bench) -> Outcome:
    """A site's people reach no participant of another site."""
    code = bench.enrol()
    bench.do("open_site", Role.SPONSOR, code="clinic", name="A clinic made up")
    other = bench.add_person("other", Role.COORDINATOR, "clinic")
    seen = bench.refusal("show_participant", Role.COORDINATOR, by=other, participant=code)
    none = bench.refusal("show_participant", Role.COORDINATOR, by=other, participant="NOBODY-1")
    listed = bench.do("list_participants", Role.COORDINATOR, by=other).participants
    return judge(
        (f"the other site's participant is refused ({seen or 'no'})", seen == "OPR-011"),
        ("as one that does not exist", seen == none),
        (f"{len(listed)} participants are listed", len(listed) == 0),
    )


@check(
    25,
    done="Tried to read and record data as administrator; made a coordinator administrator too; printed the rights.",
    expected="The administrator's role reads and records no data; a person with both is marked.",
)
def administration_is_apart(bench: Bench) -> Outcome:
    """Administration and study data are separate, and who has both is marked."""
    code = bench.enrol()
    read = bench.refusal("show_participant", ADMIN, participant=code)
    write = bench.refusal("save_form", ADMIN, participant=code, values={}, **FORM)
    bench.do("grant_role", ADMIN, username="coordinator", role=ADMIN.value, trained_on="2024-01-02")
    marked = {right.username for right in bench.do("list_rights", ADMIN).rights if right.also_administrator}
    return judge(
        ("reading data is refused", read in DENIED),
        ("recording is refused", write in DENIED),
        ("the one person with both is marked", marked == {"coordinator"}),
    )


@check(
    26,
    done="Took a right away, then printed the rights as they were before and as they are now.",
    expected="The right is in the first list and not in the second.",
)
def rights_at_a_past_date(bench: Bench) -> Outcome:
    """Who held which right on a past date can be printed."""
    before = bench.now
    right = {"username": "monitor", "role": "monitor", "study": bench.study, "site": SITE}
    bench.now += timedelta(days=10)
    bench.do("revoke_role", ADMIN, reason="left", **right)
    bench.now += timedelta(days=10)
    then = bench.do("list_rights", ADMIN, at=before.isoformat()).rights
    now = bench.do("list_rights", ADMIN).rights
    return judge(
        (
            f"{len(then)} rights on {before:%Y-%m-%d}, the monitor's too",
            any(r.role == "monitor" for r in then),
        ),
        (f"{len(now)} now, without it", not any(right.role == "monitor" for right in now)),
    )


@check(
    27,
    done="Tried as sponsor to record, screen and correct; looked for any permission of the sponsor's that writes a "
    "participant's data; read the investigator's copy before and after the lock.",
    expected="The sponsor cannot; the investigator reads the record at all times.",
)
def sponsor_cannot_edit(bench: Bench) -> Outcome:
    """The sponsor cannot edit the investigator's data, and the investigator always has them."""
    code = bench.enrol()
    bench.save(code)
    refused = [
        bench.refusal("save_form", Role.SPONSOR, participant=code, values={}, **FORM),
        bench.refusal("screen", Role.SPONSOR, site=SITE, answers={"age": 45}),
        bench.refusal("correct_stratum", Role.SPONSOR, participant=code, stratum="b", reason="another"),
    ]
    before = bench.do("show_record", Role.INVESTIGATOR, participant=code, **FORM).values
    bench.lock()
    after = bench.do("show_record", Role.INVESTIGATOR, participant=code, **FORM).values
    writes = MATRIX[Role.SPONSOR].may & WRITING
    return judge(
        (f"{len(refused)} attempts are refused", set(refused) <= DENIED),
        ("the sponsor has no permission that writes data", not writes),
        ("the investigator reads the record before and after the lock", before == after and bool(after)),
    )


@check(
    63,
    done="Granted a role without training, tried to use it, recorded the training, and tried again.",
    expected="Refused before, done after; a training in the future is refused.",
)
def training_opens_the_role(bench: Bench) -> Outcome:
    """A role cannot be used before its training is recorded."""
    code = bench.enrol()
    right = {"username": "learner", "role": "coordinator", "study": bench.study, "site": SITE}
    bench.add_person("learner", Role.COORDINATOR, SITE, trained="")
    before = bench.refusal("show_participant", Role.COORDINATOR, by="learner", participant=code)
    future = bench.refusal("record_training", ADMIN, trained_on="2099-01-01", **right)
    bench.do("record_training", ADMIN, trained_on="2024-01-14", **right)
    after = bench.refusal("show_participant", Role.COORDINATOR, by="learner", participant=code)
    return judge(
        (f"before it is refused ({before or 'no'})", before == "OPR-008"),
        ("a training in the future is refused", future == "ACC-008"),
        ("after it is done", after == ""),
    )


@check(
    60,
    done="Recorded who a participant is, looked for the name in the database, and asked for it in several roles; "
    "withdrew consent with a rule for the data.",
    expected="The name is stored sealed; only roles with that permission are told, and each look is kept; the rule "
    "is on record.",
)
def identifiers_are_apart(bench: Bench) -> Outcome:
    """Data carry a code; who it is lies apart, sealed, and told to few."""
    from exotrial.store.models import Identity, Participant
    from exotrial.store.models.audit import Change

    name = "Kasimir Zandvoort"
    code = bench.enrol(identity={"name": name, "contact": "a street", "hospital_number": "77123"})
    told = bench.do("show_identity", participant=code).name
    looked = bench.last_act("show_identity")
    refused = {
        role: bench.refusal("show_identity", role, participant=code)
        for role in Role
        if not may(role, Permission.READ_IDENTITY)
    }
    bench.do(
        "withdraw_consent",
        participant=code,
        scope="everything",
        data_use="until withdrawal",
        withdrawn_at=bench.now.isoformat(),
    )
    in_clear = Change.objects.filter(new__contains="Zandvoort").exists()
    in_clear |= Identity.objects.filter(sealed__contains="Zandvoort").exists()
    return judge(
        ("the name is nowhere in clear", not in_clear and code.startswith("HOSPITAL-")),
        ("the coordinator is told it, and the look is kept", told == name and looked.who == "coordinator"),
        (f"{len(refused)} roles are refused", set(refused.values()) <= DENIED),
        (
            "after withdrawal the rule for the data is on record",
            Participant.objects.get(code=code).data_use == "until withdrawal",
        ),
    )
