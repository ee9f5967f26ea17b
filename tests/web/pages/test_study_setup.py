"""Study set-up by page: a file with errors, an amendment from its text to its approval, a new study, sites."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Site, Study, StudyVersion
from tests.trial import IRCT, SITE, STUDIES, Trial
from tests.web.live import serving
from tests.web.pages.visitor import ADDRESS, Visitor, browsing, words_of

SOURCE = (STUDIES / IRCT / "study.toml").read_text()
SECOND = SOURCE.replace("age_max = 65", "age_max = 70").replace('\nversion = "1"', '\nversion = "2"')


def test_errors_stand_under_their_lines_and_the_text_is_not_lost(trial: Trial) -> None:
    wrong = SOURCE.replace("target_size", "targt_size", 1).replace("age_max = 65", "age_max = 6")
    answer = Visitor(trial, Role.SPONSOR).post(
        f"/study/{IRCT}/setup/amend", {"source": wrong, "do": "load", "reason": "older patients"}
    )
    assert answer.status_code == 422
    at = wrong[: wrong.index("targt_size")].count("\n") + 1
    listed = answer.text.replace("&#39;", "'")
    assert re.search(rf'<tr class="at"><td class="line">{at}</td><td>targt_size = 72</td></tr>', listed)
    assert "did you mean 'target_size'?" in listed
    assert "age_min 18 is above age_max 6" in words_of(answer)
    assert "targt_size = 72\nprimary_outcomes" in listed
    assert StudyVersion.objects.count() == 1


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_file_is_loaded_word_for_word_whatever_its_line_ends(trial: Trial, ends: str) -> None:
    visitor, text = Visitor(trial, Role.SPONSOR), SECOND.replace("\n", ends)
    path = f"/study/{IRCT}/setup/amend"
    shown = visitor.client.post(
        path,
        data={"do": "preview", "csrfmiddlewaretoken": visitor.csrf()},
        files={"file": ("study.toml", text.encode())},
        headers={"Origin": ADDRESS},
    )
    assert "likely eligibility changes" in words_of(shown)
    kept = re.search(r'name="kept" value="([^"]*)"', shown.text)
    assert kept is not None
    sent = {"do": "load", "kept": kept[1], "source": SECOND.replace("\n", "\r\n"), "reason": "older patients"}
    loaded = visitor.post(path, sent)
    assert (loaded.status_code, loaded.headers["location"]) == (303, f"/study/{IRCT}/setup")
    version = StudyVersion.objects.get(number=2)
    assert version.digest == hashlib.sha256(text.encode()).hexdigest()
    assert visitor.get(f"/study/{IRCT}/setup/file", version=2).content == text.encode()


def test_a_version_is_not_loaded_without_a_reason_and_the_text_stays(trial: Trial) -> None:
    answer = Visitor(trial, Role.SPONSOR).post(f"/study/{IRCT}/setup/amend", {"source": SECOND, "do": "load"})
    assert "OPR-007" in answer.text
    assert "age_max = 70" in answer.text
    assert StudyVersion.objects.count() == 1


def test_a_pdf_is_no_study_file(trial: Trial) -> None:
    visitor = Visitor(trial, Role.SPONSOR)
    answer = visitor.client.post(
        f"/study/{IRCT}/setup/amend",
        data={"do": "preview", "source": SECOND, "csrfmiddlewaretoken": visitor.csrf()},
        files={"file": ("study.toml", b"%PDF-1.7\n\xb5\xb5\xb5\xb5\n")},
        headers={"Origin": ADDRESS},
    )
    assert answer.status_code == 422
    assert "UPL-003" in answer.text
    assert "age_max = 70" in answer.text


def test_each_form_leads_to_how_it_will_look(trial: Trial) -> None:
    monitor = Visitor(trial, Role.MONITOR)
    leads = re.findall(rf'href="(/study/{IRCT}/blank/[^"]+)"', monitor.get(f"/study/{IRCT}/setup/forms").text)
    assert f"/study/{IRCT}/blank/F.DEMOGRAPHICS" in leads
    assert "Age at consent" in words_of(monitor.get(f"/study/{IRCT}/blank/F.DEMOGRAPHICS"))


@pytest.mark.parametrize("path", ["", "/schedule", "/forms", "/findings", "/file"])
def test_everybody_reads_the_study_file_and_only_the_sponsor_changes_it(trial: Trial, path: str) -> None:
    assessor = Visitor(trial, Role.OUTCOME_ASSESSOR)
    answer = assessor.get(f"/study/{IRCT}/setup{path}")
    assert answer.status_code == 200
    assert "setup/amend" not in answer.text
    assert assessor.get(f"/study/{IRCT}/setup/amend").status_code == 403
    told = {"source": SECOND, "do": "load", "reason": "older patients"}
    refused = assessor.post(f"/study/{IRCT}/setup/amend", told)
    assert "OPR-003" in refused.text
    assert "What it changes" not in refused.text
    assert StudyVersion.objects.count() == 1


def test_a_new_study_is_begun_from_its_file_by_the_administrator(trial: Trial) -> None:
    text = (STUDIES / "mexcovid" / "study.toml").read_text()
    visitor = Visitor(trial, Role.ADMINISTRATOR)
    taken = visitor.post("/begin", {"source": SOURCE, "do": "preview"})
    assert "INS-001" in taken.text
    shown = visitor.post("/begin", {"source": text, "do": "preview"})
    assert "Begin the study" in words_of(shown)
    assert Study.objects.count() == 1
    begun = visitor.post("/begin", {"source": text, "do": "load"})
    assert begun.headers["location"] == "/study/mexcovid/setup"
    assert visitor.get("/study/mexcovid/setup").status_code == 200
    assert Visitor(trial, Role.SPONSOR).get("/begin").status_code == 404


def test_a_site_is_opened_suspended_taken_up_and_its_errors_stand_beside_the_fields(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    told = {"code": "masih", "name": "Masih Daneshvari", "zone": "Asia/Teheran2"}
    refused = sponsor.post(f"/study/{IRCT}/sites", told)
    assert refused.status_code == 422
    assert re.search(r'id="e-zone">[^<]*Asia/Teheran2', refused.text)
    assert 'value="Masih Daneshvari"' in refused.text
    opened = sponsor.post(f"/study/{IRCT}/sites", told | {"zone": "Asia/Tehran"})
    assert opened.headers["location"] == f"/study/{IRCT}/sites/masih"
    path = f"/study/{IRCT}/sites/{SITE}"
    for status in ("suspended", "active"):
        sponsor.post(path, {"do": "change_site", "status": status, "reason": "an inspection"})
        assert Site.objects.get(code=SITE).status == status
    monitor = Visitor(trial, Role.MONITOR)
    assert "masih" not in monitor.get(f"/study/{IRCT}/sites").text  # another site than the monitor's
    assert monitor.get(f"/study/{IRCT}/sites/masih").status_code == 404
    assert monitor.get(path).status_code == 200


@pytest.mark.browser
def test_an_amendment_from_its_text_to_its_approval_at_the_site(trial: Trial, tmp_path: Path) -> None:
    with serving(trial.opened.home, tmp_path / "log") as live:
        with browsing(trial, live.url, Role.SPONSOR) as screen:
            page = screen.at(f"/study/{IRCT}/setup")
            page.get_by_role("link", name="Load the next version").click()
            text = page.locator("#f-source").input_value()
            assert text == SOURCE
            # As by pasting, which takes a moment; typing two thousand lines takes Chromium ten seconds.
            page.locator("#f-source").evaluate("(area, text) => { area.value = text; }", SECOND)
            page.get_by_role("button", name="Show what it says").click()
            assert page.get_by_text("Population: upper age limit 65 → 70").is_visible()
            assert page.get_by_text("asked for their consent again").is_visible()
            page.get_by_label("Reason of the amendment").fill("older patients are treated too")
            page.get_by_role("button", name="Load it as version 2").click()
            assert page.get_by_text("The version is loaded.").is_visible()
            assert page.get_by_text("version 2 waits for approval").is_visible()
        with browsing(trial, live.url, Role.INVESTIGATOR, width=820) as screen:
            page = screen.at(f"/study/{IRCT}/sites")
            page.get_by_role("link", name="A hospital").click()
            assert page.get_by_text("asked for their consent again").is_visible()
            page.get_by_label("Approved on").fill("2021-04-01")
            page.get_by_label("Reference of the approval").fill("IR.TUMS.VCR.REC.1399.500")
            page.get_by_role("button", name="Record the approval").click()
            assert page.get_by_text("The approval is recorded.").is_visible()
            assert page.get_by_text("IR.TUMS.VCR.REC.1399.500").is_visible()
    assert Site.objects.get(code=SITE).version == 2
