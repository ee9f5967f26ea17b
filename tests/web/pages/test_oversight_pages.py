"""The work lists and the pages of oversight, without scripts: what they show, refuse, keep and never put in a URL."""

from __future__ import annotations

import re

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Act, Query, Record, Signature, Verification
from tests.operations.recorded import demographics, event, put_consented, save
from tests.trial import PASSWORD, Trial
from tests.web.pages.visitor import Visitor, words_of

AGE = "IG.DM/DM.AGE"
FORM = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}


@pytest.fixture
def filled(trial: Trial) -> Trial:
    """P-1 with complete demographics, whose weight an edit check asks about."""
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    return trial


def test_a_query_is_raised_answered_closed_and_asked_again(filled: Trial) -> None:
    monitor, site = Visitor(filled, Role.MONITOR), Visitor(filled, Role.COORDINATOR)
    raising = monitor.study(f"/p/{monitor.ref('P-1')}/query")
    told = {"form": "F.DEMOGRAPHICS", "encounter": "", "repeat": "1", "key": AGE}
    assert "Age at consent" in words_of(monitor.post(raising, told))
    assert monitor.post(raising, told | {"text": "Is it so?"}).status_code == 303
    again = monitor.post(raising, told | {"text": "Is it so?"})
    assert again.status_code == 422
    assert "QRY-004" in again.text
    assert ">Is it so?</textarea>" in again.text
    number = str(Query.objects.get(key=AGE).pk)
    assert "Is it so?" in words_of(site.get(site.study("/queries")))
    for visitor, do, status in (
        (site, "answer", "answered"),
        (monitor, "close", "closed"),
        (monitor, "reopen", "open"),
    ):
        sent = visitor.post(visitor.study("/queries"), {"do": do, "query": number, "text": f"I {do} it."})
        assert sent.status_code == 303, do
        assert Query.objects.get(pk=number).status == status
    refused = monitor.post(monitor.study("/queries"), {"do": "reopen", "query": number, "text": "Once more."})
    assert refused.status_code == 422
    assert "QRY-003" in refused.text
    assert ">Once more.</textarea>" in refused.text


def test_a_list_is_cut_by_a_participant_whose_code_stands_in_no_address(filled: Trial) -> None:
    put_consented(filled, "P-2")
    save(filled, demographics(WEIGHT="21"), participant="P-2")
    monitor = Visitor(filled, Role.MONITOR)
    for path in ("/queries", "/verification", "/safety", "/deviations", "/audit", "/signatures"):
        sent = monitor.post(monitor.study(path), {"do": "filter", "of": "P-2"})
        assert sent.status_code == 303, path
        assert "P-2" not in sent.headers["location"]
        shown = monitor.get(sent.headers["location"])
        assert shown.status_code == 200, path
        assert "P-1" not in words_of(shown), path
        unknown = monitor.post(monitor.study(path), {"do": "filter", "of": "NOBODY"})
        told = monitor.get(unknown.headers["location"])
        assert told.status_code == 422, path
        assert "OPR-011" in told.text
        assert 'value="NOBODY"' in told.text
        links = re.findall(r'(?:href|action)="([^"]*)"', shown.text + told.text)
        assert not [link for link in links if "P-1" in link or "P-2" in link or "NOBODY" in link]


def test_answers_are_verified_one_by_one_and_all_at_once(filled: Trial) -> None:
    monitor = Visitor(filled, Role.MONITOR)
    base = monitor.study(f"/verification/{monitor.ref('P-1')}")
    assert "to verify" in words_of(monitor.get(base))
    form = f"{base}/F.DEMOGRAPHICS"
    assert monitor.post(form, {"revision": "1", "keys": AGE, "do": "ticked"}).status_code == 303
    assert Verification.objects.get().keys == [AGE]
    save(filled, demographics(WEIGHT="20", AGE="55"), revision=1, reason="misread")
    shown = words_of(monitor.get(form))
    assert "1 answer has changed since it was verified" in shown
    stale = monitor.post(form, {"revision": "1", "do": "whole"})
    assert stale.status_code == 422
    assert "SDV-002" in stale.text
    assert monitor.post(form, {"revision": "2", "do": "whole"}).headers["location"] == base
    assert "1 of 1 completed forms" in words_of(monitor.get(monitor.study("/verification")))
    assert 'type="checkbox"' not in Visitor(filled, Role.COORDINATOR).get(form).text


