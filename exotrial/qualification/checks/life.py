"""The order of steps, amendments, lock (21 CFR 11.10(f); E6(R3) 3.16.1(q), (r), 4.3.4, 4.3.5)."""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Role
from exotrial.qualification.bench import FORM, SITE, Bench, read_study_file
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.models import Kit, Participant, Record

VALUES = {"IG.VISIT": {"SV.DATE": "2024-01-15"}, "IG.CRP": {"crp": "21"}}


@check(
    33,
    done="Tried each step before the one that it needs: enrolment before consent and by a person who is not eligible, "
    "randomisation before enrolment and before the list is sealed, a dose before randomisation, from a batch that is "
    "not released, an unlock without a reason.",
    expected="Every step out of order is refused; in order each is done.",
)
def steps_keep_their_order(bench: Bench) -> Outcome:
    """No step of a participant's life can be taken before the one it needs."""
    minor = bench.screen(age=17)
    bench.consent(minor)
    unfit = bench.refusal("enrol", participant=minor, stratum_level="tube")
    code = bench.screen()
    no_consent = bench.refusal("enrol", participant=code, stratum_level="tube")
    too_early = bench.refusal("randomise", participant=code)
    bench.consent(code)
    bench.do("enrol", participant=code, stratum_level="tube")
    unsealed = bench.refusal("randomise", participant=code)
    dose: dict[str, Any] = {"kit": "K1", "begun_at": bench.now.isoformat(), "complete": False}
    no_arm = bench.refusal("record_dose", Role.CARE_PROVIDER, participant=code, **dose)
    bench.seal_list()
    number = str(bench.do("randomise", participant=code).kit)
    _pack(bench, number)
    unreleased = bench.refusal("assign_kit", Role.CARE_PROVIDER, participant=code)
    bench.do("release_batch", Role.PHARMACIST, code="B1", reason="certificate made up")
    bench.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    given: dict[str, Any] = {
        "begun_at": bench.now.isoformat(),
        "ended_at": bench.now.isoformat(),
        "complete": True,
    }
    in_order = bench.refusal("record_dose", Role.CARE_PROVIDER, participant=code, kit=number, **given)
    bench.lock()
    unlock = bench.refusal("unlock_study", Role.SPONSOR)
    return judge(
        (f"not eligible: enrolment refused ({unfit})", unfit == "LIF-001"),
        (f"no consent: enrolment refused ({no_consent})", no_consent == "LIF-005"),
        (f"not enrolled: randomisation refused ({too_early})", too_early == "RAN-101"),
        (f"no sealed list: randomisation refused ({unsealed})", unsealed == "RAN-104"),
        (f"not randomised: dose refused ({no_arm})", no_arm == "KIT-010"),
        (f"batch not released: kit refused ({unreleased})", unreleased == "KIT-013"),
        ("in order the dose is recorded", in_order == ""),
        (f"unlock without a reason refused ({unlock})", unlock == "OPR-007"),
    )


def _pack(bench: Bench, number: str) -> None:
    """A kit of a batch that is registered and not released, packed with what the list says."""
    wanted = {one.number: one.arm for one in bench.do("show_packing_list", Role.PHARMACIST).kits}
    bench.do("register_batch", Role.PHARMACIST, code="B1", expires_on="2024-12-31")
    bench.do("pack_kit", Role.PHARMACIST, number=number, arm=wanted[number], batch="B1")
    assert Kit.objects.filter(number=number).exists()


@check(
    44,
    done="Tried to begin a study from a file with a fault, and to screen at a site that had approved nothing.",
    expected="The file is refused with the place of its fault; the site works only after its approval.",
)
def configuration_is_gated(bench: Bench) -> Outcome:
    """A study file is checked before it is used, and a site works only after its approval."""
    broken = read_study_file().replace('id = "qualification"', 'id = "another"')
    fault = bench.refusal(
        "begin_study", Role.ADMINISTRATOR, source=broken.replace("planned_size = 12", 'planned_size = "x"')
    )
    bench.do("open_site", Role.SPONSOR, code="clinic", name="A clinic made up")
    staff = bench.add_person("staff", Role.COORDINATOR, "clinic")
    head = bench.add_person("head", Role.INVESTIGATOR, "clinic")
    asked = {"site": "clinic", "answers": {"age": 45}}
    before = bench.refusal("screen", Role.COORDINATOR, by=staff, **asked)
    bench.do(
        "activate_site",
        Role.INVESTIGATOR,
        by=head,
        site="clinic",
        version=1,
        approved_on="2024-01-10",
        reference="an approval made up",
    )
    after = bench.refusal("screen", Role.COORDINATOR, by=staff, **asked)
    return judge(
        (f"the faulty file is refused ({fault or 'no'})", fault.startswith("STF-")),
        (f"before approval screening is refused ({before or 'no'})", before == "LIF-004"),
        ("after it is done", after == ""),
    )


