"""The data of a study from the store: what a report may read, whose it is, and when arms are in it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exotrial.core.errors import Refusal
from exotrial.datasets.captured import read_captured
from exotrial.operations.access import MATRIX, Permission, Role, roles_with
from exotrial.operations.extract import ExtractedData, write_extracted
from exotrial.report.build import read_report_input
from exotrial.store.models import Act, Record
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import enrol, screen
from tests.operations.recorded import event, save, second_site
from tests.trial import PASSWORD, Trial

READERS = roles_with(Permission.EXPORT)


def extract(trial: Trial, role: Role = Role.BLINDED_STATISTICIAN) -> ExtractedData:
    data: ExtractedData = trial.do("extract_data", role)
    return data


def table(data: ExtractedData, name: str) -> pl.DataFrame:
    found = data.tables[name]
    return pl.DataFrame(found.rows, schema=dict.fromkeys(found.columns, pl.String), orient="row")


def demographics(age: str = "45") -> dict[str, Any]:
    return {"IG.DM": {"DM.SEX": "F", "DM.AGE": age}}


def of(frame: pl.DataFrame, code: str) -> list[dict[str, Any]]:
    return frame.filter(pl.col("USUBJID") == code).to_dicts()


def randomised(trial: Trial) -> str:
    """A participant who is enrolled and randomised."""
    seal(trial)
    code = enrol(trial, level="none", born="1976")
    trial.do("randomise", participant=code)
    return code


def test_only_who_may_export_extracts_and_each_reading_is_in_the_trail(trial: Trial) -> None:
    for role in Role:
        if role is Role.ADMINISTRATOR:
            continue
        if role in READERS:
            extract(trial, role)
        else:
            with pytest.raises(Refusal, match="OPR-003"):
                extract(trial, role)
    kept = Act.objects.filter(operation="extract_data", outcome="done").values_list("role", flat=True)
    assert set(kept) == {role.value for role in READERS}


def test_sex_age_state_and_days_are_as_recorded(trial: Trial) -> None:
    code = randomised(trial)
    save(trial, demographics(), participant=code)
    data = extract(trial)
    (person,) = table(data, "participants").to_dicts()
    assert (person["USUBJID"], person["SEX"], person["AGE"]) == (code, "F", "45")
    assert person["STATUS"] == "randomised"
    days = {row["EVENT"]: row["ADT"] for row in of(table(data, "events"), code)}
    assert days == dict.fromkeys(("screened", "consent", "randomised"), "2021-03-10")


@pytest.mark.parametrize("role", READERS)
def test_no_role_extracts_an_arm_before_the_unblinding(trial: Trial, role: Role) -> None:
    randomised(trial)
    data = extract(trial, role)
    assert not data.arms_shown
    assert set(table(data, "participants")["ARMCD"]) == {""}


def test_arms_are_in_it_after_the_planned_unblinding(trial: Trial, tmp_path: Path) -> None:
    code = randomised(trial)
    (told,) = trial.do("show_arms", Role.UNBLINDED_STATISTICIAN).allocations
    write_extracted(tmp_path / "before", extract(trial))
    assert read_report_input(tmp_path / "before").arms_are_hidden
    trial.do("lock_study", Role.SPONSOR, reason="done")
    locked = extract(trial)
    assert locked.lock is not None
    assert locked.lock.unblinded_at is None
    assert not locked.arms_shown
    trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="locked")
    data = extract(trial)
    assert of(table(data, "participants"), code)[0]["ARMCD"] == told.arm
    assert data.lock is not None
    assert data.lock.unblinded_at is not None
    write_extracted(tmp_path / "after", data)
    assert not read_report_input(tmp_path / "after").arms_are_hidden


def test_the_head_of_the_trail_is_that_of_before_the_reading(trial: Trial) -> None:
    trial.do("lock_study", Role.SPONSOR, reason="done")
    last = Act.objects.filter(chain__name=trial.study).order_by("seq").last()
    data = extract(trial)
    assert data.lock is not None
    assert last is not None
    assert data.lock.audit_head == last.digest
    assert extract(trial).lock != data.lock


def test_an_emergency_unblinding_is_in_the_register_without_name_or_arm(trial: Trial) -> None:
    code = randomised(trial)
    answer = trial.do(
        "unblind_emergency",
        Role.INVESTIGATOR,
        participant=code,
        username="investigator",
        password=PASSWORD,
        reason="anaphylaxis",
    )
    (row,) = extract(trial).unblindings.rows
    assert row == (code, answer.at.isoformat(), "emergency", "investigator", "anaphylaxis")


def test_why_somebody_was_not_enrolled_is_the_first_criterion_that_stood_against_it(trial: Trial) -> None:
    excluded = screen(trial, answers={"malignant_disease": True}).participant
    unmet = screen(trial, answers={"sars_cov_2_rt_pcr": "negative"}).participant
    shown = table(extract(trial), "characteristics").filter(pl.col("CHAR") == "exclusion reason")
    assert of(shown, excluded)[0]["VALUE"] == "Cancer or malignant disease"
    assert of(shown, unmet)[0]["VALUE"] == "not met: COVID-19 confirmed by PCR"


def test_who_is_screened_again_and_fits_has_no_reason(trial: Trial) -> None:
    code = screen(trial, answers={"malignant_disease": True}).participant
    screen(trial, participant=code)
    assert table(extract(trial), "characteristics").is_empty()


def test_drafts_are_left_out_and_counted(trial: Trial) -> None:
    code = enrol(trial, level="none")
    save(trial, {"IG.DM": {"DM.SEX": "F"}}, participant=code, complete=False)
    data = extract(trial)
    assert data.drafts == 1
    assert table(data, "participants")["SEX"].to_list() == [""]


def test_a_row_that_was_struck_out_is_of_no_table(trial: Trial) -> None:
    code = enrol(trial, level="none")
    rows = [event("1"), event("2", "Cough")]
    save(trial, {"IG.AE": rows}, participant=code, form="F.AE")
    rows[1]["STRUCK"] = "of another participant"
    save(trial, {"IG.AE": rows}, participant=code, form="F.AE", revision=1, reason="a slip")
    assert table(extract(trial), "adverse_events")["AETERM"].to_list() == ["Fever"]


def withdraw(trial: Trial, code: str, use: str) -> None:
    trial.now = trial.now.replace(day=12)
    trial.do(
        "withdraw_consent",
        participant=code,
        scope="everything",
        data_use=use,
        withdrawn_at=trial.now.isoformat(),
    )


def test_who_was_lost_to_follow_up_has_the_day_of_the_last_contact(trial: Trial) -> None:
    code = enrol(trial, level="none")
    trial.do(
        "end_participation",
        participant=code,
        kind="lost to follow-up",
        ended_at=trial.now.isoformat(),
        reason="no answer to three calls",
    )
    days = {row["EVENT"]: row["ADT"] for row in of(table(extract(trial), "events"), code)}
    assert days["lost to follow-up"] == trial.now.date().isoformat()


@pytest.mark.parametrize(("use", "left"), [("all", 2), ("until withdrawal", 1)])
def test_data_are_used_as_far_as_the_participant_let_them_be(trial: Trial, use: str, left: int) -> None:
    code = enrol(trial, level="none")
    withdraw(trial, code, use)
    trial.now = trial.now.replace(day=14)
    rows = [event("1", **{"AE.START": "2021-03-12"}), event("2", **{"AE.START": "2021-03-13"})]
    save(trial, {"IG.AE": rows}, participant=code, form="F.AE")
    data = extract(trial)
    assert table(data, "adverse_events").height == left
    days = {row["EVENT"]: row["ADT"] for row in of(table(data, "events"), code)}
    assert days["withdrawal"] == "2021-03-12"
    assert of(table(data, "participants"), code)[0]["STATUS"] == "withdrawn"


def test_who_lets_no_data_be_used_has_no_values_in_it(trial: Trial) -> None:
    code = enrol(trial, level="none")
    save(trial, {"IG.AE": [event("1")]}, participant=code, form="F.AE")
    save(trial, demographics(), participant=code)
    assert table(extract(trial), "adverse_events").height == 1
    withdraw(trial, code, "none")
    data = extract(trial)
    assert table(data, "adverse_events").is_empty()
    (person,) = table(data, "participants").to_dicts()
    assert (person["SEX"], person["STATUS"]) == ("", "withdrawn")


def test_an_investigator_extracts_the_own_site_alone(trial: Trial) -> None:
    second_site(trial)
    own = enrol(trial, level="none")
    data: ExtractedData = trial.do("extract_data", Role.INVESTIGATOR, by="other_investigator")
    assert data.tables["participants"].rows == ()
    assert data.tables["events"].rows == ()
    assert [row[0] for row in extract(trial, Role.INVESTIGATOR).tables["participants"].rows] == [own]


def test_what_is_written_is_read_back_as_it_was(trial: Trial, tmp_path: Path) -> None:
    code = randomised(trial)
    save(trial, demographics(), participant=code)
    save(trial, {"IG.AE": [event("1")]}, participant=code, form="F.AE")
    data = extract(trial)
    paths = write_extracted(tmp_path / "new", data)
    assert [path.name for path in paths] == [
        "study.toml",
        *(f"{name}.csv" for name in (*data.tables, "unblinding")),
    ]
    captured = read_captured(tmp_path / "new" / "data")
    assert captured.adverse_events["AETERM"].to_list() == ["Fever"]
    for name, found in data.tables.items():
        text = (tmp_path / "new" / "data" / f"{name}.csv").read_text(encoding="utf-8")
        assert [tuple(row) for row in csv.reader(io.StringIO(text))] == [found.columns, *found.rows]
    with pytest.raises(Refusal, match="SIM-001"):
        write_extracted(tmp_path / "new", data)


def test_every_role_that_may_export_may_read_the_register_too() -> None:
    """The extract holds the register of unblindings, which has a permission of its own."""
    for role in READERS:
        assert {Permission.READ_UNBLINDINGS, Permission.READ_DATA} <= MATRIX[role].may


def test_nothing_is_written_by_extracting(trial: Trial) -> None:
    enrol(trial, level="none")
    before = list(Record.objects.values_list("pk", "revision"))
    extract(trial)
    assert list(Record.objects.values_list("pk", "revision")) == before
