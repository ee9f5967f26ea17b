"""Two installations that differ only in the arms: one trial, copied, and in the copy every arm exchanged for the other.

Envelopes, allocations, kits and sealed reports are closed again with the other arm; the hashes of the leaves stay.
So that the twin's envelopes open, its leaf hash reads the other arm too: a hash tells no arm to who lacks the nonce,
and the published root is the same in both worlds. Both copies are rewritten alike, so that rows lie alike.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from exotrial.allocation.envelopes import Envelope, open_envelope, seal_envelope
from exotrial.operations import _dose_plans, arms
from exotrial.operations._act import Act, Actor
from exotrial.operations.access import Role, is_blind
from exotrial.operations.authenticate import SESSION_PREFIX, key_digest
from exotrial.operations.tokens import TOKEN_PREFIX
from exotrial.product.dose_plan import read_plan
from exotrial.store.guards import create_guards, drop_guards
from exotrial.store.home import Home, connect, disconnect, open_home
from exotrial.store.models import (
    Account,
    Allocation,
    Change,
    Deviation,
    DosePlan,
    Kit,
    MaterialEntry,
    Session,
    Site,
    Study,
    Token,
)
from exotrial.store.models import Act as ActRow
from exotrial.store.models import Envelope as EnvelopeRow
from exotrial.store.models.base import as_text
from tests.operations.allocation_steps import BLOCKS, seal
from tests.operations.chain_steps import enter
from tests.operations.life_steps import consent, dose, enrol, screen
from tests.operations.recorded import demographics
from tests.trial import IRCT, PASSWORD, SITE, Trial, _database, begin_trial, new_database

ARMS = ("exosomes", "control")
BATCHES = {"exosomes": "EXO-1", "control": "SAL-1"}
OTHER = dict(zip(ARMS, reversed(ARMS), strict=True)) | {"EXO-1": "SAL-1", "SAL-1": "EXO-1"}
LEVELS = ("none", "mechanical ventilation")
FULL = "F.DEMOGRAPHICS"
PEOPLE = 11
TOLD = "the kit of P1 is of the arm {arm}"

Swap = Callable[[str], str]


@dataclass
class Twins:
    """The trial, its twin, and the facts that examples are made of; arms are those of the trial."""

    trial: Trial
    twin: Trial
    arms: dict[str, str]
    kits: dict[str, str]
    waiting: str
    facts: dict[str, Any] = field(default_factory=dict)

    def of(self, arm: str) -> list[str]:
        """The randomised participants of an arm, in the order of randomisation."""
        return [code for code, own in self.arms.items() if own == arm]


def swapped(text: str) -> str:
    """A text with every arm, and every batch of an arm, exchanged for the other."""
    for one, other in (("exosomes", "control"), ("EXO-1", "SAL-1")):
        text = text.replace(one, "\0").replace(other, one).replace("\0", other)
    return text


def make_twins(folder: Path, engine: str) -> Twins:
    """The trial and its twin, on an engine."""
    trial = begin_trial(folder / "trial", engine)
    twins = conduct_trial(trial)
    disconnect()
    home = trial.opened.home
    copy = Home(
        folder=folder / "twin" / "home",
        keys_folder=folder / "twin" / "keys",
        database_url=new_database(like=_database(home)) if engine == "postgresql" else "",
    )
    shutil.copytree(home.folder, copy.folder)
    shutil.copytree(home.keys_folder, copy.keys_folder)
    _rewrite(trial, lambda text: text)
    twins.twin = replace(trial, opened=open_home(copy))
    _rewrite(twins.twin, swapped)
    return twins


def use(trial: Trial) -> None:
    """Point Django at one of them."""
    connect(trial.opened.home, trial.opened.keys)
    connection.ensure_connection()


def act_in(trial: Trial, role: Role = Role.PHARMACIST) -> Act:
    """An act of the study outside the gateway, with which sealed things are opened and closed."""
    actor = Actor(username=trial.people[role], name="", role=role)
    return Act(opened=trial.opened, actor=actor, now=trial.now, study=Study.objects.get(slug=trial.study))


def conduct_trial(trial: Trial) -> Twins:
    """A dozen randomised, of each arm some dosed, some with a kit, some without; forms, queries, signatures."""
    seal(trial)
    enter(trial, "LOT-1", "supplied lot", "500", "mL")
    for arm, code in BATCHES.items():
        trial.do("register_batch", Role.PHARMACIST, code=code, expires_on="2021-06-30")
        enter(trial, code, "batch", "60", "vials", LOT_1="120")
        trial.do("release_batch", Role.PHARMACIST, code=code, reason=f"certificate of {arm}")
    for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
        of: dict[str, str] = {"batch": BATCHES[kit.arm], "taken_from": BATCHES[kit.arm], "amount": "4"}
        trial.do("pack_kit", Role.PHARMACIST, number=kit.number, arm=kit.arm, vials=4, **of)
    codes = [enrol(trial, level=LEVELS[n % 2], identity={"name": f"Person {n}"}) for n in range(PEOPLE)]
    kits = {code: trial.do("randomise", participant=code).kit for code in codes}
    told = trial.do("show_arms", Role.UNBLINDED_STATISTICIAN).allocations
    twins = Twins(
        trial, trial, {one.participant: one.arm for one in told}, kits, waiting=enrol(trial, level=LEVELS[1])
    )
    for arm in ARMS:
        for number, code in enumerate(twins.of(arm)[:4]):
            trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
            for _ in range(2):
                plan_dose(trial, arm, code, kits[code])
            if number < 2:
                dose(trial, code, kits[code], amount="as prepared", vial=1, plan=1, given="1.9 mL")
    _move_kits(trial, twins)
    for arm in ARMS:
        _record(trial, twins.of(arm))
    trial.do(
        "report_deviation",
        Role.PHARMACIST,
        participant=codes[0],
        happened_on="2021-03-10",
        category="product handling",
        importance="minor",
        text=TOLD.format(arm=twins.arms[codes[0]]),
        reason=f"of {twins.arms[codes[0]]}",
    )
    for arm in ARMS:
        trial.do(
            "unblind_emergency",
            Role.CARE_PROVIDER,
            participant=twins.of(arm)[0],
            username="care_provider",
            password=PASSWORD,
            reason="anaphylaxis",
        )
    twins.facts["screened"] = screen(trial, answers={"age": 45}).participant
    consent(trial, twins.facts["screened"])
    lengths = {"phase_2/a": 30, "phase_2/b": 30}
    trial.do("freeze_list", Role.UNBLINDED_STATISTICIAN, stage="phase_2", parameters=BLOCKS, lengths=lengths)
    trial.now += timedelta(minutes=1)
    _let_in(trial)
    twins.facts["queries"] = [one.query for one in trial.do("list_queries", Role.MONITOR).queries]
    twins.facts["now"] = trial.now
    return twins


def plan_dose(trial: Trial, arm: str, code: str, kit: str) -> None:
    """A plan of a dose: of the product with its concentration, of saline as it is."""
    known: dict[str, Any] = (
        {"concentration": "5e9 particles/mL", "known_from": "certificate 7"} if arm == ARMS[0] else {}
    )
    drawn: dict[str, Any] = {"vial_ml": 5, "graduation_ml": 0.1, "weight_kg": 70, "weight_basis": "actual"}
    trial.do("plan_dose", Role.PHARMACIST, participant=code, kit=kit, **drawn, **known)


def _record(trial: Trial, codes: list[str]) -> None:
    """Of two participants: forms complete, asked about, verified and signed."""
    first, second = codes[:2]
    for code, age in ((first, "45"), (second, "46")):
        ask: dict[str, Any] = {
            "participant": code,
            "form": FULL,
            "values": demographics(AGE=age),
            "complete": True,
        }
        trial.do("save_form", Role.COORDINATOR, **ask)
        asked = trial.do(
            "raise_query", Role.MONITOR, participant=code, form=FULL, key="IG.DM/DM.AGE", text="Is it right?"
        )
        if code == first:
            trial.do("close_query", Role.MONITOR, query=asked.query, text="It is.")
    trial.do("verify_source", Role.MONITOR, participant=first, form=FULL, revision=1)
    trial.do(
        "sign_form",
        Role.INVESTIGATOR,
        participant=first,
        form=FULL,
        revision=1,
        meaning="approval",
        username="investigator",
        password=PASSWORD,
    )


def key_of(role: Role) -> str:
    """The key of the session of a role's person."""
    return f"{SESSION_PREFIX}{role.value}"


