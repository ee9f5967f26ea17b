"""Signatures: name, time and meaning; bound to what was signed; broken by a change, invalid when moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Record, Signature, Study
from tests.operations.recorded import demographics, event, put_consented, save, second_site
from tests.trial import PASSWORD, SITE, Trial

PROOF = {"username": "investigator", "password": PASSWORD}


def sign(trial: Trial, **more: Any) -> Any:
    asked: dict[str, Any] = {
        "participant": "P-1",
        "form": "F.DEMOGRAPHICS",
        "revision": 1,
        "meaning": "responsibility",
    }
    return trial.do("sign_form", Role.INVESTIGATOR, **(asked | PROOF | more))


def sign_casebook(trial: Trial, **more: Any) -> Any:
    asked = {"participant": "P-1", "meaning": "approval"}
    return trial.do("sign_participant", Role.INVESTIGATOR, **(asked | PROOF | more))


def states(trial: Trial, view: str = "check_signatures") -> list[str]:
    return [one.state for one in trial.do(view, Role.MONITOR).signatures]


@pytest.mark.requirement(28)
def test_a_signature_shows_printed_name_time_and_meaning(trial: Trial) -> None:
    """21 CFR 11.50(a); requirement 28."""
    put_consented(trial)
    save(trial)
    signed = sign(trial)
    assert (signed.name, signed.meaning, signed.signed_at) == ("Investigator", "responsibility", trial.now)
    assert signed.signed_at.utcoffset() == timedelta(0)
    listed = trial.do("list_signatures", Role.AUDITOR).signatures
    assert [(one.name, one.meaning, one.signed_at, one.state) for one in listed] == [
        (signed.name, signed.meaning, signed.signed_at, "whole")
    ]
    assert trial.do("show_record", participant="P-1", form="F.DEMOGRAPHICS").status == "signed"


@pytest.mark.requirement(29)
@pytest.mark.parametrize("proof", [{"password": "wrong"}, {"username": ""}, {"username": "monitor"}])
def test_who_signs_proves_who_it_is(trial: Trial, proof: dict[str, str]) -> None:
    """21 CFR 11.200(a)(1)(i); requirement 29: outside a session both components are asked."""
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="AUT-001"):
        sign(trial, **proof)
    assert not Signature.objects.exists()


@pytest.mark.requirement(31)
def test_a_change_breaks_the_signature_and_keeps_it(trial: Trial) -> None:
    """Requirements 30 and 31."""
    put_consented(trial)
    save(trial)
    sign(trial)
    saved = save(trial, demographics(AGE="55"), revision=1, reason="source")
    assert (saved.status, saved.signatures_broken) == ("complete", 1)
    shown = trial.do("show_record", participant="P-1", form="F.DEMOGRAPHICS")
    assert shown.needs_signature
    assert [(one.state, one.broken_at) for one in shown.signatures] == [
        ("broken", trial.now - timedelta(minutes=1))
    ]
    sign(trial, revision=2)
    assert not trial.do("show_record", participant="P-1", form="F.DEMOGRAPHICS").needs_signature
    assert states(trial) == ["broken", "whole"]


def test_saving_what_is_there_breaks_nothing(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    sign(trial)
    assert save(trial, revision=1).status == "signed"
    assert states(trial) == ["whole"]


def test_a_draft_and_what_changed_meanwhile_are_not_signed(trial: Trial) -> None:
    put_consented(trial)
    save(trial, complete=False)
    with pytest.raises(Refusal, match="SGN-001"):
        sign(trial)
    save(trial, demographics(AGE="55"), revision=1, reason="source")
    with pytest.raises(Refusal, match="SDV-002"):
        sign(trial)


def test_nobody_signs_the_same_twice(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    sign(trial)
    with pytest.raises(Refusal, match="SGN-003"):
        sign(trial)
    assert sign(trial, meaning="review").meaning == "review"


def test_a_meaning_is_one_of_the_list(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Exception, match="OPR-002"):
        sign(trial, meaning="liking")


@pytest.mark.requirement(31)
def test_a_casebook_is_signed_when_it_is_done_and_broken_by_any_change(trial: Trial) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match="SGN-004"):
        sign_casebook(trial)
    save(trial, demographics(WEIGHT="20"))
    with pytest.raises(Refusal, match="SGN-002"):
        sign_casebook(trial)
    save(trial, revision=1, reason="source")
    save(trial, {}, form="F.CM", complete=False)
    with pytest.raises(Refusal, match="SGN-002"):
        sign_casebook(trial)
    save(trial, {}, form="F.CM", revision=1)
    sign_casebook(trial)
    assert save(trial, {"IG.AE": [event("1")]}, form="F.AE").signatures_broken == 1
    casebook = trial.do("show_casebook", participant="P-1")
    assert [one.state for one in casebook.signatures] == ["broken"]


def test_another_participants_form_breaks_no_casebook(trial: Trial) -> None:
    for code in ("P-1", "P-2"):
        put_consented(trial, code)
        save(trial, participant=code)
    sign_casebook(trial)
    assert (
        save(trial, demographics(AGE="55"), participant="P-2", revision=1, reason="s").signatures_broken == 0
    )
    assert states(trial) == ["whole"]


@pytest.mark.requirement(32)
def test_an_investigator_signs_the_site_and_the_sponsor_the_study_at_a_milestone(trial: Trial) -> None:
    """ICH E6(R3) 3.16.1(o); requirement 32."""
    put_consented(trial)
    save(trial)
    asked = {"milestone": "before lock", "meaning": "approval"}
    with pytest.raises(Refusal, match="SGN-005"):
        trial.do("sign_study", Role.INVESTIGATOR, **asked, **PROOF)
    trial.do("sign_study", Role.INVESTIGATOR, **asked, **PROOF, site=SITE)
    sponsor = {"username": "sponsor", "password": PASSWORD}
    with pytest.raises(Refusal, match="SGN-005"):
        trial.do("sign_study", Role.SPONSOR, **asked, **sponsor, site=SITE)
    trial.do("sign_study", Role.SPONSOR, **asked, **sponsor)
    assert [(one.subject, one.meaning) for one in trial.do("list_signatures", Role.SPONSOR).signatures] == [
        (f"site:{SITE}", "approval: before lock"),
        ("study", "approval: before lock"),
    ]
    assert states(trial) == ["whole", "whole"]
    assert save(trial, demographics(AGE="55"), revision=1, reason="source").signatures_broken == 2
    assert states(trial) == ["broken", "broken"]


def test_a_casebook_is_signed_after_lock(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    Study.objects.update(status=Study.Status.LOCKED)
    assert sign_casebook(trial).subject == "participant:P-1"


def _copied(row: Signature) -> None:
    row.pk = None
    row.save(force_insert=True)


def _moved(row: Signature) -> None:
    other = Record.objects.get(participant__code="P-2")
    Signature.objects.filter(pk=row.pk).update(record=other, subject=f"record:{other.pk}")


def _signed_by_another(row: Signature) -> None:
    Signature.objects.filter(pk=row.pk).update(signer_name="Somebody Else")


def _back_dated(row: Signature) -> None:
    Signature.objects.filter(pk=row.pk).update(signed_at=row.signed_at - timedelta(days=1))


def _content_edited(row: Signature) -> None:
    Record.objects.filter(participant__code="P-1").update(values=demographics(AGE="70"))


def _break_hidden(row: Signature) -> None:
    Signature.objects.filter(pk=row.pk).update(broken_at=row.signed_at)


@pytest.mark.requirement(30)
@pytest.mark.parametrize(
    "attack", [_copied, _moved, _signed_by_another, _back_dated, _content_edited, _break_hidden]
)
def test_a_signature_that_was_touched_in_the_database_is_invalid(trial: Trial, attack: Any) -> None:
    """21 CFR 11.70: signatures cannot be excised, copied or otherwise transferred; requirement 30."""
    put_consented(trial)
    put_consented(trial, "P-2")
    save(trial)
    save(trial, participant="P-2")
    sign(trial)
    assert states(trial) == ["whole"]
    attack(Signature.objects.get())
    assert states(trial)[-1] == "invalid"
    checked = trial.do("check_signatures", Role.MONITOR).signatures[-1]
    assert checked.why


def test_another_site_sees_no_signature_of_this_one(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    sign(trial)
    sign_casebook(trial)
    second_site(trial)
    for view in ("list_signatures", "check_signatures"):
        assert trial.do(view, Role.INVESTIGATOR, by="other_investigator").signatures == ()
        assert len(trial.do(view, Role.INVESTIGATOR).signatures) == 2
    first = trial.do("list_signatures", Role.INVESTIGATOR, limit=1)
    assert len(trial.do("list_signatures", Role.INVESTIGATOR, after=first.next).signatures) == 1


def test_who_may_not_sign_is_refused(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do(
            "sign_form",
            Role.COORDINATOR,
            participant="P-1",
            form="F.DEMOGRAPHICS",
            revision=1,
            meaning="authorship",
            username="coordinator",
            password=PASSWORD,
        )


def test_a_redaction_breaks_what_was_signed(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("1", "Fever of Mr Example")]}, form="F.AE")
    query = trial.do("list_queries", Role.MONITOR).queries[0].query
    trial.do("close_query", Role.MONITOR, query=query, text="to be redacted")
    sign(trial, form="F.AE")
    sign_casebook(trial)
    trial.do(
        "redact_value",
        Role.ADMINISTRATOR,
        participant="P-1",
        form="F.AE",
        key="IG.AE/1/AE.TERM",
        reason="a name was typed",
    )
    assert states(trial) == ["broken", "broken"]
    assert trial.do("show_record", participant="P-1", form="F.AE").status == "complete"