@check(
    45,
    done="Amended the study, looked at the differences and at an old record, and recorded before and after the site's "
    "approval and the new consent.",
    expected="A new version with its differences; the old record keeps its version; the site works by the new one "
    "only after its approval.",
)
def amendment_makes_a_version(bench: Bench) -> Outcome:
    """An amendment is a new version; old data keep theirs, and each site takes it up after its approval."""
    code = bench.enrol()
    bench.save(code)
    source = read_study_file().replace('version = "1.0"', 'version = "2.0"', 1)
    source = source.replace("at_most = 65", "at_most = 75").replace("18 to 65", "18 to 75")
    loaded = bench.do("load_study_version", Role.SPONSOR, source=source, reason="older people too")
    before = bench.screen()
    unapproved = Participant.objects.get(code=before).version
    bench.do(
        "activate_site",
        Role.INVESTIGATOR,
        site=SITE,
        version=2,
        approved_on=bench.now.date().isoformat(),
        reference="an approval made up",
    )
    after = Participant.objects.get(code=bench.screen(age=70)).version
    old = Record.objects.get(participant__code=code).version
    shown = bench.do("show_amendments", Role.AUDITOR).versions
    return judge(
        (
            f"version {loaded.version} with {len(loaded.differences)} differences",
            loaded.version == 2 and bool(loaded.differences),
        ),
        (f"before approval the site works by version {unapproved}", unapproved == 1),
        (f"after it by version {after}", after == 2),
        (f"the old record keeps version {old}", old == 1),
        (f"{len(shown)} versions are shown", len(shown) == 2),
    )


@check(
    55,
    done="Locked the study, tried to change data, unlocked with and without a reason, changed, and locked again.",
    expected="No change while locked; the unlock needs a reason and is kept with it; unblinding waits for the lock.",
)
def lock_withdraws_rights(bench: Bench) -> Outcome:
    """The lock withdraws every right to edit, and an unlock is kept with its reason."""
    bench.seal_list()
    code = bench.randomise()
    bench.save(code)
    proof = bench.proof(Role.SPONSOR)
    early = bench.refusal("unblind_study", Role.SPONSOR, reason="curious", **proof)
    bench.lock()
    asked = {"participant": code, "values": VALUES, "complete": True, "revision": 1, "reason": "late", **FORM}
    locked = [bench.refusal("save_form", role, **asked) for role in (Role.COORDINATOR, Role.INVESTIGATOR)]
    bench.do("unlock_study", Role.SPONSOR, reason="a late laboratory value")
    unlocked = bench.refusal("save_form", **asked)
    bench.lock()
    why = bench.last_act("unlock_study").reason
    return judge(
        (f"unblinding before the lock is refused ({early or 'no'})", early == "OPR-005"),
        ("no change while locked", set(locked) == {"OPR-005"}),
        (f"the unlock is kept: {why}", why == "a late laboratory value"),
        ("unlocked, the change is recorded", unlocked == ""),
    )


@check(
    56,
    done="Locked and unblinded the study, then tried to change data and to unlock.",
    expected="Both are refused: data that arms are known of do not change here.",
)
def nothing_changes_after_unblinding(bench: Bench) -> Outcome:
    """After unblinding no data change."""
    bench.seal_list()
    code = bench.randomise()
    bench.save(code)
    bench.lock()
    bench.do("unblind_study", Role.SPONSOR, reason="the data are locked", **bench.proof(Role.SPONSOR))
    change = bench.refusal(
        "save_form", participant=code, values=VALUES, complete=True, revision=1, reason="late", **FORM
    )
    unlock = bench.refusal("unlock_study", Role.SPONSOR, reason="a late laboratory value")
    return judge(
        (f"the change is refused ({change or 'no'})", change == "OPR-005"),
        (f"the unlock is refused ({unlock or 'no'})", unlock in ("OPR-005", "STU-002")),
    )


@check(
    *(42,),
    done="Assigned a kit of a released batch, recalled the batch, tried to give the kit, and asked who was exposed.",
    expected="A recalled batch is not given; every participant who had one of its kits is named to the pharmacist.",
)
def recalled_batch_is_not_given(bench: Bench) -> Outcome:
    """Only released batches are given, and a recall names who was exposed."""
    bench.seal_list()
    code = bench.enrol()
    number = str(bench.do("randomise", participant=code).kit)
    _pack(bench, number)
    bench.do("release_batch", Role.PHARMACIST, code="B1", reason="certificate made up")
    bench.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    at = bench.now.isoformat()
    given: dict[str, Any] = {"participant": code, "kit": number, "complete": True}
    bench.do("record_dose", Role.CARE_PROVIDER, begun_at=at, ended_at=at, **given)
    bench.do("recall_batch", Role.PHARMACIST, code="B1", reason="a test failed")
    later = bench.now.isoformat()
    again = bench.refusal("record_dose", Role.CARE_PROVIDER, begun_at=later, ended_at=later, **given)
    exposed = [kit.participant for kit in bench.do("show_exposed", Role.PHARMACIST, code="B1").kits]
    return judge(
        (f"a dose after the recall is refused ({again or 'no'})", again == "KIT-013"),
        (f"exposed: {', '.join(exposed)}", exposed == [code]),
    )