TOKEN = f"{TOKEN_PREFIX}of-a-program"


def _let_in(trial: Trial) -> None:
    """A session for the person of every role, and a coordinator's token for all that a coordinator may."""
    from exotrial.operations._operation import find_operations
    from exotrial.operations.access import may

    study, until = Study.objects.get(slug=IRCT), trial.now + timedelta(days=30)
    for role, name in trial.people.items():
        Session.objects.create(
            account=Account.objects.get(username=name),
            key_digest=key_digest(key_of(role)),
            begun_at=trial.now,
            seen_at=trial.now,
            signed_once=False,
        )
    Token.objects.create(
        name="program",
        key_digest=key_digest(TOKEN),
        account=Account.objects.get(username="coordinator"),
        study=study,
        site=Site.objects.get(study=study, code=SITE),
        role=Role.COORDINATOR.value,
        operations=[
            name
            for name, asked in find_operations().items()
            if asked.scope == "study" and may(Role.COORDINATOR, asked.permission)
        ],
        made_at=trial.now,
        expires_at=until,
    )


def _move_kits(trial: Trial, twins: Twins) -> None:
    """Of each arm a kit that is assigned is on its way, and a vial of one that was given from is lost."""
    trial.do("ship_kits", Role.PHARMACIST, site=SITE, kits=[twins.kits[twins.of(arm)[3]] for arm in ARMS])
    for arm in ARMS:
        lost: dict[str, Any] = {
            "kit": twins.kits[twins.of(arm)[0]],
            "vials": [4],
            "reason": "not in the fridge",
        }
        trial.do("report_vials_lost", Role.CARE_PROVIDER, **lost)


