"""Randomisation attacked with the database in hand: the guards dropped, rows edited, the guards put back.

Three defences: the trail (`verify_trail` names the row), the seal (ENV-009 or KEY-002: nothing is allocated or
opened), and the published certificate (`verify_export`, after unblinding). Each test says which finds it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connection

from exotrial.allocation.certificate import Certificate, read_certificate
from exotrial.allocation.envelopes import seal_envelope
from exotrial.allocation.export import read_export
from exotrial.allocation.verify import verify_export
from exotrial.core.errors import Refusal
from exotrial.operations import arms
from exotrial.operations._act import Act, Actor
from exotrial.operations.access import Role
from exotrial.store.guards import create_guards, drop_guards
from exotrial.store.models import Allocation, AllocationList, Envelope, Participant, Study
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import BLOCKS, seal
from tests.operations.life_steps import enrol
from tests.trial import PASSWORD, Trial

STATISTICIAN = Role.UNBLINDED_STATISTICIAN
OTHER = {"exosomes": "control", "control": "exosomes"}


@contextmanager
def by_hand() -> Iterator[None]:
    """Editing past exotrial: no guard stands, and afterwards all stand as before."""
    drop_guards(connection)
    yield
    create_guards(connection)


def begin(trial: Trial) -> tuple[Certificate, list[str]]:
    """A sealed list, its certificate as it was published, and four participants randomised from it."""
    sealed = seal(trial)
    certificate = read_certificate(json.dumps(sealed.certificate).encode(), name="published")
    codes = [enrol(trial, level="none") for _ in range(4)]
    for code in codes:
        trial.do("randomise", participant=code)
    assert not verify_trail(trial.opened).problems
    return certificate, codes


def named(trial: Trial) -> set[str]:
    """The rows that the check of the trail names."""
    return {problem.where for problem in verify_trail(trial.opened).problems}


def deeds(trial: Trial, certificate: Certificate) -> set[str]:
    """What a stranger finds, after unblinding, with the export and the certificate that was published."""
    Study.objects.filter(slug=trial.study).update(status="locked", locked_at=trial.now)
    trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="data are locked")
    told = trial.do("export_allocation", Role.AUDITOR, number=1).export
    verified = verify_export(read_export(json.dumps(told).encode(), name="export"), certificate=certificate)
    assert not verified.holds
    return {problem.deed.value for problem in verified.problems}


def keyholder(trial: Trial) -> Act:
    """Who has the database and the keys."""
    actor = Actor(username="nobody", name="", role=Role.PHARMACIST)
    return Act(opened=trial.opened, actor=actor, now=trial.now, study=Study.objects.get(slug=trial.study))


def other_content(trial: Trial, row: Envelope) -> tuple[str, str]:
    """An envelope with the other arm, closed with the key: what is sealed, and its leaf."""
    act = keyholder(trial)
    held = arms.open_leaf(act, row, purpose="knowing arms")
    other = replace(held, arm=OTHER[held.arm])
    sealed = seal_envelope(
        other, key=arms.envelope_key(act), aad=arms.slot_of(act, row), nonce96=b"no nonce 12b"
    )
    return base64.b64encode(sealed).decode(), other.leaf().hex()


def next_envelope() -> Envelope:
    return Envelope.objects.select_related("list").get(stratum="phase_1/b", slot=5)


def test_two_allocations_exchanged_are_found_by_the_trail_and_by_the_export(trial: Trial) -> None:
    """Without the key: the signed entries name each other's participant, and their macs do not fit."""
    certificate, _ = begin(trial)
    one, other = Allocation.objects.order_by("n")[1:3]
    with by_hand():
        for row, whose in ((one, other), (other, one)):
            entry = row.entry | {"participant": whose.entry["participant"]}
            Allocation.objects.filter(pk=row.pk).update(entry=entry)
    assert named(trial) == {f"allocation {row.pk} entry" for row in (one, other)}
    assert deeds(trial, certificate)