def test_freezing_refuses_what_is_open_and_keeps_the_reason(filled: Trial) -> None:
    monitor = Visitor(filled, Role.MONITOR)
    base = monitor.study(f"/verification/{monitor.ref('P-1')}")
    refused = monitor.post(base, {"do": "freeze", "what": "F.DEMOGRAPHICS@", "reason": "all is done"})
    assert refused.status_code == 422
    assert "SDV-004" in refused.text
    assert ">all is done</textarea>" in refused.text
    save(filled, demographics(), revision=1, reason="misread")
    monitor.post(base, {"do": "freeze", "what": "F.DEMOGRAPHICS@", "reason": "all is done"})
    assert Record.objects.get().frozen
    monitor.post(base, {"do": "unfreeze", "what": "", "reason": "a correction"})
    assert not Record.objects.get().frozen


def test_a_form_a_casebook_and_a_site_are_signed_each_with_the_password(filled: Trial) -> None:
    save(filled, demographics(), revision=1, reason="misread")
    signer = Visitor(filled, Role.INVESTIGATOR)
    listed = signer.get(signer.study("/signatures"))
    assert "Completed forms without a signature 1" in words_of(listed)
    form = signer.study(f"/p/{signer.ref('P-1')}/sign?form=F.DEMOGRAPHICS")
    told = {"revision": "2", "meaning": "review", "username": "investigator"}
    wrong = signer.post(form, told | {"password": "wrong words"})
    assert wrong.status_code in (401, 422)
    assert "AUT-001" in wrong.text
    assert "wrong words" not in wrong.text
    assert '<option value="review" selected' in wrong.text
    assert signer.post(form, told | {"password": PASSWORD}).status_code == 303
    proof = {"meaning": "approval", "username": "investigator", "password": PASSWORD}
    assert signer.post(signer.study(f"/p/{signer.ref('P-1')}/sign"), proof).status_code == 303
    site = {"site": "imam_khomeini", "milestone": "before lock"}
    assert signer.post(signer.study("/signatures/study"), proof | site).status_code == 303
    assert Signature.objects.filter(broken_at=None).count() == 3
    save(filled, demographics(AGE="55"), revision=2, reason="misread")
    assert "broken by a change" in words_of(signer.get(signer.study("/signatures")))
    checked = signer.post(signer.study("/signatures"), {"do": "check"})
    assert "3 signatures checked: none is invalid." in words_of(checked)


def test_who_signs_nothing_is_offered_no_signature(filled: Trial) -> None:
    coordinator = Visitor(filled, Role.COORDINATOR)
    assert "Waiting for a signature" not in words_of(coordinator.get(coordinator.study("/signatures")))
    page = coordinator.get(coordinator.study(f"/p/{coordinator.ref('P-1')}/sign?form=F.DEMOGRAPHICS"))
    assert "Your password" not in words_of(page)


def test_the_lock_page_gives_every_reason_and_refuses_with_them(filled: Trial) -> None:
    sponsor = Visitor(filled, Role.SPONSOR)
    path = sponsor.study("/lock")
    assert "Open query: 1 (F.DEMOGRAPHICS of P-1)" in words_of(sponsor.get(path))
    refused = sponsor.post(path, {"do": "lock_study", "reason": "the end"})
    assert refused.status_code >= 400
    assert "STU-001" in refused.text
    assert ">the end</textarea>" in refused.text
    save(filled, demographics(), revision=1, reason="misread")
    for do, word in (
        *(("suspend_study", "suspended"), ("resume_study", "running"), ("lock_study", "locked")),
        ("unlock_study", "suspended"),
    ):
        assert sponsor.post(path, {"do": do, "reason": "decided"}).status_code == 303, do
        assert f"The study is {word}" in words_of(sponsor.get(path))
    assert "Lock the study" not in words_of(Visitor(filled, Role.MONITOR).get(path))


def test_serious_events_stand_first_with_the_day_and_its_source(trial: Trial) -> None:
    put_consented(trial)
    worse = event("2", "Bronchospasm", **{"AE.SER": "Y", "AE.TOXGR": "4", "AE.REL": "POSSIBLE"})
    save(trial, {"IG.AE": [event("1"), worse]}, form="F.AE")
    board = Visitor(trial, Role.SAFETY_BOARD)
    words = words_of(board.get(board.study("/safety")))
    assert words.index("Bronchospasm") < words.index("Fever")
    assert "17 Mar 2021" in words
    assert "ICH E2A III.B.1" in words
    assert "The study file says nothing of reporting" in words
    assert "Fever" not in words_of(board.get(board.study("/safety?show=serious")))