def _rewrite_plans(act: Act, swap: Swap) -> None:
    """Close every plan of a dose again; exchanged, the product's plan is a placebo's and a placebo's the product's."""
    rows = list(DosePlan.objects.select_related("kit").order_by("pk"))
    texts = {
        row.pk: arms.open_text(
            act,
            row.content_sealed,
            where=_dose_plans.place_of_plan(row.kit.number, row.planned_at),
            purpose="knowing arms",
        )
        for row in rows
    }
    of_arm = {read_plan(text).intervention: text for text in texts.values()}
    other = dict(zip(of_arm, reversed(of_arm.values()), strict=True)) if swap(ARMS[0]) != ARMS[0] else of_arm
    for row in rows:
        text = other[read_plan(texts[row.pk]).intervention]
        row.content_sealed = _dose_plans.seal_plan(act, text, kit=row.kit.number, at=row.planned_at)
        row.save()


def _rewrite(trial: Trial, swap: Swap) -> None:
    """Close every sealed arm again, exchanged by `swap`; the guards are dropped for it and put back."""
    use(trial)
    act = act_in(trial)
    drop_guards(connection)
    key = arms.envelope_key(act)
    for row in EnvelopeRow.objects.select_related("list").order_by("pk"):
        place, sealed = arms.slot_of(act, row), base64.b64decode(row.sealed)
        held = open_envelope(sealed, key=key, aad=place, leaf=row.leaf)
        other: Envelope = replace(held, arm=swap(held.arm))
        row.sealed = base64.b64encode(seal_envelope(other, key=key, aad=place, nonce96=sealed[:12])).decode()
        row.save()
    for one in Allocation.objects.order_by("pk"):
        arm = act.opened.keys.unseal(
            one.arm_sealed, purpose=arms._purpose(act), where=f"allocation {one.participant_id}"
        )
        one.arm_sealed = arms.seal_arm(act, swap(arm), participant=one.participant_id)
        one.save()
    for kit in Kit.objects.order_by("pk"):
        text = act.opened.keys.unseal(
            kit.content_sealed, purpose=arms._purpose(act), where=f"kit {kit.number}"
        )
        content = json.loads(swap(text))
        kit.content_sealed = arms.seal_kit(act, number=kit.number, arm=content["arm"], batch=content["batch"])
        kit.save()
    for entry in MaterialEntry.objects.order_by("pk"):
        where = f"material entry {entry.number}"
        text = act.opened.keys.unseal(entry.content_sealed, purpose=arms._purpose(act), where=where)
        entry.content_sealed = arms.seal_text(act, swap(text), where=where)
        entry.save()
    _rewrite_plans(act, swap)
    for report in Deviation.objects.order_by("pk"):
        if report.text.startswith("sealed:"):
            text = act.opened.keys.unseal(
                report.text.removeprefix("sealed:"), purpose=arms._purpose(act), where="deviation"
            )
            report.text = "sealed:" + arms.seal_text(act, swap(text), where="deviation")
        report.save()
        Change.objects.filter(table="deviation", row=report.pk, field="text").update(new=as_text(report.text))
    for row_of_trail in ActRow.objects.exclude(reason="").order_by("pk"):
        if not is_blind(Role(row_of_trail.role or "auditor")):
            row_of_trail.reason = swap(row_of_trail.reason)
        row_of_trail.save()
    create_guards(connection)
    if connection.vendor == "sqlite":
        connection.commit()
    disconnect()