def test_an_allocation_given_to_another_participant_does_not_open(trial: Trial) -> None:
    """The seal finds it (KEY-002: an arm opens only for its own participant), and the trail names both rows."""
    _, codes = begin(trial)
    enrolled = Participant.objects.get(code=enrol(trial, level="none"))
    row = Allocation.objects.get(participant__code=codes[0])
    with by_hand():
        Allocation.objects.filter(pk=row.pk).update(participant=enrolled)
    assert f"allocation {row.pk} participant_id" in named(trial)
    with pytest.raises(Refusal, match="KEY-002"):
        trial.do("show_arms", STATISTICIAN)


def test_the_last_allocation_deleted_is_found_by_the_trail(trial: Trial) -> None:
    """The trail finds it. The export alone cannot: whoever holds a receipt of it can show that it was there."""
    _, codes = begin(trial)
    row = Allocation.objects.order_by("-n")[0]
    with by_hand():
        Allocation.objects.filter(pk=row.pk).delete()
        Participant.objects.filter(code=codes[-1]).update(status="enrolled", randomised_at=None)
    found = named(trial)
    assert f"allocation {row.pk}" in found
    assert any(where.startswith(f"participant {row.participant_id} ") for where in found)


def test_an_inserted_allocation_is_found_by_the_trail_and_does_not_open(trial: Trial) -> None:
    """The trail has no first entry of it, and its arm, copied from another, does not open (KEY-002)."""
    begin(trial)
    enrolled = Participant.objects.get(code=enrol(trial, level="none"))
    row = Allocation.objects.order_by("-n")[0]
    with by_hand():
        made = Allocation.objects.create(
            list=row.list,
            envelope=next_envelope(),
            participant=enrolled,
            n=row.n + 1,
            at=row.at,
            entry=row.entry,
            link=row.link,
            kit=row.kit,
            arm_sealed=row.arm_sealed,
        )
    assert f"allocation {made.pk}" in named(trial)
    with pytest.raises(Refusal, match="KEY-002"):
        trial.do("show_arms", STATISTICIAN)


def test_a_back_dated_allocation_is_found_by_the_trail_and_by_the_export(trial: Trial) -> None:
    """Column and signed entry are both changed; the mac of the entry needs the list's secret."""
    certificate, _ = begin(trial)
    row = Allocation.objects.order_by("n")[2]
    earlier = Allocation.objects.order_by("n")[1]
    with by_hand():
        entry = row.entry | {"at": earlier.entry["at"]}
        Allocation.objects.filter(pk=row.pk).update(at=earlier.at, entry=entry)
    assert {f"allocation {row.pk} at", f"allocation {row.pk} entry"} <= named(trial)
    assert deeds(trial, certificate)


def test_a_sealed_envelope_overwritten_without_the_key_allocates_nobody(trial: Trial) -> None:
    """The seal finds it at the next randomisation (ENV-009), and the trail names the envelope."""
    begin(trial)
    row = next_envelope()
    code = enrol(trial, level="none")
    with by_hand():
        forged = base64.b64encode(bytes(len(base64.b64decode(row.sealed)))).decode()
        Envelope.objects.filter(pk=row.pk).update(sealed=forged)
    with pytest.raises(Refusal, match="ENV-009"):
        trial.do("randomise", participant=code)
    assert named(trial) == {f"envelope {row.pk} sealed"}
    assert Participant.objects.get(code=code).status == "enrolled"


def test_two_envelopes_whose_contents_are_exchanged_allocate_nobody(trial: Trial) -> None:
    """The seal finds it: an envelope opens in its own slot alone (ENV-009). The trail names both."""
    begin(trial)
    row, other = next_envelope(), Envelope.objects.get(stratum="phase_1/b", slot=6)
    code = enrol(trial, level="none")
    with by_hand():
        Envelope.objects.filter(pk=row.pk).update(sealed=other.sealed)
        Envelope.objects.filter(pk=other.pk).update(sealed=row.sealed)
    with pytest.raises(Refusal, match="ENV-009"):
        trial.do("randomise", participant=code)
    assert named(trial) == {f"envelope {row.pk} sealed", f"envelope {other.pk} sealed"}


