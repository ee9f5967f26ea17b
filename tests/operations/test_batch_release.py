"""A batch is released by its evidence, signed; every fault refuses it; what is signed is bound and never lost."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role, is_blind
from exotrial.product.analysis_certificate import read_certificate, write_certificate
from exotrial.product.checklist import find_checklists, read_items
from exotrial.product.release import decide_release, digest_decision
from exotrial.report.certificate_of_analysis import build_certificate_page
from exotrial.store.home import disconnect
from exotrial.store.models import Batch, BatchEvidence, BatchRelease, EvidenceFile, Signature
from exotrial.store.verify import verify_trail
from tests.conftest import PROJECT
from tests.operations.released import (
    SECOND,
    begin_held,
    hold_to_tests,
    register,
    release,
    review,
    send,
    send_all,
)
from tests.product.batch_files import (
    BATCH,
    PRODUCT,
    calibration,
    nta,
    results,
    specification,
    study_source,
    whole_evidence,
)
from tests.trial import PASSWORD, Trial


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Trial]:
    """A trial whose batch CORD-7 waits in quarantine, held to tests."""
    yield begin_held(tmp_path)
    disconnect()


def refusals(asked: Any, *more: Any, **told: Any) -> list[Refusal]:
    with pytest.raises((Refusal, Refusals)) as refused:
        asked(*more, **told)
    error: Exception = refused.value
    return (
        list(error.refusals) if isinstance(error, Refusals) else [error] if isinstance(error, Refusal) else []
    )


def codes(*asked: Any, **told: Any) -> set[str]:
    return {one.code.code for one in refusals(*asked, **told)}


def test_a_batch_is_released_by_its_evidence_and_signed(trial: Trial) -> None:
    held = trial
    hold_to_tests(held)
    register(held)
    sent = send_all(held)
    preview = held.do("show_release_verdict", Role.PHARMACIST, code=BATCH)
    assert (preview.holds, preview.unreviewed) == (True, 0)
    released = release(held)
    assert (released.status, released.basis) == ("released", "by the verdict on its evidence")
    told = held.do("show_analysis_certificate", Role.SAFETY_BOARD, code=BATCH).certificate
    assert told["verdict_sha256"] == released.verdict_sha256 == preview.verdict_sha256
    assert {one["sha256"] for one in told["files"]} == {one.sha256 for one in sent.values()}
    assert (told["signed_by"], told["reason"]) == ("Pharmacist", "all tests hold")
    # Another machine, with the same files alone, comes to the same verdict.
    evidence = whole_evidence()
    verdict = decide_release(specification(), evidence, batch=BATCH)
    assert digest_decision(specification(), evidence, verdict, batch=BATCH) == released.verdict_sha256
    signature = Signature.objects.get(subject=f"batch_release:{BatchRelease.objects.get().pk}")
    assert (signature.signer, signature.meaning) == ("pharmacist", "release")
    checked = held.do("check_signatures", Role.SPONSOR).signatures
    assert {one.state for one in checked} == {"whole"}
    assert verify_trail(held.opened).holds


def test_a_release_whose_certificate_was_exchanged_is_found(held: Trial) -> None:
    from exotrial.store.examine import guard_off

    send_all(held)
    release(held)
    with guard_off("guard_batchrelease_update"):
        BatchRelease.objects.update(content_sealed="another")
    states = {
        one.subject.partition(":")[0]: one.state
        for one in held.do("check_signatures", Role.SPONSOR).signatures
    }
    assert states == {"batch_release": "invalid", "evidence_review": "whole"}
    assert not verify_trail(held.opened).holds


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"nta": nta(warned=True)}, "Moderate vibration"),
        ({"nta": nta(dilution="Not recorded")}, "dilution is not recorded"),
        ({"calibration": calibration(on="2019-06-16")}, "366 d"),
        ({"results": results(sample="CORD-8")}, "CORD-8"),
        ({"results": b""}, "no file shows sterility"),
    ],
)
def test_a_fault_of_the_evidence_refuses_the_release_with_every_reason(
    held: Trial, given: dict[str, bytes], says: str
) -> None:
    send_all(held, BATCH, **given)
    found = refusals(release, held)
    assert {one.code.code for one in found} == {"EVD-009"}
    assert says in " ".join(one.problem for one in found)
    assert Batch.objects.get().status == "quarantine"
    assert not BatchRelease.objects.exists()
    assert held.do("show_release_verdict", Role.PHARMACIST, code=BATCH).holds is False


def test_release_needs_the_password_a_review_and_a_reason(held: Trial) -> None:
    sent = {name: send(held, name, data) for name, data in (("r.toml", results()),)}
    assert codes(release, held) == {"EVD-010"}
    assert codes(release, held, password="wrong") == {"AUT-001"}
    assert codes(release, held, password=None) == {"EVD-011"}
    assert codes(release, held, reason="") == {"OPR-007"}
    assert codes(review, held, sent["r.toml"].evidence, password="wrong") == {"AUT-001"}


def test_who_sent_a_file_does_not_review_it(held: Trial) -> None:
    number = send(held, "r.toml", results()).evidence
    told = {"code": BATCH, "evidence": number, "decision": "accept"}
    proof = {"username": "pharmacist", "password": PASSWORD}
    assert codes(held.do, "review_evidence", Role.PHARMACIST, **told, **proof) == {"EVD-005"}
    assert review(held, number).state == "accepted"
    assert codes(review, held, number) == {"EVD-006"}
    assert codes(review, held, 999) == {"EVD-004"}


def test_a_file_is_set_aside_for_a_reason_and_stays_on_record(held: Trial) -> None:
    send_all(held)
    wrong = send(held, "again.toml", results(endotoxin="< 0.06 IU/mL"))
    review(held, wrong.evidence)
    assert {one.code.code for one in refusals(release, held)} == {"EVD-009"}
    assert codes(review, held, wrong.evidence, decision="set aside") == {"OPR-007"}
    why = "the tube was mixed up; deviation 12"
    assert review(held, wrong.evidence, decision="set aside", reason=why).state_reason == why
    release(held)
    told = held.do("show_analysis_certificate", Role.PHARMACIST, code=BATCH).certificate
    assert [(one["name"], one["reason"]) for one in told["set_aside"]] == [("again.toml", why)]
    assert BatchEvidence.objects.count() == 4


def test_warnings_are_answered_by_a_signed_deviation(held: Trial) -> None:
    sent = send_all(held, nta=nta(warned=True))
    number = sent["nta.csv"].evidence
    proof = {"code": BATCH, "evidence": number, "username": SECOND, "password": PASSWORD}

    def answer(warning: int, **more: Any) -> Any:
        told = proof | {"warning": warning, "reason": "the pump was off"} | more
        return held.do("answer_warning", Role.PHARMACIST, by=SECOND, **told)

    assert codes(answer, 1, reason="") == {"OPR-007"}
    assert codes(answer, 1, password="wrong") == {"AUT-001"}
    assert codes(answer, 6) == {"EVD-007"}
    for warning in range(1, 5):
        answer(warning)
    assert codes(answer, 4) == {"EVD-006"}
    assert codes(release, held) == {"EVD-009"}
    answered = answer(5)
    assert {one.answered_by for one in answered.warnings} == {"Second_Pharmacist"}
    release(held)
    told = held.do("show_analysis_certificate", Role.PHARMACIST, code=BATCH).certificate
    assert len(told["answers"]) == 5
    read = read_certificate(_json(told), name="certificate")
    evidence = whole_evidence(nta=nta(warned=True))
    verdict = decide_release(specification(), evidence, batch=BATCH, answers=read.answers)
    digest = digest_decision(specification(), evidence, verdict, batch=BATCH, answers=read.answers)
    assert digest == read.verdict_sha256


def _json(told: dict[str, Any]) -> bytes:
    import json

    return json.dumps(told).encode()


def test_what_is_sent_is_bounded_read_and_never_twice(held: Trial) -> None:
    send(held, "r.toml", results())
    assert codes(send, held, "copy.toml", results()) == {"EVD-003"}
    assert codes(send, held, "empty.csv", b"") == {"EVD-002"}
    assert codes(send, held, "large.csv", b" " * 5_000_001) == {"EVD-001"}
    assert codes(send, held, "../r.toml", calibration()) == {"OPR-002"}
    assert codes(send, held, "any.bin", b"\x00\x01") == {"ASY-001"}
    assert codes(send, held, "n.csv", nta(), measured_on="2020-06-17") == {"EVD-008"}
    assert codes(send, held, "n.csv", nta(), reader="zetaview") <= {"ASY-104", "ASY-003", "ZTV-001"}
    told = {"code": BATCH, "name": "r.toml", "content": "no base64!"}
    assert codes(held.do, "attach_evidence", Role.PHARMACIST, **told) == {"EVD-002"}
    assert EvidenceFile.objects.count() == 1


def test_one_calibration_serves_two_batches_and_is_kept_once(held: Trial) -> None:
    register(held, "CORD-8")
    for code in (BATCH, "CORD-8"):
        send(held, "calibration.toml", calibration(), code)
    assert (EvidenceFile.objects.count(), BatchEvidence.objects.count()) == (1, 2)


def test_a_file_comes_back_byte_for_byte_and_lies_sealed(held: Trial) -> None:
    sent = send(held, "nta.csv", nta())
    back = held.do("show_evidence_file", Role.UNBLINDED_STATISTICIAN, code=BATCH, evidence=sent.evidence)
    data = base64.b64decode(back.content)
    assert (data, back.sha256) == (nta(), hashlib.sha256(data).hexdigest())
    row = BatchEvidence.objects.select_related("file").get()
    for text in (row.file.content_sealed, row.file.mark, row.told_sealed):
        assert sent.sha256 not in text
        assert "nta.csv" not in text
    rows = EvidenceFile.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(content_sealed="")


def test_evidence_is_for_who_knows_arms_and_nobody_else(held: Trial) -> None:
    number = send(held, "r.toml", results()).evidence
    asks = {
        "show_evidence": {},
        "show_evidence_file": {"evidence": number},
        "show_release_verdict": {},
        "show_analysis_certificate": {},
    }
    for role in filter(is_blind, Role):
        for name, more in asks.items():
            assert codes(held.do, name, role, code=BATCH, **more) == {"OPR-003"}, (role, name)
    assert codes(held.do, "show_analysis_certificate", Role.SAFETY_BOARD, code=BATCH) == {"EVD-012"}


def test_a_batch_says_which_product_it_is_where_products_are_held_to_tests(held: Trial) -> None:
    assert codes(register, held, "X-1", "") == {"KIT-020"}
    assert codes(register, held, "X-1", "no_product") == {"KIT-020"}
    register(held, "SAL-1", "none")
    assert codes(register, held, BATCH) == {"KIT-001"}
    placebo = release(held, "SAL-1", password=None)
    assert placebo.basis == "by a reason alone: the study file holds this batch to no test"
    assert codes(held.do, "show_analysis_certificate", Role.PHARMACIST, code="SAL-1") == {"EVD-012"}


def test_a_kit_is_packed_from_a_batch_of_its_arms_product(held: Trial) -> None:
    register(held, "SAL-1", "none")
    assert codes(held.do, "pack_kit", Role.PHARMACIST, number="K1", arm="exosomes", batch="SAL-1") == {
        "KIT-021"
    }
    assert codes(held.do, "pack_kit", Role.PHARMACIST, number="K1", arm="control", batch=BATCH) == {"KIT-021"}
    assert held.do("pack_kit", Role.PHARMACIST, number="K1", arm="exosomes", batch=BATCH).number == "K1"
    assert held.do("pack_kit", Role.PHARMACIST, number="K2", arm="control", batch="SAL-1").number == "K2"


def test_a_batch_from_before_the_specification_names_its_product_at_release(trial: Trial) -> None:
    trial.do("register_batch", Role.PHARMACIST, code=BATCH, expires_on="2021-06-30")
    hold_to_tests(trial)
    assert codes(release, trial) == {"KIT-020"}
    send_all(trial)
    assert release(trial, product=PRODUCT).basis == "by the verdict on its evidence"
    assert verify_trail(trial.opened).holds


def test_without_a_specification_the_release_is_by_a_reason_and_says_so(trial: Trial) -> None:
    trial.do("register_batch", Role.PHARMACIST, code=BATCH, expires_on="2021-06-30")
    released = trial.do("release_batch", Role.PHARMACIST, code=BATCH, reason="certificate 7")
    assert "reason alone" in released.basis
    assert trial.do("show_release_verdict", Role.PHARMACIST, code=BATCH).holds is None


def test_nothing_is_sent_for_or_said_of_a_batch_that_waits_no_more(held: Trial) -> None:
    sent = send_all(held)
    release(held)
    assert codes(send, held, "late.toml", results(endotoxin="1 IU/mL")) == {"KIT-003"}
    assert codes(review, held, sent["results.toml"].evidence, decision="set aside", reason="late") == {
        "KIT-003"
    }
    assert codes(release, held) == {"KIT-003"}


def test_evidence_goes_into_the_backup(held: Trial) -> None:
    from exotrial.store.backup import backed_up_models

    names = {model.__name__ for model in backed_up_models()}
    assert {"EvidenceFile", "BatchEvidence", "EvidenceReview", "BatchRelease"} <= names


MADE = """
format = "exotrial process record 1"
product = "cord_exosomes"
batch = "CORD-7"
"""
STEPS = {
    "Culture the stem cells": "",
    "Prime them with interleukin 1 beta as an inflammatory niche": "",
    "Ultracentrifuge the supernatant": 'force = "110000 g"\nduration = "3 h"',
    "Take up the exosomes": "",
    "Quality control": "",
}
PROCESS_TEST = """
[[products.release_tests]]
id = "process"
name = "Made by its process"
assay = "process record"
measures = "process"
requires = "on record"
answerable = ["instrument warning"]
"""


def _process_record(*left_out: str) -> bytes:
    told = [MADE.strip()]
    for hour, (name, values) in enumerate(STEPS.items(), start=1):
        if name not in left_out:
            begun = f"begun = 2020-06-1{hour}T08:00:00+03:30\nended = 2020-06-1{hour}T12:00:00+03:30"
            told.append(f'[[step]]\nname = "{name}"\n{begun}\nby = "alice"\n{values}')
    return ("\n\n".join(told) + "\n").encode()


def test_a_process_record_that_lacks_a_step_is_answered_before_release(held: Trial) -> None:
    tests = (PROJECT / "tests/product/specification.toml").read_text(encoding="utf-8") + PROCESS_TEST
    held.do("load_study_version", Role.SPONSOR, source=study_source(tests), reason="the process counts")
    send_all(held)
    whole = send(held, "whole.toml", _process_record())
    assert (whole.warnings, whole.doubts, whole.sample) == ((), (), BATCH)
    review(held, whole.evidence, decision="set aside", reason="the wrong paper was copied")
    lacking = send(held, "made.toml", _process_record("Take up the exosomes"))
    (warning,) = lacking.warnings
    assert warning.text.startswith("PRF-001: “Take up the exosomes” is not on record")
    review(held, lacking.evidence)
    assert codes(release, held) == {"EVD-009"}
    told = {"code": BATCH, "evidence": lacking.evidence, "warning": 1, "username": SECOND}
    held.do(
        *("answer_warning", Role.PHARMACIST),
        **told,
        by=SECOND,
        password=PASSWORD,
        reason="done, and written into the pharmacy's book",
    )
    assert release(held).status == "released"


def test_the_certificate_holds_every_item_of_every_checklist_and_prints_it(held: Trial) -> None:
    send_all(held)
    release(held)
    told = held.do("show_analysis_certificate", Role.PHARMACIST, code=BATCH).certificate
    lists = {one["name"]: one for one in told["checklists"]}
    assert set(lists) == set(find_checklists())
    assert {name: len(one["items"]) for name, one in lists.items()} == {
        name: len(read_items(checklist)) for name, checklist in find_checklists().items()
    }
    silent = [one for one in lists["misev2023"]["items"] if one["status"] == "not on record"]
    assert any(one["missing"] == "products.cord_exosomes.storage" for one in silent)
    certificate = read_certificate(_json(told), name="certificate")
    page = build_certificate_page(certificate)
    tables = {table.id: table for table in page.tables()}
    assert {"ev_metric", "isct_2006", "miflowcyt_ev", "misev2023"} <= set(tables)
    printed = [row[3] or "" for row in tables["misev2023"].rows]
    assert any("Missing: products.cord_exosomes.storage" in one for one in printed)


def test_a_certificate_from_before_the_checklists_is_still_read_as_it_was_signed(held: Trial) -> None:
    send_all(held)
    release(held)
    told = held.do("show_analysis_certificate", Role.PHARMACIST, code=BATCH).certificate
    del told["checklists"]
    assert write_certificate(read_certificate(_json(told), name="certificate")) == told