def test_a_deviation_is_reported_and_what_was_typed_stays(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    path = visitor.study("/deviations/report")
    told = {
        "happened_on": "2021-03-10",
        "category": "product handling",
        "importance": "minor",
        "text": "Thawed.",
    }
    refused = visitor.post(path, told)
    assert refused.status_code == 422
    assert "DEV-001" in refused.text
    assert ">Thawed.</textarea>" in refused.text
    assert visitor.post(path, told | {"site": "imam_khomeini"}).status_code == 303
    assert "Thawed." in words_of(visitor.get(visitor.study("/deviations")))
    pharmacist = Visitor(trial, Role.PHARMACIST)
    assert pharmacist.get(path).status_code == 200
    assert pharmacist.get(pharmacist.study("/deviations")).status_code == 403


def test_the_trail_is_shown_cut_and_exported(filled: Trial) -> None:
    auditor = Visitor(filled, Role.AUDITOR)
    path = auditor.study("/audit")
    sent = auditor.post(path, {"do": "filter", "operation": "save_form", "field": AGE})
    shown = words_of(auditor.get(sent.headers["location"]))
    assert "save form · P-1" in shown
    assert "54" in shown
    file = auditor.post(sent.headers["location"], {"do": "csv"})
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.text.startswith("seq,at,operation")
    lines = auditor.post(path, {"do": "jsonl"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert Act.objects.filter(operation="export_trail").count() == 2
    assert auditor.get(path + "?since=nonsense").status_code == 422
    assert Visitor(filled, Role.PHARMACIST).get(path).status_code == 403


def test_the_chain_is_shown_checked_and_held_to_a_kept_line(filled: Trial) -> None:
    auditor = Visitor(filled, Role.AUDITOR)
    path = auditor.study("/audit")
    line = re.search(r"exotrial-anchor \S+ \d+ \w{64} \w{64}", auditor.get(path).text)
    assert line is not None
    assert "The anchor holds" in words_of(auditor.post(path, {"do": "anchor", "anchor": line[0]}))
    wrong = auditor.post(path, {"do": "anchor", "anchor": "a line"})
    assert "AUD-001" in wrong.text
    assert 'value="a line"' in wrong.text
    # The participant was put there by hand: the check must find it.
    assert "The chain does not hold." in words_of(auditor.post(path, {"do": "check"}))
    monitor = Visitor(filled, Role.MONITOR)
    assert "Check the whole chain" not in words_of(monitor.get(path))


def test_the_trail_is_reviewed_and_the_review_signed(filled: Trial) -> None:
    auditor = Visitor(filled, Role.AUDITOR)
    path = auditor.study("/audit/review")
    before = Act.objects.count()
    assert "Review now" in words_of(auditor.get(path))
    assert Act.objects.count() == before  # only looking at the page writes nothing
    shown = auditor.post(path, {"do": "review", "late_days": "14"})
    upto = re.search(r'name="up_to" value="(\d+)"', shown.text)
    assert upto is not None
    told = {"do": "record", "up_to": upto[1], "reason": "nothing strange", "username": "auditor"}
    wrong = auditor.post(path, told | {"password": "wrong words"})
    assert "AUT-001" in wrong.text
    assert ">nothing strange</textarea>" in wrong.text
    signed = words_of(auditor.post(path, told | {"password": PASSWORD}))
    assert f"The review up to act {upto[1]} is recorded" in signed
    assert Signature.objects.get().subject == f"trail:{upto[1]}"


def test_redaction_is_the_administrator_s_and_says_what_it_means(filled: Trial) -> None:
    admin = Visitor(filled, Role.ADMINISTRATOR)
    path = admin.study("/redaction")
    assert Visitor(filled, Role.INVESTIGATOR).get(path).status_code == 404
    trail = admin.get(admin.study("/audit?operation=save_form"))
    assert "reads no participant's data" in words_of(trail)
    assert f'name="key" value="{AGE}"' in trail.text
    brought = admin.post(path, FORM | {"key": AGE, "repeat": "1", "encounter": ""})
    assert "cannot be brought back by anybody" in words_of(brought)
    told = FORM | {"key": AGE, "repeat": "1", "do": "redact"}
    without = admin.post(path, told)
    assert "OPR-007" in without.text
    assert admin.post(path, told | {"reason": "a name was typed"}).status_code == 303
    assert Record.objects.get().values["IG.DM"]["DM.AGE"] == {"missing": "redacted"}