def test_an_envelope_sealed_again_with_the_key_does_not_fit_its_leaf(trial: Trial) -> None:
    """Database and keys: it opens, and is not the leaf that was noted (ENV-009). The trail names it."""
    begin(trial)
    row = next_envelope()
    code = enrol(trial, level="none")
    sealed, _ = other_content(trial, row)
    with by_hand():
        Envelope.objects.filter(pk=row.pk).update(sealed=sealed)
    with pytest.raises(Refusal, match="ENV-009"):
        trial.do("randomise", participant=code)
    assert named(trial) == {f"envelope {row.pk} sealed"}


def test_an_envelope_whose_leaf_is_exchanged_too_does_not_fit_the_published_root(trial: Trial) -> None:
    """Database and keys, and the leaf as well: the participant is allocated; trail and certificate find it."""
    certificate, _ = begin(trial)
    row = next_envelope()
    code = enrol(trial, level="none")
    sealed, leaf = other_content(trial, row)
    with by_hand():
        Envelope.objects.filter(pk=row.pk).update(sealed=sealed, leaf=leaf)
    trial.do("randomise", participant=code)
    assert named(trial) == {f"envelope {row.pk} sealed", f"envelope {row.pk} leaf"}
    assert deeds(trial, certificate)


def test_an_arm_sealed_again_with_the_key_is_not_that_of_the_leaf(trial: Trial) -> None:
    """Database and keys: the allocation tells another arm. The trail names it, and the export does not verify."""
    certificate, _ = begin(trial)
    act, row = keyholder(trial), Allocation.objects.order_by("n")[1]
    arm = arms.arm_of(act, row, purpose="knowing arms")
    with by_hand():
        sealed = arms.seal_arm(act, OTHER[arm], participant=row.participant_id)
        Allocation.objects.filter(pk=row.pk).update(arm_sealed=sealed)
    assert named(trial) == {f"allocation {row.pk} arm_sealed"}
    assert deeds(trial, certificate)


def test_an_edited_certificate_is_not_the_published_one(trial: Trial) -> None:
    """The trail names root and certificate; who holds the published page sees that this is another."""
    certificate, _ = begin(trial)
    row = AllocationList.objects.get()
    assert row.certificate is not None
    with by_hand():
        told = row.certificate | {"root": "0" * 64}
        AllocationList.objects.filter(pk=row.pk).update(root="0" * 64, certificate=told)
    assert named(trial) == {f"allocationlist {row.pk} root", f"allocationlist {row.pk} certificate"}
    assert deeds(trial, certificate)


def test_a_list_drawn_again_is_counted(trial: Trial) -> None:
    """Grinding: a second list is refused (LST-001), and one after giving up says in its certificate that it is."""
    seal(trial)
    with pytest.raises(Refusal, match="LST-001"):
        trial.do("freeze_list", STATISTICIAN, stage="phase_1", parameters=BLOCKS)
    trial.do("give_up_list", STATISTICIAN, number=1, reason="the order was not pleasant")
    assert seal(trial).certificate["generation"] == 2
    assert [one.generation for one in trial.do("list_lists", Role.MONITOR).lists] == [1, 2]


def test_a_list_drawn_again_by_hand_leaves_the_first_in_the_trail(trial: Trial) -> None:
    """The row of the first list deleted, so that the second counts as the first: the trail names what is gone."""
    seal(trial)
    first = AllocationList.objects.get()
    with by_hand():
        Envelope.objects.all().delete()
        AllocationList.objects.all().delete()
    assert seal(trial).certificate["generation"] == 1
    assert f"allocationlist {first.pk}" in {where.split(" root")[0] for where in named(trial)}
