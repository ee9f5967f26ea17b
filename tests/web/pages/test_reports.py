"""Reports and exports by page: asked for, made by who may, given to who asked, and honest about what went wrong."""

from __future__ import annotations

import io
import re
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.operations.export_maker import make_one
from exotrial.store.exports import Asked, Job, State, ask_for, list_jobs
from exotrial.store.models import Act
from tests.trial import Trial
from tests.web.live import serving
from tests.web.pages.visitor import Visitor, browsing, words_of


def jobs_of(trial: Trial) -> list[Job]:
    return list_jobs(trial.opened.home, now=datetime.now(UTC))


def ask(visitor: Visitor, what: str = "tables") -> httpx.Response:
    return visitor.post(visitor.study("/reports"), {"what": what})


def make(trial: Trial) -> Job:
    """What the process beside the server does with the newest job, done here."""
    make_one(trial.opened.home, jobs_of(trial)[0].id)
    return jobs_of(trial)[0]


def test_tables_are_asked_for_made_and_downloaded_as_an_attachment(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    empty = words_of(sponsor.get(sponsor.study("/reports")))
    assert "Blinded: arms are in none of them" in empty
    assert "Nothing yet." in empty
    assert ask(sponsor).status_code == 303
    shown = sponsor.get(sponsor.study("/reports"))
    assert "waiting" in words_of(shown)
    assert "Call off" in words_of(shown)
    job = make(trial)
    assert job.progress.state is State.DONE
    name = f"{trial.study}-data.zip"
    page = sponsor.get(sponsor.study(f"/reports/{job.id}"))
    assert name in words_of(page)
    answer = sponsor.get(sponsor.study(f"/reports/{job.id}/{name}"))
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert f"{trial.study}/study.toml" in names
    assert f"{trial.study}/data/participants.csv" in names
    read = Act.objects.filter(operation="extract_data", outcome="done").last()
    assert read is not None
    assert (read.who, read.source) == (trial.people[Role.SPONSOR], "page")


def test_a_report_has_its_figures_on_the_page(trial: Trial) -> None:
    statistician = Visitor(trial, Role.BLINDED_STATISTICIAN)
    ask(statistician, "report")
    job = make(trial)
    assert job.progress.state is State.DONE, job.progress
    assert {f"{trial.study}-report.{end}" for end in ("html", "pdf", "docx", "zip")} <= set(
        job.progress.files
    )
    page = statistician.get(statistician.study(f"/reports/{job.id}")).text
    figures = sum(name.endswith(".svg") for name in job.progress.files)
    assert page.count('src="data:image/svg+xml;base64,') == page.count("Download as SVG") == figures > 0
    html = statistician.get(statistician.study(f"/reports/{job.id}/{trial.study}-report.html"))
    assert html.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_not_export_is_offered_nothing(trial: Trial, role: Role) -> None:
    visitor = Visitor(trial, role)
    if Permission.EXPORT in MATRIX[role].may:
        assert visitor.get(visitor.study("/reports")).status_code == 200
        return
    assert visitor.get(visitor.study("/reports")).status_code in (403, 404)
    assert ask(visitor).status_code in (403, 404)
    assert jobs_of(trial) == []


def test_somebody_elses_export_is_not_there(trial: Trial) -> None:
    sponsor, auditor = Visitor(trial, Role.SPONSOR), Visitor(trial, Role.AUDITOR)
    ask(sponsor)
    job = make(trial)
    path = auditor.study(f"/reports/{job.id}")
    assert auditor.get(path).status_code == 404
    assert auditor.get(f"{path}/{job.progress.files[0]}").status_code == 404
    assert auditor.post(f"{path}/call-off").status_code == 404
    assert (
        "Data tables" not in words_of(auditor.get(auditor.study("/reports"))).partition("What you asked")[2]
    )
    assert sponsor.get(sponsor.study(f"/reports/{job.id}/asked.json")).status_code == 404


def test_who_lost_the_right_meanwhile_is_refused_in_words(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    ask(sponsor)
    trial.now = datetime.now(UTC) - timedelta(minutes=2)
    trial.do(
        "revoke_role",
        Role.ADMINISTRATOR,
        username=trial.people[Role.SPONSOR],
        role="sponsor",
        study=trial.study,
        reason="left the study",
    )
    job = make(trial)
    assert (job.progress.state, job.progress.code) == (State.REFUSED, "OPR-004")
    assert job.progress.files == ()


def test_one_that_is_called_off_is_not_made_and_one_that_died_is_said_to_have(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    ask(sponsor)
    (job,) = jobs_of(trial)
    assert sponsor.post(sponsor.study(f"/reports/{job.id}/call-off")).status_code == 303
    assert make(trial).progress.state is State.CALLED_OFF
    assert "called off" in words_of(sponsor.get(sponsor.study("/reports")))
    ask(sponsor)
    newest = jobs_of(trial)[0]
    (newest.folder / "state.json").write_text(
        (newest.folder / "state.json").read_text().replace('"waiting"', '"being made"')
    )
    (newest.folder / "lock").touch()
    assert "died It ended before it was made" in words_of(sponsor.get(sponsor.study("/reports")))


def test_a_fourth_that_waits_is_refused_beside_the_others(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    for _ in range(3):
        assert ask(sponsor).status_code == 303
    refused = ask(sponsor)
    assert refused.status_code == 409
    assert "JOB-002" in refused.text
    assert refused.text.count("Call off") == 3


def test_what_is_not_offered_is_not_made(trial: Trial) -> None:
    sponsor = Visitor(trial, Role.SPONSOR)
    assert ask(sponsor, "allocation-1").status_code == 200
    assert jobs_of(trial) == []


def test_the_server_makes_exports_beside_itself_and_ends_it_all_on_a_word(
    trial: Trial, tmp_path: Path
) -> None:
    home = trial.opened.home
    asked = Asked(
        who=trial.people[Role.SPONSOR],
        study=trial.study,
        role="",
        what="tables",
        title="Data tables",
        at=datetime.now(UTC),
    )
    job = ask_for(home, asked)
    log = tmp_path / "log"
    with serving(home, log) as live:
        deadline = time.monotonic() + 60
        while jobs_of(trial)[0].is_open and time.monotonic() < deadline:
            time.sleep(0.1)
        assert jobs_of(trial)[0].progress.state is State.DONE, jobs_of(trial)[0].progress
        assert not (job.folder / "work").exists()
        live.process.terminate()
        assert live.process.wait(timeout=30) == 0
    assert re.search(r"exotrial serves http://127\.0\.0\.1:\d+/", log.read_text())
    assert "Traceback" not in log.read_text()


@pytest.mark.browser
def test_the_page_follows_an_export_by_itself_until_it_can_be_downloaded(
    trial: Trial, tmp_path: Path
) -> None:
    with (
        serving(trial.opened.home, tmp_path / "log") as live,
        browsing(trial, live.url, Role.SPONSOR) as screen,
    ):
        page = screen.at(f"/study/{trial.study}/reports")
        page.get_by_role("button", name="Make: Data tables").click()
        link = page.get_by_role("link", name="ZIP")
        link.wait_for(timeout=60_000)
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == f"{trial.study}-data.zip"
        assert not page.get_by_text("Look again").is_visible()
