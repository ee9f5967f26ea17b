"""What is shown of records: forms due and filled, answers in words, the trail, and what it costs to look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Participant, Record, Site, Study
from tests.operations.life_steps import CHICTR, dose, enrol, pack
from tests.operations.recorded import demographics, event, put_consented, save, second_site
from tests.trial import ENGINES, PASSWORD, SITE, Trial, begin_trial

FORM = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}


def test_forms_are_listed_filled_and_not(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    save(trial, {}, form="F.UNPLANNED", complete=False, repeat=2)
    listed = trial.do("list_records", participant="P-1").records
    told = {(one.form, one.encounter, one.repeat): one for one in listed}
    assert told["F.DEMOGRAPHICS", "", 1].status == "complete"
    assert told["F.DEMOGRAPHICS", "", 1].open_queries == 1
    assert told["F.UNPLANNED", "", 2].status == "draft"
    # The IRCT record states no time origin: no day can be said to be due.
    assert told["F.VISIT.DAY_5", "day_10", 1].status == "not filled"
    assert told["F.VISIT.DAY_5", "day_10", 1].planned is None


def test_an_answer_is_shown_in_words_with_its_unit(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(HEIGHT={"missing": "not done"}))
    items = {one.item: one for one in trial.do("show_record", Role.MONITOR, **FORM).items}
    assert (items["DM.SEX"].value, items["DM.SEX"].shown) == ("F", "Female")
    assert items["DM.HEIGHT"].shown == "missing: not done"
    assert (items["DM.AGE"].shown, items["DM.AGE"].unit) == ("54", "a")


def test_what_is_shown_can_be_saved_again_as_it_is(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("1")]}, form="F.AE")
    shown = trial.do("show_record", participant="P-1", form="F.AE")
    assert not save(trial, shown.values, form="F.AE", revision=shown.revision).changed


@pytest.mark.requirement(1, 8, 17)
def test_the_trail_of_an_answer_says_who_when_where_and_why(trial: Trial) -> None:
    """21 CFR 11.10(e), EMA 6.2.1; requirements 1, 2, 8 and 17."""
    put_consented(trial)
    save(trial)
    first = trial.now
    save(trial, demographics(AGE="55"), Role.INVESTIGATOR, revision=1, reason="misread")
    changes = trial.do("show_history", Role.MONITOR, **FORM, key="IG.DM/DM.AGE").changes
    assert [(one.old, one.new, one.who, one.role, one.reason) for one in changes] == [
        (None, "54", "coordinator", "coordinator", ""),
        ("54", "55", "investigator", "investigator", "misread"),
    ]
    assert changes[0].at == first
    assert changes[0].at_site.utcoffset() == timedelta(hours=3, minutes=30)  # Tehran, before Nowruz 2021
    assert {(one.site, one.zone, one.study_version) for one in changes} == {(SITE, "Asia/Tehran", 1)}


def test_the_trail_of_a_form_has_its_queries_and_signatures(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    trial.do("verify_source", Role.MONITOR, **FORM, revision=1)
    proof = {"username": "investigator", "password": PASSWORD}
    trial.do("sign_form", Role.INVESTIGATOR, **FORM, revision=1, meaning="review", **proof)
    changes = trial.do("show_history", Role.AUDITOR, **FORM).changes
    assert {one.table for one in changes} == {"record", "query", "verification", "signature"}
    page = trial.do("show_history", Role.AUDITOR, **FORM, limit=5)
    rest = trial.do("show_history", Role.AUDITOR, **FORM, after=page.next)
    assert page.changes + rest.changes == changes


def test_the_trail_of_a_participant_shows_no_kit_and_no_name(trial: Trial) -> None:
    code = enrol(trial, level="none")
    save(trial, participant=code)
    changes = trial.do("show_history", Role.AUDITOR, participant=code).changes
    assert {one.table for one in changes} <= {"participant", "screening", "consent", "record"}


@pytest.mark.requirement(25)
def test_an_administrator_reads_who_did_what_and_no_answer(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(AGE="54"))
    changes = trial.do("show_history", Role.ADMINISTRATOR, **FORM).changes
    assert changes
    assert all(one.withheld and one.old is None and one.new is None for one in changes)


@pytest.mark.requirement(7)
def test_a_redacted_value_is_shown_as_redacted(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("1", "Seen by Mr Example")]}, form="F.AE")
    trial.do(
        "redact_value",
        Role.ADMINISTRATOR,
        participant="P-1",
        form="F.AE",
        key="IG.AE/1/AE.TERM",
        reason="a name was typed",
    )
    told = trial.do("show_history", Role.AUDITOR, participant="P-1", form="F.AE")
    assert "Example" not in told.model_dump_json()
    assert any(one.redacted for one in told.changes)


def test_participants_are_listed_page_by_page(trial: Trial) -> None:
    for number in range(5):
        put_consented(trial, f"P-{number}")
    Participant.objects.filter(code="P-3").update(status="completed")
    first = trial.do("list_participants", Role.SPONSOR, limit=2)
    assert ([one.participant for one in first.participants], first.next) == (["P-0", "P-1"], "P-1")
    rest = trial.do("list_participants", Role.SPONSOR, after="P-1", limit=3)
    assert ([one.participant for one in rest.participants], rest.next) == (["P-2", "P-3", "P-4"], "")
    done = trial.do("list_participants", Role.SPONSOR, status="completed", site=SITE)
    assert [one.participant for one in done.participants] == ["P-3"]


@pytest.mark.requirement(24)
def test_another_site_sees_nothing_of_this_one(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    second_site(trial)
    other: dict[str, Any] = {"by": "other_investigator"}
    assert trial.do("list_participants", Role.INVESTIGATOR, **other).participants == ()
    for view, asked in (
        ("list_records", {"participant": "P-1"}),
        ("show_casebook", {"participant": "P-1"}),
        ("show_history", {"participant": "P-1"}),
        ("show_record", FORM),
        ("list_queries", {"participant": "P-1"}),
        ("list_signatures", {"participant": "P-1"}),
    ):
        with pytest.raises(Refusal, match="OPR-011"):
            trial.do(view, Role.INVESTIGATOR, **other, **asked)


def test_a_participants_page_costs_the_same_among_many(trial: Trial) -> None:
    """Issue 3, section 5: no growth with the number of participants, nor with the number of filled forms."""
    put_consented(trial)
    save(trial)
    counts = [_cost(trial, "show_casebook", participant="P-1")]
    study = Study.objects.get(slug=trial.study)
    site = Site.objects.get(study=study)
    Participant.objects.bulk_create(
        Participant(
            study=study, site=site, code=f"Q-{n}", status="enrolled", version=1, screened_at=trial.now
        )
        for n in range(300)
    )
    everybody = Participant.objects.filter(code__startswith="Q-")
    Record.objects.bulk_create(Record(participant=one, form="F.CM", version=1) for one in everybody)
    for repeat in range(1, 9):
        save(trial, {}, form="F.UNPLANNED", complete=False, repeat=repeat)
    counts.append(_cost(trial, "show_casebook", participant="P-1"))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
    assert _cost(trial, "list_participants", Role.SPONSOR, limit=10) == _cost(
        trial, "list_participants", Role.SPONSOR, limit=200
    )


def _cost(trial: Trial, view: str, role: Role = Role.COORDINATOR, **asked: Any) -> int:
    trial.do(view, role, **asked)  # what a process reads once has been read
    with CaptureQueriesContext(connection) as captured:
        trial.do(view, role, **asked)
    return len(captured)


@pytest.mark.parametrize("engine", ENGINES)
def test_forms_fall_due_from_the_first_dose_and_a_visit_off_its_day_is_asked_about(
    tmp_path: Path, engine: str
) -> None:
    """ChiCTR2000030261 counts from the first dose as day 1; `after` is day 2 without a window (study.toml)."""
    study, site = CHICTR
    trial = begin_trial(tmp_path, engine, study=study, site=site)
    code = enrol(trial, site=site)

    def after() -> Any:
        listed = trial.do("list_records", participant=code).records
        return next(one for one in listed if one.encounter == "after")

    assert (after().status, after().planned) == ("not filled", None)
    pack(trial, "K1")
    trial.do("assign_kit", Role.COORDINATOR, participant=code)
    dose(trial, code, "K1")  # on 10 March
    assert (after().status, after().planned) == ("not due", date(2021, 3, 11))
    trial.now = datetime(2021, 3, 11, 4, tzinfo=UTC)
    assert after().status == "due"
    trial.now = datetime(2021, 3, 12, 4, tzinfo=UTC)
    assert after().status == "overdue"
    visit: dict[str, Any] = {
        "participant": code,
        "form": "F.VISIT.BEFORE",
        "encounter": "after",
        "complete": False,
    }
    late = save(trial, {"IG.VISIT": {"SV.DATE": "2021-03-12"}}, **visit)
    assert [one.rule for one in late.queries] == ["EDC-003"]
    right = save(
        trial, {"IG.VISIT": {"SV.DATE": "2021-03-11"}}, **visit, revision=1, reason="read off the wrong line"
    )
    assert right.queries == ()
    disconnect()
