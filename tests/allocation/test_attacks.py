"""Every attack on a true randomisation is found and named, also where the attacker recomputes what he can."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from exotrial.allocation.certificate import Certificate
from exotrial.allocation.commitment import Contribution, derive_key
from exotrial.allocation.envelopes import compute_list_root
from exotrial.allocation.export import Allocation, Export, GivenUp
from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.order import Head, sign
from exotrial.allocation.order_checks import Deed
from exotrial.allocation.verify import Verification, verify_export
from tests.allocation.sealed_trial import (
    CONTRIBUTION,
    MANIFEST,
    SECRET,
    allocate,
    edit,
    record,
    seal,
    true_export,
)

KEY = derive_key(SECRET, "order")


@pytest.fixture(scope="module")
def export() -> Export:
    return true_export()


def found(verification: Verification) -> set[tuple[str, str]]:
    """Deed and place of every problem."""
    return {(problem.deed.value, problem.where) for problem in verification.problems}


def deeds(verification: Verification) -> set[Deed]:
    return {problem.deed for problem in verification.problems}


def failed(verification: Verification) -> list[str]:
    return [check.name for check in verification.checks if check.held is False]


def with_rows(export: Export, *rows: Allocation) -> Export:
    return replace(export, allocations=rows)


def link_again(rows: list[Allocation]) -> tuple[Allocation, ...]:
    """What an attacker without the key can mend: numbers and links (the link is no secret), but no mac."""
    made: list[Allocation] = []
    prev = rows[0].entry.prev
    for n, row in enumerate(rows, start=1):
        mended = replace(row, entry=replace(row.entry, n=n, prev=prev))
        prev = hashlib.sha256(mended.entry.canonical() + bytes.fromhex(mended.mac)).hexdigest()
        made.append(mended)
    return tuple(made)


def sign_again(rows: list[Allocation], start: str, *, key: bytes = KEY) -> tuple[Allocation, ...]:
    """What a holder of the key can do: a whole new history."""
    made: list[Allocation] = []
    prev = start
    for n, row in enumerate(rows, start=1):
        signed = sign(replace(row.entry, n=n, prev=prev), key=key)
        made.append(replace(row, entry=signed.entry, mac=signed.mac, marks=signed.marks))
        prev = signed.link()
    return tuple(made)


@pytest.mark.requirement(35)
def test_a_true_export_holds_with_and_without_its_certificate(export: Export) -> None:
    alone = verify_export(export)
    assert alone.holds
    assert alone.checks[0].held is None  # nothing was there to compare with, and that is said
    published = verify_export(export, certificate=export.certificate)
    assert [check.held for check in published.checks] == [True] * len(published.checks)
    assert published.problems == ()


@pytest.mark.requirement(36)
def test_two_participants_exchanged_in_the_record_are_named(export: Export) -> None:
    one, other = export.allocations[2].entry.participant, export.allocations[3].entry.participant
    attacked = edit(edit(export, 2, participant=other), 3, participant=one)
    attacked = replace(attacked, unblindings=())
    assert found(verify_export(attacked)) == {("swapped", "allocation 3"), ("swapped", "allocation 4")}


def test_two_slots_exchanged_with_leaf_and_arm_are_named(export: Export) -> None:
    rows = list(export.allocations)
    one, other = rows[0], rows[2]
    fields = ("stratum", "slot", "leaf")

    def take(row: Allocation, source: Allocation) -> Allocation:
        new = {name: getattr(source.entry, name) for name in fields}
        return replace(row, entry=replace(row.entry, **new), arm=source.arm, kit=source.kit)

    rows[0], rows[2] = take(one, other), take(other, one)
    result = verify_export(with_rows(export, *link_again(rows)))
    assert {("swapped", "allocation 1"), ("swapped", "allocation 3")} <= found(result)


def test_an_arm_changed_in_the_record_is_named(export: Export) -> None:
    rows = list(export.allocations)
    wrong = "placebo" if rows[4].arm == "exosomes" else "exosomes"
    rows[4] = replace(rows[4], arm=wrong)
    result = verify_export(with_rows(export, *rows))
    assert found(result) == {("swapped", "allocation 5")}
    assert failed(result) == ["allocations"]


def test_a_kit_changed_in_the_record_is_named(export: Export) -> None:
    rows = list(export.allocations)
    rows[4] = replace(rows[4], kit=rows[5].kit)
    assert found(verify_export(with_rows(export, *rows))) == {("swapped", "allocation 5")}


def test_arms_exchanged_in_the_envelopes_are_named_though_the_root_is_made_again(export: Export) -> None:
    envelopes = list(export.envelopes)
    first = next(at for at, one in enumerate(envelopes) if one.arm == "exosomes")
    second = next(at for at, one in enumerate(envelopes) if one.arm == "placebo")
    for at, arm in ((first, "placebo"), (second, "exosomes")):
        envelopes[at] = replace(envelopes[at], arm=arm)
    certificate = replace(export.certificate, root=compute_list_root(envelopes))
    attacked = replace(export, envelopes=tuple(envelopes), certificate=certificate)
    alone = verify_export(attacked)
    assert {Deed.WRONG_LIST, Deed.WRONG_ROOT} <= deeds(alone)
    wrong = [problem.where for problem in alone.problems if problem.deed == Deed.WRONG_LIST]
    assert wrong == [f"{envelopes[at].stratum} slot {envelopes[at].slot}" for at in sorted((first, second))]
    published = verify_export(attacked, certificate=export.certificate)
    assert ("not the published certificate", "root") in found(published)


@pytest.mark.requirement(36)
def test_a_slot_passed_over_is_named_though_the_key_signed_it(export: Export) -> None:
    rows = [row for row in export.allocations if (row.entry.stratum, row.entry.slot) != ("a", 2)]
    # S-002 never comes: everybody after moves up in number, not in slot.
    again = sign_again(rows, export.certificate.digest())
    result = verify_export(replace(export, allocations=again, corrections=()))
    assert found(result) == {("skipped", "allocation 4")}
    (problem,) = result.problems
    assert problem.says == "a slot 2 was passed over before slot 3"


@pytest.mark.requirement(36)
def test_a_participant_drawn_again_is_named_though_the_key_signed_it(export: Export) -> None:
    rows = list(export.allocations)
    rows[4] = replace(rows[4], entry=replace(rows[4].entry, participant="S-002"))
    again = sign_again(rows, export.certificate.digest())
    result = verify_export(with_rows(export, *again))
    assert found(result) == {("re-drawn", "allocation 5")}


def test_a_slot_used_twice_is_named_though_the_key_signed_it(export: Export) -> None:
    rows = list(export.allocations)
    source = rows[0]
    rows.append(replace(source, entry=replace(source.entry, participant="S-011", at="2026-02-11T09:30:00Z")))
    result = verify_export(with_rows(export, *sign_again(rows, export.certificate.digest())))
    assert found(result) == {("re-drawn", "allocation 11")}


@pytest.mark.parametrize("at", ["2026-02-05T09:29:59Z", "2026-02-05T12:00:00Z", "2026-01-08T00:00:00Z"])
def test_a_time_changed_afterwards_is_named_wherever_it_was_moved(export: Export, at: str) -> None:
    assert found(verify_export(edit(export, 4, at=at))) == {("back-dated", "allocation 5")}


@pytest.mark.requirement(36)
def test_an_allocation_signed_with_an_earlier_time_is_named(export: Export) -> None:
    rows = list(export.allocations)
    rows[4] = replace(rows[4], entry=replace(rows[4].entry, at="2026-02-04T09:29:59Z"))
    result = verify_export(with_rows(export, *sign_again(rows, export.certificate.digest())))
    assert found(result) == {("back-dated", "allocation 5")}


def test_two_allocations_of_one_second_are_no_back_dating(export: Export) -> None:
    rows = list(export.allocations)
    rows[4] = replace(rows[4], entry=replace(rows[4].entry, at="2026-02-04T09:30:00Z"))
    assert verify_export(with_rows(export, *sign_again(rows, export.certificate.digest()))).holds


@pytest.mark.requirement(35)
def test_an_allocation_before_the_certificate_is_named(export: Export) -> None:
    rows = list(export.allocations)
    rows[0] = replace(rows[0], entry=replace(rows[0].entry, at="2026-01-07T09:59:59Z"))
    result = verify_export(with_rows(export, *sign_again(rows, export.certificate.digest())))
    assert found(result) == {
        ("back-dated", "allocation 1"),
        ("certificate after allocation", "sealed_at"),
    }


@pytest.mark.requirement(36)
@pytest.mark.parametrize("at", [0, 4, 10])
def test_an_allocation_put_in_without_the_key_is_named(export: Export, at: int) -> None:
    rows = list(export.allocations)
    model = rows[min(at, 9)]
    entry = replace(model.entry, n=at + 1, participant="S-900", stratum="b", slot=6, leaf="0" * 64)
    rows.insert(at, replace(model, entry=entry, mac="1" * 64, marks="2" * 128))
    result = verify_export(with_rows(export, *rows))
    assert ("inserted", f"allocation {at + 1}") in found(result)
    mended = verify_export(with_rows(export, *link_again(rows)))
    assert Deed.INSERTED in deeds(mended)
    assert any("S-900" in problem.says for problem in mended.problems if problem.deed == Deed.INSERTED)


def test_an_allocation_taken_out_of_the_middle_is_named(export: Export) -> None:
    rows = [row for row in export.allocations if row.entry.n != 5]
    result = verify_export(with_rows(export, *rows))
    assert ("removed", "allocation 5") in found(result)


def test_allocations_cut_off_at_the_end_are_named_by_a_noted_head(export: Export) -> None:
    noted = Head(n=10, link=export.allocations[9].signed.link())
    cut = with_rows(export, *export.allocations[:8])
    assert verify_export(cut).holds  # nothing in the record itself can tell
    result = verify_export(cut, heads=[noted])
    assert [problem.deed for problem in result.problems] == [Deed.TRUNCATED]
    assert "allocations 9 to 10 had been made" in result.problems[0].says
    assert verify_export(export, heads=[noted]).holds


def test_a_history_made_anew_with_the_key_is_named_by_a_noted_head(export: Export) -> None:
    noted = Head(n=4, link=export.allocations[3].signed.link())
    rows = list(export.allocations)
    one, other = rows[0], rows[1]
    rows[0] = replace(one, entry=replace(one.entry, participant="S-002"))
    rows[1] = replace(other, entry=replace(other.entry, participant="S-001"))
    attacked = with_rows(export, *sign_again(rows, export.certificate.digest()))
    assert verify_export(attacked, certificate=export.certificate).holds  # stated in the docs
    assert found(verify_export(attacked, heads=[noted])) == {("rewritten", "allocation 4")}


def test_allocations_in_another_order_of_rows_are_named(export: Export) -> None:
    rows = list(export.allocations)
    rows[3], rows[4] = rows[4], rows[3]
    assert ("swapped", "allocation 4") in found(verify_export(with_rows(export, *rows)))


def test_another_secret_is_named(export: Export) -> None:
    result = verify_export(replace(export, secret="ab" * 32))
    assert ("wrong commitment", "commitment") in found(result)
    assert Deed.WRONG_LIST in deeds(result)


def test_another_contribution_is_named(export: Export) -> None:
    result = verify_export(replace(export, contribution=b"dice: 6 6 6".hex()))
    assert ("wrong contribution", "contribution") in found(result)


@pytest.mark.parametrize(
    "manifest",
    [
        replace(MANIFEST, parameters={"block_sizes": (2,), "completion": "fit"}),
        replace(MANIFEST, parameters={"block_sizes": (2, 4), "completion": "truncate"}),
        replace(MANIFEST, strata=(ListStratum(id="a", length=6, name="A"), ListStratum(id="b", length=8))),
    ],
)
def test_another_manifest_is_named(export: Export, manifest: Manifest) -> None:
    result = verify_export(replace(export, manifest=manifest))
    assert ("wrong commitment", "commitment") in found(result)
    assert Deed.WRONG_LIST in deeds(result)


def test_a_manifest_of_another_trial_is_named(export: Export) -> None:
    manifest = replace(MANIFEST, study="another", arms=("placebo", "exosomes"))
    result = verify_export(replace(export, manifest=manifest))
    assert {("wrong manifest", "study"), ("wrong manifest", "arms")} <= found(result)


@pytest.mark.requirement(36)
def test_the_certificate_does_not_tell_block_sizes(export: Export) -> None:
    text = export.certificate.canonical().decode()
    other = replace(MANIFEST, parameters={"block_sizes": (2,), "completion": "fit"})
    assert "block" not in text
    assert MANIFEST.digest() not in text
    assert other.digest() not in seal(other)[0].canonical().decode()


def test_a_missing_leaf_is_named(export: Export) -> None:
    result = verify_export(replace(export, envelopes=export.envelopes[:5] + export.envelopes[6:]))
    assert ("missing leaf", "a slot 6") in found(result)
    assert ("root mismatch", "envelopes") in found(result)
    assert ("root mismatch", "list made again") not in found(result)


def test_a_nonce_changed_is_named(export: Export) -> None:
    envelopes = (replace(export.envelopes[0], nonce="0" * 64), *export.envelopes[1:])
    result = verify_export(replace(export, envelopes=envelopes))
    assert found(result) == {("wrong leaf", "a slot 1"), ("root mismatch", "envelopes")}


def test_a_root_changed_is_named(export: Export) -> None:
    attacked = replace(export, certificate=replace(export.certificate, root="0" * 64))
    assert ("root mismatch", "envelopes") in found(verify_export(attacked))


def ground(export: Export, generation: int) -> Export:
    """A whole true trial whose list was drawn anew, everything made again with a new secret."""
    manifest = replace(MANIFEST, generation=generation)
    secret = bytes(reversed(range(32)))
    certificate, envelopes = seal(manifest, secret=secret)
    rows = record(allocate(certificate, envelopes, secret=secret), envelopes)
    return replace(
        export,
        certificate=certificate,
        manifest=manifest,
        secret=secret.hex(),
        envelopes=envelopes,
        allocations=rows,
        corrections=(),
        unblindings=(),
    )


def test_a_list_drawn_again_and_owned_up_to_is_named_as_such(export: Export) -> None:
    told = GivenUp(
        generation=1,
        commitment=export.certificate.commitment,
        committed_at=export.certificate.committed_at,
        why="The sponsor did not like it.",
    )
    result = verify_export(replace(ground(export, 2), given_up=(told,)))
    assert failed(result) == ["generation"]
    assert found(result) == {("grinding", "generation"), ("grinding", "list 1")}


@pytest.mark.requirement(35, 36)
def test_a_list_drawn_again_in_silence_is_named(export: Export) -> None:
    assert ("grinding", "given_up") in found(verify_export(ground(export, 2)))
    # A second list that calls itself the first agrees with itself; the published certificate tells.
    silent = ground(export, 1)
    assert verify_export(silent).holds
    published = verify_export(silent, certificate=export.certificate)
    assert ("not the published certificate", "commitment") in found(published)
    assert ("wrong commitment", "commitment") in found(published)


def test_a_generation_lowered_in_the_certificate_alone_is_named(export: Export) -> None:
    second = ground(export, 2)
    lowered = replace(second, certificate=replace(second.certificate, generation=1))
    assert {("wrong manifest", "generation"), ("grinding", "generation")} <= found(verify_export(lowered))


@pytest.mark.requirement(36)
def test_contributions_tried_until_the_list_pleases_are_named(export: Export) -> None:
    other = Contribution(data=b"the 17th try", who=CONTRIBUTION.who, at=CONTRIBUTION.at)
    certificate, envelopes = seal(contribution=other)
    attacked = replace(
        export,
        certificate=certificate,
        contribution=other.data.hex(),
        envelopes=envelopes,
        allocations=record(allocate(certificate, envelopes), envelopes),
        unblindings=(),
    )
    result = verify_export(attacked, certificate=export.certificate)
    assert ("wrong contribution", "contribution") in found(result)
    assert ("not the published certificate", "contribution_digest") in found(result)


def test_steps_in_the_wrong_order_are_named(export: Export) -> None:
    def at(**times: str) -> Certificate:
        return replace(export.certificate, **times)  # type: ignore[arg-type]

    early = replace(export, certificate=at(contributed_at="2026-01-05T09:59:59Z"))
    assert ("wrong contribution", "contributed_at") in found(verify_export(early))
    late = replace(export, certificate=at(sealed_at="2026-02-01T09:30:01Z"))
    assert ("certificate after allocation", "sealed_at") in found(verify_export(late))


def test_an_unblinding_of_another_envelope_is_named(export: Export) -> None:
    (shown,) = export.unblindings
    attacked = replace(export, unblindings=(replace(shown, participant="S-001"),))
    assert found(verify_export(attacked)) == {("swapped", "unblinding 1 (S-001)")}
    nobody = replace(export, unblindings=(replace(shown, participant="S-999"),))
    assert found(verify_export(nobody)) == {("wrong statement", "unblinding 1 (S-999)")}


def test_an_unblinding_that_shows_another_arm_is_named(export: Export) -> None:
    (shown,) = export.unblindings
    wrong = "placebo" if shown.proof.envelope.arm == "exosomes" else "exosomes"
    proof = replace(shown.proof, envelope=replace(shown.proof.envelope, arm=wrong))
    attacked = replace(export, unblindings=(replace(shown, proof=proof),))
    assert found(verify_export(attacked)) == {("root mismatch", "unblinding 1 (S-003)")}


@pytest.mark.requirement(37)
def test_a_correction_that_does_not_fit_is_named(export: Export) -> None:
    (correction,) = export.corrections
    for change, deed in (
        ({"participant": "S-999"}, "wrong statement"),
        ({"recorded": "b"}, "wrong statement"),
        ({"correct": "c"}, "wrong statement"),
        ({"at": "2026-02-02T09:29:59Z"}, "back-dated"),
    ):
        attacked = replace(export, corrections=(replace(correction, **change),))
        assert {one for one, _ in found(verify_export(attacked))} == {deed}


def test_attacks_together_are_all_named(export: Export) -> None:
    attacked = edit(export, 1, at="2026-02-01T12:00:00Z")
    attacked = edit(attacked, 6, participant="S-010")
    attacked = edit(attacked, 9, participant="S-007")
    rows = [row for row in attacked.allocations if row.entry.n != 4]
    false = replace(rows[0], entry=replace(rows[0].entry, participant="S-901"), mac="0" * 64, marks="0" * 128)
    rows.append(replace(false, entry=replace(false.entry, n=11)))
    attacked = replace(with_rows(attacked, *rows), envelopes=export.envelopes[1:])
    assert {
        ("back-dated", "allocation 2"),
        ("swapped", "allocation 7"),
        ("swapped", "allocation 10"),
        ("removed", "allocation 4"),
        ("inserted", "allocation 11"),
        ("missing leaf", "a slot 1"),
    } <= found(verify_export(attacked, certificate=export.certificate))
