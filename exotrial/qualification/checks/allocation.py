"""Randomisation, blinding and unblinding (E6(R3) 2.11, 3.15, 3.16.1, 4.1; EMA 2023 A5.2)."""

from __future__ import annotations

import copy
import json
from typing import Any

from exotrial.allocation.certificate import Certificate, read_certificate
from exotrial.allocation.export import read_export, read_leaf
from exotrial.allocation.verify import verify_export, verify_leaf
from exotrial.operations.access import Role, is_blind
from exotrial.qualification.bench import Bench, installed_operations
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.models import Allocation, Envelope
from exotrial.store.models.audit import Act, Change

ARMS = ("kestrel", "osprey")
PHYSICIAN = Role.CARE_PROVIDER


def certificate_of(sealed: Any) -> Certificate:
    """The certificate as it is published."""
    return read_certificate(json.dumps(sealed.certificate).encode(), name="certificate")


def exported(bench: Bench) -> dict[str, Any]:
    """Lock and unblind the study, and export its list."""
    bench.lock()
    bench.do("unblind_study", Role.SPONSOR, reason="the data are locked", **bench.proof(Role.SPONSOR))
    told: dict[str, Any] = bench.do("export_allocation", Role.AUDITOR, number=1).export
    return told


@check(
    *(35, 36),
    done="Sealed a list before anyone was enrolled, randomised six participants, locked, unblinded, exported, and "
    "made the list again from the published secret; then altered copies of the export.",
    expected="List, root and order agree with the certificate; each altered copy is found.",
)
def allocation_verifies(bench: Bench) -> Outcome:
    """Every allocation can be computed again from what was published, and a forged one is found."""
    sealed = bench.seal_list()
    certificate = certificate_of(sealed)
    early = bench.refusal("export_allocation", Role.AUDITOR, number=1)
    for n in range(6):
        bench.randomise(level=("tube", "mask")[n % 2])
    export = exported(bench)
    whole = _verify(export, certificate)
    swapped, skipped = copy.deepcopy(export), copy.deepcopy(export)
    swapped["allocations"][0]["arm"] = next(a for a in ARMS if a != export["allocations"][0]["arm"])
    del skipped["allocations"][2]
    return judge(
        ("before the lock nothing is exported", early == "ALX-001"),
        ("the export of 6 allocations verifies", whole),
        ("an export with one arm altered does not", not _verify(swapped, certificate)),
        ("an export with one allocation left out does not", not _verify(skipped, certificate)),
    )


def _verify(export: dict[str, Any], certificate: Certificate) -> bool:
    read = read_export(json.dumps(export).encode(), name="export")
    return verify_export(read, certificate=certificate).holds


@check(
    36,
    done="Tried to randomise a participant twice, to give up a list that was used, and to date an allocation back.",
    expected="All are refused, and the attempts are kept.",
)
def allocation_is_not_drawn_again(bench: Bench) -> Outcome:
    """An allocation is given once, in order, and refused attempts are kept."""
    bench.seal_list()
    codes = [bench.randomise() for _ in range(3)]
    twice = bench.refusal("randomise", participant=codes[0])
    unused = bench.refusal("give_up_list", Role.UNBLINDED_STATISTICIAN, number=1, reason="it is not pleasant")
    dated = bench.refusal("randomise", participant=codes[0], at="2024-01-01T00:00:00Z")
    order = list(Allocation.objects.order_by("n").values_list("n", flat=True))
    kept = Act.objects.filter(operation__in=("randomise", "give_up_list"), outcome="refused").count()
    return judge(
        (f"the numbers are {order}", order == [1, 2, 3]),
        (f"a second time is refused ({twice or 'no'})", twice == "RAN-102"),
        (f"the used list is not given up ({unused or 'no'})", unused == "LST-005"),
        (f"a date from outside is refused ({dated or 'no'})", dated == "OPR-002"),
        (f"{kept} refused attempts are kept", kept == 3),
    )


@check(
    10,
    done="Randomised four participants; asked every view that needs no more than a participant's code, in every "
    "blind role; looked for arms in the answers, the trail and the sealed tables.",
    expected="What tells arms is refused; no answer and no table in clear names one arm and not the other.",
)
def blind_roles_learn_no_arm(bench: Bench) -> Outcome:
    """No blind role is told an arm before the end."""
    bench.seal_list()
    codes = [bench.randomise(level=("tube", "mask")[n % 2]) for n in range(4)]
    leaks, looked, blind = [], 0, [role for role in Role if is_blind(role)]
    for name, asked in installed_operations().items():
        if not asked.reads:
            continue
        fields = asked.ask.model_fields
        data: dict[str, Any] = {"participant": codes[0]} if "participant" in fields else {}
        data |= {"number": 1} if "number" in fields else {}
        for role in blind:
            told = _told(bench, name, role, data)
            looked += told is not None
            if told is not None and sum(arm in told.lower() for arm in ARMS) == 1:
                leaks.append(f"{name} as {role.value}")
    arms = bench.refusal("show_arms", Role.SPONSOR)
    stored = Envelope.objects.filter(sealed__contains="kestrel").exists()
    stored |= Change.objects.filter(new__in=[f'"{arm}"' for arm in ARMS], table="allocation").exists()
    return judge(
        (f"{looked} answers to {len(blind)} blind roles tell no arm", looked > 0 and not leaks),
        (f"the list of arms is refused ({arms or 'no'})", arms == "OPR-003"),
        ("no arm is in clear in the tables", not stored),
        *((one, False) for one in leaks[:10]),
    )


def _told(bench: Bench, name: str, role: Role, data: dict[str, Any]) -> str | None:
    """A view's answer as text, None where it is refused."""
    from exotrial.core.errors import Refusal, Refusals

    try:
        answer = bench.do(name, role, **data)
    except (Refusal, Refusals):
        return None
    return str(answer.model_dump_json())


@check(
    11,
    done="Read arms as unblinded statistician, and the packing list as pharmacist, and read the trail.",
    expected="Each look is kept with person and role.",
)
def unblinded_looks_are_kept(bench: Bench) -> Outcome:
    """Who reads what unblinds is kept."""
    bench.seal_list()
    bench.randomise()
    bench.do("show_arms", Role.UNBLINDED_STATISTICIAN)
    bench.do("show_packing_list", Role.PHARMACIST)
    arms, packing = bench.last_act("show_arms"), bench.last_act("show_packing_list")
    return judge(
        (f"arms: {arms.who}, {arms.role}", arms.role == "unblinded statistician"),
        (f"packing list: {packing.who}, {packing.role}", packing.role == "pharmacist"),
    )


@check(
    37,
    done="Enrolled a participant in the wrong stratum, randomised, and corrected the stratum with a reason.",
    expected="The correction is kept with old and new; the allocation stays as it was.",
)
def wrong_stratum_is_corrected(bench: Bench) -> Outcome:
    """A wrong stratum is corrected without randomising again."""
    bench.seal_list()
    code = bench.randomise(level="tube")
    before = Allocation.objects.values_list("n", "envelope_id", "link").get()
    unreasoned = bench.refusal("correct_stratum", participant=code, stratum="b")
    done = bench.do("correct_stratum", participant=code, stratum="b", reason="the mask was meant")
    kept = {
        change.field: (change.old, change.new)
        for change in bench.changes_of(bench.last_act("correct_stratum"))
    }
    after = Allocation.objects.values_list("n", "envelope_id", "link").get()
    return judge(
        ("without a reason it is refused", unreasoned == "OPR-007"),
        ("old and new are kept", kept.get("stratum") == ('"a"', '"b"')),
        ("the allocation is as it was", before == after and done.randomised_as.endswith("a")),
    )


@check(
    *(38, 40),
    done="Opened one participant's envelope in an emergency as the treating physician alone, at once, after attempts "
    "without a reason and with a wrong password; held the proof to the certificate; read the register.",
    expected="One arm is told, with a proof that fits the certificate; who, when and why are in the register, the "
    "notice to the sponsor too; all other roles stay blind.",
)
def emergency_unblinding(bench: Bench) -> Outcome:
    """In an emergency one participant is unblinded, by the physician alone, and it is on the register."""
    certificate = certificate_of(bench.seal_list())
    code, other = bench.randomise(), bench.randomise()
    asked = {"participant": code, **bench.proof(PHYSICIAN)}
    unreasoned = bench.refusal("unblind_emergency", PHYSICIAN, **asked)
    unproven = bench.refusal(
        "unblind_emergency", PHYSICIAN, **(asked | {"password": "not this"}), reason="anaphylaxis"
    )
    told = bench.do("unblind_emergency", PHYSICIAN, reason="anaphylaxis", **asked)
    leaf = verify_leaf(read_leaf(json.dumps(told.proof).encode(), name="leaf"), certificate=certificate)
    register = bench.do("list_unblindings", Role.SPONSOR).unblindings
    others = bench.do("list_allocations", Role.INVESTIGATOR).allocations
    return judge(
        (f"without a reason it is refused ({unreasoned or 'no'})", unreasoned == "UNB-003"),
        (f"with a wrong password too ({unproven or 'no'})", unproven == "AUT-001"),
        ("the physician is told one arm", told.arm in ARMS),
        ("the proof fits the certificate", leaf.holds),
        (
            "the register tells whom, who, why",
            [(one.participant, one.who, one.reason) for one in register]
            == [(code, "care_provider", "anaphylaxis")],
        ),
        (
            "with the notice to the sponsor and without the arm",
            bool(register[0].notice) and told.arm not in str(register),
        ),
        ("everyone else is blind", all(one.arm == "" for one in others if one.participant in (code, other))),
    )
